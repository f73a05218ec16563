"""The scale that heat maps share."""

import numpy as np
import pytest

from thyrosight.explain import scale_rule, shared_scale


def test_one_odd_map_does_not_dim_the_others() -> None:
    maps = np.ones((200, 2, 2))
    maps[7] = 1000.0
    assert shared_scale(maps) == pytest.approx(1.0)
    assert shared_scale(np.zeros((0, 2, 2))) == 1.0
    assert "200" in scale_rule(200)
