"""Counts of an archive's results, added up part by part so that memory stays the same."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from thyrosight.archives.parts import read_columns, read_facts

_COLUMNS = ("item", "image", "label", "calibrated_risk", "quality_flags", "refused")
TENTHS = 10


@dataclass
class Tally:
    """Counts over parts of results.

    Attributes:
        images: rows of the work list.
        refused_images: images without any assessment.
        labels: assessed nodules, images and frames by their label.
        tenths: the same by the tenth of the range from 0 to 1 in which their calibrated risk lies.
        flags: the same by their quality flags.
        reasons: refusals by their reason, with names and numbers left out.
        examples: of each reason the first refusal, whole.
        machines: images and seconds of work of each machine.
    """

    images: int = 0
    refused_images: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    tenths: list[int] = field(default_factory=lambda: [0] * TENTHS)
    flags: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    machines: dict[str, tuple[int, float]] = field(default_factory=dict)

    @property
    def assessed(self) -> int:
        """Assessed nodules, images and frames: rows of the results that hold a risk."""
        return self.labels.total()

    def add(self, columns: dict[str, list[Any]]) -> None:
        """Count the rows of a part."""
        answered: dict[int, bool] = {}
        for item, image, label, risk, flags, refused in zip(*(columns[name] for name in _COLUMNS), strict=True):
            answered[item] = answered.get(item, False) or refused is None
            if refused is None:
                self.labels[label] += 1
                self.tenths[min(int(risk * TENTHS), TENTHS - 1)] += 1
                self.flags.update(flags)
            else:
                kind = kind_of_reason(refused, image)
                self.reasons[kind] += 1
                self.examples.setdefault(kind, refused)
        self.images += len(answered)
        self.refused_images += sum(not any_row for any_row in answered.values())


def tally(parts: Iterable[Path]) -> Tally:
    """Count the results in files, one after the other.

    Raises:
        DamagedPartError: a file is cut short or changed.
    """
    found = Tally()
    for path in parts:
        found.add(read_columns(path, _COLUMNS).to_pydict())
        facts = read_facts(path)
        images, seconds = found.machines.get(facts["machine"], (0, 0.0))
        found.machines[facts["machine"]] = (images + facts["items"], seconds + facts["seconds"])
    return found


def kind_of_reason(reason: str, image: str) -> str:
    """A reason without what is peculiar to one image.

    >>> kind_of_reason("a/b.png: the box 1,2,3,4 lies outside the image of 20 x 30 pixels.", "a/b.png")
    'the box … lies outside the image of … x … pixels.'
    """
    for name in (image, Path(image).name):
        reason = reason.replace(name, "the image") if name else reason
    text = re.sub(r"\d+([.,]\d+)*", "…", reason)
    return re.sub(r"^the image[:,]\s*", "", text)
