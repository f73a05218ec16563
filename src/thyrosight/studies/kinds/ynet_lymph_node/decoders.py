"""Y-Net's two decoders beside each other, where a recipe lists both: what each costs and how well it outlines."""

from collections.abc import Sequence

from thyrosight.documents import Column, Content, Items, Row, Table, columns, hidden, with_interval
from thyrosight.networks import branch_sizes
from thyrosight.statistics import DifferenceOverDivisions
from thyrosight.studies.analyses.outlines import Outlined, dice_difference
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import corrected
from thyrosight.studies.verdicts import better_or_worse, margin_note, verdict

PLAIN, RESIDUAL = "ynet", "ynet_residual"
_BLOCKS = {PLAIN: "pyramid pooling", RESIDUAL: "residual block, residual block with pyramid, pyramid pooling"}


def decoders(found: Sequence[Outlined], *, options: Evaluation) -> list[Content]:
    """Pairs of networks that differ in the decoder alone, in a table and in sentences; nothing where there are none.

    Args:
        found: the networks that outline.
    """
    pairs = [
        (plain, other)
        for plain in found
        for other in found
        if (plain.network.trial.architecture, other.network.trial.architecture) == (PLAIN, RESIDUAL)
        and _alike(plain, other)
    ]
    if not pairs:
        return []
    compared: list[DifferenceOverDivisions] = [dice_difference(other, plain, options=options) for plain, other in pairs]
    rows: list[Row] = []
    said: list[str] = []
    for (plain, other), one in zip(pairs, corrected(compared, over=_pairs(len(pairs))), strict=True):
        reached = verdict(one.difference, options, p=one.p_corrected)
        told = {"delta": one.difference, "p": one.p, "p_corrected": one.p_corrected, "verdict": reached}
        rows += [_row(plain), {**_row(other), **told}]
        said.append(
            f"{other.title}: mean Dice minus that of the decoder without blocks {with_interval(one.difference)}; "
            f"{better_or_worse('the decoder of the paper', reached)}."
        )
    return [Items(texts=tuple(said)), _table(rows, options)]


def _alike(plain: Outlined, other: Outlined) -> bool:
    """Whether two networks are trained alike."""
    one, another = plain.network.trial, other.network.trial
    return (one.task, one.weights, one.training) == (another.task, another.weights, another.training)


def _pairs(count: int) -> str:
    return "1 pair" if count == 1 else f"{count} pairs"


def _row(item: Outlined) -> Row:
    architecture = item.network.trial.architecture
    sizes = branch_sizes(item.network.tested[0].spec)
    return {
        "network": item.network.key,
        "title": item.title,
        "blocks": _BLOCKS[architecture],
        "parameters": sum(sizes.values()),
        "millions": sum(sizes.values()) / 1e6,
        "of_decoder": sizes["decoder"] / 1e6,
        "dice_mean": item.dice_mean,
        "dice_median": item.dice_median,
    }


def _table(rows: Sequence[Row], options: Evaluation) -> Table:
    return Table(
        name="decoders",
        caption="Decoders of Y-Net: what each costs, and how well it outlines",
        columns=(
            *hidden("network", "blocks"),
            Column(key="title", title="Network"),
            *hidden("parameters", kind="count"),
            *columns("number", {"millions": "Million parameters", "of_decoder": "of the decoder"}),
            *columns("share", {"dice_mean": "Mean Dice", "dice_median": "Median"}),
            Column(key="delta", title="Δ mean Dice", kind="difference"),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
            Column(key="verdict", title="Verdict"),
        ),
        rows=tuple(rows),
        notes=(
            "The paper writes that residual convolutional blocks and efficient spatial pyramid blocks encode and "
            "decode, and states neither their number nor their order: here one of each stands before pyramid pooling.",
            "Δ: minus the network above, which is trained alike, on the same images.",
            margin_note(options),
        ),
    )
