"""Variance components to plan with: of a pilot study's own readings, of a paper, or of a published example."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thyrosight.errors import ReadingsError
from thyrosight.readings import table as names
from thyrosight.readings.fields import PilotValues
from thyrosight.readings.files import read_readings
from thyrosight.readings.ratings import main_readings, ratings_of
from thyrosight.readings.table import Row
from thyrosight.statistics import VarianceComponents, compare_readers


@dataclass(frozen=True, slots=True)
class Pilot:
    """Pilot values from which a study is planned.

    Attributes:
        components: of the Obuchowski-Rockette model of the area under the ROC curve, of two arms.
        cases: of the pilot study, each read by every reader in both arms.
        source: whose readings these are, in a sentence.
        own: whether the study's own people read (or a paper of the user's choice is named), not an example.
        cites: keys of references.
    """

    components: VarianceComponents
    cases: int
    source: str
    own: bool
    cites: tuple[str, ...] = ()


VAN_DYKE: Final = Pilot(
    components=VarianceComponents(
        reader=0.0015364254,
        test_by_reader=0.0002045840,
        error=0.0007921325,
        covariance_1=0.0003420090,
        covariance_2=0.0003395265,
        covariance_3=0.0002358497,
    ),
    cases=114,
    source="Variance components of the example of Van Dyke et al. (RSNA 1993: 5 radiologists, 114 cases, 45 with a"
    " dissection of the aorta, two kinds of MRI, ratings from 1 to 5) as the R package MRMCaov computes them (empirical"
    " area, DeLong).",
    own=False,
    cites=("smith2020",),
)
"""The published example that most programs for reader studies are tested on."""


def find_pilot(given: str | PilotValues, *, folder: Path | None) -> Pilot:
    """The pilot study that a protocol names.

    Args:
        given: "published", values of a paper, or the path of a table of readings.
        folder: where relative paths begin; None where no file may be read, as on a server.

    Raises:
        ReadingsError: no such file, or readings from which the components cannot be computed.
        StatisticsError: as `compare_readers`.
    """
    if isinstance(given, PilotValues):
        components = VarianceComponents(
            reader=math.nan if given.reader is None else given.reader,
            test_by_reader=given.test_by_reader,
            error=given.error,
            covariance_1=given.covariance_1,
            covariance_2=given.covariance_2,
            covariance_3=given.covariance_3,
        )
        return Pilot(components, given.cases, f"Variance components as printed in {given.source}.", own=True)
    if given == "published":
        return VAN_DYKE
    if folder is None:
        raise ReadingsError(
            f"power.pilot: {given!r} cannot be read here; write 'published', or variance components with their source."
        )
    path = folder / given
    if not path.exists():
        raise ReadingsError(
            f"power.pilot: {given!r} is neither 'published' nor a table of readings; there is no file {path}."
        )
    return pilot_of(read_readings(path).rows, name=path.name)


def pilot_of(rows: Sequence[Row], *, name: str) -> Pilot:
    """The variance components of a pilot study's readings: every reader has read every case in two arms.

    Args:
        rows: of the table of readings.
        name: of the table, for sentences.

    Raises:
        ReadingsError: not two arms, or fewer than two readers.
        StatisticsError: a reading is missing, or cases of one truth only.
    """
    main = main_readings(rows)
    arms = dict.fromkeys(row[names.ARM] for row in main)
    readers = dict.fromkeys(row[names.READER] for row in main)
    if len(arms) != 2 or len(readers) < 2:
        raise ReadingsError(
            f"{name}: a pilot study needs two arms and two readers or more; it has {len(arms)} arms and {len(readers)}"
            " readers."
        )
    ratings = ratings_of(main)
    if ratings.missing:
        raise ReadingsError(f"{name}: {ratings.missing} readings have no {ratings.column}; complete them.")
    columns = {key: [row[key] for row in main] for key in (names.ARM, names.READER, names.CASE, names.TRUTH)}
    clusters = [row[names.CLUSTER] or f"case {row[names.CASE]}" for row in main]
    several = len(set(clusters)) < len(set(columns[names.CASE]))
    data = columns | {"rating": list(ratings.values), "cluster": clusters}
    result = compare_readers(
        data, test=names.ARM, reader=names.READER, case=names.CASE, truth=names.TRUTH, rating="rating",
        cluster="cluster" if several else None,
    )  # fmt: skip
    malignant = len({row[names.CASE] for row in main if row[names.TRUTH] == 1})
    source = (
        f"Variance components of the readings in {name} ({len(readers)} readers, {result.cases} cases, {malignant}"
        f" malignant, {' and '.join(map(str, arms))})."
    )
    return Pilot(result.components, result.cases, source, own=True)
