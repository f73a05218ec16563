"""The physics of the picture: speckle statistics, beam width, attenuation and the grey map."""

import numpy as np
import pytest

from thyrosight.phantoms.image_formation import Preset, form_picture, receive
from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue

PROBE = Probe("rectangle", 40.0, 40.0, 400)
PRESET = Preset(
    focus_mm=12,
    axial_mm=0.12,
    lateral_mm=0.2,
    widening=0.02,
    gland_grey=90,
    grey_per_db=4.5,
    black_grey=20,
    noise_db=-60,
    fall_db_per_cm=0,
)


def uniform(grain: float = 0.0) -> Tissue:
    tissue = Tissue.gland(*PROBE.beams())
    tissue.grain[:] = grain
    return tissue


def signal_to_noise(tissue: Tissue) -> float:
    """Mean over standard deviation of the envelope, with slow differences between beams taken out."""
    envelope = receive(tissue, PRESET, np.random.default_rng(2))
    blocks = envelope[100:340, 20:380].reshape(12, 20, 18, 20)
    return float((blocks.mean(axis=(1, 3)) / blocks.std(axis=(1, 3))).mean())


def test_speckle_of_dense_scatterers_is_rayleigh() -> None:
    # Rayleigh: mean / sd = sqrt(pi / (4 - pi)) = 1.913. Blocks of 2 mm hold few speckles, which biases it up a little.
    assert signal_to_noise(uniform()) == pytest.approx(1.913, abs=0.15)


def test_sparse_scatterers_give_spottier_speckle() -> None:
    assert signal_to_noise(uniform(grain=1.0)) < signal_to_noise(uniform()) - 0.05


def test_speckle_is_wider_far_from_the_focus() -> None:
    envelope = receive(uniform(), PRESET, np.random.default_rng(0))

    def lateral_correlation(depth_mm: float) -> float:
        rows = envelope[round(depth_mm * 10) - 20 : round(depth_mm * 10) + 20]
        return float(np.corrcoef(rows[:, 4:].ravel(), rows[:, :-4].ravel())[0, 1])

    assert lateral_correlation(36) > lateral_correlation(12) + 0.2


def test_power_of_gland_is_one_at_all_depths() -> None:
    power = np.mean([receive(uniform(), PRESET, np.random.default_rng(seed)) ** 2 for seed in range(12)], axis=0)
    for rows in (slice(20, 120), slice(280, 380)):
        assert power[rows].mean() == pytest.approx(1.0, abs=0.35)  # beams differ by design (uneven coupling)


@pytest.mark.parametrize(("loss", "sign"), [(40.0, -1), (-6.0, 1)])
def test_strong_absorbers_shadow_and_fluid_enhances(loss: float, sign: int) -> None:
    tissue = uniform()
    tissue.loss[100:200, 150:250] = loss
    picture = form_picture(tissue, PROBE, PRESET, np.random.default_rng(1)).astype(float)
    below, beside = picture[220:300, 165:235].mean(), picture[220:300, 20:120].mean()
    above = picture[20:90, 165:235].mean() - picture[20:90, 20:120].mean()
    assert sign * (below - beside - above) > 12


def test_grey_map_hits_gland_and_floor() -> None:
    picture = form_picture(uniform(), PROBE, PRESET, np.random.default_rng(3))
    silent = uniform()
    silent.echo[:] = -80
    assert np.median(picture) == pytest.approx(90, abs=12)
    assert form_picture(silent, PROBE, PRESET, np.random.default_rng(3)).mean() == pytest.approx(20, abs=2)
