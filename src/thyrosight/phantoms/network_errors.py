"""A simulated network whose errors depend on the features of a nodule by known amounts."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from scipy.special import expit

from thyrosight.errors import OutputError
from thyrosight.phantoms.features import LEVELS, NoduleFeatures, Population


def _effects_of_guan() -> dict[str, dict[str, float]]:
    """Natural logarithms of the univariate odds ratios of Guan et al. 2019, table 3: 0.254 and 0.243."""
    return {"calcification": {"microcalcification": -1.370}, "shape": {"taller than wide": -1.415}}


@dataclass(frozen=True)
class SimulatedNetwork:
    """A network that errs on an image with log odds `intercept` plus the effect of each feature.

    The column `simulated_probability` is above 0.5 if the network calls the nodule malignant, uniformly on that side.

    Attributes:
        intercept: log odds of an error without any effect.
        effects: log odds ratios of levels of features; levels that are not named have no effect.

    Raises:
        OutputError: phantoms do not have a feature or level.
    """

    intercept: float = -1.0
    effects: Mapping[str, Mapping[str, float]] = field(default_factory=_effects_of_guan)

    def __post_init__(self) -> None:
        for feature, levels in self.effects.items():
            if feature not in LEVELS:
                raise OutputError(f"Phantoms have no feature {feature!r}; they have {', '.join(LEVELS)}.")
            for level in levels:
                if level not in LEVELS[feature]:
                    known = ", ".join(LEVELS[feature])
                    raise OutputError(f"{feature} of phantoms is never {level!r}; it is one of {known}.")

    def error_risk(self, features: NoduleFeatures) -> float:
        """Probability of an error on a nodule with these features.

        >>> plain = NoduleFeatures("solid", "isoechoic", "smooth", "none", "wider than tall")
        >>> round(SimulatedNetwork().error_risk(plain), 3)
        0.269
        """
        named = asdict(features).items()
        return float(expit(self.intercept + sum(self.effects.get(name, {}).get(level, 0.0) for name, level in named)))

    def probability(self, seed: int, patient: int, number: int, *, features: NoduleFeatures, malignant: bool) -> float:
        """The network's probability for one image."""
        random = np.random.default_rng([seed, patient, number, 13])
        wrong = random.random() < self.error_risk(features)
        calls_malignant = malignant != wrong
        return float(random.uniform(0.5, 1.0) if calls_malignant else random.uniform(0.0, 0.5))

    def describe(self, population: Population) -> dict[str, Any]:
        """The truth of the network over all possible nodules, for `phantom.json`."""
        errors = np.array([self.error_risk(features) for features in population.features])
        malignant = (population.frequency * population.risk).ravel()
        benign = (population.frequency * (1 - population.risk)).ravel()
        return {
            "kind": "logistic: log odds of an error = intercept + the effect of each feature",
            "column": "simulated_probability",
            "operating_point": 0.5,
            "intercept": self.intercept,
            "effects": {name: dict(levels) for name, levels in self.effects.items()},
            "sensitivity": round(float(np.sum(malignant * (1 - errors)) / malignant.sum()), 6),
            "specificity": round(float(np.sum(benign * (1 - errors)) / benign.sum()), 6),
        }
