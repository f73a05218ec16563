"""`thyrosight dicom show`: the content of DICOM files, and whether they can be read."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.table import Table

    from thyrosight.imaging import DicomInfo

_WHO = (
    "patient_id", "patient_name", "patient_birth_date", "accession_number", "study_instance_uid", "series_instance_uid",
    "sop_instance_uid", "institution", "station_name", "device_serial_number",
)  # fmt: skip


def show(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="DICOM files.")],
    *,
    identity: Annotated[
        bool, typer.Option("--identity", help="Also show who and where: names, numbers, UIDs.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    png: Annotated[Path | None, typer.Option("--png", metavar="FILE", help="Also write a frame as PNG.")] = None,
    frame: Annotated[int, typer.Option("--frame", metavar="N", help="Which frame --png writes, from 0.")] = 0,
) -> None:
    """Show what DICOM files hold: picture, calibrated regions, spacing; and read the first frame.

    Files that cannot be read are named on standard error, and the exit code is 2.
    """
    import json

    from thyrosight.errors import ImageError, ThyroSightError
    from thyrosight.imaging import read_dicom_info, read_frame

    if png is not None and len(files) != 1:
        raise ImageError(f"--png writes a frame of one file, but {len(files)} were named.")
    found: list[dict[str, Any]] = []
    problems = []
    for path in files:
        try:
            info = read_dicom_info(path)
            picture = read_frame(path, frame=frame if png else 0)
        except ThyroSightError as error:
            problems.append(str(error))
            continue
        found.append({**info.model_dump(mode="json"), "notes": list(picture.notes)})
        if png is not None:
            _save(picture.pixels, png)
        if not as_json:
            _print(info, picture.notes, identity=identity)
    if as_json:
        typer.echo(json.dumps([_shown(one, identity) for one in found], indent=2, ensure_ascii=False))
    for problem in problems:
        typer.echo(f"Refused: {problem}", err=True)
    if problems:
        raise typer.Exit(2)


def _shown(content: dict[str, Any], identity: bool) -> dict[str, Any]:
    return content if identity else {name: value for name, value in content.items() if name not in _WHO}


def _print(info: "DicomInfo", notes: tuple[str, ...], *, identity: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    console.print(f"\n{Path(info.source).name}", style="bold", markup=False)
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    rate = f", {info.frames_per_second:g} per second" if info.frames_per_second and info.frames > 1 else ""
    depth = f"{info.photometric_interpretation}, {info.bits_stored} bits"
    spacing = info.spacing_mm
    facts: dict[str, str | None] = {
        "object": info.sop_class,
        "picture": f"{info.columns} x {info.rows} pixels, {depth}",
        "frames": f"{info.frames}{rate}",
        "written in": info.transfer_syntax,
        "device": " ".join(filter(None, (info.manufacturer, info.model_name))),
        "study": " / ".join(filter(None, (info.study_description, info.series_description, info.body_part))),
        "patient": ", ".join(filter(None, (info.patient_sex, info.patient_age))),
        "laterality": info.laterality,
        "spacing": f"{spacing[0]:.4f} x {spacing[1]:.4f} mm (row x column)" if spacing else "unknown",
        "because": info.spacing_reason,
    }
    if identity:
        facts |= {name.replace("_", " "): getattr(info, name) for name in _WHO}
    for name, value in facts.items():
        if value:
            grid.add_row(name, value)
    for note in notes:
        grid.add_row("note", note)
    console.print(grid)
    if info.regions:
        console.print(_regions(info))


def _regions(info: "DicomInfo") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("region", "shows", "format", "units", "mm per pixel"):
        table.add_column(name, overflow="fold")
    for region in info.regions:
        spacing = region.spacing_mm
        table.add_row(
            region.box.to_text(),
            region.data_type,
            region.spatial_format,
            f"{region.unit_x}, {region.unit_y}",
            f"{spacing[0]:.4f} x {spacing[1]:.4f}" if spacing else region.spacing_reason,
        )
    return table


def _save(pixels: Any, path: Path) -> None:
    from PIL import Image

    from thyrosight.files import write_atomically

    with write_atomically(path) as temporary:
        Image.fromarray(pixels).save(temporary, format="PNG")
