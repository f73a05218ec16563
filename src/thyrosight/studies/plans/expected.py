"""Precision that a study can reach with its tested patients: the expected widths of its intervals."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from thyrosight.documents import Column, Measure, Row, Table, columns
from thyrosight.studies.plans.aim import Aim
from thyrosight.studies.plans.draft import Draft
from thyrosight.studies.plans.worth import Counted

_CLASSES = ("benign", "malignant")


def smallest(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """The part with the fewest groups of its rarer class."""

    def rarer(rows: pd.DataFrame) -> tuple[int, int]:
        groups = [int(rows.loc[rows["label"] == label, "group"].nunique()) for label in _CLASSES]
        return min(groups), sum(groups)

    return min(parts, key=rarer)


def parts_table(draft: Draft) -> Table:
    """Groups and images of the cohort and of the parts of its divisions, the smallest where there are several."""
    named = {"Whole cohort": draft.cohort.table}
    for name, title in (("train", "Training"), ("validation", "Validation"), ("test", "Test")):
        if parts := draft.parts(name):
            few = f" (fewest of {len(parts)} divisions)" if len(parts) > 1 else ""
            named[f"{title}{few}"] = smallest(parts)
    rows = [_sizes(title, rows) for title, rows in named.items()]
    unit = unit_of(draft)
    return Table(
        name="parts",
        caption=f"Who would be trained and tested ({unit} are counted once, with each class they hold)",
        columns=(
            Column(key="part", title="Part"),
            *columns("count", {label: f"{label.capitalize()} {unit}" for label in _CLASSES}),
            *columns("count", {f"{label}_images": f"{label.capitalize()} images" for label in _CLASSES}),
            Column(key="mean", title="Images each", kind="number"),
            Column(key="most", title="at most", kind="count", under="mean"),
        ),
        rows=tuple(rows),
        source="",
    )


def unit_of(draft: Draft) -> str:
    """Unit that divisions keep whole: patients, or groups where patients are joined or unknown."""
    whole = draft.cohort.split_kind == "patient-level" and not joined_words(draft)
    return "patients" if whole else "groups"


def joined_words(draft: Draft) -> str:
    """Says how many patients stand in fewer groups, because they share near-duplicate images; empty where none do."""
    table = draft.cohort.table
    patients, groups = int(table["patient_id"].nunique()), int(table["group"].nunique())
    if draft.cohort.split_kind != "patient-level" or patients == groups:
        return ""
    return (
        f"{patients} patients stand in {groups} groups: patients who share near-duplicate images are joined, so that "
        "no image is on both sides of a division; look at them with `thyrosight cohort duplicates`."
    )


def _sizes(part: str, rows: pd.DataFrame) -> Row:
    own = {label: rows[rows["label"] == label] for label in _CLASSES}
    sizes = rows.groupby("group").size().to_numpy()
    groups: Row = {label: int(found["group"].nunique()) for label, found in own.items()}
    images: Row = {f"{label}_images": len(found) for label, found in own.items()}
    found: Row = {"part": part, "mean": float(np.mean(sizes)), "most": int(np.max(sizes))}
    return found | groups | images


def expected_table(draft: Draft, tested: Counted, aim: Aim) -> Table:
    """The interval of each measure in one test part, over all divisions, and where images of a group say the same."""
    parts = draft.parts("test")
    worths = {"all": tested.worth(aim.cluster_correlation), "alike": tested.worth(1.0)}
    if len(parts) > 1:
        one = Counted.of(draft, prevalence=aim.prevalence).counts
        chosen = smallest(parts)[["label", "group"]].drop_duplicates()
        worths["one"] = tested.worth(aim.cluster_correlation, counts=one.merge(chosen).assign(times=1))
    found = {name: worth.intervals(aim) for name, worth in worths.items()}
    rows: list[Row] = []
    for measure in ("AUC", "sensitivity", "specificity"):
        row: Row = {"measure": measure}
        for name, intervals in found.items():
            if (interval := intervals[measure]) is not None:
                row[name] = Measure.of(interval).model_copy(update={"method": ""})
                row[f"{name}_width"] = interval.high - interval.low
        rows.append(row)
    whole = f"Mean over {len(parts)} divisions" if len(parts) > 1 else "Test part"
    if not tested.divided:
        whole = "If every one of the cohort is tested once"
    shown = {"one": "One test part", "all": whole, "alike": "The same, if images of one always agree"}
    level = f"{100 * aim.confidence:g} %"
    return Table(
        name="expected",
        caption=f"Intervals to expect ({level}), if the measures come out as assumed",
        columns=(
            Column(key="measure", title="Measure"),
            *(
                column
                for name, title in shown.items()
                if name in found
                for column in (Column(key=name, title=title, kind="area"), _width(name))
            ),
        ),
        rows=tuple(rows),
        notes=(
            f"Assumed: AUC {aim.auc:g}, sensitivity {aim.sensitivity:g}, specificity {aim.specificity:g}; results of "
            f"two images of one of the {unit_of(draft)} correlate by {aim.cluster_correlation:g}"
            + (f"; {100 * aim.prevalence:g} % malignant." if aim.prevalence is not None else ".")
            + " thyrosight study plan takes others.",
            "Intervals are of the sampling of patients: what another training would change is not in them.",
        ),
        source="",
    )


def _width(name: str) -> Column:
    return Column(key=f"{name}_width", title="Width", kind="share", digits=3)
