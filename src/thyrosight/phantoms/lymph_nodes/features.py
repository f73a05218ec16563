"""Sonographic features of simulated lymph nodes, and the model of their effects on metastasis."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

HILUM = ("present", "lost")
NODE_SHAPE = ("oval", "round")
CYSTIC_CHANGE = ("absent", "present")
MICROCALCIFICATION = ("absent", "present")
ECHOGENICITY = ("hypoechoic", "hyperechoic")
MARGIN = ("smooth", "irregular")
SEXES = ("F", "M")

LEVELS: dict[str, tuple[str, ...]] = {
    "hilum": HILUM,
    "node_shape": NODE_SHAPE,
    "cystic_change": CYSTIC_CHANGE,
    "microcalcification": MICROCALCIFICATION,
    "echogenicity": ECHOGENICITY,
    "margin": MARGIN,
}
"""Every feature with its levels, in the order in which they are drawn; the first level is the benign one."""

INTERCEPT = -2.53
EFFECTS: dict[str, dict[str, float]] = {
    "hilum": {"present": 0.0, "lost": 1.7},
    "node_shape": {"oval": 0.0, "round": 1.1},
    "cystic_change": {"absent": 0.0, "present": 2.6},
    "microcalcification": {"absent": 0.0, "present": 3.0},
    "echogenicity": {"hypoechoic": 0.0, "hyperechoic": 2.0},
    "margin": {"smooth": 0.0, "irregular": 1.2},
}
SEX_EFFECT: dict[str, float] = {"F": 0.0, "M": 0.72}
"""Log odds ratios of features and sex. Age, site, view, size and the neighbours of a node have no effect."""

EFFECTS_SOURCE = (
    "signs after Leboulleux et al. 2007, J Clin Endocrinol Metab 92:3590, and the European Thyroid Association's "
    "guidelines of 2013 (Leenhardt et al., Eur Thyroid J 2:147); sizes are chosen, not fitted to data. The intercept "
    "and the effect of sex give about the shares of malignant nodes of Zhao et al., Front Oncol 2023 (section 3.1)"
)

MALE_SHARE = 928 / 3059
"""Share of men among the nodes of Zhao et al., section 3.1."""

# Frequencies of the second level of each feature. The hilum comes first, and the others depend on it: a hyperechoic
# mass, fluid or calcifications seldom leave the hilum in place.
_HILUM_LOST = 0.56
_SECOND_LEVEL = {
    "present": {
        "node_shape": 0.16,
        "cystic_change": 0.03,
        "microcalcification": 0.04,
        "echogenicity": 0.0,
        "margin": 0.06,
    },
    "lost": {
        "node_shape": 0.44,
        "cystic_change": 0.20,
        "microcalcification": 0.24,
        "echogenicity": 0.28,
        "margin": 0.26,
    },
}


@dataclass(frozen=True)
class LymphNodeFeatures:
    """The sonographic features of a lymph node; every text is one of the constants of this module.

    Attributes:
        hilum: the bright band of fat and vessels in the middle of a healthy node.
        node_shape: round if the short axis is more than half of the long one.
        cystic_change: fluid inside.
        microcalcification: punctate bright dots.
        echogenicity: hyperechoic if a mass as bright as thyroid tissue fills the node or a large part of it.
        margin: margin of the outline.
    """

    hilum: str
    node_shape: str
    cystic_change: str
    microcalcification: str
    echogenicity: str
    margin: str

    def malignancy_risk(self, sex: str) -> float:
        """Probability of metastasis under the logistic model of `EFFECTS` and `SEX_EFFECT`.

        >>> harmless = LymphNodeFeatures("present", "oval", "absent", "absent", "hypoechoic", "smooth")
        >>> suspicious = LymphNodeFeatures("lost", "round", "present", "present", "hyperechoic", "smooth")
        >>> round(harmless.malignancy_risk("F"), 3), round(suspicious.malignancy_risk("F"), 3)
        (0.074, 1.0)
        """
        log_odds = INTERCEPT + SEX_EFFECT[sex] + sum(EFFECTS[name][value] for name, value in asdict(self).items())
        return float(expit(log_odds))

    def frequency(self) -> float:
        """Probability that `draw_node_features` gives just these features."""
        total = _HILUM_LOST if self.hilum == "lost" else 1 - _HILUM_LOST
        for name, share in _SECOND_LEVEL[self.hilum].items():
            total *= share if getattr(self, name) == LEVELS[name][1] else 1 - share
        return total


def draw_node_features(random: np.random.Generator) -> LymphNodeFeatures:
    """Draw the features of one lymph node."""
    hilum = HILUM[int(random.random() < _HILUM_LOST)]
    others = {name: LEVELS[name][int(random.random() < share)] for name, share in _SECOND_LEVEL[hilum].items()}
    return LymphNodeFeatures(hilum=hilum, **others)


@dataclass(frozen=True, eq=False)
class NodePopulation:
    """All lymph nodes that could be drawn.

    Attributes:
        features: every combination of features.
        frequency: frequency of each in patients of each sex, `(features, sexes)`; it sums to 1.
        risk: its risk of metastasis, `(features, sexes)`.
    """

    features: tuple[LymphNodeFeatures, ...]
    frequency: NDArray[np.float64]
    risk: NDArray[np.float64]


@lru_cache
def node_population() -> NodePopulation:
    """The population that the cohorts are drawn from; the columns are `SEXES`."""
    found = tuple(LymphNodeFeatures(*texts) for texts in product(*LEVELS.values()))
    drawn = np.array([features.frequency() for features in found])
    return NodePopulation(
        features=found,
        frequency=drawn[:, None] * np.array([1 - MALE_SHARE, MALE_SHARE]),
        risk=np.array([[features.malignancy_risk(sex) for sex in SEXES] for features in found]),
    )


def node_prevalence(sex: str | None = None) -> float:
    """Share of malignant nodes in the population, or among the nodes of one sex.

    >>> round(node_prevalence(), 2), round(node_prevalence("F"), 2), round(node_prevalence("M"), 2)
    (0.5, 0.47, 0.56)
    """
    everyone = node_population()
    columns = slice(None) if sex is None else [SEXES.index(sex)]
    frequency = everyone.frequency[:, columns]
    return float((frequency * everyone.risk[:, columns]).sum() / frequency.sum())
