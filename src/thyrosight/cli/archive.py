"""Fetching the studies that a search finds in a DICOMweb archive, for commands that read a folder of files."""

from collections.abc import Sequence
from pathlib import Path

from thyrosight.progress import Progress


def fetched(url: str, match: Sequence[str], folder: Path, *, progress: Progress | None = None) -> Path:
    """Fetch every study that matches into a folder, one below the other; run again, it goes on where it stopped.

    Args:
        url: the archive's DICOMweb address.
        match: `KEYWORD=VALUE` pairs of DICOM attributes.
        folder: where the files go; they hold identifiers.
        progress: told how far each study is.

    Raises:
        CohortError: no pair to match by, one that is none, or nothing found.
        DicomError: the archive cannot be reached or refuses.
    """
    from thyrosight.errors import CohortError
    from thyrosight.pacs import DicomWeb
    from thyrosight.pacs.dicomweb import login_from_environment, value
    from thyrosight.pacs.uids import require_uid

    pairs = [text.partition("=") for text in match]
    if not pairs or any(not (name and equals and wanted) for name, equals, wanted in pairs):
        raise CohortError("Say what to fetch: --match KEYWORD=VALUE, for example --match StudyDate=20260101-20260131.")
    archive = DicomWeb(url, login=login_from_environment())
    studies = list(archive.search("studies", filters={name: wanted for name, _, wanted in pairs}))
    if not studies:
        raise CohortError(f"{url}: no study matches {', '.join(match)}.")
    for study in studies:
        uid = require_uid(value(study, "StudyInstanceUID"), f"{url}: StudyInstanceUID of a search result")
        archive.fetch(folder / uid, study=uid, progress=progress)
    return folder
