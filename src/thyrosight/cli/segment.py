"""`thyrosight segment`: outlines of the lesions in images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Collection

    from thyrosight.assessing import Segmentations
    from thyrosight.inference import Outline, Request, Segmentation


def segment(
    images: Annotated[list[str], typer.Argument(metavar="IMAGE...", help="Images, folders, or patterns.")],
    *,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model",
            metavar="BUNDLE",
            help="A model that was trained to outline; by default the one that comes along.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write mask, outlines and a picture of each image.")
    ] = None,
    box: Annotated[
        str | None, typer.Option("--box", metavar="L,T,R,B", help="The nodule, for models of nodule crops.")
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option("--boxes", metavar="FILE", help="CSV with the columns image and box, for many.")
    ] = None,
    frames: Annotated[
        str, typer.Option("--frames", metavar="N|LIST|all", help="Of a loop: how many frames, or which (0,7,20-25).")
    ] = "8",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps, or auto for the fastest.")] = "auto",
    backend: Annotated[
        str, typer.Option("--backend", help="What runs the network: onnx, openvino, torch, or auto.")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", min=1, help="Threads of the processor; all by default.")
    ] = None,
) -> None:
    """Outline the lesions of images, with area, axes and orientation. For research use only, not for diagnosis.

    With --out, three files are written for each image: NAME.mask.png (255 inside), NAME.outlines.json and
    NAME.overlay.png, and marks.csv with the box of every find and how sure it is, for `stats froc`. Sizes are in mm
    where the pixel spacing is known, else in pixels. Images that cannot be used are named on standard error, and the
    exit code is 2.
    """
    from thyrosight import assessing
    from thyrosight.cli.image_arguments import box_argument, frame_numbers
    from thyrosight.cli.progress import progress_bars

    wanted = frame_numbers(frames)
    with progress_bars() as progress:
        found = assessing.segment(
            images,
            model=model,
            box=box_argument(box),
            boxes=boxes,
            frames=wanted,
            on_outline=None if out is None else _Files(out),
            device=device,
            backend=backend,
            threads=threads,
            progress=progress,
        )
    if out is not None:
        _write_marks(out / "marks.csv", found)
    if as_json:
        _print_json(found)
    elif found.segmentations:
        _print_text(found)
    for refusal in found.refusals:
        typer.echo(f"Refused: {refusal.reason}", err=True)
    if found.refusals:
        raise typer.Exit(2)


class _Files:
    """Writes mask, outlines and picture of each image into a folder; none replaces another one of the same run."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._taken: set[str] = set()

    def __call__(self, result: "Segmentation", request: "Request") -> None:
        from thyrosight.cli.image_arguments import free_name, stem

        _write(result, request, free_name(self._folder, stem(result, of_loop=request.of_loop), self._taken))


def _write(result: "Segmentation", request: "Request", name: Path) -> None:
    """Mask, outlines and picture of one image beside each other."""
    import numpy as np
    from PIL import Image

    from thyrosight.explain import outline_panel
    from thyrosight.files import write_atomically, write_json

    pictures = {
        ".mask.png": np.where(result.mask, np.uint8(255), np.uint8(0)),
        ".overlay.png": outline_panel(request.read(), [one.polygon for one in result.lesions], _lines(result)),
    }
    for suffix, pixels in pictures.items():
        with write_atomically(name.with_suffix(suffix)) as temporary:
            Image.fromarray(pixels).save(temporary, format="PNG")
    write_json(name.with_suffix(".outlines.json"), result.model_dump(mode="json"))


_MARK = ("case", "box", "confidence", "model", "model_hash", "refused")


def _write_marks(path: Path, found: "Segmentations") -> None:
    """One row per find, one per image in which nothing was found, and one per image that could not be used."""
    from thyrosight.files import write_csv

    rows: list[dict[str, object]] = []
    for result in found.segmentations:
        case = result.image + (f"#{result.frame_number}" if result.image in found.loops else "")
        shared: dict[str, object] = {"case": case, "model": result.model, "model_hash": result.model_hash}
        finds: list[dict[str, object]] = [
            {"box": one.box.to_text(), "confidence": one.probability} for one in result.lesions
        ]
        rows += [shared | find for find in finds or [{}]]
    rows += [{"case": refusal.image, "refused": refusal.reason} for refusal in found.refusals]
    write_csv(path, rows, _MARK)


def _lines(result: "Segmentation") -> list[str]:
    """The text under the picture."""
    count = len(result.lesions)
    lines = [f"{Path(result.image).name}: " + (f"{count} lesion{'s' * (count > 1)}" if count else "no lesion found")]
    lines += [f"{number}: {measured(one)}; {one.size_reason}" for number, one in enumerate(result.lesions, start=1)]
    if result.quality_flags:
        lines.append(f"Quality flags: {', '.join(result.quality_flags)}.")
    lines.append(
        f"Outlined by {result.model}; labels: {result.label_source}; {result.split_kind} split; model hash "
        f"{result.model_hash[:12]}."
    )
    return [*lines, result.research_use]


def measured(lesion: "Outline") -> str:
    """A lesion's measures in one line."""
    shape = "taller than wide" if lesion.taller_than_wide else "not taller than wide"
    return f"{axes(lesion)} (long x short axis), area {area(lesion)}, {shape}"


def axes(lesion: "Outline") -> str:
    """Long and short axis with their unit."""
    digits = 1 if lesion.unit == "mm" else 0
    return f"{lesion.long_axis:.{digits}f} x {lesion.short_axis:.{digits}f} {lesion.unit}"


def area(lesion: "Outline") -> str:
    """Area with its unit."""
    return f"{lesion.area:.1f} mm²" if lesion.unit == "mm" else f"{lesion.area:.0f} pixels"


def _print_json(found: "Segmentations") -> None:
    import json

    from thyrosight.inference import RESEARCH_USE

    content = {
        "research_use": RESEARCH_USE,
        "segmentations": [result.model_dump(mode="json") for result in found.segmentations],
        "refusals": [refusal.model_dump(mode="json") for refusal in found.refusals],
    }
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


def _print_text(found: "Segmentations") -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    results, bundle, loops = found.segmentations, found.model, found.loops
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("image", overflow="fold")
    for title in ("lesion", "long x short axis", "area"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("taller than wide", max_width=11)
    for result in results:
        name = Text(_name(result, loops))
        if not result.lesions:
            table.add_row(name, "none", "-", "-", "-")
        for number, one in enumerate(result.lesions, start=1):
            taller = "yes" if one.taller_than_wide else "no"
            table.add_row(name if number == 1 else "", str(number), axes(one), area(one), taller)
    console.print(table)
    reasons = sorted({one.size_reason for result in results for one in result.lesions})
    for line in (*reasons, *sorted({note for result in results for note in result.notes})):
        console.print(line, markup=False)
    for result in results:
        if result.quality_flags:
            flags = f"{_name(result, loops)}: {', '.join(result.quality_flags)}"
            console.print(flags, style="yellow", markup=False)
    info = bundle.info
    assert info.masks is not None
    dice = "" if info.masks.dice is None else f"; mean Dice {info.masks.dice:.3f} on the {info.masks.chosen_on}"
    console.print(f"\nModel: {bundle.title}", markup=False)
    console.print(f"Labels: {info.label_source}; {info.cohort['split_kind']} split{dice}", markup=False)
    console.print(f"Hash: {bundle.hash}", markup=False)
    console.print(info.research_use, style="bold", markup=False)


def _name(result: "Segmentation", loops: "Collection[str]") -> str:
    """The file, and the frame where the file is a loop."""
    return Path(result.image).name + (f" #{result.frame_number}" if result.image in loops else "")
