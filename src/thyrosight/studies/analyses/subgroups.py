"""A network in subgroups of its test images, and whether it does better in some of them than in others."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd

from thyrosight.counting import counted
from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings, hidden
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    LEAST_GROUPS,
    AssociationTest,
    auc_between_groups,
    clustered_association_test,
    clustered_mean_test,
    exact_limits,
    mean_interval,
    too_few_together,
)
from thyrosight.statistics.resampling.divisions import EXACT
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import correct_rows, diagnostic_column, pooled_measures
from thyrosight.studies.recipe import USUAL_SUBGROUPS, Subgroups
from thyrosight.studies.verdicts import CLASSES

NOT_RECORDED, OTHERS = "not recorded", "others"
_TITLES = {"sex": "Sex", "age": "Age (years)", "site": "Site", "device": "Device", "size_mm": "Size (mm)",
           "label_source": "Label source"}  # fmt: skip
_LEVELS = {"F": "Female", "M": "Male"}
_MOST = 8
"""Levels of one property that are shown; rarer ones stand together."""
_CALLS = {"sensitivity": "sensitivity", "specificity": "specificity"}
DICE = "Mean Dice"
MEASURES = {"auc": "AUC", "sensitivity": "Sensitivity", "specificity": "Specificity", "dice": DICE}


@dataclass(frozen=True, eq=False)
class Property:
    """A property of images: its printed name, and the level of each image by its key (a category)."""

    title: str
    levels: "pd.Series[Any]"

    @property
    def names(self) -> list[str]:
        """The levels that some image has, in their order, and last what is not recorded."""
        there = set(self.levels)
        return [str(name) for name in self.levels.cat.categories if name in there]

    def told(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows with a key, and the level of each."""
        return rows.assign(level=self.levels.loc[rows["key"].astype(str)].astype(str).to_numpy())


def properties(rows: pd.DataFrame, asked: Subgroups, *, cm: bool = False) -> tuple[list[Property], list[str]]:
    """The properties by which images can be grouped, and sentences about those that were asked for and are not there.

    Args:
        rows: of a cohort.
        cm: whether its sizes are in centimetres.
    """
    found, problems = [], []
    for name in asked.columns:
        known = rows[name].notna() & (rows[name].astype(str) != "") if name in rows else pd.Series(dtype=bool)
        if not known.any():
            if name not in USUAL_SUBGROUPS:
                problems.append(f"Subgroups by {name} were left out: it is not recorded of any tested image.")
            continue
        cells = rows[name].where(known)
        if name in asked.bands:
            numbers = pd.to_numeric(cells, errors="coerce") * (10 if cm and name == "size_mm" else 1)
            levels = _banded(numbers, asked.bands[name])
        else:
            levels = _named(cells)
        item = Property(_TITLES.get(name, name[:1].upper() + name[1:]), levels.set_axis(rows["key"].astype(str)))
        if len(set(item.names) - {NOT_RECORDED}) > 1:
            found.append(item)
        elif name not in USUAL_SUBGROUPS:
            problems.append(f"Subgroups by {name} were left out: every tested image has the same.")
    return found, problems


def _banded(numbers: "pd.Series[Any]", bounds: Sequence[float]) -> "pd.Series[Any]":
    """Bands of a number: below the first bound, from each bound on."""
    names = [f"< {bounds[0]:g}", *(f"{low:g} to < {high:g}" for low, high in pairwise(bounds)), f"≥ {bounds[-1]:g}"]
    place = numbers.map(lambda value: sum(value >= bound for bound in bounds) if pd.notna(value) else -1)
    return pd.Series(
        pd.Categorical(place.map(lambda at: names[at] if at >= 0 else NOT_RECORDED), [*names, NOT_RECORDED]),
        index=numbers.index,
    )


def _named(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    """Values as they are, the most frequent ones first; numbers without decimals they do not need."""
    text = cells.map(lambda value: NOT_RECORDED if pd.isna(value) else _LEVELS.get(str(value), str(value)))
    often = text[text != NOT_RECORDED].value_counts()
    names = sorted(often.index, key=lambda name: (-often[name], name))
    if len(names) > _MOST:
        names = names[: _MOST - 1]
        text = text.where(text.isin([*names, NOT_RECORDED]), OTHERS)
        names.append(OTHERS)
    return pd.Series(pd.Categorical(text, [*names, NOT_RECORDED]), index=cells.index)


def subgroups_table(
    found: Sequence[Property], rows: pd.DataFrame | None, drawn: pd.DataFrame | None, *, options: Evaluation
) -> Table:
    """The network in each level of each property.

    Args:
        rows: predictions (key, truth, risk, predicted, group); None without classes.
        drawn: outlines (key, dice, group); None without outlines.
    """
    lines: list[Row] = []
    for item in found:
        told, outlines = (None if one is None else item.told(one) for one in (rows, drawn))
        for level in item.names:
            own, dice = (None if one is None else one[one["level"] == level] for one in (told, outlines))
            some = own if own is not None else dice
            if some is not None and len(some):
                line: Row = {"property": item.title, "level": level, "n": len(some)}
                line["groups"] = int(some["group"].nunique())
                line |= {} if own is None else _classes(own, options)
                lines.append(line | ({} if dice is None else {"dice": _dice(dice, options)}))
    shown = [name for name in MEASURES if any(name in line for line in lines)]
    return Table(
        name="subgroups",
        caption="The main network in subgroups of the test images",
        columns=(
            *columns("text", {"property": "Property", "level": "Subgroup"}),
            *columns("count", {"n": "n", "groups": "Groups"}),
            *([] if rows is None else columns("count", {"malignant": "Malignant"})),
            *hidden("benign_groups", "malignant_groups", kind="count"),
            *(
                diagnostic_column(name) if name != "dice" else Column(key=name, title=DICE, kind="share")
                for name in shown
            ),
        ),
        rows=tuple(lines),
        notes=(
            f"Below {LEAST_GROUPS} groups of a class intervals are exact. An image counts once for each division that "
            "tests it.",
        ),
        folded=True,
    )


def _classes(rows: pd.DataFrame, options: Evaluation) -> Row:
    """Counts, AUC, sensitivity and specificity, as far as there are cases."""
    by_class = [rows.loc[rows["truth"] == truth, "group"].nunique() for truth in (0, 1)]
    counts = {f"{label}_groups": int(n) for label, n in zip(CLASSES, by_class, strict=True)}
    part = rows if all(by_class) else rows.drop(columns="risk")
    found = pooled_measures(part, options=options, sources=_CALLS, interval="gee")
    defined = {name: measure for name, measure in found.items() if measure.value is not None}
    return {"malignant": int(rows["truth"].sum()), **counts, **defined}


def _dice(drawn: pd.DataFrame, options: Evaluation) -> Measure:
    groups = int(drawn["group"].nunique())
    mean = mean_interval(drawn["dice"], cluster=drawn["group"].to_numpy(dtype=str), confidence=options.confidence)
    few = too_few_together(groups)
    if not few and mean.low < mean.high:
        return Measure.of(mean)
    low, high = exact_limits(mean.value, groups, confidence=options.confidence)
    why = few or "all images give the same"
    return Measure.of(mean).model_copy(update={"low": low, "high": high, "se": None, "method": f"{EXACT}: {why}"})


def interactions_table(
    found: Sequence[Property], rows: pd.DataFrame | None, drawn: pd.DataFrame | None
) -> Table | None:
    """For each property whether AUC, sensitivity, specificity and Dice differ between its levels; P corrected by Holm.

    Only levels with `LEAST_GROUPS` groups (of each class that the measure needs) are tested; None where there are never
    two of them.
    """
    lines: list[Row] = []
    for item in found:
        tests: dict[str, Row] = {}
        if rows is not None:
            told = item.told(rows.assign(right=rows["predicted"] == rows["truth"]))
            tests["auc"] = _tested(told, item.names, _areas, by=[told["truth"] == truth for truth in (0, 1)])
            tests |= {
                name: _tested(told[told["truth"] == truth], item.names, _shares)
                for truth, name in ((1, "sensitivity"), (0, "specificity"))
            }
        if drawn is not None:
            tests["dice"] = _tested(item.told(drawn), item.names, _means)
        lines += [{"property": item.title, "measure": MEASURES[name], **line} for name, line in tests.items() if line]
    if not lines:
        return None
    correct_rows(lines)
    count = sum(line["p"] is not None for line in lines)
    return Table(
        name="interactions",
        caption="Does the main network do better in some subgroups than in others?",
        columns=(
            *columns("text", {"property": "Property", "measure": "Measure", "levels": "Subgroups tested"}),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
            *hidden("method"),
            *hidden("statistic", "df", kind="number"),
        ),
        rows=tuple(lines),
        notes=(
            f"Tested were subgroups with at least {LEAST_GROUPS} groups (patients) of each class concerned; patients "
            f"were kept together, and P corrected by Holm over {counted(count, 'test')}. A large P value does not show "
            "that subgroups are alike."
            if count
            else f"Large enough are subgroups with at least {LEAST_GROUPS} groups (patients) of each class concerned.",
            *(["Not tested where all patients have the same result."] if count < len(lines) else []),
        ),
    )


def _areas(rows: pd.DataFrame) -> AssociationTest:
    return auc_between_groups(rows["truth"], rows["risk"], rows["level"], cluster=rows["group"])


def _shares(rows: pd.DataFrame) -> AssociationTest:
    return clustered_association_test(rows["level"], rows["right"].astype(int), cluster=rows["group"])


def _means(rows: pd.DataFrame) -> AssociationTest:
    return clustered_mean_test(rows["level"], rows["dice"], cluster=rows["group"])


def _tested(
    rows: pd.DataFrame,
    names: Sequence[str],
    test: Callable[[pd.DataFrame], AssociationTest],
    *,
    by: Sequence["pd.Series[bool]"] = (),
) -> Row:
    """A test between the levels that are large enough (in each of the parts `by`); an empty row with fewer than two."""
    parts = [rows[chosen] for chosen in by] or [rows]
    sizes = [part.groupby("level")["group"].nunique() for part in parts]
    levels = [
        name for name in names if name != NOT_RECORDED and all(size.get(name, 0) >= LEAST_GROUPS for size in sizes)
    ]
    if len(levels) < 2:
        return {}
    line: Row = {"levels": ", ".join(levels)}
    try:
        found = test(rows[rows["level"].isin(levels)])
    except StatisticsError as error:
        return line | {"p": None, "method": str(error)}
    return line | {"p": found.p, "method": found.method, "statistic": found.statistic, "df": found.df}


def subgroups_figure(table: Table) -> Figure:
    """The AUC (or mean Dice) of each subgroup with its interval."""
    measure = "auc" if any("auc" in row for row in table.rows) else "dice"
    lines: list[drawings.ForestLine] = []
    heading = ""
    for row in table.rows:
        if not isinstance(found := row.get(measure), Measure):
            continue
        if row["property"] != heading:
            heading = str(row["property"])
            lines.append(drawings.ForestLine(name=heading))
        lines.append(drawings.ForestLine(name=f"{row['level']} (n = {row['n']})", estimate=found))
    return Figure(
        name="subgroups",
        caption=f"{MEASURES[measure]} of the main network in subgroups of the test images, with 95 % intervals",
        drawing=drawings.Forest(lines=tuple(lines), x=MEASURES[measure], digits=2),
        wide=True,
    )
