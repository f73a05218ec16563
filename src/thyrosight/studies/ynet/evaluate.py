"""From what the trials said to the figures of each network, and to what learning both tasks does."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Literal

import numpy as np
import pandas as pd

from thyrosight.cohort import Split
from thyrosight.networks import ModelSpec, find_architecture
from thyrosight.statistics import (
    DifferenceOverDivisions,
    auc,
    clustered_bootstrap,
    diagnostic_table,
    difference_over_divisions,
    gee_proportion,
    mean_over_divisions,
    paired_mean_difference,
)
from thyrosight.studies.base import Measure
from thyrosight.studies.differences import corrected
from thyrosight.studies.evaluate import evaluate_network, mean_history, start_of
from thyrosight.studies.recipe import EvaluationOptions
from thyrosight.studies.result import Comparison, MeanMeasure
from thyrosight.studies.ynet.recipe import YNetRecipe
from thyrosight.studies.ynet.result import TABLE_3, OutlineResult, Spread, TaskEffect, TaskResult
from thyrosight.studies.ynet.tested import Tested


def task_result(item: Tested, split: Split, recipe: YNetRecipe, *, compared: Sequence[Comparison] = ()) -> TaskResult:
    """Everything reported of one network."""
    network, options, seed = item.network, recipe.evaluation, recipe.seed
    record: dict[str, Any] = dict(item.records[0])
    histories: list[Any] = [one["history"] for one in item.records]
    classes, pooled, means = None, {}, {}
    if item.judged:
        classes = evaluate_network(item.units(split), options=options, seed=seed)
        classes = classes.model_copy(update={"title": network.title})
        pooled = table_3(item.pooled, options=options, seed=seed)
        means = {
            name: MeanMeasure(**mean.to_dict())
            for name, mean in mean_over_divisions(
                item.outcomes(),
                at_operating_point=tuple(TABLE_3),
                replicates=options.bootstrap,
                confidence=options.confidence,
                seed=seed,
            ).items()
        }
    return TaskResult(
        key=network.key,
        architecture=network.architecture,
        task=network.task,
        title=network.title,
        role=network.role,
        start=start_of(ModelSpec.model_validate(record["spec"])),
        parameters=record["parameters"],
        training=recipe.training_for(network).model_dump(mode="json"),
        divisions=len(item.divisions),
        seconds=sum(float(str(one["seconds"])) for one in item.records),
        history=mean_history(histories),
        dice_history=_dice_history(histories),
        classes=classes,
        pooled=pooled,
        means=means,
        outlines=outline_result(item.drawn, recipe) if item.outlines else None,
        against_main=list(compared),
    )


def table_3(table: pd.DataFrame, *, options: EvaluationOptions, seed: int) -> dict[str, Measure]:
    """AUC, where the table has risks, and the seven measures of the paper, with intervals that respect groups."""
    truth, cluster = table["truth"].to_numpy(), table["group"].to_numpy(dtype=str)
    found = {}
    if "risk" in table:
        found["auc"] = Measure.of(auc(truth, table["risk"].to_numpy(), cluster=cluster, confidence=options.confidence))
    counts = diagnostic_table(
        truth,
        table["predicted"].to_numpy(),
        cluster=cluster,
        interval="bootstrap",
        confidence=options.confidence,
        replicates=options.bootstrap,
        seed=seed,
    )
    return found | {name: Measure.of(getattr(counts, name)) for name in TABLE_3}


def outline_result(drawn: pd.DataFrame, recipe: YNetRecipe) -> OutlineResult:
    """How well outlines agree with the masks, over all tests; intervals draw whole patients (or groups).

    Each division tests the same images or others; a mean over all tests is the mean over divisions where they are the
    same, and a patient's tests are drawn together in any case.
    """
    options, below = recipe.evaluation, recipe.outlines.failed_below
    dice, cluster = drawn["dice"].to_numpy(dtype=float), drawn["group"].to_numpy(dtype=str)
    common: dict[str, Any] = {
        "cluster": cluster,
        "replicates": options.bootstrap,
        "seed": recipe.seed,
        "confidence": options.confidence,
    }
    with_lesion = drawn["true_pixels"] > 0
    per_division = drawn.groupby("division")["dice"].mean()
    failed = gee_proportion((dice < below).astype(int), cluster, confidence=options.confidence)
    return OutlineResult(
        tests=len(drawn),
        images=drawn["key"].nunique(),
        groups=drawn["group"].nunique(),
        dice_mean=Measure.of(clustered_bootstrap(np.mean, dice, **common)),
        dice_median=Measure.of(clustered_bootstrap(np.median, dice, **common)),
        dice_spread_over_divisions=float(per_division.std(ddof=1)) if len(per_division) > 1 else None,
        dice=spread(drawn["dice"]),
        iou=spread(drawn["iou"]),
        hd95_pixels=spread(drawn["hd95_pixels"]),
        hd95_mm=spread(drawn["hd95_mm"]),
        failed_below=below,
        failed=Measure.of(failed),
        found_nothing=int((with_lesion & (drawn["found_pixels"] == 0)).sum()),
        marked_nothing_there=int((~with_lesion & (drawn["found_pixels"] > 0)).sum()),
        without_lesion=int((~with_lesion).sum()),
        points=[(round(value, 4), share) for value, share in zip(dice.tolist(), _shares(drawn), strict=True)],
    )


def spread(values: "pd.Series[Any]") -> Spread:
    """Range and quartiles of the values that are known.

    >>> spread(pd.Series([0.1, 0.2, 0.3, None])).median
    0.2
    """
    known = values.dropna().to_numpy(dtype=float)
    if not known.size:
        return Spread(n=0, low=None, quartile_1=None, median=None, quartile_3=None, high=None)
    low, first, median, third, high = (float(value) for value in np.quantile(known, (0, 0.25, 0.5, 0.75, 1)))
    return Spread(n=int(known.size), low=low, quartile_1=first, median=median, quartile_3=third, high=high)


def _shares(drawn: pd.DataFrame) -> list[float]:
    """The share of the frame that each lesion covers."""
    sides = drawn["frame"].str.split(" x ", expand=True).astype(float)
    return (drawn["true_pixels"] / (sides[0] * sides[1])).round(5).tolist()


def _dice_history(histories: Sequence[Sequence[dict[str, Any]]]) -> list[float]:
    """Mean validation Dice of each epoch over the divisions that reached it."""
    epochs = zip_longest(*([epoch.get("validation_dice") for epoch in history] for history in histories))
    known = [[value for value in epoch if value is not None] for epoch in epochs]
    return [float(np.mean(values)) for values in known if values]


def against_main(found: Sequence[Tested], main: Tested, recipe: YNetRecipe) -> dict[str, list[Comparison]]:
    """Per network AUC and mean Dice minus those of the main one, as far as both have them.

    P values are corrected by Holm, for each measure over the networks.
    """
    others = [item for item in found if item is not main]
    classes = [item for item in others if item.judged and main.judged]
    outlines = [item for item in others if item.outlines and main.outlines]
    against: dict[str, list[Comparison]] = {item.network.key: [] for item in found}
    for measure, able, difference in (("auc", classes, _auc_difference), ("dice", outlines, dice_difference)):
        over = f"{len(able)} network{'' if len(able) == 1 else 's'}"
        compared = corrected([difference(item, main, recipe) for item in able], measure=measure, over=over)
        for item, one in zip(able, compared, strict=True):
            against[item.network.key].append(one)
    return against


def _auc_difference(a: Tested, b: Tested, recipe: YNetRecipe, *, measure: str = "auc") -> DifferenceOverDivisions:
    options = recipe.evaluation
    return difference_over_divisions(
        a.outcomes(),
        b.outcomes(),
        measure=measure,
        replicates=options.bootstrap,
        confidence=options.confidence,
        seed=recipe.seed,
    )


def dice_difference(a: Tested, b: Tested, recipe: YNetRecipe) -> DifferenceOverDivisions:
    """Mean Dice of one network minus that of another, on the same images of the same divisions."""
    options, place = recipe.evaluation, ["division", "key"]
    both = a.drawn.merge(b.drawn[[*place, "dice"]], on=place, suffixes=("_a", "_b"), validate="one_to_one")
    found = paired_mean_difference(
        both["dice_a"].to_numpy(),
        both["dice_b"].to_numpy(),
        cluster=both["group"].to_numpy(str),
        replicates=options.bootstrap,
        confidence=options.confidence,
        seed=recipe.seed,
    )
    words = f"{found.method} of {found.n} tests of {both['key'].nunique()} images"
    return DifferenceOverDivisions(found.difference, found.low, found.high, found.p, words)


_SHOWN = {"auc": "AUC", "accuracy": "accuracy", "dice": "mean Dice"}


def task_effects(found: Sequence[Tested], results: Sequence[TaskResult], recipe: YNetRecipe) -> list[TaskEffect]:
    """Joint against alone: per architecture in AUC and accuracy, and in mean Dice, where the recipe has both.

    Networks with training settings of their own are compared only with those that have the same.
    """
    of = {result.key: result for result in results}
    effects = []
    for joint in (item for item in found if item.network.task == "joint"):
        for alone in found:
            same = (
                alone.network.architecture == joint.network.architecture
                and alone.network.weights == joint.network.weights
                and alone.network.training == joint.network.training
            )
            if not same or alone.network.task == "joint":
                continue
            task: Literal["classification", "segmentation"] = alone.network.task
            names = ("auc", "accuracy") if task == "classification" else ("dice",)
            for name in names:
                difference = (
                    dice_difference(joint, alone, recipe)
                    if name == "dice"
                    else _auc_difference(joint, alone, recipe, measure=name)
                )
                pair = [_value(of[item.network.key], name) for item in (joint, alone)]
                effects.append(_effect(joint, task, name, difference, pair))
    return effects


def _value(result: TaskResult, name: str) -> float:
    measure = result.outlines.dice_mean if name == "dice" and result.outlines else result.means[name]
    return float("nan") if measure.value is None else measure.value


def _effect(
    joint: Tested,
    task: Literal["classification", "segmentation"],
    name: str,
    found: DifferenceOverDivisions,
    pair: Sequence[float],
) -> TaskEffect:
    verdict: Literal["helps", "hurts", "cannot be told"] = (
        "helps" if found.low > 0 else "hurts" if found.high < 0 else "cannot be told"
    )
    title = find_architecture(joint.network.architecture).title
    other, own = ("outlines", "classification") if task == "classification" else ("classes", "outlines")
    limits = f"{found.difference:+.3f} in {_SHOWN[name]}, interval {found.low:+.3f} to {found.high:+.3f}"
    if verdict == "cannot be told":
        said = f"whether learning {other} too helps or hurts the {own} cannot be told"
    else:
        said = f"learning {other} too {verdict} the {own}"
    return TaskEffect(
        architecture=joint.network.architecture,
        title=title,
        task=task,
        measure=name,
        joint=pair[0],
        alone=pair[1],
        difference=found.difference,
        low=found.low,
        high=found.high,
        p=found.p,
        method=found.method,
        verdict=verdict,
        sentence=f"{title}: {said} ({limits}).",
    )
