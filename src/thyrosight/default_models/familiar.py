"""Teach a finder to say that an image is unlike those it was trained on.

No collection that may be learnt from shows the neck without a thyroid. So the tissue itself is learnt, place by place:
thyroid is what surrounds an outlined nodule; the layers above and below, breasts and phantoms are not. An image in
which no place looks like thyroid is unlike the training images. Within one frame both sides come from one machine,
so that machines are not what is learnt. Beside it stands a measure of the whole scene for each kind of other thing that
may be learnt from: breasts, and simulated pictures.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from thyrosight.default_models.tissue import LAYERS, RING
from thyrosight.errors import CohortError
from thyrosight.inference.familiarity import Familiarity, LinearMeasure, lit_cells
from thyrosight.networks.encoder_maps import encoder_of, joined_features
from thyrosight.progress import Progress, silent

TISSUE = "no thyroid tissue"
"""Name of the measure that looks for cells like the tissue around a nodule; the others look at the scene as a whole."""

SCENES = {"busi": "a breast", "phantoms": "a simulated picture"}
"""Names of the measures of a scene, one for each collection of other things; else the collection's own name.

What tells a breast from a thyroid is not what tells a simulated picture from a scanner's.
"""

KEPT_TISSUE, KEPT_SCENE = 0.98, 0.99
"""Share of the frames left out of the training, in each of their collections, that a measure must call familiar.

The measures of a scene must do so when other scanners show them: machines differ in the whole, less in tissue.
"""

CAUGHT = 0.95
"""Share of the other images left out, as they are, that the measure of their scene need call unlike.

Beyond that it keeps all thyroids it can: those of other hospitals are more like a breast than those of the training.
"""

TISSUE_CELLS, SCENE_CELLS = 12, 10_000
"""So many cells of an image must be familiar on average; of its scene all."""

LEAST_SIZE = 128
"""Pixels of the network's input below which its maps are too coarse to tell thyroid from what lies around it."""

_MOST_CELLS = 25  # of one image without thyroid
_TISSUE_STRENGTH, _SCENE_STRENGTH = 0.0003, 0.1  # of the logistic regression: the inverse of its penalty
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
    """Fit the measures of thyroid tissue and of other scenes on the features of a finder, and choose their limits.

    Args:
        network: the trained finder, in evaluation mode.
        learnt: thyroid frames with outlined nodules, and images of other things.
        left_out: thyroid frames, and perhaps other images, that took part neither in the training of the network nor in
            `learnt`. Each limit is the least at which the stated share of the thyroid frames of each of their
            collections counts as familiar; that of a scene is higher where `CAUGHT` of its images stay beyond it.
        progress: called as the work goes on.

    Raises:
        CohortError: there is nothing of one kind, or no thyroid frame was left out.
    """
    learnt = list(learnt)
    tissue, layers, others = _tissue(network, learnt, progress)
    thyroids = [one for one in left_out if one.kind == "thyroid"]
    if not (any(map(len, tissue)) and others and thyroids):
        raise CohortError("Familiarity needs outlined thyroid frames, other images, and thyroid frames left out.")
    measure = _fitted(TISSUE, tissue, layers + others, cells=TISSUE_CELLS, strength=_TISSUE_STRENGTH)
    values = _values(network, [measure], thyroids, progress)[TISSUE]
    measures = [measure.model_copy(update={"limit": _kept(values, KEPT_TISSUE)})]
    measures += _scenes(network, learnt, left_out, progress)
    return Familiarity(
        measures=tuple(measures),
        rule=f"of the thyroid frames left out of the training at least {KEPT_TISSUE:.0%} ({TISSUE}) and "
        f"{KEPT_SCENE:.0%} ({', '.join(one.name for one in measures[1:])}) are familiar, in each collection",
        fitted_on=", ".join(f"{count} of {name}" for name, count in Counter(one.collection for one in learnt).items()),
        images=len(thyroids),
        groups=len({(one.collection, one.group) for one in thyroids}),
    )


def _scenes(
    network: nn.Module, learnt: Sequence[Shown], left_out: Sequence[Shown], progress: Progress
) -> list[LinearMeasure]:
    """A measure for each collection of other things, with its limit; all images also as other scanners show them."""
    means: dict[str, list[NDArray[np.float32]]] = {}
    for one, features in _features(
        network, _by_other_scanners(learnt), progress, "Learning what other scenes look like"
    ):
        inside = lit_cells(one.pixels, (features.shape[1], features.shape[2]))
        if inside.any():
            name = one.kind if one.kind == "thyroid" else one.collection
            means.setdefault(name, []).append(features[:, inside].mean(axis=1)[None])
    measures = {
        name: _fitted(SCENES.get(name, name), means["thyroid"], other, cells=SCENE_CELLS, strength=_SCENE_STRENGTH)
        for name, other in means.items()
        if name != "thyroid"
    }
    thyroids, others = ([one for one in left_out if one.kind == kind] for kind in ("thyroid", "other"))
    familiar = _values(network, list(measures.values()), _by_other_scanners(thyroids), progress)
    unlike = _values(network, list(measures.values()), others, progress)
    limited = []
    for collection, measure in measures.items():
        limit = _kept(familiar[measure.name], KEPT_SCENE)
        if collection in unlike[measure.name]:
            limit = max(limit, float(np.quantile(unlike[measure.name][collection], 1 - CAUGHT)))
        limited.append(measure.model_copy(update={"limit": limit}))
    return limited


def _kept(values: Mapping[str, Sequence[float]], share: float) -> float:
    """The lowest limit at which this share of each collection is familiar."""
    return max(float(np.quantile(found, share)) for found in values.values())


def _values(
    network: nn.Module, measures: Sequence[LinearMeasure], images: Sequence[Shown], progress: Progress
) -> dict[str, dict[str, list[float]]]:
    """The values of images by measure and collection."""
    values: dict[str, dict[str, list[float]]] = {measure.name: {} for measure in measures}
    for one, features in _features(network, images, progress, "Looking at frames left out"):
        inside = lit_cells(one.pixels, (features.shape[1], features.shape[2]))
        for measure in measures:
            values[measure.name].setdefault(one.collection, []).append(measure.value(features, inside))
    return values


def _by_other_scanners(images: Sequence[Shown]) -> list[Shown]:
    """The images as they are, and as other machines and users would have shown them."""
    draw = np.random.default_rng(1)
    changed = [other_scanner(one.pixels.astype(np.float32), draw).astype(np.uint8) for one in images]
    return [*images, *(replace(one, pixels=pixels) for one, pixels in zip(images, changed, strict=True))]


Parts = list[NDArray[np.float32]]
"""Features of each image: `(cells, channels)`."""


def _tissue(network: nn.Module, learnt: Sequence[Shown], progress: Progress) -> tuple[Parts, Parts, Parts]:
    """Cells of thyroid tissue, of the layers beside it, and of other things."""
    draw = np.random.default_rng(0)
    tissue: Parts = []
    layers: Parts = []
    others: Parts = []
    for one, features in _features(network, learnt, progress, "Learning what thyroid looks like"):
        inside = lit_cells(one.pixels, (features.shape[1], features.shape[2]))
        if one.kind == "other":
            rows, columns = draw.permutation(np.argwhere(inside))[:_MOST_CELLS].T
            others.append(features[:, rows, columns].T)
        else:
            beside, far = tissue_cells(one, inside)
            tissue.append(features[:, beside].T)
            layers.append(features[:, far].T)
    return tissue, layers, others


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
    beside = ring & ((depth > RING[0]) & (depth < RING[1]))[:, None]
    far = inside & ~ndimage.binary_dilation(shares > 0.1)
    return beside, far & ((depth < LAYERS[0]) | (depth > LAYERS[1]))[:, None]


def _fitted(name: str, familiar: Parts, other: Parts, *, cells: int, strength: float) -> LinearMeasure:
    """A measure by logistic regression between the cells of both sides; its limit is not chosen yet."""
    values = np.concatenate([*familiar, *other]).astype(np.float64)
    truth = np.repeat([0, 1], [sum(map(len, familiar)), sum(map(len, other))])
    middle, spread = values.mean(axis=0), values.std(axis=0) + 1e-6
    found = LogisticRegression(C=strength, class_weight="balanced", max_iter=500).fit((values - middle) / spread, truth)
    weights = [float(f"{weight:.6g}") for weight in found.coef_[0] / spread]
    offset = float(found.intercept_[0] - np.array(weights) @ middle)
    return LinearMeasure(name=name, weights=tuple(weights), offset=offset, cells=cells, limit=0.0)


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
