"""`thyrosight predict`: find the nodules of images and assess them."""

from pathlib import Path
from typing import Annotated

import typer

from thyrosight.cli.engines import Address, EngineName, Workers, engine_of
from thyrosight.cli.predict_archive import predict_archive


def predict(
    images: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="IMAGE...",
            help="Images, folders, or patterns such as 'scans/*.png'; with --out also a table or a DICOMweb address.",
        ),
    ] = None,
    *,
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", metavar="BUNDLE", help="The folder `model` that a study wrote; by default what comes along."
        ),
    ] = None,
    box: Annotated[
        str | None, typer.Option("--box", metavar="L,T,R,B", help="The nodule in a single image, in pixels.")
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option("--boxes", metavar="FILE", help="CSV with the columns image and box, for many.")
    ] = None,
    elastogram: Annotated[
        Path | None,
        typer.Option("--elastogram", metavar="FILE", help="Of a single image, for models that read pairs."),
    ] = None,
    frames: Annotated[
        str, typer.Option("--frames", metavar="N|LIST|all", help="Of a loop: how many frames, or which (0,7,20-25).")
    ] = "8",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Also write a CSV table.")] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="DIR", help="Also write a picture of each with its heat map.")
    ] = None,
    segmenter: Annotated[
        Path | None,
        typer.Option("--segmenter", metavar="BUNDLE", help="A model that finds the nodules where no box is given."),
    ] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps, or auto for the fastest.")] = "auto",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Write the results as Parquet there; run again to resume."),
    ] = None,
    engine: EngineName = "local",
    workers: Workers = None,
    address: Address = None,
    part_size: Annotated[
        int | None, typer.Option("--part-size", min=1, help="Images in each file of results, with --out; 500.")
    ] = None,
    match: Annotated[
        list[str] | None,
        typer.Option("--match", metavar="KEYWORD=VALUE", help="Studies to take from a DICOMweb archive; repeatable."),
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option("--keep", metavar="NAME", help="Column or DICOM keyword to repeat in the results; repeatable."),
    ] = None,
    backend: Annotated[
        str, typer.Option("--backend", help="What runs the network: onnx, openvino, torch, or auto.")
    ] = "auto",
    threads: Annotated[
        int | None, typer.Option("--threads", metavar="N", min=1, help="Threads of the processor; all by default.")
    ] = None,
) -> None:
    """Find the nodules of images and assess each. For research use only, not for diagnosis.

    Without --model, the models that come with ThyroSight find the nodules (where no box is given), outline them and
    give each a calibrated risk; `thyrosight models` says what they were trained on and what was measured.

    Images that cannot be used are named on standard error, the others are assessed, and the exit code is 2. Of a DICOM
    loop, sharp frames that differ are chosen, and their results are averaged. Frames are numbered from 0.

    With --segmenter every lesion that it outlines is assessed, and the result says that no reader drew its box.

    Models of pairs read a B-mode image and its elastogram, of one size. Where it is absent, the result says so.

    With --out very many images are assessed, here, in several processes or on a cluster: IMAGE is then a folder, a
    table (CSV or Parquet with the column image, and perhaps box, frame, elastogram) or the address of a DICOMweb
    archive. Every image has its rows once, whatever is killed meanwhile.
    """
    if out is not None or engine != "local" or match or keep or part_size or workers or address:
        one_image = {
            "--box": box, "--boxes": boxes, "--elastogram": elastogram, "--json": as_json, "--csv": csv,
            "--overlay": overlay,
        }  # fmt: skip
        predict_archive(
            images or [],
            out=out,
            refused_options=[name for name, given in one_image.items() if given],
            engine=engine_of(engine, workers=workers, address=address, cores=threads or 1),
            model=model, segmenter=segmenter, frames=frames, match=match or [], keep=keep or [], part_rows=part_size,
            device=device, backend=backend, threads=threads,
        )  # fmt: skip
        return
    from thyrosight.assessing import assess
    from thyrosight.cli.image_arguments import box_argument, frame_numbers
    from thyrosight.cli.predict_output import print_json, print_text, write_csv
    from thyrosight.cli.predict_overlay import Overlays
    from thyrosight.cli.progress import progress_bars

    wanted = frame_numbers(frames)
    with progress_bars() as progress:
        found = assess(
            images or [],
            model=model,
            box=box_argument(box),
            boxes=boxes,
            elastogram=elastogram,
            segmenter=segmenter,
            frames=wanted,
            on_heat_map=None if overlay is None else Overlays(overlay),
            device=device,
            backend=backend,
            threads=threads,
            progress=progress,
        )
    if as_json:
        print_json(found)
    else:
        print_text(found)
    if csv is not None:
        write_csv(csv, found)
    for refusal in found.refusals:
        typer.echo(f"Refused: {refusal.reason}", err=True)
    if found.refusals:
        raise typer.Exit(2)
