"""The recipe of a study that fuses a B-mode image with an elastogram."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, model_validator

from thyrosight.imaging import Preparation
from thyrosight.imaging.pairs import PairPreparation
from thyrosight.parts import Part
from thyrosight.settings import merge
from thyrosight.studies.analyses.options import SecondImage
from thyrosight.studies.recipe import NetworkRecipe, SplitOptions, TrainingOptions
from thyrosight.training import Augmentation

Input = Literal["b-mode", "elastogram", "mixed", "early", "late"]
"""The input of a network: one kind of image, both kinds mixed, or pairs fused early or late."""
Head = Literal["own", "spp", "gap"]
BEST = "best on validation"
ONE_IMAGE: tuple[Input, ...] = ("b-mode", "elastogram")
INPUTS: tuple[Input, ...] = ("b-mode", "elastogram", "mixed", "early", "late")
HEADS: tuple[Head, ...] = ("own", "spp", "gap")
HEAD_NAMES: dict[Head, str] = {"own": "own classifier", "spp": "SPP", "gap": "GAP"}


class NetworkStart(Part):
    """The main network and where its first weights come from."""

    architecture: str = "vgg16"
    weights: str = "imagenet-if-present"
    """`none`, `imagenet` (downloaded if missing), `imagenet-if-present` (never downloads) or a weights file."""


class PlainOptions(Part):
    """Networks trained from random weights, on one kind of image each: Tables I and II."""

    networks: tuple[str, ...] = ("vgg16", "resnet18", "googlenet", "inception_v3", "alexnet")
    inputs: tuple[Input, ...] = ONE_IMAGE


class FreezeOptions(Part):
    """How many convolution layers of the pretrained network stay as they are: Tables III and V."""

    depths: tuple[int, ...] = tuple(range(14))
    inputs: tuple[Input, ...] = ("b-mode", "elastogram", "early")
    chosen: int | Literal["best on validation"] = "best on validation"
    """The depth of the methods of Table VI. `best on validation`: per input the depth with the best mean AUC on the
    validation folds; where an input's own depths are not tried, the best one of the B-mode image and the elastogram."""


class MainMethod(Part):
    """The method that the study is about, named before any result is seen."""

    head: Head = "spp"
    input: Input = "late"


class MethodOptions(Part):
    """The methods of Table VI: every head with every input."""

    heads: tuple[Head, ...] = HEADS
    inputs: tuple[Input, ...] = INPUTS
    main: MainMethod = MainMethod()


class PairExplainOptions(Part):
    """Figures 3 and 7."""

    layers: tuple[int, ...] = (2, 7)
    """Convolution layers, counted from 1, whose strongest responses are projected to pixels."""
    examples: int = Field(2, ge=0, le=10)
    """Right and wrong calls of each class shown, each."""


@dataclass(frozen=True)
class Configuration:
    """One network of the study.

    Attributes:
        architecture: of the network, or of each of its two feature extractors.
        input: what it is shown.
        head: what stands behind its last convolution layer.
        depth: convolution layers that are not trained.
        pretrained: whether it starts from the recipe's first weights, or from random ones.
        epochs: trained for exactly these many, to measure what they cost; None for the recipe's training.
        cached: whether the output of the frozen layers may be kept; False only to measure what that saves.
    """

    architecture: str
    input: Input
    head: Head = "own"
    depth: int = 0
    pretrained: bool = True
    epochs: int | None = None
    cached: bool = True

    @property
    def key(self) -> str:
        """Its name in every division.

        >>> Configuration("vgg16", "late", "spp", 6).key
        'vgg16_late_spp_freeze-06'
        """
        depth = f"freeze-{self.depth:02d}" if self.pretrained else "random"
        cost = "" if self.epochs is None else f"cost-{self.epochs}-{'' if self.cached else 'un'}cached"
        parts = [self.architecture, self.input, self.head, depth, cost]
        return "_".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") for part in parts if part)


class Recipe(NetworkRecipe):
    """A study of transfer depth, fusion and heads on pairs of images."""

    free_fields: ClassVar[tuple[str, ...]] = (
        *NetworkRecipe.free_fields,
        "plain",
        "freeze",
        "methods",
        "explain",
        "cost_epochs",
        "keep_activations_from",
    )

    study: Literal["elasticity-fusion"] = "elasticity-fusion"
    split: SplitOptions = SplitOptions(method="test-and-folds", folds=10, test=0.2)
    preparation: Preparation = Preparation()
    """Preparation of the B-mode image."""
    second: SecondImage = SecondImage()
    any_size: dict[str, Any] = Field(default_factory=dict)
    """Preparation fields that differ for networks with the heads spp and gap, which take images of any size; for
    example `{shape: own, size: 320}` shows the nodule in its own shape instead of a square."""
    network: NetworkStart = NetworkStart()
    training: TrainingOptions = TrainingOptions(
        augmentation=Augmentation.none().model_copy(update={"horizontal_flip": 0.5})
    )
    plain: PlainOptions = PlainOptions()
    freeze: FreezeOptions = FreezeOptions()
    methods: MethodOptions = MethodOptions()
    explain: PairExplainOptions = PairExplainOptions()
    cost_epochs: int = Field(4, ge=0)
    """Epochs that are trained once with and once without kept activations, to measure what that saves; 0: not measured.
    With flips, each epoch still meets some images the other way round for the first time: half of them in the second,
    an eighth in the fourth."""

    keep_activations_from: int = Field(5, ge=1)
    """Frozen layers from which on their output is kept for all epochs and folds, where augmentation allows it. That of
    the first layers is many times as large as the image, and takes longer to read than to compute."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.split.unit == "image":
            raise ValueError("split.unit: this study divides by patient; leave it out")
        if self.training.freeze:
            raise ValueError("training.freeze: the study sets it; name depths in freeze.depths")
        if any(depth < 0 for depth in self.freeze.depths):
            raise ValueError("freeze.depths: expected numbers of layers, 0 or more")
        if self.freeze.chosen == BEST and self.methods.heads and not set(self._tried) & {*ONE_IMAGE}:
            raise ValueError(
                f"freeze.chosen: {BEST!r} needs depths tried on the B-mode image or the elastogram; name a depth"
            )
        main = self.methods.main
        if main.head not in self.methods.heads or main.input not in self.methods.inputs:
            raise ValueError(
                f"methods.main: {main.input} with the head {main.head} is not among the methods; add it or name another"
            )
        for head in HEADS:
            try:
                self.pair(head)
            except ValidationError as error:
                where = "preparation" if head == "own" else "any_size"
                said = error.errors()[0]["msg"].removeprefix("Value error, ")
                raise ValueError(f"{where}: {said}") from error
        return self

    @property
    def _tried(self) -> tuple[Input, ...]:
        return self.freeze.inputs if self.freeze.depths else ()

    @property
    def network_names(self) -> tuple[str, ...]:
        """The main network, then those trained without pretraining."""
        return tuple(dict.fromkeys((self.network.architecture, *self.plain.networks)))

    @property
    def second_name(self) -> str:
        """The name of the second image in tables.

        >>> Recipe(name="a", title="A").second_name
        'elastogram'
        """
        return "elastogram" if self.second.source == "elastogram" else "second view"

    def pair(self, head: Head) -> PairPreparation:
        """How pairs are prepared for networks with that head.

        >>> recipe = Recipe(name="a", title="A", any_size={"shape": "own"})
        >>> recipe.pair("own").first.shape, recipe.pair("spp").second.shape, recipe.pair("spp").second.colour
        ('square', 'own', 'rgb')
        """
        own: Mapping[str, Any] = self.preparation.model_dump()
        if head != "own":
            own = merge(own, self.any_size)
        return PairPreparation(
            first=Preparation.model_validate(own),
            second=Preparation.model_validate(merge(own, self.second.preparation)),
            second_from=self.second.source,
        )
