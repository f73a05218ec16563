"""The texts of a study, made in a process of their own: protocol, instructions for readers, orders, hash."""

import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from thyrosight.files import write_csv, write_text
from thyrosight.readings import Case, Protocol, Reader, parse_protocol, task_rows
from thyrosight.readings import Session as PlannedSession
from thyrosight.server.database.tables import ReaderStudy
from thyrosight.server.reader_studies.designing import protocol_of
from thyrosight.server.reader_studies.ordering import planned_for, sessions_of_study


@dataclass(frozen=True)
class DocumentsAsked:
    """Contents for the documents of a study; they can be sent to a process."""

    protocol: dict[str, Any]
    cases: tuple[Case, ...]
    readers: tuple[Reader, ...]
    sessions: tuple[PlannedSession, ...]
    language: str


def documents_asked(session: Session, study: ReaderStudy, *, language: str) -> DocumentsAsked:
    """Gather the contents for the documents of a study.

    Raises:
        ReadingsError: too few cases or readers for the protocol.
    """
    cases, readers = planned_for(session, study)
    return DocumentsAsked(
        protocol_of(session, study).to_json(), tuple(cases), tuple(readers), sessions_of_study(session, study), language
    )


def write_documents(asked: DocumentsAsked, path: Path) -> list[str]:
    """Write the documents into a zip archive, in English and in the language asked for, and give their names."""
    from thyrosight.readings import instructions_for_readers, power_or_reason, protocol_writing
    from thyrosight.reports.study_texts import write_study_text

    protocol = parse_protocol(dict(asked.protocol))
    power = power_or_reason(protocol, asked.cases, readers=len(asked.readers))
    texts = {
        "protocol": protocol_writing(protocol, asked.cases, asked.readers, asked.sessions, power=power),
        "instructions": instructions_for_readers(protocol, asked.sessions),
    }
    origin = _origin(protocol)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, text in texts.items():
            for language in dict.fromkeys(("en", asked.language)):
                write_study_text(text, folder, name, numbers_from=origin, language=language)
        write_text(folder / "protocol.yaml", protocol.to_yaml())
        write_csv(folder / "orders.csv", task_rows(asked.sessions))
        return zipped_folder(folder, path)


def zipped_folder(folder: Path, path: Path) -> list[str]:
    """Put the files of a folder into a zip archive, and give their names."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and not file.name.startswith("."))
    names = [file.relative_to(folder).as_posix() for file in files]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file, name in zip(files, names, strict=True):
            archive.write(file, name)
    return names


def _origin(protocol: Protocol) -> str:
    return f"the design on the workstation, protocol {protocol.sha256[:12]}"
