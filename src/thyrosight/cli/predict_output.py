"""Printing and writing the assessments of `thyrosight predict`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from thyrosight.intervals import limits_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rich.console import Console
    from rich.table import Table

    from thyrosight.assessing import Assessments
    from thyrosight.inference import Assessment, Bundle, LoopAssessment

# Up to this many assessments are printed one by one, more as a table.
_IN_FULL = 3
_BAR = 32


def label(result: "Assessment | LoopAssessment") -> str:
    point = result.operating_point
    side = "at or above" if result.label == "malignant" else "below"
    return f"{result.label} ({side} the operating point {point.threshold:.3f})"


def number(probability: float) -> str:
    """Three digits; a risk near 0 or 1 is not rounded to certainty."""
    if probability < 0.0005:
        return "<0.001"
    return ">0.999" if probability > 0.9995 else f"{probability:.3f}"


def print_json(found: "Assessments") -> None:
    import json

    from thyrosight.inference import RESEARCH_USE

    content: dict[str, Any] = {
        "research_use": RESEARCH_USE,
        "assessments": [result.model_dump(mode="json") for result in found],
        "loops": [loop.model_dump(mode="json") for loop in found.loops],
        "refusals": [refusal.model_dump(mode="json") for refusal in found.refusals],
    }
    typer.echo(json.dumps(content, indent=2, ensure_ascii=False))


_FIELDS = (
    "image", "elastogram", "frame_number", "label", "calibrated_risk", "calibration", "probability", "threshold",
    "threshold_rule", "threshold_from", "box", "box_origin", "height_mm", "width_mm", "size_reason", "quality_flags",
    "notes", "model", "model_hash", "label_source", "split_kind", "research_use", "loop_frames", "loop_risk",
    "loop_risk_sd", "refused",
)  # fmt: skip


def write_csv(path: Path, found: "Assessments") -> None:
    """One row per assessment, then one per refusal with its reason, so that no image goes missing from the table.

    The frames of a loop each have a row, and the columns `loop_...` repeat the result over the loop in each of them.
    """
    from thyrosight import files
    from thyrosight.archives import cells_of, loop_of

    cells = (cells_of(result, loop_of(result, found.loops)) for result in found)
    assessed = [
        {name: "; ".join(value) if isinstance(value, list) else value for name, value in row.items()} for row in cells
    ]
    told = {"research_use": found.model.info.research_use}
    refused = [{"image": refusal.image, "refused": refusal.reason} for refusal in found.refusals]
    files.write_csv(path, [*(row | told for row in assessed), *refused], _FIELDS)


def print_text(found: "Assessments") -> None:
    """Up to three single images in full, more as a table; of loops each nodule in full, then the frames as a table."""
    from rich.console import Console
    from rich.panel import Panel
    from rich.text import Text

    if not found.assessments:
        return
    console = Console(highlight=False)

    def show(content: "Table", image: str) -> None:
        title = Text(Path(image).name, style="bold")
        console.print(Panel(content, title=title, subtitle="research use only", padding=(1, 2)))

    for loop in found.loops:
        show(_loop_details(loop, console), loop.image)
    if len(found) <= _IN_FULL and not found.loops:
        for result in found:
            show(_details(result, console), result.image)
    else:
        console.print(_overview(found.assessments, found.loops))
        _print_flags(found.assessments, console)
    _print_model(found.model, console)


def _details(result: "Assessment", console: "Console") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from thyrosight.inference import NOT_CALIBRATED, QUALITY_FLAGS

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("label", Text(label(result), style=_style(result)))
    if result.elastogram is not None:
        grid.add_row("elastogram", Path(result.elastogram).name)
    bar = _risk_bar(result.calibrated_risk, result.operating_point.threshold, plain=console.options.ascii_only)
    grid.add_row(result.risk_name, Text.assemble((f"{number(result.calibrated_risk)}  ", "bold"), bar))
    before = " before calibration" if result.calibration != NOT_CALIBRATED else ""
    grid.add_row("probability", f"{number(result.probability)} (the network's own{before})")
    point = result.operating_point
    grid.add_row(
        "operating point",
        f"{point.threshold:.3f}, {point.rule_in_words}, chosen on the {point.chosen_on}{_rates(result)}",
    )
    grid.add_row("nodule box", f"{result.box.to_text()} ({result.box_origin})" if result.box else result.box_origin)
    grid.add_row("size", _size(result))
    for name in result.quality_flags:
        grid.add_row("quality flag", Text(f"{name}: {QUALITY_FLAGS[name]}", style="yellow"))
    for note in result.notes:
        if note != result.box_origin:
            grid.add_row("note", note)
    return grid


def _loop_details(loop: "LoopAssessment", console: "Console") -> "Table":
    from rich.table import Table
    from rich.text import Text

    from thyrosight.imaging import frames_as_text

    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    grid.add_row("label over the loop", Text(label(loop), style=_style(loop)))
    bar = _risk_bar(loop.calibrated_risk, loop.operating_point.threshold, plain=console.options.ascii_only)
    grid.add_row(loop.risk_name, Text.assemble((f"{number(loop.calibrated_risk)}  ", "bold"), bar))
    spread = "" if loop.risk_sd is None else f" (standard deviation {loop.risk_sd:.3f})"
    grid.add_row("between frames", f"{number(loop.risk_low)} to {number(loop.risk_high)}{spread}")
    count = len(loop.frames)
    grid.add_row("malignant alone", f"{loop.frames_malignant} of {count} frames")
    grid.add_row("frames assessed", f"{count} of {loop.frames_in_loop}: {frames_as_text(loop.frames)}")
    if loop.box is not None:
        grid.add_row("nodule box", loop.box.to_text())
    grid.add_row("size", _size(loop))
    for name, raised in loop.quality_flags.items():
        grid.add_row("quality flag", Text(f"{name} ({raised} of {count} frames)", style="yellow"))
    for note in loop.notes:
        grid.add_row("note", note)
    return grid


def _style(result: "Assessment | LoopAssessment") -> str:
    """Red and green only for results without quality flags: a flagged benign must not look reassuring."""
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


def _size(result: "Assessment | LoopAssessment") -> str:
    if result.size_mm is None:
        return f"unknown: {result.size_reason}"
    return f"{result.size_mm[0]:.1f} x {result.size_mm[1]:.1f} mm (height x width; {result.size_reason})"


def _overview(assessments: "Sequence[Assessment]", loops: "Sequence[LoopAssessment]") -> "Table":
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
        table.add_row(Text(_name(result, loops)), box, number(result.calibrated_risk), label, flags)
    return table


def _name(result: "Assessment", loops: "Sequence[LoopAssessment]") -> str:
    """The file, and the frame where the file is a loop."""
    of_loop = result.frame_number > 0 or any(loop.image == result.image for loop in loops)
    return Path(result.image).name + (f" #{result.frame_number}" if of_loop else "")


def _print_flags(assessments: "Sequence[Assessment]", console: "Console") -> None:
    """The meaning of each quality flag that was raised, and how often it was."""
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
        f"Labels: {info.label_source}; {info.cohort['split_kind']} split; calibration: {info.calibration_method}\n"
        f"Hash: {bundle.hash}",
        markup=False,
    )
    measured = _measured(info.metrics)
    if measured:
        console.print(measured, markup=False)
    console.print(info.research_use, style="bold", markup=False)


def _measured(metrics: "Mapping[str, Any]") -> str:
    """The AUC of the model, and the data that it was measured on, where the bundle states it."""
    auc = metrics.get("auc")
    if not isinstance(auc, dict) or auc.get("value") is None:
        return ""
    limits = limits_in_words(auc.get("low"), auc.get("high"), confidence=auc.get("confidence", 0.95))
    where = metrics.get("measured on", "its study's test part")
    return f"Measured: AUC {auc['value']:.3f} ({limits}; n = {auc['n']}) on {where}"
