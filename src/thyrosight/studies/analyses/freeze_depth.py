"""The best number of layers to freeze: chosen on the validation folds, with how often another would have been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from thyrosight.documents import Column, Figure, Measure, Table, drawings
from thyrosight.statistics import best_of
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import Compared, compare_pairs
from thyrosight.studies.tested import Network

Name = TypeVar("Name", bound=str)
COMPARED = {"auc": "AUC", "accuracy": "Accuracy"}


@dataclass(frozen=True)
class BestDepth:
    """The depth with the best mean AUC over the validation folds, and how sure that is.

    Attributes:
        depth: frozen layers.
        validation_auc: its mean AUC on the validation folds.
        share_of_draws: per depth in which share of bootstrap draws of the validation patients it is the best.
        likely: the fewest depths that share 95 % of the draws.
        best_in_folds: per depth the number of folds in which it is the best.
        draws: number of bootstrap draws.
        against: AUC of the best on the test part minus that of the smallest and of the largest depth.
    """

    depth: int
    validation_auc: float
    share_of_draws: dict[int, float]
    likely: tuple[int, ...]
    best_in_folds: dict[int, int]
    draws: int
    against: dict[int, Compared]


def best_depths(trained: Mapping[Name, Mapping[int, Network]], *, options: Evaluation) -> dict[Name, BestDepth]:
    """The best depth of each input.

    Args:
        trained: per input the networks by depth.
        options: replicates and confidence.
    """
    return {name: _best(networks, options=options) for name, networks in trained.items()}


def _best(networks: Mapping[int, Network], *, options: Evaluation) -> BestDepth:
    scores = {str(depth): network.validated() for depth, network in networks.items()}
    found = best_of(scores, replicates=options.bootstrap, seed=options.seed)
    best = int(found.best)
    ends = [depth for depth in dict.fromkeys((min(networks), max(networks))) if depth != best]
    compared = compare_pairs(
        [(networks[best].outcomes(), networks[depth].outcomes()) for depth in ends],
        measure="auc",
        over=f"{len(ends)} comparison{'s' if len(ends) != 1 else ''}",
        options=options,
    )
    return BestDepth(
        depth=best,
        validation_auc=found.auc[found.best],
        share_of_draws={int(depth): share for depth, share in found.share.items()},
        likely=tuple(int(name) for name in found.likely),
        best_in_folds={int(depth): count for depth, count in found.folds.items()},
        draws=found.replicates,
        against=dict(zip(ends, compared, strict=True)),
    )


def shared_best(singles: Sequence[Mapping[int, Network]]) -> int | None:
    """The depth with the best validation AUC, averaged over kinds of image; the smallest of equal depths.

    For inputs whose own depths are not tried.
    """
    if not singles:
        return None
    scores: dict[int, list[float]] = {}
    for networks in singles:
        found = best_of({str(depth): network.validated() for depth, network in networks.items()}, replicates=200)
        for depth, area in found.auc.items():
            scores.setdefault(int(depth), []).append(area)
    everywhere = {depth: sum(values) for depth, values in scores.items() if len(values) == len(singles)}
    return min(everywhere, key=lambda depth: (-everywhere[depth], depth)) if everywhere else None


def best_table(best: Mapping[str, BestDepth]) -> Table:
    """Which depth is best for each input (by its printed name), and how sure that is."""
    ends = sorted({depth for item in best.values() for depth in item.against})
    rows: list[dict[str, Any]] = []
    for name, item in best.items():
        row: dict[str, Any] = {
            "input": name,
            "depth": item.depth,
            "validation_auc": item.validation_auc,
            "share_of_draws": item.share_of_draws[item.depth],
            "likely": ", ".join(map(str, item.likely)),
            "best_in_folds": ", ".join(f"{depth} ({count})" for depth, count in item.best_in_folds.items() if count),
        }
        for depth, found in item.against.items():
            row |= {f"to_{depth}": found.difference, f"p_{depth}": found.p, f"p_corrected_{depth}": found.p_corrected}
        rows.append(row)
    draws = next(iter(best.values())).draws
    return Table(
        name="best-depths",
        caption="The depth that the validation folds speak for",
        columns=(
            Column(key="input", title="Input"),
            Column(key="depth", title="Best", kind="count"),
            Column(key="validation_auc", title="Validation AUC, %", kind="percent"),
            Column(key="share_of_draws", title="Best in draws, %", kind="percent", digits=0),
            Column(key="likely", title="Depths that share 95 % of draws"),
            Column(key="best_in_folds", title="Best in folds"),
            *(column for depth in ends for column in _to(depth)),
        ),
        rows=tuple(rows),
        notes=(
            f"Draws: {draws} bootstrap samples of the validation patients, in each of which the choice is made anew. "
            "A long list of depths means that these patients do not tell them apart. In brackets: number of folds.",
            *(("Δ: on the test part, which had no say in the choice.",) if ends else ()),
        ),
    )


def _to(depth: int) -> tuple[Column, ...]:
    return (
        Column(key=f"to_{depth}", title=f"Δ AUC, % to {depth} layers frozen", kind="points"),
        Column(key=f"p_{depth}", title="P", kind="p"),
        Column(key=f"p_corrected_{depth}", title="corrected", kind="p", under=f"p_{depth}"),
    )


def draws_table(best: Mapping[str, BestDepth]) -> Table:
    """How often each depth was the best, for CSV."""
    rows: list[dict[str, Any]] = [
        {"input": name, "depth": depth, "share_of_draws": share, "best_in_folds": item.best_in_folds[depth]}
        for name, item in best.items()
        for depth, share in item.share_of_draws.items()
    ]
    return Table(
        name="depth-draws",
        caption="How often each depth was the best",
        columns=(
            Column(key="input", title="Input"),
            Column(key="depth", title="Frozen", kind="count"),
            Column(key="share_of_draws", title="Best in draws, %", kind="percent"),
            Column(key="best_in_folds", title="Best in folds", kind="count"),
        ),
        rows=tuple(rows),
    )


def depth_figure(means: Mapping[str, Mapping[int, Mapping[str, Measure]]], best: Mapping[str, BestDepth]) -> Figure:
    """AUC and accuracy against the frozen layers, and how often each was best.

    Args:
        means: per input (its printed name) and depth the measures on the test part.
        best: per input the depth that the validation folds speak for.
    """
    panels = [_measured(title, measure, means, best) for measure, title in COMPARED.items()]
    shares = [
        drawings.Curve(name=name, x=tuple(depths), y=tuple(best[name].share_of_draws[depth] for depth in depths))
        for name, depths in means.items()
    ]
    x, title = "Frozen convolution layers", "Share of draws in which best"
    panels.append(drawings.LinePanel(curves=tuple(shares), x=x, title=title, bottom=0, dots=True))
    return Figure(
        name="freeze-depth",
        caption=(
            "AUC and accuracy on the test part against the number of frozen layers, mean over the folds' networks with "
            "95 % intervals; rings mark the depth chosen on the validation folds. Right: in which share of bootstrap "
            "draws of the validation patients each depth was the best."
        ),
        drawing=drawings.Lines(panels=tuple(panels)),
        wide=True,
    )


def _measured(
    title: str, measure: str, means: Mapping[str, Mapping[int, Mapping[str, Measure]]], best: Mapping[str, BestDepth]
) -> drawings.LinePanel:
    """A measure of each input by depth."""
    curves = []
    for name, depths in means.items():
        found = [item[measure] for item in depths.values()]
        limits = {"low": tuple(one.low for one in found), "high": tuple(one.high for one in found)}
        y = tuple(one.value for one in found)
        curves.append(drawings.Curve(name=name, x=tuple(depths), y=y, **limits, chosen=best[name].depth))
    x = "Frozen convolution layers"
    return drawings.LinePanel(curves=tuple(curves), x=x, title=title, dots=True)


def cost_table(without: Network, having: Network, *, title: str, kept: Mapping[str, str]) -> Table:
    """Two trainings beside each other, without and with the output of the frozen layers kept.

    Args:
        without, having: the networks; they must say the same of the test images.
        title: of the network.
        kept: per key of the networks whether the output was kept, in words.
    """
    rows = [_cost_row(network, kept[network.key]) for network in (without, having)]
    raw = [network.tested[0].raw["probability"].to_numpy() for network in (without, having)]
    differ = float(np.abs(raw[0] - raw[1]).max())
    first, last = rows
    factor = first["last_epoch"] / last["last_epoch"] if last["last_epoch"] else float("nan")
    many = f"all {last['epochs']} epochs" if last["epochs"] > 1 else "this one epoch"
    return Table(
        name="cost",
        caption=f"Training with and without kept activations ({title}, {having.trial.training.freeze} frozen)",
        columns=(
            Column(key="kept", title="Output of frozen layers"),
            Column(key="epochs", title="Epochs", kind="count"),
            Column(key="all", title="Seconds in all", kind="number", digits=1),
            Column(key="last_epoch", title="Seconds, last epoch", kind="number", digits=1),
            Column(key="images_per_second", title="Images per second", kind="number", digits=1),
        ),
        rows=tuple(rows),
        notes=(
            f"The last epoch took {last['last_epoch']:.1f} s with the output of the frozen layers kept and "
            f"{first['last_epoch']:.1f} s computing it anew ({factor:.2f} times as fast); {many}, with what it takes "
            f"to make and store that output, {last['all']:.1f} s and {first['all']:.1f} s. Their probabilities on the "
            f"test images differ by at most {differ:.2g}.",
        ),
        source="",
    )


def _cost_row(network: Network, kept: str) -> dict[str, Any]:
    record = network.tested[0].record
    seconds = [float(epoch["seconds"]) for epoch in record["history"]]
    return {
        "kept": kept,
        "epochs": len(seconds),
        "all": sum(seconds),
        "last_epoch": seconds[-1],
        "images_per_second": float(record["images_per_second"]),
    }
