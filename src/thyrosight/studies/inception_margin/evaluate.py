"""From the predictions of the trials to Table 1, Figure 5 and the size groups."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from thyrosight.errors import StatisticsError
from thyrosight.statistics import DivisionOutcome, auc
from thyrosight.studies.differences import compare_pairs
from thyrosight.studies.evaluate import measures, roc
from thyrosight.studies.inception_margin.recipe import SIZE_GROUP, InceptionMarginRecipe
from thyrosight.studies.inception_margin.result import SizeGroup, Tried
from thyrosight.studies.inception_margin.trials import Configuration, Tested
from thyrosight.studies.predictions import DivisionPredictions, judge
from thyrosight.studies.recipe import EvaluationOptions
from thyrosight.studies.result import Comparison


@dataclass(frozen=True, eq=False)
class Candidate:
    """One configuration with one fixed margin, over all divisions: what a row of Table 1 stands for.

    Attributes:
        tested: its trial in each division.
        margin: fixed in testing.
        judged: predictions of each division, calibrated and thresholded on its validation part.
    """

    tested: tuple[Tested, ...]
    margin: float
    judged: tuple[DivisionPredictions, ...]

    @property
    def config(self) -> Configuration:
        """The configuration, with the name of the first division."""
        return self.tested[0].config

    @property
    def pooled(self) -> pd.DataFrame:
        """Test predictions of all divisions."""
        return pd.concat([item.part("test") for item in self.judged], ignore_index=True)

    def outcomes(self) -> list[DivisionOutcome]:
        """What it said of the test part in every division."""
        return [item.tested() for item in self.judged]

    def validation_auc(self) -> float | None:
        """Mean uncalibrated AUC over the validation parts."""
        found = [_auc(item.part("validation")) for item in self.judged]
        known = [value for value in found if value is not None]
        return float(np.mean(known)) if known else None

    def only(self, keys: Iterable[str], *, options: EvaluationOptions) -> "Candidate":
        """The candidate on some images, with calibration and operating point of their own.

        Raises:
            StatisticsError: one class only among the images of a validation part.
        """
        chosen = set(keys)
        raws = [tested.raw[self.margin] for tested in self.tested]
        judged = tuple(judge(raw[raw["key"].isin(chosen)].reset_index(drop=True), options=options) for raw in raws)
        return Candidate(self.tested, self.margin, judged)


def _auc(table: pd.DataFrame) -> float | None:
    if table["truth"].nunique() < 2:
        return None
    return float(auc(table["truth"].to_numpy(), table["probability"].to_numpy()).value)


def candidates(tested: Sequence[Tested], *, divisions: int, options: EvaluationOptions) -> list[Candidate]:
    """Every configuration with every margin it was tested with.

    Left out are configurations whose trial failed in one of the divisions, and those of a size group whose validation
    part holds one class only, on which no operating point can be chosen.
    """
    together: dict[tuple[object, ...], list[Tested]] = {}
    for item in tested:
        config = item.config
        key = (config.size, config.shape, config.margin, config.group, str(sorted(config.training.items())))
        together.setdefault(key, []).append(item)
    found = []
    for items in together.values():
        if len(items) < divisions:
            continue
        for margin in items[0].raw:
            try:
                judged = tuple(judge(item.raw[margin], options=options) for item in items)
            except StatisticsError:
                if not items[0].config.group:
                    raise
                continue
            found.append(Candidate(tuple(items), margin, judged))
    return found


def tried(candidate: Candidate, recipe: InceptionMarginRecipe, *, main: Candidate | None) -> Tried:
    """A row of Table 1, and its curve in Figure 5."""
    options, pooled = recipe.evaluation, candidate.pooled
    return Tried(
        margin=candidate.margin,
        size=candidate.config.size,
        shape=candidate.config.shape,
        trained=trained_words(candidate.config, recipe),
        main=candidate is main,
        validation_auc=candidate.validation_auc(),
        measures=measures(pooled, options=options, seed=recipe.seed),
        thresholds=[item.threshold for item in candidate.judged],
        roc=roc(pooled, options=options, seed=recipe.seed),
    )


def trained_words(config: Configuration, recipe: InceptionMarginRecipe) -> str:
    """With which margins a network was trained.

    >>> from thyrosight.studies import load_recipe
    >>> trained_words(Configuration("d", 384), load_recipe("inception-margin"))
    'margins drawn from 0 to 100 pixels'
    """
    unit = recipe.preparation.margin.unit
    drawn = recipe.training_with(config.training).augmentation.margin_range
    if config.margin is not None or drawn is None:
        return f"margin {config.margin:g} {unit}"
    return f"margins drawn from {drawn[0]:g} to {drawn[1]:g} {unit}"


def compare_with_main(
    rows: Sequence[Tried], found: Sequence[Candidate], main: Candidate, recipe: InceptionMarginRecipe
) -> list[Tried]:
    """Add to each row its difference to the main configuration on the same images; P corrected by Holm over rows."""
    against: dict[int, list[Comparison]] = {index: [] for index in range(len(rows))}
    others = [index for index, candidate in enumerate(found) if candidate is not main]
    over = "1 row" if len(others) == 1 else f"{len(others)} rows"
    pairs = [(found[index].outcomes(), main.outcomes()) for index in others]
    for measure in ("auc", "accuracy"):
        compared = compare_pairs(pairs, measure=measure, over=over, options=recipe.evaluation, seed=recipe.seed)
        for index, one in zip(others, compared, strict=True):
            against[index].append(one)
    return [row.model_copy(update={"against_main": against[index]}) for index, row in enumerate(rows)]


def choose(found: Sequence[Candidate]) -> Candidate | None:
    """The candidate with the best validation AUC; the first of equal ones."""
    ranked = [(value, item) for item in found if (value := item.validation_auc()) is not None]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def size_group(
    name: str, table: pd.DataFrame, found: Sequence[Candidate], main: Candidate, recipe: InceptionMarginRecipe
) -> SizeGroup | str:
    """The tuned configuration of one size group, or a sentence that says why there is none.

    Args:
        name: of the group.
        table: of the cohort.
        found: candidates to choose from: those trained on all nodules or on this group.
        main: the main configuration.
        recipe: of the study.
    """
    keys = table.loc[table[SIZE_GROUP] == name, "key"].astype(str)
    counts = _counts(main, set(keys))
    least, options = recipe.sizes.least, recipe.evaluation
    few = [f"{count} {what}" for what, count in counts.items() if count < least]
    if few:
        return f"Size group {name} was left out: {', '.join(few)}; {least} of each are needed to choose and to judge."
    try:
        own = [candidate.only(keys, options=options) for candidate in found]
        chosen, there = choose(own), main.only(keys, options=options)
    except StatisticsError as error:
        return f"Size group {name} was left out: {error}"
    assert chosen is not None, "both classes are in the validation part"
    return SizeGroup(
        name=name,
        benign=counts["benign test images"],
        malignant=counts["malignant test images"],
        validation_benign=counts["benign validation images"],
        validation_malignant=counts["malignant validation images"],
        chosen=_words(chosen, recipe),
        chosen_on="uncalibrated AUC on the validation images of the group",
        tried=len(own),
        measures=measures(chosen.pooled, options=options, seed=recipe.seed),
        roc=roc(chosen.pooled, options=options, seed=recipe.seed),
        main_measures=measures(there.pooled, options=options, seed=recipe.seed),
    )


def _counts(main: Candidate, keys: set[str]) -> dict[str, int]:
    """Images of the group per part and class: the fewest of any division, as each is judged by itself."""
    counts: dict[str, int] = {}
    for part in ("validation", "test"):
        for truth, label in ((0, "benign"), (1, "malignant")):
            per_division = [
                int(((rows := item.part(part))["key"].isin(keys) & (rows["truth"] == truth)).sum())
                for item in main.judged
            ]
            counts[f"{label} {part} images"] = min(per_division) if part == "validation" else sum(per_division)
    return counts


def _words(candidate: Candidate, recipe: InceptionMarginRecipe) -> str:
    config = candidate.config
    extra = [f"{key} {value}" for key, value in config.training.items()]
    where = "trained on this group alone" if config.group else "trained on all sizes"
    unit = recipe.preparation.margin.unit
    return ", ".join([f"margin {candidate.margin:g} {unit}", f"input {config.size}", *extra, where])


def main_candidate(found: Sequence[Candidate], recipe: InceptionMarginRecipe) -> Candidate | None:
    """The candidate of the recipe's own preparation and training, or None where its trial failed."""
    return next(
        (
            item
            for item in found
            if item.config.size == recipe.preparation.size
            and item.config.shape == recipe.preparation.shape
            and item.margin == recipe.main_margin
            and not item.config.group
            and not item.config.training
        ),
        None,
    )
