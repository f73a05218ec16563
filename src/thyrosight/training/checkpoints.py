"""Checkpoints: written whole or not at all, read without running code, refused if of another configuration."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, cast

import torch

from thyrosight.errors import BundleError
from thyrosight.files import output_error, write_atomically

FORMAT = 1
Checkpoint = dict[str, Any]


def save_checkpoint(path: Path, content: Mapping[str, Any]) -> None:
    """Write `content` (tensors, numbers, text, lists, dictionaries); a kill at any moment leaves a complete file.

    Raises:
        OutputError: no space or no permission.
    """
    with write_atomically(path) as temporary:
        stream = _Recorder(temporary)
        try:
            torch.save({"format": FORMAT, **content}, cast(IO[bytes], stream))
            stream.close()
        except RuntimeError as error:
            # torch reports that writing failed, not why; the stream knows.
            raise stream.error if stream.error is not None else error from error
        finally:
            stream.close()


def load_checkpoint(path: Path, configuration: Mapping[str, Any]) -> Checkpoint:
    """Read a checkpoint of the same configuration.

    Raises:
        BundleError: damaged, of another format, or of another configuration (names what differs).
    """
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()  # torch itself does not compare the checksums
        content: Checkpoint = torch.load(path, map_location="cpu", weights_only=True)
        whole = broken is None and isinstance(content, dict) and isinstance(content["configuration"], dict)
    except PermissionError as error:
        raise BundleError(
            f"There is no permission to read the checkpoint {path}; change it or train elsewhere."
        ) from error
    except Exception as error:  # torch raises many kinds of error on damaged bytes
        raise BundleError(_damaged(path)) from error
    if not whole:
        raise BundleError(_damaged(path))
    if content.get("format") != FORMAT:
        raise BundleError(
            f"The checkpoint {path} has format {content.get('format')}, this version reads {FORMAT}; finish it with "
            "the version that began it, or delete its folder to train anew."
        )
    require_same(content["configuration"], configuration, path)
    return content


def require_same(there: Mapping[str, Any], here: Mapping[str, Any], path: Path) -> None:
    """Refuse to resume with another configuration.

    Raises:
        BundleError: names up to three differences.
    """
    old, new = _flat(there), _flat(here)
    differences = [name for name in sorted(old.keys() | new.keys()) if old.get(name) != new.get(name)]
    if differences:
        named = [f"{name} is {_short(old.get(name))} there and {_short(new.get(name))} now" for name in differences[:3]]
        more = f" and {len(differences) - 3} more" if len(differences) > 3 else ""
        raise BundleError(
            f"{path} belongs to another configuration ({'; '.join(named)}{more}); choose another folder, or delete "
            "this one to train anew."
        )


def _damaged(path: Path) -> str:
    return f"The checkpoint {path} is damaged; delete its folder to train anew, or put back a copy."


def _flat(tree: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= _flat(value, f"{above}{key}.") if isinstance(value, Mapping) else {f"{above}{key}": value}
    return flat


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:12]}..."


class _Recorder:
    """A file that keeps the error of a failed write."""

    def __init__(self, path: Path) -> None:
        self.error: OSError | None = None
        try:
            self._stream = path.open("wb")
        except OSError as error:
            raise output_error(path, error) from error

    def write(self, data: bytes) -> int:
        try:
            return self._stream.write(data)
        except OSError as error:
            self.error = error
            raise

    def flush(self) -> None:
        self._stream.flush()

    def close(self) -> None:
        self._stream.close()
