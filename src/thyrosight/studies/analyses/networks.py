"""Networks side by side on the same divisions: means over divisions, pooled predictions, differences, each division.

The first network is the main one, to which the others are compared.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from thyrosight.documents import Column, Measure, Row, Table, columns, duration, hidden
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import (
    MEASURES,
    Compared,
    compare_pairs,
    mean_measures,
    measure_column,
    pooled_measures,
)
from thyrosight.studies.sentences import rule_words
from thyrosight.studies.tested import Network
from thyrosight.studies.verdicts import margin_note, verdict

_IN_DIVISIONS = ("auc", "balanced_accuracy", "recall", "specificity")
_HEAD = (*hidden("network"), Column(key="title", title="Network"))


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
    pooled_rows: pd.DataFrame
    mean: dict[str, Measure]
    pooled: dict[str, Measure]
    against_main: Compared | None

    @property
    def title(self) -> str:
        """The printed name."""
        return self.network.title


def evaluate(networks: Sequence[Network], *, options: Evaluation) -> list[Evaluated]:
    """Measure each network and compare its AUC to that of the first; P values are corrected by Holm."""
    first, *others = networks
    pairs = [(network.outcomes(), first.outcomes()) for network in others]
    over = "1 comparator" if len(pairs) == 1 else f"{len(pairs)} comparators"
    compared = compare_pairs(pairs, measure="auc", over=over, options=options)
    found = []
    for network, difference in zip(networks, [None, *compared], strict=True):
        rows = network.pooled()
        mean = mean_measures(network.outcomes(), options=options)
        found.append(Evaluated(network, rows, mean, pooled_measures(rows, options=options), difference))
    return found


def division_measures(found: Evaluated, place: int, *, options: Evaluation) -> dict[str, Measure]:
    """Measures of a network on the test part of one division."""
    return pooled_measures(found.network.judged()[place].part("test"), options=options)


def means_table(found: Sequence[Evaluated]) -> Table:
    """Each measure of each network, averaged over the divisions."""
    count = next(iter(found[0].mean.values())).divisions or 1
    many = "1 division" if count == 1 else f"{count} divisions"
    return Table(
        name="means",
        caption=f"Measures on the test parts, mean over {many}, with 95 % intervals",
        notes=("± is the standard deviation between divisions.",),
        **_measures(found, [item.mean for item in found]),
    )


def pooled_table(found: Sequence[Evaluated]) -> Table:
    """Each measure of each network over the pooled test predictions."""
    some = next(iter(found[0].pooled.values()))
    size = f"n = {some.n} predictions" + (f" of {some.clusters} groups" if some.clusters else "")
    return Table(
        name="pooled",
        caption=f"The same measures over all test predictions pooled ({size}), with 95 % intervals",
        **_measures(found, [item.pooled for item in found]),
    )


def _measures(found: Sequence[Evaluated], measures: Sequence[Mapping[str, Measure]]) -> dict[str, Any]:
    """Columns and rows with a measure of each network in each cell."""
    rows = [_row(item) | {name: own.get(name) for name in MEASURES} for item, own in zip(found, measures, strict=True)]
    return {"columns": (*_HEAD, *(measure_column(name) for name in MEASURES)), "rows": tuple(rows), "strong": 0}


def comparison_table(found: Sequence[Evaluated], *, options: Evaluation) -> Table | None:
    """Differences of the comparators to the main network; None without comparators."""
    main, *others = found
    rows = [
        _row(item)
        | {"difference": one.difference, "p": one.p, "p_corrected": one.p_corrected}
        | {"verdict": verdict(one.difference, options, p=one.p_corrected)}
        for item in others
        if (one := item.against_main) is not None
    ]
    if not rows:
        return None
    return Table(
        name="comparisons",
        caption=f"Difference of each comparator to {main.title} on the same divisions",
        columns=(
            *_HEAD,
            Column(key="difference", title="AUC, comparator minus main (95 % interval)", kind="difference"),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
            Column(key="verdict", title="Comparator"),
        ),
        rows=tuple(rows),
        notes=(margin_note(options),),
    )


def divisions_table(found: Evaluated, *, options: Evaluation) -> Table:
    """One network on each division."""
    rows: list[Row] = []
    for place, (tested, judged) in enumerate(zip(found.network.tested, found.network.judged(), strict=True)):
        test, record = judged.part("test"), tested.record
        row: Row = {"division": tested.trial.division, "train": record["train"]}
        row |= {"validation": len(judged.part("validation")), "test": len(test), "malignant": int(test["truth"].sum())}
        row |= {"best_epoch": record["best_epoch"], "epochs": record["epochs"], "threshold": judged.threshold}
        rows.append(row | dict(division_measures(found, place, options=options)))
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
        notes=(
            f"Threshold: {rule_words(options.operating_point)} on the validation part, where that is large enough; "
            "else 0.5.",
        ),
        source="",
    )


def networks_table(found: Sequence[Evaluated]) -> Table:
    """The networks: where they started from, their size, how long they were trained, and time."""
    rows = []
    for place, item in enumerate(found):
        epochs = [tested.record["epochs"] for tested in item.network.tested]
        some = str(min(epochs)) if min(epochs) == max(epochs) else f"{min(epochs)} to {max(epochs)}"
        rows.append(_trained_row(item.network, place) | {"epochs": some, "time": duration(item.network.seconds)})
    return Table(
        name="networks",
        caption="Networks",
        columns=(*_HEAD, *_TRAINED, *columns("text", {"epochs": "Epochs", "time": "Training"})),
        rows=tuple(rows),
        notes=("Epochs are those trained in a division; time is summed over the divisions.",),
        strong=0,
        source="",
    )


def trained_table(networks: Sequence[Network]) -> Table:
    """Networks of one division, the main one first: their start, size, images and threshold."""
    rows = []
    for place, network in enumerate(networks):
        record, judged = network.tested[0].record, network.tested[0].judged()
        row = _trained_row(network, place) | {"train": record["train"], "mirrored": len(record["mirrored"])}
        row |= {"validation": len(judged.part("validation")), "threshold": judged.threshold}
        rows.append(row | {"seconds": network.seconds})
    return Table(
        name="training",
        caption="Networks",
        columns=(
            *_HEAD,
            *_TRAINED,
            *columns("count", {"train": "Training images", "mirrored": "Mirrored", "validation": "Validation"}),
            Column(key="threshold", title="Threshold", kind="share"),
            Column(key="seconds", title="Time", kind="seconds"),
        ),
        rows=tuple(rows),
        notes=("Mirrored: copies added so that both classes are seen equally often.",),
        source="",
    )


_TRAINED = columns("text", {"role": "Role", "start": "Initial weights", "parameters": "Parameters"})


def _trained_row(network: Network, place: int) -> Row:
    size = f"{network.tested[0].record['parameters'] / 1e6:.1f} million"
    role = "comparator" if place else "main"
    row: Row = {"network": network.key, "title": network.title, "role": role}
    return row | {"start": network.start, "parameters": size}


def _row(found: Evaluated) -> Row:
    return {"network": found.network.key, "title": found.title}
