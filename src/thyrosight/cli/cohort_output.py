"""Output of the cohort commands: tables for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from thyrosight.cohort import COLUMNS, PUBLIC_SETS, DuplicatePair, flow_chart_steps

if TYPE_CHECKING:
    from thyrosight.cohort import CheckReport, Cohort, DuplicateGroups, FromDicomResult, PropertyAuc, PublicSet, Split

_SHOWN_PAIRS = 12


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


def print_check(report: "CheckReport", cohort: "Cohort | None", found: "DuplicateGroups | None") -> None:
    """Problems first, then what is in the cohort, duplicates and the flow chart."""
    console = _console()
    console.print(f"[bold]{escape(report.source)}[/bold]: {report.rows} images, read as {report.kind}")
    if report.problems:
        table = Table("", "where", "column", "what is wrong", title=None, box=None, pad_edge=False)
        for problem in report.problems:
            colour = "red" if problem.severity == "error" else "yellow"
            cells = (problem.where, problem.column, problem.text)
            table.add_row(f"[{colour}]{problem.severity}[/{colour}]", *(escape(cell) for cell in cells))
        console.print(table)
    if cohort is None:
        console.print(f"\n[red]{report.errors} errors[/red] must be corrected before this cohort can be used.")
        return
    console.print("No errors: every cell and every file can be used.\n")
    print_description(cohort)
    sizes = [f"{size} ({count})" for size, count in list(report.image_sizes.items())[:5]]
    more = f" and {len(report.image_sizes) - 5} other sizes" if len(report.image_sizes) > 5 else ""
    console.print(f"Image size in pixels: {', '.join(sizes)}{more}\n")
    if found is not None:
        print_duplicates(found)
    print_flow_chart(cohort)


def print_description(cohort: "Cohort") -> None:
    """Images per label, label source, site and size; patients; columns."""
    console, said = _console(), cohort.describe()
    patients = "patients unknown" if said.patients is None else f"{said.patients} patients"
    if said.patients is not None and said.unknown_patients:
        patients += f", patient unknown for {said.unknown_patients} images"
    groups = "" if said.groups is None else f", {said.groups} groups to keep whole"
    console.print(
        f"[bold]{escape(said.name)}[/bold]: {said.images} images, {patients}{groups}; splits: {said.split_kind}"
    )
    console.print(f"Labels: {', '.join(cohort.label_sources)} ({escape(said.label_policy)})")
    table = Table("", "benign", "malignant", box=None, pad_edge=False)
    table.add_row("all", *(str(count) for count in said.by_label.values()))
    parts = (("label source", said.by_label_source), ("site", said.by_site), ("size", said.by_size))
    for what, counts in parts:
        for name, by_label in counts.items():
            table.add_row(f"{what}: {escape(name)}", *(str(count) for count in by_label.values()))
    console.print(table)
    filled = [f"{name} {count}" for name, count in said.filled.items() if count and name in COLUMNS]
    console.print(f"Filled in: {escape(', '.join(filled))}")
    for note in said.notes:
        console.print(f"Note: {escape(note)}")
    console.print()


def shortcuts_as_json(found: "Mapping[str, Sequence[PropertyAuc]]") -> list[dict[str, Any]]:
    """AUC of each property of the files, by chosen images."""
    return [
        {"only": only, "property": item.name, "images": item.images, "malignant": item.malignant}
        | {name: value for name, value in asdict(item.area).items() if name in ("value", "low", "high", "method")}
        for only, items in found.items()
        for item in items
    ]


def print_shortcuts(found: "Mapping[str, Sequence[PropertyAuc]]") -> None:
    """One table per choice of images."""
    console = _console()
    for only, items in found.items():
        images = f"{only or 'all images'} (n = {items[0].images}, {items[0].malignant} malignant)"
        table = Table("property", "AUC", "95 % interval", box=None, pad_edge=False)
        for item in items:
            area = item.area
            table.add_row(item.name, f"{area.value:.3f}", f"{area.low:.3f} to {area.high:.3f}")
        console.print(f"[bold]{escape(images)}[/bold]")
        console.print(table)
        console.print(*dict.fromkeys(f"Intervals: {item.area.method}." for item in items), "", sep="\n")
    console.print(
        "From the share of malignant among images of other groups whose value is nearest. A network can learn what is "
        "told here without looking at tissue."
    )


def print_flow_chart(cohort: "Cohort") -> None:
    """The flow chart of exclusions as text."""
    console = _console()
    for number, step in enumerate(flow_chart_steps(cohort)):
        if number:
            console.print("    |\n    v")
        console.print(f"{escape(step.text)}: n = {step.n}")
        for reason, count in step.excluded:
            console.print(f"    |---> left out: {escape(reason)}: n = {count}")


def print_duplicates(found: "DuplicateGroups") -> None:
    """Counts of distinct frames, merged cases and contradictions, then the least certain pairs."""
    console = _console()
    everyone = (
        "" if len(found.keys) == found.used else f" ({len(set(found.frames))} among all {len(found.keys)} images)"
    )
    console.print(f"Distinct frames: {found.distinct_frames} of {found.used} images{everyone}")
    copies = sum(pair.kind == "same frame" for pair in found.pairs)
    console.print(f"Linked pairs: {copies} copies of one frame, {len(found.pairs) - copies} other views of one scene")
    console.print(f"Groups of near-duplicates, patients aside: {len(set(found.groups))}")
    if found.merged_cases:
        cases = sum(len(members) for members in found.merged_cases)
        console.print(f"Merged: {cases} cases share frames and become {len(found.merged_cases)}")
    console.print(f"Frames with contradicting labels: {len(found.contradictions)}")
    for contradiction in found.contradictions:
        named = (f"{key} ({label})" for key, label in zip(contradiction.images, contradiction.labels, strict=True))
        console.print(f"    {escape(', '.join(named))}")
    if found.pairs:
        console.print()
        print_pairs(found.pairs)
    console.print()


def print_pairs(pairs: Sequence[DuplicatePair]) -> None:
    """The pairs, or the least alike of many."""
    console = _console()
    if not pairs:
        console.print("No near-duplicates were found.")
        return
    shown = pairs[-_SHOWN_PAIRS:]
    less = "" if len(shown) == len(pairs) else f"The {len(shown)} least alike of {len(pairs)} pairs (all with --json):"
    console.print(less)
    table = Table("kind", "image", "image", "blocks found", "correlation", box=None, pad_edge=False)
    for pair in shown:
        kind = f"{pair.kind}, mirrored" if pair.mirrored else pair.kind
        table.add_row(kind, escape(pair.first), escape(pair.second), f"{pair.share:.0%}", f"{pair.closeness:.2f}")
    console.print(table)


def print_split(split: "Split", cohort: "Cohort") -> None:
    """Groups, images and share of malignant images per part of each division."""
    console = _console()
    console.print(
        f"{split.method}; {split.kind}; {len(split.groups)} groups; labels: {', '.join(cohort.label_sources)}"
    )
    table = Table("division", "part", "groups", "images", "malignant", box=None, pad_edge=False)
    for division in split.divisions:
        for part in ("train", "validation", "test"):
            rows = split.rows(cohort, division, part)
            share = f"{(rows['label'] == 'malignant').mean():.1%}" if len(rows) else "-"
            table.add_row(division.name, part, str(len(division.part(part))), str(len(rows)), share)
    console.print(table)


def print_kinds() -> None:
    """The kinds of source and their options."""
    console = _console()
    from thyrosight.cohort.sources import SOURCES
    from thyrosight.cohort.sources.base import PATIENTS

    for source in SOURCES.values():
        console.print(f"[bold]{source.name}[/bold]: {escape(source.title)}\n    found by: {escape(source.looks_for)}")
        for name, option in source.options.items():
            allowed = f" ({', '.join(option.allowed)})" if option.allowed else ""
            default = f"; default {option.default}" if option.default else ""
            console.print(f"    --option {name}=...: {escape(option.meaning)}{escape(allowed)}{default}")
    console.print(f"[bold]every kind[/bold]\n    --option patients=...: {PATIENTS.meaning}; default {PATIENTS.default}")


def print_public_sets() -> None:
    """The public data sets."""
    for entry in PUBLIC_SETS.values():
        print_public_set(entry, url=None, sha256=None)


def print_public_set(entry: "PublicSet", *, url: str | None, sha256: str | None) -> None:
    """Citation, licence, address and hash of a public data set."""
    console = _console()
    console.print(f"[bold]{entry.name}[/bold]: {escape(entry.title)}")
    for what, text in (
        ("cite", entry.citation),
        ("page", entry.page),
        ("licence", entry.licence),
        ("address", url or entry.url or "not on record; copy it from the page and give it with --url"),
        ("SHA-256", sha256 or entry.sha256 or "not on record; give it with --sha256, or --trust-first-download"),
        ("note", entry.note),
    ):
        if text:
            console.print(f"    {what}: {escape(text)}", soft_wrap=True)


def duplicates_as_json(found: "DuplicateGroups") -> dict[str, Any]:
    """Everything found, for programs."""
    return {
        "images": found.used,
        "images_left_out": len(found.keys) - found.used,
        "distinct_frames": found.distinct_frames,
        "distinct_frames_with_left_out": len(set(found.frames)),
        "groups_of_near_duplicates": len(set(found.groups)),
        "merged_cases": [list(members) for members in found.merged_cases],
        "contradictions": [asdict(contradiction) for contradiction in found.contradictions],
        "pairs": pairs_as_json(found.pairs),
    }


def pairs_as_json(pairs: Sequence[DuplicatePair]) -> list[dict[str, Any]]:
    """Pairs with their kind."""
    return [{**asdict(pair), "kind": pair.kind} for pair in pairs]


def flow_as_json(cohort: "Cohort") -> list[dict[str, Any]]:
    """The boxes of the flow chart."""
    return [step.model_dump(include={"text", "n", "excluded"}) for step in flow_chart_steps(cohort)]


def images_by_key(cohort: "Cohort") -> dict[str, str]:
    """The file of each image of a cohort, also of those left out."""
    both = (cohort.table, cohort.left_out)
    return {str(key): str(image) for table in both for key, image in zip(table["key"], table["image"], strict=True)}


def named_apart(first: "Cohort", second: "Cohort", pairs: Sequence[DuplicatePair]) -> tuple[DuplicatePair, ...]:
    """Pairs between two cohorts with the cohort's name before each key."""
    one, two = _names(first, second)
    return tuple(
        DuplicatePair(f"{one}: {pair.first}", f"{two}: {pair.second}", pair.share, pair.closeness, pair.mirrored)
        for pair in pairs
    )


def images_apart(first: "Cohort", second: "Cohort") -> dict[str, str]:
    """Files by the names that `named_apart` gives."""
    named = zip(_names(first, second), (first, second), strict=True)
    return {f"{name}: {key}": image for name, cohort in named for key, image in images_by_key(cohort).items()}


def _names(first: "Cohort", second: "Cohort") -> tuple[str, str]:
    return (first.name, second.name) if first.name != second.name else (f"{first.name} (1)", f"{second.name} (2)")


def _console() -> Console:
    """Standard output; in a file or pipe lines are not broken at 80 columns."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)


def print_from_dicom(result: "FromDicomResult") -> None:
    """Counts of the converted files of a DICOM source, and of those left out by reason."""
    console = _console()
    console.print(f"{result.files} files read; {result.images} B-mode images, {result.labelled} of them labelled")
    for reason, count in sorted(result.excluded.items(), key=lambda item: -item[1]):
        console.print(f"  left out: {count} x {escape(reason)}")
    console.print(f"Manifest: {escape(str(result.manifest))}")
    console.print(
        f"Which image came from which file, and why a file gave none: {escape(str(result.links))}\n"
        f"Keep it and the key {escape(str(result.key_file))} apart from the images."
    )
    if result.unused_labels:
        rows = ", ".join(map(str, result.unused_labels[:20]))
        console.print(f"[yellow]Rows of the labels that named no image: {rows}[/yellow]")
    if result.labelled < result.images:
        console.print("Images without a label count as left out until the cell in the column label is filled.")
