"""Comparing the highlighted regions of benign and malignant nodules, feature by feature."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from thyrosight.explain.regions import RegionShape
from thyrosight.statistics import adjust_p_values, mann_whitney_test

FEATURES = {
    "area_fraction": "Area (share of the image)",
    "eccentricity": "Eccentricity",
    "solidity": "Solidity",
    "orientation": "Orientation (degrees, mean axis)",
    "distance_to_centre": "Distance to the nodule's centre (image sides)",
    "distance_to_nodule": "Distance to the nodule's box (image sides)",
    "heat_inside": "Share of heat inside the nodule's box",
}
"""The features compared, with their printed names."""

# With fewer values in a class a test says nothing.
_LEAST = 3
_PERMUTATIONS = 9999


@dataclass(frozen=True)
class RegionComparison:
    """One feature compared between the classes.

    Attributes:
        feature, title: its name in `FEATURES`.
        benign_median, malignant_median: medians; for orientation the mean axis. None without values.
        benign, malignant: the values, one per region that was found.
        p: two-sided; None where there was nothing to test, and `method` says why.
        p_corrected: Holm's correction for the number of features tested.
        method: the test.
    """

    feature: str
    title: str
    benign_median: float | None
    malignant_median: float | None
    benign: tuple[float, ...]
    malignant: tuple[float, ...]
    p: float | None
    p_corrected: float | None
    method: str


def compare_regions(benign: Sequence[RegionShape], malignant: Sequence[RegionShape]) -> list[RegionComparison]:
    """Compare each feature between the classes by Mann-Whitney, orientation by an axial test, with Holm's correction.

    Maps without a region are left out. The tests take maps as independent: give one map per patient where there are
    several, or say beside the P values that this was not done.
    """
    raw = []
    for feature in FEATURES:
        first, second = _values(benign, feature), _values(malignant, feature)
        raw.append((feature, first, second, *_test(feature, first, second)))
    tested = [p for _, _, _, p, _ in raw if p is not None]
    corrected = iter(adjust_p_values(tested, method="holm").tolist() if tested else [])
    return [
        RegionComparison(
            feature=feature,
            title=FEATURES[feature],
            benign_median=_middle(feature, first),
            malignant_median=_middle(feature, second),
            benign=tuple(first.tolist()),
            malignant=tuple(second.tolist()),
            p=p,
            p_corrected=None if p is None else next(corrected),
            method=method,
        )
        for feature, first, second, p, method in raw
    ]


def axial_test(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """P value of a difference between two samples of axes in degrees (0 and 180 are the same axis).

    The uniform-scores test of Mardia, Watson and Wheeler (Mardia and Jupp 2000, section 8.3.3) on doubled angles, with
    the P value from 9,999 permutations of a fixed seed. Like Mann-Whitney it uses ranks only, and like it, it does not
    depend on where zero lies.

    >>> rng = np.random.default_rng(1)
    >>> steep, flat = rng.normal(90, 10, 30) % 180, rng.normal(0, 10, 30) % 180
    >>> axial_test(steep, flat) < 0.001, axial_test(flat[:15], flat[15:]) > 0.05
    (True, True)
    """
    together = np.concatenate([first, second]) % 180
    scores = np.exp(2j * np.pi * rankdata(together) / len(together))
    shuffled = np.random.default_rng(0).permuted(np.tile(scores, (_PERMUTATIONS, 1)), axis=1)
    observed = np.abs(scores[: len(first)].sum())
    as_extreme = np.abs(shuffled[:, : len(first)].sum(axis=1)) >= observed * (1 - 1e-9)
    return float((1 + as_extreme.sum()) / (1 + _PERMUTATIONS))


def mean_axis(degrees: NDArray[np.float64]) -> float:
    """Mean of axes in degrees, 0 to 180 (Mardia and Jupp 2000, section 9.4: half the mean of the doubled angles).

    >>> mean_axis(np.array([170.0, 20.0]))
    5.0
    """
    doubled = np.exp(1j * np.radians(2 * degrees)).mean()
    return float(round(np.degrees(np.angle(doubled)) / 2, 9) % 180)


def _values(shapes: Sequence[RegionShape], feature: str) -> NDArray[np.float64]:
    values = (getattr(shape, feature) for shape in shapes)
    return np.array([value for value in values if value is not None], dtype=np.float64)


def _test(feature: str, first: NDArray[np.float64], second: NDArray[np.float64]) -> tuple[float | None, str]:
    if min(len(first), len(second)) < _LEAST:
        return None, f"not tested: fewer than {_LEAST} regions in a class"
    if len(np.unique(np.concatenate([first, second]))) == 1:
        return None, "not tested: all values are equal"
    if feature == "orientation":
        return axial_test(first, second), "uniform scores of axes, permutation"
    result = mann_whitney_test(first, second)
    return result.p, result.method


def _middle(feature: str, values: NDArray[np.float64]) -> float | None:
    if len(values) == 0:
        return None
    return mean_axis(values) if feature == "orientation" else float(np.median(values))
