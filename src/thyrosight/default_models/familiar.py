"""Teach a finder to say that an image is unlike those it was trained on.

No collection that may be learnt from shows the neck without a thyroid. So the tissue itself is learnt, place by place:
thyroid is what surrounds an outlined nodule; the layers above and below, breasts and phantoms are not. An image in
which no place looks like thyroid is unlike the training images. Within one frame both sides come from one machine,
so that machines are not what is learnt.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from sklearn.linear_model import LogisticRegression
from torch import nn

from thyrosight.default_models.fitting import as_input
from thyrosight.default_models.scanners import other_scanner
from thyrosight.errors import CohortError
from thyrosight.inference.familiarity import Familiarity, LinearMeasure, lit_cells
from thyrosight.networks.encoder_maps import encoder_of, joined_features
from thyrosight.progress import Progress, silent

TISSUE, SCENE = "no thyroid tissue", "another scene"
"""What the two measures look for: cells unlike the tissue around a nodule; a scene that is on the whole another one."""

KEPT = {TISSUE: 0.96, SCENE: 0.99}
"""Share of the frames left out of the training, in each of their collections, that a measure must call familiar.

The measure of the scene must do so when other scanners show them: machines differ in the whole, less in tissue.
"""

CELLS = {TISSUE: 12, SCENE: 10_000}
"""So many cells of an image must be familiar on average; of its scene all."""

LEAST_SIZE = 128
"""Pixels of the network's input below which its maps are too coarse to tell thyroid from what lies around it."""

_RING, _LAYERS = (0.2, 0.85), (0.14, 0.9)  # depths of thyroid beside a nodule; of the layers above and below it
_MOST_CELLS = 25  # of one image without thyroid
_STRENGTH = {TISSUE: 0.0003, SCENE: 0.01}  # of the logistic regression: the inverse of its penalty
_AT_ONCE = 16

Cells = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shown:
    """A prepared image to learn familiarity from.

    Attributes:
        pixels: uint8 `(size, size)`, black outside the scan area.
        kind: whether it shows a thyroid.
        collection, group: where it comes from; frames of one group belong together.
        nodules: bool of the same shape: everything outlined; of thyroid frames that are learnt from.
    """

    pixels: NDArray[np.uint8]
    kind: Literal["thyroid", "other"]
    collection: str
    group: str = ""
    nodules: NDArray[np.bool_] | None = None


def fit_familiarity(
    network: nn.Module, learnt: Iterable[Shown], left_out: Sequence[Shown], *, progress: Progress = silent
) -> Familiarity:
    """Fit the measures of thyroid tissue and of the scene on the features of a finder, and choose their limits.

    Args:
        network: the trained finder, in evaluation mode.
        learnt: thyroid frames with outlined nodules, and images of other things.
        left_out: thyroid frames that took part neither in the training of the network nor in `learnt`; the limits are
            the least at which `KEPT` of each of their collections count as familiar.
        progress: called as the work goes on.

    Raises:
        CohortError: there is nothing of one kind, or nothing was left out.
    """
    cells, counts = _gathered(network, learnt, progress)
    if not (any(map(len, cells.tissue)) and any(map(len, cells.other)) and left_out):
        raise CohortError("Familiarity needs outlined thyroid frames, other images, and thyroid frames left out.")
    measures = [
        _measure(TISSUE, cells.tissue, cells.layers + cells.other),
        _measure(SCENE, cells.thyroids, cells.others),
    ]
    values: dict[str, dict[str, list[float]]] = {measure.name: {} for measure in measures}
    for measure, images in zip(measures, (left_out, _by_other_scanners(left_out)), strict=True):
        for one, features in _features(network, images, progress, "Looking at frames left out"):
            inside = lit_cells(one.pixels, (features.shape[1], features.shape[2]))
            values[measure.name].setdefault(one.collection, []).append(measure.value(features, inside))
    limits = {name: max(float(np.quantile(found, KEPT[name])) for found in values[name].values()) for name in values}
    shares = " and ".join(f"{share:.0%} ({name})" for name, share in KEPT.items())
    return Familiarity(
        measures=tuple(measure.model_copy(update={"limit": limits[measure.name]}) for measure in measures),
        rule=f"of the frames left out of the training at least {shares} are familiar, in each collection",
        fitted_on=", ".join(f"{count} of {name}" for name, count in counts.items()),
        images=len(left_out),
        groups=len({(one.collection, one.group) for one in left_out}),
    )


def _by_other_scanners(images: Sequence[Shown]) -> list[Shown]:
    """The images as they are, and as other machines and users would have shown them."""
    draw = np.random.default_rng(1)
    changed = [other_scanner(one.pixels.astype(np.float32), draw).astype(np.uint8) for one in images]
    return [*images, *(replace(one, pixels=pixels) for one, pixels in zip(images, changed, strict=True))]


@dataclass(frozen=True)
class _Gathered:
    """Features of each image: `(cells, channels)` of thyroid tissue, of layers beside it, of other things.

    And `(1, channels)`, the mean over the scan area, of frames of the thyroid and of other images.
    """

    tissue: list[NDArray[np.float32]]
    layers: list[NDArray[np.float32]]
    other: list[NDArray[np.float32]]
    thyroids: list[NDArray[np.float32]]
    others: list[NDArray[np.float32]]


def _gathered(network: nn.Module, learnt: Iterable[Shown], progress: Progress) -> tuple[_Gathered, dict[str, int]]:
    """The cells that are learnt from, and the number of images by collection."""
    draw = np.random.default_rng(0)
    cells, counts = _Gathered([], [], [], [], []), dict[str, int]()
    for one, features in _features(network, learnt, progress, "Learning what thyroid looks like"):
        inside = lit_cells(one.pixels, (features.shape[1], features.shape[2]))
        if not inside.any():
            continue
        whole = features[:, inside].mean(axis=1)[None]
        if one.kind == "other":
            rows, columns = draw.permutation(np.argwhere(inside))[:_MOST_CELLS].T
            cells.other.append(features[:, rows, columns].T)
            cells.others.append(whole)
        else:
            cells.thyroids.append(whole)
            beside, layers = tissue_cells(one, inside)
            cells.tissue.append(features[:, beside].T)
            cells.layers.append(features[:, layers].T)
        counts[one.collection] = counts.get(one.collection, 0) + 1
    return cells, counts


def tissue_cells(one: Shown, inside: Cells) -> tuple[Cells, Cells]:
    """The cells of a frame that show thyroid, around its nodules, and those of the layers above and below.

    Args:
        one: the frame with its nodules.
        inside: the cells of its scan area.
    """
    lit = np.flatnonzero((one.pixels > 0).any(axis=1))
    if one.nodules is None or not one.nodules.any() or lit.size == 0:
        return np.zeros_like(inside), np.zeros_like(inside)
    down = one.pixels.shape[0] // inside.shape[0]
    shares = one.nodules.reshape(inside.shape[0], down, inside.shape[1], -1).mean(axis=(1, 3))
    depth = ((np.arange(inside.shape[0]) + 0.5) * down - lit[0]) / (lit[-1] + 1 - lit[0])
    ring = ndimage.binary_dilation(shares > 0.2) & (shares <= 0.5) & inside
    beside = ring & ((depth > _RING[0]) & (depth < _RING[1]))[:, None]
    far = inside & ~ndimage.binary_dilation(shares > 0.1)
    return beside, far & ((depth < _LAYERS[0]) | (depth > _LAYERS[1]))[:, None]


def _measure(name: str, familiar: list[NDArray[np.float32]], other: list[NDArray[np.float32]]) -> LinearMeasure:
    """A measure by logistic regression between cells of both sides; its limit is not chosen yet."""
    cells = np.concatenate([*familiar, *other]).astype(np.float64)
    truth = np.repeat([0, 1], [sum(map(len, familiar)), sum(map(len, other))])
    middle, spread = cells.mean(axis=0), cells.std(axis=0) + 1e-6
    found = LogisticRegression(C=_STRENGTH[name], class_weight="balanced", max_iter=300).fit(
        (cells - middle) / spread, truth
    )
    weights = [float(f"{weight:.6g}") for weight in found.coef_[0] / spread]
    offset = float(found.intercept_[0] - np.array(weights) @ middle)
    return LinearMeasure(name=name, weights=tuple(weights), offset=offset, cells=CELLS[name], limit=0.0)


@torch.no_grad()
def _features(
    network: nn.Module, images: Iterable[Shown], progress: Progress, what: str
) -> Iterator[tuple[Shown, NDArray[np.float32]]]:
    """Each image with its features `(channels, rows, columns)`."""
    encoder, left, done = encoder_of(network), iter(images), 0
    while batch := list(islice(left, _AT_ONCE)):
        maps = encoder(as_input([one.pixels.astype(np.float32) for one in batch]))
        yield from zip(batch, joined_features(maps).numpy(), strict=True)
        done += len(batch)
        progress(what, done, len(images) if isinstance(images, Sequence) else done)
