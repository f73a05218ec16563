"""The lines of Tables I to VI: measures in per cent, and their differences to the main line of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from thyrosight.cohort import UNKNOWN
from thyrosight.documents import DASH, Column, Measure, Table
from thyrosight.documents.columns import Kind
from thyrosight.statistics import DivisionOutcome
from thyrosight.studies.base import Evaluation
from thyrosight.studies.kinds.elasticity_fusion.published import PROPOSED, PUBLISHED
from thyrosight.studies.kinds.elasticity_fusion.recipe import ONE_IMAGE, Configuration, Recipe
from thyrosight.studies.measures import Compared, Outcomes, compare_pairs, mean_measures
from thyrosight.studies.predictions import DivisionPredictions
from thyrosight.studies.tested import Network

MEASURES = {"accuracy": "Accuracy, %", "recall": "Sensitivity, %", "specificity": "Specificity, %", "auc": "AUC, %"}
"""The columns of the paper's tables, all in per cent as it has them."""
SPREAD = "± is the standard deviation between the folds' networks, which share one test part."
COMPARED = ("auc", "accuracy")
Differences = Mapping[str, Mapping[str, Compared]]
"""Per key of a network and measure its difference to another."""


@dataclass(frozen=True, eq=False)
class Line:
    """One network in a table.

    Attributes:
        network, configuration, title: of the network.
        mean: measures averaged over the folds' networks.
        validation_auc: mean AUC on the validation folds, uncalibrated.
        per_nodule: as `mean`, with the risks of each nodule's images averaged.
    """

    network: Network
    configuration: Configuration
    title: str
    mean: dict[str, Measure]
    validation_auc: Measure
    per_nodule: dict[str, Measure]


class Lines:
    """Makes the line of a network, once."""

    def __init__(self, cohort: pd.DataFrame, *, options: Evaluation) -> None:
        self._nodules, self._options = nodules_of(cohort), options
        self._known: dict[str, Line] = {}

    def of(self, network: Network, title: str, configuration: Configuration) -> Line:
        """The line of a network that is called `title`."""
        if network.key not in self._known:
            per_nodule = [_by_nodule(item, self._nodules) for item in network.judged()]
            self._known[network.key] = Line(
                network,
                configuration,
                title,
                mean=self._means(network.outcomes()),
                validation_auc=self._means(network.validated())["auc"],
                per_nodule=self._means(per_nodule),
            )
        return self._known[network.key]

    def _means(self, outcomes: Outcomes) -> dict[str, Measure]:
        return mean_measures(outcomes, options=self._options)


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


def differences(
    pairs: Mapping[str, tuple[Outcomes, Outcomes]], recipe: Recipe, *, over: str
) -> dict[str, dict[str, Compared]]:
    """AUC and accuracy of the first of each pair minus the second; P corrected by Holm over pairs, per measure."""
    found: dict[str, dict[str, Compared]] = {key: {} for key in pairs}
    for measure in COMPARED:
        compared = compare_pairs(list(pairs.values()), measure=measure, over=over, options=recipe.statistics)
        for key, one in zip(pairs, compared, strict=True):
            found[key][measure] = one
    return found


def compare_to(lines: Sequence[Line], main: Line, recipe: Recipe) -> Differences:
    """Every line of a table minus its main one."""
    others = {
        line.network.key: (line.network.outcomes(), main.network.outcomes()) for line in lines if line is not main
    }
    return differences(others, recipe, over=f"{len(others)} row{'s' if len(others) != 1 else ''}")


def lines_table(
    lines: Sequence[Line],
    *,
    name: str,
    caption: str,
    first: str,
    against: Differences | None = None,
    to: str = "",
    columns: Sequence[str] = (),
    strong: int | None = None,
    note: str = "",
    per_nodule: bool = False,
) -> Table:
    """A table with a line for each network.

    Args:
        lines: in their order.
        name, caption: of the table.
        first: heading of the first column; where it is empty the number of frozen layers names the row.
        against: differences in AUC to the main line.
        to: names the main line.
        columns: further columns to show: `depth`, `validation_auc`, `accuracy_difference`, `parameters` or
            `trained_parameters`.
        strong: place of the line in bold.
        note: printed first.
        per_nodule: show the measures per nodule.
    """
    there = _columns(first, shown=columns, compared=against is not None)
    keys = {column.key for column in there}
    rows = [
        _line(line, None if against is None else against.get(line.network.key), per_nodule=per_nodule) for line in lines
    ]
    compared = f"Δ: minus {to}, on the same images; P of Δ AUC." if against else ""
    return Table(
        name=name,
        caption=caption,
        columns=tuple(there),
        rows=tuple({key: value for key, value in row.items() if key in keys} for row in rows),
        notes=tuple(text for text in (note, SPREAD, compared) if text),
        strong=strong,
    )


_MORE = {"balanced_accuracy": "Balanced accuracy, %", "precision": "PPV, %", "f1": "F1, %"}
"""Measures that the paper does not print; they stand in the CSV files."""


def _columns(first: str, *, shown: Sequence[str] = (), compared: bool) -> list[Column]:
    """Every column of a table of lines, in order; those that are not shown stand in the CSV file alone."""

    def optional(key: str, title: str, kind: Kind, digits: int | None = None) -> Column:
        return Column(key=key, title=title, kind=kind, digits=digits, hidden=key not in shown)

    delta = [
        Column(key="difference", title="Δ AUC", kind="points"),
        Column(key="p", title="P", kind="p"),
        Column(key="p_corrected", title="corrected", kind="p", under="p"),
        optional("accuracy_difference", "Δ accuracy", "points"),
        optional("accuracy_p", "P of Δ accuracy", "p"),
        optional("accuracy_p_corrected", "P of Δ accuracy, corrected", "p"),
    ]
    return [
        Column(key="network", hidden=True),
        Column(key="title", title=first or "Method", hidden=not first),
        Column(key="start", hidden=True),
        optional("depth", "Frozen", "count"),
        *(Column(key=name, title=title, kind="percent") for name, title in MEASURES.items()),
        *(optional(name, title, "percent") for name, title in _MORE.items()),
        *(optional(f"nodule_{name}", title, "percent") for name, title in (MEASURES | _MORE).items()),
        optional("validation_auc", "Validation AUC, %", "percent"),
        *(delta if compared else []),
        optional("parameters", "Million parameters", "number", 1),
        optional("trained_parameters", "Million trained", "number", 1),
    ]


def _line(line: Line, against: Mapping[str, Compared] | None, *, per_nodule: bool) -> dict[str, Any]:
    record = line.network.tested[0].record
    measured = line.per_nodule if per_nodule else line.mean
    row: dict[str, Any] = {"network": line.network.key, "title": line.title, "start": line.network.start}
    row |= {"depth": line.configuration.depth, "validation_auc": line.validation_auc}
    row |= {name: measured.get(name) for name in (*MEASURES, *_MORE)}
    row |= {f"nodule_{name}": line.per_nodule.get(name) for name in (*MEASURES, *_MORE)}
    row |= {name: record[name] / 1e6 for name in ("parameters", "trained_parameters")}
    return row | (_difference(against) if against else {})


def _difference(found: Mapping[str, Compared]) -> dict[str, Any]:
    area, accuracy = found["auc"], found["accuracy"]
    return {
        "difference": area.difference,
        "p": area.p,
        "p_corrected": area.p_corrected,
        "accuracy_difference": accuracy.difference,
        "accuracy_p": accuracy.p,
        "accuracy_p_corrected": accuracy.p_corrected,
    }


def fusion_table(methods: Sequence[Line], recipe: Recipe) -> list[Table]:
    """Late fusion minus each kind of image alone, head by head; no table without both."""
    place = {(line.configuration.head, line.configuration.input): line for line in methods}
    pairs = [
        (late, single)
        for (head, shown), late in place.items()
        if shown == "late"
        for kind in ONE_IMAGE
        if (single := place.get((head, kind))) is not None
    ]
    if not pairs:
        return []
    outcomes = {
        f"{late.network.key}/{single.network.key}": (late.network.outcomes(), single.network.outcomes())
        for late, single in pairs
    }
    found = differences(outcomes, recipe, over=f"{len(pairs)} comparisons of late fusion with one image")
    rows = []
    for (late, single), both in zip(pairs, found.values(), strict=True):
        rows.append({"network": late.network.key, "title": late.title, "minus": single.title} | _difference(both))
    columns = (
        Column(key="network", hidden=True),
        Column(key="title", title="Late fusion"),
        Column(key="minus", title="minus"),
        Column(key="difference", title="Δ AUC, %", kind="points"),
        Column(key="p", title="P", kind="p"),
        Column(key="p_corrected", title="corrected", kind="p", under="p"),
        Column(key="accuracy_difference", title="Δ accuracy, %", kind="points"),
        Column(key="accuracy_p", title="P", kind="p"),
        Column(key="accuracy_p_corrected", title="corrected", kind="p", under="accuracy_p"),
    )
    caption = "What late fusion gains over one kind of image"
    return [
        Table(name="fusion", caption=caption, columns=columns, rows=tuple(rows), notes=("Same head, same images.",))
    ]


def hidden_table(methods: Sequence[Line], recipe: Recipe) -> Table | None:
    """Methods that can do without one of the images, tested without it, against themselves with both."""
    views = {"without elastogram": recipe.second_name, "without b-mode": "B-mode image"}
    cases = [(line, view) for line in methods if line.configuration.input in ("mixed", "late") for view in views]
    if not cases:
        return None
    outcomes = {
        f"{line.network.key}/{view}": (line.network.outcomes(view), line.network.outcomes()) for line, view in cases
    }
    found = differences(outcomes, recipe, over=f"{len(cases)} rows")
    rows: list[dict[str, Any]] = []
    for line, view in cases:
        means = mean_measures(line.network.outcomes(view), options=recipe.statistics)
        rows.append(
            {"network": line.network.key, "title": line.title, "hidden": views[view]}
            | {name: means.get(name) for name in (*MEASURES, *_MORE)}
            | _difference(found[f"{line.network.key}/{view}"])
        )
    every = _columns("Method", shown=("accuracy_difference",), compared=True)
    shown = [column for column in every if column.key in rows[0]]
    columns = (*shown[:2], Column(key="hidden", title="without", under="title"), *shown[2:])
    return Table(
        name="hidden",
        caption="Methods tested with one image of every pair hidden",
        columns=columns,
        rows=tuple(rows),
        notes=(
            "Δ: minus the same networks with both images. Calibration and operating point are those of whole pairs, "
            "as in use.",
        ),
    )


def published_table(main: Line, tested: tuple[int, int, int]) -> Table:
    """Table VII: published results, and the main method beside them.

    Args:
        main: of this run.
        tested: its test images, and how many are malignant and benign.
    """
    rows: list[dict[str, Any]] = []
    for item in (*PUBLISHED, PROPOSED):
        values = zip(MEASURES, item.measures, strict=True)
        known = {name: value / 100 for name, value in values if value is not None}
        rows.append({"title": item.reference, "tested": item.tested} | known)
    images, malignant, benign = tested
    own = {name: main.mean.get(name) for name in MEASURES}
    rows.append({"title": f"This run: {main.title}", "tested": f"{images} ({malignant} / {benign})"} | own)
    return Table(
        name="published",
        caption="Published results (the paper's Table VII): other patients, not comparable",
        columns=(
            Column(key="title", title="Method"),
            Column(key="tested", title="Test images (malignant / benign)"),
            *(Column(key=name, title=title, kind="percent", digits=2) for name, title in MEASURES.items()),
        ),
        rows=tuple(rows),
        notes=(
            "Published figures were measured on other patients with other labels and without intervals; they stand "
            "here for the record, and no difference to them means anything. The paper heads two columns “Sensitivity”; "
            "the second is specificity. Last row:",
        ),
        strong=len(rows) - 1,
    )


def training_table(lines: Sequence[Line], kept: Mapping[str, str]) -> Table:
    """Every network: how long it was trained, and whether activations were kept."""
    rows: list[dict[str, Any]] = []
    for line in lines:
        records = [item.record for item in line.network.tested]
        epochs = [record["epochs"] for record in records]
        speeds = [record["images_per_second"] for record in records if record["images_per_second"]]
        rows.append(
            {"network": line.network.key}
            | {"epochs": str(epochs[0]) if min(epochs) == max(epochs) else f"{min(epochs)}{DASH}{max(epochs)}"}
            | {"minutes": line.network.seconds / 60}
            | ({"images_per_second": float(np.median(speeds))} if speeds else {})
            | {"kept": kept[line.network.key]}
        )
    return Table(
        name="networks",
        caption="Training of every network",
        columns=(
            Column(key="network", title="Network"),
            Column(key="epochs", title="Epochs"),
            Column(key="minutes", title="Minutes, all folds", kind="number", digits=1),
            Column(key="images_per_second", title="Images per second", kind="number", digits=1),
            Column(key="kept", title="Output of frozen layers"),
        ),
        rows=tuple(rows),
        notes=("`tables/trials.csv` holds every fold.",),
        source="",
    )
