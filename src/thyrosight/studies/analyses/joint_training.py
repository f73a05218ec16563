"""Joint against alone: the effect of learning outlines and classes together on each of the two tasks."""

from collections.abc import Mapping, Sequence

from thyrosight.documents import Column, Measure, Row, Table, columns, hidden
from thyrosight.documents.cells import interval_with_level
from thyrosight.statistics import DifferenceOverDivisions, difference_over_divisions
from thyrosight.studies.analyses.outlines import Outlined, dice_difference
from thyrosight.studies.base import Evaluation
from thyrosight.studies.measures import Compared, corrected
from thyrosight.studies.tested import Network
from thyrosight.studies.verdicts import margin_note, verdict

FAILED = 0.1
"""A mean Dice below this is that of a network that does not outline lesions, whatever it differs from."""
_NAMES = {"auc": ("AUC", "AUC"), "accuracy": ("Accuracy", "accuracy"), "dice": ("Mean Dice", "mean Dice")}
"""Measures in the table, and in sentences."""


def joint_effects_table(
    networks: Sequence[Network],
    means: Mapping[str, Mapping[str, Measure]],
    outlines: Mapping[str, Outlined],
    *,
    options: Evaluation,
) -> Table | None:
    """Networks that learn both tasks minus those that learn one alone, with the verdict of each row in a sentence.

    Networks are compared only where architecture, first weights and training are the same; None where none are.

    Args:
        means: auc and accuracy of networks that tell classes, by key.
        outlines: of networks that draw them, by key.
    """
    compared: list[tuple[Network, str, list[float | None], DifferenceOverDivisions]] = []
    for joint in (network for network in networks if network.trial.task == "joint"):
        for alone in (network for network in networks if network.trial.task != "joint" and _alike(network, joint)):
            classes = alone.trial.task == "classification"
            for name in ("auc", "accuracy") if classes else ("dice",):
                if classes:
                    values = [means[network.key][name].value for network in (joint, alone)]
                    difference = difference_over_divisions(
                        joint.outcomes(), alone.outcomes(), measure=name, **options.bootstrapped
                    )
                else:
                    pair = outlines[joint.key], outlines[alone.key]
                    values = [item.dice_mean.value for item in pair]
                    difference = dice_difference(*pair, options=options)
                compared.append((joint, name, values, difference))
    corrections = corrected([item[-1] for item in compared], over=f"{len(compared)} rows")
    rows: list[Row] = [
        {"architecture": joint.trial.architecture, **effect(joint.title, name, values, one, options=options)}
        for (joint, name, values, _), one in zip(compared, corrections, strict=True)
    ]
    return _table(rows, options) if rows else None


def _alike(a: Network, b: Network) -> bool:
    """Whether two networks differ in their task alone."""
    one, other = a.trial, b.trial
    return (one.architecture, one.weights, one.training) == (other.architecture, other.weights, other.training)


def effect(title: str, measure: str, values: Sequence[float | None], found: Compared, *, options: Evaluation) -> Row:
    """The effect of joint training on one task: the verdict against the recipe's margin, and a sentence.

    Args:
        measure: auc or accuracy of the classes, or dice of the outlines.
        values: the measure of the network that learns both, and of the other.
        found: joint minus alone.
    """
    difference = found.difference
    other, own = ("classes", "outlines") if measure == "dice" else ("outlines", "classification")
    before, after = (f"{value:.3f}" if value is not None else "undefined" for value in reversed(values))
    limits = f"{_NAMES[measure][1]} {after} against {before}, difference {difference.value:+z.3f}"
    if interval := interval_with_level(difference, "difference"):
        limits = f"{_NAMES[measure][1]} {after} against {before}, difference {difference.value:+z.3f}, {interval}"
    reached = verdict(difference, options, p=found.p_corrected)
    said = _SAID[reached].format(other=other, own=own)
    if measure == "dice" and max(value or 0.0 for value in values) < FAILED:
        said += "; neither network outlines the lesions"
    return {
        "task": "segmentation" if measure == "dice" else "classification",
        "measure": measure,
        "title": title,
        "learnt": "outlines" if measure == "dice" else "classes",
        "measured": _NAMES[measure][0],
        "joint": values[0],
        "alone": values[1],
        "difference": difference,
        "p": found.p,
        "p_corrected": found.p_corrected,
        "verdict": reached,
        "sentence": f"{title}: {said} ({limits}).",
    }


_SAID = {
    "better": "learning {other} too helps the {own}",
    "worse": "learning {other} too hurts the {own}",
    "practically equal": "learning {other} too makes no difference that matters to the {own}",
    "cannot be told": "whether learning {other} too helps or hurts the {own} cannot be told",
}


def _table(rows: Sequence[Row], options: Evaluation) -> Table:
    return Table(
        name="joint-or-alone",
        caption="Does learning both tasks help or hurt each of them?",
        columns=(
            *hidden("architecture", "task", "measure"),
            *columns("text", {"title": "Network", "learnt": "Task", "measured": "Measure"}),
            *columns("share", {"joint": "Joint", "alone": "Alone"}),
            Column(key="difference", title="Joint minus alone (95 % interval)", kind="difference"),
            *columns("p", {"p": "P", "p_corrected": "P corrected"}),
            Column(key="verdict", title="Joint training"),
            *hidden("sentence"),
        ),
        rows=tuple(rows),
        notes=(
            "Same divisions, first weights of the encoder, order of images and training settings; the kept epoch is "
            "the one that is best for what was learnt.",
            "Intervals tell how much other patients might change the difference between these trained networks; "
            "another seed of training may change it too.",
            margin_note(options),
        ),
    )
