"""How alike the training and the test part of a division are."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from thyrosight.cohort import UNKNOWN, Cohort, Split
from thyrosight.documents import Column, Figure, Row, Table, columns, drawings, hidden
from thyrosight.errors import StatisticsError
from thyrosight.statistics import LEAST_GROUPS, chi_square_test, contingency_table

NOT_RECORDED = "not recorded"
_COUNTS = ("patients", "images", "malignant_patients", "malignant_images", "benign_patients", "benign_images")


def category(rows: pd.DataFrame, column: str) -> "pd.Series[Any]":
    """A column of a cohort as words; what nobody wrote down is called so."""
    if column not in rows:
        return pd.Series(NOT_RECORDED, index=rows.index, dtype=object)
    return rows[column].astype(object).where(rows[column].notna(), NOT_RECORDED).astype(str)


def stacked_figure(
    cohort: Cohort, split: Split, *, groups: str, order: tuple[str, ...], column: str, legend: str, caption: str
) -> Figure | None:
    """Categories of images by group, in the training part (with validation) and the test part of the first division.

    Args:
        groups: column with the groups, one bar each.
        order: of the groups; those without an image are left out.
        column: with the categories. None is drawn where nobody recorded them.
        caption: of the figure; `{parts}` in it becomes the parts with their numbers.
    """
    values = sorted(set(category(cohort.table, column)) - {NOT_RECORDED})
    if not values:
        return None
    categories = [*values, *([NOT_RECORDED] if (category(cohort.table, column) == NOT_RECORDED).any() else [])]
    named = [name for name in order if (cohort.table[groups] == name).any()]
    division = split.divisions[0]
    parts = {
        "training": pd.concat([split.rows(cohort, division, part) for part in ("train", "validation")]),
        "test": split.rows(cohort, division, "test"),
    }
    panels = []
    for name, rows in parts.items():
        own = category(rows, column)
        counts = tuple(tuple(int(((rows[groups] == g) & (own == c)).sum()) for c in categories) for g in named)
        panels.append(drawings.StackedPanel(title=f"{name} part", groups=tuple(named), counts=counts))
    words = " and ".join(f"{name} {len(rows)}" for name, rows in parts.items())
    return Figure(
        name="parts",
        caption=caption.format(parts=words),
        drawing=drawings.Stacked(panels=tuple(panels), categories=tuple(categories), legend=legend),
        wide=True,
    )


def balance_table(cohort: Cohort, split: Split, columns: Mapping[str, str]) -> Table:
    """Whether training and test part of the first division differ in a column, one image per group.

    Args:
        columns: printed names, by column.
    """
    single = cohort.table.drop_duplicates("group")
    tested = single["group"].astype(str).isin(split.divisions[0].test).map({True: "test", False: "training"})
    fewest = min(int((tested == part).sum()) for part in ("test", "training"))
    few = f"not tested: a P value needs {LEAST_GROUPS} patients or groups on each side"
    rows: list[Row] = []
    for column, title in columns.items():
        row: Row = {"key": column, "title": title}
        if fewest < LEAST_GROUPS:
            rows.append(row | {"p": None, "test": few})
            continue
        try:
            test = chi_square_test(
                contingency_table(category(single, column).to_numpy(str), tested.to_numpy(dtype=str))
            )
            row |= {"p": test.p, "test": f"{test.method}, one image per patient or group"}
        except StatisticsError:
            row |= {"p": None, "test": "the same everywhere, or not recorded"}
        rows.append(row)
    return Table(
        name="balance",
        caption="Training against test part",
        columns=(
            *hidden("key"),
            Column(key="title", title="Column"),
            Column(key="p", title="P of a difference", kind="p"),
            Column(key="test", title="Statistical test"),
        ),
        rows=tuple(rows),
        notes=(
            "A small P value says that the parts differ; a large one does not say that they are alike, least of all in "
            "few groups.",
        ),
    )


def parts_table(cohort: Cohort, split: Split, *, caption: str) -> Table:
    """Patients and images of each class in the training (with validation) and the test part of the first division."""
    division = split.divisions[0]
    test = split.rows(cohort, division, "test")
    validation = split.rows(cohort, division, "validation")
    training = pd.concat([split.rows(cohort, division, "train"), validation])
    name = "Training and validation" if len(validation) else "Training"
    parts = {"All": pd.concat([training, test]), name: training, "Test": test}
    return Table(
        name="parts",
        caption=caption,
        columns=(
            Column(key="part", title="Part"),
            *columns("count", {key: key.replace("_", " ").capitalize() for key in _COUNTS}),
        ),
        rows=tuple({"part": name} | _counts(rows) for name, rows in parts.items()),
        notes=(
            "A patient with nodules of both classes counts in both."
            if all((rows["patient_id"] != UNKNOWN).all() for rows in parts.values())
            else "Patients are unknown.",
            *_other_divisions(cohort, split),
        ),
    )


def _other_divisions(cohort: Cohort, split: Split) -> list[str]:
    """How many images the test parts of all divisions hold, where there are several that differ."""
    tests = [split.rows(cohort, division, "test") for division in split.divisions]
    sizes = [len(rows) for rows in tests]
    malignant = [int((rows["label"] == "malignant").sum()) for rows in tests]
    if len({*zip(sizes, malignant, strict=True)}) < 2:
        return []
    return [
        f"The table is of {split.divisions[0].name}; over all {len(tests)} divisions the test part holds {min(sizes)} "
        f"to {max(sizes)} images, {min(malignant)} to {max(malignant)} of them malignant."
    ]


def _counts(rows: pd.DataFrame) -> dict[str, Any]:
    """Patients (left out where they are not known) and images, of all and of each class."""
    known = bool((rows["patient_id"] != UNKNOWN).all())
    found: dict[str, Any] = {}
    for key in _COUNTS:
        label, _, what = key.rpartition("_")
        some = rows[rows["label"] == label] if label else rows
        if what == "images" or known:
            found[key] = len(some) if what == "images" else int(some["patient_id"].nunique())
    return found
