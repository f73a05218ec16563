"""Masks beside their image: `name_mask.png`, `name_mask_1.png` and so on."""

import re
from collections.abc import Iterable
from pathlib import Path

from thyrosight.cohort.sources.base import natural_order

_MASK = re.compile(r"(?P<image>.+)_mask(?:_\d+)?", re.IGNORECASE)


def apart(files: Iterable[Path]) -> tuple[list[Path], dict[Path, list[Path]]]:
    """Images, and the masks of each image that has some, both in natural order.

    A file counts as a mask only if its image is beside it.

    >>> images, masks = apart([Path("a.png"), Path("a_mask.png"), Path("a_mask_1.png"), Path("b_mask.png")])
    >>> [image.name for image in images], [mask.name for mask in masks[Path("a.png")]]
    (['a.png', 'b_mask.png'], ['a_mask.png', 'a_mask_1.png'])
    """
    ordered = sorted(files, key=natural_order)
    by_stem = {file.with_suffix("").as_posix().casefold(): file for file in ordered if not _MASK.fullmatch(file.stem)}
    images: list[Path] = []
    masks: dict[Path, list[Path]] = {}
    for file in ordered:
        named = _MASK.fullmatch(file.stem)
        image = by_stem.get((file.parent / named["image"]).as_posix().casefold()) if named else None
        if image is None:
            images.append(file)
        else:
            masks.setdefault(image, []).append(file)
    return images, {
        image: sorted(found, key=lambda mask: (len(mask.stem), mask.stem)) for image, found in masks.items()
    }
