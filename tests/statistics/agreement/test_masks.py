"""Overlap and surface distances against arithmetic, invariants and real outlines."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import cdist

from thyrosight.errors import StatisticsError
from thyrosight.statistics import overlap

masks = arrays(np.bool_, (9, 11), elements=st.booleans())


def _square(top: int, left: int, size: int = 10, shape: tuple[int, int] = (40, 60)) -> np.ndarray:
    mask = np.zeros(shape, bool)
    mask[top : top + size, left : left + size] = True
    return mask


def test_shifted_square_by_hand() -> None:
    # Two 10 x 10 squares, 2 columns apart: 80 pixels shared, 120 in the union.
    result = overlap(_square(5, 5), _square(5, 7))
    assert result.dice == pytest.approx(2 * 80 / 200)
    assert result.iou == pytest.approx(80 / 120)
    # Of 36 outline pixels: column 5 has 10 at distance 2, column 6 its 2 ends at distance 1; the upper and lower rows
    # from column 7 on lie on the other outline (0); column 14 is as far as the upper or lower row, but at most 2.
    right_side = [0, 1, 2, 2, 2, 2, 2, 2, 1, 0]
    total = 10 * 2 + 2 * 1 + sum(right_side)
    assert result.average_surface_distance == pytest.approx(total / 36)
    assert result.hausdorff_95 == pytest.approx(2)
    assert result.unit == "pixels"


def test_distances_follow_unequal_spacing() -> None:
    along_columns = overlap(_square(5, 5), _square(5, 25), spacing_mm=(0.1, 0.3))
    along_rows = overlap(_square(5, 5), _square(25, 5), spacing_mm=(0.1, 0.3))
    # The far side of one square lies 20 pixels from the far side of the other and 11 from its near side.
    assert along_columns.hausdorff_95 == pytest.approx(20 * 0.3)
    assert along_rows.hausdorff_95 == pytest.approx(20 * 0.1)
    assert along_columns.unit == "mm"


def test_empty_masks() -> None:
    nothing, something = np.zeros((8, 8), bool), _square(1, 1, 3, (8, 8))
    both = overlap(nothing, nothing)
    assert (both.dice, both.iou, both.hausdorff_95, both.average_surface_distance) == (1, 1, 0, 0)
    one = overlap(nothing, something)
    assert (one.dice, one.iou) == (0, 0)
    assert math.isnan(one.hausdorff_95) and math.isnan(one.average_surface_distance)
    assert one.to_dict()["hausdorff_95"] is None


def test_a_mask_that_fills_the_image_has_the_image_edge_as_outline() -> None:
    full = np.ones((10, 10), bool)
    inner = _square(1, 1, 8, (10, 10))
    assert overlap(full, inner).hausdorff_95 == pytest.approx(np.sqrt(2), abs=0.5)
    assert overlap(full, inner).average_surface_distance > 0.9


@settings(max_examples=60, deadline=None)
@given(masks, masks)
def test_against_brute_force(a: np.ndarray, b: np.ndarray) -> None:
    result = overlap(a, b, spacing_mm=(0.2, 0.5))
    mirrored = overlap(b, a, spacing_mm=(0.2, 0.5))
    assert result.dice == mirrored.dice
    assert result.iou == pytest.approx(result.dice / (2 - result.dice))
    if not (a.any() and b.any()):
        return

    def outline(mask: np.ndarray) -> np.ndarray:
        padded = np.pad(mask, 1)
        inner = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
        return np.argwhere(mask & ~inner) * (0.2, 0.5)

    distance = cdist(outline(a), outline(b))
    there, back = distance.min(axis=1), distance.min(axis=0)
    assert result.hausdorff_95 == pytest.approx(max(np.percentile(there, 95), np.percentile(back, 95)))
    assert result.average_surface_distance == pytest.approx(np.concatenate([there, back]).mean())
    assert mirrored.hausdorff_95 == pytest.approx(result.hausdorff_95)


@pytest.mark.parametrize(
    ("a", "b", "spacing", "said"),
    [
        (np.zeros((3, 3)), np.zeros((3, 4)), None, "one shape"),
        (np.zeros(3), np.zeros(3), None, "rows and columns"),
        (np.full((3, 3), 255), np.zeros((3, 3)), None, "threshold it first"),
        (np.full((3, 3), np.nan), np.zeros((3, 3)), None, "threshold it first"),
        (np.zeros((3, 3)), np.zeros((3, 3)), (0.0, 0.1), "above 0"),
        (np.zeros((3, 3)), np.zeros((3, 3)), (0.1, math.nan), "above 0"),
    ],
)
def test_bad_input(a: np.ndarray, b: np.ndarray, spacing: tuple[float, float] | None, said: str) -> None:
    with pytest.raises(StatisticsError, match=said):
        overlap(a, b, spacing_mm=spacing)


def test_the_definition_of_the_distance_travels_with_it() -> None:
    a, b = np.zeros((20, 40), bool), np.zeros((20, 40), bool)
    a[5:15, 5:15] = b[5:15, 5:15] = True
    b[10, 15:38] = True  # far from a, while all of a is near b: the two directed percentiles differ
    found = overlap(a, b)
    assert found.hausdorff_95 > 15
    assert overlap(b, a).hausdorff_95 == found.hausdorff_95
    assert "larger of the two directed 95th percentiles" in str(found)
    assert found.to_dict()["definition"] == found.definition
