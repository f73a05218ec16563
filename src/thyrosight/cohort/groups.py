"""Groups that a split keeps together: patients, linked if they share near-duplicate images."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal, get_args

from thyrosight.cohort.columns import LABELS, UNKNOWN, in_words
from thyrosight.cohort.contradictions import Contradiction
from thyrosight.cohort.duplicates import DuplicateGroups, find_duplicates
from thyrosight.cohort.linking import linked
from thyrosight.cohort.table import Cohort, Exclusion
from thyrosight.errors import CohortError
from thyrosight.progress import Progress

Policy = Literal["exclude", "majority", "keep", "worst"]
_GIVEN: Final = ("group_as_given", "near_duplicate_group")
POLICIES: Final[tuple[Policy, ...]] = get_args(Policy)


def with_groups(
    cohort: Cohort,
    *,
    duplicates: DuplicateGroups | None = None,
    contradictions: Policy = "exclude",
    progress: Progress | None = None,
) -> Cohort:
    """Add the column `group`: images of one patient, and of patients that share near-duplicates, are one group.

    Images that were left out of the cohort (for example without a label) are used too, as they can show that two
    patients are one. Groups of the source itself (column `group_as_given`) are kept together as well.

    Args:
        cohort: the cohort.
        duplicates: the result of `find_duplicates(cohort)`; None searches for them.
        contradictions: policy for copies of one frame with different labels. `exclude` (the default) leaves all of them
            out and records that; `majority` takes the label of most copies and excludes a tie; `worst` takes malignant;
            `keep` leaves the labels as they are.
        progress: called with the name of the work, steps done and all steps.

    Raises:
        CohortError: the policy is unknown.
        ImageError: an image cannot be read.
    """
    if contradictions not in POLICIES:
        raise CohortError(
            f"There is no policy {contradictions!r} for contradicting labels; choose {in_words(POLICIES)}."
        )
    found = duplicates or find_duplicates(cohort, progress=progress)
    names = group_names(list(found.patients), list(found.keys), [*found.links, *_given_links(cohort)])
    grouped = replace(cohort, table=cohort.table.assign(group=names[: found.used]))
    return resolve_contradictions(grouped, found.contradictions, contradictions)


def _given_links(cohort: Cohort) -> list[tuple[int, int]]:
    """Pairs of rows that are in one group of the source."""
    links: list[tuple[int, int]] = []
    for column in _GIVEN:
        first: dict[str, int] = {}
        given = cohort.table.get(column, ())
        links += [(first.setdefault(str(name), row), row) for row, name in enumerate(given) if isinstance(name, str)]
    return links


def resolve_contradictions(cohort: Cohort, contradictions: Iterable[Contradiction], policy: Policy) -> Cohort:
    """Apply a policy to copies of one frame with different labels; a changed label is kept in `label_as_given`."""
    excluded: list[str] = []
    changed: dict[str, str] = {}
    for contradiction in () if policy == "keep" else contradictions:
        used = contradiction.images[: contradiction.used]
        label = _resolved(contradiction.labels, policy)
        if label is None:
            excluded += used
        else:
            changed |= {key: label for key, given in zip(used, contradiction.labels, strict=False) if given != label}
    if changed:
        given = cohort.table["label"]
        new = cohort.table["key"].map(changed).fillna(given)
        note = f"{len(changed)} labels changed, because copies of one frame carried different labels (policy: {policy})"
        table = cohort.table.assign(label=new, label_as_given=given)
        cohort = replace(cohort, table=table, notes=(*cohort.notes, note))
    if excluded:
        cohort = cohort.without(
            Exclusion.of(f"copies of one frame carry different labels (policy: {policy})", excluded)
        )
    return cohort


def _resolved(labels: tuple[str, ...], policy: Policy) -> str | None:
    """The label for copies of one frame, or None to leave them out."""
    if policy == "worst":
        return "malignant" if "malignant" in labels else "benign"
    if policy == "majority":
        (first, most), (_, second_most) = Counter(labels).most_common(2)
        return first if most > second_most and first in LABELS else None
    return None


def group_names(patients: list[str], keys: list[str], pairs: Iterable[tuple[int, int]]) -> list[str]:
    """The group of each image, named after its patients, else after its first image.

    >>> group_names(["7", "unknown", "8", "7"], ["a", "b", "c", "d"], [(0, 2)])
    ['7+8', 'b', '7+8', '7+8']
    """
    first: dict[str, int] = {}
    same_patient = [(first.setdefault(patient, row), row) for row, patient in enumerate(patients) if patient != UNKNOWN]
    components = linked(len(keys), [*pairs, *same_patient]).tolist()
    members: dict[int, list[int]] = {}
    for row, component in enumerate(components):
        members.setdefault(component, []).append(row)
    names: dict[int, str] = {}
    taken: set[str] = set()
    for component, rows in members.items():
        known = list(dict.fromkeys(patients[row] for row in rows if patients[row] != UNKNOWN))
        name = plain = _joined(known) if known else keys[rows[0]]
        number = 1
        while name in taken:
            number += 1
            name = f"{plain} ({number})"
        taken.add(name)
        names[component] = name
    return [names[component] for component in components]


def _joined(patients: list[str], *, most: int = 4) -> str:
    more = f"+{len(patients) - most} more" if len(patients) > most else ""
    return "+".join(patients[:most]) + more
