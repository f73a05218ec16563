"""Colours that everyone can read and tell apart, and figures as parts of a page."""

import re
from itertools import combinations

import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from thyrosight.reports.figures.style import (
    BENIGN,
    INK,
    MALIGNANT,
    MUTED,
    PAPER,
    SERIES,
    THEME,
    new_figure,
    page_style,
    to_svg,
)


def rgb(colour: str) -> np.ndarray:
    return np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2.2."""

    def luminance(colour: str) -> float:
        parts = rgb(colour)
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_lines_stand_out_from_the_page(dark: bool) -> None:
    def shown(colour: str) -> str:
        return THEME[colour][1] if dark else colour

    for colour in (INK, MUTED, BENIGN, MALIGNANT):
        assert contrast(shown(colour), shown(PAPER)) >= 4.5, colour  # WCAG AA, text
    for colour in SERIES:
        assert contrast(shown(colour), shown(PAPER)) >= 2.2, colour  # lines also differ in dash and marker


# Machado, Oliveira and Fernandes 2009, severity 1.0, applied to linear RGB.
DEFICIENCIES = {
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}


@pytest.mark.parametrize("deficiency", ["none", *DEFICIENCIES])
@pytest.mark.parametrize("dark", [False, True])
def test_classes_and_networks_can_be_told_apart(deficiency: str, dark: bool) -> None:
    matrix = np.array(DEFICIENCIES.get(deficiency, np.eye(3)))

    def seen(colour: str) -> np.ndarray:
        parts = rgb(THEME[colour][1] if dark else colour)
        linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
        mixed = np.clip(matrix @ linear, 0, 1)
        return rgb2lab(np.where(mixed <= 0.0031308, 12.92 * mixed, 1.055 * mixed ** (1 / 2.4) - 0.055))

    assert deltaE_ciede2000(seen(BENIGN), seen(MALIGNANT)) > 20
    for one, other in combinations(SERIES[:4], 2):
        assert deltaE_ciede2000(seen(one), seen(other)) > 9, (one, other)


def _figure() -> object:
    with page_style():
        figure, axes = new_figure(4, 3)
        axes.plot([0, 1], [0, 1], color=SERIES[0], label='a & "b" <c>')
        axes.set_title("Sensitivity < 1 & more")
    return figure


def test_svg_keeps_text_and_takes_its_colours_from_the_page() -> None:
    svg = to_svg(_figure(), title='A "quoted" <title>')  # type: ignore[arg-type]
    assert svg.startswith('<svg role="img" aria-label="A &quot;quoted&quot; &lt;title>"')
    assert "Sensitivity &lt; 1 &amp; more" in svg
    assert "var(--ink)" in svg and "var(--series-0)" in svg and SERIES[0] not in svg and INK not in svg
    assert "<metadata" not in svg and "<!DOCTYPE" not in svg and "max-width:384px" in svg


def test_identifiers_of_two_figures_do_not_meet() -> None:
    one, other = (set(re.findall(r'\bid="([^"]+)"', to_svg(_figure(), title=title))) for title in ("a", "b"))  # type: ignore[arg-type]
    assert one and not one & other
    again = to_svg(_figure(), title="a")  # type: ignore[arg-type]
    assert again == to_svg(_figure(), title="a")  # type: ignore[arg-type]
