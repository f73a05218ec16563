"""A finder learns what thyroid looks like: which places count, what the limit keeps, what is refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.default_models import familiar
from thyrosight.default_models.familiar import (
    CAUGHT,
    KEPT_SCENE,
    KEPT_TISSUE,
    SCENE_CELLS,
    TISSUE,
    TISSUE_CELLS,
    Shown,
    fit_familiarity,
    tissue_cells,
)
from thyrosight.errors import CohortError
from thyrosight.inference.familiarity import Familiarity, lit_cells
from thyrosight.networks import TwoBranches

SIDE = 192


class Means(nn.Module):
    """An encoder whose maps are the mean brightness and the mean contrast of fields of 16 and 32 pixels."""

    def forward(self, images: torch.Tensor) -> list[torch.Tensor]:
        grey = images[:, :1]
        both = torch.cat([grey, (grey - nn.functional.avg_pool2d(grey, 3, 1, 1)).abs()], dim=1)
        return [nn.functional.avg_pool2d(both, side) for side in (16, 32)]


@pytest.fixture
def network() -> nn.Module:
    return TwoBranches(Means(), decoder=None, classifier=None, stride=32)


def frame(*, coarse: bool, draw: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A grey picture whose middle half is smooth (or coarse) and a disc in it that is outlined."""
    pixels = draw.normal(120, 40, (SIDE, SIDE))
    if not coarse:
        pixels[40:150] = draw.normal(120, 4, (110, SIDE))
    rows, columns = np.mgrid[:SIDE, :SIDE]
    nodule = (rows - 96) ** 2 + (columns - draw.integers(60, 130)) ** 2 < 24**2
    pixels[nodule] = 60
    return pixels.clip(1, 255).astype(np.uint8), nodule


def thyroid(number: int, collection: str = "here") -> Shown:
    pixels, nodule = frame(coarse=False, draw=np.random.default_rng(number))
    return Shown(pixels, "thyroid", collection, str(number // 2), nodule)


def other(number: int) -> Shown:
    pixels, _ = frame(coarse=True, draw=np.random.default_rng(100 + number))
    return Shown(pixels, "other", "elsewhere", str(number))


def values_of(told, network: nn.Module, shown: list[Shown]) -> list[bool]:
    encoder = network.encoder
    found = []
    for one in shown:
        grey = torch.from_numpy(one.pixels.astype(np.float32)).sub(127).div(128).expand(1, 3, -1, -1)
        fine, deep = encoder(grey)
        deep = nn.functional.interpolate(deep, size=fine.shape[-2:], mode="bilinear", align_corners=False)
        found.append(told.is_unlike(torch.cat([fine, deep], dim=1)[0].numpy(), one.pixels))
    return found


def test_what_shows_no_such_tissue_is_unlike(network: nn.Module) -> None:
    learnt = [*(thyroid(number) for number in range(20)), *(other(number) for number in range(20))]
    told = fit_familiarity(network, learnt, [thyroid(number) for number in range(20, 40)])
    assert sum(values_of(told, network, [other(number) for number in range(30, 60)])) >= 29
    assert sum(values_of(told, network, [thyroid(number) for number in range(40, 70)])) <= 6
    assert {one.name: one.cells for one in told.measures} == {TISSUE: TISSUE_CELLS, "elsewhere": SCENE_CELLS}
    assert told.channels == 4


def test_the_limit_keeps_the_stated_share_of_each_collection(network: nn.Module) -> None:
    learnt = [*(thyroid(number) for number in range(10)), *(other(number) for number in range(10))]
    left_out = [thyroid(number, "one" if number < 30 else "two") for number in range(10, 50)]
    told = fit_familiarity(network, learnt, left_out)
    assert (KEPT_TISSUE, KEPT_SCENE) == (0.98, 0.99)
    for name in ("one", "two"):
        flagged = values_of(told, network, [one for one in left_out if one.collection == name])
        assert sum(flagged) <= 2  # of twenty, one for each limit
    assert (told.images, told.groups) == (40, 20)
    assert told.fitted_on == "10 of here, 10 of elsewhere"


def test_each_kind_of_other_scene_has_its_own_measure(network: nn.Module) -> None:
    """Breasts are told by one sum and simulated pictures by another: neither waters the other down."""

    def dark(number: int) -> Shown:
        return replace(other(number), pixels=(other(number).pixels // 3).clip(1), collection="phantoms")

    learnt = [thyroid(number) for number in range(20)]
    learnt += [kind(number) for kind in (other, dark) for number in range(20)]
    told = fit_familiarity(network, learnt, [thyroid(number) for number in range(20, 40)])
    assert [one.name for one in told.measures] == [TISSUE, "elsewhere", "a simulated picture"]
    assert told.fitted_on == "20 of here, 20 of elsewhere, 20 of phantoms"


def striped(number: int) -> Shown:
    pixels = np.tile([30] * 3 + [230] * 3, (SIDE, SIDE // 6)) + np.random.default_rng(number).integers(
        0, 25, (SIDE, SIDE)
    )
    return replace(other(number), pixels=pixels.astype(np.uint8), collection="phantoms")


def test_the_limit_of_a_scene_lies_next_to_its_own_images(network: nn.Module, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where thyroids and other images lie far apart, no more thyroids are lost than must be."""
    monkeypatch.setattr(familiar, "_by_other_scanners", list)  # speckle and blur would bring these pictures together
    learnt = [*(thyroid(number) for number in range(20)), *(striped(number) for number in range(20))]
    thyroids, others = [thyroid(number) for number in range(20, 40)], [striped(number) for number in range(20, 60)]
    near, far = (fit_familiarity(network, learnt, left).measures[1] for left in (thyroids, [*thyroids, *others]))
    assert near.weights == far.weights
    assert near.limit < far.limit
    only = Familiarity(measures=(far,), rule="", fitted_on="", images=1, groups=1)
    assert np.mean(values_of(only, network, others)) >= CAUGHT
    assert not any(values_of(only, network, [thyroid(number) for number in range(40, 60)]))


def test_thyroids_come_first_where_the_two_overlap(network: nn.Module) -> None:
    learnt = [*(thyroid(number) for number in range(10)), *(other(number) for number in range(10))]
    thyroids = [thyroid(number) for number in range(20, 40)]
    alike = [replace(thyroid(number), kind="other", collection="elsewhere") for number in range(40, 60)]
    plain, mixed = (fit_familiarity(network, learnt, left).measures[1] for left in (thyroids, [*thyroids, *alike]))
    assert mixed.limit == plain.limit


def test_thyroid_is_around_the_nodule_and_layers_are_above_and_below() -> None:
    pixels, nodules = np.zeros((SIDE, SIDE), np.uint8), np.zeros((SIDE, SIDE), bool)
    pixels[16:176] = 100  # ten rows of cells
    nodules[80:112, 80:112] = True
    beside, layers = tissue_cells(Shown(pixels, "thyroid", "a", nodules=nodules), lit_cells(pixels, (12, 12)))
    assert np.flatnonzero(beside.any(axis=1)).tolist() == [4, 5, 6, 7]
    assert not beside[5:7, 5:7].any()  # the nodule itself is not what thyroid looks like
    assert np.flatnonzero(layers.all(axis=1)).tolist() == [1, 10]
    assert not (beside & layers).any()


def test_a_frame_without_outlines_teaches_nothing() -> None:
    pixels = np.full((SIDE, SIDE), 90, np.uint8)
    for nodules in (None, np.zeros((SIDE, SIDE), bool)):
        beside, layers = tissue_cells(Shown(pixels, "thyroid", "a", nodules=nodules), np.ones((12, 12), bool))
        assert not beside.any()
        assert not layers.any()


@pytest.mark.parametrize("missing", ["thyroid", "other", "left out"])
def test_one_side_alone_is_refused(network: nn.Module, missing: str) -> None:
    learnt = [thyroid(0)] * (missing != "thyroid") + [other(0)] * (missing != "other")
    with pytest.raises(CohortError, match="other images, and thyroid frames left out"):
        fit_familiarity(network, learnt, [] if missing == "left out" else [thyroid(1)])
