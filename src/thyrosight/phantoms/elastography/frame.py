"""One simulated elastography screen with everything that is true of it."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.errors import OutputError
from thyrosight.imaging import Box
from thyrosight.imaging.frame import to_grey
from thyrosight.phantoms.elastography.colour_tables import STIFFNESS_TABLES, colours_of
from thyrosight.phantoms.elastography.machines import (
    B_MODE_ALONE,
    ELASTOGRAM_ALONE,
    LAYOUTS,
    MACHINES,
    SINGLE,
    Machine,
)
from thyrosight.phantoms.elastography.measurement import Measurement, Scale, measure
from thyrosight.phantoms.elastography.screen import (
    ABOVE_LIMITS,
    ALONE_LIMITS,
    BESIDE_LIMITS,
    Places,
    arrange,
    draw_bar,
    paste,
    write_around,
)
from thyrosight.phantoms.elastography.section import Section, Subject, draw_section
from thyrosight.phantoms.elastography.stiffness import stiffness_map
from thyrosight.phantoms.features import draw_features

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Look:
    """How a screen is laid out and stored, apart from what it shows.

    Attributes:
        machine: one of `MACHINES`.
        scale: one of the machine's scales.
        layout: one of `LAYOUTS` or `SINGLE`.
        bar: whether the colour bar is on the screen.
        grey: whether the screen was stored without colour.
        jpeg_quality: quality of the JPEG that the screen went through, 0 for none.
        nuisance: from 0 to 1, how strong noise, artefacts and holes of the elastogram are.
        opacity: opacity of the colour; the machine's own where None.
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
    """A screen and what is true of it. Boxes are in pixels of the screen; what is not on it is None.

    Attributes:
        pixels: the screen, `(rows, columns, 3)` uint8.
        b_mode_box, elastogram_box: the panels, of the same size where both are there.
        colour_box: the box in the elastogram that holds colours; on a grey screen, where they were.
        bar_box: the colour bar.
        b_mode, elastogram: the panels as drawn, before any JPEG: grey `(rows, columns)` and `(rows, columns, 3)`.
        stiffness_kpa: true Young's modulus in kPa at every pixel of a panel.
        measurement: what the machine measured.
        section: what is examined, with the exact mask.
        look: machine, scale, layout.
    """

    pixels: NDArray[np.uint8]
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


def elastography_frame(
    seed: int,
    number: int,
    *,
    style: str | None = None,
    layout: str | None = None,
    bar: bool = True,
    grey: bool = False,
    jpeg_quality: int = 0,
) -> ElastographyFrame:
    """A simulated elastography screen; the same arguments give the same pixels.

    Args:
        seed: a whole number of at least 0.
        number: which screen of that seed, at least 0.
        style: "shear wave" or "strain"; either where None.
        layout: one of `LAYOUTS` or `SINGLE`; two panels as the machine likes them where None.
        bar: draw the colour bar.
        grey: store the screen without colour.
        jpeg_quality: send the screen through a JPEG of this quality (1 to 95); 0 for not.

    Raises:
        OutputError: there is no such style or layout.

    >>> frame = elastography_frame(1, 0, style="strain", layout="side by side, B-mode first")
    >>> frame.b_mode_box.right < frame.elastogram_box.left, frame.elastogram_box.contains(frame.colour_box)
    (True, True)
    """
    machines = [machine for machine in MACHINES if style in (None, machine.style)]
    if not machines:
        raise OutputError(f"There are no simulated machines of style {style!r}; choose shear wave or strain.")
    if layout is not None and layout not in LAYOUTS + SINGLE:
        raise OutputError(f"There is no layout {layout!r}; choose from {'; '.join(LAYOUTS + SINGLE)}.")
    random = np.random.default_rng([seed, number, 30])
    machine = machines[int(random.integers(len(machines)))]
    look = draw_look(random, machine)
    subject = Subject(
        features=draw_features(random),
        size_mm=float(np.clip(np.exp(random.normal(np.log(13.0), 0.38)), 5.0, 26.0)),
        stiffness_kpa=float(np.exp(random.normal(np.log(40.0), 0.7))),
        view="transverse" if random.random() < 0.5 else "longitudinal",
    )
    changed = Look(
        look.machine, look.scale, layout or look.layout, bar=bar, grey=grey, jpeg_quality=jpeg_quality
    )  # fmt: skip
    return draw_frame(subject, changed, seeds=(seed, number, 31))


def draw_look(random: np.random.Generator, machine: Machine) -> Look:
    """A scale and a layout of a machine: its usual ones three times in four."""
    scale = machine.scales[0] if random.random() < 0.75 else machine.scales[-1]
    layout = machine.usual_layout if random.random() < 0.75 else machine.other_layout
    return Look(machine, scale, layout)


def draw_frame(subject: Subject, look: Look, *, seeds: tuple[int, ...]) -> ElastographyFrame:
    """Draw a subject on a screen of the given look; `seeds` decide everything left to chance."""
    section = _section(subject, look, seeds)
    machine = look.machine
    b_mode, tissue = section.draw(machine.preset, np.random.default_rng([*seeds, 1]))
    kpa = stiffness_map(section, tissue, np.random.default_rng([*seeds, 2]))
    found = measure(
        section, tissue, kpa, scale=look.scale, nuisance=look.nuisance, random=np.random.default_rng([*seeds, 3])
    )
    random = np.random.default_rng([*seeds, 4])
    opacity = float(random.uniform(*machine.opacity)) if look.opacity is None else look.opacity
    elastogram = _colour_over(b_mode, found, machine, opacity)
    places = arrange(random, layout=_arrangement(look), rows=b_mode.shape[0], columns=b_mode.shape[1],
                     bar_side=machine.bar_side)  # fmt: skip
    grey_box, colour_panel = _panels(places, look)
    screen = np.zeros((places.rows, places.columns, 3), dtype=np.uint8)
    screen = write_around(
        screen, [box for box in (grey_box, colour_panel) if box is not None], pixel_mm=section.probe.pixel_mm,
        machine=machine.name, lines=_settings(look, section), tint=MACHINES.index(machine),
    )  # fmt: skip
    bar_box = places.bar if look.bar and colour_panel is not None else None
    if bar_box is not None:
        screen = _with_bar(screen, bar_box, look)
    if grey_box is not None:
        paste(screen, b_mode, grey_box)
    if colour_panel is not None:
        paste(screen, elastogram, colour_panel)
    colour_box = None if colour_panel is None else found.box.moved(columns=colour_panel.left, rows=colour_panel.top)
    return ElastographyFrame(
        pixels=_stored(screen, look),
        b_mode_box=grey_box,
        elastogram_box=colour_panel,
        colour_box=colour_box,
        bar_box=bar_box,
        b_mode=b_mode,
        elastogram=elastogram,
        stiffness_kpa=kpa,
        measurement=found,
        section=section,
        look=look,
    )


def _section(subject: Subject, look: Look, seeds: tuple[int, ...]) -> Section:
    limits = {"above": ABOVE_LIMITS, "beside": BESIDE_LIMITS, "alone": ALONE_LIMITS}[_arrangement(look)]
    return draw_section(
        np.random.default_rng([*seeds, 0]), subject, most_rows=limits[0], most_columns=limits[1]
    )  # fmt: skip


def _arrangement(look: Look) -> Any:
    if look.layout in SINGLE:
        return "alone"
    return "beside" if look.layout.startswith("side") else "above"


def _panels(places: Places, look: Look) -> tuple[Box | None, Box | None]:
    """The boxes of B-mode and elastogram."""
    if look.layout == B_MODE_ALONE:
        return places.first, None
    if look.layout == ELASTOGRAM_ALONE:
        return None, places.first
    pair = (places.first, places.second)
    return pair if look.layout.endswith("B-mode first") else (pair[1], pair[0])


def _colour_over(b_mode: NDArray[np.uint8], found: Measurement, machine: Machine, opacity: float) -> NDArray[np.uint8]:
    """The B-mode panel with the colours of the measurement over it."""
    weight = (opacity * found.signal)[:, :, None]
    colours = colours_of(STIFFNESS_TABLES[machine.table], found.place)
    picture = np.rint((1 - weight) * b_mode[:, :, None] + weight * colours).astype(np.uint8)
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
    mode = "SWE" if look.machine.style == "shear wave" else "ELASTO"
    return ("THYROID", f"B  {section.probe.depth_mm / 10:.1f} cm", f"{mode}  {look.scale.text}", "MI 1.2  TIs 0.3")


def _stored(screen: NDArray[np.uint8], look: Look) -> NDArray[np.uint8]:
    """The screen as it is stored: without colour and through a JPEG where the look says so."""
    if look.grey:
        screen = np.repeat(to_grey(screen)[:, :, None], 3, axis=2)
    if look.jpeg_quality == 0:
        return screen
    stream = BytesIO()
    Image.fromarray(screen).save(stream, format="JPEG", quality=look.jpeg_quality)
    return np.array(Image.open(stream))
