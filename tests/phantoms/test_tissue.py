"""Tissue maps and how they are painted."""

import numpy as np
import pytest

from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue, ridge, step_up


@pytest.fixture
def tissue() -> Tissue:
    return Tissue.gland(*Probe("rectangle", 40.0, 40.0, 320).beams())


def test_painting_blends(tissue: Tissue) -> None:
    weight = np.zeros(tissue.x.shape, np.float32)
    weight[:10], weight[10:20] = 1.0, 0.25
    tissue.paint(weight, echo=-8.0, loss=2.0)
    assert (tissue.echo[0, 0], tissue.echo[15, 0], tissue.echo[30, 0]) == (-8.0, -2.0, 0.0)
    assert tissue.loss[15, 0] == 0.5


def test_noise_has_unit_spread_and_the_given_grain(tissue: Tissue) -> None:
    field = tissue.noise(np.random.default_rng(0), x_mm=4.0, z_mm=1.0)

    def correlation(shift_mm: float, axis: int) -> float:
        shift = round(shift_mm / 0.125)
        ahead, behind = np.roll(field, shift, axis)[shift:, shift:], field[shift:, shift:]
        return float(np.corrcoef(ahead.ravel(), behind.ravel())[0, 1])

    assert field.std() == pytest.approx(1.0, abs=1e-3)
    assert correlation(1.0, axis=1) > 0.8
    assert correlation(1.0, axis=0) < 0.5
    assert abs(correlation(12.0, axis=1)) < 0.3


def test_edges_and_ridges() -> None:
    distance = np.array([-5.0, 0.0, 5.0])
    assert step_up(distance, 1.0) == pytest.approx([0.0, 0.5, 1.0], abs=1e-6)
    assert ridge(distance, 1.0) == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)
