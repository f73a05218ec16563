"""Patients and nodules of an invented hospital: what is true, before anybody writes it into a spreadsheet."""

import json
import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

Label = Literal["benign", "malignant"]
Evidence = Literal["histology", "cytology", "indeterminate", "suspected", "contradiction", "none"]
"""Evidence on a nodule: its histology; Bethesda II or VI alone; Bethesda I, III or IV alone; a suspicion or a
borderline tumour in the words of the pathologist; a class that contradicts the histology; nothing."""
SURE: tuple[Evidence, ...] = ("histology", "cytology")
_SHARES: dict[Evidence, int] = {
    "histology": 60, "cytology": 20, "indeterminate": 8, "suspected": 4, "contradiction": 3, "none": 5,
}  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """An image file and the class of its nodule."""

    path: Path
    label: Label


@dataclass(frozen=True)
class Nodule:
    """One nodule: `size` is (length, depth, width) in mm, `words` chooses among the words for its diagnosis."""

    number: int
    label: Label
    evidence: Evidence
    bethesda: int | None
    tirads: str
    side: str
    size: tuple[float, float, float]
    words: int
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Patient:
    """One patient with their nodules; `name` chooses among names, so that two may share one."""

    number: int
    sex: Literal["F", "M"]
    name: int
    birth: date
    exam: date
    nodules: tuple[Nodule, ...]


@dataclass
class Truth:
    """Result of a perfect mapping; paths are relative to the export's folder.

    Attributes:
        rows: image, patient, sex, label, label_source and size_mm of every image whose class is known for sure.
        excluded: image and reason of those in the table whose class, or file, is not sure.
        no_row: images that the table does not name.
        no_image: names in the table without a file.
        personal: texts that name a person and must stand in no output.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    excluded: list[dict[str, str]] = field(default_factory=list)
    no_row: list[str] = field(default_factory=list)
    no_image: list[str] = field(default_factory=list)
    personal: list[str] = field(default_factory=list)

    def add(self, image: str, patient: Patient, nodule: Nodule, *, unsure: str = "") -> None:
        """Note an image of a nodule: as a row where its class is sure, else as excluded."""
        if unsure or nodule.evidence not in SURE:
            self.excluded.append({"image": image, "reason": unsure or nodule.evidence})
            return
        source = "pathology" if nodule.evidence == "histology" else "cytology"
        self.rows.append(
            {
                "image": image, "patient": str(patient.number), "sex": patient.sex, "label": nodule.label,
                "label_source": source, "size_mm": max(nodule.size),
            }
        )  # fmt: skip

    def save(self, folder: Path) -> None:
        """Write the truth beside the export, not into it."""
        path = folder.with_name(f"{folder.name}-truth.json")
        path.write_text(json.dumps(self.__dict__, indent=1, ensure_ascii=False), encoding="utf-8")


def make_patients(pictures: Sequence[Picture], *, seed: int) -> list[Patient]:
    """Patients of one to three nodules of one or two images each, until the pictures are used up."""
    chance = random.Random(seed)
    left = {label: [one for one in pictures if one.label == label] for label in ("benign", "malignant")}
    for one in left.values():
        chance.shuffle(one)
    found: list[Patient] = []
    while any(left.values()):
        nodules = []
        for number in range(1, chance.choice((1, 1, 1, 2, 2, 3)) + 1):
            label = chance.choice([name for name, some in left.items() for _ in some] or [""])
            if label:
                nodules.append(_nodule(number, label, left[label], chance))  # type: ignore[arg-type]
        place = len(found) + 1
        exam = date(2021, 1, 11) + timedelta(days=chance.randrange(1050))
        found.append(
            Patient(
                number=place,
                sex=chance.choice("FFFM"),  # type: ignore[arg-type]
                name=chance.randrange(10_000) if place % 9 else 7,
                birth=date(1935, 1, 1) + timedelta(days=chance.randrange(24_000)),
                exam=exam,
                nodules=tuple(nodules),
            )
        )
    return found


def _nodule(number: int, label: Label, left: list[Picture], chance: random.Random) -> Nodule:
    evidence = chance.choices(list(_SHARES), weights=list(_SHARES.values()))[0]
    sure = 2 if label == "benign" else 6
    bethesda = {
        "histology": chance.choice((None, sure, 3, 4, 5)),
        "cytology": sure,
        "indeterminate": chance.choice((1, 3, 4)),
        "suspected": chance.choice((None, 3)),
        "contradiction": None,
        "none": None,
    }[evidence]
    longest = round(chance.uniform(4, 38), 1)
    rest = sorted(round(longest * chance.uniform(0.5, 0.95), 1) for _ in range(2))
    taken = tuple(left.pop() for _ in range(min(chance.choice((1, 1, 2)), len(left))))
    levels = ("2", "3", "3", "4a") if label == "benign" else ("4a", "4b", "4c", "5")
    return Nodule(
        number=number,
        label=label,
        evidence=evidence,
        bethesda=bethesda,
        tirads=chance.choice(levels),
        side=chance.choice(("left", "right", "right", "isthmus")),
        size=(longest, rest[0], rest[1]),
        words=chance.randrange(10_000),
        pictures=taken,
    )


def spare(pictures: Sequence[Picture], count: int) -> tuple[list[Picture], list[Picture]]:
    """Pictures for the table, and the last few that no row will name."""
    return list(pictures[:-count]), list(pictures[-count:])


def place(picture: Picture, folder: Path, name: str) -> str:
    """Copy a picture to its place in an export; its path there, relative to `folder`."""
    target = folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(picture.path, target)
    return name


def choose(texts: Sequence[str], words: int) -> str:
    """One of some texts."""
    return texts[words % len(texts)]
