"""Pictures before and after blanking, for a person to approve or to reject."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from thyrosight.errors import ImageError
from thyrosight.files import write_atomically
from thyrosight.imaging.deidentify.ledger import LedgerEntry
from thyrosight.imaging.lettering import font_for
from thyrosight.imaging.reading import read_frame

_CELL: Final = (460, 345)
_ROWS, _ACROSS = 6, 2
_GAP, _LINE = 10, 22
_RED: Final = (255, 60, 60)


def write_contact_sheets(entries: Sequence[LedgerEntry], folder: Path, path: Path) -> list[Path]:
    """Draw the first frame of every file before and after, twelve to a page, and give the pages.

    In the picture before, the blanked pixels are tinted red. Further pages get a number behind the name. The sheets
    show identifiers: they belong with the originals, not with the output.

    Raises:
        ImageError: the name does not end in .png, or a file that was written has gone.
        OutputError: the place cannot be written.
    """
    if path.suffix.lower() != ".png":
        raise ImageError(f"{path}: a contact sheet is written as PNG; end the name in .png.")
    per_page = _ROWS * _ACROSS
    pages = []
    for first in range(0, len(entries), per_page):
        name = path if first == 0 else path.with_name(f"{path.stem}-{first // per_page + 1}.png")
        sheet = _page(entries[first : first + per_page], folder)
        with write_atomically(name) as temporary:
            sheet.save(temporary, format="PNG")
        pages.append(name)
    return pages


def _page(entries: Sequence[LedgerEntry], folder: Path) -> Image.Image:
    width, height = 2 * _CELL[0] + 2 * _GAP, _CELL[1] + 2 * _LINE + _GAP
    rows = -(-len(entries) // _ACROSS)
    sheet = Image.new("RGB", (min(len(entries), _ACROSS) * width, rows * height), (32, 32, 36))
    draw = ImageDraw.Draw(sheet)
    font = font_for(13)
    for number, entry in enumerate(entries):
        left, top = (number % _ACROSS) * width, (number // _ACROSS) * height
        loop = f", {entry.frames} frames" if entry.frames > 1 else ""
        name = Path(entry.source).name[-56:]
        draw.text((left + 6, top + 3), name, fill=(255, 255, 255), font=font_for(13, name))
        draw.text(
            (left + _CELL[0] + 8, top + 3),
            f"{entry.output[:16]}...{entry.output[-12:]}",
            fill=(255, 255, 255),
            font=font,
        )
        said = f"{len(entry.text)} boxes of text; {entry.blanked:.1%} of the frame blanked{loop}"
        draw.text((left + 6, top + _LINE), said, fill=(255, 190, 120), font=font)
        draw.text((left + _CELL[0] + 8, top + _LINE), "after", fill=(170, 220, 170), font=font)
        before, after = read_frame(entry.source).rgb(), read_frame(folder / entry.output).rgb()
        for picture, at in ((_tinted(before, after), left), (after, left + _CELL[0] + 4)):
            sheet.paste(_fitted(picture), (at + 2, top + 2 * _LINE))
    return sheet


def _tinted(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The frame before, with everything that changed in red."""
    changed = (before != after).any(axis=2)
    shown = before.astype(np.float32)
    shown[changed] = 0.45 * shown[changed] + 0.55 * np.array(_RED, dtype=np.float32)
    return np.rint(shown).astype(np.uint8)


def _fitted(picture: NDArray[np.uint8]) -> Image.Image:
    scale = min(_CELL[0] / picture.shape[1], _CELL[1] / picture.shape[0])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS)
