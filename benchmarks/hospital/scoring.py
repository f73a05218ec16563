"""How well a cohort agrees with the truth of an export: rows, labels, patients, sizes, and persons that show."""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Score:
    """Counts of a mapping against the truth. Wrong values are worse than missing ones, and are listed.

    Attributes:
        expected: images whose class is known for sure.
        rows: how many of them the cohort has.
        labels, sources, sizes, sexes: how many of these have the true value.
        wrong: what the cohort says and is not so, one sentence each.
        patients: patients of the truth.
        whole: how many of them the cohort has as one patient of their own.
        persons: texts that name a person and stand in the output.
    """

    expected: int
    rows: int
    labels: int
    sources: int
    sizes: int
    sexes: int
    wrong: tuple[str, ...]
    patients: int
    whole: int
    persons: tuple[str, ...]

    def __str__(self) -> str:
        lines = [
            f"rows {self.rows} of {self.expected}, labels {self.labels}, label sources {self.sources}, "
            f"sizes {self.sizes}, sexes {self.sexes}, patients {self.whole} of {self.patients}, "
            f"wrong {len(self.wrong)}, persons in the output {len(self.persons)}"
        ]
        return "\n".join(
            [*lines, *(f"  wrong: {text}" for text in self.wrong), *(f"  person: {p}" for p in self.persons)]
        )


def score(folder: Path, cohort: Path) -> Score:
    """Compare `cohort.csv` of a folder, or that file, with the truth beside the export `folder`."""
    truth: dict[str, Any] = json.loads(folder.with_name(f"{folder.name}-truth.json").read_text(encoding="utf-8"))
    table = cohort / "cohort.csv" if cohort.is_dir() else cohort
    with table.open(encoding="utf-8-sig", newline="") as file:
        found = {_place(row["image"], table.parent, folder): row for row in csv.DictReader(file)}
    expected = {row["image"]: row for row in truth["rows"]}
    shared = [(expected[image], found[image]) for image in expected if image in found and found[image].get("label")]
    written = [path for path in table.parent.iterdir() if path.suffix in (".csv", ".yaml", ".json", ".md")]
    text = "\n".join(path.read_text(encoding="utf-8", errors="replace") for path in written)
    return Score(
        expected=len(expected),
        rows=len(shared),
        labels=sum(ours["label"] == true["label"] for true, ours in shared),
        sources=sum(_source(ours) == true["label_source"] for true, ours in shared),
        sizes=sum(_near(ours.get("size_mm"), true["size_mm"]) for true, ours in shared),
        sexes=sum(ours.get("sex") == true["sex"] for true, ours in shared),
        wrong=(*_wrong_values(shared), *_wrongly_kept(truth, found), *_wrong_patients(shared)),
        patients=len({row["patient"] for row in truth["rows"]}),
        whole=_whole(shared),
        persons=tuple(one for one in truth["personal"] if one in text),
    )


def _place(image: str, base: Path, folder: Path) -> str:
    """The path of an image relative to the export."""
    path = Path(image) if Path(image).is_absolute() else base / image
    try:
        return path.resolve().relative_to(folder.resolve()).as_posix()
    except ValueError:
        return image


def _source(row: dict[str, str]) -> str:
    return row.get("label_source", "")


def _near(text: str | None, size: float) -> bool:
    try:
        return abs(float(text or "nan") - size) < 0.06
    except ValueError:
        return False


def _wrong_values(shared: list[tuple[dict[str, Any], dict[str, str]]]) -> list[str]:
    said = []
    for true, ours in shared:
        if ours["label"] != true["label"]:
            said.append(f"{true['image']} is {true['label']}, not {ours['label']}")
        if _source(ours) != true["label_source"]:
            said.append(f"{true['image']}: its label comes from {true['label_source']}, not {_source(ours)}")
        if ours.get("sex") and ours["sex"] != true["sex"]:
            said.append(f"{true['image']}: the patient is {true['sex']}, not {ours['sex']}")
        if ours.get("size_mm") and not _near(ours["size_mm"], true["size_mm"]):
            said.append(f"{true['image']} is {true['size_mm']} mm, not {ours['size_mm']}")
    return said


def _wrongly_kept(truth: dict[str, Any], found: dict[str, dict[str, str]]) -> list[str]:
    """Images with a label that the table does not give them."""
    unsure = {one["image"]: one["reason"] for one in truth["excluded"]} | dict.fromkeys(truth["no_row"], "no row")
    return [
        f"{image} ({unsure.get(image, 'unknown')}) has the label {row['label']} from {_source(row)}"
        for image, row in found.items()
        if row.get("label") and image not in {one["image"] for one in truth["rows"]}
    ]


def _groups(pairs: list[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for key, value in pairs:
        found[key].add(value)
    return found


def _pairs(shared: list[tuple[dict[str, Any], dict[str, str]]]) -> list[tuple[str, str]]:
    return [(true["patient"], ours.get("patient_id", "")) for true, ours in shared]


def _wrong_patients(shared: list[tuple[dict[str, Any], dict[str, str]]]) -> list[str]:
    pairs = _pairs(shared)
    torn = [f"patient {one} stands as {', '.join(sorted(ids))}" for one, ids in _groups(pairs).items() if len(ids) > 1]
    turned = _groups([(ours, true) for true, ours in pairs])
    return [*torn, *(f"patients {', '.join(sorted(ones))} are one" for ones in turned.values() if len(ones) > 1)]


def _whole(shared: list[tuple[dict[str, Any], dict[str, str]]]) -> int:
    pairs = _pairs(shared)
    turned = _groups([(ours, true) for true, ours in pairs])
    groups = _groups(pairs).values()
    return sum(len(ids) == 1 and len(turned[next(iter(ids))]) == 1 for ids in groups)
