"""Heat maps of a network on test images, how faithful they are, and the shape of the highlighted regions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.documents import (
    Column,
    Content,
    Figure,
    Measure,
    Table,
    columns,
    drawings,
    hidden,
    sentence,
)
from thyrosight.documents.cells import interval_with_level
from thyrosight.explain import (
    RegionComparison,
    compare_regions,
    deletion_scores,
    heat_maps,
    region_shapes,
    scale_rule,
    shared_scale,
)
from thyrosight.inference import HeatScale
from thyrosight.networks import ModelSpec, find_architecture
from thyrosight.progress import Progress
from thyrosight.statistics import mean_interval, verdict_of
from thyrosight.studies.analyses.one_risk import LEAST_RANGE, one_risk
from thyrosight.studies.execution import prepare_images
from thyrosight.studies.predictions import calibration_clause
from thyrosight.studies.recipe import ExplainOptions
from thyrosight.studies.tested import Network, Tested
from thyrosight.studies.trial import PLAIN, Setup
from thyrosight.studies.verdicts import few_groups

NoduleBox = tuple[float, float, float, float]
METHOD = "Grad-CAM of the malignant logit (Selvaraju et al. 2017) at the last convolutional stage"
LEAST_HEAT_SHARE = 0.05
"""A map whose strongest heat is below this share of the common scale holds no region worth describing."""


@dataclass(frozen=True, eq=False)
class HeatMaps:
    """Explanations of a network on test images of one division.

    Attributes:
        contents: the deletion test in words, examples above their heat maps, and the shape of the highlighted regions
            by true class, as far as they could be made.
        scale: of the heat maps.
        pictures: pixels and heat of the examples.
    """

    contents: Sequence[Content]
    scale: HeatScale
    pictures: dict[str, npt.NDArray[Any]]


def explain_network(
    setup: Setup[Any], tested: Tested, options: ExplainOptions, *, progress: Progress
) -> HeatMaps | None:
    """Explain a network on test images of its division; None without its weights, an image or a map to explain."""
    chosen = choose_images(tested.judged().part("test"), count=options.images, seed=setup.recipe.seed)
    if chosen.empty or not tested.keeps_weights or why_no_heat_maps(tested.spec):
        return None
    spec, network = tested.spec, tested.network()
    table = setup.cohort.table
    rows = table[table["key"].isin(chosen["key"])]
    prepared = prepare_images(setup, tested.trial, rows, view=PLAIN).select(chosen["key"])
    maps = heat_maps(network, spec, prepared.pixels, progress=_titled(progress, "Heat maps"))
    scores = deletion_scores(network, spec, prepared.pixels, maps, progress=_titled(progress, "Deletion test"))
    scale = shared_scale(maps)
    explained = chosen.assign(deletion=scores.heat, deletion_random=scores.random, place=np.arange(len(chosen)))
    examples = choose_examples(explained, count=options.examples)
    pictures: dict[str, npt.NDArray[Any]] = {}
    for key, place in zip(examples["key"], examples["place"], strict=True):
        pictures |= {f"{key}/pixels": prepared.pixels[place], f"{key}/heat": maps[place]}
    features = _features(explained, maps, prepared.nodules, threshold=options.region_threshold, scale=scale)
    groups = chosen["group"].to_numpy(dtype=str)
    difference = Measure.of(
        mean_interval(scores.difference, cluster=groups, confidence=setup.recipe.statistics.confidence)
    )
    rule = scale_rule(len(maps))
    contents = (
        faithfulness(difference, images=len(maps), effect=options.effect) or None,
        _maps_figure(examples, tested.trial.division, scale=scale, rule=rule),
        _regions_figure(features),
        _regions_table(features, threshold=options.region_threshold),
    )
    return HeatMaps(contents, HeatScale(value=scale, rule=rule), pictures)


def why_no_heat_maps(spec: ModelSpec) -> list[str]:
    """The sentence that says why a network cannot be explained by heat maps; none where it can."""
    entry = find_architecture(spec.architecture)
    return [] if entry.heat_map_layer else [f"{entry.title} gives no map of rows and columns: no heat maps were made."]


def _titled(progress: Progress, title: str) -> Progress:
    """The study's progress under another title."""
    return lambda _, done, total: progress(title, done, total)


def _maps_figure(examples: pd.DataFrame, division: str, *, scale: float, rule: str) -> Figure | None:
    if examples.empty:
        return None
    names = ["key", "label", "risk", "deletion", "deletion_random"]
    called = examples["predicted"].map({1: "malignant", 0: "benign"})
    records: list[dict[str, Any]] = examples[names].assign(predicted=called).to_dict("records")  # type: ignore[assignment]
    shown = [drawings.HeatExample(**record) for record in records]
    return Figure(
        name="heat-maps",
        caption=(
            f"Test images of {division} above their heat maps ({METHOD}). All maps share one scale ({rule}), so weak "
            "evidence looks weak. Deletion score: area under the probability of malignant while the hottest pixels are "
            "removed first; below that of random order for a faithful map."
        ),
        drawing=drawings.HeatMaps(scale=scale, examples=tuple(shown)),
        wide=True,
    )


def _features(
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
    found = compare_regions(shapes.get("benign", []), shapes.get("malignant", []))
    if few := few_groups(single):
        return [replace(item, p=None, p_corrected=None, method=f"not tested: {few}") for item in found]
    return list(found)


def _regions_figure(features: Sequence[RegionComparison]) -> Figure | None:
    shown = [
        drawings.RegionFeature(
            title=item.title, benign=tuple(item.benign), malignant=tuple(item.malignant), p_corrected=item.p_corrected
        )
        for item in features
        if item.benign or item.malignant
    ]
    if not shown:
        return None
    return Figure(
        name="regions",
        caption=(
            "Shape of the highlighted region by true class. Boxes: quartiles; P corrected for the number of features."
        ),
        drawing=drawings.Regions(features=tuple(shown)),
        wide=True,
    )


def _regions_table(features: Sequence[RegionComparison], *, threshold: float) -> Table | str | None:
    rows: list[dict[str, Any]] = [
        {"feature": item.feature, "title": item.title}
        | {"benign_median": item.benign_median, "benign_n": len(item.benign)}
        | {"malignant_median": item.malignant_median, "malignant_n": len(item.malignant)}
        | {"p": item.p, "p_corrected": item.p_corrected}
        for item in features
    ]
    if not rows:
        return None
    if not any(item.benign or item.malignant for item in features):
        return "No heat map holds a region whose shape could be compared."
    return Table(
        name="regions",
        caption="Shape of the highlighted region, benign against malignant",
        columns=(
            *hidden("feature"),
            Column(key="title", title="Feature"),
            Column(key="benign_median", title="Benign median", kind="number"),
            Column(key="benign_n", title="n", kind="count"),
            Column(key="malignant_median", title="Malignant median", kind="number"),
            Column(key="malignant_n", title="n", kind="count"),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
        ),
        rows=tuple(rows),
        notes=(
            *dict.fromkeys(sentence(item.method) for item in features),
            f"Region: pixels of at least {100 * threshold:.0f} % of the map's own strongest heat, the connected part "
            f"with the most heat; maps whose strongest heat is below {100 * LEAST_HEAT_SHARE:.0f} % of the common "
            "scale have none. One image per group; classes are the true ones.",
        ),
        source="",
    )


def faithfulness(difference: Measure, *, images: int, effect: float) -> str:
    """The deletion test in words.

    Args:
        difference: the mean score of the maps minus that of random order.
        effect: the smallest difference that matters; the whole interval must lie beyond it.
    """
    if difference.value is None:
        return ""
    start = (
        f"Deletion test on {images} test images: removing the hottest pixels first instead of pixels in random order "
        f"changed the probability by {difference.value:+z.3f} on average"
    )
    if difference.low is None or difference.high is None or difference.low == difference.high:
        return f"{start}. There is no interval, so nothing can be told of the maps; do not rely on them."
    found = verdict_of(-difference.high, -difference.low, margin=effect, confidence=difference.confidence)
    return f"{start} ({interval_with_level(difference, 'difference')})." + _FAITHFUL[found].format(effect=effect)


_FAITHFUL = {
    "better": (
        " It fell by more than {effect:g}, the smallest effect that matters: the maps point at what the network uses."
    ),
    "worse": " It rose by more than {effect:g}: the maps do not point at what the network uses; do not rely on them.",
    "practically equal": (
        " That is less than {effect:g} either way, the smallest effect that matters: what the maps point at makes no "
        "difference to the network; do not rely on them."
    ),
    "cannot be told": (
        " The interval does not lie beyond {effect:g}, the smallest effect that matters: it cannot be told whether the "
        "maps point at what the network uses; do not rely on them."
    ),
}


def worst_errors(
    setup: Setup[Any], network: Network, *, count: int
) -> tuple[Figure | str, dict[str, npt.NDArray[Any]]]:
    """The test images with the largest distance between risk and truth over all divisions, one per group.

    Returns:
        Their figure, or why there is none; and their pixels.
    """
    tests = [item.part("test") for item in network.judged()]
    if same := one_risk([test["risk"] for test in tests], title=network.title):
        return same, {}
    every = pd.concat(tests)
    wrong = every[every["truth"] != every["predicted"]]
    wrong = wrong.assign(distance=(wrong["risk"] - wrong["truth"]).abs())
    wrong = wrong.sort_values("distance", ascending=False, kind="stable").drop_duplicates("group")
    worst = wrong.head(count)
    if worst.empty:
        return "No test image was judged wrongly, or the recipe asked for none to be shown.", {}
    alike = int((wrong["distance"] >= worst["distance"].iloc[-1] - LEAST_RANGE).sum()) - len(worst)
    table = setup.cohort.table
    prepared = prepare_images(setup, network.trial, table[table["key"].isin(worst["key"])], view=PLAIN)
    shown = [
        drawings.GridPicture(picture=f"{key}/pixels", label=label, lines=(key, f"risk {risk:.2f}"))
        for key, label, risk in zip(worst["key"], worst["label"], worst["risk"], strict=True)
    ]
    figure = Figure(
        name="errors",
        caption=(
            f"The test images that {network.title} judged most wrongly: true label, and risk of malignancy "
            f"({calibration_clause(network.judged())})."
            + (f" {alike} further images are as wrong as the last one shown." if alike else "")
        ),
        drawing=drawings.PictureGrid(pictures=tuple(shown)),
        wide=True,
    )
    return figure, {f"{key}/pixels": prepared.select([key]).pixels[0] for key in worst["key"]}


def choose_images(test: pd.DataFrame, *, count: int, seed: int) -> pd.DataFrame:
    """At most `count` test images, drawn from the seed, as many of each class as there are."""
    share = min(max(count // 2, 1), count)
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
