"""Categories from a model's probability of malignancy (the CNN-TIRADS of Rho et al.)."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from thyrosight.tirads.lexicon import TiradsError


@dataclass(frozen=True)
class RiskCategories:
    """Cut-offs between categories. A probability that equals a cut-off belongs to the higher category.

    Attributes:
        cut_offs: probabilities between 0 and 1, rising.
        names: one more name than there are cut-offs, from least to most suspicious.

    Raises:
        TiradsError: cut-offs that do not rise strictly within 0 and 1, or names that do not fit them.
    """

    cut_offs: tuple[float, ...] = (0.03, 0.15, 0.60)
    names: tuple[str, ...] = ("2", "3", "4", "5")

    def __post_init__(self) -> None:
        if not self.cut_offs or not all(0 < value < 1 for value in self.cut_offs):
            raise TiradsError(
                f"Cut-offs between risk categories should lie between 0 and 1, got {list(self.cut_offs)}."
            )
        if any(lower >= upper for lower, upper in pairwise(self.cut_offs)):
            raise TiradsError(f"Cut-offs between risk categories should rise, got {list(self.cut_offs)}.")
        if len(self.names) != len(self.cut_offs) + 1:
            raise TiradsError(
                f"{len(self.cut_offs)} cut-offs part {len(self.cut_offs) + 1} categories, but {len(self.names)} are "
                f"named: {', '.join(self.names)}."
            )
        if len(set(self.names)) != len(self.names):
            raise TiradsError(f"Names of risk categories should differ, got {', '.join(self.names)}.")

    def ranks(self, probability: ArrayLike) -> NDArray[np.int64]:
        """Place of each probability's category, 1 for the least suspicious.

        Args:
            probability: of malignancy, `(n,)`, each 0 to 1.

        Raises:
            TiradsError: a value outside 0 to 1, or missing.

        >>> RiskCategories().ranks([0.0299, 0.03, 0.15, 0.5999, 0.6]).tolist()
        [1, 2, 3, 3, 4]
        """
        values = np.asarray(probability, dtype=np.float64)
        wrong = ~((values >= 0) & (values <= 1))
        if wrong.any():
            place = int(np.flatnonzero(wrong.ravel())[0])
            raise TiradsError(
                f"Probabilities should lie between 0 and 1; number {place + 1} is {values.ravel()[place]:g} "
                f"({int(wrong.sum())} in all). Percentages must be divided by 100."
            )
        return np.searchsorted(np.asarray(self.cut_offs), values, side="right").astype(np.int64) + 1

    def categories(self, probability: ArrayLike) -> list[str]:
        """The name of each probability's category.

        Raises:
            TiradsError: as `ranks`.

        >>> RiskCategories().categories([0.01, 0.2, 0.9])
        ['2', '4', '5']
        """
        return [self.names[rank - 1] for rank in self.ranks(probability)]

    def text(self) -> str:
        """The rule in words.

        >>> RiskCategories().text()
        '2 below 3 %, 3 below 15 %, 4 below 60 %, 5 from 60 %'
        """
        below = [f"{name} below {100 * cut:g} %" for name, cut in zip(self.names, self.cut_offs, strict=False)]
        return ", ".join([*below, f"{self.names[-1]} from {100 * self.cut_offs[-1]:g} %"])


CNN_TIRADS: Final = RiskCategories()
"""The rule of Rho et al. (Sci Rep, methods: image acquisition and CNN evaluation), after the risks that K-TIRADS 2016
states for its categories."""
