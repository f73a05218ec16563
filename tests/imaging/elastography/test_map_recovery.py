"""Reading stiffness off colours: drawn maps come back through opacity, compression and drop-outs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.imaging.elastography.drawing import Drawn, draw, jpeg
from thyrosight.imaging import Box, Frame
from thyrosight.imaging.elastography import (
    COLOUR_MAPS,
    ColourMapError,
    ElastographyPanels,
    StiffnessMap,
    StiffnessRange,
    named_map,
    recover_map,
)


def panels_of(true: Drawn, *, bar: bool = True) -> ElastographyPanels:
    """The true panels, so that only the recovery is tested."""
    return ElastographyPanels(
        b_mode=true.b_mode,
        elastogram=true.elastogram,
        colour_box=true.colour_box,
        bar=true.bar if bar else None,
        layout="side by side",
        order="B-mode first",
        style=None,
        score=0.9,
    )


def error_of(found: StiffnessMap, true: Drawn) -> float:
    both = np.isfinite(found.values) & np.isfinite(true.stiffness)
    assert both.sum() > 0.95 * np.isfinite(true.stiffness).sum()
    return float(np.abs(found.values - true.stiffness)[both].mean())


@pytest.mark.parametrize("colour_map", ["rainbow", "jet", "blue-green-red"])
@pytest.mark.parametrize("opacity", [0.3, 0.7, 1.0])
def test_a_map_comes_back_from_the_bar_and_by_name(colour_map: str, opacity: float) -> None:
    true = draw(seed=2, colour_map=colour_map, opacity=opacity)
    # The bar's first and last rows are left out, which costs at most a hundredth at each end.
    from_bar = recover_map(true.frame, panels_of(true))
    assert error_of(from_bar, true) < 0.012
    assert from_bar.opacity == pytest.approx(opacity, abs=0.05)
    assert error_of(recover_map(true.frame, panels_of(true), colour_map=colour_map), true) < 0.03


def test_b_mode_under_the_colour_does_not_matter() -> None:
    true = draw(seed=2)
    other = draw(seed=2, other=None)
    grey = other.pixels.copy()
    box = true.colour_box
    part = grey[box.top : box.bottom, box.left : box.right].astype(int)
    # The same colours over another grey: add the same to red, green and blue.
    shift = np.random.default_rng(0).integers(-20, 20, part.shape[:2])[:, :, None]
    lowest, highest = part.min(axis=2, keepdims=True), part.max(axis=2, keepdims=True)
    grey[box.top : box.bottom, box.left : box.right] = part + np.clip(shift, -lowest, 255 - highest)
    one, two = (recover_map(Frame(pixels, "x.png"), panels_of(true)) for pixels in (true.pixels, grey))
    np.testing.assert_allclose(one.values, two.values, atol=0.006)


def test_jpeg_blurs_but_does_not_shift() -> None:
    true = draw(seed=3, dropouts=True)
    compressed = replace(true, pixels=jpeg(true.pixels, 60))
    found = recover_map(compressed.frame, panels_of(compressed))
    assert error_of(found, true) < 0.02
    both = np.isfinite(found.values) & np.isfinite(true.stiffness)
    assert abs(float((found.values - true.stiffness)[both].mean())) < 0.005


def test_there_is_no_value_where_there_is_no_colour() -> None:
    true = draw(seed=5, dropouts=True)
    found = recover_map(true.frame, panels_of(true))
    assert found.values.shape == true.stiffness.shape
    outside = np.ones(found.values.shape, dtype=bool)
    inside = panels_of(true).colour_box_in_panel
    outside[inside.top : inside.bottom, inside.left : inside.right] = False
    assert np.isnan(found.values[outside]).all()
    holes = np.isnan(true.stiffness) & ~outside
    assert holes.sum() > 500
    assert np.isnan(found.values[holes]).mean() > 0.85  # a rim of a pixel is smeared


def test_a_range_is_linear_and_named() -> None:
    true = draw(seed=1)
    plain = recover_map(true.frame, panels_of(true))
    kpa = recover_map(true.frame, panels_of(true), stiffness_range=StiffnessRange(0, 180, "kPa"))
    assert (plain.unit, kpa.unit, kpa.stiff) == ("share of the bar", "kPa", 180)
    np.testing.assert_allclose(kpa.values, 180 * plain.values, rtol=1e-5)


def test_the_bar_may_be_soft_above() -> None:
    true = draw(seed=1)
    stiff, soft = (recover_map(true.frame, panels_of(true), bar_top=top) for top in ("stiff", "soft"))  # type: ignore[arg-type]
    np.testing.assert_allclose(soft.values, 1 - stiff.values, atol=0.01)
    assert soft.colour_map == "colour bar, soft above"


def test_reversed_maps_run_the_other_way() -> None:
    true = draw(seed=1)
    one, other = (recover_map(true.frame, panels_of(true), colour_map=f"rainbow{end}") for end in ("", "-reversed"))
    np.testing.assert_allclose(other.values, 1 - one.values, atol=0.005)
    for name in COLOUR_MAPS:
        assert named_map(name).shape == (256, 3)


def test_what_cannot_be_read_is_said_in_a_sentence() -> None:
    true = draw(seed=1, bar=False)
    with pytest.raises(ColourMapError, match="no colour bar beside the elastogram"):
        recover_map(true.frame, panels_of(true))
    with pytest.raises(ColourMapError, match="no colour map 'viridis'"):
        recover_map(true.frame, panels_of(true), colour_map="viridis")
    with pytest.raises(ColourMapError, match="not on the colour map hot"):
        recover_map(true.frame, panels_of(true), colour_map="hot")
    with pytest.raises(ColourMapError, match="mostly grey"):
        recover_map(true.frame, panels_of(true), colour_map="grey")
    strain = replace(panels_of(true), style="strain")
    with pytest.raises(ColourMapError, match="no absolute scale"):
        recover_map(true.frame, strain, colour_map="rainbow", stiffness_range=StiffnessRange(0, 100, "kPa"))
    with pytest.raises(ColourMapError, match="from soft to stiff"):
        StiffnessRange(100, 0, "kPa")


@settings(max_examples=40)
@given(
    place=st.floats(0.02, 0.98),
    opacity=st.floats(0.25, 1.0),
    grey=st.integers(0, 255),
    name=st.sampled_from(["rainbow", "rainbow-reversed", "blue-green-red"]),
)
def test_any_colour_over_any_grey(place: float, opacity: float, grey: int, name: str) -> None:
    colours = named_map(name)
    across = np.clip(place + np.linspace(-0.02, 0.02, 40), 0, 1)
    painted = colours[np.rint(across * 255).astype(int)]
    row = np.rint(opacity * painted + (1 - opacity) * grey).astype(np.uint8)
    pixels = np.repeat(row[None], 30, axis=0)
    box = Box(0, 0, 40, 30)
    panels = ElastographyPanels(None, box, box, None, "elastogram alone", "elastogram alone", None, None)
    found = recover_map(Frame(pixels, "flat.png"), panels, colour_map=name)
    assert float(np.nanmean(np.abs(found.values - across[None]))) < 0.02
