"""Contact sheets: many pictures on one, each with its name, to look at them at a glance."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

TILE = (632, 420)
GAP, TITLE = 8, 18


def write_sheets(pictures: Sequence[Path], folder: Path, *, name: str, across: int = 3, down: int = 3) -> list[Path]:
    """Write the pictures on sheets of `across` x `down`; gives the files."""
    font, written = ImageFont.load_default(14), []
    each = across * down
    size = (across * (TILE[0] + GAP) + GAP, down * (TILE[1] + TITLE + GAP) + GAP)
    for start in range(0, len(pictures), each):
        sheet = Image.new("RGB", size, "#808080")
        pen = ImageDraw.Draw(sheet)
        for place, file in enumerate(pictures[start : start + each]):
            left = GAP + place % across * (TILE[0] + GAP)
            top = GAP + place // across * (TILE[1] + TITLE + GAP)
            pen.text((left, top), file.stem, fill="white", font=font)
            with Image.open(file) as picture:
                small = picture.convert("RGB")
                small.thumbnail(TILE, Image.Resampling.LANCZOS)
                sheet.paste(small, (left, top + TITLE))
        written.append(folder / f"{name}-{start // each + 1}.png")
        sheet.save(written[-1])
    return written
