"""The recipe of a study of outlines and classes from one network."""

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from thyrosight.networks import Task, find_architecture
from thyrosight.parts import Part
from thyrosight.studies.base import ReportOptions
from thyrosight.studies.recipe import NetworkOptions, SplitOptions, TrainingRecipe

TASK_WORDS = {"joint": "outline and class", "classification": "class alone", "segmentation": "outline alone"}


class TaskNetwork(NetworkOptions):
    """One network of the study, with what it learns."""

    task: Task = "joint"
    """`joint`, `classification` (without the decoder) or `segmentation` (without the classes)."""
    name: str = Field("", pattern=r"^[A-Za-z0-9._-]*$", max_length=60)
    """Needed where one architecture and task stand twice, with different training; part of the trial's folder."""

    @property
    def key(self) -> str:
        """The name, or architecture and task.

        >>> TaskNetwork(architecture="ynet", task="segmentation").key
        'ynet_segmentation'
        """
        return self.name or f"{self.architecture}_{self.task}"

    @property
    def title(self) -> str:
        """For people.

        >>> TaskNetwork(architecture="ynet").title
        'Y-Net, outline and class'
        """
        title = f"{find_architecture(self.architecture).title}, {TASK_WORDS[self.task]}"
        return f"{title} ({self.name})" if self.name else title


class OutlineOptions(Part):
    """Options for the report of outlines."""

    failed_below: float = Field(0.1, gt=0, lt=1)
    """An outline with a lower Dice is a complete failure."""
    examples: int = Field(4, ge=0, le=12)
    """Best, middling and worst outlines shown, each."""


class OriginalReportOptions(ReportOptions):
    """The original report as a reader."""

    column: str = "report_text"
    dictionary: str = ""
    """A file of keywords in the form of the one that is shipped; that one where empty."""


class Recipe(TrainingRecipe):
    """A study of networks that outline lesions, tell their class, or both, on the same divisions.

    `networks` may hold one architecture several times, with different tasks.
    """

    free_fields: ClassVar[tuple[str, ...]] = (
        *TrainingRecipe.free_fields,
        "networks",
        "outlines",
        "report",
        "within",
    )

    if_twice: ClassVar[str] = "give one of them a name"
    study: Literal["ynet-lymph-node"] = "ynet-lymph-node"
    split: SplitOptions = SplitOptions(method="test-and-folds", folds=5, test=0.18)
    networks: tuple[TaskNetwork, ...] = Field(min_length=1)
    outlines: OutlineOptions = OutlineOptions()
    report: OriginalReportOptions = OriginalReportOptions()
    within: tuple[str, ...] = ()
    """Choices of images, such as `original_width=820..840`, in which the networks are judged again beside what width,
    height, shape and bytes of the files tell alone."""

    @model_validator(mode="after")
    def _check_crop(self) -> Self:
        if self.preparation.crop == "nodule":
            raise ValueError(
                "preparation.crop: a crop around the outline leaves nothing to find; take scan area or whole frame"
            )
        return self

    @property
    def network_names(self) -> tuple[str, ...]:
        """The architectures, each once."""
        return tuple(dict.fromkeys(network.architecture for network in self.networks))
