"""The original reports as a reader on the test images: their measures, and networks against them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort, Split
from thyrosight.cohort.records.report_dictionary import DICTIONARY, load_dictionary
from thyrosight.cohort.records.report_keywords import count_readings, read_report
from thyrosight.documents import Column, Measure, Row, Table, columns, hidden
from thyrosight.errors import StatisticsError
from thyrosight.statistics import compare_proportions
from thyrosight.studies.analyses.report_words import words_table
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import (
    DIAGNOSTIC,
    PROPORTIONS,
    correct_rows,
    diagnostic_column,
    diagnostic_measures,
    exact_difference,
)
from thyrosight.studies.verdicts import few_groups, margin_note, verdict

_MCNEMAR = ("sensitivity", "specificity", "accuracy")
_WAYS = {
    "decided": "Where it decides",
    "undecided as wrong": "Undecided as wrong calls",
    "undecided as right": "Undecided as right calls",
}


@dataclass(frozen=True, eq=False)
class OriginalReports:
    """The reports of the test images, each once however many divisions tested it.

    Attributes:
        called: per image key, group, truth and verdict (benign, malignant or undecided).
        table: `DIAGNOSTIC` by way: over the reports that decide, and with the undecided ones counted as wrong and as
            right calls; the truth lies between.
        words: the words of the dictionary with counts of use (Table 1 of the paper).
    """

    called: pd.DataFrame
    table: Table
    words: Table

    @property
    def decided(self) -> pd.DataFrame:
        """The reports that decide."""
        return self.called[self.called["verdict"] != "undecided"]

    def measure(self, name: str) -> Measure:
        """A measure of `DIAGNOSTIC` over the reports that decide."""
        found: Measure = self.table.at(way="decided", column=name)
        return found


def read_original_reports(
    cohort: Cohort, split: Split, *, column: str, dictionary: str, options: Evaluation
) -> OriginalReports | str:
    """Read the reports of the test images by keywords, or say why that cannot be.

    Args:
        column: with the texts.
        dictionary: a file of keywords; the one that is shipped where empty.

    Raises:
        RecipeError: the dictionary cannot be read.
    """
    table = cohort.table
    if column not in table or not table[column].notna().any():
        return f"There is no row of the original report: the cohort has no column {column} with text."
    words = load_dictionary(Path(dictionary)) if dictionary else load_dictionary()
    tested = {key for division in split.divisions for group in division.test for key in split.groups[group]}
    rows = table[table["key"].isin(tested)]
    read = [read_report(text, words) for text in rows[column]]
    counts = count_readings(read)
    called = pd.DataFrame(
        {
            "key": rows["key"].astype(str).tolist(),
            "group": rows["group"].astype(str).tolist(),
            "truth": (rows["label"] == "malignant").astype(int).tolist(),
            "verdict": [reading.verdict for reading in read],
        }
    )
    if (called["verdict"] == "undecided").all():
        found = ", ".join(f"{name} {n}" for name, n in counts.items() if n)
        return f"The original reports decide nothing by these keywords ({found}); extend the dictionary."
    return OriginalReports(called, _table(called, counts, dictionary, options), words_table(read, words))


def _measures(called: pd.DataFrame, way: str, *, options: Evaluation) -> dict[str, Measure]:
    """The measures with the undecided reports left out, or as wrong or right calls."""
    undecided = called["verdict"] == "undecided"
    counted = called["truth"] if way == "undecided as right" else 1 - called["truth"]
    predicted = (called["verdict"] == "malignant").astype(int).where(~undecided, counted)
    table = called.assign(predicted=predicted)[~undecided | (way != "decided")]
    return diagnostic_measures(table, options=options)


def _table(called: pd.DataFrame, counts: Mapping[str, int], dictionary: str, options: Evaluation) -> Table:
    readings = "; ".join(f"{name} {count}" for name, count in counts.items())
    words = Path(dictionary).name if dictionary else f"shipped with ThyroSight ({DICTIONARY.name})"
    rows: list[Row] = []
    for way, title in _WAYS.items():
        measures = _measures(called, way, options=options)
        rows.append({"way": way, "title": title, "images": measures["accuracy"].n, **measures})
    return Table(
        name="original-report",
        caption="The original report as a reader, by keywords",
        columns=(
            *hidden("way"),
            Column(key="title"),
            Column(key="images", title="Images", kind="count"),
            *(diagnostic_column(name) for name in DIAGNOSTIC),
        ),
        rows=tuple(rows),
        notes=(f"Each test image counted once. Readings: {readings}. Dictionary: {words}.",),
    )


def against_reports_table(
    networks: Mapping[str, tuple[str, pd.DataFrame]],
    reports: OriginalReports,
    *,
    once: bool,
    options: Evaluation,
) -> Table | None:
    """Networks minus reports on the images whose report decides; None where nothing could be compared.

    Args:
        networks: printed name and pooled test predictions, by key.
        once: whether each image was tested by one division at most.
    """
    rows = [
        row
        for key, (title, predictions) in networks.items()
        for row in _against(key, title, predictions.merge(reports.decided[["key", "verdict"]], on="key"), once, options)
    ]
    if not any("difference" in row for row in rows):
        return None
    correct_rows(rows)
    for row in rows:
        if "difference" in row:
            row["verdict"] = verdict(row["difference"], options, p=row.get("p_corrected"))
    tests = max(row["difference"].n for row in rows if "difference" in row)
    return Table(
        name="report-against-networks",
        caption="Networks minus original report, in percentage points, on the images whose report decides",
        columns=(
            *hidden("network", "measure"),
            *columns("text", {"title": "Network", "measured": "Measure"}),
            *columns("percent", {"of_network": "Network, %", "of_report": "Report, %"}),
            Column(key="difference", title="Network minus report (95 % interval)", kind="points"),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
            Column(key="verdict", title="The network is"),
        ),
        rows=tuple(rows),
        notes=(
            f"Paired over {tests} tests of the decided images (an image counts once for each division that tests it, "
            "within its patient's cluster). P corrected by Holm over all rows.",
            margin_note(options),
        ),
    )


def _against(key: str, title: str, both: pd.DataFrame, once: bool, options: Evaluation) -> Sequence[Any]:
    """One row for each proportion; one that either does not define, such as the NPV where nothing was called benign,
    has no numbers."""
    report = (both["verdict"] == "malignant").to_numpy(dtype=int)
    independent, few = once and both["group"].is_unique, bool(few_groups(both))
    rows: list[dict[str, Any]] = []
    for name in PROPORTIONS:
        row: dict[str, Any] = {"network": key, "measure": name, "title": title, "measured": DIAGNOSTIC[name]}
        try:
            test = compare_proportions(
                both["truth"].to_numpy(),
                both["predicted"].to_numpy(),
                report,
                quantity=name,
                method="mcnemar-exact" if independent and name in _MCNEMAR else "gee",
                cluster=None if independent else both["group"].to_numpy(str),
                confidence=options.confidence,
            )
        except StatisticsError:
            rows.append(row)
            continue
        rows.append(
            row
            | {"of_network": test.a.value, "of_report": test.b.value, "p": None if few else test.to_dict()["p"]}
            | {
                "difference": exact_difference(both, both["predicted"], report, quantity=name, options=options)
                if few
                else Measure.of(test)
            }
        )
    return rows
