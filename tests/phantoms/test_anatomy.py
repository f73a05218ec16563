"""The layers around a nodule."""

import numpy as np
import pytest

from thyrosight.phantoms.anatomy import draw_neck, paint_neck
from thyrosight.phantoms.outline import Outline
from thyrosight.phantoms.probe import Probe
from thyrosight.phantoms.tissue import Tissue


@pytest.mark.parametrize("seed", range(20))
def test_layers_follow_one_another_and_leave_room(seed: int) -> None:
    neck = draw_neck(np.random.default_rng(seed), view="transverse", height_mm=22.0)
    assert 0 < neck.fat_mm < neck.muscle_mm < neck.gland_mm
    assert neck.back_mm - neck.gland_mm >= 25.0


def test_strap_muscle_is_darker_than_gland_and_sheets_are_bright() -> None:
    random = np.random.default_rng(4)
    neck = draw_neck(random, view="longitudinal", height_mm=8.0)
    tissue = Tissue.gland(*Probe("rectangle", 45.0, 40.0, 320).beams())
    paint_neck(tissue, neck, Outline(0.0, neck.gland_mm + 7.0, 5.0, 4.0, np.ones(720)), random)
    middle = (neck.gland_mm + neck.back_mm) / 2
    gland = tissue.echo[np.abs(tissue.z - middle) < 2].mean()
    behind = tissue.echo[(tissue.z > neck.back_mm + 2) & (tissue.z < neck.back_mm + 5)].mean()
    assert abs(gland) < 1.5
    assert behind < gland - 5
    assert tissue.line[tissue.z < neck.gland_mm + 1].max() > 2 > tissue.line[np.abs(tissue.z - middle) < 2].max()


def test_trachea_and_carotid_never_cover_the_nodule() -> None:
    for seed in range(25):
        random = np.random.default_rng(seed)
        neck = draw_neck(random, view="transverse", height_mm=10.0)
        nodule = Outline(0.0, neck.gland_mm + 8.0, 9.0, 5.0, np.ones(720))
        tissue = Tissue.gland(*Probe("rectangle", 45.0, 40.0, 160).beams())
        paint_neck(tissue, neck, nodule, random)
        assert tissue.echo[nodule.relative_radius(tissue.x, tissue.z) < 0.8].min() > -15
