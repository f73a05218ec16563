"""One network trained again: from other seeds on the same divisions, and on fewer patients."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings, hidden
from thyrosight.statistics import auc, nested_variation
from thyrosight.studies.analyses.outlines import dice_difference, outlined
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import Compared, compare_pairs, corrected, mean_measures
from thyrosight.studies.tested import Network
from thyrosight.studies.verdicts import margin_note, verdict

AUC, DICE = "AUC", "mean Dice"


def by_division(network: Network) -> dict[str, list[float]]:
    """The AUC and the mean Dice of a network on the test part of each division, as far as it has them."""
    found: dict[str, list[float]] = {}
    if network.trial.task != "segmentation":
        parts = [item.part("test") for item in network.judged(network.view)]
        found[AUC] = [auc(part["truth"], part["risk"]).value for part in parts]
    if network.trial.task != "classification":
        means = network.outlines().groupby("division")["dice"].mean()
        found[DICE] = [float(means[name]) for name in network.divisions]
    return found


def seeds_table(trained: Sequence[Network], *, options: Evaluation) -> Table:
    """How much a measure varies between seeds of one division, and how much between divisions beyond that.

    Args:
        trained: one network from several seeds, each on the same divisions.
    """
    values = [by_division(network) for network in trained]
    rows: list[Row] = []
    for measure in values[0]:
        found = nested_variation(np.array([one[measure] for one in values]).T, confidence=options.confidence)
        row: Row = {"measure": measure, "divisions": found.groups, "seeds": found.values, "mean": found.mean}
        row |= {"between_seeds": Measure.of(found.within), "between_divisions": Measure.of(found.between)}
        rows.append(row)
    return Table(
        name="seeds",
        caption="The main network from several seeds: standard deviation of its results on the test parts",
        columns=(
            Column(key="measure", title="Measure"),
            *columns("count", {"divisions": "Divisions", "seeds": "Seeds of each"}),
            Column(key="mean", title="Mean", kind="share", digits=3),
            *columns("share", {"between_seeds": "Between seeds", "between_divisions": "Between divisions"}, digits=3),
        ),
        rows=tuple(rows),
        notes=(
            "Between divisions: beyond what seeds explain; they differ in training and test images, and share patients."
            " Intervals take results as normal.",
        ),
    )


def seed_values_table(trained: Sequence[Network]) -> Table:
    """Each result of each seed on each division, for the CSV file."""
    rows: list[Row] = []
    for number, network in enumerate(trained, start=1):
        for measure, values in by_division(network).items():
            rows += [
                {"measure": measure, "division": name, "seed": number, "value": value}
                for name, value in zip(network.divisions, values, strict=True)
            ]
    return Table(
        name="seed-values",
        caption="Results of each seed on each division",
        columns=(
            *columns("text", {"measure": "Measure", "division": "Division"}),
            Column(key="seed", title="Seed", kind="count"),
            Column(key="value", title="Value", kind="share", digits=3),
        ),
        rows=tuple(rows),
    )


def seeds_figure(trained: Sequence[Network]) -> Figure:
    """The AUC (or mean Dice) of each seed on each division."""
    values = [by_division(network) for network in trained]
    measure = next(iter(values[0]))
    return Figure(
        name="seeds",
        caption=f"{measure} of the main network from each seed; thin lines join the same division, bars are means.",
        drawing=drawings.DivisionDots(
            measure=f"{measure} on the test part",
            networks={f"seed {place}": tuple(one[measure]) for place, one in enumerate(values, start=1)},
        ),
        wide=True,
    )


def seeds_words(table: Table) -> str:
    """How much seeds and divisions matter, in one sentence; nothing where nothing is defined."""
    row = table.rows[0]
    seeds, divisions = row["between_seeds"], row["between_divisions"]
    assert isinstance(seeds, Measure) and isinstance(divisions, Measure) and seeds.value is not None
    beyond = "" if divisions.value is None else f", and that of divisions beyond this by {divisions.value:.3f}"
    return (
        f"The {row['measure']} of {row['seeds']} trainings of one division, from other seeds, varied by "
        f"{seeds.value:.3f} (standard deviation){beyond}."
    )


def learning_table(
    trained: Mapping[float, Network], sizes: Mapping[float, pd.DataFrame], *, options: Evaluation, failed_below: float
) -> Table:
    """One network trained on rising shares of the training patients, tested alike; all of them last.

    Args:
        trained: by share, 1 for all.
        sizes: training rows of the first division, by share.
    """
    shares = sorted(trained)
    whole = trained[shares[-1]]
    tells, draws = whole.trial.task != "segmentation", whole.trial.task != "classification"
    over = f"{len(shares) - 1} shares"
    rows: list[Row] = [_size(share, sizes[share]) for share in shares]
    compared: dict[str, list[Compared]] = {}
    if tells:
        outcomes = [trained[share].outcomes(whole.view) for share in shares]
        for row, tested in zip(rows, outcomes, strict=True):
            row["auc"] = mean_measures(tested, options=options, names=())["auc"]
        pairs = [(tested, outcomes[-1]) for tested in outcomes[:-1]]
        compared["auc"] = compare_pairs(pairs, measure="auc", over=over, options=options)
    if draws:
        drawn = [outlined(trained[share], title="", failed_below=failed_below, options=options) for share in shares]
        for row, item in zip(rows, drawn, strict=True):
            row["dice"] = item.dice_mean
        found = [dice_difference(item, drawn[-1], options=options) for item in drawn[:-1]]
        compared["dice"] = corrected(found, over=over)
    for measure, differences in compared.items():
        for row, one in zip(rows, differences, strict=False):
            row |= {f"{measure}_difference": one.difference, f"{measure}_p": one.p}
            row |= {f"{measure}_p_corrected": one.p_corrected}
            row[f"{measure}_verdict"] = verdict(one.difference, options, p=one.p_corrected)
    named = {"auc": AUC, "dice": DICE}
    return Table(
        name="learning-curve",
        caption="The main network trained on fewer patients, tested on the same images",
        columns=(
            Column(key="share", title="Training patients, %", kind="percent", digits=0),
            *columns("count", {"groups": "Groups", "malignant": "with malignant", "images": "Images"}),
            *(column for measure in compared for column in _measured(measure, named[measure])),
        ),
        rows=tuple(rows),
        notes=(
            "Smaller shares are parts of larger ones; counts are of the first division. Δ: minus the training on all.",
            margin_note(options),
        ),
        strong=len(rows) - 1,
    )


def _size(share: float, rows: pd.DataFrame) -> Row:
    malignant = rows.loc[rows["label"] == "malignant", "group"].nunique()
    return {"share": share, "groups": int(rows["group"].nunique()), "malignant": int(malignant), "images": len(rows)}


def _measured(measure: str, title: str) -> list[Column]:
    return [
        Column(key=measure, title=title, kind="area"),
        Column(key=f"{measure}_difference", title=f"Δ {title}", kind="difference"),
        *hidden(f"{measure}_p", kind="p"),
        Column(key=f"{measure}_p_corrected", title="P corrected", kind="p"),
        Column(key=f"{measure}_verdict", title="Verdict"),
    ]


def learning_figure(table: Table) -> Figure:
    """The learning curve: a measure by the number of training groups, with its interval."""
    panels = []
    for measure, title in (("auc", AUC), ("dice", DICE)):
        found = [(row["groups"], row[measure]) for row in table.rows if measure in row]
        if found:
            points = [(n, item.value, item.low, item.high) for n, item in found if isinstance(item, Measure)]
            curve = drawings.Curve(
                name="main network",
                x=tuple(float(str(n)) for n, *_ in points),
                y=tuple(value for _, value, *_ in points),
                low=tuple(low for _, _, low, _ in points),
                high=tuple(high for *_, high in points),
            )
            panels.append(drawings.LinePanel(curves=(curve,), x="Groups in training", y=title, whole=False, dots=True))
    return Figure(
        name="learning-curve",
        caption="Learning curve: results on the same test parts by the number of training groups, with 95 % intervals",
        drawing=drawings.Lines(panels=tuple(panels)),
        wide=len(panels) > 1,
    )
