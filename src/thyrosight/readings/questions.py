"""Questions to readers: one type for each kind."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from thyrosight.parts import Part
from thyrosight.tirads import TiradsError, find_system

HIGHEST_SCORE: Final = 100
LONGEST_TEXT: Final = 4000

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Words = Annotated[str, Field(max_length=500)]


class Asked(Part):
    """Keys that all questions have.

    Attributes:
        key: names the answer in the table of readings.
        text: the words that the reader sees; where it is empty, those of the kind.
        required: whether a reading can be locked without an answer.
        arms: in which arms it is asked; all where it is empty.
    """

    key: Key
    text: Words = ""
    required: bool = True
    arms: tuple[str, ...] = ()

    _usual = ""

    @property
    def wording(self) -> str:
        """The words that the reader sees."""
        return self.text or self._usual


class ScoreQuestion(Asked):
    """How likely a case is malignant, from 0 (surely benign) to 100 (surely malignant), with no default."""

    kind: Literal["score"]
    _usual = "How likely is the nodule malignant?"


class DescriptorsQuestion(Asked):
    """Sonographic features of a nodule; category and points of a TI-RADS system are computed from them, never asked."""

    kind: Literal["descriptors"]
    system: str
    _usual = "Describe the nodule."

    @field_validator("system")
    @classmethod
    def _known(cls, system: str) -> str:
        try:
            return find_system(system).key
        except TiradsError as error:
            raise ValueError(str(error).rstrip(".")) from None


class YesNoQuestion(Asked):
    """A question that is answered by yes or no."""

    kind: Literal["yes-no"]
    _usual = "Would you advise a biopsy?"


class MarksQuestion(Asked):
    """Places that look malignant, each with a score of its own from 0 to 100; "no such place" is an answer."""

    kind: Literal["marks"]
    most: int = Field(20, ge=1, le=200)
    """Marks in one case."""
    _usual = "Mark every place that looks malignant, and say how likely each one is malignant (0 to 100)."


class ChoiceQuestion(Asked):
    """One of several words, from the least to the most where they have an order."""

    kind: Literal["choice"]
    choices: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = Field(min_length=2, max_length=50)
    _usual = "How confident are you?"

    @field_validator("choices")
    @classmethod
    def _different(cls, choices: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(choices)) < len(choices):
            raise ValueError("a choice stands twice; leave one out")
        return choices


class NumberQuestion(Asked):
    """A number with its unit and limits."""

    kind: Literal["number"]
    unit: Annotated[str, Field(max_length=20)] = ""
    lowest: float | None = None
    highest: float | None = None
    _usual = "Which number?"

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.lowest is not None and self.highest is not None and self.lowest >= self.highest:
            raise ValueError(f"lowest ({self.lowest:g}) should be below highest ({self.highest:g})")
        return self


class TextQuestion(Asked):
    """Free text."""

    kind: Literal["text"]
    required: bool = False
    longest: int = Field(LONGEST_TEXT, ge=1, le=LONGEST_TEXT)
    """Characters."""
    _usual = "Comment"


Question = Annotated[
    ScoreQuestion
    | DescriptorsQuestion
    | YesNoQuestion
    | MarksQuestion
    | ChoiceQuestion
    | NumberQuestion
    | TextQuestion,
    Field(discriminator="kind"),
]
