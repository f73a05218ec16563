"""How training went, averaged over the divisions."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from thyrosight.documents import EpochMean
from thyrosight.reports.figures.style import DASHES, FULL_WIDTH, SERIES, new_figure, styled


@styled
def figure_training(networks: Mapping[str, Sequence[EpochMean]]) -> Figure:
    """Losses of the first network with their spread, beside the validation AUC of every network."""
    figure, (losses, areas) = new_figure(FULL_WIDTH, 3.5, ncols=2)
    name, history = next(iter(networks.items()))
    epochs = [point.epoch for point in history]
    for values, spread, label, place in (
        ([p.train_loss for p in history], [p.train_loss_spread for p in history], "training part", 0),
        ([p.validation_loss for p in history], [p.validation_loss_spread for p in history], "validation part", 1),
    ):
        _line(losses, epochs, values, spread, label=label, place=place, band=True)
    losses.set(xlabel="Epoch", ylabel="Loss", title=f"Loss of {name}")
    losses.set_ylim(bottom=0)
    losses.legend()
    for place, (title, points) in enumerate(networks.items()):
        known = [point for point in points if point.validation_auc is not None]
        _line(
            areas,
            [point.epoch for point in known],
            [float(point.validation_auc or 0) for point in known],
            [float(point.validation_auc_spread or 0) for point in known],
            label=title,
            place=place,
            band=place == 0,
        )
    areas.set(xlabel="Epoch", ylabel="AUC", title="AUC on the validation part")
    areas.legend(fontsize=9)
    for axes in (losses, areas):
        axes.xaxis.get_major_locator().set_params(integer=True)
    return figure


def _line(
    axes: Axes,
    x: Sequence[int],
    y: Sequence[float],
    spread: Sequence[float],
    *,
    label: str,
    place: int,
    band: bool,
) -> None:
    """A mean curve, with a band of one standard deviation."""
    colour = SERIES[place % len(SERIES)]
    if band:
        middle, half = np.asarray(y), np.asarray(spread)
        axes.fill_between(x, middle - half, middle + half, color=colour, alpha=0.15, linewidth=0)
    marker = "o" if len(x) == 1 else None
    axes.plot(x, y, color=colour, linestyle=DASHES[place % len(DASHES)], marker=marker, label=label)
