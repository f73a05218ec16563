"""Marks and lesions of a localisation study, checked and arranged by case."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.readers.design import one_per_case
from thyrosight.statistics.validation import Floats, Integers, as_labels, as_numbers, require_same_length

UNMARKED = -np.inf
"""The rating of a lesion, or of a case, without a mark: below every mark."""

Columns = Mapping[str, npt.ArrayLike]


@dataclass(frozen=True, eq=False, slots=True)
class MarkedCases:
    """The marks of one reader or model on a set of cases.

    Attributes:
        cases: names, sorted.
        cluster: number of each case's cluster (patient), or None where cases were taken as independent.
        lesions: name of each lesion as (case, lesion), by case.
        lesion_case: number of each lesion's case.
        lesion_weight: of each lesion; those of one case sum to 1.
        lesion_rating: confidence of the highest mark on each lesion; minus infinity without one.
        false_case: number of the case of each mark that hits no lesion.
        false_rating: its confidence.
        repeated: marks on a lesion beyond its highest one; they count neither as true nor as false.
    """

    cases: tuple[Any, ...]
    cluster: Integers | None
    lesions: tuple[tuple[Any, Any], ...]
    lesion_case: Integers
    lesion_weight: Floats
    lesion_rating: Floats
    false_case: Integers
    false_rating: Floats
    repeated: int

    @property
    def clusters(self) -> int:
        """Number of independent units: clusters, or cases without them."""
        return len(self.cases) if self.cluster is None else int(self.cluster.max()) + 1

    @property
    def cluster_of_case(self) -> Integers:
        """Number of each case's independent unit."""
        return np.arange(len(self.cases)) if self.cluster is None else self.cluster

    @property
    def with_lesion(self) -> npt.NDArray[np.bool_]:
        """Whether each case has a lesion."""
        result = np.zeros(len(self.cases), dtype=bool)
        result[self.lesion_case] = True
        return result

    @property
    def highest_false(self) -> Floats:
        """Confidence of each case's highest false mark; minus infinity without one."""
        result = np.full(len(self.cases), UNMARKED)
        np.maximum.at(result, self.false_case, self.false_rating)
        return result

    def __str__(self) -> str:
        marked = int((self.lesion_rating > UNMARKED).sum())
        units = "" if self.cluster is None else f" of {self.clusters} patients"
        return (
            f"{len(self.cases)} cases{units}, {int((~self.with_lesion).sum())} without a lesion;"
            f" {marked} of {self.lesion_case.size} lesions marked; {self.false_case.size} false marks"
        )


def marked_cases(
    marks: Columns,
    lesions: Columns,
    *,
    case: str = "case",
    lesion: str = "lesion",
    confidence: str = "confidence",
    weight: str | None = None,
    cluster: str | None = None,
) -> MarkedCases:
    """Arrange a table of marks and a table of lesions.

    Args:
        marks: one row per mark with the columns of `case`, of `lesion` (the lesion that it hits; None, NaN or empty
            text for a false mark; `accepted_lesions` finds it from coordinates) and of `confidence`. No row at all if
            nothing was marked.
        lesions: one row per lesion with the columns of `case` and `lesion`; a case without a lesion has one row whose
            lesion is empty, so that every case that was searched is known.
        case: column that names the case (image).
        lesion: column that names the lesion within its case.
        confidence: column of the marks' confidence, finite; the higher, the surer.
        weight: column of the lesions' weights, above 0, which count in proportion within their case; None gives every
            lesion of a case the same weight.
        cluster: column of `lesions` that names the patient of the case; None takes cases as independent.

    Raises:
        StatisticsError: a missing column, a lesion given twice, a case both with and without a lesion, or a mark in a
            case or on a lesion that the table of lesions does not hold.

    >>> lesions = {"case": ["a", "a", "b"], "lesion": ["left", "right", None]}
    >>> marks = {"case": ["a", "b", "b"], "lesion": ["left", "", None], "confidence": [90, 40, 20]}
    >>> print(marked_cases(marks, lesions))
    2 cases, 1 without a lesion; 1 of 2 lesions marked; 2 false marks
    """
    lesion_cases, names = as_labels(_column(lesions, case, "lesions"), name=case)
    ids = _ids(_column(lesions, lesion, "lesions"), lesion)
    require_same_length(**{case: lesion_cases, lesion: ids})
    real = np.flatnonzero(ids != "")
    _require_lesions(names, lesion_cases, ids)
    number = {(int(lesion_cases[row]), str(ids[row])): place for place, row in enumerate(real)}
    mark_case, mark_lesion, rating = _marks(marks, names, case=case, lesion=lesion, confidence=confidence)
    hit = np.array(
        [number.get(key, -1) for key in zip(mark_case.tolist(), mark_lesion.tolist(), strict=True)], dtype=int
    )
    false = mark_lesion == ""
    unknown = np.flatnonzero((hit < 0) & ~false)
    if unknown.size:
        row = unknown[0]
        raise StatisticsError(
            f"A mark in case {names[mark_case[row]]!s} hits lesion {mark_lesion[row]!r}, which the table of"
            " lesions does not hold for that case."
        )
    highest = np.full(real.size, UNMARKED)
    np.maximum.at(highest, hit[~false], rating[~false])
    return MarkedCases(
        cases=tuple(names.tolist()),
        cluster=_clusters(lesions, cluster, lesion_cases, names),
        lesions=tuple((names[lesion_cases[row]].item(), str(ids[row])) for row in real),
        lesion_case=lesion_cases[real],
        lesion_weight=_weights(lesions, weight, lesion_cases, real),
        lesion_rating=highest,
        false_case=mark_case[false],
        false_rating=rating[false],
        repeated=int((~false).sum() - np.unique(hit[~false]).size),
    )


def _marks(
    marks: Columns, names: npt.NDArray[Any], *, case: str, lesion: str, confidence: str
) -> tuple[Integers, npt.NDArray[Any], Floats]:
    """Return case number, lesion ("" for none) and confidence of each mark."""
    columns = [_column(marks, name, "marks") for name in (case, lesion, confidence)]
    require_same_length(**dict(zip((case, lesion, confidence), columns, strict=True)))
    if columns[0].size == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=object), np.empty(0)
    codes, own = as_labels(columns[0], name=case)
    place = {str(name): number for number, name in enumerate(names.tolist())}
    strange = [name for name in own.tolist() if str(name) not in place]
    if strange:
        raise StatisticsError(
            f"Case {strange[0]!s} has marks but no row in the table of lesions; a case without a lesion has one row"
            " whose lesion is empty."
        )
    numbers = np.array([place[str(name)] for name in own.tolist()], dtype=np.int64)
    return numbers[codes], _ids(columns[1], lesion), as_numbers(columns[2], name=confidence)


def _column(table: Columns, name: str, what: str) -> npt.NDArray[Any]:
    try:
        values = table[name]
    except KeyError as error:
        raise StatisticsError(f"No column {name!r} among {', '.join(map(repr, table))} of the {what}.") from error
    array = np.asarray(values, dtype=object)
    if array.ndim != 1:
        raise StatisticsError(f"Expected `{name}` to have one dimension, got shape {array.shape}.")
    return array


def _ids(values: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    """Return names of lesions as text, "" for none; whole numbers read alike whether written 1 or 1.0."""
    missing = [
        # NaN is unequal to itself; the missing value of pandas answers no such question.
        item is None or type(item).__name__ == "NAType" or item != item or not str(item).strip()  # noqa: PLR0124
        for item in values
    ]
    whole = [
        isinstance(item, float | np.floating) and not gone and item == int(item)
        for item, gone in zip(values, missing, strict=True)
    ]
    text = [
        "" if gone else str(int(item) if as_whole else item).strip()
        for item, gone, as_whole in zip(values, missing, whole, strict=True)
    ]
    return np.array(text, dtype=object)


def _require_lesions(names: npt.NDArray[Any], cases: Integers, ids: npt.NDArray[Any]) -> None:
    seen: set[tuple[int, str]] = set()
    for case, name in zip(cases.tolist(), ids.tolist(), strict=True):
        if (case, name) in seen:
            what = f"lesion {name!r}" if name else "a row without a lesion"
            raise StatisticsError(f"Case {names[case]!s} has {what} twice.")
        seen.add((case, name))
    both = [case for case, name in seen if not name and np.count_nonzero(cases == case) > 1]
    if both:
        raise StatisticsError(f"Case {names[min(both)]!s} has a row without a lesion beside its lesions.")


def _clusters(lesions: Columns, cluster: str | None, cases: Integers, names: npt.NDArray[Any]) -> Integers | None:
    if cluster is None:
        return None
    codes, _ = as_labels(_column(lesions, cluster, "lesions"), name=cluster)
    return one_per_case(codes, cases, names, what=cluster)


def _weights(lesions: Columns, weight: str | None, cases: Integers, real: Integers) -> Floats:
    given = np.ones(real.size)
    if weight is not None and real.size:
        given = as_numbers(_column(lesions, weight, "lesions")[real], name=weight)
        if not (given > 0).all():
            raise StatisticsError(f"Expected `{weight}` above 0 for every lesion, got {given.min()}.")
    own = cases[real]
    total = np.bincount(own, weights=given, minlength=int(cases.max()) + 1)
    result: Floats = given / total[own]
    return result
