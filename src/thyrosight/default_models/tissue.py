"""Which parts of a frame are known to show thyroid tissue, and which something else.

Thyroid is what surrounds an outlined nodule; the layers above and below it, and everything in a breast, are not. Within
one frame both sides come from one machine, so that machines are not what is learnt. All else is unknown.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import nn
from torch.nn import functional

from thyrosight.networks.encoder_maps import captured, encoder_of, joined_features

CELL = 16
"""Pixels of the network's input to a side of one cell of its deeper maps."""

RING, LAYERS = (0.2, 0.85), (0.14, 0.9)
"""Depths of thyroid beside a nodule, and of the layers above and below it, as shares of the scan area's."""

Known = NDArray[np.bool_]

_COARSE = 4  # pixels of a pack to a side of what is computed here
_CELLS_ACROSS = 12  # so wide is a ring that it holds a cell where the whole scan area is shown


def tissue_of(nodules: Known, extent: NDArray[np.int64], *, thyroid: bool = True) -> tuple[Known, Known]:
    """The pixels of a packed frame that are known to show thyroid, and those known to show something else.

    Args:
        nodules: everything outlined, `(side, side)`.
        extent: rows and columns of the scan area.
        thyroid: whether the frame shows a thyroid at all.
    """
    rows, columns = (max(1, int(side) // _COARSE) for side in extent)
    side = len(nodules) // _COARSE
    inside = np.zeros((side, side), dtype=bool)
    inside[:rows, :columns] = True
    nowhere = np.zeros_like(inside)
    if not thyroid:
        return _fine(nowhere), _fine(inside)
    if not nodules.any():
        return _fine(nowhere), _fine(nowhere)
    shares = nodules.reshape(side, _COARSE, side, _COARSE).mean(axis=(1, 3))
    depth = ((np.arange(side) + 0.5) / rows)[:, None]
    wide = max(2, round(max(rows, columns) / _CELLS_ACROSS))
    ring = ndimage.binary_dilation(shares > 0.2, iterations=wide) & (shares <= 0.5) & inside
    far = ~ndimage.binary_dilation(shares > 0.1, iterations=wide) & inside
    beside = (depth > RING[0]) & (depth < RING[1])
    return _fine(ring & beside), _fine(far & ((depth < LAYERS[0]) | (depth > LAYERS[1])))


def _fine(known: Known) -> Known:
    return np.repeat(np.repeat(known, _COARSE, axis=0), _COARSE, axis=1)


class WithTissue(nn.Module):
    """A finder that answers for each cell too whether it shows thyroid: beside the mask it learns what surrounds it.

    Args:
        network: the finder.
        channels: of its joined features.
    """

    def __init__(self, network: nn.Module, channels: int) -> None:
        super().__init__()
        self.network = network
        answer = nn.Conv2d(channels, 1, kernel_size=1)
        for values in answer.parameters():  # nothing by chance, so that the same seed gives the same weights
            nn.init.zeros_(values)
        self.tissue = nn.Sequential(nn.BatchNorm2d(channels, affine=False), answer)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Logits of the mask `(n, 1, rows, columns)` and of the cells `(n, 1, rows / CELL, columns / CELL)`."""
        with captured(encoder_of(self.network)) as maps:
            mask_logits = self.network(images).mask_logits
        return mask_logits, self.tissue(joined_features(maps[0]))


def tissue_loss(logits: torch.Tensor, thyroid: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy of the cells that show mostly thyroid, and of those that mostly do not; each side half.

    Args:
        logits, thyroid, other: `(n, 1, rows, columns)`; the last two from 0 to 1.
    """
    entropy = functional.binary_cross_entropy_with_logits(logits, (thyroid > 0.5).float(), reduction="none")
    sides = [(share > 0.5).float() for share in (thyroid, other)]
    losses = [(entropy * known).sum() / known.sum().clamp(min=1) for known in sides]
    return (losses[0] + losses[1]) / 2
