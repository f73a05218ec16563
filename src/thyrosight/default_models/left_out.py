"""Frames that a training never saw: on them thresholds are chosen, calibration is fitted and figures are measured."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thyrosight.default_models.collections import frames_of
from thyrosight.default_models.pack import Item, outline_of, read_index
from thyrosight.errors import BundleError, CohortError
from thyrosight.imaging import Frame, read_frame

Keys = Mapping[str, Collection[str]]
"""Keys of frames by collection."""


@dataclass(frozen=True)
class Case:
    """A frame that was left out.

    Attributes:
        collection: its name.
        item: its file, masks and label.
        group: of frames that were kept together.
    """

    collection: str
    item: Item
    group: str

    @property
    def normal(self) -> bool:
        """Whether it is known to show no lesion."""
        return self.item.note.get("class") == "normal"

    def read(self) -> tuple[Frame, NDArray[np.bool_]]:
        """The frame, and the mask of everything outlined in it.

        Raises:
            ImageError: it cannot be read, or nothing is known of its outlines.
        """
        frame = read_frame(self.item.image)
        mask = outline_of(self.item, frame)
        return frame, np.zeros((frame.rows, frame.columns), dtype=bool) if mask is None else mask


def read_keys(path: Path) -> Keys:
    """Read a JSON file with the keys of frames by collection.

    Raises:
        CohortError: it cannot be read, or holds something else.
    """
    try:
        keys = json.loads(path.read_text(encoding="utf-8"))
        return {str(name): [str(key) for key in given] for name, given in keys.items()}
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise CohortError(
            f'{path} does not list frames by collection ({error}); write JSON such as {{"ddti": ["1_1"]}}.'
        ) from error


def left_out_cases(
    data: Path, packs: Path, name: str, *, fold: int, keys: Keys | None = None, outlined: bool = False
) -> list[Case]:
    """The frames of one fold of a collection; of TN5000 those of part train, for part valid takes part in nothing.

    Args:
        data: the folder of the collections.
        packs: the folder of their packs, which know groups and folds.
        name: of the collection.
        fold: that was left out.
        keys: the frames instead of the fold, where weights were trained by another division.
        outlined: only frames whose outline is known.

    Raises:
        BundleError: nothing was left out.
    """
    index = read_index(packs / f"{name}.npz")
    chosen = np.isin(index.key, sorted(keys[name])) if keys is not None and name in keys else index.fold == fold
    chosen &= np.array([not note.startswith("part=valid") for note in index.note], dtype=bool)
    if outlined:
        chosen &= index.outlined
    if not chosen.any():
        raise BundleError(
            f"No frame of {name} was left out of the training, so that nothing can be chosen or measured on it; train "
            "with a fold of 0 to 4."
        )
    items = {item.key: item for item in frames_of(data, name)}
    return [Case(name, items[str(index.key[row])], str(index.group[row])) for row in np.flatnonzero(chosen)]
