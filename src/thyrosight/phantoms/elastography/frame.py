"""Single simulated elastography screens, to test the reading of screens."""

from dataclasses import replace

import numpy as np

from thyrosight.errors import OutputError
from thyrosight.phantoms.elastography.frame_plan import ElastographyFrame, draw_look, plan_frame
from thyrosight.phantoms.elastography.machines import LAYOUTS, MACHINES, SINGLE
from thyrosight.phantoms.elastography.section import Subject
from thyrosight.phantoms.features import draw_features


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
        number: number of the screen for that seed, at least 0.
        style: "shear-wave" or "strain"; None draws one of them.
        layout: one of `LAYOUTS` or `SINGLE`; None gives two panels in a layout of the machine.
        bar: draw the colour bar.
        grey: store the screen without colour.
        jpeg_quality: compress the screen as JPEG of this quality (1 to 95); 0 for no compression.

    Raises:
        OutputError: there is no such style or layout.

    >>> frame = elastography_frame(1, 0, style="strain", layout="side by side, B-mode first")
    >>> frame.b_mode_box.right < frame.elastogram_box.left, frame.elastogram_box.contains(frame.colour_box)
    (True, True)
    """
    machines = [machine for machine in MACHINES if style in (None, machine.style)]
    if not machines:
        raise OutputError(f"There are no simulated machines of style {style!r}; choose shear-wave or strain.")
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
    changed = replace(look, layout=layout or look.layout, bar=bar, grey=grey, jpeg_quality=jpeg_quality)
    return plan_frame(subject, changed, seeds=(seed, number, 31)).draw()
