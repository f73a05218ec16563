"""Outlines that networks drew against the masks of a cohort: Dice, IoU, distance, failures, and what goes with them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd

from thyrosight.documents import Column, Distribution, Figure, Figures, Measure, Table, columns, drawings, hidden
from thyrosight.statistics import (
    DifferenceOverDivisions,
    clustered_bootstrap,
    exact_limits,
    gee_proportion,
    paired_mean_difference,
    too_few_together,
    unseen_share,
)
from thyrosight.statistics.resampling.divisions import ALIKE, EXACT
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import distribution
from thyrosight.studies.tested import Network


@dataclass(frozen=True, eq=False)
class Outlined:
    """A network with the measures of its outlines over all tests, in the frames.

    Each division tests the same images or others; a mean over all tests is the mean over divisions where they are the
    same. Intervals draw whole patients (or groups), each with all tests of its images.

    Attributes:
        drawn: a row for each test, with the columns of `outlines.csv` and the name of the division.
        dice_mean, dice_median: with intervals; the mean also with its spread over the divisions.
        failed: share of tests with a Dice below `failed_below`.
    """

    network: Network
    title: str
    drawn: pd.DataFrame
    dice_mean: Measure
    dice_median: Measure
    failed: Measure
    failed_below: float

    @property
    def sizes(self) -> dict[str, int]:
        """Numbers of tests (images times divisions that tested them), images and groups."""
        images, groups = (int(self.drawn[name].nunique()) for name in ("key", "group"))
        return {"tests": len(self.drawn), "images": images, "groups": groups}

    @property
    def counts(self) -> dict[str, int]:
        """Tests with a lesion in which nothing was marked, tests without one, and those of them that were marked."""
        lesion, marked = self.drawn["true_pixels"] > 0, self.drawn["found_pixels"] > 0
        return {
            "found_nothing": int((lesion & ~marked).sum()),
            "without_lesion": int((~lesion).sum()),
            "marked_nothing_there": int((~lesion & marked).sum()),
        }

    def spread(self, column: str) -> Distribution:
        """Quartiles and range of dice, iou, hd95_pixels or hd95_mm over the tests that define it."""
        return distribution(self.drawn[column])

    def values(self) -> drawings.DiceValues:
        """Dice of each test, and the share of the frame that the lesion covers, for figures."""
        sides = self.drawn["frame"].str.split(" x ", expand=True).astype(float)
        shares = (self.drawn["true_pixels"] / (sides[0] * sides[1])).round(5)
        return drawings.DiceValues(name=self.title, dice=tuple(self.drawn["dice"].round(4)), share=tuple(shares))


def outlined(
    network: Network, *, title: str, failed_below: float, options: Evaluation, drawn: pd.DataFrame | None = None
) -> Outlined:
    """Measure outlines of a network, by default those of its test parts; one with a Dice lower than `failed_below` is a
    complete failure."""
    drawn = network.outlines() if drawn is None else drawn
    dice, cluster = drawn["dice"].to_numpy(dtype=float), drawn["group"].to_numpy(dtype=str)
    common = {"cluster": cluster, **options.bootstrapped}
    means = drawn.groupby("division")["dice"].mean()
    between = {"spread": float(means.std(ddof=1)), "divisions": len(means)} if len(means) > 1 else {}
    few = _few(drawn)
    mean, median = (Measure.of(clustered_bootstrap(what, dice, **common)) for what in (np.mean, np.median))
    if few or mean.low is None:
        mean = _exact(mean, drawn, options, why=few or ALIKE)
    if few:
        median = median.model_copy(update={"low": None, "high": None, "method": f"no interval: {few}"})
    failed = gee_proportion((dice < failed_below).astype(int), cluster, confidence=options.confidence)
    return Outlined(
        network=network,
        title=title,
        drawn=drawn,
        dice_mean=mean.model_copy(update=between),
        dice_median=median,
        failed=_exact(Measure.of(failed), drawn, options, why=few) if few else Measure.of(failed),
        failed_below=failed_below,
    )


def _few(drawn: pd.DataFrame) -> str:
    """Why the groups of outlines bear no bootstrap and no P value; empty where they do."""
    return too_few_together(int(drawn["group"].nunique()))


def _exact(measure: Measure, drawn: pd.DataFrame, options: Evaluation, *, why: str) -> Measure:
    """A mean of numbers from 0 to 1 with its exact interval."""
    assert measure.value is not None, "every test has a Dice"
    low, high = exact_limits(measure.value, int(drawn["group"].nunique()), confidence=options.confidence)
    return measure.model_copy(update={"low": low, "high": high, "se": None, "method": f"{EXACT}: {why}"})


def dice_difference(a: Outlined, b: Outlined, *, options: Evaluation) -> DifferenceOverDivisions:
    """Mean Dice of one network minus that of another, on the same images of the same divisions."""
    place = ["division", "key"]
    both = a.drawn.merge(b.drawn[[*place, "dice"]], on=place, suffixes=("_a", "_b"), validate="one_to_one")
    found = paired_mean_difference(
        both["dice_a"].to_numpy(),
        both["dice_b"].to_numpy(),
        cluster=both["group"].to_numpy(str),
        **options.bootstrapped,
    )
    words = f"{found.method} of {found.n} tests of {both['key'].nunique()} images"
    low, high = found.low, found.high
    if math.isnan(low):
        # Nobody's outlines differ: those of a share of other patients may, by up to 1.
        share = unseen_share(int(both["group"].nunique()), confidence=options.confidence)
        low, high = max(-1.0, found.difference - share), min(1.0, found.difference + share)
        words = f"{EXACT}: {ALIKE}"
    return DifferenceOverDivisions(found.difference, low, high, found.p, words)


def outlines_table(
    found: Sequence[Outlined],
    *,
    strong: int | None = None,
    name: str = "outlines",
    caption: str = "",
    of: str = "Network",
) -> Table:
    """Dice, IoU, distance and failures of each network; `strong` is the place of the main one.

    Args:
        name, caption, of: of a table of one network on several sets.
    """
    first = found[0]
    sizes = first.sizes
    in_mm = any(item.drawn["hd95_mm"].notna().any() for item in found)
    of_test = (
        f"Outlines of the test images ({sizes['tests']} tests of {sizes['images']} images of {sizes['groups']} groups)"
    )
    return Table(
        name=name,
        caption=caption or of_test,
        columns=(
            *hidden("network"),
            Column(key="title", title=of),
            *columns("share", {"dice_mean": "Mean Dice", "dice_median": "Median"}),
            Column(key="dice", title="Quartiles and range", kind="quartiles"),
            Column(key="iou", title="Median IoU", kind="median"),
            Column(key="hd95_pixels", title="Median HD95, pixels", kind="median", digits=1),
            Column(key="hd95_mm", title="Median HD95, mm", kind="median", digits=1, hidden=not in_mm),
            Column(key="failed", title=f"Dice < {first.failed_below:g}, %", kind="percent"),
            Column(key="found_nothing", title="Found nothing", kind="count"),
            *hidden("without_lesion", "marked_nothing_there", "tests", kind="count"),
            *(
                Column(key=key, title=key.capitalize() if caption else "", kind="count", hidden=not caption)
                for key in ("images", "groups")
            ),
        ),
        rows=tuple(
            {"network": item.network.key, "title": item.title, "failed": item.failed}
            | {"dice_mean": item.dice_mean, "dice_median": item.dice_median}
            | {name: item.spread(name) for name in ("dice", "iou", "hd95_pixels", "hd95_mm")}
            | item.counts
            | item.sizes
            for item in found
        ),
        notes=tuple(_outlines_notes(first)),
        strong=strong,
    )


def _outlines_notes(found: Outlined) -> list[str]:
    """How outlines were measured; numbers are those of the first network."""
    between = "" if found.dice_mean.spread is None else " ± is the standard deviation between divisions."
    known = found.spread("hd95_mm").n
    in_mm = f" In mm for the {known} whose pixel spacing is known." if known else ""
    counts = found.counts
    notes = [
        "Measured in the frame: the network's mask is put back, cut at one half and freed from specks, as thyrosight "
        f"segment gives it. Below medians of IoU and HD95: quartiles.{between}",
        "HD95: 95 % Hausdorff distance, the larger of the two directed 95th percentiles, of the "
        f"{found.spread('hd95_pixels').n} tests in which both masks mark something ({found.title}), in "
        f"pixels of the frame.{in_mm} Where nothing was found there is no distance, so it flatters networks that fail.",
    ]
    if counts["without_lesion"]:
        notes.append(
            f"{counts['without_lesion']} tests have no lesion, in {counts['marked_nothing_there']} of which "
            f"{found.title} marked one."
        )
    return notes


def dice_figures(found: Sequence[Outlined]) -> list[Figure | Figures]:
    """Box plot with every test as a dot; Dice of the first network by the size of the lesion; and Dice by epoch."""
    first, values = found[0], [item.values() for item in found]
    box = Figure(
        name="dice",
        caption=(
            f"Dice of every test ({first.sizes['tests']} tests of {first.sizes['images']} images): box at the "
            "quartiles, whiskers over the whole range, heavy line at the median; left of the dashed line "
            f"({first.failed_below:g}) an outline is a complete failure (the paper's Figure 3)"
        ),
        drawing=drawings.Dice(networks=tuple(values), failed_below=first.failed_below),
        wide=True,
    )
    if not any(share > 0 for share in values[0].share):
        return [box]
    by_size = Figure(
        name="dice-by-size",
        caption=f"Dice of {first.title} by the size of the lesion; lines: the median of each quarter of the tests",
        drawing=drawings.DiceBySize(network=values[0]),
    )
    history = Figure(
        name="dice-history",
        caption=(
            "Mean Dice of the validation part by epoch, measured at the network's size, mean over the divisions that "
            "reached it"
        ),
        drawing=drawings.Lines(
            panels=(
                drawings.LinePanel(
                    curves=tuple(_history(item) for item in found), x="Epoch", y="Dice", bottom=-0.02, top=1.02
                ),
            )
        ),
    )
    return [box, Figures(items=(by_size, history))]


def _history(found: Outlined) -> drawings.Curve:
    """Mean validation Dice of each epoch over the divisions that reached it."""
    histories = ([epoch.get("validation_dice") for epoch in item.record["history"]] for item in found.network.tested)
    known = [[value for value in epoch if value is not None] for epoch in zip_longest(*histories)]
    means = tuple(float(np.mean(values)) for values in known if values)
    return drawings.Curve(name=found.title, x=tuple(map(float, range(1, len(means) + 1))), y=means)
