"""Unpacking an archive safely."""

import shutil
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final

from thyrosight.errors import CohortError
from thyrosight.files import make_folder, output_error

MOST_FILES: Final = 500_000
MOST_BYTES: Final = 200_000_000_000
MOST_GROWTH: Final = 200
"""Greatest ratio of unpacked to packed size beyond the first 100 MB; images hardly compress."""
_FREE_GROWTH: Final = 100_000_000


@dataclass(frozen=True)
class _Member:
    name: str
    size: int
    opened: "zipfile.ZipInfo | tarfile.TarInfo"


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a .zip or .tar archive into `folder`, whole or not at all.

    Members outside the folder (`..`, absolute paths, drives), links, devices, and archives that grow far beyond their
    own size are refused; sizes are counted while writing, because an archive may state them wrongly.

    Raises:
        CohortError: the archive cannot be read, or is refused for one of these reasons.
        OutputError: the folder exists already, or cannot be written.
    """
    if folder.exists():
        raise CohortError(f"{folder} exists already; remove it or choose another folder.")
    make_folder(folder.parent)
    limit = min(MOST_BYTES, _FREE_GROWTH + MOST_GROWTH * archive.stat().st_size)
    try:
        temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as error:
        raise output_error(folder, error) from error
    try:
        with _opened(archive) as (members, open_):
            if len(members) > MOST_FILES:
                raise CohortError(f"{archive}: it holds {len(members)} files, more than {MOST_FILES}; not unpacked.")
            written = 0
            for member in members:
                written += _write(member, open_(member), temporary, archive, limit=limit - written)
        temporary.chmod(0o755)
        temporary.replace(folder)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, NotImplementedError, RuntimeError) as error:
        raise CohortError(f"{archive}: damaged or encrypted ({error}); download it again.") from error
    except OSError as error:
        raise output_error(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


class _Opener:
    """Opens members of one archive."""

    def __init__(self, archive: "zipfile.ZipFile | tarfile.TarFile") -> None:
        self._archive = archive

    def __call__(self, member: _Member) -> IO[bytes]:
        if isinstance(self._archive, zipfile.ZipFile) and isinstance(member.opened, zipfile.ZipInfo):
            return self._archive.open(member.opened)
        assert isinstance(self._archive, tarfile.TarFile)
        assert isinstance(member.opened, tarfile.TarInfo)
        stream = self._archive.extractfile(member.opened)
        if stream is None:
            raise tarfile.TarError(f"{member.name} cannot be read")
        return stream


@contextmanager
def _opened(archive: Path) -> Iterator[tuple[list[_Member], _Opener]]:
    """The files of an archive, each checked to be a plain file with a harmless name."""
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zip_:
            entries = [entry for entry in zip_.infolist() if not entry.is_dir()]
            for entry in entries:
                if (entry.external_attr >> 16) & 0o170000 == 0o120000:
                    raise CohortError(f"{archive}: {entry.filename} is a link; such archives are not unpacked.")
            yield [_Member(_harmless(e.filename, archive), e.file_size, e) for e in entries], _Opener(zip_)
    elif tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            members = [member for member in tar.getmembers() if not member.isdir()]
            for member in members:
                if not member.isfile():
                    raise CohortError(f"{archive}: {member.name} is a link or device; such archives are not unpacked.")
            yield [_Member(_harmless(m.name, archive), m.size, m) for m in members], _Opener(tar)
    else:
        raise CohortError(
            f"{archive} is not a .zip or .tar archive; unpack it with another program and open its folder as a cohort."
        )


def _harmless(name: str, archive: Path) -> str:
    """The name of a member, if it stays inside the folder on every system."""
    posix, windows = PurePosixPath(name), PureWindowsPath(name)
    outside = posix.is_absolute() or windows.drive or windows.root or ".." in posix.parts or ".." in windows.parts
    if outside or not name or "\0" in name:
        raise CohortError(f"{archive}: the file name {name!r} leads outside the folder; the archive is not unpacked.")
    return name


def _write(member: _Member, stream: IO[bytes], folder: Path, archive: Path, *, limit: int) -> int:
    """Write one member; return its true size."""
    target = folder / member.name
    make_folder(target.parent)
    size = 0
    with stream, target.open("wb") as out:
        while chunk := stream.read(1 << 20):
            size += len(chunk)
            if size > limit:
                raise CohortError(
                    f"{archive}: its files grow far beyond the archive's own size, as in a decompression bomb; "
                    "it is not unpacked."
                )
            out.write(chunk)
    return size
