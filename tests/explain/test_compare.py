"""Comparing regions between classes: axes are axes, and P values are corrected for what was tested."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from thyrosight.explain import FEATURES, RegionShape, axial_test, compare_regions, mean_axis


def shapes(area: np.ndarray, orientation: np.ndarray) -> list[RegionShape]:
    return [
        RegionShape(area_fraction=a, eccentricity=0.8, solidity=0.9 + a / 100, orientation=o, regions=1)
        for a, o in zip(area.tolist(), orientation.tolist(), strict=True)
    ]


def test_features_are_tested_and_corrected() -> None:
    rng = np.random.default_rng(0)
    benign = shapes(rng.normal(0.2, 0.05, 30), rng.uniform(0, 180, 30))
    malignant = [*shapes(rng.normal(0.3, 0.05, 40), rng.uniform(0, 180, 40)), RegionShape()]
    found = {item.feature: item for item in compare_regions(benign, malignant)}
    assert list(found) == list(FEATURES)
    area = found["area_fraction"]
    assert (len(area.benign), len(area.malignant)) == (30, 40)  # the map without a region is left out
    assert area.p == pytest.approx(mannwhitneyu(area.benign, area.malignant, method="asymptotic").pvalue)
    # Area, solidity and orientation could be tested; eccentricity is constant and no nodule was given.
    assert [name for name, item in found.items() if item.p is not None] == ["area_fraction", "solidity", "orientation"]
    assert area.p_corrected == pytest.approx(3 * area.p)  # Holm: the smallest of three
    assert found["eccentricity"].method == "not tested: all values are equal"
    assert found["heat_inside"].method.startswith("not tested: fewer than 3")
    assert found["orientation"].p_corrected > 0.05


def test_axes_on_both_sides_of_the_horizontal_do_not_differ() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.normal(0, 8, 40) % 180, rng.normal(0, 8, 40) % 180
    turned = axial_test((first + 90) % 180, (second + 90) % 180)
    assert axial_test(first, second) > 0.05
    # Zero is an arbitrary point on the circle: turning everything by 90 degrees must not change the evidence much.
    assert turned == pytest.approx(axial_test(first, second), abs=0.02)


def test_axial_test_keeps_its_level() -> None:
    rng = np.random.default_rng(2)
    p = [axial_test(rng.uniform(0, 180, 12), rng.uniform(0, 180, 15)) for _ in range(60)]
    # With 60 tests of true null hypotheses at 10 %, 15 or more rejections have a chance of 0.1 %.
    assert sum(value < 0.1 for value in p) < 15


def test_mean_axis_wraps() -> None:
    assert mean_axis(np.array([179.0, 1.0])) % 180 == pytest.approx(0, abs=1e-6)
    assert mean_axis(np.array([80.0, 100.0])) == pytest.approx(90)


def test_nothing_to_compare() -> None:
    found = compare_regions([], [RegionShape()])
    assert all(item.p is None and item.benign_median is None for item in found)
