"""Opinions of simulated readers on a case: a binormal score, correlated between readers and between arms."""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

_SHARED, _OWN = 0.4, 0.25
"""Shares of the variance of a score that a case gives all readers, and that a case gives one reader in both arms."""


@dataclass(frozen=True)
class Skill:
    """Area under the ROC curve of a reader over all possible cases, in each arm."""

    unaided: float
    aided: float


@dataclass(frozen=True)
class Minds:
    """Scores from 0 to 100 that readers give: `scores[arm][reader, case]`.

    Attributes:
        truth: 0 or 1 of each case.
        scores: whole numbers.
        network: score of a network for each case, 0 to 1.
    """

    truth: NDArray[np.int64]
    scores: dict[str, NDArray[np.int64]]
    network: NDArray[np.float64]


def think(skills: list[Skill], cases: int, *, seed: int) -> Minds:
    """Draw what readers of these skills think of `cases` cases, half of them malignant.

    The rating of a case is normal with variance 1 in both classes and means that lie sqrt(2) * z(AUC) apart.
    """
    drawn = np.random.default_rng(seed)
    truth = np.arange(cases) % 2
    shared = drawn.normal(size=cases)
    own = drawn.normal(size=(len(skills), cases))
    scores = {}
    for arm in ("unaided", "aided"):
        noise = drawn.normal(size=(len(skills), cases))
        ratings = math.sqrt(_SHARED) * shared + math.sqrt(_OWN) * own + math.sqrt(1 - _SHARED - _OWN) * noise
        apart = np.array([math.sqrt(2) * NormalDist().inv_cdf(getattr(skill, arm)) for skill in skills])
        centred = ratings + apart[:, None] * (truth - 0.5)
        whole = np.vectorize(NormalDist(0, 1.6).cdf)(centred) * 100
        scores[arm] = np.clip(np.round(whole), 0, 100).astype(int)
    network = np.round(np.vectorize(NormalDist().cdf)(drawn.normal(size=cases) + 1.4 * (truth - 0.5)), 3)
    return Minds(truth, scores, network)
