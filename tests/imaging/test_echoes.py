"""Telling echoes from background and from drawn lines."""

import numpy as np

from thyrosight.imaging import Box
from thyrosight.imaging.echoes import body_of_scan, echoes, inside_drawn_frame


def test_white_lines_around_a_picture_are_peeled_and_tissue_is_not() -> None:
    tissue = np.random.default_rng(0).integers(30, 255, (60, 80), dtype=np.uint8)
    assert inside_drawn_frame(tissue) == Box(0, 0, 80, 60)
    framed = np.pad(tissue, ((3, 1), (2, 4)), constant_values=250)
    assert inside_drawn_frame(framed) == Box(2, 3, 82, 63)
    blank = np.full((40, 40), 255, dtype=np.uint8)
    assert inside_drawn_frame(blank).area > 0


def test_video_black_is_background_too() -> None:
    picture = np.full((50, 60), 16, dtype=np.uint8)
    picture[10:40, 15:45] = 120
    found = echoes(picture)
    assert found.lit.sum() == 30 * 30


def test_a_smooth_fill_is_not_dim_speckle() -> None:
    generator = np.random.default_rng(0)
    picture = np.zeros((40, 100), dtype=np.uint8)
    picture[10:20] = 4
    picture[25:35] = generator.rayleigh(2.5, (10, 100)).astype(np.uint8)
    dim = echoes(picture).dim(0, 40)
    assert not dim[:25].any()
    assert (dim[25:35].mean(axis=1) > 0.5).all()


def test_text_and_bars_are_no_body_and_two_views_are() -> None:
    lit = np.zeros((300, 500), dtype=bool)
    lit[40:260, 40:220] = lit[40:260, 260:470] = True
    lit[50:250, 485:490] = True  # a grey-scale bar
    lit[10:18, 20:200:3] = True  # a line of text
    body, block = body_of_scan(lit)
    full = np.kron(body, np.ones((block, block), dtype=bool))[:300, :500]
    assert (full == ((lit) & (np.arange(500) < 480) & (np.arange(300) >= 38)[:, None])).mean() > 0.985
    assert not full[:30].any()
    assert not full[:, 482:].any()


def test_nothing_lit_is_no_body() -> None:
    assert not body_of_scan(np.zeros((50, 50), dtype=bool))[0].any()
