"""Joint against alone: the effect of learning outlines and classes together on each of the two tasks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from thyrosight.documents import Column, Measure, Table
from thyrosight.statistics import DifferenceOverDivisions, difference_over_divisions
from thyrosight.studies.analyses.outlines import Outlined, dice_difference
from thyrosight.studies.base import Evaluation
from thyrosight.studies.tested import Network

Verdict = Literal["helps", "hurts", "cannot be told"]
_NAMES = {"auc": ("AUC", "AUC"), "accuracy": ("Accuracy", "accuracy"), "dice": ("Mean Dice", "mean Dice")}
"""Measures in the table, and in sentences."""


@dataclass(frozen=True)
class JointEffect:
    """The network that learns both tasks minus the one that learns `task` alone, in one measure.

    Attributes:
        architecture: of both networks.
        title: its printed name.
        task: classification or segmentation.
        measure: auc, accuracy or dice.
        joint, alone: the measure of each network.
        difference: joint minus alone, with its interval.
        p: of the difference.
    """

    architecture: str
    title: str
    task: str
    measure: str
    joint: float | None
    alone: float | None
    difference: Measure
    p: float

    @property
    def verdict(self) -> Verdict:
        """The side of zero on which the interval lies."""
        low, high = self.difference.low, self.difference.high
        return (
            "helps" if low is not None and low > 0 else "hurts" if high is not None and high < 0 else "cannot be told"
        )

    @property
    def sentence(self) -> str:
        """The effect in words."""
        found = self.difference
        other, own = ("outlines", "classification") if self.task == "classification" else ("classes", "outlines")
        limits = f"{found.value:+.3f} in {_NAMES[self.measure][1]}, interval {found.low:+.3f} to {found.high:+.3f}"
        if self.verdict == "cannot be told":
            return f"{self.title}: whether learning {other} too helps or hurts the {own} cannot be told ({limits})."
        return f"{self.title}: learning {other} too {self.verdict} the {own} ({limits})."


def joint_effects(
    networks: Sequence[Network],
    means: Mapping[str, Mapping[str, Measure]],
    outlines: Mapping[str, Outlined],
    *,
    options: Evaluation,
) -> list[JointEffect]:
    """Per architecture that was trained for both tasks and for one: AUC and accuracy, and mean Dice.

    Networks are compared only where first weights and training are the same.

    Args:
        networks: of all tasks.
        means: auc and accuracy of networks that tell classes, by key.
        outlines: of networks that draw them, by key.
        options: replicates and confidence of the intervals.
    """
    effects = []
    for joint in (network for network in networks if network.trial.task == "joint"):
        for alone in (network for network in networks if network.trial.task != "joint" and _alike(network, joint)):
            task = alone.trial.task
            for name in ("auc", "accuracy") if task == "classification" else ("dice",):
                if name == "dice":
                    pair = outlines[joint.key], outlines[alone.key]
                    values = [item.dice_mean.value for item in pair]
                    found = dice_difference(*pair, options=options)
                else:
                    values = [means[network.key][name].value for network in (joint, alone)]
                    found = _difference(joint, alone, measure=name, options=options)
                effects.append(
                    JointEffect(
                        architecture=joint.trial.architecture,
                        title=joint.title,
                        task=task,
                        measure=name,
                        joint=values[0],
                        alone=values[1],
                        difference=Measure.of(found),
                        p=found.p,
                    )
                )
    return effects


def _alike(a: Network, b: Network) -> bool:
    """Whether two networks differ in their task alone."""
    one, other = a.trial, b.trial
    return (one.architecture, one.weights, one.training) == (other.architecture, other.weights, other.training)


def _difference(a: Network, b: Network, *, measure: str, options: Evaluation) -> DifferenceOverDivisions:
    return difference_over_divisions(
        a.outcomes(),
        b.outcomes(),
        measure=measure,
        **options.bootstrapped,
    )


def effects_table(effects: Sequence[JointEffect]) -> Table:
    """Joint against alone."""
    return Table(
        name="joint-or-alone",
        caption="Does learning both tasks help or hurt each of them?",
        columns=(
            *(Column(key=key, hidden=True) for key in ("architecture", "task", "measure")),
            Column(key="title", title="Network"),
            Column(key="learnt", title="Task"),
            Column(key="measured", title="Measure"),
            Column(key="joint", title="Joint", kind="share"),
            Column(key="alone", title="Alone", kind="share"),
            Column(key="difference", title="Joint minus alone (95 % interval)", kind="difference"),
            Column(key="p", title="P", kind="p"),
            Column(key="verdict", title="Joint training"),
            Column(key="sentence", hidden=True),
        ),
        rows=tuple(
            {"architecture": item.architecture, "task": item.task, "measure": item.measure, "title": item.title}
            | {"learnt": "classes" if item.task == "classification" else "outlines"}
            | {"measured": _NAMES[item.measure][0], "joint": item.joint, "alone": item.alone}
            | {"difference": item.difference, "p": item.p, "verdict": item.verdict, "sentence": item.sentence}
            for item in effects
        ),
        notes=(
            "Same divisions, first weights of the encoder, order of images and training settings; the kept epoch is "
            "the one that is best for what was learnt.",
            "Intervals tell how much other patients might change the difference between these trained networks; "
            "another seed of training may change it too. P values are not corrected for their number.",
        ),
    )
