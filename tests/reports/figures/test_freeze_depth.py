"""The curve over frozen layers draws what it is given, and marks what was chosen."""

import itertools
import math
import re

import numpy as np
import pytest

from thyrosight.documents import DepthCurve, Measure
from thyrosight.reports.figures import figure_freeze_depth, to_svg


def curve(name: str, values: list[float | None], *, chosen: int) -> DepthCurve:
    bars = tuple(
        Measure(value=value) if value is None else Measure(value=value, low=value - 0.1, high=value + 0.05)
        for value in values
    )
    depths = (0, 3, 6, 13)[: len(values)]
    shares = (1 / len(values),) * len(values)
    return DepthCurve(name=name, depths=depths, measures=(bars, bars), shares=shares, chosen=chosen)


def test_values_bands_and_the_chosen_depth() -> None:
    curves = [
        curve("B-mode image", [0.6, 0.7, 0.8, 0.65], chosen=6),
        curve("Elastogram", [0.7, None, 0.6, 0.5], chosen=0),
    ]
    figure = figure_freeze_depth(curves, ["AUC", "Accuracy"])
    areas, _, shares = figure.axes
    lines = [line for line in areas.lines if len(line.get_xdata()) > 1]
    assert next(list(map(float, line.get_ydata())) for line in lines) == [0.6, 0.7, 0.8, 0.65]
    assert math.isnan(float(np.asarray(lines[1].get_ydata())[1]))
    rings = [line for line in areas.lines if len(line.get_xdata()) == 1]
    assert [(line.get_xdata()[0], line.get_ydata()[0]) for line in rings] == [(6, 0.8), (0, 0.7)]
    assert len(areas.collections) == 2
    assert [bar.get_height() for bar in shares.patches] == pytest.approx([0.25] * 8)
    # Bars of one depth stand beside one another, not behind.
    places = sorted((bar.get_x(), bar.get_x() + bar.get_width()) for bar in shares.patches)
    assert all(left[1] <= right[0] + 1e-9 for left, right in itertools.pairwise(places))


def test_one_depth_alone_can_be_drawn() -> None:
    text = to_svg(figure_freeze_depth([curve("B-mode image", [0.6], chosen=0)], ["AUC"]), title="Depths")
    assert "B-mode image" in re.sub(r"<[^>]+>", " ", text)
