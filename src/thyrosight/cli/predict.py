"""`thyrosight predict`: what a model says of images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from thyrosight.cli.progress import ProgressCallback
    from thyrosight.inference import Assessment, Predictor, Refusal, Request


def predict(
    *,
    model: Annotated[Path, typer.Option("--model", metavar="BUNDLE", help="The folder `model` that a study wrote.")],
    images: Annotated[
        list[str] | None, typer.Argument(metavar="IMAGE...", help="Images, folders, or patterns such as 'scans/*.png'.")
    ] = None,
    box: Annotated[
        str | None, typer.Option("--box", metavar="L,T,R,B", help="The nodule in a single image, in pixels.")
    ] = None,
    boxes: Annotated[
        Path | None, typer.Option("--boxes", metavar="FILE", help="CSV with the columns image and box, for many.")
    ] = None,
    frames: Annotated[
        str, typer.Option("--frames", metavar="N|LIST|all", help="Of a loop: how many frames, or which (0,7,20-25).")
    ] = "8",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Also write a CSV table.")] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="DIR", help="Also write a picture of each with its heat map.")
    ] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps, or auto for the fastest.")] = "auto",
) -> None:
    """Assess images with a trained model. For research use only, not for diagnosis.

    Images that cannot be used are named on standard error, the others are assessed, and the exit code is 2. Of a DICOM
    loop, sharp frames that differ are chosen, and their results are averaged. Frames are numbered from 0.
    """
    from thyrosight.cli.predict_output import print_json, print_text, write_csv
    from thyrosight.cli.progress import progress_bars
    from thyrosight.explain import heat_maps
    from thyrosight.inference import Predictor, Refusal, load_bundle, open_loops, over_loops

    named, refusals = _requests(images or [], box=box, boxes=boxes)
    wanted = _frame_numbers(frames)
    predictor = Predictor(load_bundle(model), device, explainer=heat_maps)
    assessments: list[Assessment] = []
    with progress_bars() as progress:
        requests, lengths, unopened = open_loops(named, frames=wanted, progress=progress)
        refusals += unopened
        for result in _assess(predictor, requests, overlay=overlay, progress=progress):
            if isinstance(result, Refusal):
                refusals.append(result)
            else:
                assessments.append(result)
    loops = over_loops(assessments, lengths)
    if as_json:
        print_json(assessments, refusals, loops)
    else:
        print_text(assessments, predictor.bundle, loops)
    if csv is not None:
        write_csv(csv, assessments, refusals, loops)
    for refusal in refusals:
        typer.echo(f"Refused: {refusal.reason}", err=True)
    if refusals:
        raise typer.Exit(2)


def _requests(images: list[str], *, box: str | None, boxes: Path | None) -> "tuple[list[Request], list[Refusal]]":
    """What to assess, and what was named but is not there."""
    from thyrosight.errors import ImageError
    from thyrosight.imaging import Box
    from thyrosight.inference import Request, find_images, read_boxes, with_boxes

    if box is not None and boxes is not None:
        raise ImageError("Give --box for a single image or --boxes for a table, not both.")
    found, refusals = find_images(images)
    if box is not None:
        if len(found) != 1:
            raise ImageError(
                f"--box is the nodule of one image, but {len(found)} images were named; give a table with --boxes."
            )
        return [Request(found[0], Box.from_text(box, where="--box"))], refusals
    requests = with_boxes(found, read_boxes(boxes)) if boxes is not None else [Request(path) for path in found]
    if not requests and not refusals:
        raise ImageError("No image was named; give images, folders or patterns, or a table with --boxes.")
    return requests, refusals


def _frame_numbers(text: str) -> "int | list[int] | Literal['all']":
    """How many frames of a loop to choose, or which: a list has a comma or a range in it."""
    from thyrosight.errors import ImageError

    if text.strip().lower() == "all":
        return "all"
    parts = [part.strip().split("-") for part in text.split(",") if part.strip()]
    if not parts or not all(len(part) <= 2 and all(end.strip().isdecimal() for end in part) for part in parts):
        raise ImageError(f"--frames {text!r}: give how many (8), a list of frames (0,7,20-25), or all.")
    if len(parts) == 1 and len(parts[0]) == 1 and "," not in text:
        return int(parts[0][0])
    return [number for part in parts for number in range(int(part[0]), int(part[-1]) + 1)]


def _assess(
    predictor: "Predictor", requests: "Sequence[Request]", *, overlay: Path | None, progress: "ProgressCallback"
) -> "Iterable[Assessment | Refusal]":
    """Assess, and draw heat maps as they come; maps are not kept, so memory stays bounded."""
    from thyrosight.inference import Refusal

    if overlay is None:
        yield from predictor.assess_many(requests, progress=progress)
        return
    scale, rule = _heat_scale(predictor, requests, progress)
    taken: set[str] = set()
    loops = {request.name for request in requests if request.frame is not None}
    for result in predictor.assess_many(requests, explain=True, progress=progress):
        if isinstance(result, Refusal):
            yield result
        else:
            _draw(result, _free_name(overlay, _stem(result, loops), taken), scale=scale, rule=rule)
            yield result.model_copy(update={"heat_map": None})


def _stem(result: "Assessment", loops: set[str]) -> str:
    frame = f"-frame{result.frame_number}" if result.image in loops else ""
    return Path(result.image).stem + frame


def _heat_scale(
    predictor: "Predictor", requests: "Sequence[Request]", progress: "ProgressCallback"
) -> tuple[float, str]:
    """The model's own scale, or else one shared by the images of this call, found by a first pass over them."""
    import numpy as np

    from thyrosight.explain import scale_rule, shared_scale
    from thyrosight.inference import Assessment

    own = predictor.bundle.info.heat_scale
    if own is not None:
        return own.value, own.rule
    maxima = [
        float(result.heat_map.values.max())
        for result in predictor.assess_many(
            requests, explain=True, progress=lambda _, done, total: progress("Finding a shared heat scale", done, total)
        )
        if isinstance(result, Assessment) and result.heat_map is not None
    ]
    return shared_scale(np.array(maxima).reshape(-1, 1, 1)), f"{scale_rule(len(maxima))} of this run"


def _free_name(folder: Path, stem: str, taken: set[str]) -> Path:
    """A file name that this run has not used: several nodules may share an image, and folders may share names."""
    name, number = stem, 1
    while name.lower() in taken:
        number += 1
        name = f"{stem}-{number}"
    taken.add(name.lower())
    return folder / f"{name}.png"


def _draw(result: "Assessment", path: Path, *, scale: float, rule: str) -> None:
    from PIL import Image

    from thyrosight.cli.predict_output import label, number
    from thyrosight.explain import explanation_panel
    from thyrosight.files import write_atomically
    from thyrosight.imaging import read_frame

    assert result.heat_map is not None
    flags = f"Quality flags: {', '.join(result.quality_flags)}." if result.quality_flags else ""
    lines = [
        f"{Path(result.image).name}: calibrated risk {number(result.calibrated_risk)}, {label(result)}",
        flags,
        f"{result.model}; labels: {result.label_source}; {result.split_kind} split; "
        f"model hash {result.model_hash[:12]}.",
        result.research_use,
    ]
    panel = explanation_panel(
        read_frame(result.image, frame=result.frame_number),
        result.heat_map.values,
        scale=scale,
        scale_text=rule,
        box=result.box,
        lines=[line for line in lines if line],
    )
    with write_atomically(path) as temporary:
        Image.fromarray(panel).save(temporary, format="PNG")
