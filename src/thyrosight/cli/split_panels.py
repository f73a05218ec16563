"""`thyrosight cohort split-panels`: B-mode and elastogram out of one frame."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from thyrosight.imaging.elastography import StiffnessRange


def split_panels(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="A folder of frames, an image, or a table with a column image.")
    ],
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="A new folder for the parts and cohort.csv.")],
    colour_map: Annotated[
        str | None,
        typer.Option("--colour-map", metavar="NAME", help="Colour map, soft to stiff; without it the bar is read."),
    ] = None,
    scale: Annotated[
        str | None, typer.Option("--range", metavar="SOFT:STIFF", help="Values at the ends of the bar, e.g. 0:100.")
    ] = None,
    unit: Annotated[str | None, typer.Option("--unit", metavar="kPa|m/s", help="Unit of the range.")] = None,
    style: Annotated[str, typer.Option("--style", metavar="auto|shear-wave|strain", help="If it is known.")] = "auto",
    bar_top: Annotated[
        str, typer.Option("--bar-top", metavar="stiff|soft", help="Which end of the bar stands above.")
    ] = "stiff",
    alone: Annotated[bool, typer.Option("--alone", help="Also cut elastograms that have no B-mode panel.")] = False,
) -> None:
    """Split frames of B-mode and elastogram into registered images, read the colours, and draw contact sheets."""
    from rich.console import Console
    from rich.markup import escape

    from thyrosight.cli.progress import progress_bars
    from thyrosight.cohort.split_panels import SplitPanelsOptions
    from thyrosight.cohort.split_panels import split_panels as split
    from thyrosight.imaging.elastography import STYLES, named_map

    _require(style, ("auto", *STYLES), "--style")
    _require(bar_top, ("stiff", "soft"), "--bar-top")
    if colour_map is not None:
        named_map(colour_map)
    chosen = _range(scale, unit)
    _require_no_range_for_strain(style, chosen)
    options = SplitPanelsOptions.model_validate(
        {
            "style": None if style == "auto" else style,
            "colour_map": colour_map,
            "stiffness_range": chosen,
            "bar_top": bar_top,
            "alone": alone,
        }
    )
    with progress_bars() as progress:
        result = split(source, out, options=options, progress=progress)
    console = Console(highlight=False, soft_wrap=True)
    console.print(
        f"{result.frames} frames read; {result.pairs} pairs of B-mode and elastogram, {result.maps} with a map"
    )
    for reason, count in sorted(result.excluded.items(), key=lambda item: -item[1]):
        console.print(f"  left out: {count} x {escape(reason)} (sentences in the column exclude_detail)")
    for problem in result.map_problems:
        console.print(f"  no map: {escape(problem)}")
    console.print(f"Manifest: {escape(str(result.manifest))}; fill its column label to use it")
    console.print(f"Look at: {escape(', '.join(map(str, result.contact_sheets)))}")


def _require(word: str, allowed: tuple[str, ...], option: str) -> None:
    from thyrosight.errors import CohortError

    if word not in allowed:
        raise CohortError(f"{option} {word}: choose {', '.join(allowed[:-1])} or {allowed[-1]}.")


def _range(text: str | None, unit: str | None) -> "StiffnessRange | None":
    """A range such as `0:100` with its unit."""
    from thyrosight.errors import CohortError
    from thyrosight.imaging.elastography import UNITS, StiffnessRange

    if (text is None) != (unit is None):
        raise CohortError("--range and --unit belong together, for example --range 0:100 --unit kPa.")
    if text is None or unit is None:
        return None
    known = next((name for name in UNITS if name == unit), None)
    if known is None:
        raise CohortError(f"--unit {unit}: choose {' or '.join(UNITS)}.")
    soft, _, stiff = text.partition(":")
    try:
        return StiffnessRange(float(soft), float(stiff), known)
    except ValueError:
        raise CohortError(f"--range {text}: write the two ends of the bar as SOFT:STIFF, for example 0:100.") from None


def _require_no_range_for_strain(style: str, chosen: "StiffnessRange | None") -> None:
    from thyrosight.errors import CohortError

    if style == "strain" and chosen is not None:
        raise CohortError("--range with --style strain: strain has no absolute scale; leave the range out.")
