"""Plans of studies that train the networks of their recipe on every division."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from thyrosight.cohort import Cohort
from thyrosight.networks import create_empty
from thyrosight.studies.kind import Kind
from thyrosight.studies.recipe import NetworkOptions, TrainingRecipe
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import Setup, Trial, trial_seed

T = TypeVar("T", bound=TrainingRecipe)


def check_networks(networks: Iterable[NetworkOptions], *, size: int) -> None:
    """Find an unknown network, an unfit input size or absent weights now, not after hours of training.

    Raises:
        NetworkError: names the first problem.
    """
    for network in networks:
        create_empty(network.architecture, weights=network.weights, input_size=size)


class NetworksKind(Kind[T]):
    """A kind that trains each network of its recipe on every division, the main one first.

    The main network of the first division keeps its weights, for the model.
    """

    def check(self, cohort: Cohort) -> None:
        check_networks(self.recipe.networks, size=self.recipe.preparation.size)

    def studied(self, networks: Mapping[str, Network]) -> str:
        return self.recipe.main.key

    def trials(self, setup: Setup[T], networks: Mapping[str, Network]) -> Sequence[Trial]:
        divisions = [division.name for division in setup.split.divisions]
        ordered = sorted(self.recipe.networks, key=lambda network: network.role != "main")
        return [
            self.trial(network, division, keep_weights=network.role == "main" and division == divisions[0])
            for network in ordered
            for division in divisions
        ]

    def trial(self, network: NetworkOptions, division: str, *, keep_weights: bool) -> Trial:
        """One network of the recipe, trained and tested as the recipe says on one division."""
        seed = trial_seed(self.recipe.seed, division, network.architecture)
        return Trial(
            division=division,
            key=network.key,
            axes={"network": network.key},
            architecture=network.architecture,
            weights=network.weights,
            preparation=self.recipe.preparation,
            training=self.recipe.training_for(network).model_copy(update={"seed": seed}),
            keep_weights=keep_weights,
        )
