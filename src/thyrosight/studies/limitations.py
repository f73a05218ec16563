"""Sentences that a reader must know before believing a result, derived from the facts of the study."""

from collections.abc import Mapping, Sequence

from thyrosight.cohort import Cohort
from thyrosight.studies.tested import RANDOM_START
from thyrosight.sweeps import TrialOutcome

SMALL = 100
"""Fewer groups of one class than this make an interval of an AUC wider than most decisions can bear."""


def limitations(
    *,
    label_sources: Sequence[str],
    split_kind: str,
    groups_benign: int,
    groups_malignant: int,
    single_source: bool = True,
) -> list[str]:
    """Sentences for the report, most important first.

    >>> for sentence in limitations(
    ...     label_sources=["TI-RADS"], split_kind="image-level", groups_benign=60, groups_malignant=300
    ... ):
    ...     print(sentence.split(":")[0])
    Labels are not pathology
    Patients are unknown
    Few benign cases
    No external data
    """
    found = []
    if "simulated" in label_sources:
        found.append("Simulated images: the figures show that the software works, not what it would do on patients.")
    if "TI-RADS" in label_sources:
        found.append(
            "Labels are not pathology: they follow radiologists' TI-RADS categories, so agreement with readers was "
            "measured, not the detection of cancer."
        )
    if "unstated" in label_sources:
        found.append("Labels of unstated origin: whether pathology confirmed them is not known.")
    if "groups ignored" in split_kind:
        found.append(
            "Divided by image, ignoring patients and duplicates: images of one patient stand on both sides, so these "
            "figures flatter the network. They show the size of that illusion and nothing else."
        )
    elif split_kind.startswith("image-level"):
        found.append(
            "Patients are unknown: near-duplicate images were kept together, but different images of one patient may "
            "stand on both sides of a division."
        )
    for name, count in (("benign", groups_benign), ("malignant", groups_malignant)):
        if count < SMALL:
            found.append(f"Few {name} cases: {count} groups; intervals are wide and subgroups cannot be judged.")
    if single_source:
        found.append("No external data: all images come from one collection; other scanners and hospitals may differ.")
    return found


def cohort_limitations(cohort: Cohort, split_kind: str, *, single_source: bool = True) -> list[str]:
    """Sentences that a reader must know before believing a result on this cohort."""
    groups = cohort.table.drop_duplicates("group")["label"].value_counts()
    return limitations(
        label_sources=list(cohort.label_sources),
        split_kind=split_kind,
        groups_benign=int(groups.get("benign", 0)),
        groups_malignant=int(groups.get("malignant", 0)),
        single_source=single_source,
    )


def random_starts(networks: Mapping[str, tuple[str, str]]) -> list[str]:
    """Say which networks were to start from ImageNet weights and could not.

    Args:
        networks: per title the weights that were asked for, and the start as it was (`Network.start`).

    >>> random_starts({"A": ("imagenet-if-present", "random weights"), "B": ("none", "random weights")})[0][:13]
    'A: ImageNet w'
    """
    titles = [
        title for title, (asked, start) in networks.items() if asked.startswith("imagenet") and start == RANDOM_START
    ]
    if not titles:
        return []
    return [
        f"{', '.join(titles)}: ImageNet weights were not on this machine, so training began from random weights, which "
        "costs accuracy; the command 'thyrosight models' lists them."
    ]


def why_no_main(outcomes: Mapping[str, TrialOutcome]) -> str:
    """Say why the main network could not be trained, so that there is nothing to report."""
    failed = [outcome for outcome in outcomes.values() if outcome.status == "failed"]
    reasons = "; ".join(f"{outcome.trial.name}: {outcome.error}" for outcome in failed[:3])
    return f"The main network could not be trained, so that there is nothing to report. {reasons}"
