"""The images that the finder's familiarity is learnt from: packed collections, and phantoms that are drawn here."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from thyrosight.default_models.familiar import Shown
from thyrosight.default_models.left_out import Keys
from thyrosight.default_models.pack import Pack, load, stretch_pack
from thyrosight.default_models.views import whole
from thyrosight.imaging import Preparation, read_frame
from thyrosight.phantoms import make_elastography_cohort, make_lymph_node_cohort, make_phantom_cohort

THYROID, OTHER = ("ddti", "tn5000"), "busi"
"""Collections of the thyroid, and of something else."""

_MOST = 300  # frames of one collection on each side
_PHANTOMS, _SEED, _SEED_LEFT_OUT = 60, 12, 13


def learnt_images(packs: Path, *, fold: int, size: int, keys: Keys | None = None) -> Iterator[Shown]:
    """Images from which familiarity is learnt: outlined thyroid frames and breasts outside the fold, and phantoms.

    Args:
        packs: the folder of the packed collections.
        fold: that was left out of the finder's training.
        size: side of the network's input in pixels.
            keys: outlined frames left out, by collection, where they are not those of the fold.
    """
    for name in THYROID:
        pack = _part(packs, name, fold=fold, keys=keys, left_out=False)
        outlined = np.flatnonzero(pack.masks.any(axis=(1, 2)))
        yield from _shown(_at_most(pack.take(outlined)), "thyroid", name, size)
    yield from _shown(_at_most(_part(packs, OTHER, fold=fold, keys=keys, left_out=False)), "other", OTHER, size)
    yield from _phantoms(size, _SEED)


def images_left_out(packs: Path, *, fold: int, size: int, keys: Keys | None = None) -> list[Shown]:
    """Frames left out, and phantoms of another seed; of TN5000 frames of part train, for part valid takes no part."""
    kinds: list[tuple[str, Literal["thyroid", "other"]]] = [*((name, "thyroid") for name in THYROID), (OTHER, "other")]
    frames = [
        one
        for name, kind in kinds
        for one in _shown(_at_most(_part(packs, name, fold=fold, keys=keys, left_out=True)), kind, name, size)
    ]
    return [*frames, *_phantoms(size, _SEED_LEFT_OUT)]


def _part(packs: Path, name: str, *, fold: int, keys: Keys | None, left_out: bool) -> Pack:
    pack = load(packs / f"{name}.npz")
    out = pack.fold == fold
    if keys is not None and name in keys:  # a training on outlined frames never saw the fold's others
        out = np.isin(pack.key, sorted(keys[name])) | (out & ~pack.outlined)
    valid = np.array([note.startswith("part=valid") for note in pack.note], dtype=bool)
    return pack.take((out == left_out) & ~valid)


def _at_most(pack: Pack) -> Pack:
    if len(pack) <= _MOST:
        return pack
    return pack.take(np.sort(np.random.default_rng(0).permutation(len(pack))[:_MOST]))


def _shown(pack: Pack, kind: Literal["thyroid", "other"], name: str, size: int) -> Iterator[Shown]:
    pack = stretch_pack(pack)
    for row in range(len(pack)):
        view = whole(pack.extent[row])
        nodules: NDArray[np.bool_] = view.of(pack.masks[row].astype(np.uint8) * 255, size) > 127
        pixels = view.of(pack.images[row], size)
        yield Shown(pixels, kind, name, str(pack.group[row]), nodules)


def _phantoms(size: int, seed: int) -> Iterator[Shown]:
    """Simulated thyroids, lymph nodes and nodules with elastograms."""
    preparation = Preparation(crop="scan area", shape="square", size=size, contrast="stretch", colour="grey")
    with TemporaryDirectory() as folder:
        for name, make in (
            ("thyroids", make_phantom_cohort),
            ("nodes", make_lymph_node_cohort),
            ("elastograms", make_elastography_cohort),
        ):
            table = make(Path(folder) / name, n=_PHANTOMS, seed=seed)
            images = table.parent / ("frames" if name == "elastograms" else "images")
            for image in islice(sorted(images.iterdir()), _PHANTOMS):
                pixels = preparation.prepare(read_frame(image)).pixels
                yield Shown(pixels, "other", "phantoms", f"{name} {image.stem}")
