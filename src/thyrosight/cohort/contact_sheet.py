"""A picture of near-duplicate pairs side by side, to check them by eye."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from thyrosight.cohort.duplicates import DuplicatePair
from thyrosight.errors import CohortError
from thyrosight.files import write_atomically
from thyrosight.imaging import read_frame
from thyrosight.imaging.lettering import font_for

_CELL = (300, 220)  # width and height of one image
_GAP = 16
_LINE = 20
_ACROSS = 2  # pairs in a row


def write_contact_sheet(
    pairs: Sequence[DuplicatePair], images: dict[str, str], path: Path | str, *, most: int = 60
) -> int:
    """Draw pairs with their keys and similarities into one PNG; return their number.

    Args:
        pairs: pairs, most similar first, as in `DuplicateGroups.pairs`.
        images: the file of each key.
        path: the file to write.
        most: number of pairs to draw at most; of more pairs the least similar are drawn.

    Raises:
        CohortError: there is no pair to draw, or the name does not end in .png.
        ImageError: an image cannot be read.
        OutputError: the file cannot be written.
    """
    if Path(path).suffix.lower() != ".png":
        raise CohortError(f"{path}: a contact sheet is written as PNG; end the name in .png.")
    if not pairs:
        raise CohortError("There are no near-duplicates to draw; no contact sheet was written.")
    shown = list(pairs)[-most:]
    rows = -(-len(shown) // _ACROSS)
    width = _ACROSS * (2 * _CELL[0] + _GAP)
    sheet = Image.new("L", (width, rows * (_CELL[1] + 2 * _LINE + _GAP)), 24)
    draw = ImageDraw.Draw(sheet)
    for number, pair in enumerate(shown):
        left = (number % _ACROSS) * (2 * _CELL[0] + _GAP)
        top = (number // _ACROSS) * (_CELL[1] + 2 * _LINE + _GAP)
        mirror = ", mirrored" if pair.mirrored else ""
        scores = f"{pair.kind}{mirror}: {pair.share:.0%} of blocks, correlation {pair.closeness:.2f}"
        draw.text((left + 4, top), scores, fill=255, font=font_for(14, scores))
        for side, key in enumerate((pair.first, pair.second)):
            corner = (left + side * _CELL[0], top + 2 * _LINE)
            draw.text((corner[0] + 4, top + _LINE), key, fill=200, font=font_for(14, key))
            sheet.paste(_thumbnail(images[key]), corner)
    with write_atomically(path) as temporary:
        sheet.save(temporary, format="PNG")
    return len(shown)


def _thumbnail(image: str) -> Image.Image:
    picture = Image.fromarray(read_frame(image).grey())
    picture.thumbnail((_CELL[0] - 4, _CELL[1]))
    return picture
