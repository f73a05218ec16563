"""Networks beside one another: measures with intervals, and each division."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from thyrosight.documents import Measure
from thyrosight.reports.figures.style import FULL_WIDTH, INK, MARKERS, MUTED, PAPER, SERIES, new_figure, styled


@styled
def figure_measures(
    networks: Mapping[str, Sequence[Measure | None]], measures: Sequence[str], *, chance: float = 0.5
) -> Figure:
    """Bars of each measure for each network, with 95 % intervals.

    Args:
        networks: for each network's name, one bar per measure.
        measures: printed names of the measures.
        chance: a dashed level; AUC and balanced accuracy of a guess.
    """
    figure, axes = new_figure(FULL_WIDTH, 4.2)
    width = 0.8 / max(len(networks), 1)
    for place, (name, bars) in enumerate(networks.items()):
        x = np.arange(len(measures)) + (place - (len(networks) - 1) / 2) * width
        values, low, high = (
            np.array([np.nan if bar is None else getattr(bar, part) for bar in bars], dtype=float)
            for part in ("value", "low", "high")
        )
        colour = SERIES[place % len(SERIES)]
        axes.bar(x, np.nan_to_num(values), width * 0.9, color=colour, alpha=0.85, label=name, linewidth=0)
        spread = np.abs(np.vstack([values - low, high - values]))
        axes.errorbar(x, values, yerr=spread, fmt="none", ecolor=INK, elinewidth=1.2, capsize=2.2, capthick=1.2)
    axes.axhline(chance, color=MUTED, linewidth=1, linestyle=(0, (4, 3)))
    axes.set_xticks(np.arange(len(measures)), [_wrap(name) for name in measures])
    axes.set(ylim=(0, 1.02), ylabel="Mean over divisions")
    axes.set_yticks(np.linspace(0, 1, 6))
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    figure.legend(loc="outside upper left", ncols=min(len(networks), 5), handlelength=1.2)
    return figure


@styled
def figure_divisions(networks: Mapping[str, Sequence[float | None]], *, measure: str) -> Figure:
    """One dot per division and network, a bar at the mean; thin lines join the same division.

    Args:
        networks: for each network's name, the measure on each division in one order.
        measure: printed name of the measure.
    """
    figure, axes = new_figure(FULL_WIDTH, 3.6)
    values = np.array([[np.nan if v is None else v for v in found] for found in networks.values()], dtype=float)
    place = np.arange(len(networks))
    for division in values.T:
        axes.plot(place, division, color=MUTED, linewidth=0.6, alpha=0.5, zorder=1)
    for index, found in enumerate(values):
        axes.plot(
            np.full(found.size, place[index]),
            found,
            linestyle="none",
            marker=MARKERS[index % len(MARKERS)],
            markersize=7,
            markeredgecolor=PAPER,
            color=SERIES[index % len(SERIES)],
            zorder=3,
        )
        if np.isfinite(found).any():
            axes.hlines(np.nanmean(found), index - 0.22, index + 0.22, color=INK, linewidth=2, zorder=2)
    axes.set_xticks(place, [_wrap(name) for name in networks])
    axes.set(ylabel=measure, xlim=(-0.6, len(networks) - 0.4))
    axes.margins(y=0.12)
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)
    return figure


def _wrap(name: str) -> str:
    """Break a long name at its first space, so that names beside one another do not touch."""
    return name.replace(" ", "\n", 1) if len(name) > 12 else name
