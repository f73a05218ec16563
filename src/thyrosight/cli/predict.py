"""`thyrosight predict`: what a model says of images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from thyrosight.inference import Assessment, Predictor, Refusal, Request
    from thyrosight.progress import Progress


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
) -> None:
    """Assess images with a trained model. For research use only, not for diagnosis.

    Images that cannot be used are named on standard error, the others are assessed, and the exit code is 2. Of a DICOM
    loop, sharp frames that differ are chosen, and their results are averaged. Frames are numbered from 0.

    With --segmenter every lesion that it outlines is assessed, and the result says that no reader drew its box.

    Models of pairs read a B-mode image and its elastogram, of one size. Where it is absent, the result says so.
    """
    from thyrosight.assessing import grad_cam
    from thyrosight.cli.image_arguments import frame_numbers, requested_images
    from thyrosight.cli.predict_output import print_json, print_text, write_csv
    from thyrosight.cli.progress import progress_bars
    from thyrosight.inference import (
        Predictor,
        Refusal,
        Segmenter,
        find_nodules,
        load_bundle,
        open_loops,
        over_loops,
    )

    named, refusals = requested_images(images or [], box=box, boxes=boxes, elastogram=elastogram)
    wanted = frame_numbers(frames)
    predictor = Predictor(load_bundle(model, device=device), explainer=grad_cam)
    assessments: list[Assessment] = []
    with progress_bars() as progress:
        requests, lengths, unopened = open_loops(named, frames=wanted, progress=progress)
        refusals += unopened
        if segmenter is not None:
            finder = Segmenter(load_bundle(segmenter, device=device))
            requests, unfound = find_nodules(finder, requests, loops=lengths.keys(), progress=progress)
            refusals += unfound
        for result in _assess(predictor, requests, overlay=overlay, progress=progress):
            if isinstance(result, Refusal):
                refusals.append(result)
            else:
                assessments.append(result)
    refusals = list(dict.fromkeys(refusals))  # frames of a loop may all be refused for one reason
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


def _assess(
    predictor: "Predictor", requests: "Sequence[Request]", *, overlay: Path | None, progress: "Progress"
) -> "Iterable[Assessment | Refusal]":
    """Assess, and draw heat maps as they come; maps are not kept, so memory stays bounded."""
    from thyrosight.cli.image_arguments import free_name, stem
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
            name = Path(result.image).name + (f", frame {result.frame_number}" if result.image in loops else "")
            _draw(result, free_name(overlay, stem(result, loops), taken), name=name, scale=scale, rule=rule)
            yield result.model_copy(update={"heat_map": None})


def _heat_scale(predictor: "Predictor", requests: "Sequence[Request]", progress: "Progress") -> tuple[float, str]:
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


def _of_pair(result: "Assessment") -> str:
    """What the picture of one image must say of the other one of its pair."""
    from thyrosight.inference.ready import BLACK_ELASTOGRAM, BLACK_IMAGE, NO_ELASTOGRAM

    absent = [note for note in result.notes if note in (NO_ELASTOGRAM, BLACK_ELASTOGRAM, BLACK_IMAGE)]
    if absent:
        return f"{absent[0][0].upper()}{absent[0][1:]}."
    if result.elastogram is None:
        return ""
    return f"Judged with the elastogram {Path(result.elastogram).name}; the heat is the B-mode image's part alone."


def _draw(result: "Assessment", path: Path, *, name: str, scale: float, rule: str) -> None:
    from PIL import Image

    from thyrosight.cli.predict_output import label, number
    from thyrosight.explain import explanation_panel
    from thyrosight.files import write_atomically
    from thyrosight.imaging import read_frame

    assert result.heat_map is not None
    flags = f"Quality flags: {', '.join(result.quality_flags)}." if result.quality_flags else ""
    lines = [
        f"{name}: calibrated risk {number(result.calibrated_risk)}, {label(result)}",
        flags,
        _of_pair(result),
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
