"""Features asked of a nodule can be measured in the picture."""

import numpy as np
import pytest

from thyrosight.phantoms.features import NoduleFeatures
from thyrosight.phantoms.image_formation import form_picture
from thyrosight.phantoms.nodule import paint_nodule
from thyrosight.phantoms.outline import Outline
from thyrosight.phantoms.picture import SITES
from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue

PROBE = Probe("rectangle", 40.0, 40.0, 320)
CIRCLE = Outline(0.0, 16.0, 7.0, 7.0, np.ones(720))
X, Z = PROBE.pixels()
RADIUS = np.hypot(X, Z - 16.0)
INSIDE, AROUND = RADIUS < 5.5, (RADIUS > 9) & (RADIUS < 12) & (np.abs(Z - 16) < 5)
BELOW, BESIDE = (np.abs(X) < 4) & (Z > 25) & (Z < 31), (np.abs(X) > 11) & (Z > 25) & (Z < 31)


def pictures(seeds: int = 4, **changes: str) -> np.ndarray:
    plain = {
        "composition": "solid",
        "echogenicity": "isoechoic",
        "margin": "smooth",
        "calcification": "none",
        "shape": "wider than tall",
    }
    features = NoduleFeatures(**{**plain, **changes})
    found = []
    for seed in range(seeds):
        tissue = Tissue.gland(*PROBE.beams())
        random = np.random.default_rng(seed)
        paint_nodule(tissue, CIRCLE, features, random)
        found.append(form_picture(tissue, PROBE, SITES[0].preset, random).astype(float))
    return np.array(found)


def contrast(stack: np.ndarray) -> float:
    return float(stack[:, INSIDE].mean() - stack[:, AROUND].mean())


def test_echogenicity_orders_the_brightness() -> None:
    order = ["hyperechoic", "isoechoic", "hypoechoic", "markedly hypoechoic"]
    found = [contrast(pictures(echogenicity=value)) for value in order]
    assert found == sorted(found, reverse=True)
    assert found[0] > 8 and found[2] < -15 and found[3] < -35


def test_cysts_are_black_and_brighten_what_lies_behind() -> None:
    cyst, solid = (pictures(composition=c, echogenicity=e) for c, e in (("cystic", "anechoic"), ("solid", "isoechoic")))
    assert cyst[:, RADIUS < 5].mean() < 0.5 * cyst[:, AROUND].mean()
    enhancement = cyst[:, BELOW].mean() - cyst[:, BESIDE].mean()
    assert enhancement > solid[:, BELOW].mean() - solid[:, BESIDE].mean() + 8


def test_spongiform_is_finer_than_mixed() -> None:
    def coarseness(composition: str) -> float:
        stack = pictures(composition=composition)
        middle = stack[:, np.abs(Z[:, 0] - 16) < 4][:, :, np.abs(X[0]) < 4]
        shifted = middle[:, :, 8:] - middle[:, :, 8:].mean(), middle[:, :, :-8] - middle[:, :, :-8].mean()
        return float((shifted[0] * shifted[1]).mean() / middle.var())

    assert coarseness("mixed") > coarseness("spongiform") + 0.2


def test_macrocalcification_shadows_and_microcalcification_does_not() -> None:
    def darkest(stack: np.ndarray) -> float:
        rows = (Z[:, 0] > 26) & (Z[:, 0] < 31)
        columns = stack[:, rows][:, :, np.abs(X[0]) < 6].mean(axis=1)
        return float(np.mean([np.convolve(c, np.ones(9) / 9, "valid").min() for c in columns]))

    plain, micro, macro = (
        darkest(pictures(calcification=c)) for c in ("none", "microcalcification", "macrocalcification")
    )
    assert macro < plain - 10
    assert micro > plain - 6


@pytest.mark.parametrize("calcification", ["microcalcification", "macrocalcification"])
def test_calcifications_are_the_brightest_spots(calcification: str) -> None:
    plain, calcified = pictures(), pictures(calcification=calcification)
    assert np.quantile(calcified[:, INSIDE], 0.995) > np.quantile(plain[:, INSIDE], 0.995) + 15


def test_comet_tails_are_bright_in_fluid() -> None:
    plain = pictures(composition="cystic", echogenicity="anechoic")
    comets = pictures(composition="cystic", echogenicity="anechoic", calcification="comet-tail")
    core = RADIUS < 5
    assert comets[:, core].max() > plain[:, core].max() + 50


def test_ill_defined_borders_are_gradual() -> None:
    def width(margin: str) -> float:
        stack = pictures(seeds=6, echogenicity="markedly hypoechoic", margin=margin).mean(axis=0)
        rings = np.array([stack[(r < RADIUS) & (r + 0.4 > RADIUS)].mean() for r in np.arange(4, 11, 0.2)])
        share = (rings - rings[0]) / (rings[-1] - rings[0])
        return float(0.2 * ((share > 0.2) & (share < 0.8)).sum())

    assert width("ill-defined") > width("smooth") + 0.4
