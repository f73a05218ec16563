"""Output of `cohort map`: the proposal, the report, and both as JSON."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thyrosight.cli import cohort_output
from thyrosight.cli.cohort_check_output import terminal
from thyrosight.cli.language import said
from thyrosight.counting import counted

if TYPE_CHECKING:
    from thyrosight.cohort.mapping import ColumnPlan, Guess, MappingPlan, MapReport, Source

_SHOWN = 8


def print_proposal(source: "Source", guesses: "list[Guess]", plan: "MappingPlan") -> None:
    """Print the probable content of each column, with examples."""
    console = terminal()
    rows = counted(sum(len(table.rows) for table in source.tables), "row")
    sheets = ", ".join(table.name for table in source.tables)
    images = counted(len(source.images), "image file")
    console.print(f"[bold]{escape(str(source.path))}[/bold] ({escape(sheets)}): {said(f'{rows}; {images}')}")
    table = Table(*map(said, ("column", "examples", "holds", "remark")), box=None, pad_edge=False)
    for guess in guesses:
        holds = (
            f"[dim]{guess.plan.to}[/dim]" if guess.plan.to == "leave out" else f"[bold]{escape(guess.plan.to)}[/bold]"
        )
        doubt = said(guess.doubt)
        remark = f"[yellow]{escape(doubt)}[/yellow]" if doubt else escape(_details(guess, plan))
        table.add_row(escape(guess.header), escape(" | ".join(guess.examples))[:60], holds, remark)
    console.print(table)


def _details(guess: "Guess", plan: "MappingPlan") -> str:
    from thyrosight.cohort.mapping import known_fields

    column: ColumnPlan = guess.plan
    told = [column.because] if column.because else []
    if column.to in ("size_mm", "short_axis_mm") and column.unit:
        told.append(f"in {column.unit}")
    if column.dates:
        told.append("day first" if column.dates == "dmy" else "month first")
    if column.nodule is not None:
        told.append(f"nodule {column.nodule}")
    if guess.unknown:
        told.append(f"values not understood: {len(guess.unknown)}")
    field = known_fields().get(column.to)
    if field is not None and field.private and column.to not in plan.private:
        told.append("private: not written")
    return ", ".join(map(said, told))


def print_report(report: "MapReport", plan: "MappingPlan", folder: Path, *, mapping: Path | None) -> None:
    """Print how many rows and images were used or left out, and where everything was written."""
    console = terminal()
    counts = [counted(report.rows, "row"), counted(report.patients, "known patient")]
    if report.nodules != report.rows:
        counts.insert(1, counted(report.nodules, "nodule"))
    ways = ", ".join(f"{way}: {count}" for way, count in report.how.items())
    console.print("\n" + said(", ".join(counts)))
    console.print(said(f"With an image: {report.with_image}"))
    console.print(
        said(f"Image files used: {report.images[0]} of {report.images[1]}" + (f" ({ways})" if report.how else ""))
    )
    table = Table(*map(said, ("images", "label", "source")), box=None, pad_edge=False)
    for (label, origin), count in sorted(report.labels.items()):
        table.add_row(str(count), said(label or "none"), said(origin))
    console.print(table)
    for reason, count in sorted(report.excluded.items(), key=lambda pair: -pair[1]):
        console.print(f"  {said('left out')}: {count} x {escape(said(reason))}")
    for note in dict.fromkeys(report.notes):
        console.print(f"  - {escape(said(note))}", soft_wrap=True)
    _print_without(console, report)
    console.print(f"\n{said('Written')}: {escape(str(folder / 'cohort.csv'))}, {escape(str(folder / 'unmatched.csv'))}")
    if mapping is None:
        again = said("Mapping, to correct and use again with --mapping")
        console.print(f"{again}: {escape(str(folder / 'mapping.yaml'))}")
    console.print(f"{said('Next')}: thyrosight cohort check {escape(str(folder))}")


def _print_without(console: Console, report: "MapReport") -> None:
    for what, found in (
        (
            "Rows without an image",
            [f"{said(row)} ({said('patient')} {said(who)}): {said(why)}" for row, who, why in report.rows_without],
        ),
        ("Images without a row", [f"{name}: {said(why)}" for name, why in report.images_without]),
    ):
        if found:
            console.print(f"[yellow]{said(f'{what}: {len(found)} (all in unmatched.csv)')}[/yellow]")
            for line in found[:_SHOWN]:
                console.print(f"    {escape(line)}", soft_wrap=True)


def print_json(
    source: "Source", guesses: "list[Guess]", plan: "MappingPlan", report: "MapReport", folder: Path
) -> None:
    """Print the report of the mapping as JSON, for programs."""
    cohort_output.print_json(
        {
            "table": str(source.path),
            "sheets": [table.name for table in source.tables],
            "mapping": plan.model_dump(mode="json"),
            "doubts": {guess.header: guess.doubt for guess in guesses if guess.doubt},
            "rows": report.rows,
            "nodules": report.nodules,
            "nodules_with_image": report.with_image,
            "patients": report.patients,
            "images_used": report.images[0],
            "images": report.images[1],
            "found": report.how,
            "labels": [{"label": label, "source": origin, "images": n} for (label, origin), n in report.labels.items()],
            "left_out": report.excluded,
            "rows_without_image": [
                {"row": row, "patient_id": who, "why": why} for row, who, why in report.rows_without
            ],
            "images_without_row": [{"image": name, "why": why} for name, why in report.images_without],
            "notes": list(dict.fromkeys(report.notes)),
            "cohort": str(folder / "cohort.csv"),
        }
    )
