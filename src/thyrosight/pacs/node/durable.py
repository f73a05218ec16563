"""Durable files: complete on the disk when the call returns, even if the program or the power fails afterwards."""

import os
import tempfile
from pathlib import Path

from thyrosight.files import make_folder, output_error, sha256_of_bytes


def file_name(uid: str, content: bytes) -> str:
    """A file name for an object: made of hashes, so that nothing a sender writes becomes part of a path."""
    return f"{sha256_of_bytes([uid.encode()])[:40]}-{sha256_of_bytes([content])[:16]}.dcm"


def write_durably(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all, and wait until the disk has it.

    Raises:
        OutputError: the folder cannot be written, or the disk is full.
    """
    make_folder(path.parent)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise output_error(path, error) from error
    finally:
        if temporary is not None:
            Path(temporary).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make the file's name durable too; Windows does so with the file and has no such call."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
