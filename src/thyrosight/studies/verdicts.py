"""Conclusions that may be drawn: verdicts on differences, choices, and parts that are too small.

The numbers that decide stand in two places: the recipe (`evaluation.margin`, the smallest difference that matters;
`explain.effect`, that of heat maps) and `thyrosight.statistics.LEAST_GROUPS`, below which nothing is tested.
"""

from collections.abc import Mapping, Sequence

import pandas as pd

from thyrosight.cohort import Cohort, Split
from thyrosight.documents import Measure
from thyrosight.statistics import (
    BestOf,
    DivisionOutcome,
    best_of,
    groups_of_classes,
    too_few,
    verdict_of,
)
from thyrosight.studies.base import Evaluation

CLASSES = ("benign", "malignant")
UNTOLD = "cannot be told"


def verdict(difference: Measure | None, options: Evaluation, *, p: float | None = None) -> str:
    """Better, worse, practically equal or cannot be told, against the recipe's margin.

    Args:
        difference: of a measure between 0 and 1, higher being better.
        p: corrected for the number of comparisons, where there are several.

    >>> verdict(Measure(value=0.0, low=-0.01, high=0.01), Evaluation())
    'practically equal'
    """
    if difference is None or difference.low is None or difference.high is None:
        return UNTOLD
    return verdict_of(difference.low, difference.high, margin=options.margin, p=p, confidence=options.confidence)


def margin_note(options: Evaluation) -> str:
    """Meaning of the verdicts of a table."""
    return (
        f"Verdict: better or worse where the whole interval lies beyond {options.margin:g} (evaluation.margin) and the "
        f"corrected P is below {1 - options.confidence:.2g}; practically equal where it lies within."
    )


def few_groups(rows: pd.DataFrame) -> str:
    """Why rows (columns truth and group) bear no bootstrap and no P value; empty where they do."""
    # In plain Python: every table asks, and to draw the rows of a class from a column of texts takes ten times as long.
    groups = rows["group"].tolist()
    negative, positive = (
        len({group for group, own in zip(groups, (rows["truth"] == truth).tolist(), strict=True) if own is True})
        for truth in (0, 1)
    )
    return in_classes(too_few(negative, positive))


def in_classes(reason: str) -> str:
    """A reason of the statistics in the words of studies.

    >>> in_classes("2 negative and 4 positive groups are too few")
    '2 benign and 4 malignant groups are too few'
    """
    return reason.replace(" negative ", " benign ").replace(" positive ", " malignant ")


def fewest_groups(cohort: Cohort, split: Split, part: str) -> dict[str, int]:
    """Groups of each class in that part, the fewest of any division that has one."""
    counts: dict[str, list[int]] = {label: [] for label in CLASSES}
    for division in split.divisions:
        rows = split.rows(cohort, division, part)  # type: ignore[arg-type]
        if len(rows):
            for label, found in counts.items():
                found.append(int(rows.loc[rows["label"] == label, "group"].nunique()))
    return {label: min(found) for label, found in counts.items() if found}


def tested_groups(cohort: Cohort, split: Split) -> dict[str, int]:
    """Groups of each class that any division tests, each once."""
    groups = {group for division in split.divisions for group in division.test}
    rows = cohort.table[cohort.table["group"].astype(str).isin(groups)]
    return {label: int(rows.loc[rows["label"] == label, "group"].nunique()) for label in CLASSES}


def best_candidate(
    candidates: Mapping[str, Sequence[DivisionOutcome]], *, options: Evaluation, what: str
) -> tuple[BestOf, str]:
    """The candidate with the best mean AUC, and in words whether the data choose it.

    Args:
        candidates: validation parts by printed name.
        what: the data choose among, in the plural, for example "margins".
    """
    found = best_of(candidates, replicates=options.bootstrap, confidence=options.confidence, seed=options.seed)
    few = too_few(*groups_of_classes(next(iter(candidates.values()))))
    return found, choice_words(found, what=what, few=in_classes(few))


def choice_words(found: BestOf, *, what: str, few: str = "") -> str:
    """Whether the validation part chooses among candidates, in one sentence.

    >>> found = BestOf("25", {"0": 0.7, "25": 0.72}, {"0": 0.4, "25": 0.6}, ("0", "25"), {"0": 1, "25": 2}, 2000)
    >>> choice_words(found, what="margins")
    'The validation part cannot tell the margins apart: the best (25, AUC 0.720) is best in 60 % of draws of its
    patients, and 2 of 2 share 95 %.'
    """
    best, share, likely = found.best, found.share[found.best], len(found.likely)
    named = f"{best}, AUC {found.auc[best]:.3f}"
    if few:
        return f"The validation part cannot tell the {what} apart: {few}."
    if likely > 1:
        return (
            f"The validation part cannot tell the {what} apart: the best ({named}) is best in {100 * share:.0f} % of "
            f"draws of its patients, and {likely} of {len(found.auc)} share {100 * found.confidence:g} %."
        )
    return (
        f"Of all {what} the validation part speaks for {named}: best in {100 * share:.0f} % of draws of its patients."
    )


def better_or_worse(who: str, reached: str) -> str:
    """A verdict as a clause about a rater.

    >>> better_or_worse("the network", "worse"), better_or_worse("the network", "cannot be told")
    ('the network is worse', 'whether the network is better or worse cannot be told')
    """
    return f"whether {who} is better or worse {UNTOLD}" if reached == UNTOLD else f"{who} is {reached}"


def counted(verdicts: Sequence[str]) -> str:
    """How often each verdict was reached, in words; verdicts that none reached are left out.

    >>> counted(["cannot be told", "worse", "cannot be told"])
    '1 worse, 2 cannot be told'
    """
    order = ("better", "worse", "practically equal", UNTOLD)
    return ", ".join(f"{verdicts.count(name)} {name}" for name in order if name in verdicts)
