"""The report of a study that was read, made in a process of its own by the analysis of `thyrosight.studies`."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from thyrosight.files import write_text
from thyrosight.readings import parse_protocol, task_rows
from thyrosight.readings.table import Row
from thyrosight.server.database.tables import ReaderStudy
from thyrosight.server.reader_studies.amending import amendments_in_words
from thyrosight.server.reader_studies.cases import cases_of
from thyrosight.server.reader_studies.designing import protocol_of
from thyrosight.server.reader_studies.documents import zipped_folder
from thyrosight.server.reader_studies.exporting import lesions_csv, readings_rows
from thyrosight.server.reader_studies.ordering import sessions_of_study


@dataclass(frozen=True)
class ResultsAsked:
    """Contents for the report of a study; they can be sent to a process.

    Attributes:
        rows: of the table of readings.
        orders: who was to read what, readers who left or never came too: the table alone does not know them.
        protocol: in force.
        lesions: as CSV; None where no case has one.
        amendments: a sentence for each.
        language: of the report.
    """

    rows: tuple[Row, ...]
    orders: tuple[Row, ...]
    protocol: dict[str, Any]
    lesions: str | None
    amendments: tuple[str, ...]
    language: str


def results_asked(session: Session, study: ReaderStudy, *, language: str) -> ResultsAsked:
    """Gather the contents for the report of a study."""
    drawn = any(case.lesions for case in cases_of(session, study.id))
    return ResultsAsked(
        rows=tuple(readings_rows(session, study)),
        orders=tuple(task_rows(sessions_of_study(session, study))),
        protocol=protocol_of(session, study).to_json(),
        lesions=lesions_csv(session, study) if drawn else None,
        amendments=tuple(amendments_in_words(session, study)),
        language=language,
    )


def write_results(asked: ResultsAsked, path: Path) -> list[str]:
    """Analyse the readings, write the report into a zip archive, and give the names of its files.

    Raises:
        ReadingsError: readings that allow no analysis.
    """
    from thyrosight.reports import write_report
    from thyrosight.studies import reader_report

    with tempfile.TemporaryDirectory() as name:
        folder, lesions = Path(name) / "results", None
        if asked.lesions is not None:
            lesions = Path(name) / "lesions.csv"
            write_text(lesions, asked.lesions)
        result = reader_report(
            asked.rows, parse_protocol(dict(asked.protocol)), out=folder, lesions=lesions, orders=asked.orders,
            amendments=asked.amendments,
        )  # fmt: skip
        write_report(result, folder)
        if asked.language != "en":
            write_report(result, folder, language=asked.language)
        return zipped_folder(folder, path)
