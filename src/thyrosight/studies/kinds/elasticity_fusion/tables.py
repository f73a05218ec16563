"""The lines of Tables I to VI: measures in per cent, and their differences to the main line of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.documents import DASH, Column, Measure, Row, Table, columns, hidden
from thyrosight.statistics import DivisionOutcome
from thyrosight.studies.base import Evaluation
from thyrosight.studies.kinds.elasticity_fusion.recipe import ONE_IMAGE, Configuration, Recipe
from thyrosight.studies.measures import Outcomes, compare_pairs, mean_measures
from thyrosight.studies.predictions import DivisionPredictions
from thyrosight.studies.tested import Network
from thyrosight.studies.verdicts import margin_note, verdict

MEASURES = {"accuracy": "Accuracy, %", "recall": "Sensitivity, %", "specificity": "Specificity, %", "auc": "AUC, %"}
"""The columns of the paper's tables, all in per cent as it has them."""
_EVERY = MEASURES | {"balanced_accuracy": "Balanced accuracy, %", "precision": "PPV, %", "f1": "F1, %"}
"""Besides them measures that stand in the CSV files alone."""
_BY_NODULE = {f"nodule_{name}": title for name, title in _EVERY.items()}
SPREAD = "± is the standard deviation between the folds' networks, which share one test part."


@dataclass(frozen=True, eq=False)
class Line:
    """One network in a table, called `title`; `nodules` gives the nodule that each image shows, by key."""

    network: Network
    configuration: Configuration
    title: str
    nodules: "pd.Series[str]"
    options: Evaluation

    @cached_property
    def mean(self) -> dict[str, Measure]:
        """Measures averaged over the folds' networks."""
        return mean_measures(self.network.outcomes(), options=self.options)

    @cached_property
    def validation_auc(self) -> Measure:
        """Mean AUC on the validation folds, uncalibrated."""
        return mean_measures(self.network.validated(), options=self.options)["auc"]

    @cached_property
    def per_nodule(self) -> dict[str, Measure]:
        """As `mean`, with the risks of each nodule's images averaged."""
        judged = [_by_nodule(item, self.nodules) for item in self.network.judged()]
        return mean_measures(judged, options=self.options)


def nodules_of(table: pd.DataFrame) -> "pd.Series[str]":
    """Per key of a cohort's table the nodule it shows; the patient and label where the nodule is unknown."""
    known = table["nodule_id"].notna() & ~table["nodule_id"].isin([UNKNOWN, ""])
    nodule = table["group"].astype(str) + "/" + table["nodule_id"].astype(str)
    other = table["group"].astype(str) + "/" + table["label"].astype(str)
    return pd.Series(nodule.where(known, other).to_numpy(), index=table["key"].astype(str))


def _by_nodule(judged: DivisionPredictions, nodules: "pd.Series[str]") -> DivisionOutcome:
    """The test part with the risks of each nodule's images averaged."""
    test = judged.part("test")
    named = test.assign(nodule=nodules.loc[test["key"]].to_numpy()).groupby(["nodule", "truth"], sort=True)
    table = named.agg(risk=("risk", "mean"), group=("group", "first")).reset_index()
    return DivisionOutcome(
        truth=table["truth"].tolist(),
        score=table["risk"].tolist(),
        predicted=(table["risk"] >= judged.threshold).astype(int).tolist(),
        cluster=table["group"].tolist(),
    )


def differences(pairs: Mapping[str, tuple[Outcomes, Outcomes]], options: Evaluation, *, over: str) -> dict[str, Row]:
    """Cells of AUC and accuracy of the first of each pair minus the second; P corrected by Holm, per measure."""
    found: dict[str, Row] = {key: {} for key in pairs}
    for measure, prefix in (("auc", ""), ("accuracy", "accuracy_")):
        compared = compare_pairs(list(pairs.values()), measure=measure, over=over, options=options)
        for row, one in zip(found.values(), compared, strict=True):
            row[f"{prefix}difference"] = one.difference
            row |= {f"{prefix}p": one.p, f"{prefix}p_corrected": one.p_corrected}
            row[f"{prefix}verdict"] = verdict(one.difference, options, p=one.p_corrected)
    return found


def compare_to(lines: Sequence[Line], main: Line) -> dict[str, Row]:
    """Every line of a table minus its main one, by key."""
    own = main.network.outcomes()
    others = {line.network.key: (line.network.outcomes(), own) for line in lines if line is not main}
    return differences(others, main.options, over=f"{len(others)} row{'s' if len(others) != 1 else ''}")


def lines_table(
    lines: Sequence[Line],
    *,
    name: str,
    caption: str,
    first: str = "",
    main: Line,
    to: str = "",
    strong: bool = True,
    shown: Sequence[str] = (),
    note: str = "",
    per_nodule: bool = False,
) -> Table:
    """A table with a line for each network.

    Args:
        first: heading of the first column; where it is empty the number of frozen layers names the row.
        main: the line that the others are compared with, where `to` names it.
        strong: whether it is set in bold.
        shown: further columns that are printed, and do not stand in the CSV file alone.
        note: printed first.
        per_nodule: show the measures per nodule.
    """
    against = compare_to(lines, main) if to else {}
    rows = [_line(line, per_nodule=per_nodule) | against.get(line.network.key, {}) for line in lines]
    compared = f"Δ: minus {to}, on the same images; P and verdict of Δ AUC." if against else ""
    there = _columns(first, shown=shown, compared=bool(to))
    return Table(
        name=name,
        caption=caption,
        columns=tuple(there),
        rows=tuple(rows),
        notes=tuple(text for text in (note, SPREAD, compared, compared and margin_note(main.options)) if text),
        strong=lines.index(main) if strong else None,
    )


def _columns(first: str, *, shown: Sequence[str], compared: bool) -> list[Column]:
    """Every column of a table of lines; `title`, and those of `optional` that are not shown, may be hidden."""
    deltas = [
        *columns("points", {"difference": "Δ AUC"}),
        *_p_columns("", "P", "corrected"),
        Column(key="verdict", title="Verdict"),
        *columns("points", {"accuracy_difference": "Δ accuracy"}),
        Column(key="accuracy_verdict", title="Verdict on accuracy"),
        *columns("p", {"accuracy_p": "P of Δ accuracy", "accuracy_p_corrected": "P of Δ accuracy, corrected"}),
    ]
    sizes = {"parameters": "Million parameters", "trained_parameters": "Million trained"}
    every = [
        *hidden("network"),
        Column(key="title", title=first or "Method", hidden=not first),
        *hidden("start"),
        *columns("count", {"depth": "Frozen"}),
        *columns("percent", _EVERY | _BY_NODULE | {"validation_auc": "Validation AUC, %"}),
        *(deltas if compared else []),
        *columns("number", sizes, digits=1),
    ]
    printed = {*MEASURES, "title", "difference", "p", "p_corrected", "verdict", *shown}
    return [column if column.key in printed else column.model_copy(update={"hidden": True}) for column in every]


def _p_columns(prefix: str, title: str, corrected: str) -> list[Column]:
    """A P value, and below it the corrected one."""
    key = f"{prefix}p"
    return [
        Column(key=key, title=title, kind="p"),
        Column(key=f"{key}_corrected", title=corrected, kind="p", under=key),
    ]


def _line(line: Line, *, per_nodule: bool) -> Row:
    record = line.network.tested[0].record
    measured = line.per_nodule if per_nodule else line.mean
    row: Row = {"network": line.network.key, "title": line.title, "start": line.network.start}
    row |= {"depth": line.configuration.depth, "validation_auc": line.validation_auc}
    row |= {name: measured.get(name) for name in _EVERY}
    row |= {f"nodule_{name}": line.per_nodule.get(name) for name in _EVERY}
    return row | {name: record[name] / 1e6 for name in ("parameters", "trained_parameters")}


def _trained_title(line: Line) -> str:
    """The network of a line in words, with its input and the number of frozen layers."""
    own = line.configuration
    start = f"{own.depth} frozen" if own.pretrained else "without pretraining"
    what = f"{line.title}, {own.input.replace('b-mode', 'B-mode')}" if not own.pretrained else line.title
    return f"{what}, {start}"


def fusion_table(methods: Sequence[Line]) -> Table | None:
    """Late fusion minus each kind of image alone, head by head; no table without both."""
    place = {(line.configuration.head, line.configuration.input): line for line in methods}
    pairs = [
        (late, place[head, kind])
        for (head, shown), late in place.items()
        for kind in ONE_IMAGE
        if shown == "late" and (head, kind) in place
    ]
    if not pairs:
        return None
    outcomes = {
        f"{late.network.key}/{single.network.key}": (late.network.outcomes(), single.network.outcomes())
        for late, single in pairs
    }
    over = f"{len(pairs)} comparisons of late fusion with one image"
    found = differences(outcomes, methods[0].options, over=over)
    rows: list[Row] = [
        {"network": late.network.key, "title": late.title, "minus": single.title, **cells}
        for (late, single), cells in zip(pairs, found.values(), strict=True)
    ]
    return Table(
        name="fusion",
        caption="What late fusion gains over one kind of image",
        columns=(
            *hidden("network"),
            *columns("text", {"title": "Late fusion", "minus": "minus"}),
            *columns("points", {"difference": "Δ AUC, %"}),
            *_p_columns("", "P", "corrected"),
            Column(key="verdict", title="Verdict"),
            *columns("points", {"accuracy_difference": "Δ accuracy, %"}),
            *_p_columns("accuracy_", "P", "corrected"),
            Column(key="accuracy_verdict", title="Verdict"),
        ),
        rows=tuple(rows),
        notes=("Same head, same images.", margin_note(methods[0].options)),
    )


def hidden_table(methods: Sequence[Line], recipe: Recipe) -> Table | None:
    """Methods that can do without one of the images, tested without it, against themselves with both."""
    views = {"without elastogram": recipe.second_name, "without b-mode": "B-mode image"}
    cases = [(line, view) for line in methods if line.configuration.input in ("mixed", "late") for view in views]
    if not cases:
        return None
    outcomes = {
        f"{line.network.key}/{view}": (line.network.outcomes(view), line.network.outcomes()) for line, view in cases
    }
    found = differences(outcomes, recipe.statistics, over=f"{len(cases)} rows")
    rows: list[Row] = []
    for (line, view), (one, _), cells in zip(cases, outcomes.values(), found.values(), strict=True):
        row: Row = {"network": line.network.key, "title": line.title, "hidden": views[view]}
        means = mean_measures(one, options=recipe.statistics)
        rows.append(row | {name: means.get(name) for name in _EVERY} | cells)
    every = _columns("Method", shown=("accuracy_difference",), compared=True)
    there = [column for column in every if column.key in rows[0]]
    return Table(
        name="hidden",
        caption="Methods tested with one image of every pair hidden",
        columns=(*there[:2], Column(key="hidden", title="without", under="title"), *there[2:]),
        rows=tuple(rows),
        notes=(
            "Δ: minus the same networks with both images. Calibration and operating point are those of whole pairs, "
            "as in use.",
            margin_note(recipe.statistics),
        ),
    )


def training_table(lines: Sequence[Line], kept: Mapping[str, str]) -> Table:
    """The network of every line: how long it was trained, and whether activations were kept."""
    networks = [line.network for line in lines]
    titles = {line.network.key: _trained_title(line) for line in lines}
    rows: list[Row] = []
    for network in networks:
        records = [item.record for item in network.tested]
        epochs = [record["epochs"] for record in records]
        speeds = [record["images_per_second"] for record in records if record["images_per_second"]]
        row: Row = {"network": network.key, "title": titles[network.key]}
        row["epochs"] = str(epochs[0]) if min(epochs) == max(epochs) else f"{min(epochs)}{DASH}{max(epochs)}"
        row["time"] = network.seconds
        if speeds:
            row["images_per_second"] = float(np.median(speeds))
        rows.append(row | {"kept": kept[network.key]})
    return Table(
        name="networks",
        caption="Training of every network",
        columns=(
            *hidden("network"),
            *columns("text", {"title": "Network", "epochs": "Epochs"}),
            Column(key="time", title="Time, all folds", kind="seconds"),
            Column(key="images_per_second", title="Images per second", kind="number", digits=1),
            Column(key="kept", title="Output of frozen layers"),
        ),
        rows=tuple(rows),
        notes=("Every fold stands in tables/trials.csv.",),
        source="",
    )
