"""Tissue maps and how they are painted."""

from typing import Literal

import numpy as np
import pytest
from PIL import Image

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


def test_noise_is_that_of_a_bicubic_picture() -> None:
    tissue = Tissue.gland(*Probe("rectangle", 40.0, 40.0, 320).beams())
    found = tissue.noise(np.random.default_rng(3), x_mm=4.0, z_mm=1.0)
    coarse = np.random.default_rng(3).standard_normal((40, 10), dtype=np.float32)
    expected = np.asarray(Image.fromarray(coarse).resize(found.shape[::-1], Image.Resampling.BICUBIC))
    assert (found == expected / expected.std()).all()


@pytest.mark.parametrize("kind", ["rectangle", "convex"])
def test_painting_a_part_paints_the_whole(kind: Literal["rectangle", "convex"]) -> None:
    tissue = Tissue.gland(*Probe(kind, 50.0, 40.0, 320).beams())
    part = tissue.near((-5.0, 3.0), (20.0, 30.0)).part(slice(4, None))
    x, z = tissue.x, tissue.z
    inside = (x > -4.5) & (x < 2.5) & (z > 21.5) & (z < 29.5)
    noise = tissue.noise(np.random.default_rng(5), x_mm=2.0, z_mm=2.0)
    part.echo[...] = part.noise(np.random.default_rng(5), x_mm=2.0, z_mm=2.0)
    assert (tissue.echo[inside] == noise[inside]).all()
    outside = np.ones(x.shape, dtype=bool)
    outside[part.window] = False
    assert not tissue.echo[outside].any()
    assert part.echo.size < tissue.echo.size / 2
    assert tissue.near((100.0, 110.0), (0.0, 5.0)).echo.size == 0


def test_edges_and_ridges() -> None:
    distance = np.array([-5.0, 0.0, 5.0])
    assert step_up(distance, 1.0) == pytest.approx([0.0, 0.5, 1.0], abs=1e-6)
    assert ridge(distance, 1.0) == pytest.approx([0.0, 1.0, 0.0], abs=1e-6)
