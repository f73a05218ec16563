"""Changes of mind: what readers decided without the model and with it, and whether the model was right."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings, hidden
from thyrosight.statistics import (
    clustered_bootstrap,
    mean_interval,
    unseen_share,
)
from thyrosight.statistics.resampling.divisions import EXACT
from thyrosight.statistics.resampling.few_groups import LEAST_GROUPS
from thyrosight.studies.analyses.readings.reading_set import ReadingSet
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import share_of

FATES = ("stayed right", "turned right", "turned wrong", "stayed wrong")
"""Fates of a decision, in the order of the figure."""


def pairs_of(found: ReadingSet, arm: str) -> pd.DataFrame:
    """Each reader's decision on each case in the reference arm and in another one.

    Returns:
        Columns reader, case, group, truth, before, after (1: called positive), right_before, right_after and
        model_right (missing where the model's call is not known).
    """
    keys = found.pairing
    first, second = found.before(keys).dropna(subset="called"), found.of_arm(arm).dropna(subset="called")
    columns_of = [*keys, "group", "truth", "called"]
    both = first[columns_of].merge(second[[*keys, "called", "model_called"]], on=keys, suffixes=("_before", "_after"))
    both = both.rename(columns={"called_before": "before", "called_after": "after"})
    truth = both["truth"].to_numpy()
    model = both["model_called"]
    return both.assign(
        right_before=(both["before"] == truth).astype(int),
        right_after=(both["after"] == truth).astype(int),
        model_right=(model == truth).astype(float).where(model.notna()),
    )


def changes_table(found: ReadingSet, pairs: Mapping[str, pd.DataFrame]) -> Table:
    """Wrong decisions turned right and right ones turned wrong, of each reader and of all together."""
    rows: list[Row] = []
    for arm, every in pairs.items():
        rows += [_changes(found, arm, str(reader), own) for reader, own in every.groupby("reader")]
        rows.append(_changes(found, arm, "All readings", every))
    several = len(pairs) > 1
    return Table(
        name="changes",
        caption=f"Changes of mind, {found.reference} to {next(iter(pairs))}" if not several else "Changes of mind",
        columns=(
            Column(key="reader", title="Reader"),
            *(columns("text", {"arm": "Arm"}) if several else hidden("arm")),
            Column(key="n", title="Decisions", kind="count"),
            *columns("count", {"wrong_before": "Wrong at first"}),
            Column(key="turned_right", title="Then right, %", kind="percent"),
            *columns("count", {"right_before": "Right at first"}),
            Column(key="turned_wrong", title="Then wrong, %", kind="percent"),
            Column(key="net", title="Right decisions gained", kind="points"),
        ),
        rows=tuple(rows),
        notes=(
            f"Called positive: {found.action}.",
            "Gained: share of right decisions with the model minus that without, in points; intervals of all readings "
            "take those of one case together and hold for these readers.",
            *(
                []
                if found.sequential
                else ["The two decisions lie in different sessions: some of the changes are those of any second look."]
            ),
        ),
        strong=None if several else len(rows) - 1,
    )


def _changes(found: ReadingSet, arm: str, reader: str, own: pd.DataFrame) -> Row:
    wrong, right = own[own["right_before"] == 0], own[own["right_before"] == 1]
    row: Row = {"reader": reader, "arm": arm, "n": len(own)}
    row |= {"wrong_before": len(wrong), "right_before": len(right)}
    turned_right = share_of(wrong["right_after"], wrong["group"], found.evaluation)
    turned_wrong = share_of(1 - right["right_after"], right["group"], found.evaluation)
    for key, value in (("turned_right", turned_right), ("turned_wrong", turned_wrong)):
        if value is not None:
            row[key] = value
    return row | {"net": net(own, found.evaluation)}


def net(own: pd.DataFrame, options: Evaluation) -> Measure:
    """The share of right decisions gained, with Student's interval over patients; an exact one where none changed."""
    gained = (own["right_after"] - own["right_before"]).to_numpy(dtype=float)
    groups, words = own["group"].astype(str).to_numpy(), "mean of the gains"
    if gained.any():
        return Measure.of(mean_interval(gained, cluster=groups, confidence=options.confidence, method=words))
    # Nobody changed any decision for the better or worse: that of a share of other patients may change.
    clusters = len(set(groups))
    share_of_others = unseen_share(clusters, confidence=options.confidence)
    method = f"{EXACT}: no decision changed"
    return Measure(value=0.0, low=-share_of_others, high=share_of_others, n=len(own), clusters=clusters, method=method)


@dataclass(frozen=True)
class _Reliance:
    """One line on how readers followed the model: which decisions, and what happened to them."""

    key: str
    title: str
    right_before: int
    model_right: int
    outcome: str


_RELIANCE = (
    _Reliance("corrected", "Wrong at first, model right: turned right", 0, 1, "right"),
    _Reliance("misled", "Right at first, model wrong: turned wrong", 1, 0, "wrong"),
    _Reliance("kept", "Right at first, model right: turned wrong", 1, 1, "wrong"),
    _Reliance("found", "Wrong at first, model wrong: turned right", 0, 0, "right"),
)


def reliance_table(found: ReadingSet, pairs: Mapping[str, pd.DataFrame]) -> Table | None:
    """Changes of mind by whether the model was right or wrong; None where the model's calls are not known."""
    rows: list[Row] = []
    for arm, every in pairs.items():
        known = every.dropna(subset="model_right")
        if known.empty:
            continue
        for line in _RELIANCE:
            own = known[(known["right_before"] == line.right_before) & (known["model_right"] == line.model_right)]
            outcome = own["right_after"] if line.outcome == "right" else 1 - own["right_after"]
            row: Row = {"arm": arm, "what": line.key, "title": line.title, "n": len(own), "changed": int(outcome.sum())}
            row["cases"] = int(own["case"].nunique())
            value = share_of(outcome, own["group"], found.evaluation)
            rows.append(row | ({} if value is None else {"share": value}))
        rows.append({"arm": arm, "what": "automation_bias", "title": "Misled minus second thoughts",
                     **_bias(known, found.evaluation)})  # fmt: skip
    if not rows:
        return None
    return Table(
        name="reliance",
        caption="Changes of mind where the model was right and where it was wrong",
        columns=(
            *hidden("what"),
            Column(key="title", title="Decisions"),
            *(columns("text", {"arm": "Arm"}) if len(pairs) > 1 else hidden("arm")),
            *columns("count", {"cases": "Cases", "n": "Readings", "changed": "Changed"}, blank=True),
            Column(key="share", title="Share, %", kind="percent"),
        ),
        rows=tuple(rows),
        notes=(
            "Automation bias is the second row: right decisions given up where the model was wrong. The third row is "
            "what readers gave up although the model agreed; the last row is the difference of both, in percentage "
            "points.",
            "The model is right where its call is that of the reference standard.",
        ),
    )


def _bias(known: pd.DataFrame, options: Evaluation) -> Row:
    """How much more often right decisions were given up where the model was wrong than where it agreed."""
    right = known[known["right_before"] == 1]
    wrong_after = (1 - right["right_after"]).to_numpy(dtype=float)
    misled = (right["model_right"] == 0).to_numpy(dtype=float)
    group = right["group"].astype(str).to_numpy()
    row: Row = {"n": len(right), "cases": int(right["case"].nunique()), "changed": int(wrong_after.sum())}
    if not 0 < misled.sum() < len(misled):
        return row

    wrong, agreed = (len(set(group[misled == side])) for side in (1, 0))
    if min(wrong, agreed) < LEAST_GROUPS:
        value = _apart(wrong_after, misled)
        why = f"no interval: the model was wrong on {wrong} patients, fewer than {LEAST_GROUPS}"
        if wrong >= LEAST_GROUPS:
            why = f"no interval: the model was right on {agreed} patients, fewer than {LEAST_GROUPS}"
        return row | {"share": Measure(value=value, n=len(right), method=why)}
    return row | {
        "share": Measure.of(
            clustered_bootstrap(
                _apart,
                wrong_after,
                misled,
                cluster=group,
                replicates=options.bootstrap,
                seed=options.seed,
                confidence=options.confidence,
            )
        )
    }


def _apart(outcome: Any, where: Any) -> float:
    """The share of an outcome where something holds minus that where it does not; NaN where one of both is empty."""
    inside = float(where.sum())
    outside = len(where) - inside
    return float(outcome @ where / inside - outcome @ (1 - where) / outside) if inside and outside else math.nan


def changes_figure(pairs: Mapping[str, pd.DataFrame]) -> Figure | None:
    """Figure of the fates of all decisions, and of those where the model was right or wrong."""
    panels = []
    for arm, every in pairs.items():
        parts = {"all": every}
        if every["model_right"].notna().any():
            parts |= {"model right": every.query("model_right == 1"), "model wrong": every.query("model_right == 0")}
        parts = {name: own for name, own in parts.items() if len(own)}
        counts = tuple(_fates(own) for own in parts.values())
        panels.append(drawings.StackedPanel(title=arm, groups=tuple(parts), counts=counts))
    if not panels:
        return None
    return Figure(
        name="changes",
        caption="What became of the readers' decisions when the model's answer was shown.",
        drawing=drawings.Stacked(
            panels=tuple(panels),
            categories=FATES,
            legend="Decision",
            counted="Share of decisions, %",
            series=(4, 0, 1, 5),
        ),
        wide=True,
    )


def _fates(own: pd.DataFrame) -> tuple[int, ...]:
    before, after = own["right_before"] == 1, own["right_after"] == 1
    return tuple(int(one.sum()) for one in (before & after, ~before & after, before & ~after, ~before & ~after))
