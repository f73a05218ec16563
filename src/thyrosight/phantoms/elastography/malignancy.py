"""The effects of B-mode features and stiffness on malignancy, and the best possible AUC of each and of both."""

import math
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit, ndtr

from thyrosight.phantoms.features import EFFECTS, NoduleFeatures, population

MIDDLE_KPA = 41.0
"""Stiffness without effect on the risk of malignancy, in kPa."""
SPREAD = 0.6
"""Standard deviation of the natural logarithm of stiffness in kPa, within benign and within malignant nodules."""

_EASY = {
    "composition": {"solid"},
    "echogenicity": {"hyperechoic", "isoechoic", "hypoechoic", "markedly hypoechoic"},
    "margin": {"smooth"},
    "calcification": {"none"},
    "shape": {"wider than tall"},
}


@dataclass(frozen=True)
class MalignancyModel:
    """Log odds of malignancy = intercept + B-mode part + elastography part.

    The B-mode part is `b_mode_strength` times the sum of `EFFECTS` of the features. The elastography part is
    `stiffness_separation` times the standardised stiffness, which is log(kPa / `MIDDLE_KPA`) / `SPREAD`. Stiffness is
    log-normal in either class, and the means of the classes differ by `stiffness_separation` standard deviations. Given
    the label, features and stiffness are independent: their log odds add, and each alone gives a logistic risk.

    Attributes:
        b_mode_strength: multiplies every effect of B-mode; 0 makes B-mode uninformative, 1 keeps `EFFECTS`.
        stiffness_separation: distance of the classes in standard deviations; 0 makes stiffness uninformative.
        prevalence: share of malignant nodules; it fixes the intercept.
        easy: only differences that are visible in a small picture: solid, smooth nodules without calcifications, wider
            than tall, from hyperechoic to markedly hypoechoic with equal frequency.
    """

    b_mode_strength: float
    stiffness_separation: float
    prevalence: float
    easy: bool = False

    @cached_property
    def frequencies(self) -> tuple[tuple[NoduleFeatures, float], ...]:
        """Every combination of features that is drawn, with its probability."""
        everything = population()
        pairs = zip(everything.features, everything.frequency.ravel().tolist(), strict=True)
        if not self.easy:
            return tuple((features, share) for features, share in pairs if share > 0)
        chosen = [f for f, _ in pairs if all(value in _EASY[name] for name, value in asdict(f).items())]
        return tuple((features, 1 / len(chosen)) for features in chosen)

    @cached_property
    def intercept(self) -> float:
        """The intercept that gives the prevalence."""
        part = self.b_mode_strength * np.array([_effects(features) for features, _ in self.frequencies])
        share = np.array([share for _, share in self.frequencies])
        return float(brentq(lambda start: share @ expit(start + part) - self.prevalence, -30, 30, xtol=1e-12))

    def draw_features(self, random: np.random.Generator) -> NoduleFeatures:
        """Draw the features of one nodule."""
        shares = np.array([share for _, share in self.frequencies])
        return self.frequencies[int(random.choice(len(shares), p=shares / shares.sum()))][0]

    def draw_stiffness(self, random: np.random.Generator, *, malignant: bool) -> float:
        """Draw the mean stiffness of a nodule in kPa, given its label."""
        middle = self.stiffness_separation / 2 * (1 if malignant else -1)
        return float(MIDDLE_KPA * math.exp(SPREAD * random.normal(middle, 1.0)))

    def b_mode_log_odds(self, features: NoduleFeatures) -> float:
        """Log odds of malignancy when only the features are known."""
        return self.intercept + self.b_mode_strength * _effects(features)

    def elastography_part(self, kpa: float) -> float:
        """The contribution of a stiffness to the log odds: the logarithm of its likelihood ratio."""
        return self.stiffness_separation * math.log(kpa / MIDDLE_KPA) / SPREAD

    def risk_b_mode(self, features: NoduleFeatures) -> float:
        """Probability of malignancy when only the features are known."""
        return float(expit(self.b_mode_log_odds(features)))

    def risk_elastogram(self, kpa: float) -> float:
        """Probability of malignancy when only the stiffness is known."""
        return float(expit(logit(self.prevalence) + self.elastography_part(kpa)))

    def risk(self, features: NoduleFeatures, kpa: float) -> float:
        """Probability of malignancy when both are known."""
        return float(expit(self.b_mode_log_odds(features) + self.elastography_part(kpa)))

    def best_possible_auc(self) -> dict[str, float]:
        """The best AUC of B-mode alone, stiffness alone, stiffness with the shape, and everything.

        It is exact up to rounding: a sum over all pairs of feature combinations, with the normal distribution function
        for stiffness. Stiffness with the shape is the information in the colours alone, since they show whether a stiff
        nodule is taller than wide.
        """
        odds = np.array([self.b_mode_log_odds(features) for features, _ in self.frequencies])
        share = np.array([share for _, share in self.frequencies])
        shape = np.array([features.shape == "taller than wide" for features, _ in self.frequencies])
        risk = expit(odds)
        shapes = np.unique(shape)
        tall = np.array([share[shape == each] @ risk[shape == each] for each in shapes])
        there = np.array([share[shape == each].sum() for each in shapes])
        nothing = np.array([self.prevalence])
        return {
            "b_mode": _auc(risk, share, separation=0.0),
            "stiffness": _auc(nothing, np.ones(1), separation=self.stiffness_separation),
            "stiffness_and_shape": _auc(tall / there, there, separation=self.stiffness_separation),
            "both": _auc(risk, share, separation=self.stiffness_separation),
        }


@lru_cache(maxsize=4096)
def _effects(features: NoduleFeatures) -> float:
    return sum(EFFECTS[name][value] for name, value in asdict(features).items())


def _auc(risk: NDArray[np.float64], share: NDArray[np.float64], *, separation: float) -> float:
    """AUC of the log odds of `risk` plus independent binormal evidence.

    Given the label, the evidence is normal with mean plus or minus half the squared separation and a standard deviation
    of `separation`; the difference of two nodules of unlike label is normal too, so that each pair of levels of risk
    adds one value of the normal distribution function.
    """
    malignant, benign = share * risk, share * (1 - risk)
    malignant, benign = malignant / malignant.sum(), benign / benign.sum()
    ahead = logit(risk)[:, None] - logit(risk)[None, :]
    if separation == 0:
        wins = np.where(np.isclose(ahead, 0, atol=1e-9), 0.5, ahead > 0)
    else:
        wins = ndtr((ahead + separation**2) / (separation * math.sqrt(2)))
    return float(malignant @ wins @ benign)
