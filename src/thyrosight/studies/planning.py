"""Steps that plans of several kinds share: checking networks before training, and the trial of a recipe's network."""

from collections.abc import Iterable
from typing import Protocol

from thyrosight.networks import create
from thyrosight.studies.recipe import NetworkOptions, TrainingRecipe
from thyrosight.studies.trial import Trial, trial_seed


class AskedNetwork(Protocol):
    """A network of a recipe: its architecture and the origin of its first weights."""

    @property
    def architecture(self) -> str: ...

    @property
    def weights(self) -> str: ...


def check_networks(networks: Iterable[AskedNetwork], *, size: int) -> None:
    """Find an unknown network, an unfit input size or absent weights now, not after hours of training.

    Raises:
        NetworkError: names the first problem.
    """
    for network in networks:
        create(network.architecture, weights=network.weights, input_size=size)


def trial_of(recipe: TrainingRecipe, network: NetworkOptions, division: str, *, keep_weights: bool = False) -> Trial:
    """One network of a recipe, trained and tested as the recipe says on one division."""
    seed = trial_seed(recipe.seed, division, network.architecture)
    return Trial(
        division=division,
        key=network.architecture,
        axes={"network": network.architecture},
        architecture=network.architecture,
        weights=network.weights,
        preparation=recipe.preparation,
        training=recipe.training_for(network).model_copy(update={"seed": seed}),
        keep_weights=keep_weights,
    )
