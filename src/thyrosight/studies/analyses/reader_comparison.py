"""Readers against a network on the lesions that each reader judged, one by one and as a group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from thyrosight.documents import Column, Measure, Row, Table, sentence
from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_readers_with_system
from thyrosight.studies.analyses.diagnosis import (
    COUNTS,
    NETWORK,
    QUANTITIES,
    Diagnosis,
    Difference,
    diagnose,
    differences,
    network_judgements,
    reader_judgements,
)
from thyrosight.studies.analyses.readers import Reading, read_by_all
from thyrosight.studies.base import Evaluation, EvaluationOptions
from thyrosight.studies.measures import diagnostic_column
from thyrosight.studies.sentences import in_words, p_equals


@dataclass(frozen=True, eq=False)
class AgainstReader:
    """The network and one reader on the lesions that the reader judged.

    Attributes:
        reading: of the reader.
        skipped: lesions that the reader did not judge.
        network: None where there is none.
        reader: at the cut-off chosen on these lesions.
        differences: network minus reader, by measure; empty without a network.
    """

    reading: Reading
    skipped: int
    network: Diagnosis | None
    reader: Diagnosis
    differences: Mapping[str, Difference]


def against_reader(lesions: pd.DataFrame, reading: Reading, options: Evaluation) -> AgainstReader | str:
    """Compare the network with one reader, or say why that cannot be done.

    Args:
        lesions: with truth and group, and with risk where there is a network.
        reading: of that reader, for at least these rows.
        options: of the evaluation.
    """
    judged = lesions[reading.ranks.loc[lesions.index].notna()]
    try:
        reader = diagnose(reader_judgements(judged, reading), options)
    except StatisticsError as error:
        return f"{reading.name}: {error}"
    network, compared = None, {}
    if "risk" in judged:
        network = diagnose(network_judgements(judged), options)
        compared = differences(judged, reading, options, network=network, reader=reader)
    return AgainstReader(reading, len(lesions) - len(judged), network, reader, compared)


def reader_table(found: AgainstReader, *, caption: str) -> Table:
    """Network and reader with their counts and measures, and P values of the differences."""
    network, reader, name = found.network, found.reader, found.reading.name
    known = [item for item in found.differences.values() if item.p is not None]
    tests = dict.fromkeys(sentence(item.measure.method) for item in known)
    undefined = {key: item.measure.method for key, item in found.differences.items() if item.p is None}
    notes = [
        _cut_off_note("Cut-offs", network, reader),
        f"Intervals respect patients. Tests: {' '.join(tests)}" if tests else "",
        *(sentence(f"{QUANTITIES[key]}: {method}") for key, method in undefined.items()),
        f"{found.skipped} nodules that this reader did not judge are left out of both columns."
        if found.skipped
        else "",
        f"{name}: {found.reading.system}.",
    ]
    rows = _rows({"network": network, "reader": reader})
    for row in rows:
        difference = found.differences.get(str(row["quantity"]))
        if difference is not None:
            row |= {"p": difference.p, "difference": difference.measure}
    return Table(
        name="readers",
        caption=f"{caption}, n = {reader.n})",
        columns=(
            *_columns({"network": NETWORK, "reader": name}),
            Column(key="p", title="P", kind="p", blank=True),
            Column(key="difference", title="CNN minus reader", kind="difference", hidden=True),
        ),
        rows=tuple(rows),
        notes=tuple(note for note in notes if note),
    ).told_apart(read_by=name)


def network_table(found: Diagnosis, *, caption: str) -> Table:
    """The network alone at the cut-off chosen on these lesions."""
    return Table(
        name="network-alone",
        caption=f"{caption}, n = {found.n})",
        columns=_columns({"network": NETWORK}),
        rows=tuple(_rows({"network": found})),
        notes=(_cut_off_note("Cut-off", found),),
    )


def _columns(raters: Mapping[str, str]) -> tuple[Column, ...]:
    return (
        Column(key="quantity", hidden=True),
        Column(key="kind", hidden=True),
        Column(key="title", title="Measure"),
        *(Column(key=key, title=title, kind="row") for key, title in raters.items()),
        *(Column(key=f"{key}_cut_off", kind="number", hidden=True) for key in raters),
        *(Column(key=f"{key}_corrected", kind="percent", hidden=True) for key in raters),
    )


def _rows(raters: Mapping[str, Diagnosis | None]) -> list[Row]:
    """A row for the cut-off, for each count and each measure; raters that are None have no cells."""
    there = {key: found for key, found in raters.items() if found is not None}
    cut: Row = {"quantity": "cut_off", "kind": "text", "title": "Cut-off"}
    cut |= {key: found.words for key, found in there.items()}
    rows = [cut | {f"{key}_cut_off": found.threshold for key, found in there.items()}]
    for name, title in COUNTS.items():
        row: Row = {"quantity": name, "kind": "count", "title": title}
        rows.append(row | {key: found.counts[name] for key, found in there.items()})
    for name in QUANTITIES:
        column = diagnostic_column(name)
        row = {"quantity": name, "kind": column.kind, "title": column.title}
        row |= {key: found.measures[name] for key, found in there.items()}
        corrected = {key: found.corrected.get(name) for key, found in there.items()}
        rows.append(row | {f"{key}_corrected": value for key, value in corrected.items() if value is not None})
    return rows


def _cut_off_note(start: str, *raters: Diagnosis | None) -> str:
    """How cut-offs were chosen, and sensitivity and specificity less the optimism of that choice."""
    parts = []
    for item in raters:
        if item is None:
            continue
        values = [found.value for found in item.corrected.values()]
        if len(values) == 2 and values[0] is not None and values[1] is not None:
            parts.append(
                f"{item.rater} has sensitivity {100 * values[0]:.1f} % and specificity {100 * values[1]:.1f} %"
            )
    return (
        f"{start} by Youden's index on these very nodules, as in the paper. Less the optimism of that choice, "
        f"{'; '.join(parts) or 'nothing can be said'}."
    )


@dataclass(frozen=True, eq=False)
class ReaderMean:
    """The mean of several readers against the network, over the lesions that all of them judged."""

    readers: tuple[str, ...]
    n: int
    mean: Measure
    network: Measure
    difference: Difference

    def table(self) -> Table:
        """The figures as a table."""
        row: Row = {"readers": ", ".join(self.readers), "n": self.n, "mean": self.mean, "network": self.network}
        return Table(
            name="reader-mean",
            caption=f"Mean of {len(self.readers)} readers",
            columns=(
                Column(key="readers", title="Readers"),
                Column(key="n", title="n", kind="count"),
                Column(key="mean", title="Mean AUC of readers", kind="area"),
                Column(key="network", title=NETWORK, kind="area"),
                Column(key="difference", title="Mean reader minus CNN", kind="difference"),
                Column(key="p", title="P", kind="p"),
            ),
            rows=(row | {"difference": self.difference.measure, "p": self.difference.p},),
        )

    def words(self, source: str) -> str:
        """The figures in sentences; `source` says label source, split and size."""
        found = self.difference.measure
        known = found.low is not None and found.high is not None
        interval = f" ({found.low:+.2f} to {found.high:+.2f})" if known else ""
        value = "undefined" if found.value is None else f"{found.value:+.2f}"
        return (
            f"On the {self.n} nodules that all of them judged, the readers' mean AUC was {in_words(self.mean)}, the "
            f"network's {in_words(self.network)}; mean reader minus network {value}{interval}, "
            f"P {p_equals(self.difference.p)}. {sentence(found.method)} {sentence(source)}"
        )


def mean_of_readers(
    lesions: pd.DataFrame, readings: Sequence[Reading], options: EvaluationOptions
) -> ReaderMean | str | None:
    """The mean AUC of the readers against the network's, or why there is none; None without readers or network.

    Args:
        lesions: with key, truth, group and, where there is a network, risk.
        readings: of all readers, for at least these rows.
        options: confidence of the intervals.
    """
    if len(readings) < 2 or "risk" not in lesions:
        return None
    every = read_by_all(readings, lesions)
    start = f"Mean of {len(readings)} readers"
    if not 0 < every["truth"].sum() < len(every):
        return f"{start}: they share {len(every)} nodules, which are not of both classes."
    try:
        result = compare_readers_with_system(
            _long_table(every, readings),
            reader="reader",
            case="case",
            truth="truth",
            rating="rating",
            system="system",
            cluster="patient",
            confidence=options.confidence,
        )
    except StatisticsError as error:
        return f"{start}: {error}"
    plain = result.to_dict()
    return ReaderMean(
        readers=tuple(reading.name for reading in readings),
        n=len(every),
        mean=Measure.of(result.mean_reader),
        network=Measure.of(result.system),
        difference=Difference(Measure.of(result.difference), plain["p"]),
    )


def _long_table(lesions: pd.DataFrame, readings: Sequence[Reading]) -> dict[str, NDArray[Any]]:
    """One row per reader and lesion, as reader studies take them."""
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "reader": reading.name,
                    "case": lesions["key"].astype(str),
                    "truth": lesions["truth"],
                    "rating": reading.ranks.loc[lesions.index],
                    "system": lesions["risk"],
                    "patient": lesions["group"].astype(str),
                }
            )
            for reading in readings
        ]
    )
    return {str(name): rows[name].to_numpy() for name in rows}
