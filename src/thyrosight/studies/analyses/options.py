"""Parts of recipes that analyses read; they are written and checked without tables."""

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from thyrosight.parts import Part


class Contrast(Part):
    """How a feature enters the regressions.

    Either `against` names the levels that every other level is held against (Guan: margin against smooth), or
    `together` the levels that are held against all others (Guan: hypoechoic, markedly or not, against the rest). Levels
    of one group of `merge` count as one level (Guan: halo with ill-defined); it is named after those that occur.
    """

    against: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    name: str = ""
    """Name for the levels of `together`; where it is empty, the levels that occur give the name."""
    merge: tuple[tuple[str, ...], ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.against and self.together:
            raise ValueError("name either `against` or `together`, not both")
        merged = [level for group in self.merge for level in group]
        if any(len(group) < 2 for group in self.merge):
            raise ValueError("a group of `merge` names two levels at least")
        if twice := {level for level in merged if merged.count(level) > 1}:
            raise ValueError(f"{min(twice)!r} stands twice in `merge`")
        if stray := set(merged) & {*self.against, *self.together}:
            raise ValueError(f"{min(stray)!r} stands in `merge` and in `against` or `together`; name it in one of them")
        return self


class SecondImage(Part):
    """The second image of a pair."""

    source: Literal["elastogram", "image"] = "elastogram"
    """`elastogram`: the file in the cohort's column of that name. `image`: a second view of the B-mode image itself,
    such as the nodule with its surroundings; it exercises the whole path and tells nothing of elastography."""
    preparation: dict[str, Any] = Field(default_factory=lambda: {"colour": "rgb"})
    """Preparation fields that differ from those of the B-mode image."""
    registration: Literal["refuse", "ignore"] = "refuse"
    """Whether a study is refused in which an elastogram does not show the same place as its image."""
