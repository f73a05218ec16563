"""Lesions found and localised: marks of readers against the lesions of the cases."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    ReaderComparison,
    accepted_lesions,
    compare_localisation_readers,
    froc_curve,
    marked_cases,
)
from thyrosight.studies.analyses.readings.accuracy import difference, p_of, slug
from thyrosight.studies.analyses.readings.reading_set import ReadingSet

_MARK = ("x", "y", "confidence", "image", "frame")
"""Parts of a mark."""
SIDES = ("left", "top", "right", "bottom")
_MERITS = {"wafroc": "wAFROC area", "wafroc1": "wAFROC1 area"}


@dataclass(frozen=True, eq=False)
class Places:
    """Marks and lesions, arranged.

    Attributes:
        marks: a row for each mark: reader, arm, case, lesion (missing where it hits none), confidence.
        lesions: a row for each lesion, and one without a lesion for each case without: case, lesion, group.
        searched: a row for each search: reader, arm, case.
    """

    marks: pd.DataFrame
    lesions: pd.DataFrame
    searched: pd.DataFrame


def places_of(found: ReadingSet, lesions: pd.DataFrame) -> Places | str:
    """The marks of all readers on the cases that each of them searched, or why there are none.

    A mark hits a lesion when it lies in the lesion's box; where the lesions name image and frames, in these.

    Args:
        lesions: columns case, lesion, left, top, right, bottom, and image, first_frame and last_frame where a case has
            several pictures or loops.
    """
    rows = found.rows.dropna(subset="marks")
    if rows.empty:
        return "no reading has marks"
    own = lesions[lesions["case"].isin(rows["case"])].reset_index(drop=True)
    if own.empty:
        return "no lesion lies in a case that was searched"
    marks = _marks(rows, own)
    groups = rows.groupby("case")["group"].first()
    named = own[["case", "lesion"]].drop_duplicates()
    without = pd.DataFrame({"case": [case for case in groups.index if case not in set(named["case"])], "lesion": None})
    table = pd.concat([named, without], ignore_index=True)
    return Places(marks, table.assign(group=table["case"].map(groups)), rows[["reader", "arm", "case"]])


def _marks(rows: pd.DataFrame, lesions: pd.DataFrame) -> pd.DataFrame:
    found: list[dict[str, Any]] = [
        {"reader": reader, "arm": arm, "case": case, **dict(zip(_MARK, mark, strict=True))}
        for reader, arm, case, own in zip(*(rows[name] for name in ("reader", "arm", "case", "marks")), strict=True)
        for mark in own
    ]
    marks = pd.DataFrame(found, columns=["reader", "arm", "case", *_MARK])
    if marks.empty:
        return marks.assign(lesion=None)

    tried = marks.reset_index(names="mark").merge(lesions.reset_index(names="lesion_row"), on="case")
    if "image" in lesions:
        tried = tried[tried["image_x"] == tried["image_y"]]
    if "first_frame" in lesions:
        tried = tried[tried["frame"].between(tried["first_frame"], tried["last_frame"])]
    hit = accepted_lesions(
        marks.index.to_numpy(), marks[["x", "y"]].to_numpy(dtype=float),
        tried["mark"].to_numpy(), tried[list(SIDES)].to_numpy(dtype=float),
    )  # fmt: skip
    lesion_rows = tried["lesion_row"].to_numpy(dtype=int)
    names = lesions["lesion"].astype(str).to_numpy(dtype=object)
    hits: list[Any] = [names[lesion_rows[number]] if number >= 0 else None for number in hit]
    return marks.assign(lesion=hits)


def localisation_study(found: ReadingSet, places: Places, *, readers: str) -> ReaderComparison:
    """The readers' figures of merit by the method of Obuchowski and Rockette; false marks of lesion-free cases count,
    or those of all cases where every case has a lesion.

    Raises:
        StatisticsError: as `compare_localisation_readers`.
    """
    free = places.lesions["lesion"].isna().any()
    return compare_localisation_readers(
        {name: places.marks[name].to_numpy() for name in ("reader", "arm", "case", "lesion", "confidence")},
        {name: places.lesions[name].to_numpy() for name in ("case", "lesion", "group")},
        metric="wafroc" if free else "wafroc1",
        test="arm",
        reader="reader",
        cluster=found.cluster,
        searched={name: places.searched[name].to_numpy() for name in ("reader", "arm", "case")},
        readers=readers,
        confidence=found.evaluation.confidence,
    )


def localisation_table(found: ReadingSet, places: Places) -> Table | str:
    """The figure of merit of each reader in each arm, and of all; or why there is none."""
    try:
        result = localisation_study(found, places, readers=found.options.readers)
    except StatisticsError as error:
        return str(error)
    tests, readers = [str(name) for name in result.tests], [str(name) for name in result.readers]
    arms = [arm for arm in found.arms if arm in tests]
    reference, few = arms[0], found.few()
    rows: list[Row] = []
    for place, reader in enumerate(readers):
        row: Row = {"reader": reader}
        row |= {slug(arm): Measure.of(result.reader_estimates[tests.index(arm)][place]) for arm in arms}
        rows.append(row)
    mean: Row = {"reader": "Mean of the readers"}
    mean |= {slug(arm): Measure.of(result.test_estimates[tests.index(arm)]) for arm in arms}
    for arm in arms[1:]:
        key = f"{slug(arm)}_less_{slug(reference)}"
        for row in rows:
            row |= {key: difference(result, arm, reference, reader=str(row["reader"]))}
        whole = difference(result, arm, reference)
        mean |= {key: whole, f"p_{slug(arm)}": None if few else p_of(result, arm, reference)}
        mean[f"verdict_{slug(arm)}"] = found.verdict(whole)
    rule = "A mark hits a lesion when it lies in its box."
    return Table(
        name="localisation",
        caption=f"Lesions found and localised: {_MERITS[result.metric]}",
        columns=(
            Column(key="reader", title="Reader"),
            *columns("area", {slug(arm): arm for arm in arms}),
            *(
                column
                for arm in arms[1:]
                for column in (
                    Column(
                        key=f"{slug(arm)}_less_{slug(reference)}", title=f"{arm} minus {reference}", kind="difference"
                    ),
                    Column(key=f"p_{slug(arm)}", title="P", kind="p", blank=True),
                    Column(key=f"verdict_{slug(arm)}", title="Verdict", blank=True),
                )
            ),
        ),
        rows=(*rows, mean),
        notes=(
            rule,
            *result.notes,
            *([f"No P value and no verdict: {few}; intervals are rough."] if few else []),
        ),
        strong=len(rows),
    )


def froc_figure(found: ReadingSet, places: Places) -> Figure | None:
    """FROC curves of the arms, all readers together: sensitivity against false marks for a case."""
    curves = []
    for arm in found.arms:
        own = places.marks[places.marks["arm"] == arm]
        if own.empty:
            continue
        every = places.searched[places.searched["arm"] == arm].merge(places.lesions, on="case")
        every = every.assign(case=every["reader"] + "\x1f" + every["case"])
        named = own.assign(case=own["reader"] + "\x1f" + own["case"])
        marked = marked_cases(
            {name: named[name].to_numpy() for name in ("case", "lesion", "confidence")},
            {name: every[name].to_numpy() for name in ("case", "lesion")},
        )
        curve = froc_curve(marked, replicates=0)
        x, y = np.asarray(curve.false_per_case), np.asarray(curve.sensitivity)
        curves.append(drawings.Curve(name=arm, x=tuple(x.tolist()), y=tuple(y.tolist())))
    if not curves:
        return None
    panel = drawings.LinePanel(
        curves=tuple(curves), x="False marks per case", y="Sensitivity (lesions)", whole=False, bottom=0, top=1
    )
    return Figure(name="froc", caption="FROC curves of all readers together.", drawing=drawings.Lines(panels=(panel,)))
