"""The composition of a simulated elastography screen, and its truth."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.imaging import Box
from thyrosight.imaging.frame import to_grey
from thyrosight.phantoms.elastography.colour_tables import STIFFNESS_TABLES, colours_of
from thyrosight.phantoms.elastography.machines import (
    B_MODE_ALONE,
    ELASTOGRAM_ALONE,
    MACHINES,
    SINGLE,
    Machine,
)
from thyrosight.phantoms.elastography.measurement import Measurement, Scale, draw_colour_box, measure
from thyrosight.phantoms.elastography.screen import (
    LIMITS,
    Arrangement,
    Places,
    arrange,
    draw_bar,
    paste,
    write_around,
)
from thyrosight.phantoms.elastography.section import Section, Subject, draw_section
from thyrosight.phantoms.elastography.stiffness import stiffness_map

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Look:
    """Layout and storage of a screen, independent of its content.

    Attributes:
        machine: one of `MACHINES`.
        scale: one of the machine's scales.
        layout: one of `LAYOUTS` or `SINGLE`.
        bar: whether the colour bar is on the screen.
        grey: whether the screen was stored without colour.
        jpeg_quality: quality of a JPEG compression of the screen, 0 for none.
        nuisance: strength of noise, artefacts and holes of the elastogram, from 0 to 1.
        opacity: opacity of the colour; None is the machine's own.
    """

    machine: Machine
    scale: Scale
    layout: str
    bar: bool = True
    grey: bool = False
    jpeg_quality: int = 0
    nuisance: float = 1.0
    opacity: float | None = None


@dataclass(frozen=True, eq=False)
class ElastographyFrame:
    """A screen and its truth. Boxes are in pixels of the screen, and None for parts that are not on it.

    Attributes:
        pixels: the screen as stored, `(rows, columns, 3)` uint8.
        screen: the same before any JPEG.
        b_mode_box, elastogram_box: the panels; two panels have the same size.
        colour_box: the box of colours in the elastogram, also on a grey screen.
        bar_box: the colour bar.
        b_mode, elastogram: the panels as drawn, before any JPEG: grey `(rows, columns)` and `(rows, columns, 3)`.
        stiffness_kpa: true Young's modulus in kPa at every pixel of a panel.
        measurement: the machine's measurement of stiffness.
        section: the examined section, with the exact mask.
        look: machine, scale, layout.
    """

    pixels: NDArray[np.uint8]
    screen: NDArray[np.uint8]
    b_mode_box: Box | None
    elastogram_box: Box | None
    colour_box: Box | None
    bar_box: Box | None
    b_mode: NDArray[np.uint8]
    elastogram: NDArray[np.uint8]
    stiffness_kpa: NDArray[np.float32]
    measurement: Measurement = field(repr=False)
    section: Section = field(repr=False)
    look: Look = field(repr=False)

    @property
    def table(self) -> str:
        """Name of the colour table, a key of `STIFFNESS_TABLES`."""
        return self.look.machine.table

    @property
    def pixel_mm(self) -> float:
        """Side of a pixel in a panel."""
        return self.section.probe.pixel_mm

    def mask(self) -> NDArray[np.bool_]:
        """The nodule in a panel."""
        return self.section.mask()


@dataclass(frozen=True, eq=False)
class FramePlan:
    """A screen before it is drawn: fast to compute, and the source of all boxes.

    Attributes:
        section: the examined section.
        look: machine, scale, layout.
        places: positions of panels and bar.
        colour_box_in_panel: the colour box in pixels of the panel.
        seeds: seeds of all random draws.
    """

    section: Section
    look: Look
    places: Places
    colour_box_in_panel: Box
    seeds: tuple[int, ...]

    @property
    def b_mode_box(self) -> Box | None:
        """The B-mode panel."""
        return self._panels()[0]

    @property
    def elastogram_box(self) -> Box | None:
        """The panel with colours."""
        return self._panels()[1]

    @property
    def colour_box(self) -> Box | None:
        """The box of colours on the screen."""
        panel = self.elastogram_box
        return panel and self.colour_box_in_panel.moved(columns=panel.left, rows=panel.top)

    @property
    def bar_box(self) -> Box | None:
        """The colour bar."""
        return self.places.bar if self.look.bar and self.elastogram_box is not None else None

    def _panels(self) -> tuple[Box | None, Box | None]:
        first, second = self.places.first, self.places.second
        if self.look.layout == B_MODE_ALONE:
            return first, None
        if self.look.layout == ELASTOGRAM_ALONE:
            return None, first
        return (first, second) if self.look.layout.endswith("B-mode first") else (second, first)

    def draw(self) -> ElastographyFrame:
        """Draw the screen."""
        machine = self.look.machine
        for_picture, for_stiffness, for_machine, for_colour = (
            np.random.default_rng([*self.seeds, part]) for part in range(2, 6)
        )
        b_mode, tissue = self.section.draw(machine.preset, for_picture)
        stiffness = stiffness_map(self.section, tissue, for_stiffness)
        measured = measure(
            self.section,
            tissue,
            stiffness,
            box=self.colour_box_in_panel,
            scale=self.look.scale,
            nuisance=self.look.nuisance,
            random=for_machine,
        )
        opacity = float(for_colour.uniform(*machine.opacity)) if self.look.opacity is None else self.look.opacity
        elastogram = _colour_over(b_mode, measured, machine, opacity)
        screen = self._screen(b_mode, elastogram)
        return ElastographyFrame(
            pixels=through_jpeg(screen, self.look.jpeg_quality),
            screen=screen,
            b_mode_box=self.b_mode_box,
            elastogram_box=self.elastogram_box,
            colour_box=self.colour_box,
            bar_box=self.bar_box,
            b_mode=b_mode,
            elastogram=elastogram,
            stiffness_kpa=stiffness,
            measurement=measured,
            section=self.section,
            look=self.look,
        )

    def _screen(self, b_mode: NDArray[np.uint8], elastogram: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Panels, bar and text."""
        shown = [(box, part) for box, part in ((self.b_mode_box, b_mode), (self.elastogram_box, elastogram)) if box]
        screen = write_around(
            np.zeros((self.places.rows, self.places.columns, 3), dtype=np.uint8),
            [box for box, _ in shown],
            pixel_mm=self.section.probe.pixel_mm,
            machine=self.look.machine.name,
            lines=_settings(self.look, self.section),
            tint=MACHINES.index(self.look.machine),
        )
        if self.bar_box is not None:
            screen = _with_bar(screen, self.bar_box, self.look)
        for box, part in shown:
            paste(screen, part, box)
        return np.repeat(to_grey(screen)[:, :, None], 3, axis=2) if self.look.grey else screen


def draw_look(random: np.random.Generator, machine: Machine) -> Look:
    """Draw a scale and a layout of a machine, in three quarters of cases the usual ones."""
    scale = machine.scales[0] if random.random() < 0.75 else machine.scales[-1]
    layout = machine.usual_layout if random.random() < 0.75 else machine.other_layout
    return Look(machine, scale, layout)


def plan_frame(subject: Subject, look: Look, *, seeds: tuple[int, ...]) -> FramePlan:
    """Plan section and screen of a subject; `seeds` determine all random draws."""
    arrangement = _arrangement(look.layout)
    rows, columns = LIMITS[arrangement]
    section = draw_section(np.random.default_rng([*seeds, 0]), subject, most_rows=rows, most_columns=columns)
    random = np.random.default_rng([*seeds, 1])
    places = arrange(
        random, layout=arrangement, rows=section.probe.rows, columns=section.probe.columns,
        bar_side=look.machine.bar_side,
    )  # fmt: skip
    box = draw_colour_box(section, random, wide=look.machine.style == "strain")
    return FramePlan(section, look, places, box, seeds)


def _arrangement(layout: str) -> Arrangement:
    if layout in SINGLE:
        return "alone"
    return "beside" if layout.startswith("side") else "above"


def _colour_over(b_mode: NDArray[np.uint8], found: Measurement, machine: Machine, opacity: float) -> NDArray[np.uint8]:
    """The B-mode panel with the colours of the measurement over it."""
    picture = np.repeat(b_mode[:, :, None], 3, axis=2)
    window = (slice(found.box.top, found.box.bottom), slice(found.box.left, found.box.right))  # nothing else has signal
    weight = (opacity * found.signal[window])[:, :, None]
    colours = colours_of(STIFFNESS_TABLES[machine.table], found.place[window])
    picture[window] = np.rint((1 - weight) * picture[window] + weight * colours)
    _outline(picture, found.box, machine.outline)
    return picture


def _outline(picture: NDArray[np.uint8], box: Box, kind: str) -> None:
    """Draw the border of the colour box inside of it, in place."""
    if kind == "none":
        return
    step, shade = (1, 225) if kind == "line" else (4, 255)
    for row in (box.top, box.bottom - 1):
        picture[row, box.left : box.right : step] = shade
    for column in (box.left, box.right - 1):
        picture[box.top : box.bottom : step, column] = shade


def _with_bar(screen: NDArray[np.uint8], box: Box, look: Look) -> NDArray[np.uint8]:
    soft_to_hard = colours_of(STIFFNESS_TABLES[look.machine.table], np.linspace(0, 1, box.height))
    if look.scale.quantity == "strain":
        low, high = ("Soft", "Hard") if look.machine.name != "RT-3" else ("SOFT", "HARD")
    else:
        low, high = "0", f"{look.scale.top:g} {look.scale.quantity}"
    if look.machine.hard_on_top:
        return draw_bar(screen, box, soft_to_hard[::-1], upper=high, lower=low)
    return draw_bar(screen, box, soft_to_hard, upper=low, lower=high)


def _settings(look: Look, section: Section) -> tuple[str, ...]:
    mode = "SWE" if look.machine.style == "shear-wave" else "ELASTO"
    measured = () if look.layout == B_MODE_ALONE else (f"{mode}  {look.scale.text}",)
    return ("THYROID", f"B  {section.probe.depth_mm / 10:.1f} cm", *measured, "MI 1.2  TIs 0.3")


def through_jpeg(screen: NDArray[np.uint8], quality: int) -> NDArray[np.uint8]:
    """The screen after a JPEG of the given quality, or as it is for 0."""
    if quality == 0:
        return screen
    stream = BytesIO()
    Image.fromarray(screen).save(stream, format="JPEG", quality=quality)
    return np.array(Image.open(stream))
