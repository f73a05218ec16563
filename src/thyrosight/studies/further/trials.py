"""Further trainings of the network that a study is about: from other seeds, and on fewer patients."""

from collections.abc import Sequence

from thyrosight.studies.base import RecipeBase
from thyrosight.studies.recipe import NetworkRecipe
from thyrosight.studies.trial import Trial, trial_seed

SEED, SHARE = "seed", "share of patients"
"""Axes of these trials."""


def further_trials(recipe: RecipeBase, trials: Sequence[Trial], studied: str) -> list[Trial]:
    """The trials of the network `studied` again, as often as the recipe asks for; none of them keeps its weights."""
    own = [trial for trial in trials if trial.key == studied]
    if not isinstance(recipe, NetworkRecipe):
        return []
    seeded = [_from_seed(trial, number, seed=recipe.seed) for number in recipe.seed_numbers for trial in own]
    return [*seeded, *(_on_share(trial, share) for share in sorted(recipe.learning_curve) for trial in own)]


def _from_seed(trial: Trial, number: int, *, seed: int) -> Trial:
    drawn = trial_seed(seed, trial.division, f"{trial.architecture}/{number}")
    training = trial.training.model_copy(update={"seed": drawn})
    return _again(trial, f"seed-{number}", SEED, number).model_copy(update={"training": training})


def _on_share(trial: Trial, share: float) -> Trial:
    return _again(trial, f"share-{share:g}", SHARE, share).model_copy(update={"train_share": share})


def _again(trial: Trial, name: str, axis: str, value: float) -> Trial:
    changes = {"key": f"{trial.key}_{name}", "axes": {**trial.axes, axis: value}, "views": trial.views[:1]}
    return trial.model_copy(update=changes | {"keep_weights": False, "keep_training": False})
