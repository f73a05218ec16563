"""The files of a DICOM source: a file, a folder, a DICOMDIR or an archive, none of them trusted."""

import os
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

from pydicom import dcmread
from pydicom.dataset import Dataset

from thyrosight.cohort.unpacking import unpack
from thyrosight.errors import CohortError


@dataclass(frozen=True)
class Listed:
    """The files of a source, and the names that cannot be read, each with the reason."""

    root: Path
    files: tuple[Path, ...]
    refused: tuple[tuple[str, str], ...] = ()


@contextmanager
def listed_files(source: Path) -> Iterator[Listed]:
    """The files of a source; an archive is unpacked into a temporary folder that is removed afterwards.

    Raises:
        CohortError: the source does not exist or is empty, or its archive or DICOMDIR is not safe.
    """
    if not source.exists():
        raise CohortError(f"{source}: no such file or folder; check the path.")
    if source.is_file() and (zipfile.is_zipfile(source) or tarfile.is_tarfile(source)):
        with tempfile.TemporaryDirectory(prefix="thyrosight-") as temporary:
            yield _listed(unpack(source, Path(temporary) / "unpacked"), named=source)
    else:
        yield _listed(source, named=source)


def _listed(source: Path, *, named: Path) -> Listed:
    if source.is_file():
        found = _of_directory(source) if source.name.upper() == "DICOMDIR" else Listed(source.parent, (source,))
    else:
        found = Listed(source, tuple(_walk(source)))
    if not found.files and not found.refused:
        raise CohortError(f"{named} holds no file; name the folder that holds the DICOM files.")
    return found


def _walk(folder: Path) -> Iterator[Path]:
    """Files below a folder in the order of their names, without hidden ones, links and DICOMDIRs."""
    for place, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        for name in sorted(files):
            path = Path(place) / name
            if not name.startswith(".") and name.upper() != "DICOMDIR" and not path.is_symlink():
                yield path


def _of_directory(directory: Path) -> Listed:
    """The files that a DICOMDIR refers to; names that lead out of its folder are refused."""
    try:
        records = dcmread(directory).get("DirectoryRecordSequence") or []
        names = [_parts(record) for record in records if record.get("ReferencedFileID")]
    except Exception as error:  # on damaged files the parser raises errors without a common base
        raise CohortError(f"{directory}: the DICOMDIR is damaged ({error}); name its folder instead.") from error
    root = directory.parent.resolve()
    files: list[Path] = []
    refused: list[tuple[str, str]] = []
    for parts in names:
        written = "/".join(parts)
        if not parts or any(_leads_away(part) for part in parts):
            refused.append((written, "the DICOMDIR names a file outside its folder"))
            continue
        path = _existing(root, parts)
        if path is None:
            refused.append((written, "the DICOMDIR names a file that does not exist"))
        elif root not in path.resolve().parents:
            refused.append((written, "the DICOMDIR names a file outside its folder"))
        else:
            files.append(path)
    return Listed(root, tuple(dict.fromkeys(files)), tuple(refused))


def _parts(record: Dataset) -> list[str]:
    value = record.ReferencedFileID
    return [value] if isinstance(value, str) else [str(part) for part in value]


def _leads_away(part: str) -> bool:
    windows = PureWindowsPath(part)
    return part in ("", ".", "..") or "/" in part or "\\" in part or "\0" in part or bool(windows.drive)


def _existing(root: Path, parts: list[str]) -> Path | None:
    """The file, even if a file system changed the case of its name (discs store capitals)."""
    path = root
    for part in parts:
        exact = path / part
        if exact.exists():
            path = exact
            continue
        alike = [one for one in path.iterdir() if one.name.casefold() == part.casefold()] if path.is_dir() else []
        if not alike:
            return None
        path = sorted(alike)[0]
    return path if path.is_file() else None
