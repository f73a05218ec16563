"""The files of a bundle: a folder or a zip file, and a new folder that takes an old one's place whole or not at all."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from thyrosight.errors import BundleError, OutputError
from thyrosight.files import make_folder, output_error
from thyrosight.inference.onnx_record import ONNX_FILE, RECORD_FILE, WEIGHTS_FILE

INFO_FILE = "bundle.json"
NEEDED, OPTIONAL = (INFO_FILE, WEIGHTS_FILE), (ONNX_FILE, RECORD_FILE)
_CODE_SUFFIXES = frozenset({".ckpt", ".pt", ".pth", ".pkl", ".pickle", ".joblib", ".bin"})
# Files that desktops leave in any folder; they do not keep a bundle from being replaced.
_DESKTOP_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
# A zip file that unpacks to more is refused: no network here comes near it.
_LARGEST_UNPACKED = 8 * 2**30


@contextmanager
def unpacked(path: Path) -> Iterator[Path]:
    """The folder itself, or a temporary one with the files of a zip."""
    if path.is_dir():
        yield path
        return
    if not path.exists():
        raise BundleError(f"Model {path} does not exist; check the path.")
    if path.suffix.lower() in _CODE_SUFFIXES or not zipfile.is_zipfile(path):
        raise BundleError(_not_a_bundle(path))
    with tempfile.TemporaryDirectory(prefix="thyrosight-") as folder:
        try:
            with zipfile.ZipFile(path) as archive:
                _unpack(archive, Path(folder), path)
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
            raise BundleError(f"Model {path} is a damaged zip file ({error}); copy it again.") from error
        yield Path(folder)


def _unpack(archive: zipfile.ZipFile, folder: Path, path: Path) -> None:
    """Take the bundle's files out of the archive, wherever one folder in it holds them; nothing else is touched."""
    found = [item for item in archive.infolist() if Path(item.filename).name in NEEDED + OPTIONAL]
    names = sorted(Path(item.filename).name for item in found)
    if len(set(names)) < len(names) or not set(NEEDED) <= set(names):
        raise BundleError(_not_a_bundle(path))
    if sum(item.file_size for item in found) > _LARGEST_UNPACKED:
        raise BundleError(f"Model {path} would unpack to more than {_LARGEST_UNPACKED // 2**30} GB and was not opened.")
    for item in found:
        with archive.open(item) as source, (folder / Path(item.filename).name).open("wb") as target:
            shutil.copyfileobj(source, target, length=2**20)


def _not_a_bundle(path: Path) -> str:
    if path.suffix.lower() in _CODE_SUFFIXES:
        return (
            f"{path} is a checkpoint, which can hold code, and is not opened; name the model folder that a study wrote "
            f"(it holds {INFO_FILE} and {WEIGHTS_FILE})."
        )
    return f"{path} is not a model; name the folder that a study wrote (it holds {INFO_FILE} and {WEIGHTS_FILE})."


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A temporary folder beside `folder` to write a bundle to; without an error inside, it takes the place of `folder`.

    Raises:
        OutputError: `folder` cannot be written, or holds other files than those of an earlier bundle.
    """
    _require_replaceable(folder)
    new = make_folder(folder.parent / f".{folder.name[:60]}.{uuid4().hex[:12]}.part")
    try:
        yield new
        _put_in_place(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _require_replaceable(folder: Path) -> None:
    """Only an empty place or an earlier bundle may be written over."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise OutputError(f"Could not write the model to {folder}: a file stands there; choose another folder.")
    others = sorted({item.name for item in folder.iterdir()} - {*NEEDED, *OPTIONAL} - _DESKTOP_FILES)
    if others:
        raise OutputError(
            f"Could not write the model to {folder}: it holds other files ({others[0]}); choose another folder."
        )


def _put_in_place(new: Path, folder: Path) -> None:
    """Move `new` to `folder`; an earlier bundle steps aside and comes back if that fails."""
    old = new.with_suffix(".old")
    try:
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
    except OSError as error:
        raise output_error(folder, error) from error
    shutil.rmtree(old, ignore_errors=True)
