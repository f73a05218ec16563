"""Heat maps: drawn on the model's scale where it states one, else on their own, and then not said to be comparable."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from thyrosight.imaging import Box
from thyrosight.inference import HeatMap
from thyrosight.server.jobs.heat import OWN_SCALE, comparable, drawn_heat, over, packed_heat, unpacked_heat

STATED = {"scale_rule": "99th percentile of the maxima of 80 maps"}
OWN = {"scale_rule": OWN_SCALE}
BEFORE = {"scale_rule": "99th percentile of the maxima of 1 maps of this run"}
"""As results were stored before it was said that such a scale is the picture's own."""


def heat(scale: float | None) -> HeatMap:
    values = np.zeros((4, 6), np.float32)
    values[1, 2], values[2, 3] = 1.0, 0.5
    return HeatMap(values, scale, Box(0, 0, 6, 4), "CAM")


def opacity(map_: HeatMap) -> Any:
    return np.asarray(Image.open(io.BytesIO(drawn_heat(map_))))[..., 3]


def test_full_strength_is_the_strongest_place_only_without_a_scale_of_the_model() -> None:
    own, stated = opacity(heat(None)), opacity(heat(4.0))
    assert (own[1, 2], own[2, 3], own[0, 0]) == (153, 76, 0)
    assert (stated[1, 2], stated[2, 3]) == (38, 19)
    grey = np.full((4, 6, 3), 100, np.uint8)
    changed = [int(np.abs(over(grey, one).astype(int) - 100).sum()) for one in (heat(None), heat(4.0))]
    assert changed[0] > changed[1] > 0


@pytest.mark.parametrize(
    ("body", "scale", "shared"), [(STATED, 4.0, True), (OWN, None, False), (BEFORE, None, False), ({}, None, None)]
)
def test_a_kept_map_has_a_scale_only_where_its_result_says_whose(body: Any, scale: float | None, shared: Any) -> None:
    kept = unpacked_heat(packed_heat(heat(4.0)), body)
    assert (kept.scale, comparable(body)) == (scale, shared)
    np.testing.assert_array_equal(kept.values, heat(None).values)
    assert (kept.window, kept.method) == (Box(0, 0, 6, 4), "CAM")
    assert unpacked_heat(packed_heat(heat(None)), STATED).scale is None
