"""Sentences that a reader must know before believing a result."""

from collections.abc import Collection, Mapping

from thyrosight.cohort import Cohort, Split
from thyrosight.networks import find_architecture
from thyrosight.statistics import LEAST_GROUPS, too_few
from thyrosight.studies.predictions import LEAST_VALIDATED
from thyrosight.studies.sentences import listed
from thyrosight.studies.tested import RANDOM_START, Network
from thyrosight.studies.verdicts import fewest_groups, in_classes, tested_groups

SMALL = 100
"""Fewer groups of one class than this make an interval of an AUC wider than most decisions can bear."""


def cohort_limitations(cohort: Cohort, split: Split, *, single_source: bool = True) -> list[str]:
    """Sentences about labels, split, sizes of its parts and source of a cohort, most important first."""
    found, split_kind = label_limitations(cohort.label_sources), split.kind
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
    found += small_parts(cohort, split)
    if single_source:
        found.append("No external data: all images come from one collection; other scanners and hospitals may differ.")
    return found


def label_limitations(sources: Collection[str]) -> list[str]:
    """Limitations by the source of the labels."""
    found = []
    if "simulated" in sources:
        found.append("Simulated images: the figures show that the software works, not what it would do on patients.")
    if "TI-RADS" in sources:
        found.append(
            "Labels are not pathology: they follow radiologists' TI-RADS categories, so agreement with readers was "
            "measured, not the detection of cancer."
        )
    if "unstated" in sources:
        found.append("Labels of unstated origin: whether pathology confirmed them is not known.")
    return found


def small_parts(cohort: Cohort, split: Split) -> list[str]:
    """Limitations by the sizes of the test and validation parts."""
    fewest, where = fewest_groups(cohort, split, "test"), "the test part"
    if len(split.divisions) > 1:
        where = "the smallest test part"
    few = [f"{n} {label}" for label, n in fewest.items() if n < SMALL]
    found = []
    if few:
        found.append(f"Few groups in {where}: {listed(few)}; intervals are wide and subgroups cannot be judged.")
    tested = tested_groups(cohort, split)
    if fewest and not too_few(*tested.values()) and min(fewest.values()) < LEAST_GROUPS:
        together = listed([f"{n} {label}" for label, n in tested.items()])
        found.append(
            f"A test part of fewer than {LEAST_GROUPS} groups of a class bears no P value and no bootstrap interval by "
            f"itself: those of means and of pooled predictions count the {together} groups that all divisions test "
            "together, each drawn in all of its divisions at once."
        )
    if fewest and (reason := in_classes(too_few(*tested.values()))):
        found.append(
            f"No P value and no bootstrap interval of anything that needs both classes: {reason}. Intervals are exact "
            "ones that count groups."
        )
    validated = fewest_groups(cohort, split, "validation")
    if 0 < min(validated.values(), default=0) < LEAST_VALIDATED:
        sizes = listed([f"{n} {label}" for label, n in validated.items()])
        found.append(
            f"Not calibrated where the validation part is too small: it holds {sizes} groups, and {LEAST_VALIDATED} of "
            "each are needed to calibrate and to choose a cut-off. Risks are the network's own, the cut-off is 0.5."
        )
    return found


def random_starts(networks: Mapping[str, Network]) -> list[str]:
    """Say which networks (by title) were to start from ImageNet weights and could not."""
    wanted = {
        title: find_architecture(network.trial.architecture)
        for title, network in networks.items()
        if network.trial.weights.startswith("imagenet") and network.start == RANDOM_START
    }
    none = [title for title, entry in wanted.items() if not entry.imagenet]
    absent = {title: entry.name for title, entry in wanted.items() if entry.imagenet}
    found = []
    if none:
        found.append(f"{listed(none)}: began from random weights, as there are no ImageNet weights for it.")
    if absent:
        fetch = " and ".join(f"thyrosight models --fetch {name}" for name in absent.values())
        found.append(
            f"{listed(list(absent))}: began from random weights, which costs accuracy: ImageNet weights were not on "
            f"this machine; fetch them with {fetch} and run the study in a new folder."
        )
    return found
