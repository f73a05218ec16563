"""Fetching a public data set: download, check the hash, unpack."""

import json
from datetime import UTC, datetime
from pathlib import Path

from thyrosight.cohort.columns import closest, in_words
from thyrosight.cohort.download import download
from thyrosight.cohort.public_sets import PUBLIC_SETS, PublicSet
from thyrosight.cohort.unpacking import unpack
from thyrosight.errors import CohortError
from thyrosight.files import write_json
from thyrosight.lock import locked_folder
from thyrosight.progress import Progress

RECORD = "fetched.json"


def public_set(name: str) -> PublicSet:
    """The public data set of that name.

    Raises:
        CohortError: there is none; the error lists all names.
    """
    if name not in PUBLIC_SETS:
        meant = closest(name, PUBLIC_SETS)
        hint = f" Did you mean {meant}?" if meant else ""
        raise CohortError(f"There is no public data set {name!r}; choose {in_words(PUBLIC_SETS)}.{hint}")
    return PUBLIC_SETS[name]


def fetch_public_set(
    name: str,
    folder: Path | str,
    *,
    url: str | None = None,
    sha256: str | None = None,
    trust_first_download: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Download a public data set, check its hash, and unpack it; an interrupted download resumes.

    Address, hash, licence and date are recorded in `fetched.json` beside the unpacked folder; a later fetch into the
    same folder expects the recorded hash.

    Args:
        name: one of `PUBLIC_SETS`.
        folder: folder of the archive and of the unpacked folder, which is named after the set.
        url: the archive's address, if the set has none on record; copy it from the landing page.
        sha256: the archive's expected hash, if the set has none on record.
        trust_first_download: accept the archive without an expected hash, and record its hash.
        progress: called with the name of the work, MB done and all MB.

    Raises:
        CohortError: the name is unknown, address or hash are missing, there is no connection, the hash is wrong, or the
            archive is not safe.
        FolderInUseError: another process fetches into the folder.
        OutputError: the folder cannot be written.
    """
    entry, folder = public_set(name), Path(folder)
    address = url or entry.url
    if address is None:
        raise CohortError(
            f"{name}: no address of the archive is on record. Read its terms at {entry.page}, copy the address of the "
            "archive from there and give it with --url, and its hash with --sha256 (or --trust-first-download)."
        )
    expected = sha256 or (entry.sha256 if address == entry.url else None) or _recorded(folder, address)
    if expected is None and not trust_first_download:
        raise CohortError(
            f"{name}: no SHA-256 of {address} is on record; give it with --sha256, or accept what is downloaded with "
            "--trust-first-download, which records the hash for the next time."
        )
    with locked_folder(folder, "download"):
        archive, found = download(address, folder, sha256=expected, progress=progress)
        unpacked = unpack(archive, folder / name)
        record = {
            "name": name,
            "url": address,
            "sha256": found,
            "hash_was_known_before": expected is not None,
            "licence": entry.licence,
            "page": entry.page,
            "fetched": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        write_json(folder / RECORD, record)
    return unpacked


def _recorded(folder: Path, url: str) -> str | None:
    """The hash that an earlier fetch of the same address recorded in the folder."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return str(record["sha256"]) if isinstance(record, dict) and record.get("url") == url else None
