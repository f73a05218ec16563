"""Output of the cohort commands: tables for people, JSON for programs."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.markup import escape
from rich.table import Table

from thyrosight.cli.cohort_check_output import terminal
from thyrosight.cohort import PUBLIC_SETS, DuplicatePair, flow_chart_steps
from thyrosight.intervals import limits_in_words

if TYPE_CHECKING:
    from thyrosight.cohort import Cohort, DuplicateGroups, PropertyAuc, PublicSet, Split


def print_json(value: Any) -> None:
    """Print one JSON document on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False))


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
    console = terminal()
    for only, items in found.items():
        images = f"{only or 'all images'} (n = {items[0].images}, {items[0].malignant} malignant)"
        table = Table("property", "AUC", "95 % interval", box=None, pad_edge=False)
        for item in items:
            area = item.area
            table.add_row(item.name, f"{area.value:.3f}", limits_in_words(area.low, area.high))
        console.print(f"[bold]{escape(images)}[/bold]")
        console.print(table)
        console.print(*dict.fromkeys(f"Intervals: {item.area.method}." for item in items), "", sep="\n")
    console.print(
        "From the share of malignant among images of other groups whose value is nearest. A network can learn what is "
        "told here without looking at tissue."
    )


def print_split(split: "Split", cohort: "Cohort") -> None:
    """Groups, images and share of malignant images per part of each division."""
    console = terminal()
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
    console = terminal()
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
    console = terminal()
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
    """Near-duplicates as JSON, for programs."""
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
