"""How well outlines agree with masks: every test's Dice, its quartiles, and what lesion size has to do with it."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from thyrosight.documents import DiceValues
from thyrosight.reports.figures.style import DASHES, FULL_WIDTH, HALF_WIDTH, INK, MUTED, SERIES, new_figure, styled

_LINES = {"color": INK, "linewidth": 1}


@styled
def figure_dice(networks: Sequence[DiceValues], *, failed_below: float) -> Figure:
    """Each network's Dice as a box over its quartiles with every test as a dot.

    Args:
        networks: one row each, from the top; at least one with at least one value.
        failed_below: a dashed line; dots below it are complete failures.
    """
    figure, axes = new_figure(FULL_WIDTH, 1.0 + 0.62 * len(networks))
    places = np.arange(len(networks), 0, -1)
    for place, network, colour in zip(places, networks, _colours(len(networks)), strict=True):
        values = np.asarray(network.dice, dtype=float)
        spread = np.random.default_rng(0).uniform(-0.27, 0.27, values.size)  # only keeps dots apart
        size, alpha = (3.2, 0.5) if values.size <= 300 else (2.4, 0.25)
        axes.plot(
            values, place + spread, linestyle="none", marker="o", markersize=size, alpha=alpha, color=colour, mew=0
        )
        axes.boxplot(
            [values],
            positions=[place],
            orientation="horizontal",
            widths=0.62,
            whis=(0, 100),
            boxprops=_LINES,
            whiskerprops=_LINES,
            capprops=_LINES,
            medianprops={"color": INK, "linewidth": 2.4},
        )
    axes.axvline(failed_below, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    names = [f"{network.name}\nmedian {np.median(network.dice):.3f}" for network in networks]
    axes.set_yticks(places, names)
    axes.set(xlim=(-0.02, 1.02), ylim=(0.4, len(networks) + 0.6), xlabel="Dice")
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    return figure


@styled
def figure_dice_by_size(network: DiceValues) -> Figure:
    """Dice against the share of the frame that the lesion covers, with the median of each quarter of the tests."""
    share, dice = np.asarray(network.share, dtype=float), np.asarray(network.dice, dtype=float)
    known = share > 0
    share, dice = 100 * share[known], dice[known]
    figure, axes = new_figure(HALF_WIDTH, 4.2)
    alpha = 0.5 if dice.size <= 300 else 0.25
    axes.plot(share, dice, linestyle="none", marker="o", markersize=3.6, alpha=alpha, color=SERIES[0], mew=0)
    ranks = np.argsort(np.argsort(share, kind="stable"), kind="stable")
    quarter = np.minimum(4 * ranks // max(share.size, 1), 3)
    for number in range(4):
        own = quarter == number
        if own.any():
            low, high = share[own].min(), share[own].max()
            axes.hlines(np.median(dice[own]), low, high, color=INK, linewidth=2.4)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.set(xlabel="Lesion, % of the frame", ylabel="Dice", ylim=(-0.02, 1.02))
    return figure


@styled
def figure_dice_history(networks: Mapping[str, Sequence[float]]) -> Figure:
    """Mean Dice by epoch, one line per network; the first value is that of epoch 1."""
    figure, axes = new_figure(HALF_WIDTH, 4.2 + 0.2 * len(networks))
    for place, (name, values) in enumerate(networks.items()):
        style = {"color": SERIES[place % len(SERIES)], "linestyle": DASHES[place % len(DASHES)]}
        axes.plot(range(1, len(values) + 1), values, marker="o" if len(values) < 2 else "", label=name, **style)
    axes.set(xlabel="Epoch", ylabel="Dice", ylim=(-0.02, 1.02))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.04, -0.15), handlelength=2.6)
    return figure


def _colours(count: int) -> list[str]:
    return [SERIES[place % len(SERIES)] for place in range(count)]
