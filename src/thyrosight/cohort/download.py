"""Downloading a file: an interrupted download resumes, and the hash is checked."""

import json
import shutil
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Any, Final
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from thyrosight import __version__
from thyrosight.errors import CohortError
from thyrosight.files import make_folder, output_error, sha256_of_file, write_json
from thyrosight.progress import Progress

_CHUNK: Final = 1 << 20
_TIMEOUT_SECONDS: Final = 60


def download(url: str, folder: Path, *, sha256: str | None, progress: Progress | None = None) -> tuple[Path, str]:
    """Download `url` into `folder`, resuming an interrupted download; return the file and its SHA-256.

    Args:
        url: an http or https address.
        folder: folder of the file; the unfinished file is called `<name>.part`.
        sha256: the expected hash; None accepts any.
        progress: called with the name of the work, MB done and all MB.

    Raises:
        CohortError: the address is of another kind, there is no connection, the server refuses, or the hash is not the
            expected one; a file with a wrong hash is removed.
        OutputError: the folder cannot be written or the disk is full.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise CohortError(f"{url} is not an http or https address; copy the archive's address from the landing page.")
    target = make_folder(folder) / (Path(unquote(parts.path)).name or "archive")
    if not target.exists():
        _fetch(url, target, progress)
    found = sha256_of_file(target)
    if sha256 is not None and found != sha256.lower():
        target.unlink()
        raise CohortError(
            f"{url}: the file's SHA-256 is {found}, expected {sha256.lower()}; it was removed. The file was changed or "
            "damaged on its way: check the address and the hash, then try again."
        )
    return target, found


def _fetch(url: str, target: Path, progress: Progress | None) -> None:
    unfinished = target.with_name(target.name + ".part")
    memory = target.with_name(target.name + ".part.json")
    validator = _remembered(memory, url)
    start = unfinished.stat().st_size if unfinished.exists() and validator else 0
    headers = {"User-Agent": f"thyrosight/{__version__}"}
    if start:
        headers |= {"Range": f"bytes={start}-", "If-Range": validator}
    try:
        with urlopen(Request(url, headers=headers), timeout=_TIMEOUT_SECONDS) as answer:
            resumed = answer.status == 206 and _range_start(answer) == start
            if not resumed:
                start = 0
                validator = answer.headers.get("ETag") or answer.headers.get("Last-Modified") or ""
                write_json(memory, {"url": url, "validator": validator})
            total = _receive(answer, unfinished, start, progress)
    except HTTPError as error:
        if error.code == 416 and start:  # no bytes beyond these: the file is complete, or another one
            if error.headers.get("Content-Range") == f"bytes */{start}":
                _finish(unfinished, target, memory)
                return
            unfinished.unlink(missing_ok=True)
            raise CohortError(f"{url}: the file on the server is another one by now; run the command again.") from None
        raise CohortError(f"{url}: the server answered {error.code} {error.reason}; check the address.") from None
    except (URLError, TimeoutError, HTTPException, ConnectionError) as error:
        reason = getattr(error, "reason", None) or error
        raise CohortError(
            f"{url}: no connection ({reason}); check the network and run the command again, "
            "it goes on where it stopped."
        ) from None
    if total is not None and unfinished.stat().st_size != total:
        raise CohortError(
            f"{url}: the connection ended after {unfinished.stat().st_size} of {total} bytes; "
            "run the command again, it goes on where it stopped."
        )
    _finish(unfinished, target, memory)


def _finish(unfinished: Path, target: Path, memory: Path) -> None:
    unfinished.replace(target)
    memory.unlink(missing_ok=True)


def _remembered(memory: Path, url: str) -> str:
    """The server's tag for the version of the unfinished file; "" if there is none or it was another file."""
    try:
        value: dict[str, Any] = json.loads(memory.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""
    return str(value.get("validator", "")) if value.get("url") == url else ""


def _range_start(answer: HTTPResponse) -> int:
    """The first byte a 206 answer holds, from `Content-Range: bytes 100-199/200`."""
    words = (answer.headers.get("Content-Range") or "").removeprefix("bytes ").split("-", 1)
    return int(words[0]) if words[0].isdigit() else -1


def _receive(answer: HTTPResponse, unfinished: Path, start: int, progress: Progress | None) -> int | None:
    """Append to the unfinished file; return the length of the complete file if the server states it."""
    length = answer.headers.get("Content-Length")
    total = start + int(length) if length and length.isdigit() else None
    done = start
    try:
        if total is not None and shutil.disk_usage(unfinished.parent).free < total - start:
            raise CohortError(
                f"{unfinished.parent}: {(total - start) / 1e6:.0f} MB are needed, "
                f"{shutil.disk_usage(unfinished.parent).free / 1e6:.0f} MB are free; free some space."
            )
        with unfinished.open("ab" if start else "wb") as stream:
            while chunk := _read(answer):
                stream.write(chunk)
                done += len(chunk)
                if progress is not None:
                    progress("Downloading (MB)", done // 1_000_000, (total or done) // 1_000_000)
    except OSError as error:
        raise output_error(unfinished, error) from error
    return total


def _read(answer: HTTPResponse) -> bytes:
    """The next bytes; a broken connection raises another error than a disk that cannot be written."""
    try:
        return answer.read(_CHUNK)
    except OSError as error:
        raise HTTPException(str(error)) from error
