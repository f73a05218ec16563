"""Readers beside a network, at cut-offs that were chosen for both on images that are not tested."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from thyrosight.cohort import Cohort, Division, Split
from thyrosight.cohort.records.options import ReaderOptions
from thyrosight.cohort.records.readers import Reading, read_readers
from thyrosight.documents import Column, Measure, Row, Table, columns, hidden
from thyrosight.statistics import DivisionOutcome, operating_point
from thyrosight.studies.analyses.candidates import SHOWN, Candidate, measure_columns, measures_of
from thyrosight.studies.analyses.diagnosis import reader_judgements
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import compare_pairs
from thyrosight.studies.predictions import LEAST_VALIDATED, outcome_of
from thyrosight.studies.sentences import in_words
from thyrosight.studies.verdicts import better_or_worse, margin_note, verdict


@dataclass(frozen=True, eq=False)
class ReadersBeside:
    """The table, None without a reader that can be compared, and sentences about readers that cannot."""

    table: Table | None
    notes: Sequence[str]


@dataclass(frozen=True, eq=False)
class _Read:
    """One reader over all divisions.

    Attributes:
        cut_offs: of each division, in words.
        called: test images that the reader judged, with the category as risk and the call at the cut-off.
        own, network: the reader and the network on these images, division by division.
    """

    reading: Reading
    cut_offs: Sequence[str]
    called: pd.DataFrame
    own: Sequence[DivisionOutcome]
    network: Sequence[DivisionOutcome]


def readers_beside(main: Candidate, cohort: Cohort, split: Split, asked: ReaderOptions, *, title: str) -> ReadersBeside:
    """Every reader that a cohort records beside the main choice, on the test images that the reader judged.

    A reader's cut-off is chosen as the network's is, but on all images that are not tested: readers do not train.

    Args:
        title: printed name of the network.

    Raises:
        CohortError: a column that the recipe names and the cohort does not have.
    """
    lesions = cohort.table.assign(
        truth=(cohort.table["label"] == "malignant").astype(int), group=cohort.table["group"].astype(str)
    )
    readings, notes = read_readers(lesions, asked, label_sources=cohort.label_sources)
    notes += [f"{reading.name}: {note}." for reading in readings for note in reading.notes]
    found: list[_Read] = []
    for reading in readings:
        read = _read(main, lesions, cohort, split, reading)
        if isinstance(read, str):
            notes.append(read)
        else:
            found.append(read)
    return ReadersBeside(_table(main, found, title=title) if found else None, notes)


def _read(main: Candidate, lesions: pd.DataFrame, cohort: Cohort, split: Split, reading: Reading) -> _Read | str:
    """One reader on the test parts, or why there is nothing to compare."""
    ranks = pd.Series(reading.ranks.to_numpy(dtype=float), index=lesions["key"].astype(str))
    divisions = {division.name: division for division in split.divisions}
    words, called, networks = [], [], []
    for name, judged in zip(main.network.divisions, main.judged, strict=True):
        chosen = _cut_off(lesions, cohort, split, divisions[name], reading, options=main.options)
        if chosen is None:
            return (
                f"{reading.name} is not compared with the network: the images that are not tested hold fewer than "
                f"{LEAST_VALIDATED} groups of a class that this reader judged, too few to choose a cut-off."
            )
        threshold, said = chosen
        test = judged.part("test")
        own = test[ranks.reindex(test["key"].astype(str)).notna().to_numpy()].reset_index(drop=True)
        rank = ranks.loc[own["key"].astype(str)].to_numpy()
        words.append(said)
        networks.append(own)
        called.append(own.assign(risk=rank, predicted=(rank >= threshold).astype(int)))
    rows = pd.concat(called, ignore_index=True)
    if rows["truth"].nunique() < 2:
        return f"{reading.name} is not compared with the network: this reader judged test images of one class only."
    return _Read(reading, words, rows, [outcome_of(one) for one in called], [outcome_of(one) for one in networks])


def _cut_off(
    lesions: pd.DataFrame, cohort: Cohort, split: Split, division: Division, reading: Reading, *, options: Evaluation
) -> tuple[float, str] | None:
    """A reader's cut-off on the images that a division does not test, and in words; None where they are too few."""
    tested = split.rows(cohort, division, "test")["key"]
    rows = lesions[~lesions["key"].isin(tested) & reading.ranks.notna().to_numpy()]
    groups = rows.groupby("truth")["group"].nunique()
    if len(groups) < 2 or groups.min() < LEAST_VALIDATED:
        return None
    judged = reader_judgements(rows, reading)
    point = operating_point(judged.truth, judged.score, rule=options.operating_point, replicates=0)
    return float(point.threshold), judged.in_words(float(point.threshold))


def _table(main: Candidate, found: Sequence[_Read], *, title: str) -> Table:
    pairs = [(item.network, item.own) for item in found]
    over = "1 reader" if len(found) == 1 else f"{len(found)} readers"
    compared = {
        measure: compare_pairs(pairs, measure=measure, over=over, options=main.options)
        for measure in ("auc", "accuracy")
    }
    rows: list[Row] = [{"rater": "network", "title": title, "images": len(main.pooled), **main.measures}]
    for place, item in enumerate(found):
        row: Row = {"rater": "reader", "title": item.reading.name, "images": len(item.called)}
        row["cut_off"] = " / ".join(dict.fromkeys(item.cut_offs))
        row |= measures_of(item.called, options=main.options)
        for measure, differences in compared.items():
            one, prefix = differences[place], f"delta_{measure}"
            row |= {prefix: one.difference, f"{prefix}_p": one.p, f"{prefix}_p_corrected": one.p_corrected}
            row[f"{prefix}_verdict"] = verdict(one.difference, main.options, p=one.p_corrected)
        rows.append(row)
    systems = dict.fromkeys(f"{item.reading.name}: {item.reading.system}." for item in found)
    return Table(
        name="readers",
        caption="The network beside readers, on the test images",
        columns=(
            *hidden("rater"),
            Column(key="title", title="Rater"),
            Column(key="images", title="Images", kind="count"),
            Column(key="cut_off", title="Malignant from", blank=True),
            *measure_columns(),
            Column(key="delta_accuracy", title="Δ accuracy", kind="points"),
            *columns("p", {"delta_accuracy_p": "P", "delta_accuracy_p_corrected": "P corrected"}),
            Column(key="delta_accuracy_verdict", title="The network is"),
            *hidden("delta_auc", kind="difference"),
            *hidden("delta_auc_p", "delta_auc_p_corrected", kind="p"),
            *hidden("delta_auc_verdict"),
        ),
        rows=tuple(rows),
        notes=(
            "Cut-offs of readers: by the same rule as the network's, on the images that are not tested.",
            "Δ: the network minus the reader, on the images that the reader judged.",
            *systems,
            margin_note(main.options),
        ),
        strong=0,
    )


def readers_words(table: Table) -> list[str]:
    """Sensitivity and specificity of the first three readers beside the network's, for the key result."""
    network, *readers = table.rows
    told = {row["title"]: _rates(row) for row in (network, *readers)}
    return [
        f"{row['title']}: {told[row['title']]}; network: {told[network['title']]}. Accuracy: "
        f"{better_or_worse('the network', str(row['delta_accuracy_verdict']))}."
        for row in readers[:3]
    ]


def _rates(row: Row) -> str:
    sensitivity, specificity = (row[name] for name in SHOWN[1:3])
    assert isinstance(sensitivity, Measure) and isinstance(specificity, Measure)
    return f"sensitivity {in_words(sensitivity, percent=True)}, specificity {in_words(specificity, percent=True)}"
