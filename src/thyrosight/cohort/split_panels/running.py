"""From a folder or table of frames to pairs of B-mode and elastogram, a manifest, and a contact sheet."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thyrosight.cohort.split_panels.listing import MANIFEST, ListedFrame, list_frames
from thyrosight.cohort.split_panels.options import SplitPanelsOptions
from thyrosight.cohort.split_panels.sheet import SheetWriter
from thyrosight.cohort.split_panels.splitting import Row, split_frame
from thyrosight.errors import CohortError
from thyrosight.files import write_csv
from thyrosight.lock import locked_folder
from thyrosight.progress import Progress

_COLUMNS: Final = (
    "key", "image", "elastogram", "patient_id", "nodule_id", "label", "label_source", "box", "mask", "stiffness_map",
    "map_unit", "map_soft", "map_stiff", "map_from", "opacity", "map_detail", "elastography_style", "panel_layout",
    "panel_order", "registration", "b_mode_panel", "elastogram_panel", "colour_box", "colour_bar", "panel_notes",
    "spacing_row_mm", "spacing_column_mm", "spacing_reason", "exclude", "exclude_detail",
)  # fmt: skip
_PATHS: Final = ("image", "elastogram", "mask", "stiffness_map")


@dataclass(frozen=True)
class SplitPanelsResult:
    """The result of splitting.

    Attributes:
        manifest: the table that `open_cohort` reads once its labels are filled.
        contact_sheets: pictures to check by eye.
        frames: number of frames read.
        pairs: number of frames with B-mode and elastogram.
        maps: number of frames whose colours could be read.
        excluded: number of frames without a pair, by reason; the manifest names each, with a sentence.
        map_problems: reasons why colours could not be read, each once, without the file's name.
    """

    manifest: Path
    contact_sheets: tuple[Path, ...]
    frames: int
    pairs: int
    maps: int
    excluded: dict[str, int]
    map_problems: tuple[str, ...]


def split_panels(
    source: Path | str,
    out: Path | str,
    *,
    options: SplitPanelsOptions | None = None,
    progress: Progress | None = None,
) -> SplitPanelsResult:
    """Split every frame of a folder or table into `images/`, `elastograms/` and `maps/`, with a manifest.

    Cells of a table are kept; a box or mask drawn on the whole frame is moved into its panel. Frames without a
    registered pair stay in the manifest with the reason in `exclude`. Contact sheets show every frame with its boxes,
    the panels and the recovered map; check them by eye.

    Args:
        source: a folder of frames, one image, or a CSV table with a column image.
        out: a folder that has no cohort.csv yet; an interrupted run starts again.
        options: style, colour map, range.
        progress: called with the number of frames done.

    Raises:
        CohortError: the source cannot be used, `out` holds a cohort.csv, or no frame gave a pair.
        FolderInUseError: another process works in `out`.
        OutputError: a file cannot be written.
    """
    source, out = Path(source), Path(out)
    listed = list_frames(source)
    with locked_folder(out, "conversion"):
        if (out / MANIFEST).exists():
            raise CohortError(f"{out} holds a {MANIFEST} already, perhaps with labels in it; name a new folder.")
        rows, sheets = _split_frames(listed, out, options or SplitPanelsOptions(), progress)
        reasons = Counter(row["exclude"] for row in rows if row.get("exclude"))
        pairs = sum(not row.get("exclude") for row in rows)
        if pairs == 0 and not any(row.get("elastogram") for row in rows):
            said = "; ".join(f"{count} x {reason}" for reason, count in reasons.most_common(3))
            first = next(row["exclude_detail"] for row in rows if row.get("exclude"))
            raise CohortError(
                f"{source}: no frame holds B-mode and a registered elastogram ({said}); the first: {first}"
            )
        brought = dict.fromkeys(name for row in rows for name in row if name not in _COLUMNS)
        write_csv(out / MANIFEST, (_relative_paths(row, out) for row in rows), (*_COLUMNS, *brought))
    return SplitPanelsResult(
        manifest=out / MANIFEST,
        contact_sheets=tuple(sheets),
        frames=len(rows),
        pairs=pairs,
        maps=sum(bool(row.get("stiffness_map")) for row in rows),
        excluded=dict(reasons),
        map_problems=tuple(dict.fromkeys(
            row["map_detail"].partition(": ")[2] for row in rows
            if row.get("elastogram") and not row.get("stiffness_map")
        )),
    )  # fmt: skip


def _split_frames(
    listed: Sequence[ListedFrame], out: Path, options: SplitPanelsOptions, progress: Progress | None
) -> tuple[list[Row], list[Path]]:
    """Split every frame and draw it; return the rows of the manifest, and the contact sheets."""
    sheet, rows = SheetWriter(out / "contact-sheet.png"), list[Row]()
    for number, one in enumerate(listed, start=1):
        split = split_frame(one, out, options)
        rows.append(split.row)
        sheet.add(split)
        if progress is not None:
            progress("Splitting frames", number, len(listed))
    return rows, sheet.close()


def _relative_paths(row: Row, out: Path) -> Row:
    return {**row, **{name: _relative(row[name], out) for name in _PATHS if row.get(name)}}


def _relative(cell: str, out: Path) -> str:
    return "|".join(Path(part).relative_to(out).as_posix() for part in cell.split("|"))
