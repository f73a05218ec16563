"""Heat maps of the main network on test images, how faithful they are, and what shape the highlighted regions have."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.explain import compare_regions, deletion_scores, heat_maps, region_shapes, scale_rule, shared_scale
from thyrosight.statistics import Estimate, clustered_bootstrap
from thyrosight.studies.evaluate import Judged
from thyrosight.studies.recipe import ExplainOptions
from thyrosight.studies.result import ErrorCase, Example, Explanations, Measure, RegionComparison
from thyrosight.studies.units import Plan, Progress, trained_network
from thyrosight.studies.writing import write_arrays

NoduleBox = tuple[float, float, float, float]
METHOD = "Grad-CAM of the malignant logit (Selvaraju et al. 2017) at the last convolutional stage"
LEAST_HEAT_SHARE = 0.05
"""A map whose strongest heat is below this share of the common scale holds no region worth describing."""


@dataclass(frozen=True, eq=False)
class Explained:
    """What was explained, and the arrays that go into `explanations.npz`."""

    explanations: Explanations | None
    errors: list[ErrorCase]
    arrays: dict[str, npt.NDArray[Any]]

    def save(self, path: Path) -> None:
        """Write the pixels and maps that the report shows."""
        write_arrays(self.arrays, path)


def explain_study(plan: Plan, judged: list[Judged], options: ExplainOptions) -> Explained:
    """Explain the main network of a study on test images of its first division.

    Args:
        plan: of the study.
        judged: the main network's divisions; weights of the first were kept.
        options: what to explain.
    """
    first = judged[0]
    worst: list[ErrorCase] = []
    for item in judged:
        test = item.predictions.part("test")
        worst += worst_errors(test, division=item.unit.division.name, count=options.worst)
    worst = sorted(worst, key=lambda case: -abs(case.risk - (case.label == "malignant")))
    worst = list({case.group: case for case in reversed(worst)}.values())[::-1][: options.worst]
    arrays = {f"{case.key}/pixels": plan.prepared.select([case.key]).pixels[0] for case in worst}
    chosen = choose_images(first.predictions.part("test"), count=options.images, seed=plan.recipe.seed)
    if chosen.empty:
        return Explained(None, worst, arrays)
    found = _explain(plan, first, chosen, options)
    arrays |= found.arrays
    return Explained(found.explanations, worst, arrays)


def _explain(plan: Plan, judged: Judged, chosen: pd.DataFrame, options: ExplainOptions) -> Explained:
    """Maps, deletion scores and regions of the chosen images."""
    spec = judged.unit.spec
    network = trained_network(judged.unit)
    prepared = plan.prepared.select(chosen["key"])
    maps = heat_maps(network, spec, prepared.pixels, progress=_titled(plan, "Heat maps"))
    scores = deletion_scores(network, spec, prepared.pixels, maps, progress=_titled(plan, "Deletion test"))
    scale = shared_scale(maps)
    rows = chosen.assign(deletion=scores.heat, deletion_random=scores.random, place=np.arange(len(chosen)))
    examples = choose_examples(rows, count=options.examples)
    arrays: dict[str, npt.NDArray[Any]] = {}
    shown = [{str(name): value for name, value in row.items()} for row in examples.to_dict("records")]
    for row in shown:
        arrays[f"{row['key']}/pixels"] = prepared.pixels[row["place"]]
        arrays[f"{row['key']}/heat"] = maps[row["place"]]
    explanations = Explanations(
        network=judged.unit.network.architecture,
        division=judged.unit.division.name,
        method=METHOD,
        scale=scale,
        scale_rule=scale_rule(len(maps)),
        examples=[_example(row, judged.unit.division.name) for row in shown],
        regions=_regions(rows, maps, prepared.nodules, threshold=options.region_threshold, scale=scale),
        regions_note=(
            f"Region: pixels of at least {options.region_threshold:.0%} of the map's own strongest heat, the connected "
            f"part with the most heat; maps whose strongest heat is below {LEAST_HEAT_SHARE:.0%} of the common scale "
            "have none. One image per group; classes are the true ones."
        ),
        deletion=_mean_difference(scores.difference, chosen["group"], seed=plan.recipe.seed),
        explained=len(maps),
    )
    return Explained(explanations, [], arrays)


def _titled(plan: Plan, title: str) -> Progress:
    """The study's progress under another title."""
    return lambda _, done, total: plan.progress(title, done, total)


def _example(row: dict[str, Any], division: str) -> Example:
    return Example(
        key=row["key"],
        group=row["group"],
        label=row["label"],
        risk=row["risk"],
        predicted="malignant" if row["predicted"] else "benign",
        division=division,
        deletion=row["deletion"],
        deletion_random=row["deletion_random"],
    )


def _regions(
    rows: pd.DataFrame,
    maps: npt.NDArray[np.float32],
    nodules: tuple[NoduleBox | None, ...],
    *,
    threshold: float,
    scale: float,
) -> list[RegionComparison]:
    """Shape features compared between the true classes, one image per group so that tests see independent maps."""
    single = rows.drop_duplicates("group")
    shapes = {}
    for label, part in single.groupby("label"):
        places = part["place"].to_numpy()
        shapes[label] = region_shapes(
            maps[places], [nodules[i] for i in places], threshold=threshold, least_heat=LEAST_HEAT_SHARE * scale
        )
    compared = compare_regions(shapes.get("benign", []), shapes.get("malignant", []))
    return [
        RegionComparison(
            feature=item.feature,
            title=item.title,
            benign_median=item.benign_median,
            malignant_median=item.malignant_median,
            benign=list(item.benign),
            malignant=list(item.malignant),
            p=item.p,
            p_corrected=item.p_corrected,
            method=item.method,
        )
        for item in compared
    ]


def _mean_difference(difference: npt.NDArray[np.float64], groups: "pd.Series[Any]", *, seed: int) -> Measure:
    estimate: Estimate = clustered_bootstrap(
        lambda values: float(np.mean(values)), difference, cluster=groups.to_numpy(dtype=str), seed=seed
    )
    return Measure.of(estimate)


def worst_errors(test: pd.DataFrame, *, division: str, count: int) -> list[ErrorCase]:
    """The test images with the largest distance between risk and truth, one image per group."""
    wrong = test[test["truth"] != test["predicted"]]
    distance = (wrong["risk"] - wrong["truth"]).abs()
    chosen = wrong.loc[distance.sort_values(ascending=False, kind="stable").index]
    chosen = chosen.drop_duplicates("group").head(count)
    return [
        ErrorCase(key=row["key"], group=row["group"], label=row["label"], risk=row["risk"], division=division)
        for row in chosen.to_dict("records")
    ]


def choose_images(test: pd.DataFrame, *, count: int, seed: int) -> pd.DataFrame:
    """At most `count` test images, drawn from the seed, as many of each class as there are."""
    share = max(count // 2, 1)
    parts = [
        group.sample(min(len(group), share), random_state=np.random.RandomState(seed))
        for _, group in test.groupby("label")
    ]
    return pd.concat(parts).sort_index()


def choose_examples(explained: pd.DataFrame, *, count: int) -> pd.DataFrame:
    """Examples of each class: correctly judged ones, those nearest to the median risk of their class first.

    Typical images, not the most flattering ones: an extreme case says little about how the network works.
    """
    parts = []
    for _, group in explained[explained["truth"] == explained["predicted"]].groupby("label", sort=True):
        distance = (group["risk"] - group["risk"].median()).abs()
        ordered = group.loc[distance.sort_values(kind="stable").index].drop_duplicates("group")
        parts.append(ordered.head(count))
    return pd.concat(parts) if parts else explained.head(0)
