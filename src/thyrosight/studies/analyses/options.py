"""Parts of recipes that analyses read; they are written and checked without tables."""

from typing import Any, Literal

from pydantic import Field

from thyrosight.parts import Part


class Contrast(Part):
    """How a feature enters the regressions.

    Either `against` names the levels that every other level is held against (Guan: margin against smooth), or
    `together` the levels that are held against all others (Guan: hypoechoic, markedly or not, against the rest).
    """

    against: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    name: str = ""
    """What the levels of `together` are called."""


class SecondImage(Part):
    """The second image of a pair."""

    source: Literal["elastogram", "image"] = "elastogram"
    """`elastogram`: the file in the cohort's column of that name. `image`: a second view of the B-mode image itself,
    such as the nodule with its surroundings; it exercises the whole path and tells nothing of elastography."""
    preparation: dict[str, Any] = Field(default_factory=lambda: {"colour": "rgb"})
    """Preparation fields that differ from those of the B-mode image."""
    registration: Literal["refuse", "ignore"] = "refuse"
    """Whether a study is refused in which an elastogram does not show the same place as its image."""
