"""Simulated Doppler screens, with colour in vessels only, to test that they are not taken for elastograms."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from scipy import ndimage

from thyrosight.errors import OutputError
from thyrosight.imaging import Box
from thyrosight.phantoms.elastography.colour_tables import FLOW_TABLES, colours_of
from thyrosight.phantoms.elastography.machines import MACHINES, Machine
from thyrosight.phantoms.elastography.measurement import draw_colour_box
from thyrosight.phantoms.elastography.screen import LIMITS, Arrangement, arrange, draw_bar, paste, write_around
from thyrosight.phantoms.elastography.section import Section, Subject, draw_section
from thyrosight.phantoms.features import draw_features
from thyrosight.phantoms.tissue import Tissue

Array = NDArray[np.floating[Any]]
_LUMEN_DB = -22.0  # the lumen of the carotid artery has weaker echoes; so has fluid in a nodule, which does not flow


@dataclass(frozen=True, eq=False)
class DopplerFrame:
    """A Doppler screen and its truth. Boxes are in pixels of the screen.

    Attributes:
        pixels: the screen, `(rows, columns, 3)` uint8.
        kind: "colour" for direction and speed of flow, "power" for its strength.
        b_mode_box: a grey panel beside the Doppler panel; None if there is none.
        doppler_box: the panel with colours.
        flow_box: the outlined box in which flow is measured.
        bar_box: the colour bar.
    """

    pixels: NDArray[np.uint8]
    kind: str
    b_mode_box: Box | None
    doppler_box: Box
    flow_box: Box
    bar_box: Box


def doppler_frame(
    seed: int, number: int = 0, *, kind: Literal["colour", "power"] | None = None, panels: Literal[1, 2] | None = None
) -> DopplerFrame:
    """A simulated Doppler screen; the same arguments give the same pixels.

    Args:
        seed: a whole number of at least 0.
        number: number of the screen for that seed, at least 0.
        kind: "colour" or "power"; None draws one of them.
        panels: 1 for the Doppler panel alone, 2 with a B-mode panel; None draws one of them.

    Raises:
        OutputError: there is no such kind or number of panels.

    >>> frame = doppler_frame(1, kind="power", panels=2)
    >>> frame.kind, frame.doppler_box.contains(frame.flow_box), frame.b_mode_box is None
    ('power', True, False)
    """
    if kind not in (None, "colour", "power") or panels not in (None, 1, 2):
        raise OutputError(f"Doppler phantoms are colour or power with 1 or 2 panels, got {kind!r} and {panels}.")
    random = np.random.default_rng([seed, number, 50])
    drawn = ("colour", "power")[int(random.integers(2))], int(random.integers(1, 3))
    machine = MACHINES[int(random.integers(len(MACHINES)))]
    return _draw(random, machine, kind or drawn[0], two=(panels or drawn[1]) == 2)


def _draw(random: np.random.Generator, machine: Machine, kind: str, *, two: bool) -> DopplerFrame:
    """Draw section, flow and screen."""
    arrangement: Arrangement = "beside" if two else "alone"
    rows, columns = LIMITS[arrangement]
    section = draw_section(random, _draw_subject(random), most_rows=rows, most_columns=columns)
    grey, tissue = section.draw(machine.preset, random)
    window = draw_colour_box(section, random, wide=True)
    picture = _colour_flow(grey, _flow(section, tissue, random), window, kind)
    places = arrange(
        random, layout=arrangement, rows=grey.shape[0], columns=grey.shape[1], bar_side=machine.bar_side
    )  # fmt: skip
    doppler_first = places.second is None or random.random() < 0.3
    panel = places.first if doppler_first or places.second is None else places.second
    grey_box = places.second if doppler_first else places.first
    screen = write_around(
        np.zeros((places.rows, places.columns, 3), dtype=np.uint8),
        [box for box in (grey_box, panel) if box is not None],
        pixel_mm=section.probe.pixel_mm,
        machine=machine.name,
        lines=_settings(kind, section),
        tint=MACHINES.index(machine),
    )
    screen = _with_bar(screen, places.bar, kind)
    if grey_box is not None:
        paste(screen, grey, grey_box)
    paste(screen, picture, panel)
    flow_box = window.moved(columns=panel.left, rows=panel.top)
    return DopplerFrame(screen, kind, grey_box, panel, flow_box, places.bar)


def _draw_subject(random: np.random.Generator) -> Subject:
    size = float(np.clip(np.exp(random.normal(np.log(14.0), 0.35)), 6.0, 26.0))
    return Subject(draw_features(random), size, 20.0, "transverse" if random.random() < 0.6 else "longitudinal")


def _flow(section: Section, tissue: Tissue, random: np.random.Generator) -> NDArray[np.float32]:
    """Flow from -1 (away) to 1 (towards the probe) in every pixel; 0 outside vessels."""
    scale = 1 / section.probe.pixel_mm
    flow = np.zeros(tissue.z.shape, dtype=np.float32)
    for curve, width_mm in _vessels(section, random):
        image = Image.new("L", (section.probe.columns, section.probe.rows))
        points = [(float(x), float(y)) for x, y in _in_pixels(section, curve)]
        ImageDraw.Draw(image).line(points, fill=255, width=max(2, round(width_mm * scale)), joint="curve")
        vessel = ndimage.gaussian_filter(np.asarray(image, dtype=np.float32) / 255, 0.25 * scale)
        flow += np.float32(random.choice([-1, 1]) * random.uniform(0.5, 1.0)) * vessel
    lumen = (tissue.echo < _LUMEN_DB) & (section.outline.relative_radius(tissue.x, tissue.z) > 1.15)
    inner = ndimage.gaussian_filter(ndimage.binary_erosion(lumen, iterations=2).astype(np.float32), 0.3 * scale)
    flow += np.float32(random.choice([-1, 1]) * random.uniform(0.7, 1.0)) * inner
    uneven = 1 + 0.25 * tissue.noise(random, x_mm=0.8, z_mm=0.8)
    return np.asarray(np.clip(flow * uneven, -1, 1), dtype=np.float32)


def _vessels(section: Section, random: np.random.Generator) -> list[tuple[Array, float]]:
    """Curves in millimetres `(points, 2)` with widths: around the nodule, into it, and in the gland."""
    outline = section.outline
    centre = np.array([outline.x_mm, outline.z_mm])
    half = np.array([outline.half_width_mm, outline.half_height_mm])
    found: list[tuple[Array, float]] = []
    for _ in range(int(random.integers(2, 5))):  # around
        angle = random.uniform(0, 2 * math.pi) + np.linspace(0, random.uniform(0.4, 1.3), 20)
        ring = random.uniform(1.0, 1.12) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        found.append((centre + half * ring, random.uniform(0.5, 1.1)))
    solid = section.subject.features.composition != "cystic"
    for _ in range(int(random.integers(0, 4)) * solid):  # into the nodule
        angle = random.uniform(0, 2 * math.pi) + np.cumsum(random.normal(0, 0.12, 14))
        radius = np.linspace(1.05, random.uniform(0.1, 0.6), 14)[:, None]
        found.append(
            (centre + half * radius * np.stack([np.cos(angle), np.sin(angle)], axis=1), random.uniform(0.4, 0.9))
        )
    for _ in range(int(random.integers(1, 4))):  # in the gland
        start = np.array([random.uniform(-16, 16), random.uniform(section.neck.gland_mm + 1, section.neck.back_mm - 1)])
        turns = random.uniform(-0.5, 0.5) + np.cumsum(random.normal(0, 0.2, 10))
        steps = 0.5 * np.stack([np.cos(turns), np.sin(turns)], axis=1)
        found.append((start + np.cumsum(steps, axis=0), random.uniform(0.5, 1.2)))
    return found


def _in_pixels(section: Section, curve: Array) -> Array:
    """Columns and rows of points in millimetres."""
    probe = section.probe
    return np.asarray(curve / probe.pixel_mm + np.array([(probe.columns - 1) / 2, -0.5]))


def _colour_flow(grey: NDArray[np.uint8], flow: NDArray[np.float32], window: Box, kind: str) -> NDArray[np.uint8]:
    """The B-mode panel with flow in colour, opaque, inside an outlined window."""
    picture = np.repeat(grey[:, :, None], 3, axis=2)
    if kind == "colour":
        colours = colours_of(FLOW_TABLES["away to towards"], (flow + 1) / 2)
    else:
        colours = colours_of(FLOW_TABLES["power"], np.abs(flow))
    shown = np.zeros(grey.shape, dtype=bool)
    inside = (slice(window.top, window.bottom), slice(window.left, window.right))
    shown[inside] = np.abs(flow[inside]) > 0.22
    picture[shown] = np.rint(colours[shown]).astype(np.uint8)
    picture[[window.top, window.bottom - 1], window.left : window.right] = 215
    picture[window.top : window.bottom, [window.left, window.right - 1]] = 215
    return picture


def _with_bar(screen: NDArray[np.uint8], box: Box, kind: str) -> NDArray[np.uint8]:
    place = np.linspace(1, 0, box.height)
    if kind == "colour":
        return draw_bar(screen, box, colours_of(FLOW_TABLES["away to towards"], place), upper="+6.0", lower="-6.0 cm/s")
    return draw_bar(screen, box, colours_of(FLOW_TABLES["power"], place), upper="PWR", lower="")


def _settings(kind: str, section: Section) -> tuple[str, ...]:
    mode = "CFI  PRF 1.2 kHz" if kind == "colour" else "PDI  PRF 0.8 kHz"
    return ("THYROID", f"B  {section.probe.depth_mm / 10:.1f} cm", mode, "MI 1.1  TIs 0.6")
