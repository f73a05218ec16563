"""A client of DICOMweb archives: search (QIDO-RS), fetch (WADO-RS), store (STOW-RS); PS3.18, chapter 10.

Nothing is contacted until a method is called. Certificates are always checked; give `verify` the file of an authority
of your own where the archive's certificate comes from one. Every request has a time limit, every answer a size limit.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import requests

from thyrosight.errors import ImageError
from thyrosight.files import make_folder, write_atomically
from thyrosight.imaging.dicom.elements import tags_of, text
from thyrosight.imaging.dicom.header import open_header
from thyrosight.pacs.dicomweb.answers import Stored, items, reason, value
from thyrosight.pacs.dicomweb.connection import HttpConnection
from thyrosight.pacs.dicomweb.login import Login
from thyrosight.pacs.multipart import join_parts, write_only_part
from thyrosight.pacs.uids import DicomError, require_uid
from thyrosight.progress import Progress

_LEVELS: Final = ("studies", "series", "instances")


class DicomWeb:
    """One archive.

    Args:
        url: the root of its DICOMweb services, for example "https://archive.example/dicom-web".
        login: a `Login`, or user and password; None for what `.netrc` holds for the host.
        token: a bearer token, or None.
        verify: True to check the certificate against the system's authorities, or the file of another authority.
        timeout: seconds to connect, and to wait for the next bytes.
        retries: how often a request is repeated when the archive is busy or the connection breaks, with growing pauses.
        largest: bytes of an object above which it is not fetched.

    Raises:
        DicomError: the address is not one of http or https, or holds a login.
    """

    def __init__(
        self,
        url: str,
        *,
        login: Login | tuple[str, str] | None = None,
        token: str | None = None,
        verify: bool | str = True,
        timeout: tuple[float, float] = (10, 60),
        retries: int = 4,
        largest: int = 4 * 2**30,
    ) -> None:
        if not isinstance(login, Login):
            user, password = login or ("", "")
            login = Login(user, password, token or "")
        self._http = HttpConnection(url, login=login, verify=verify, timeout=timeout, retries=retries)
        self.url, self._largest = self._http.url, largest

    def search(
        self,
        level: str,
        *,
        filters: Mapping[str, str] | None = None,
        study: str | None = None,
        series: str | None = None,
        fields: Sequence[str] = (),
        page: int = 200,
        most: int = 100_000,
    ) -> Iterator[dict[str, Any]]:
        """Search (QIDO-RS), page by page.

        Args:
            level: "studies", "series" or "instances".
            filters: DICOM keywords and values, for example {"PatientID": "P-1", "StudyDate": "20260101-20260131"}.
            study, series: search within.
            fields: further attributes to be given.
            page: results asked for at a time.
            most: results after which the search is broken off with an error, so that it always ends.

        Yields:
            Results in DICOM JSON; `value` takes an attribute out of one.

        Raises:
            DicomError: the archive cannot be reached, refuses, or answers something else than DICOM JSON.
        """
        if level not in _LEVELS:
            raise DicomError(f"There is no search for {level!r}; choose from {', '.join(_LEVELS)}.")
        within = "".join(
            f"/{name}/{require_uid(uid, f'the identifier of the {one}', advice='check it')}"
            for name, one, uid in (("studies", "study", study), ("series", "series", series))
            if uid
        )
        asked: list[tuple[str, str]] = [*(filters or {}).items(), *(("includefield", field) for field in fields)]
        offset, before = 0, None
        while True:
            found = self._http.json(f"{within}/{level}", [*asked, ("limit", str(page)), ("offset", str(offset))])
            if found == before:  # an archive without paging gives everything, again and again
                return
            before = found
            yield from found
            offset += len(found)
            if offset >= most:
                raise DicomError(f"{self.url}: the search has more than {most} results; narrow it down.")
            # An archive may give fewer than asked for in a page, so only an empty page is the end.
            if not found:
                return

    def has(self, sop_instance_uid: str) -> bool:
        """Whether the archive holds an object.

        Raises:
            DicomError: the archive cannot be reached or refuses.
        """
        uid = require_uid(sop_instance_uid, "the SOP Instance UID")
        found = self._http.json("/instances", [("SOPInstanceUID", uid), ("limit", "1")])
        return any(value(item, "SOPInstanceUID") == uid for item in found)

    def fetch(
        self, folder: Path | str, *, study: str, series: str | None = None, progress: Progress | None = None
    ) -> list[Path]:
        """Fetch all objects of a study or series into a folder, as files named by their SOP Instance UID.

        Files that are there already are not fetched again, so that the same call goes on after an interruption.

        Raises:
            DicomError: as `search`, or the archive holds nothing of the study or series, sends another object, or one
                that is incomplete or too large.
            OutputError: the folder cannot be written.
        """
        fields = ("StudyInstanceUID", "SeriesInstanceUID")
        found = list(self.search("instances", study=study, series=series, fields=fields))
        if not found:
            what = f"series {series} of study {study}" if series else f"study {study}"
            raise DicomError(f"{self.url}: the archive holds no object of {what}; check the identifier.")
        paths = []
        for number, item in enumerate(found, start=1):
            uids = [
                require_uid(value(item, keyword) or given, f"{self.url}: {keyword} of a search result")
                for keyword, given in (
                    ("StudyInstanceUID", study), ("SeriesInstanceUID", series), ("SOPInstanceUID", None),
                )
            ]  # fmt: skip
            path = make_folder(Path(folder)) / f"{uids[2]}.dcm"
            if not path.exists():
                self.fetch_object(path, study=uids[0], series=uids[1], instance=uids[2])
            paths.append(path)
            if progress is not None:
                progress("Fetching", number, len(found))
        return paths

    def store(self, paths: Sequence[Path | str], *, batch: int = 32 * 2**20) -> Stored:
        """Store DICOM files (STOW-RS), several in a request up to `batch` bytes; the largest file must fit in memory.

        Raises:
            DicomError: the archive cannot be reached or refuses everything.
            ImageError: a file is not DICOM.
        """
        accepted: list[str] = []
        refused: dict[str, str] = {}
        waiting: dict[str, bytes] = {}
        for number, path in enumerate(paths, start=1):
            content = _content(Path(path))
            waiting[_sop_instance_uid(Path(path))] = content
            if number == len(paths) or sum(map(len, waiting.values())) >= batch:
                result = self._store(waiting)
                accepted += result.accepted
                refused |= result.refused
                waiting = {}
        return Stored(tuple(accepted), refused)

    def _store(self, files: Mapping[str, bytes]) -> Stored:
        kind, body = join_parts(list(files.values()), "application/dicom")
        with self._http.request(
            "POST", "/studies", headers={"Content-Type": kind, "Accept": "application/dicom+json"}, data=body
        ) as answer:
            if answer.status_code not in (200, 202, 409):
                raise self._http.refusal(answer)
            said = self._http.body_as_json(answer)
        dataset = said[0] if isinstance(said, list) and said else said
        if not isinstance(dataset, dict):
            raise DicomError(f"{self.url}: the answer to storing is not DICOM JSON; check the address.")
        failed = items(dataset, "FailedSOPSequence")
        refused = {value(item, "ReferencedSOPInstanceUID"): reason(item) for item in failed}
        done = {value(item, "ReferencedSOPInstanceUID") for item in items(dataset, "ReferencedSOPSequence")}
        for uid in files:
            if uid not in done and uid not in refused:
                refused[uid] = "the archive did not say that it has it"
        return Stored(tuple(uid for uid in files if uid in done), refused)

    def fetch_object(self, path: Path, *, study: str, series: str, instance: str) -> None:
        """Fetch one object into a file, whole or not at all.

        Raises:
            DicomError: as `fetch`.
            OutputError: the file cannot be written.
        """
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        where = f"/studies/{study}/series/{series}/instances/{instance}"
        with self._http.request("GET", where, headers={"Accept": accept}) as answer:
            if answer.status_code != 200:
                raise self._http.refusal(answer)
            with write_atomically(path) as temporary:
                try:
                    with temporary.open("wb") as stream:
                        chunks = answer.iter_content(2**18)
                        kind = answer.headers.get("Content-Type", "")
                        write_only_part(chunks, kind, stream, largest=self._largest, where=f"{self.url}{where}")
                except requests.RequestException as error:
                    raise self._http.unreachable(error) from error
                if _sop_instance_uid(temporary) != instance:
                    raise DicomError(f"{self.url}{where}: the archive sent another object than the one asked for.")


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ImageError(f"{path}: cannot be opened ({error.strerror or error}); check the path.") from None


def _sop_instance_uid(path: Path) -> str:
    header = open_header(path, tags=tags_of("SOPInstanceUID"))
    header.close()
    return require_uid(text(header.dataset, "SOPInstanceUID"), f"{path}: its SOP Instance UID")
