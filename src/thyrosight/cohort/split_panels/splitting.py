"""From one frame to a B-mode image, an elastogram, a stiffness map and a row."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.cohort.split_panels.listing import ListedFrame
from thyrosight.cohort.split_panels.options import SplitPanelsOptions
from thyrosight.errors import ImageError
from thyrosight.files import write_atomically
from thyrosight.imaging import Box, Frame, read_frame, read_mask
from thyrosight.imaging.elastography import (
    ColourMapError,
    ElastographyPanels,
    FlowError,
    NoColourError,
    RegistrationError,
    SinglePanelError,
    StiffnessMap,
    recover_map,
    split_elastography,
)

Row = dict[str, str]

_REASONS: Final[tuple[tuple[type[ImageError], str], ...]] = (
    (FlowError, "Doppler, no elastogram"),
    (NoColourError, "no elastogram"),
    (SinglePanelError, "only one panel"),
    (RegistrationError, "panels not registered"),
)


@dataclass(frozen=True, eq=False)
class SplitFrame:
    """The parts of one frame.

    Attributes:
        row: its row of the manifest; `exclude` holds a reason if there is no pair.
        frame: the frame; None if it could not be read.
        panels: the boxes of its parts; None if it could not be split.
        stiffness: the recovered map; None if the colours could not be read.
    """

    row: Row
    frame: Frame | None = None
    panels: ElastographyPanels | None = None
    stiffness: StiffnessMap | None = None


def split_frame(listed: ListedFrame, out: Path, options: SplitPanelsOptions) -> SplitFrame:
    """Split one frame and write its parts below `out`; a frame that cannot be used becomes a row with the reason.

    Raises:
        OutputError: a file cannot be written.
    """
    row: Row = {**listed.cells, "key": listed.key, "mask": ""}
    if row.get("exclude"):
        return SplitFrame({"exclude_detail": "left out in the table that was read", **row})
    try:
        frame = read_frame(listed.path)
    except ImageError as error:
        return SplitFrame({**row, "exclude": "cannot be read", "exclude_detail": _sentence(error, listed)})
    try:
        warm = (options.colour_map or "").startswith("hot")
        panels = split_elastography(frame, style=options.style, alone=options.alone, warm=warm)
    except ImageError as error:
        reason = next((words for kind, words in _REASONS if isinstance(error, kind)), "cannot be split")
        return SplitFrame({**row, "exclude": reason, "exclude_detail": _sentence(error, listed)}, frame)
    row |= _described(panels)
    row["elastogram"] = _write(frame, panels.elastogram, out / "elastograms" / f"{listed.key}.png")
    if panels.b_mode is None:
        row |= {"exclude": "elastogram without B-mode", "exclude_detail": "; ".join(panels.notes)}
    else:
        row["image"] = _write(frame, panels.b_mode, out / "images" / f"{listed.key}.png")
        row |= _spacing(frame, panels.b_mode)
        try:
            row |= _marked(listed, frame, panels, out)
        except ImageError as error:
            row |= {"mask": "", "exclude": "mask or box cannot be used", "exclude_detail": _sentence(error, listed)}
    stiffness, cells = _stiffness(frame, panels, out / "maps" / f"{listed.key}.tif", options)
    return SplitFrame(row | cells, frame, panels, stiffness)


def _sentence(error: ImageError, listed: ListedFrame) -> str:
    """The text of an error, with the file's name instead of its path on this machine."""
    return str(error).replace(str(listed.path), listed.path.name)


def _write(frame: Frame, box: Box, path: Path) -> str:
    part = np.ascontiguousarray(frame.pixels[box.top : box.bottom, box.left : box.right])
    with write_atomically(path) as temporary:
        Image.fromarray(part).save(temporary, format="PNG")
    return str(path)


def _described(panels: ElastographyPanels) -> Row:
    return {
        "panel_layout": panels.layout,
        "panel_order": panels.order,
        "elastography_style": panels.style or "",
        "registration": "" if panels.score is None else f"{panels.score:.3f}",
        "b_mode_panel": "" if panels.b_mode is None else panels.b_mode.to_text(),
        "elastogram_panel": panels.elastogram.to_text(),
        "colour_box": panels.colour_box_in_panel.to_text(),
        "colour_bar": "" if panels.bar is None else panels.bar.to_text(),
        "panel_notes": "; ".join(panels.notes),
    }


def _spacing(frame: Frame, box: Box) -> Row:
    spacing, reason = frame.spacing_at(box)
    if spacing is None:
        return {"spacing_row_mm": "", "spacing_column_mm": "", "spacing_reason": reason}
    return {"spacing_row_mm": f"{spacing[0]:.8g}", "spacing_column_mm": f"{spacing[1]:.8g}", "spacing_reason": reason}


def _marked(listed: ListedFrame, frame: Frame, panels: ElastographyPanels, out: Path) -> Row:
    """The row's box and masks, drawn on the whole frame, in pixels of the panel; either panel may hold them."""
    assert panels.b_mode is not None
    cells: Row = {}
    if listed.cells.get("box"):
        box = Box.from_text(listed.cells["box"], where=f"{listed.key}, column box")
        cells["box"] = _in_panel(box, panels, listed.key).to_text()
    names = [name for name in listed.cells.get("mask", "").split("|") if name]
    written = []
    for number, name in enumerate(names, start=1):
        mask = read_mask(Path(name), shape=(frame.rows, frame.columns))
        merged = _cut(mask, panels.b_mode) | _cut(mask, panels.elastogram)
        if not merged.any():
            raise ImageError(f"{listed.key}: the mask {name} marks nothing in either panel; draw it on the nodule.")
        path = out / "masks" / (f"{listed.key}.png" if len(names) == 1 else f"{listed.key}-{number}.png")
        with write_atomically(path) as temporary:
            Image.fromarray(merged.astype(np.uint8) * 255).save(temporary, format="PNG")
        written.append(str(path))
    return {**cells, "mask": "|".join(written)} if names else cells


def _cut(mask: NDArray[np.bool_], box: Box) -> NDArray[np.bool_]:
    return mask[box.top : box.bottom, box.left : box.right]


def _in_panel(box: Box, panels: ElastographyPanels, key: str) -> Box:
    for panel in (panels.b_mode, panels.elastogram):
        if panel is not None and panel.contains(box):
            return box.moved(columns=-panel.left, rows=-panel.top)
    raise ImageError(
        f"{key}: the box {box.to_text()} lies in neither panel; give it in pixels of the whole frame, inside one panel."
    )


def _stiffness(
    frame: Frame, panels: ElastographyPanels, path: Path, options: SplitPanelsOptions
) -> tuple[StiffnessMap | None, Row]:
    """The recovered map, written as 32-bit TIFF, and its cells; or the reason why there is none."""
    try:
        found = recover_map(
            frame,
            panels,
            colour_map=options.colour_map,
            stiffness_range=options.stiffness_range,
            bar_top=options.bar_top,
        )
    except ColourMapError as error:
        return None, {"stiffness_map": "", "map_detail": str(error).replace(frame.source, Path(frame.source).name)}
    with write_atomically(path) as temporary:
        Image.fromarray(found.values).save(temporary, format="TIFF")
    return found, {
        "stiffness_map": str(path),
        "map_unit": found.unit,
        "map_soft": f"{found.soft:g}",
        "map_stiff": f"{found.stiff:g}",
        "map_from": found.colour_map,
        "opacity": f"{found.opacity:.2f}",
        "map_detail": "; ".join(found.notes),
    }
