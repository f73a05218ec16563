"""Prepared pixels on disk: images are appended one by one, so that interrupted work loses at most one image."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

import thyrosight.imaging
from thyrosight.files import make_folder, output_error, sha256_of_file, sha256_of_json
from thyrosight.imaging import PairPreparation, Preparation

Record = dict[str, Any]
Margins = tuple[float, float]
_NOTHING = np.zeros(0, dtype=np.uint8)


@dataclass(eq=False)
class PixelStore:
    """Prepared images of one preparation in one folder: raw pixels in one file, one JSON line per image in another.

    An image counts once its line is complete; incomplete data of a killed process are removed on opening.

    Attributes:
        folder: folder of the two files.
        shape: shape of every image; None for variable-size input, whose records hold shape and `start` of each image.
        records: record of each image by its name.
        count: number of images.
        end: number of bytes of pixels.
    """

    folder: Path
    shape: tuple[int, ...] | None
    records: dict[str, Record] = field(default_factory=dict)
    count: int = 0
    end: int = 0

    @property
    def _pixels(self) -> Path:
        return self.folder / "pixels.u8"

    @property
    def _index(self) -> Path:
        return self.folder / "index.jsonl"

    def add(self, name: str, pixels: NDArray[np.uint8], record: Record) -> None:
        """Append one image under `name`.

        Raises:
            OutputError: the disk is full or the folder cannot be written.
        """
        line = {**record, "name": name, "row": self.count}
        if self.shape is None:
            line |= {"shape": list(pixels.shape), "start": self.end}
        try:
            with self._pixels.open("ab") as stream:
                stream.write(pixels.tobytes())
            with self._index.open("ab") as stream:
                stream.write(json.dumps(line).encode("utf-8") + b"\n")
        except OSError as error:
            raise output_error(self.folder, error) from error
        self._take(line)

    def array(self) -> NDArray[np.uint8]:
        """All images `(count, ...)`, mapped from the file and read only as they are used.

        For variable-size input all pixels are in one array `(pixels,)`.
        """
        if self.shape is None:
            return np.memmap(self._pixels, dtype=np.uint8, mode="r", shape=(self.end,)) if self.end else _NOTHING
        if self.count == 0:
            return np.zeros((0, *self.shape), dtype=np.uint8)
        return np.memmap(self._pixels, dtype=np.uint8, mode="r", shape=(self.count, *self.shape))

    def _take(self, line: Record) -> None:
        self.records[line["name"]] = line
        self.count += 1
        self.end += self._bytes(line)

    def _bytes(self, line: Record) -> int:
        return int(np.prod(line["shape"] if self.shape is None else self.shape))

    def _recover(self) -> None:
        """Read the index and cut both files back to the last complete image."""
        stored = self._pixels.stat().st_size if self._pixels.exists() else 0
        kept = 0
        for line in self._index.read_bytes().splitlines(keepends=True) if self._index.exists() else []:
            record = _parse(line)
            if record is None or record["row"] != self.count or self.end + self._bytes(record) > stored:
                break
            self._take(record)
            kept += len(line)
        for path, length in ((self._index, kept), (self._pixels, self.end)):
            if path.exists() and path.stat().st_size != length:
                os.truncate(path, length)


@contextmanager
def open_store(
    cache: Path, preparation: Preparation, *, margins: Margins | None = None, masks: bool = False
) -> Iterator[PixelStore]:
    """Open the store of `preparation` below `cache`, for one process at a time; others wait.

    With `margins` it holds wide crops with every margin of that range; with `masks` the last channel of each image is
    its mask.

    The folder's name holds a hash of the preparation and of its source code, so that pixels prepared by other code are
    never used.

    Raises:
        OutputError: the folder cannot be written.
    """
    side = (preparation.size, preparation.size)
    channels = 3 if preparation.colour == "rgb" else 1
    shape = (*side, channels + 1) if masks else side + ((3,) if channels == 3 else ())
    name = store_name(preparation, margins=margins) + ("-masks" if masks else "")
    with open_folder(cache / name, None if margins or preparation.shape == "own" else shape) as store:
        yield store


@contextmanager
def open_folder(folder: Path, shape: tuple[int, ...] | None) -> Iterator[PixelStore]:
    """Open the store in a folder, for one process at a time; others wait.

    Raises:
        OutputError: the folder cannot be written.
    """
    make_folder(folder)
    try:
        with FileLock(folder / "in-use.lock"):
            store = PixelStore(folder, shape)
            store._recover()
            yield store
    except PermissionError as error:
        raise output_error(folder, error) from error


def store_name(preparation: Preparation | PairPreparation, *, margins: Margins | None = None) -> str:
    """Name of the store: a hash over the preparation, the source code of `imaging` and the libraries it uses."""
    code = sorted(Path(str(thyrosight.imaging.__file__)).parent.glob("**/*.py"))
    made_by = [sha256_of_file(path) for path in code] + [version(name) for name in ("numpy", "pillow", "scikit-image")]
    wide = [] if margins is None else [list(margins)]
    return sha256_of_json([preparation.digest(), made_by, *wide])[:16]


def _parse(line: bytes) -> Record | None:
    try:
        record = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    return record if isinstance(record, dict) and {"name", "row"} <= record.keys() else None
