"""Keys of the protocol of a reader study."""

from typing import Annotated, Literal

from pydantic import Field

from thyrosight.parts import Part
from thyrosight.readings.questions import Question

Design = Literal["single", "independent", "sequential", "concurrent"]
Stage = Literal["only", "before", "after"]

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,59}$")]


class Arm(Part):
    """A way of reading.

    Attributes:
        name: in tables and reports.
        model: whose answer is shown: "risk" (the judging model of the workstation) or the name of a column of model
            scores; None without a model.
    """

    name: Name
    model: Name | None = None


class Action(Part):
    """From which answer on a case counts as called positive."""

    question: str
    at_least: float | str
    """A score, a number, or a category such as TR4."""


class PilotValues(Part):
    """Variance components of a pilot study as a paper prints them (Obuchowski-Rockette model, area under the curve)."""

    test_by_reader: float
    error: float = Field(gt=0)
    covariance_1: float
    covariance_2: float
    covariance_3: float
    cases: int = Field(ge=2)
    reader: float | None = Field(None, ge=0)
    """Between readers; of use where each reader reads in one arm."""
    source: Annotated[str, Field(min_length=10, max_length=500)]
    """Where they are printed: authors, journal, year, table."""


class PowerAim(Part):
    """Difference that the study is to be able to show, and the assumptions for its size.

    Attributes:
        difference: of the areas under the ROC curve of two arms.
        power, significance: of the two-sided test that they are equal.
        readers: "random" (other readers too) or "fixed" (these alone).
        pilot: "published", the path of a table of readings of a pilot study, or values from a paper.
        cluster_correlation: of the results of two cases of one patient, 0 to 1; of use where patients have several.
    """

    difference: float = Field(gt=0, lt=1)
    power: float = Field(0.8, gt=0, lt=1)
    significance: float = Field(0.05, gt=0, lt=1)
    readers: Literal["random", "fixed"] = "random"
    pilot: str | PilotValues = "published"
    cluster_correlation: float = Field(0.5, ge=0, le=1)


class ProtocolFields(Part):
    """The keys of a protocol.

    Attributes:
        title, aim: in words.
        seed: of all orders.
        design: "single": one arm; "independent": every arm in a session of its own; "sequential": without the model,
            then with it, both locked; "concurrent": one session, each case in one arm, drawn by lot. The model's
            answer is there from the start in all but sequential designs.
        arms: ways of reading.
        reading: "crossed": every reader reads every case; "nested": every case is read by one reader; "blocks": by
            `readers_per_case` readers.
        readers: "crossed": every reader reads in every arm; "nested": each reader in one.
        readers_per_case: with reading "blocks".
        washout_days: between two sessions of one reader.
        repeats: cases that a reader reads once more in each session.
        practice: cases at the start of each session, with feedback, never analysed.
        attention: cases with an obvious answer in each session, reported and never analysed.
        questions: what is asked of each case.
        main_question: key of the question that the area under the ROC curve is computed from.
        action: what sensitivity and specificity are computed from; None: from nothing.
        power: what the study is to be able to show.
        version: counts amendments.
    """

    title: Annotated[str, Field(min_length=1, max_length=200)]
    aim: Annotated[str, Field(max_length=2000)] = ""
    seed: int = Field(ge=0, lt=2**53)
    design: Design
    arms: tuple[Arm, ...] = Field(min_length=1, max_length=8)
    reading: Literal["crossed", "nested", "blocks"] = "crossed"
    readers: Literal["crossed", "nested"] = "crossed"
    readers_per_case: int | None = Field(None, ge=1)
    washout_days: int = Field(0, ge=0, le=3650)
    repeats: int = Field(0, ge=0)
    practice: int = Field(0, ge=0)
    attention: int = Field(0, ge=0)
    questions: tuple[Question, ...] = Field(min_length=1, max_length=60)
    main_question: str
    action: str | Action | None = None
    power: PowerAim | None = None
    version: int = Field(1, ge=1)

    @property
    def arm_names(self) -> tuple[str, ...]:
        """Names of the arms, in their order."""
        return tuple(arm.name for arm in self.arms)
