"""Where nodes and their neighbours lie, and what the nodes measure."""

import math
from itertools import islice

import numpy as np
import pytest

from thyrosight.inference.outlines import axes_of
from thyrosight.phantoms import LymphNodeFeatures, LymphNodeOptions, lymph_node_images
from thyrosight.phantoms.lymph_nodes.lymph_node import draw_lymph_node, ellipse
from thyrosight.phantoms.lymph_nodes.neighbours import Neighbour, Tube, are_apart
from thyrosight.phantoms.lymph_nodes.scene import NodeScene

SEED = 6


@pytest.fixture(scope="module")
def scenes() -> list[NodeScene]:
    options = LymphNodeOptions(second_node_share=0.3)
    return [image.scene(SEED, options) for image in islice(lymph_node_images(SEED), 90)]


def test_axes_have_the_range_and_about_the_means_of_the_paper() -> None:
    axes = np.array([image.axes_mm for image in islice(lymph_node_images(1), 3000)])
    assert axes[:, 0].min() >= 3 and axes[:, 0].max() <= 37
    assert axes[:, 1].min() >= 2 and axes[:, 1].max() <= 25
    assert axes[:, 0].mean() == pytest.approx(14.8, abs=0.6)
    assert axes[:, 1].mean() == pytest.approx(6.9, abs=0.5)


def test_measured_axes_tell_round_from_oval(scenes: list[NodeScene]) -> None:
    for scene in scenes:
        node = scene.layout.node
        assert (node.short_mm / node.long_mm > 0.5) == (node.features.node_shape == "round")
        assert axes_of(node.outline.points())[:2] == pytest.approx((node.long_mm, node.short_mm), rel=0.01)
        assert 3 <= node.long_mm <= 37 and 2 <= node.short_mm <= 25


def test_the_whole_node_lies_in_the_picture_below_the_muscle(scenes: list[NodeScene]) -> None:
    for scene in scenes:
        points = scene.layout.node.outline.points()
        assert np.abs(points[:, 0]).max() < scene.probe.half_width_mm
        assert scene.layout.layers.space_mm < points[:, 1].min() < points[:, 1].max() < scene.probe.depth_mm


def test_no_neighbour_touches_the_node_or_another(scenes: list[NodeScene]) -> None:
    for scene in scenes:
        node = scene.layout.node.outline
        for number, neighbour in enumerate(scene.layout.neighbours):
            assert are_apart(node, neighbour.shape, gap_mm=0.5)
            for other in scene.layout.neighbours[:number]:
                if not isinstance(neighbour.shape, Tube):
                    assert are_apart(neighbour.shape, other.shape, gap_mm=0.5)
            if neighbour.node is not None:
                assert neighbour.node.long_mm < max(scene.layout.node.long_mm, 6.0)


def test_all_kinds_of_neighbours_occur_and_vessels_follow_the_view(scenes: list[NodeScene]) -> None:
    kinds = {
        (scene.layout.view, n.kind, isinstance(n.shape, Tube)) for scene in scenes for n in scene.layout.neighbours
    }
    for kind in ("vein", "artery"):
        assert ("longitudinal", kind, True) in kinds and ("transverse", kind, False) in kinds
        assert ("longitudinal", kind, False) not in kinds and ("transverse", kind, True) not in kinds
    assert {kind for _, kind, _ in kinds} == {"vein", "artery", "muscle bundle", "second node"}


def test_a_mask_is_the_ellipse_it_should_be() -> None:
    outline = ellipse(8.0, 3.0, tilt=0.3)
    long, short, degrees = axes_of(outline.points())
    assert (long, short) == pytest.approx((16.0, 6.0), abs=0.05)
    assert degrees == pytest.approx(180 - math.degrees(0.3), abs=1)  # it runs down to the right
    x, z = np.meshgrid(np.arange(-10, 10, 0.05), np.arange(-10, 10, 0.05))
    assert (outline.relative_radius(x, z) < 1).sum() * 0.05**2 == pytest.approx(math.pi * 24, rel=0.01)


def test_an_irregular_border_is_longer_for_its_area() -> None:
    def roughness(margin: str) -> float:
        features = LymphNodeFeatures("lost", "round", "absent", "absent", "hypoechoic", margin)
        values = []
        for seed in range(12):
            random = np.random.default_rng(seed)
            points = draw_lymph_node(random, features=features, long_mm=18.0, short_mm=12.5).outline.points()
            x, z = points.T
            area = 0.5 * abs(float(np.sum(x * np.roll(z, -1) - z * np.roll(x, -1))))
            border = float(np.hypot(*(points - np.roll(points, 1, axis=0)).T).sum())
            values.append(border**2 / (4 * math.pi * area))
        return float(np.median(values))

    assert roughness("irregular") > 1.15 * roughness("smooth")


def test_a_tube_knows_its_wall() -> None:
    tube = Tube(20.0, 3.0, 0.1)
    distance = tube.distance_mm(np.array([0.0, 0.0, 10.0]), np.array([20.0, 26.0, 21.0]))
    assert distance == pytest.approx([-3.0, 6 / math.hypot(1, 0.1) - 3.0, -3.0], abs=1e-5)
    assert Neighbour("vein", tube).moved_to(5.0, 5.0).shape is tube
