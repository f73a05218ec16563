"""Joint against alone: the effect of learning outlines and classes together on each of the two tasks."""

from collections.abc import Mapping, Sequence

from thyrosight.documents import Column, Measure, Row, Table, columns, hidden
from thyrosight.statistics import difference_over_divisions
from thyrosight.studies.analyses.outlines import Outlined, dice_difference
from thyrosight.studies.base import Evaluation
from thyrosight.studies.tested import Network

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
    rows: list[Row] = []
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
                own: Row = {"architecture": joint.trial.architecture}
                rows.append(own | effect(joint.title, name, values, Measure.of(difference), difference.p))
    return _table(rows) if rows else None


def _alike(a: Network, b: Network) -> bool:
    """Whether two networks differ in their task alone."""
    one, other = a.trial, b.trial
    return (one.architecture, one.weights, one.training) == (other.architecture, other.weights, other.training)


def effect(title: str, measure: str, values: Sequence[float | None], difference: Measure, p: float) -> Row:
    """The effect of joint training on one task: the side of zero on which the interval lies, and a sentence.

    Args:
        measure: auc or accuracy of the classes, or dice of the outlines.
        values: the measure of the network that learns both, and of the other.
        difference, p: joint minus alone.
    """
    low, high = difference.low, difference.high
    verdict = "helps" if low is not None and low > 0 else "hurts" if high is not None and high < 0 else "cannot be told"
    other, own = ("classes", "outlines") if measure == "dice" else ("outlines", "classification")
    limits = f"{difference.value:+.3f} in {_NAMES[measure][1]}, interval {low:+.3f} to {high:+.3f}"
    words = f"learning {other} too {verdict} the {own} ({limits})."
    if verdict == "cannot be told":
        words = f"whether learning {other} too helps or hurts the {own} cannot be told ({limits})."
    return {
        "task": "segmentation" if measure == "dice" else "classification",
        "measure": measure,
        "title": title,
        "learnt": "outlines" if measure == "dice" else "classes",
        "measured": _NAMES[measure][0],
        "joint": values[0],
        "alone": values[1],
        "difference": difference,
        "p": p,
        "verdict": verdict,
        "sentence": f"{title}: {words}",
    }


def _table(rows: Sequence[Row]) -> Table:
    return Table(
        name="joint-or-alone",
        caption="Does learning both tasks help or hurt each of them?",
        columns=(
            *hidden("architecture", "task", "measure"),
            *columns("text", {"title": "Network", "learnt": "Task", "measured": "Measure"}),
            *columns("share", {"joint": "Joint", "alone": "Alone"}),
            Column(key="difference", title="Joint minus alone (95 % interval)", kind="difference"),
            Column(key="p", title="P", kind="p"),
            Column(key="verdict", title="Joint training"),
            *hidden("sentence"),
        ),
        rows=tuple(rows),
        notes=(
            "Same divisions, first weights of the encoder, order of images and training settings; the kept epoch is "
            "the one that is best for what was learnt.",
            "Intervals tell how much other patients might change the difference between these trained networks; "
            "another seed of training may change it too. P values are not corrected for their number.",
        ),
    )
