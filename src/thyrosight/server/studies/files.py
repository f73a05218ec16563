"""The files of the data folder: images under their SHA-256, and uploads on their way."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from uuid import UUID

from thyrosight.errors import OutputError
from thyrosight.files import make_folder, output_error, sha256_of_file


class FileStore:
    """The data folder.

    No name that a user or a scanner chose becomes part of a path.

    Args:
        folder: made if it is not there.

    Raises:
        OutputError: it cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = make_folder(folder)
        self.images = make_folder(folder / "images")
        self.uploads = make_folder(folder / "uploads")
        self.derived = make_folder(folder / "derived")
        self.results = make_folder(folder / "results")

    def image(self, sha256: str) -> Path:
        """Path of the image with this hash."""
        return self.images / sha256[:2] / sha256

    def upload(self, upload_id: UUID) -> Path:
        """Path of an upload while it grows."""
        return self.uploads / f"{upload_id}.part"

    def result(self, name: str) -> Path:
        """Path of a heat map, a report or an object; `name` is one of our own making."""
        return self.results / name[:2] / name

    def keep(self, path: Path, *, move: bool) -> str:
        """Take a file in as an image, and give its SHA-256; it is on the disk when this returns.

        Args:
            path: the file.
            move: whether it may be moved, and not copied.

        Raises:
            OutputError: the data folder cannot be written.
        """
        try:
            digest = sha256_of_file(path)
            target = self.image(digest)
            if target.exists():
                if move:
                    path.unlink()
                return digest
            make_folder(target.parent)
            if move:
                _sync(path)
                path.replace(target)
            else:
                _copy(path, target)
            _sync(target.parent)
        except OSError as error:
            raise output_error(self.images, error) from error
        return digest

    def put(self, name: str, content: bytes) -> Path:
        """Write a result, whole or not at all; it is on the disk when this returns.

        Raises:
            OutputError: the data folder cannot be written.
        """
        target = self.result(name)
        make_folder(target.parent)
        try:
            handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
            with os.fdopen(handle, "wb") as stream:
                stream.write(content)
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(target)
            _sync(target.parent)
        except OSError as error:
            raise output_error(target, error) from error
        return target

    def free_bytes(self) -> int:
        """Bytes that are free on the disk."""
        return shutil.disk_usage(self.folder).free

    def check_writable(self) -> None:
        """Write and remove a small file.

        Raises:
            OutputError: that fails.
        """
        try:
            handle, name = tempfile.mkstemp(dir=self.uploads, suffix=".check")
            os.close(handle)
            Path(name).unlink()
        except OSError as error:
            raise OutputError(f"{self.folder} cannot be written ({error.strerror or error}).") from error


def _copy(path: Path, target: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".part")
    os.close(handle)
    try:
        shutil.copyfile(path, temporary)
        _sync(Path(temporary))
        Path(temporary).replace(target)
    finally:
        Path(temporary).unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Wait until the disk has a file or the names in a folder; Windows has no such call for folders."""
    if os.name == "nt" and path.is_dir():
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # some shares cannot sync folders
            os.fsync(handle)
    finally:
        os.close(handle)
