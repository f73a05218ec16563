"""Faithfulness of heat maps: deleting the pixels that a faithful map highlights lowers the probability quickly."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import integrate, ndimage
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.explain.gradcam import place_network
from thyrosight.networks import ModelSpec, to_input
from thyrosight.networks.spec import MALIGNANT
from thyrosight.progress import Progress

BLUR_SHARE = 0.05
"""Standard deviation of the blur that replaces deleted pixels, as a share of the image's side."""
PATCHES = 7
"""Side of the grid that random orders are drawn on: that of most last convolutional stages at 224 x 224."""
METHOD = (
    "area under the probability of malignant while pixels are replaced by a blurred copy of the image, hottest first "
    "(deletion test of Petsiuk et al. 2018), beside the mean over random orders of patches of the same coarseness"
)


@dataclass(frozen=True, eq=False)
class DeletionScores:
    """Results of the deletion test on n images.

    Attributes:
        fractions: `(steps + 1,)` share of pixels deleted.
        curves: `(n, steps + 1)` probability of the target while the hottest pixels are deleted first.
        random_curves: `(n, steps + 1)` the same, mean over random orders.
        heat: `(n,)` area under each curve.
        random: `(n,)` area under each random curve.
        random_spread: `(n,)` standard deviation of the area over the random orders.
        method: in words.
    """

    fractions: NDArray[np.float64]
    curves: NDArray[np.float64]
    random_curves: NDArray[np.float64]
    heat: NDArray[np.float64]
    random: NDArray[np.float64]
    random_spread: NDArray[np.float64]
    method: str = METHOD

    @property
    def difference(self) -> NDArray[np.float64]:
        """Area of the map minus area of random orders `(n,)`; negative where the map is faithful."""
        return self.heat - self.random


def deletion_scores(
    network: nn.Module,
    spec: ModelSpec,
    pixels: NDArray[np.uint8],
    maps: NDArray[Any],
    *,
    target: str = MALIGNANT,
    steps: int = 10,
    seeds: Sequence[int] = (0, 1, 2, 3, 4),
    batch_size: int = 16,
    device: str | torch.device | None = None,
    progress: Progress | None = None,
) -> DeletionScores:
    """Deletion test (Petsiuk et al. 2018, section 3.3) of each map, against random orders.

    Deleted pixels are replaced by a Gaussian blur of the image (standard deviation 5 % of its side), not by black as in
    the paper: black is a finding in ultrasound (a cyst), while a blur removes texture and edges and adds none. A random
    order comes from noise on a grid of 7 x 7, enlarged in the same way as the maps, so that both delete patches of the
    same size and differ only in where these lie. Pixels of equal heat are deleted in random order. The first and the
    last step are the same for every order and are computed once.

    Args:
        network: in any mode; evaluated in evaluation mode.
        spec: its description.
        pixels: uint8 `(n, size, size)` grey or `(n, size, size, 3)`.
        maps: `(n, size, size)`.
        target: name of the class whose probability is followed.
        steps: in how many equal parts the pixels are deleted.
        seeds: one random order each.
        batch_size: images at a time.
        device: where to compute, and where the network stays; where it lies already if None.
        progress: called after each image.

    Raises:
        NetworkError: maps that do not belong to the pixels, fewer than one step or seed, or no class of that name.
    """
    if maps.shape != pixels.shape[:3]:
        raise NetworkError(f"Expected one map per image, {pixels.shape[:3]}, got maps of shape {maps.shape}.")
    if steps < 1 or not seeds:
        raise NetworkError("The deletion test needs at least one step and one seed.")
    column = spec.column(target)
    curves = np.zeros((len(pixels), 1 + len(seeds), steps + 1))
    place = place_network(network, device)
    training = network.training
    network.eval()
    try:
        for index, (image, heat) in enumerate(zip(pixels, maps, strict=True)):
            frames = _deleted(np.asarray(image), _orders(heat, seeds), steps=steps)
            values = _probabilities(network, spec, frames, column=column, batch_size=batch_size, device=place)
            curves[index] = _spread_out(values, orders=1 + len(seeds), steps=steps)
            if progress is not None:
                progress("Testing heat maps", index + 1, len(pixels))
    finally:
        network.train(training)
    areas: NDArray[np.float64] = integrate.trapezoid(curves, dx=1 / steps, axis=2)
    return DeletionScores(
        fractions=np.linspace(0, 1, steps + 1),
        curves=curves[:, 0],
        random_curves=curves[:, 1:].mean(axis=1),
        heat=areas[:, 0],
        random=areas[:, 1:].mean(axis=1),
        random_spread=areas[:, 1:].std(axis=1, ddof=1) if len(seeds) > 1 else np.zeros(len(pixels)),
    )


def blurred(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The image `(rows, columns[, 3])` without texture and edges, by which deleted pixels are replaced."""
    sigma = BLUR_SHARE * max(image.shape[:2])
    sigmas = (sigma, sigma, 0)[: image.ndim]
    return np.asarray(np.rint(ndimage.gaussian_filter(image.astype(np.float32), sigmas)), dtype=np.uint8)


def _orders(heat: NDArray[Any], seeds: Sequence[int]) -> NDArray[np.int64]:
    """Ranks of the pixels `(1 + seeds, rows, columns)`: by the map, then by each random order."""
    random = [_ranks(_noise(heat.shape, seed=seed), seed=seed) for seed in seeds]
    return np.stack([_ranks(heat, seed=0), *random])


def _noise(shape: tuple[int, ...], *, seed: int) -> NDArray[np.float32]:
    coarse = torch.from_numpy(np.random.default_rng(seed).random((1, 1, PATCHES, PATCHES), dtype=np.float32))
    fine: NDArray[np.float32] = nn.functional.interpolate(coarse, shape, mode="bilinear")[0, 0].numpy()
    return fine


def _ranks(heat: NDArray[Any], *, seed: int) -> NDArray[np.int64]:
    """Position of each pixel in the order of deletion, hottest first, ties in random order."""
    flat = np.asarray(heat, dtype=np.float64).ravel()
    order = np.lexsort((np.random.default_rng(seed).random(flat.size), -flat))
    ranks = np.empty(flat.size, dtype=np.int64)
    ranks[order] = np.arange(flat.size)
    return ranks.reshape(heat.shape)


def _deleted(image: NDArray[np.uint8], ranks: NDArray[np.int64], *, steps: int) -> NDArray[np.uint8]:
    """The image as it is, wholly deleted, then each order at each step between."""
    blur = blurred(image)
    frames = [image, blur]
    for order in ranks:
        for step in range(1, steps):
            gone = order < round(order.size * step / steps)
            frames.append(np.where(gone if image.ndim == 2 else gone[:, :, None], blur, image))
    return np.stack(frames)


def _spread_out(values: NDArray[np.float64], *, orders: int, steps: int) -> NDArray[np.float64]:
    """From the list that `_deleted` gives to one curve per order."""
    curves = np.empty((orders, steps + 1))
    curves[:, 0], curves[:, -1] = values[0], values[1]
    curves[:, 1:-1] = values[2:].reshape(orders, steps - 1)
    return curves


def _probabilities(
    network: nn.Module,
    spec: ModelSpec,
    frames: NDArray[np.uint8],
    *,
    column: int,
    batch_size: int,
    device: torch.device,
) -> NDArray[np.float64]:
    values = []
    with torch.inference_mode():
        for start in range(0, len(frames), batch_size):
            part = torch.from_numpy(frames[start : start + batch_size]).to(device)
            values.append(network(to_input(part, spec)).float().softmax(dim=1)[:, column].cpu().numpy())
    return np.concatenate(values).astype(np.float64)
