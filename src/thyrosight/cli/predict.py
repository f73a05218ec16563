"""`thyrosight predict`: what a model says of images."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from thyrosight.cli.progress import ProgressCallback
    from thyrosight.inference import Assessment, Bundle, Predictor, Refusal, Request

# Up to this many assessments are printed one by one, more as a table.
_IN_FULL = 3
_BAR = 32


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
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Also write a CSV table.")] = None,
    overlay: Annotated[
        Path | None, typer.Option("--overlay", metavar="DIR", help="Also write a picture of each with its heat map.")
    ] = None,
    device: Annotated[str, typer.Option("--device", help="cpu, cuda, cuda:1, mps, or auto for the fastest.")] = "auto",
) -> None:
    """Assess images with a trained model. For research use only, not for diagnosis.

    Images that cannot be used are named on standard error, the others are assessed, and the exit code is 2.
    """
    from thyrosight.cli.progress import progress_bars
    from thyrosight.explain import heat_maps
    from thyrosight.inference import Predictor, Refusal, load_bundle

    requests, refusals = _requests(images or [], box=box, boxes=boxes)
    predictor = Predictor(load_bundle(model), device, explainer=heat_maps)
    assessments: list[Assessment] = []
    with progress_bars() as progress:
        for result in _assess(predictor, requests, overlay=overlay, progress=progress):
            if isinstance(result, Refusal):
                refusals.append(result)
            else:
                assessments.append(result)
    if csv is not None:
        _write_csv(csv, assessments, refusals)
    if as_json:
        _print_json(assessments, refusals)
    else:
        _print_text(assessments, predictor.bundle)
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
    for result in predictor.assess_many(requests, explain=True, progress=progress):
        if isinstance(result, Refusal):
            yield result
        else:
            _draw(result, _free_name(overlay, Path(result.image).stem, taken), scale=scale, rule=rule)
            yield result.model_copy(update={"heat_map": None})


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

    from thyrosight.explain import explanation_panel
    from thyrosight.files import write_atomically
    from thyrosight.imaging import read_frame

    assert result.heat_map is not None
    flags = f"Quality flags: {', '.join(result.quality_flags)}." if result.quality_flags else ""
    lines = [
        f"{Path(result.image).name}: calibrated risk {_number(result.calibrated_risk)}, {_label(result)}",
        flags,
        f"{result.model}; labels: {result.label_source}; {result.split_kind} split; "
        f"model hash {result.model_hash[:12]}.",
        result.research_use,
    ]
    panel = explanation_panel(
        read_frame(result.image),
        result.heat_map.values,
        scale=scale,
        scale_text=rule,
        box=result.box,
        lines=[line for line in lines if line],
    )
    with write_atomically(path) as temporary:
        Image.fromarray(panel).save(temporary, format="PNG")


def _label(result: "Assessment") -> str:
    point = result.operating_point
    side = "at or above" if result.label == "malignant" else "below"
    return f"{result.label} ({side} the operating point {point.threshold:.3f})"


def _number(probability: float) -> str:
    """Three digits, and never a certainty that rounding made up."""
    if probability < 0.0005:
        return "<0.001"
    return ">0.999" if probability > 0.9995 else f"{probability:.3f}"


def _print_json(assessments: "Sequence[Assessment]", refusals: "Sequence[Refusal]") -> None:
    import json

    from thyrosight.inference import RESEARCH_USE

    content: dict[str, Any] = {
        "research_use": RESEARCH_USE,
        "assessments": [result.model_dump(mode="json") for result in assessments],
        "refusals": [refusal.model_dump(mode="json") for refusal in refusals],
    }
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


_FIELDS = (
    "image", "frame_number", "label", "calibrated_risk", "probability", "threshold", "threshold_rule", "threshold_from",
    "box", "box_origin", "height_mm", "width_mm", "size_reason", "quality_flags", "notes", "model", "model_hash",
    "label_source", "split_kind", "research_use", "refused",
)  # fmt: skip


def _write_csv(path: Path, assessments: "Sequence[Assessment]", refusals: "Sequence[Refusal]") -> None:
    """One row per assessment, then one per refusal with its reason, so that no image goes missing from the table."""
    import csv

    from thyrosight.files import write_atomically

    with write_atomically(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, _FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(_row(result) for result in assessments)
        writer.writerows({"image": refusal.image, "refused": refusal.reason} for refusal in refusals)


def _row(result: "Assessment") -> dict[str, Any]:
    row = {name: value for name, value in result.model_dump(mode="json").items() if name in _FIELDS}
    height, width = result.size_mm or ("", "")
    return row | {
        "threshold": result.operating_point.threshold,
        "threshold_rule": result.operating_point.rule,
        "threshold_from": result.operating_point.chosen_on,
        "box": result.box.to_text() if result.box else "",
        "height_mm": height,
        "width_mm": width,
        "quality_flags": "; ".join(result.quality_flags),
        "notes": "; ".join(result.notes),
    }


def _print_text(assessments: "Sequence[Assessment]", bundle: "Bundle") -> None:
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    if not assessments:
        return
    console = Console(highlight=False)
    if len(assessments) <= _IN_FULL:
        for result in assessments:
            title = Text(Path(result.image).name, style="bold")
            console.print(Panel(_details(result, console), title=title, subtitle="research use only", padding=(1, 2)))
    else:
        console.print(_overview(assessments))
        _print_flags(assessments, console)
    _print_model(bundle, console)


def _details(result: "Assessment", console: "Console") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from thyrosight.inference import QUALITY_FLAGS

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("label", Text(_label(result), style=_style(result)))
    bar = _risk_bar(result.calibrated_risk, result.operating_point.threshold, plain=console.options.ascii_only)
    grid.add_row("calibrated risk", Text.assemble((f"{_number(result.calibrated_risk)}  ", "bold"), bar))
    grid.add_row("probability", f"{_number(result.probability)} (the network's own, before calibration)")
    point = result.operating_point
    grid.add_row(
        "operating point", f"{point.threshold:.3f}, {point.rule}, chosen on the {point.chosen_on}{_rates(result)}"
    )
    grid.add_row("nodule box", f"{result.box.to_text()} ({result.box_origin})" if result.box else result.box_origin)
    grid.add_row("size", _size(result))
    for name in result.quality_flags:
        grid.add_row("quality flag", Text(f"{name}: {QUALITY_FLAGS[name]}", style="yellow"))
    for note in result.notes:
        if note != result.box_origin:
            grid.add_row("note", note)
    return grid


def _style(result: "Assessment") -> str:
    """Red and green only where nothing speaks against the result: a flagged benign must not look reassuring."""
    if result.quality_flags:
        return "bold yellow"
    return "bold red" if result.label == "malignant" else "bold green"


def _risk_bar(risk: float, threshold: float, *, plain: bool) -> str:
    """The risk from 0 to 1 with a mark at the operating point."""
    full, empty, mark = ("#", "-", "|") if plain else ("█", "░", "┃")
    signs = [full if (index + 0.5) / _BAR <= risk else empty for index in range(_BAR)]
    signs.insert(round(min(max(threshold, 0), 1) * _BAR), mark)
    return "".join(signs)


def _rates(result: "Assessment") -> str:
    point = result.operating_point
    if point.sensitivity is None or point.specificity is None:
        return ""
    return f" (sensitivity {point.sensitivity:.2f}, specificity {point.specificity:.2f} there)"


def _size(result: "Assessment") -> str:
    if result.size_mm is None:
        return f"unknown: {result.size_reason}"
    return f"{result.size_mm[0]:.1f} x {result.size_mm[1]:.1f} mm (height x width; {result.size_reason})"


def _overview(assessments: "Sequence[Assessment]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", title_justify="left")
    table.add_column("image", overflow="fold")
    table.add_column("box", no_wrap=True)
    table.add_column("risk", justify="right")
    table.add_column("label")
    table.add_column("quality flags", overflow="fold")
    for result in assessments:
        box = result.box.to_text() if result.box else "-"
        flags = Text(", ".join(result.quality_flags), style="yellow")
        label = Text(result.label, style=_style(result))
        table.add_row(Text(Path(result.image).name), box, _number(result.calibrated_risk), label, flags)
    return table


def _print_flags(assessments: "Sequence[Assessment]", console: "Console") -> None:
    """What each flag that was raised means, and how often it was."""
    from collections import Counter

    from thyrosight.inference import QUALITY_FLAGS

    counts = Counter(flag for result in assessments for flag in result.quality_flags)
    if counts:
        console.print()
    for name, count in counts.most_common():
        console.print(f"[yellow]{name}[/yellow] ({count} of {len(assessments)}): {QUALITY_FLAGS[name]}")


def _print_model(bundle: "Bundle", console: "Console") -> None:
    info = bundle.info
    console.print(
        f"\nModel: {bundle.title}; saved {info.created[:10]}\n"
        f"Labels: {info.label_source}; {info.cohort['split_kind']} split; calibration: {info.calibration['method']}\n"
        f"Hash: {bundle.hash}",
        markup=False,
    )
    measured = _measured(info.metrics)
    if measured:
        console.print(measured, markup=False)
    console.print(info.research_use, style="bold", markup=False)


def _measured(metrics: "Mapping[str, Any]") -> str:
    """How good the model was on the test part of its study, as far as the bundle says so."""
    auc = metrics.get("auc")
    if not isinstance(auc, dict) or auc.get("value") is None:
        return ""
    interval = "" if auc.get("low") is None else f"95 % interval {auc['low']:.3f} to {auc['high']:.3f}; "
    return f"Measured: AUC {auc['value']:.3f} ({interval}n = {auc['n']}) on its study's test part"
