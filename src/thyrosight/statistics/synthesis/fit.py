"""Fits of sensitivity and specificity over sites: mean log odds and their spread between sites."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize

from thyrosight.statistics.validation import Floats

_SMALLEST = 1e-3  # standard deviation between sites, on the log odds, that counts as none
_LARGEST = 0.995  # correlation between sites that counts as not estimable


@dataclass(frozen=True, eq=False, slots=True)
class SpreadFit:
    """Mean and spread of the log odds of sensitivity and specificity.

    Attributes:
        mean: of the population of sites, shape (2,).
        covariance: of that mean as an estimate, shape (2, 2).
        between: covariance matrix of sites, shape (2, 2).
        likelihood: maximum of the log likelihood (of the restricted one, for normal logits).
    """

    mean: Floats
    covariance: Floats
    between: Floats
    likelihood: float

    @property
    def spread(self) -> Floats:
        """Standard deviations between sites."""
        deviations: Floats = np.sqrt(np.diag(self.between))
        return deviations

    @property
    def correlation(self) -> float:
        """Correlation of both log odds between sites; 0 where one does not vary."""
        product = float(np.prod(self.spread))
        return float(self.between[0, 1]) / product if product > 0 else 0.0

    @property
    def on_the_edge(self) -> bool:
        """Whether a standard deviation is 0 or the correlation 1 or -1, where the data cannot tell."""
        return bool(self.spread.min() < _SMALLEST) or abs(self.correlation) > _LARGEST


def between_matrix(parameters: Floats, *, correlated: bool) -> Floats:
    """Covariance matrix of sites from the logs of its standard deviations and Fisher's z of its correlation."""
    deviations = np.exp(parameters[:2])
    correlation = float(np.tanh(parameters[2])) if correlated else 0.0
    covariance = correlation * deviations[0] * deviations[1]
    return np.array([[deviations[0] ** 2, covariance], [covariance, deviations[1] ** 2]])


def minimised(
    function: Callable[[Floats], float], starts: Sequence[Floats], bounds: list[tuple[float, float]]
) -> Floats:
    """Return the parameters of the smallest value that is reached from any of the starts."""
    best: tuple[float, Floats] | None = None
    for start in starts:
        inside = np.clip(start, *np.array(bounds).T)
        found = optimize.minimize(
            function, inside, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-13, "gtol": 1e-7}
        )
        if best is None or found.fun < best[0] - 1e-9:
            best = (float(found.fun), np.asarray(found.x))
    assert best is not None
    return best[1]


def spread_bounds(*, correlated: bool) -> list[tuple[float, float]]:
    """Bounds of the parameters of `between_matrix`."""
    return [(float(np.log(_SMALLEST / 2)), 2.5)] * 2 + ([(-4.0, 4.0)] if correlated else [])
