"""A split: the groups for training, validation and test, in a file that the user can read and edit."""

import json
from pathlib import Path
from typing import Final, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from thyrosight.cohort.columns import in_words
from thyrosight.cohort.split_checks import (
    check_division,
    check_groups,
    require_known_names,
    require_same_cohort,
    require_whole_groups,
)
from thyrosight.cohort.table import Cohort
from thyrosight.errors import SplitError
from thyrosight.files import parse_json, write_json

FORMAT: Final = 1
Part = Literal["train", "validation", "test"]
PARTS: Final[tuple[Part, ...]] = ("train", "validation", "test")
GROUPS_IGNORED: Final = "image-level, groups ignored"


class Division(BaseModel):
    """One division of the groups: each group is in exactly one part."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    train: tuple[str, ...]
    validation: tuple[str, ...]
    test: tuple[str, ...]

    def part(self, name: Part) -> tuple[str, ...]:
        """The names of the groups in one part."""
        parts: dict[str, tuple[str, ...]] = {"train": self.train, "validation": self.validation, "test": self.test}
        return parts[name]


class Split(BaseModel):
    """Divisions of one cohort into training, validation and test groups.

    Attributes:
        format: version of the file's layout.
        cohort: digest of the cohort.
        kind: `patient-level`, `image-level` (groups of near-duplicates if patients are unknown), or
            `image-level, groups ignored`, which leaks on purpose.
        seed: seed of the draw.
        method: method of the draw, in words.
        stratified_by: columns whose shares were balanced over the parts.
        groups: images (keys) of each group.
        divisions: one or more divisions of the groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = FORMAT
    cohort: str
    kind: str
    seed: int
    method: str
    stratified_by: tuple[str, ...]
    groups: dict[str, tuple[str, ...]]
    divisions: tuple[Division, ...]

    def save(self, path: Path | str) -> None:
        """Write the split as readable JSON."""
        write_json(path, self.model_dump(mode="json"))

    @classmethod
    def load(cls, path: Path | str) -> "Split":
        """Read a split.

        Raises:
            SplitError: the file does not exist, is not JSON, has another layout or a wrong entry; the error names it.
        """
        try:
            value = parse_json(Path(path).read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise SplitError(f"{path}: no such file; check the path.") from None
        except json.JSONDecodeError as error:
            raise SplitError(
                f"{path}, line {error.lineno}, column {error.colno}: not JSON ({error.msg}); correct that place."
            ) from None
        except (OSError, ValueError) as error:
            raise SplitError(f"{path}: cannot be read ({error}); check the file.") from None
        if not isinstance(value, dict) or "format" not in value:
            raise SplitError(f"{path} is not a split: it has no entry 'format'; make one with thyrosight cohort split.")
        if value["format"] != FORMAT:
            raise SplitError(
                f"{path} has layout {value['format']}, this version of ThyroSight reads {FORMAT}; make the split again."
            )
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            first = error.errors()[0]
            entry = ".".join(str(part) for part in first["loc"])
            raise SplitError(f"{path}, entry {entry}: {first['msg']}; correct that entry.") from None

    def division(self, name: str) -> Division:
        """The division of that name."""
        for division in self.divisions:
            if division.name == name:
                return division
        names = in_words([division.name for division in self.divisions])
        raise SplitError(f"There is no division {name!r} in the split; it has {names}.")

    def check(self, cohort: Cohort, *, allow_leak: bool = False) -> None:
        """Refuse a split that is not valid for training.

        The cohort must have the split's digest; `groups` must hold each image once; each group must be in one part of a
        division; no patient and no group of near-duplicates may be in two parts; no part may be empty (except
        validation) or hold one class only.

        Args:
            cohort: the cohort to be used; with a column `group` the near-duplicates are checked too.
            allow_leak: accept a split with groups ignored, to show its effect; no image may be in two parts.

        Raises:
            SplitError: the first fault, in one sentence.
        """
        leaky = self.kind == GROUPS_IGNORED
        if leaky and not allow_leak:
            raise SplitError(
                "The split ignores patients and near-duplicates on purpose, so the same patient may stand in training "
                "and test; switch the split check off to use it, and never report its results as performance."
            )
        require_same_cohort(self.cohort, self.groups, cohort)
        check_groups(self.groups, cohort)
        if not self.divisions:
            raise SplitError("The split holds no division; make it again with thyrosight cohort split.")
        require_known_names([division.name for division in self.divisions])
        for division in self.divisions:
            parts: dict[str, tuple[str, ...]] = {name: division.part(name) for name in PARTS}
            check_division(division.name, parts, self.groups, cohort)
            if not leaky:
                require_whole_groups(division.name, parts, self.groups, cohort)

    def rows(self, cohort: Cohort, division: Division | str, part: Part) -> pd.DataFrame:
        """The rows of the cohort's table in one part, in the order of the table."""
        found = self.division(division) if isinstance(division, str) else division
        keys = {key for group in found.part(part) for key in self.groups[group]}
        there = [key in keys for key in cohort.table["key"].tolist()]  # `isin` takes ten times as long for texts
        return cohort.table.loc[there].reset_index(drop=True)
