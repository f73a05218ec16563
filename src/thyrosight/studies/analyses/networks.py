"""Networks side by side on the same divisions: means over divisions, pooled predictions, differences, each division."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from thyrosight.documents import Column, Measure, Table, columns, duration
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import (
    MEASURES,
    Compared,
    compare_pairs,
    mean_measures,
    measure_column,
    pooled_measures,
)
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import PLAIN

_IN_DIVISIONS = ("auc", "balanced_accuracy", "recall", "specificity")


@dataclass(frozen=True, eq=False)
class Evaluated:
    """A network with its measures.

    Attributes:
        pooled_rows: test predictions of all divisions: every one counts once, and intervals respect that one patient
            contributes several.
        mean: measures averaged over the divisions.
        pooled: measures of the pooled predictions.
        against_main: AUC minus that of the main network; None for the main network.
    """

    network: Network
    title: str
    view: str
    pooled_rows: pd.DataFrame
    mean: dict[str, Measure]
    pooled: dict[str, Measure]
    against_main: Compared | None

    @property
    def main(self) -> bool:
        """Whether the study is about this network."""
        return self.against_main is None

    @property
    def thresholds(self) -> list[float]:
        """The operating points of the divisions."""
        return [item.threshold for item in self.network.judged(self.view)]


def evaluate(networks: Sequence[Network], *, options: Evaluation, view: str = PLAIN.name) -> list[Evaluated]:
    """Measure each network; the first is the main one, to which the AUC of the others is compared.

    P values are corrected by Holm over the comparators.
    """
    first, *others = networks
    pairs = [(network.outcomes(view), first.outcomes(view)) for network in others]
    compared = compare_pairs(pairs, measure="auc", over=f"{len(pairs)} comparators", options=options)
    against = [None, *compared]
    found = []
    for network, difference in zip(networks, against, strict=True):
        pooled = network.pooled(view)
        found.append(
            Evaluated(
                network=network,
                title=network.title,
                view=view,
                pooled_rows=pooled,
                mean=mean_measures(network.outcomes(view), options=options),
                pooled=pooled_measures(pooled, options=options),
                against_main=difference,
            )
        )
    return found


def division_measures(found: Evaluated, place: int, *, options: Evaluation) -> dict[str, Measure]:
    """Measures of a network on the test part of one division."""
    return pooled_measures(found.network.judged(found.view)[place].part("test"), options=options)


def means_table(found: Sequence[Evaluated]) -> Table:
    """Each measure of each network, averaged over the divisions."""
    count = next(iter(found[0].mean.values())).divisions or 1
    many = "1 division" if count == 1 else f"{count} divisions"
    caption = f"Measures on the test parts, mean over {many}, with 95 % intervals"
    notes = ("± is the standard deviation between divisions.",)
    return _measures_table(found, [item.mean for item in found], name="means", caption=caption, notes=notes)


def pooled_table(found: Sequence[Evaluated]) -> Table:
    """Each measure of each network over the pooled test predictions."""
    some = next(iter(found[0].pooled.values()))
    size = f"n = {some.n} predictions" + (f" of {some.clusters} groups" if some.clusters else "")
    caption = f"The same measures over all test predictions pooled ({size}), with 95 % intervals"
    return _measures_table(found, [item.pooled for item in found], name="pooled", caption=caption)


def _measures_table(found: Sequence[Evaluated], measures: Sequence[Mapping[str, Measure]], **words: Any) -> Table:
    return Table(
        **words,
        columns=(*_head(), *(measure_column(name) for name in MEASURES)),
        rows=tuple(
            _row(item) | {name: own.get(name) for name in MEASURES} for item, own in zip(found, measures, strict=True)
        ),
        strong=_place_of_main(found),
    )


def comparison_table(found: Sequence[Evaluated]) -> Table | None:
    """Differences of the comparators to the main network; None without comparators."""
    main = next(item for item in found if item.main)
    rows = [
        _row(item)
        | {
            "compared": MEASURES["auc"],
            "difference": item.against_main.difference,
            "p": item.against_main.p,
            "p_corrected": item.against_main.p_corrected,
        }
        for item in found
        if item.against_main is not None
    ]
    if not rows:
        return None
    return Table(
        name="comparisons",
        caption=f"Difference of each comparator to {main.title} on the same divisions",
        columns=(
            *_head(),
            Column(key="compared", title="Measure"),
            Column(key="difference", title="Comparator minus main (95 % interval)", kind="difference"),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
        ),
        rows=tuple(rows),
    )


def divisions_table(found: Evaluated, *, options: Evaluation) -> Table:
    """One network on each division."""
    rows: list[dict[str, Any]] = []
    for place, (tested, judged) in enumerate(zip(found.network.tested, found.network.judged(found.view), strict=True)):
        test = judged.part("test")
        measured = division_measures(found, place, options=options)
        rows.append(
            {"division": tested.trial.division, "train": tested.record["train"]}
            | {"validation": len(judged.part("validation")), "test": len(test)}
            | {"malignant": int(test["truth"].sum())}
            | {"best_epoch": tested.record["best_epoch"], "epochs": tested.record["epochs"]}
            | {"threshold": judged.threshold}
            | {name: measured.get(name) for name in MEASURES}
        )
    return Table(
        name=f"divisions-{found.network.key}",
        caption=f"{found.title}, division by division",
        columns=(
            Column(key="division", title="Division"),
            *columns("count", {"train": "Images in training", "validation": "in validation", "test": "in test"}),
            *columns("count", {"malignant": "Malignant in test", "best_epoch": "Epoch kept", "epochs": "of"}),
            Column(key="threshold", title="Threshold", kind="share"),
            *(measure_column(name, hidden=name not in _IN_DIVISIONS) for name in MEASURES),
        ),
        rows=tuple(rows),
        notes=(f"Threshold on the calibrated risk: {options.operating_point} on the validation part.",),
        source="",
    )


def networks_table(found: Sequence[Evaluated]) -> Table:
    """The networks: where they started from, their size, how long they were trained, and time."""
    rows = []
    for item in found:
        epochs = [tested.record["epochs"] for tested in item.network.tested]
        rows.append(
            _row(item)
            | {"role": "main" if item.main else "comparator"}
            | {"start": item.network.start}
            | {"parameters": f"{item.network.tested[0].record['parameters'] / 1e6:.1f} million"}
            | {"epochs": str(min(epochs)) if min(epochs) == max(epochs) else f"{min(epochs)} to {max(epochs)}"}
            | {"time": duration(item.network.seconds)}
        )
    return Table(
        name="networks",
        caption="Networks",
        columns=(
            *_head(),
            *columns("text", {"role": "Role", "start": "Initial weights", "parameters": "Parameters"}),
            *columns("text", {"epochs": "Epochs", "time": "Training"}),
        ),
        rows=tuple(rows),
        notes=("Epochs are those trained in a division; time is summed over the divisions.",),
        strong=_place_of_main(found),
        source="",
    )


def trained_table(networks: Sequence[Network]) -> Table:
    """Networks of one division, the main one first: their start, size, images and threshold."""
    rows: list[dict[str, Any]] = []
    for place, network in enumerate(networks):
        tested = network.tested[0]
        record, judged = tested.record, tested.judged()
        rows.append(
            {"network": network.key, "title": network.title, "role": "comparator" if place else "main"}
            | {"start": network.start, "parameters": f"{record['parameters'] / 1e6:.1f} million"}
            | {"train": record["train"], "mirrored": len(record["mirrored"])}
            | {"validation": len(judged.part("validation")), "threshold": judged.threshold}
            | {"seconds": network.seconds}
        )
    return Table(
        name="training",
        caption="Networks",
        columns=(
            *_head(),
            *columns("text", {"role": "Role", "start": "Initial weights", "parameters": "Parameters"}),
            *columns("count", {"train": "Training images", "mirrored": "Mirrored", "validation": "Validation"}),
            Column(key="threshold", title="Threshold", kind="share"),
            Column(key="seconds", title="Time", kind="seconds"),
        ),
        rows=tuple(rows),
        notes=("Mirrored: copies added so that both classes are seen equally often.",),
        source="",
    )


def _head() -> tuple[Column, ...]:
    return (Column(key="network", hidden=True), Column(key="title", title="Network"))


def _row(found: Evaluated) -> dict[str, Any]:
    return {"network": found.network.key, "title": found.title}


def _place_of_main(found: Sequence[Evaluated]) -> int:
    return next(place for place, item in enumerate(found) if item.main)
