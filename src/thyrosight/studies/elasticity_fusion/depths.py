"""The best depth to freeze: chosen on the validation folds, with how often another would have been."""

from collections.abc import Mapping, Sequence

from thyrosight.statistics import best_of
from thyrosight.studies.elasticity_fusion.judging import Network, compare
from thyrosight.studies.elasticity_fusion.recipe import BEST, ONE_IMAGE, ElasticityFusionRecipe, Input
from thyrosight.studies.elasticity_fusion.result import BestDepth
from thyrosight.studies.elasticity_fusion.wording import input_name

Depths = Mapping[Input, Sequence[Network]]
"""Per input the networks of rising depth that were trained in every division."""


def depths_of(networks: Mapping[str, Network], recipe: ElasticityFusionRecipe) -> dict[Input, list[Network]]:
    """The networks of Tables III and V, by input, in the order of their depth."""
    found: dict[Input, list[Network]] = {}
    for shown in recipe.freeze.inputs:
        own = [
            item
            for item in networks.values()
            if item.config.pretrained
            and item.config.head == "own"
            and item.config.input == shown
            and item.config.architecture == recipe.network.architecture
            and item.config.depth in recipe.freeze.depths
        ]
        if own:
            found[shown] = sorted(own, key=lambda item: item.config.depth)
    return found


def best_depths(depths: Depths, recipe: ElasticityFusionRecipe) -> list[BestDepth]:
    """Per input the depth with the best mean AUC over the validation folds, and how sure that is."""
    return [_best(shown, networks, recipe) for shown, networks in depths.items()]


def _best(shown: Input, networks: Sequence[Network], recipe: ElasticityFusionRecipe) -> BestDepth:
    by_depth = {item.config.depth: item for item in networks}
    found = best_of(
        {str(depth): [tested.validated() for tested in item.tested] for depth, item in by_depth.items()},
        replicates=recipe.evaluation.bootstrap,
        seed=recipe.seed,
    )
    best = by_depth[int(found.best)]
    ends = {depth: by_depth[depth] for depth in (min(by_depth), max(by_depth)) if depth != best.config.depth}
    against = compare(
        [(best.name, best.outcomes(), f"{depth} layers frozen", item.outcomes()) for depth, item in ends.items()],
        recipe,
        family=f"{len(ends)} comparison{'s' if len(ends) != 1 else ''}",
    )
    return BestDepth(
        input=shown,
        depth=best.config.depth,
        validation_auc=found.auc[found.best],
        share_of_draws=found.share,
        likely=[int(name) for name in found.likely],
        best_in_folds=found.folds,
        draws=found.replicates,
        against=against.get(best.name, []),
    )


def shared_best(depths: Depths) -> int | None:
    """The depth with the best validation AUC, averaged over the B-mode image and the elastogram where both were tried.

    For inputs whose own depths are not tried. The smallest of equal depths is taken.
    """
    singles = [depths[shown] for shown in ONE_IMAGE if shown in depths]
    if not singles:
        return None
    scores: dict[int, list[float]] = {}
    for networks in singles:
        found = best_of({str(n.config.depth): [t.validated() for t in n.tested] for n in networks}, replicates=200)
        for depth, area in found.auc.items():
            scores.setdefault(int(depth), []).append(area)
    everywhere = {depth: sum(values) for depth, values in scores.items() if len(values) == len(singles)}
    return min(everywhere, key=lambda depth: (-everywhere[depth], depth)) if everywhere else None


def choice_words(recipe: ElasticityFusionRecipe, best: Sequence[BestDepth], chosen: Mapping[Input, int]) -> str:
    """How the depths of the methods came about."""
    named = "; ".join(f"{input_name(shown, recipe.second_name)} {depth}" for shown, depth in chosen.items())
    if recipe.freeze.chosen != BEST:
        return f"The recipe fixes the depth of every method at {recipe.freeze.chosen} frozen layers."
    own = {item.input for item in best}
    rest = [input_name(shown, recipe.second_name) for shown in chosen if shown not in own]
    where = f" {' and '.join(rest)} take the depth that is best on average over the kinds of image." if rest else ""
    return (
        f"Each method freezes as many layers as have the best mean AUC on the validation folds ({named}).{where} The "
        "test part had no say."
    )
