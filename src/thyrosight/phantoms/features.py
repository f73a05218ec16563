"""Sonographic features of simulated nodules, and the model of their effects on malignancy."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from thyrosight.statistics import weighted_auc

COMPOSITION = ("solid", "mixed", "spongiform", "cystic")
ECHOGENICITY = ("hyperechoic", "isoechoic", "hypoechoic", "markedly hypoechoic", "anechoic")
MARGIN = ("smooth", "lobulated", "irregular", "ill-defined")
CALCIFICATION = ("none", "microcalcification", "macrocalcification", "comet-tail")
SHAPE = ("wider than tall", "taller than wide")

LEVELS: dict[str, tuple[str, ...]] = {
    "composition": COMPOSITION,
    "echogenicity": ECHOGENICITY,
    "margin": MARGIN,
    "calcification": CALCIFICATION,
    "shape": SHAPE,
}
"""Every feature with its levels, in the order in which they are drawn."""

INTERCEPT = -3.2
EFFECTS: dict[str, dict[str, float]] = {
    "composition": {"solid": 1.2, "mixed": 0.2, "spongiform": -2.0, "cystic": -2.5},
    "echogenicity": {
        "hyperechoic": -0.3,
        "isoechoic": 0.0,
        "hypoechoic": 1.2,
        "markedly hypoechoic": 2.2,
        "anechoic": 0.0,
    },
    "margin": {"smooth": 0.0, "lobulated": 1.3, "irregular": 2.0, "ill-defined": 0.2},
    "calcification": {"none": 0.0, "microcalcification": 2.0, "macrocalcification": 0.7, "comet-tail": -1.0},
    "shape": {"wider than tall": 0.0, "taller than wide": 1.9},
}
"""Log odds ratios. Signs and order follow the points of ACR TI-RADS (Tessler et al. 2017, J Am Coll Radiol 14:587);
sizes are chosen, not fitted to any data. Age, sex, site and nodule size have no effect."""

EFFECTS_SOURCE = (
    "signs and order follow the points of ACR TI-RADS (Tessler et al. 2017, J Am Coll Radiol 14:587); "
    "sizes are chosen, not fitted to data"
)

# Frequencies of the features. Composition comes first, and the others depend on it, as in tissue: fluid has no echoes,
# comet tails need colloid, and only solid parts have microcalcifications.
_COMPOSITION = (0.56, 0.20, 0.11, 0.13)
_ECHOGENICITY = {
    "solid": (0.10, 0.28, 0.40, 0.22, 0.0),
    "mixed": (0.15, 0.50, 0.30, 0.05, 0.0),
    "spongiform": (0.15, 0.70, 0.15, 0.0, 0.0),
    "cystic": (0.0, 0.0, 0.0, 0.0, 1.0),
}
_MARGIN = {
    "solid": (0.40, 0.18, 0.25, 0.17),
    "mixed": (0.55, 0.15, 0.13, 0.17),
    "spongiform": (0.70, 0.05, 0.05, 0.20),
    "cystic": (0.88, 0.12, 0.0, 0.0),
}
_CALCIFICATION = {
    "solid": (0.50, 0.32, 0.18, 0.0),
    "mixed": (0.50, 0.18, 0.12, 0.20),
    "spongiform": (0.60, 0.0, 0.05, 0.35),
    "cystic": (0.60, 0.0, 0.0, 0.40),
}
_SHAPE = {"solid": (0.68, 0.32), "mixed": (0.85, 0.15), "spongiform": (0.95, 0.05), "cystic": (0.92, 0.08)}


@dataclass(frozen=True)
class NoduleFeatures:
    """The sonographic features of a nodule; every text is one of the constants of this module."""

    composition: str
    echogenicity: str
    margin: str
    calcification: str
    shape: str

    def malignancy_risk(self) -> float:
        """Probability of malignancy under the logistic model of `EFFECTS`.

        >>> harmless = NoduleFeatures("spongiform", "isoechoic", "smooth", "none", "wider than tall")
        >>> suspicious = NoduleFeatures("solid", "hypoechoic", "irregular", "microcalcification", "taller than wide")
        >>> round(harmless.malignancy_risk(), 3), round(suspicious.malignancy_risk(), 3)
        (0.005, 0.994)
        """
        log_odds = INTERCEPT + sum(EFFECTS[name][value] for name, value in asdict(self).items())
        return float(expit(log_odds))

    def frequency(self) -> float:
        """Probability that `draw_features` gives just these features."""
        given = self.composition
        return (
            _COMPOSITION[COMPOSITION.index(given)]
            * _ECHOGENICITY[given][ECHOGENICITY.index(self.echogenicity)]
            * _MARGIN[given][MARGIN.index(self.margin)]
            * _CALCIFICATION[given][CALCIFICATION.index(self.calcification)]
            * _SHAPE[given][SHAPE.index(self.shape)]
        )


def draw_features(random: np.random.Generator) -> NoduleFeatures:
    """Draw the features of one nodule."""
    composition = str(random.choice(COMPOSITION, p=_COMPOSITION))
    return NoduleFeatures(
        composition=composition,
        echogenicity=str(random.choice(ECHOGENICITY, p=_ECHOGENICITY[composition])),
        margin=str(random.choice(MARGIN, p=_MARGIN[composition])),
        calcification=str(random.choice(CALCIFICATION, p=_CALCIFICATION[composition])),
        shape=str(random.choice(SHAPE, p=_SHAPE[composition])),
    )


@dataclass(frozen=True, eq=False)
class Population:
    """All nodules that could be drawn.

    Attributes:
        features: every combination of features, the last feature changing fastest; some are never drawn.
        frequency, risk: frequency of each and its risk of malignancy; one axis for each feature.
    """

    features: tuple[NoduleFeatures, ...]
    frequency: NDArray[np.float64]
    risk: NDArray[np.float64]


@lru_cache
def population() -> Population:
    """The population that `draw_features` draws from."""
    shape = [len(levels) for levels in LEVELS.values()]
    found = tuple(NoduleFeatures(*texts) for texts in product(*LEVELS.values()))
    frequency = np.array([features.frequency() for features in found]).reshape(shape)
    risk = np.array([features.malignancy_risk() for features in found]).reshape(shape)
    return Population(found, frequency, risk)


@lru_cache
def best_possible_auc() -> float:
    """AUC of the true risk in the population of `draw_features`: the upper limit for every reader of the images.

    It is exact: a sum over all combinations of features, weighted by their frequencies.
    """
    drawn = population().frequency > 0
    frequency, risk = population().frequency[drawn], population().risk[drawn]
    truth = np.repeat([0, 1], risk.size)
    weight = np.concatenate([frequency * (1 - risk), frequency * risk])
    return float(weighted_auc(truth, np.tile(risk, 2), weight[None])[0])


def prevalence() -> float:
    """Share of malignant nodules in the population that `draw_features` draws from."""
    return float(np.sum(population().frequency * population().risk))
