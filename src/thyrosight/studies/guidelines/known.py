"""Facts of a finished study, and their places in its report."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import yaml

from thyrosight.documents import Document, Figure, Figures, TableBlock
from thyrosight.networks import architectures, find_architecture
from thyrosight.studies.result import Result, StudyFacts

METHODS = ("Methods", "Cohort and division")
"""Sections in which kinds of study tell how they were done."""


@dataclass(frozen=True)
class Told:
    """Answer to one item, and its place in the report; without a place the answer stands here alone."""

    text: str
    place: str = ""


@dataclass(frozen=True, eq=False)
class Known:
    """A finished study, asked for one thing at a time."""

    result: Result

    @property
    def facts(self) -> StudyFacts:
        """The facts of the study."""
        return self.result.facts

    @property
    def document(self) -> Document:
        """The report."""
        return self.result.document

    @cached_property
    def recipe(self) -> Mapping[str, Any]:
        """The recipe with all its defaults."""
        found: Mapping[str, Any] = yaml.safe_load(self.facts.recipe_yaml) or {}
        return found

    def part(self, name: str) -> Mapping[str, Any]:
        """A part of the recipe; empty where the kind of study has none."""
        found: Mapping[str, Any] = self.recipe.get(name) or {}
        return found

    @cached_property
    def networks(self) -> list[str]:
        """Printed names of the networks, each once; none where nothing was trained."""
        trials = self.document.table("trials").rows if "trials" in self.document.names() else ()
        if not any(row.get("status") == "finished" for row in trials):
            return []
        own = [self.part("network")] if self.part("network") else self.recipe.get("networks") or []
        names = [item["architecture"] for item in own if item.get("architecture") in architectures()]
        return list(dict.fromkeys(find_architecture(name).title for name in names))

    @property
    def external(self) -> str:
        """The place of the table of external sets; empty where nothing outside the cohort was tested."""
        none = any(text.startswith("No external data") for text in self.document.limitations)
        return "" if none else self.table("external")

    @property
    def small_validation(self) -> bool:
        """Whether some validation part was too small to calibrate and to choose a cut-off."""
        return any(text.startswith("Not calibrated") for text in self.document.limitations)

    @property
    def filled(self) -> Mapping[str, int]:
        """For each optional column of the cohort the number of images that have a value."""
        found: Mapping[str, int] = self.facts.cohort.get("filled") or {}
        return found

    def section(self, *names: str) -> str:
        """The first section of the report whose title starts with one of these words; empty where there is none."""
        return next(
            (part.title for name in names for part in self.document.sections if part.title.startswith(name)), ""
        )

    def table(self, *names: str) -> str:
        """The place of the first table of these names: its section, and the file of its numbers."""
        for name in names:
            if name in self.document.names():
                titles = [
                    part.title
                    for part in self.document.sections
                    for block in part.blocks
                    if isinstance(block, TableBlock) and block.table.name == name
                ]
                return ", ".join([*titles[:1], f"tables/{name}.csv"])
        return ""

    def figure(self, *starts: str) -> str:
        """The place of the first figure whose name starts with one of these words: its section and number."""
        for part in self.document.sections:
            for block in part.blocks:
                items = block.items if isinstance(block, Figures) else (block,) if isinstance(block, Figure) else ()
                for figure in items:
                    if figure.name.startswith(starts):
                        return f"{part.title}, Figure {self.document.figure_number(figure.name)}"
        return ""

    @property
    def reproduction(self) -> str:
        """The section with hashes, versions and the recipe."""
        return self.section("Model and reproduction", "Reproduction")
