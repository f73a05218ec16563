"""A finished study of crop margins: each network with every margin that it was tested with, and the main choice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from thyrosight.cohort.records.descriptors import Descriptors, read_descriptors
from thyrosight.errors import StatisticsError
from thyrosight.imaging import Preparation
from thyrosight.studies.analyses.candidates import Candidate
from thyrosight.studies.kind import Finished
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import View


@dataclass(frozen=True, eq=False)
class Study:
    """A finished study with the candidates that were tried; the main choice is one of them.

    Attributes:
        every: networks, each with every margin that it was tested with.
    """

    finished: Finished[Recipe]
    every: Sequence[Candidate]
    main: Candidate
    descriptors: Descriptors

    @property
    def recipe(self) -> Recipe:
        return self.finished.recipe

    @property
    def plain(self) -> list[Candidate]:
        """Candidates that see all sizes, with the recipe's own training."""
        return [item for item in self.every if not item.facts["group"] and not item.facts["training"]]

    def like_main(self, *names: str, among: Sequence[Candidate]) -> list[Candidate]:
        """Candidates of these facts of the main choice."""
        return [item for item in among if all(item.facts[name] == self.main.facts[name] for name in names)]

    def trained_alike(self, *names: str) -> list[Candidate]:
        """Such candidates that were trained as the main choice: with drawn margins, or with the margin tested."""
        margins = (None, self.main.facts["margin"])
        return [item for item in self.like_main(*names, among=self.plain) if item.network.axes["margin"] in margins]


def study_of(finished: Finished[Recipe]) -> Study:
    """The study with its candidates.

    Raises:
        NetworkError: the main network could not be trained.
    """
    recipe = finished.recipe
    every = [item for network in finished.networks.values() for item in _candidates(network, recipe)]
    main = next((item for item in every if _is_main(item, recipe)), None)
    if main is None:
        raise finished.no_main()
    return Study(finished, every, main, read_descriptors(finished.setup.cohort.table))


def _candidates(network: Network, recipe: Recipe) -> list[Candidate]:
    """A network with every margin that it was tested with.

    Left out are networks of a size group whose validation part holds one class only, on which no operating point can
    be chosen.
    """
    axes, unit, found = network.axes, recipe.preparation.margin.unit, []
    for view in sorted(network.trial.views, key=_margin_of):
        try:
            judged = tuple(network.judged(view.name))
        except StatisticsError:
            if not axes["group"]:
                raise
            continue
        facts: dict[str, str | float | int] = {"network": network.key, "margin": _margin_of(view)}
        facts |= {"size": int(str(axes["size"])), "shape": str(axes["shape"])}
        facts |= {name: str(axes[name] or "") for name in ("group", "training")}
        facts |= {"trained": _trained_words(network, unit), "words": _words(facts, unit)}
        found.append(Candidate(network, view.name, recipe.statistics, judged, facts))
    return found


def _margin_of(view: View) -> float:
    assert isinstance(view.preparation, Preparation), "each view has a margin of its own"
    return view.preparation.margin.value


def _trained_words(network: Network, unit: str) -> str:
    """With which margins a network was trained."""
    drawn, fixed = network.trial.training.augmentation.margin_range, network.axes["margin"]
    if fixed is not None or drawn is None:
        return f"margin {fixed:g} {unit}"
    return f"margins drawn from {drawn[0]:g} to {drawn[1]:g} {unit}"


def _words(facts: Mapping[str, str | float | int], unit: str) -> str:
    where = "trained on this group alone" if facts["group"] else "trained on all sizes"
    parts = (f"margin {facts['margin']:g} {unit}", f"input {facts['size']}", facts["training"], where)
    return ", ".join(str(part) for part in parts if part)


def _is_main(item: Candidate, recipe: Recipe) -> bool:
    own = recipe.preparation
    wanted = {"size": own.size, "shape": own.shape, "margin": own.margin.value, "group": "", "training": ""}
    return all(item.facts[name] == value for name, value in wanted.items())


def main_words(study: Study) -> str:
    own = study.recipe.preparation
    return f"{study.main.network.title}, margin {own.margin.value:g} {own.margin.unit}, input {own.size} x {own.size}"
