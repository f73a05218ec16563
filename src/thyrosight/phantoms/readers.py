"""Simulated radiologists of known skill: ratings with a chosen AUC, or features seen with a chosen accuracy."""

import zlib
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import ndtr  # what scipy.stats.norm.cdf gives, which has to be imported for nothing else

from thyrosight.errors import OutputError
from thyrosight.phantoms.features import LEVELS, NoduleFeatures, Population, best_possible_auc
from thyrosight.tirads import System, TiradsError, assess, find_system, read_nodule

SHARED_DIFFICULTY: Final = 0.4
"""Correlation between the ratings of two readers for nodules of one class, as some nodules mislead all readers."""

# Fluid is never mistaken, so that the features a reader describes never contradict each other.
_PLAIN_TO_SEE: Final = frozenset({"cystic", "anechoic"})


@dataclass(frozen=True)
class SimulatedReader:
    """One radiologist; give either `auc` or `accuracy`.

    Attributes:
        name: name of the reader; the table's column is `reader:<name>`.
        auc: AUC of the recorded categories over all possible nodules. The reader follows the binormal model: a normal
            rating for each class, divided into categories by limits around the middle between the classes.
        accuracy: probability that a feature is seen correctly; otherwise a feature that can be mistaken for it is seen.
            The category follows from the features seen, which are in the columns `composition:<name>` and so on.
        system: the TI-RADS system of the categories.
        skipped: share of nodules without a reading.

    Raises:
        OutputError: both or neither of `auc` and `accuracy` are given, a value is impossible, or the system does not
            categorise all nodules.
    """

    name: str
    auc: float | None = None
    accuracy: float | None = None
    system: str = "k-tirads-2016"
    skipped: float = 0.0

    def __post_init__(self) -> None:
        who = f"Simulated reader {self.name!r}"
        if not self.name.strip():
            raise OutputError("A simulated reader needs a name.")
        if (self.auc is None) == (self.accuracy is None):
            raise OutputError(f"{who} needs either an AUC or an accuracy of descriptors.")
        if self.auc is not None and not 0.5 <= self.auc <= best_possible_auc():
            best = best_possible_auc()
            raise OutputError(f"{who}: an AUC of {self.auc} is not between 0.5 and {best:.3f}, the best possible one.")
        if self.accuracy is not None and not 0 <= self.accuracy <= 1:
            raise OutputError(f"{who}: an accuracy of {self.accuracy} is not between 0 and 1.")
        if not 0 <= self.skipped < 1:
            raise OutputError(f"{who}: a share of {self.skipped} skipped nodules is not between 0 and 1.")
        try:
            system = find_system(self.system)
        except TiradsError as error:
            raise OutputError(f"{who}: {error}") from None
        if self.accuracy is not None and not all(_ranks(system.key).ravel()):
            raise OutputError(f"{who}: {system.title} leaves nodules out; choose another system.")

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories that the reader uses, from least to most suspicious."""
        return _categories(find_system(self.system))

    def read(
        self, seed: int, patient: int, nodule: int, *, features: NoduleFeatures, malignant: bool
    ) -> dict[str, str]:
        """The reader's columns for one nodule; empty cells if it was skipped."""
        random = np.random.default_rng([seed, patient, nodule, 12, zlib.crc32(self.name.encode("utf-8"))])
        skipped = random.random() < self.skipped
        if self.auc is not None:
            case = np.random.default_rng([seed, patient, nodule, 11]).normal()
            noise = SHARED_DIFFICULTY**0.5 * case + (1 - SHARED_DIFFICULTY) ** 0.5 * random.normal()
            shift = _shift(self.auc, len(self.categories))
            place = int(np.searchsorted(_limits(shift, len(self.categories)), shift * malignant + noise, side="right"))
            return {f"reader:{self.name}": "" if skipped else self.categories[place]}
        seen = _see(features, float(self.accuracy or 0), random)
        rank = _ranks(find_system(self.system).key)[_place(seen)]
        category = find_system(self.system).categories[rank - 1].name
        columns = {f"reader:{self.name}": category}
        columns |= {f"{feature}:{self.name}": value for feature, value in asdict(seen).items()}
        return dict.fromkeys(columns, "") if skipped else columns

    def shares(self, population: Population) -> NDArray[np.float64]:
        """Share of each category among benign (row 0) and malignant (row 1) nodules, `(2, categories)`."""
        if self.auc is not None:
            shift = _shift(self.auc, len(self.categories))
            return np.stack([_binned(0.0, shift, len(self.categories)), _binned(shift, shift, len(self.categories))])
        ranks = _ranks(find_system(self.system).key)
        rows = []
        for weight in (population.frequency * (1 - population.risk), population.frequency * population.risk):
            counts = np.bincount(ranks.ravel(), _blur(weight, float(self.accuracy or 0)).ravel())[1:]
            padded = np.zeros(len(find_system(self.system).categories))
            padded[: counts.size] = counts
            rows.append(padded[-len(self.categories) :] / padded.sum())
        return np.stack(rows)

    def describe(self, population: Population) -> dict[str, Any]:
        """The truth of the reader, for `phantom.json`."""
        shares = self.shares(population)
        return {
            "name": self.name,
            "kind": "categories from a binormal model" if self.auc is not None else "categories from what was seen",
            "system": find_system(self.system).key,
            "auc": round(category_auc(shares), 6),
            "auc_of": "all nodules that could be drawn, by category",
            **({"accuracy_of_each_feature": self.accuracy} if self.accuracy is not None else {}),
            "share_skipped": self.skipped,
            "categories": list(self.categories),
            "share_of_benign": [round(float(share), 6) for share in shares[0]],
            "share_of_malignant": [round(float(share), 6) for share in shares[1]],
        }


def category_auc(shares: NDArray[np.float64]) -> float:
    """AUC of ordered categories from their shares among benign (row 0) and malignant (row 1) nodules; ties count half.

    >>> category_auc(np.array([[0.5, 0.5], [0.0, 1.0]]))
    0.75
    """
    below = np.cumsum(shares[0]) - shares[0]
    return float(np.sum(shares[1] * (below + shares[0] / 2)))


def _categories(system: System) -> tuple[str, ...]:
    names = tuple(category.name for category in system.categories)
    return names[1:] if system.key == "kwak-2011" else names  # a count of features never gives Kwak's category 2


def _limits(shift: float, categories: int) -> NDArray[np.float64]:
    """Limits between categories on the reader's scale, around the middle between the classes."""
    return shift / 2 + np.linspace(-1.2, 1.2, categories - 1)


def _binned(mean: float, shift: float, categories: int) -> NDArray[np.float64]:
    edges = np.concatenate([[-np.inf], _limits(shift, categories), [np.inf]])
    return np.asarray(np.diff(ndtr(edges - mean)), dtype=np.float64)


@lru_cache
def _shift(auc: float, categories: int) -> float:
    """The distance between the classes for which the categories have that AUC."""

    def excess(shift: float) -> float:
        shares = np.stack([_binned(0.0, shift, categories), _binned(shift, shift, categories)])
        return category_auc(shares) - auc

    return 0.0 if auc == 0.5 else float(brentq(excess, 0.0, 12.0, xtol=1e-12))


def _mistakable(feature: str) -> NDArray[np.bool_]:
    """Whether each level of a feature (row) can be mistaken for another (column)."""
    levels = LEVELS[feature]
    clear = np.array([level not in _PLAIN_TO_SEE for level in levels])
    return np.asarray(clear[:, None] & clear[None, :] & ~np.eye(len(levels), dtype=bool))


def _confusion(feature: str, accuracy: float) -> NDArray[np.float64]:
    """Probability that each level (row) is seen as each level (column)."""
    other = _mistakable(feature)
    count = other.sum(axis=1, keepdims=True)
    wrong = np.where(other, (1 - accuracy) / np.maximum(count, 1), 0.0)
    return np.asarray(wrong + np.diag(1 - wrong.sum(axis=1)))


def _see(features: NoduleFeatures, accuracy: float, random: np.random.Generator) -> NoduleFeatures:
    """The features of a nodule that a reader sees."""
    seen = {}
    for feature, value in asdict(features).items():
        levels = LEVELS[feature]
        seen[feature] = str(random.choice(levels, p=_confusion(feature, accuracy)[levels.index(value)]))
    return replace(features, **seen)


def _blur(weight: NDArray[np.float64], accuracy: float) -> NDArray[np.float64]:
    """The frequency with which each combination of features is seen, from its true frequency."""
    for axis, feature in enumerate(LEVELS):
        seen = np.tensordot(weight, _confusion(feature, accuracy), axes=([axis], [0]))
        weight = np.moveaxis(seen, -1, axis)
    return weight


def _place(features: NoduleFeatures) -> tuple[int, ...]:
    return tuple(LEVELS[feature].index(value) for feature, value in asdict(features).items())


@lru_cache
def _ranks(key: str) -> NDArray[np.int64]:
    """The rank of each combination of features in a system, 5-dimensional; 0 if the system does not categorise it.

    If a system allows several categories, the highest counts; lobulated phantoms have small lobes.
    """
    ranks = np.zeros([len(levels) for levels in LEVELS.values()], dtype=np.int64)
    for place in product(*(range(size) for size in ranks.shape)):
        features = NoduleFeatures(*(levels[index] for levels, index in zip(LEVELS.values(), place, strict=True)))
        if (features.composition == "cystic") == (features.echogenicity == "anechoic"):
            ranks[place] = _rank_of(key, features) or 0
        else:
            ranks[place] = 1  # never drawn and never seen
    return ranks


@lru_cache(maxsize=4096)
def _rank_of(system: str, features: NoduleFeatures) -> int | None:
    """Rank of the category of a nodule with these features; None if the system does not categorise it."""
    words = asdict(features)
    words["margin"] = words["margin"].replace("lobulated", "microlobulated")
    result = assess(system, read_nodule(words))
    return None if result.unclassifiable else result.highest_rank


def category_of(system: str, features: NoduleFeatures) -> str:
    """The category of a nodule with these features, the highest of several; "" if the system has none."""
    found = find_system(system)
    rank = _rank_of(found.key, features)
    return "" if rank is None else found.categories[rank - 1].name
