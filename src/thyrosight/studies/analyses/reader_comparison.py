"""Readers against a network on the lesions that each reader judged, one by one and as a group."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from thyrosight.cohort.records.readers import Reading, read_by_all
from thyrosight.documents import Column, Measure, Row, Table, columns, hidden, sentence, with_interval
from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_readers_with_system
from thyrosight.statistics.resampling.divisions import EXACT
from thyrosight.studies.analyses.diagnosis import (
    COUNTS,
    NETWORK,
    QUANTITIES,
    Diagnosis,
    diagnose,
    differences,
    network_judgements,
    reader_judgements,
)
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import Compared, diagnostic_column
from thyrosight.studies.sentences import in_words, p_equals, rule_words
from thyrosight.studies.verdicts import better_or_worse, few_groups, verdict


def reader_table(lesions: pd.DataFrame, reading: Reading, options: Evaluation, *, name: str) -> Table | str:
    """The network and one reader on the lesions that the reader judged, or why they cannot be compared.

    Both are judged at the cut-off that is best on these lesions; P values are of the differences.

    Args:
        lesions: with truth and group, and with risk where there is a network.
    """
    judged = lesions[reading.ranks.loc[lesions.index].notna()]
    try:
        reader = diagnose(reader_judgements(judged, reading), options)
    except StatisticsError as error:
        return f"{reading.name}: {error}"
    raters, compared = {"reader": reader}, {}
    if "risk" in judged:
        raters = {"network": diagnose(network_judgements(judged), options), "reader": reader}
        compared = differences(raters["network"], reader, options)
    rows = _rows(raters)
    for row in rows:
        if (one := compared.get(str(row["quantity"]))) is not None:
            row |= {"p": one.p, "difference": one.difference}
    tests = dict.fromkeys(sentence(one.difference.method) for one in compared.values() if one.p is not None)
    skipped = len(lesions) - len(judged)
    notes = [
        _cut_off_note("Cut-offs", raters, options),
        f"Intervals respect patients. Tests: {' '.join(tests)}" if tests else "",
        *_untested(compared),
        f"{skipped} nodules that this reader did not judge are left out of both columns." if skipped else "",
        f"{reading.name}: {reading.system}.",
    ]
    return Table(
        name="readers",
        caption=f"CNN against {reading.name} ({name}, n = {len(judged)})",
        columns=(
            *_columns({"network": NETWORK, "reader": reading.name}),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}, blank=True),
            Column(key="difference", title="CNN minus reader", kind="difference", hidden=True),
        ),
        rows=tuple(rows),
        notes=tuple(note for note in notes if note),
    ).told_apart(read_by=reading.name)


def _untested(compared: Mapping[str, Compared]) -> list[str]:
    """Which measures have no P value, each reason once."""
    reasons: dict[str, list[str]] = {}
    for key, one in compared.items():
        if one.p is None and not one.difference.method.startswith(EXACT):
            reasons.setdefault(one.difference.method, []).append(QUANTITIES[key])
    return [sentence(f"No P value of {', '.join(names)}: {why}") for why, names in reasons.items()]


def network_table(lesions: pd.DataFrame, options: Evaluation, *, caption: str) -> Table:
    """The network alone at the cut-off that is best on these lesions."""
    raters = {"network": diagnose(network_judgements(lesions), options)}
    return Table(
        name="network-alone",
        caption=f"{caption}, n = {len(lesions)})",
        columns=_columns({"network": NETWORK}),
        rows=tuple(_rows(raters)),
        notes=(_cut_off_note("Cut-off", raters, options),),
    )


def _columns(raters: Mapping[str, str]) -> tuple[Column, ...]:
    return (
        *hidden("quantity", "kind"),
        Column(key="title", title="Measure"),
        *columns("row", raters),
        *hidden(*(f"{key}_cut_off" for key in raters), kind="number"),
        *hidden(*(f"{key}_corrected" for key in raters), kind="percent"),
    )


def _rows(raters: Mapping[str, Diagnosis]) -> list[Row]:
    """A row for the cut-off, for each count and each measure."""
    cut: Row = {"quantity": "cut_off", "kind": "text", "title": "Cut-off"}
    cut |= {key: found.judged.in_words(found.threshold) for key, found in raters.items()}
    rows = [cut | {f"{key}_cut_off": found.threshold for key, found in raters.items()}]
    for name, title in COUNTS.items():
        row: Row = {"quantity": name, "kind": "count", "title": title}
        rows.append(row | {key: found.counts[name] for key, found in raters.items()})
    for name in QUANTITIES:
        column = diagnostic_column(name)
        row = {"quantity": name, "kind": column.kind, "title": column.title}
        row |= {key: found.measures[name] for key, found in raters.items()}
        corrected = {f"{key}_corrected": found.corrected.get(name) for key, found in raters.items()}
        rows.append(row | {key: value for key, value in corrected.items() if value is not None})
    return rows


def _cut_off_note(start: str, raters: Mapping[str, Diagnosis], options: Evaluation) -> str:
    """How cut-offs were chosen, and sensitivity and specificity less the optimism of that choice."""
    parts, few = [], ""
    for item in raters.values():
        few = few or next((found.method for found in item.corrected.values() if found.value is None), "")
        values = [100 * found.value for found in item.corrected.values() if found.value is not None]
        if len(values) == 2:
            parts.append(f"{item.judged.rater} has sensitivity {values[0]:.1f} % and specificity {values[1]:.1f} %")
    left = "; ".join(parts) or f"nothing can be said: {few}"
    rule = options.operating_point
    if rule != "youden":
        return (
            f"{start} {rule_words(rule)} on these very nodules; the paper takes Youden's index. Less the optimism of "
            f"that choice, {left}."
        )
    return (
        f"{start} by Youden's index on these very nodules, as in the paper. Less the optimism of that choice, {left}."
    )


def reader_mean_table(lesions: pd.DataFrame, readings: Sequence[Reading], options: Evaluation) -> Table | str | None:
    """The mean AUC of the readers against the network's, over the lesions that all of them judged.

    Args:
        lesions: with key, truth, group and, where there is a network, risk.

    Returns:
        The table, or why there is none; None without several readers or without a network.
    """
    if len(readings) < 2 or "risk" not in lesions:
        return None
    every = read_by_all(readings, lesions)
    start, count = f"Mean of {len(readings)} readers", len(readings)
    if not 0 < every["truth"].sum() < len(every):
        return f"{start}: they share {len(every)} nodules, which are not of both classes."
    if few := few_groups(every):
        return f"{start} is not compared with the network: {few}."
    cases = {"case": "key", "truth": "truth", "system": "risk", "patient": "group"}
    try:
        result = compare_readers_with_system(
            {
                "reader": np.repeat([reading.name for reading in readings], len(every)),
                "rating": np.concatenate([reading.ranks.loc[every.index] for reading in readings]),
                **{name: np.tile(every[column].to_numpy(), count) for name, column in cases.items()},
            },
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
    row: Row = {"readers": ", ".join(reading.name for reading in readings), "n": len(every)}
    row |= {"mean": Measure.of(result.mean_reader), "network": Measure.of(result.system)}
    return Table(
        name="reader-mean",
        caption=start,
        columns=(
            Column(key="readers", title="Readers"),
            Column(key="n", title="n", kind="count"),
            *columns("area", {"mean": "Mean AUC of readers", "network": NETWORK}),
            Column(key="difference", title="Mean reader minus CNN", kind="difference"),
            Column(key="p", title="P", kind="p"),
        ),
        rows=(row | {"difference": Measure.of(result.difference), "p": result.to_dict()["p"]},),
    )


def reader_mean_words(table: Table, source: str, *, options: Evaluation) -> str:
    """The table of the mean reader in sentences; `source` says label source, split and size."""
    row = table.rows[0]
    found = row["difference"]
    assert isinstance(found, Measure)
    mean, network = (in_words(table.at(column=name)) for name in ("mean", "network"))
    apart = with_interval(found, "difference", digits=2)
    return (
        f"On the {row['n']} nodules that all of them judged, the readers' mean AUC was {mean}, the network's "
        f"{network}; mean reader minus network {apart}, P {p_equals(table.at(column='p'))}; "
        f"{better_or_worse('the mean reader', verdict(found, options))}. "
        f"{sentence(found.method)} {sentence(source)}"
    )
