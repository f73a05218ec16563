"""Whether an image is like those a network was trained on, told from the network's own features."""

from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from thyrosight.parts import Part

UNLIKE = "unlike the training images"
"""The quality flag of an image that is not."""

_LIT = 0.5


class LinearMeasure(Part):
    """One way in which an image can differ from those of the training: a weighted sum of the features of each cell.

    A cell is a place of the network's deeper maps. The value of an image is the mean over its most familiar cells,
    those with the smallest sums, so that a part of the image that looks as it should is enough.

    Attributes:
        name: what it looks for, for example "no thyroid tissue".
        weights: one per channel of the features.
        offset: added to the sum.
        cells: how many of the most familiar cells count; all of the scan area where it has fewer.
        limit: an image with a greater value is unlike the training images.
    """

    name: str
    weights: tuple[float, ...] = Field(min_length=1)
    offset: float = Field(allow_inf_nan=False)
    cells: int = Field(ge=1)
    limit: float = Field(allow_inf_nan=False)

    def value(self, features: NDArray[np.float32], inside: NDArray[np.bool_]) -> float:
        """The value of one image: larger means less like those of the training; infinite where nothing is inside.

        Args:
            features: `(channels, rows, columns)`.
            inside: the cells of the scan area `(rows, columns)`; see `lit_cells`.

        >>> dark = LinearMeasure(name="dark", weights=(-1.0,), offset=1.0, cells=1, limit=0.5)
        >>> dark.value(np.array([[[0.25, 0.75]]], np.float32), np.array([[True, True]]))
        0.25
        """
        sums = np.tensordot(np.array(self.weights, dtype=np.float64), features.astype(np.float64), axes=1)[inside]
        return float(np.sort(sums)[: self.cells].mean() + self.offset) if sums.size else float("inf")


class Familiarity(Part):
    """The measures of a model by which an image counts as unlike those it was trained on.

    Attributes:
        measures: an image beyond the limit of any of them is unlike the training images.
        rule: how the limits were chosen.
        fitted_on: the images that stood for both sides.
        images, groups: of the training collections whose values gave the limits.
    """

    measures: tuple[LinearMeasure, ...] = Field(min_length=1)
    rule: str
    fitted_on: str
    images: int = Field(ge=1)
    groups: int = Field(ge=1)

    @model_validator(mode="after")
    def _reads_one_network(self) -> Self:
        if len({len(measure.weights) for measure in self.measures}) > 1:
            raise ValueError("the measures have different numbers of weights and cannot read one network's features")
        return self

    @property
    def channels(self) -> int:
        """Number of channels of the features that the measures read."""
        return len(self.measures[0].weights)

    def is_unlike(self, features: NDArray[np.float32], pixels: NDArray[np.uint8]) -> bool:
        """Whether an image is unlike those of the training.

        Args:
            features: of the image, as `Outputs.features` gives them: `(channels, rows, columns)`.
            pixels: the prepared image `(rows, columns)`, perhaps with channels; black outside the scan area.
        """
        inside = lit_cells(pixels, (features.shape[1], features.shape[2]))
        return any(measure.value(features, inside) > measure.limit for measure in self.measures)


def lit_cells(pixels: NDArray[np.uint8], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The cells of a prepared image that are black for less than half, bool `(rows, columns)` of `shape`.

    >>> lit_cells(np.array([[0, 0, 7, 7], [0, 0, 7, 0]], np.uint8), (1, 2))
    array([[False,  True]])
    """
    lit = pixels > 0 if pixels.ndim == 2 else (pixels > 0).any(axis=2)
    down, across = (-(-side // cells) for side, cells in zip(lit.shape, shape, strict=True))
    whole = np.zeros((down * shape[0], across * shape[1]))
    whole[: lit.shape[0], : lit.shape[1]] = lit
    shares = whole.reshape(shape[0], down, shape[1], across).mean(axis=(1, 3))
    found: NDArray[np.bool_] = shares > _LIT
    return found
