"""Output of `cohort check` and of what it shows: problems, counts, the flow chart and near-duplicates."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thyrosight.cli.language import said
from thyrosight.cohort import COLUMNS, DuplicatePair, flow_chart_steps
from thyrosight.counting import counted

if TYPE_CHECKING:
    from thyrosight.cohort import CheckReport, Cohort, DuplicateGroups

_SHOWN_PAIRS = 12


def print_check(report: "CheckReport", cohort: "Cohort | None", found: "DuplicateGroups | None") -> None:
    """Problems first, then what is in the cohort, duplicates and the flow chart."""
    console = terminal()
    images = said(f"{counted(report.rows, 'image')}, read as {report.kind}")
    console.print(f"[bold]{escape(report.source)}[/bold]: {images}")
    if report.problems:
        table = Table("", *map(said, ("where", "column", "what is wrong")), title=None, box=None, pad_edge=False)
        for problem in report.problems:
            wrong = problem.severity == "error"
            severity = f"[red]{said('Error')}[/red]" if wrong else f"[yellow]{said('Warning')}[/yellow]"
            cells = (said(problem.where), problem.column, said(problem.text))
            table.add_row(severity, *(escape(cell) for cell in cells))
        console.print(table)
    if cohort is None:
        errors = said(f"{counted(report.errors, 'error')} must be corrected before this cohort can be used.")
        console.print(f"\n[red]{errors}[/red]")
        return
    console.print(said("No errors: every cell and every file can be used.") + "\n")
    print_description(cohort)
    sizes = [f"{size} ({count})" for size, count in list(report.image_sizes.items())[:5]]
    others = len(report.image_sizes) - len(sizes)
    more = f"; {said(counted(others, 'other size'))}" if others else ""
    console.print(f"{said('Image size in pixels')}: {', '.join(sizes)}{more}\n")
    if found is not None:
        print_duplicates(found)
    print_flow_chart(cohort)


def print_description(cohort: "Cohort") -> None:
    """Images per label, label source, site and size; patients; columns."""
    console, told = terminal(), cohort.describe()
    counts = [counted(told.images, "image")]
    counts.append("patients unknown" if told.patients is None else counted(told.patients, "patient"))
    if told.patients is not None and told.unknown_patients:
        counts.append(f"patient unknown for {counted(told.unknown_patients, 'image')}")
    if told.groups is not None:
        counts.append(f"{counted(told.groups, 'group')} to keep whole")
    held = ", ".join(counts)
    console.print(f"[bold]{escape(told.name)}[/bold]: {said(f'{held}; splits: {told.split_kind}')}")
    sources = ", ".join(map(said, cohort.label_sources))
    console.print(f"{said('Labels')}: {sources} ({escape(said(told.label_policy))})")
    table = Table("", *map(said, ("benign", "malignant")), box=None, pad_edge=False)
    table.add_row(said("all"), *(str(count) for count in told.by_label.values()))
    parts = (("label source", told.by_label_source), ("site", told.by_site), ("size", told.by_size))
    for what, counted_by in parts:
        for name, by_label in counted_by.items():
            named = name if what == "site" else said(name)
            table.add_row(f"{said(what)}: {escape(named)}", *(str(count) for count in by_label.values()))
    console.print(table)
    filled = [f"{name} {count}" for name, count in told.filled.items() if count and name in COLUMNS]
    console.print(f"{said('Filled in')}: {escape(', '.join(filled))}")
    for note in told.notes:
        console.print(f"{said('Note')}: {escape(said(note))}")
    console.print()


def print_flow_chart(cohort: "Cohort") -> None:
    """The flow chart of exclusions as text."""
    console = terminal()
    for number, step in enumerate(flow_chart_steps(cohort)):
        if number:
            console.print("    |\n    v")
        console.print(f"{escape(said(step.text))}: n = {step.n}")
        for reason, count in step.excluded:
            console.print(f"    |---> {said('left out')}: {escape(said(reason))}: n = {count}")


def print_duplicates(found: "DuplicateGroups") -> None:
    """Counts of distinct frames, merged cases and contradictions, then the least certain pairs."""
    console = terminal()
    copies = sum(pair.kind == "same frame" for pair in found.pairs)
    views = len(found.pairs) - copies
    for sentence in (
        f"Distinct frames: {found.distinct_frames} of {counted(found.used, 'image')}"
        + ("" if len(found.keys) == found.used else f" ({len(set(found.frames))} among all {len(found.keys)} images)"),
        f"Linked pairs: {counted(copies, 'copy', many='copies')} of one frame,"
        f" {counted(views, 'other view')} of one scene",
        f"Groups of near-duplicates, patients aside: {len(set(found.groups))}",
    ):
        console.print(said(sentence))
    if found.merged_cases:
        cases = sum(len(members) for members in found.merged_cases)
        console.print(said(f"Merged: {cases} cases share frames and become {len(found.merged_cases)}"))
    console.print(said(f"Frames with contradicting labels: {len(found.contradictions)}"))
    for contradiction in found.contradictions:
        both = zip(contradiction.images, contradiction.labels, strict=True)
        named = (f"{key} ({said(label)})" for key, label in both)
        console.print(f"    {escape(', '.join(named))}")
    if found.pairs:
        console.print()
        print_pairs(found.pairs)
    console.print()


def print_pairs(pairs: Sequence[DuplicatePair]) -> None:
    """The pairs, or the least alike of many."""
    console = terminal()
    if not pairs:
        console.print(said("No near-duplicates were found."))
        return
    shown = pairs[-_SHOWN_PAIRS:]
    if len(shown) < len(pairs):
        console.print(said(f"The {len(shown)} least alike of {len(pairs)} pairs (all with --json):"))
    heads = ("kind", "image", "image", "blocks found", "correlation")
    table = Table(*map(said, heads), box=None, pad_edge=False)
    for pair in shown:
        kind = said(f"{pair.kind}, mirrored" if pair.mirrored else pair.kind)
        table.add_row(
            kind, escape(pair.first), escape(pair.second), f"{100 * pair.share:.0f} %", f"{pair.closeness:.2f}"
        )
    console.print(table)


def terminal() -> Console:
    """Standard output; in a file or pipe lines are not broken at 80 columns."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)
