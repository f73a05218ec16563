"""The best number of layers to freeze: chosen on the validation folds, with how often another would have been."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from thyrosight.documents import Column, Figure, Measure, Row, Table, columns, drawings
from thyrosight.statistics import BestOf, best_of, groups_of_classes, too_few
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import Compared, compare_pairs
from thyrosight.studies.tested import Network
from thyrosight.studies.verdicts import best_candidate, in_classes

COMPARED = {"auc": "AUC", "accuracy": "Accuracy"}


@dataclass(frozen=True)
class BestDepth:
    """The depth with the best mean AUC over the validation folds, and how sure that is.

    Attributes:
        found: AUC, share of draws and folds of each depth (as text).
        words: whether the validation folds choose it.
        few: why shares of draws say nothing; empty where they do.
        against: AUC of the best on the test part minus that of the smallest and of the largest depth.
    """

    found: BestOf
    words: str
    against: dict[int, Compared]
    few: str = ""

    @property
    def depth(self) -> int:
        """Frozen layers."""
        return int(self.found.best)

    @property
    def share_of_draws(self) -> float | None:
        """In which share of bootstrap draws of the validation patients it is the best; None of too few patients."""
        return None if self.few else self.found.share[self.found.best]


def best_depth(networks: Mapping[int, Network], *, options: Evaluation) -> BestDepth:
    """The best of networks by their depth."""
    scores = {str(depth): network.validated() for depth, network in networks.items()}
    found, words = best_candidate(scores, options=options, what="depths")
    best = networks[int(found.best)]
    ends = [depth for depth in dict.fromkeys((min(networks), max(networks))) if networks[depth] is not best]
    compared = compare_pairs(
        [(best.outcomes(), networks[depth].outcomes()) for depth in ends],
        measure="auc",
        over=f"{len(ends)} comparison{'s' if len(ends) != 1 else ''}",
        options=options,
    )
    few = too_few(*groups_of_classes(next(iter(scores.values()))))
    return BestDepth(found, words, dict(zip(ends, compared, strict=True)), in_classes(few))


def shared_best(singles: Sequence[Mapping[int, Network]], *, options: Evaluation) -> int | None:
    """The depth with the best validation AUC, averaged over kinds of image; the smallest of equal depths.

    For inputs whose own depths are not tried.
    """
    if not singles:
        return None
    scores: dict[int, list[float]] = {}
    for networks in singles:
        own = {str(depth): network.validated() for depth, network in networks.items()}
        found = best_of(own, replicates=options.bootstrap, seed=options.seed)
        for depth, area in found.auc.items():
            scores.setdefault(int(depth), []).append(area)
    everywhere = {depth: sum(values) for depth, values in scores.items() if len(values) == len(singles)}
    return min(everywhere, key=lambda depth: (-everywhere[depth], depth)) if everywhere else None


def best_table(best: Mapping[str, BestDepth]) -> Table:
    """Which depth is best for each input (by its printed name), and how sure that is."""
    ends = sorted({depth for item in best.values() for depth in item.against})
    rows: list[Row] = []
    for name, item in best.items():
        found = item.found
        row: Row = {"input": name, "depth": item.depth, "validation_auc": found.auc[found.best]}
        row |= {"share_of_draws": item.share_of_draws, "likely": "" if item.few else ", ".join(found.likely)}
        row["best_in_folds"] = ", ".join(f"{depth} ({count})" for depth, count in found.folds.items() if count)
        for depth, one in item.against.items():
            row |= {f"to_{depth}": one.difference, f"p_{depth}": one.p, f"p_corrected_{depth}": one.p_corrected}
        rows.append(row)
    draws = next(iter(best.values())).found.replicates
    return Table(
        name="best-depths",
        caption="The depth with the best AUC on the validation folds, and whether they choose it",
        columns=(
            Column(key="input", title="Input"),
            Column(key="depth", title="Best", kind="count"),
            Column(key="validation_auc", title="Validation AUC, %", kind="percent"),
            Column(key="share_of_draws", title="Best in draws, %", kind="percent", digits=0),
            *columns("text", {"likely": "Depths that share 95 % of draws", "best_in_folds": "Best in folds"}),
            *(column for depth in ends for column in _to(depth)),
        ),
        rows=tuple(rows),
        notes=(
            *(
                ()
                if all(item.few for item in best.values())
                else (
                    f"Draws: {draws} bootstrap samples of the validation patients, in each of which the choice is made "
                    "anew. A long list of depths means that these patients do not tell them apart.",
                )
            ),
            "In brackets: number of folds.",
            *dict.fromkeys(f"No draws: {item.few}." for item in best.values() if item.few),
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
    rows: list[Row] = [
        {
            "input": name,
            "depth": int(depth),
            "share_of_draws": None if item.few else share,
            "best_in_folds": item.found.folds[depth],
        }
        for name, item in best.items()
        for depth, share in item.found.share.items()
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
        best: per input the depth with the best AUC on the validation folds.
    """
    curves: dict[str, list[drawings.Curve]] = {}
    for name, depths in means.items():
        for measure, title in COMPARED.items():
            found = [item[measure] for item in depths.values()]
            curve = drawings.Curve(
                name=name,
                x=tuple(depths),
                y=tuple(one.value for one in found),
                low=tuple(one.low for one in found),
                high=tuple(one.high for one in found),
                chosen=best[name].depth,
            )
            curves.setdefault(title, []).append(curve)
        if not best[name].few:
            shares = tuple(best[name].found.share[str(depth)] for depth in depths)
            curve = drawings.Curve(name=name, x=tuple(depths), y=shares)
            curves.setdefault("Share of draws in which best", []).append(curve)
    draws = ""
    if len(curves) > len(COMPARED):
        draws = " Right: in which share of bootstrap draws of the validation patients each depth was the best."
    return Figure(
        name="freeze-depth",
        caption=(
            "AUC and accuracy on the test part against the number of frozen layers, mean over the folds' networks with "
            f"95 % intervals; rings mark the depth chosen on the validation folds.{draws}"
        ),
        drawing=drawings.Lines(
            panels=tuple(
                drawings.LinePanel(curves=tuple(own), x="Frozen convolution layers", title=title, dots=True)
                for title, own in curves.items()
            )
        ),
        wide=True,
    )


def cost_table(without: Network, having: Network, *, title: str, kept: Mapping[str, str]) -> Table:
    """Two trainings beside each other, without and with the output of the frozen layers kept.

    Args:
        without, having: the networks; they must say the same of the test images.
        kept: per key of the networks whether the output was kept, in words.
    """
    networks = (without, having)
    histories = [[float(epoch["seconds"]) for epoch in one.tested[0].record["history"]] for one in networks]
    rows: list[Row] = []
    for network, seconds in zip(networks, histories, strict=True):
        row: Row = {"kept": kept[network.key], "epochs": len(seconds), "all": sum(seconds), "last_epoch": seconds[-1]}
        rows.append(row | {"images_per_second": float(network.tested[0].record["images_per_second"])})
    raw = [network.tested[0].raw["probability"].to_numpy() for network in networks]
    first, last = histories
    factor = first[-1] / last[-1] if last[-1] else float("nan")
    many = f"all {len(last)} epochs" if len(last) > 1 else "this one epoch"
    numbers = {"all": "Seconds in all", "last_epoch": "Seconds, last epoch", "images_per_second": "Images per second"}
    return Table(
        name="cost",
        caption=f"Training with and without kept activations ({title}; {having.trial.training.freeze} frozen)",
        columns=(
            Column(key="kept", title="Output of frozen layers"),
            Column(key="epochs", title="Epochs", kind="count"),
            *columns("number", numbers, digits=1),
        ),
        rows=tuple(rows),
        notes=(
            f"The last epoch took {last[-1]:.1f} s with the output of the frozen layers kept and {first[-1]:.1f} s "
            f"computing it anew ({factor:.2f} times as fast); {many}, with what it takes to make and store that "
            f"output, {sum(last):.1f} s and {sum(first):.1f} s. Their probabilities on the test images differ by at "
            f"most {float(np.abs(raw[0] - raw[1]).max()):.2g}.",
        ),
        source="",
    )
