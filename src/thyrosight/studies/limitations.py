"""Sentences that a reader must know before believing a result."""

from collections.abc import Mapping

from thyrosight.cohort import Cohort
from thyrosight.studies.tested import RANDOM_START, Network

SMALL = 100
"""Fewer groups of one class than this make an interval of an AUC wider than most decisions can bear."""


def cohort_limitations(cohort: Cohort, split_kind: str, *, single_source: bool = True) -> list[str]:
    """Sentences about labels, split, size and source of a cohort, most important first."""
    found = []
    if "simulated" in cohort.label_sources:
        found.append("Simulated images: the figures show that the software works, not what it would do on patients.")
    if "TI-RADS" in cohort.label_sources:
        found.append(
            "Labels are not pathology: they follow radiologists' TI-RADS categories, so agreement with readers was "
            "measured, not the detection of cancer."
        )
    if "unstated" in cohort.label_sources:
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
    groups = cohort.table.drop_duplicates("group")["label"].value_counts()
    found += [
        f"Few {name} cases: {groups.get(name, 0)} groups; intervals are wide and subgroups cannot be judged."
        for name in ("benign", "malignant")
        if groups.get(name, 0) < SMALL
    ]
    if single_source:
        found.append("No external data: all images come from one collection; other scanners and hospitals may differ.")
    return found


def random_starts(networks: Mapping[str, Network]) -> list[str]:
    """Say which networks (by title) were to start from ImageNet weights and could not."""
    titles = [
        title
        for title, network in networks.items()
        if network.trial.weights.startswith("imagenet") and network.start == RANDOM_START
    ]
    if not titles:
        return []
    return [
        f"{', '.join(titles)}: ImageNet weights were not on this machine, so training began from random weights, which "
        "costs accuracy; the command 'thyrosight models' lists them."
    ]
