"""Readings as other programs take them: the R packages iMRMC and MRMCaov."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from thyrosight.errors import ReadingsError
from thyrosight.files import csv_text
from thyrosight.readings import table as names
from thyrosight.readings.ratings import main_readings, ratings_of
from thyrosight.readings.table import Row

IMRMC_COLUMNS: Final = ("readerID", "caseID", "modalityID", "score")
MRMCAOV_COLUMNS: Final = ("reader", "treatment", "case", "truth", "rating")
_TRUTH: Final = "truth"
"""The reader and the modality of the rows in which iMRMC finds the truth."""


@dataclass(frozen=True, slots=True)
class Export:
    """A table for another program.

    Attributes:
        text: as CSV.
        readings: how many it holds.
        left_out: readings of the main analysis that it does not hold, because they give no number.
    """

    text: str
    readings: int
    left_out: int


def imrmc_csv(rows: Iterable[Row]) -> Export:
    """Readings for `iMRMC::doIMRMC(read.csv(...))`: a row of the truth for each case, then a row for each reading.

    The format is that of the data frame `dfMRMC_example` of the R package iMRMC 2.1 (Gallas et al. 2009,
    Communications in Statistics 38:2586): `readerID, caseID, modalityID, score`; rows of the truth have "truth" for
    reader and modality, and 0 or 1 for score.

    Raises:
        ReadingsError: a case without a truth, a reader or an arm called "truth", or nothing to write.
    """
    chosen, left_out = _numbered(rows)
    for name in (names.READER, names.ARM):
        if any(row[name] == _TRUTH for row, _ in chosen):
            raise ReadingsError(f"A {name} is called {_TRUTH!r}, which iMRMC takes for the truth; rename it.")
    truths = {row[names.CASE]: row[names.TRUTH] for row, _ in chosen}
    written: list[dict[str, Any]] = [
        dict(zip(IMRMC_COLUMNS, (_TRUTH, case, _TRUTH, truth), strict=True)) for case, truth in truths.items()
    ]
    written += [
        dict(zip(IMRMC_COLUMNS, (row[names.READER], row[names.CASE], row[names.ARM], value), strict=True))
        for row, value in chosen
    ]
    return Export(csv_text(written, IMRMC_COLUMNS), len(chosen), left_out)


def mrmcaov_csv(rows: Iterable[Row]) -> Export:
    """Readings for `MRMCaov::mrmc(empirical_auc(truth, rating), treatment, reader, case, data = read.csv(...))`.

    The columns are those of the data set `VanDyke` of the R package MRMCaov 0.3 (Smith and Hillis 2020, Proceedings of
    SPIE 11316:113160K): `reader, treatment, case, truth, rating`.

    Raises:
        ReadingsError: a case without a truth, or nothing to write.
    """
    chosen, left_out = _numbered(rows)
    written = [
        dict(
            zip(
                MRMCAOV_COLUMNS,
                (row[names.READER], row[names.ARM], row[names.CASE], row[names.TRUTH], value),
                strict=True,
            )
        )
        for row, value in chosen
    ]
    return Export(csv_text(written, MRMCAOV_COLUMNS), len(chosen), left_out)


def _numbered(rows: Iterable[Row]) -> tuple[list[tuple[Row, float]], int]:
    """The readings of the main analysis with their numbers, and how many have none."""
    main = main_readings(rows)
    if not main:
        raise ReadingsError("The table holds no reading of the main analysis, so that there is nothing to write.")
    unknown = next((row[names.CASE] for row in main if row[names.TRUTH] is None), None)
    if unknown is not None:
        raise ReadingsError(f"The case {unknown!r} has no truth; add it to the column 'truth'.")
    values = ratings_of(main).values
    chosen = [(row, value) for row, value in zip(main, values, strict=True) if value is not None]
    return chosen, len(main) - len(chosen)
