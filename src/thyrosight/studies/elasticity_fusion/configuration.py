"""Which networks a study of fusion trains: without pretraining, for the depths, for the methods, and for the cost."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Literal

from thyrosight.cohort import Split
from thyrosight.studies.elasticity_fusion.recipe import BEST, ONE_IMAGE, ElasticityFusionRecipe, Head, Input
from thyrosight.sweeps import Trial

Fusion = Literal["none", "mixed", "early", "late"]


@dataclass(frozen=True)
class Configuration:
    """One trained network.

    Attributes:
        division: of the split.
        architecture: of the network, or of each of its two feature extractors.
        input: what it is shown.
        head: what stands behind its last convolution layer.
        depth: convolution layers that are not trained.
        pretrained: whether it starts from the recipe's first weights, or from random ones.
        epochs: trained for exactly these many, to measure what they cost; None for the recipe's training.
        cached: whether the output of the frozen layers may be kept; False only to measure what that saves.
    """

    division: str
    architecture: str
    input: Input
    head: Head = "own"
    depth: int = 0
    pretrained: bool = True
    epochs: int | None = None
    cached: bool = True

    @property
    def row(self) -> str:
        """What it is called in every division.

        >>> Configuration("division-01", "vgg16", "late", "spp", 6).row
        'vgg16_late_spp_freeze-06'
        """
        depth = f"freeze-{self.depth:02d}" if self.pretrained else "random"
        cost = "" if self.epochs is None else f"cost-{self.epochs}-{'' if self.cached else 'un'}cached"
        parts = [self.architecture, self.input, self.head, depth, cost]
        return "_".join(re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") for part in parts if part)

    @property
    def name(self) -> str:
        """A name that is also the trial's folder."""
        return f"{self.division}_{self.row}"

    @property
    def fusion(self) -> Fusion:
        """How the network joins the two images."""
        return fusion_of(self.input)

    def trial(self) -> Trial:
        """The configuration as a trial of a sweep."""
        return Trial(self.name, asdict(self))


def fusion_of(shown: Input) -> Fusion:
    """How a network for this input joins the two images.

    >>> fusion_of("elastogram"), fusion_of("late")
    ('none', 'late')
    """
    fusions: dict[Input, Fusion] = {"mixed": "mixed", "early": "early", "late": "late"}
    return fusions.get(shown, "none")


def plain_networks(recipe: ElasticityFusionRecipe, split: Split) -> list[Configuration]:
    """Networks without pretraining, Tables I and II."""
    return _each(
        split,
        [
            Configuration("", network, shown, pretrained=False)
            for shown in recipe.plain.inputs
            for network in recipe.plain.networks
        ],
    )


def depth_networks(recipe: ElasticityFusionRecipe, split: Split) -> list[Configuration]:
    """The pretrained network with more and more layers frozen, Tables III and V."""
    own = recipe.network.architecture
    return _each(
        split,
        [
            Configuration("", own, shown, depth=depth)
            for shown in recipe.freeze.inputs
            for depth in sorted(set(recipe.freeze.depths))
        ],
    )


def method_networks(recipe: ElasticityFusionRecipe, split: Split, depths: Mapping[Input, int]) -> list[Configuration]:
    """Every head with every input, Table VI, each with the depth of its input."""
    own = recipe.network.architecture
    return _each(
        split,
        [
            Configuration("", own, shown, head, depths[shown])
            for head in recipe.methods.heads
            for shown in recipe.methods.inputs
        ],
    )


def cost_networks(recipe: ElasticityFusionRecipe, split: Split, depths: Mapping[Input, int]) -> list[Configuration]:
    """One network on one kind of image, trained for a few epochs without and with kept activations.

    Its depth is the chosen one, or the next above it that was tried and whose activations are kept.
    """
    shown = next((item for item in ONE_IMAGE if item in depths), None)
    if not recipe.cost_epochs or shown is None:
        return []
    tried = sorted({depths[shown], *recipe.freeze.depths})
    worth_it = [depth for depth in tried if depth >= max(depths[shown], recipe.keep_activations_from)]
    if not worth_it:
        return []
    some = Configuration(
        split.divisions[0].name,
        recipe.network.architecture,
        shown,
        depth=worth_it[0],
        epochs=recipe.cost_epochs,
    )
    return [replace(some, cached=False), some]


def main_configuration(recipe: ElasticityFusionRecipe, depths: Mapping[Input, int]) -> Configuration:
    """The method that the study is about; its division is left open."""
    main = recipe.methods.main
    return Configuration("", recipe.network.architecture, main.input, main.head, depths[main.input])


def chosen_depths(recipe: ElasticityFusionRecipe, best: Mapping[Input, int], shared: int | None) -> dict[Input, int]:
    """The depth of each input of the methods.

    Args:
        recipe: of the study.
        best: per input whose depths were tried, the best on the validation folds.
        shared: the best one on average over the kinds of image, for inputs whose own depths were not tried.
    """
    fixed = recipe.freeze.chosen
    inputs: dict[Input, None] = dict.fromkeys([*recipe.methods.inputs, recipe.methods.main.input])
    if fixed != BEST:
        return dict.fromkeys(inputs, int(fixed))
    return {shown: best.get(shown, shared or 0) for shown in inputs}


def _each(split: Split, configurations: Sequence[Configuration]) -> list[Configuration]:
    """The same networks on every division."""
    return [replace(item, division=division.name) for item in configurations for division in split.divisions]
