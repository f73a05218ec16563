"""Which lesion a mark means: the acceptance rules of localisation studies."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Floats, Integers, require_choice

RULES = ("centre", "overlap", "distance")
_POINT, _BOX = 2, 4
_Flags = npt.NDArray[np.bool_]


def accepted_lesions(
    mark_case: npt.ArrayLike,
    mark_place: npt.ArrayLike,
    lesion_case: npt.ArrayLike,
    lesion_box: npt.ArrayLike,
    *,
    rule: str = "centre",
    least_overlap: float = 0.5,
    within_mm: float | None = None,
    mm_per_pixel: npt.ArrayLike | None = None,
) -> Integers:
    """Return for each mark the number of the lesion that it means, or -1 where it means none.

    - "centre": the mark's centre lies in the lesion's box, its border included.
    - "overlap": intersection over union of the mark's and the lesion's box is at least `least_overlap`.
    - "distance": the two centres are at most `within_mm` apart.

    Of several accepted lesions the mark means the one of the greatest overlap or, with the other rules, of the nearest
    centre; of two alike, the first. The rule decides much of the result, so report it; a study chooses it beforehand.

    Args:
        mark_case: case of each mark.
        mark_place: shape (marks, 4) with left, top, right, bottom, or (marks, 2) with the point (x, y).
        lesion_case: case of each lesion, with names as in `mark_case`.
        lesion_box: shape (lesions, 4).
        rule: "centre", "overlap" or "distance".
        least_overlap: above 0, at most 1; for "overlap".
        within_mm: greatest distance in mm; needed for "distance" and for no other rule.
        mm_per_pixel: size of a pixel in mm, one number or one per mark; None where coordinates are in mm already.

    Raises:
        StatisticsError: shapes that do not fit, a box whose right or bottom edge is not beyond the other, points
            where "overlap" needs boxes, or options that do not fit together.

    >>> boxes = [[10, 10, 30, 30], [40, 10, 60, 30]]
    >>> accepted_lesions(["a", "a", "b"], [[22, 18], [35, 20], [22, 18]], ["a", "a"], boxes).tolist()
    [0, -1, -1]
    >>> accepted_lesions(["a"], [[12, 10, 32, 30]], ["a", "a"], boxes, rule="overlap").tolist()
    [0]
    """
    require_choice(rule, RULES, name="rule")
    places, boxes = _places(mark_place, "mark_place"), _places(lesion_box, "lesion_box")
    of_mark, of_lesion = (np.asarray(values, dtype=object) for values in (mark_case, lesion_case))
    _require_shapes(of_mark, places, of_lesion, boxes)
    if rule == "overlap" and places.shape[1] != _BOX and len(places):
        raise StatisticsError("Expected `mark_place` to hold boxes for the rule 'overlap', got points.")
    likeness = _likeness(rule, least_overlap=least_overlap, within_mm=within_mm)
    scale = _scale(mm_per_pixel, len(places), rule=rule)
    result = np.full(len(places), -1, dtype=np.int64)
    lesions_in: dict[object, list[int]] = {}
    for number, case in enumerate(of_lesion.tolist()):
        lesions_in.setdefault(case, []).append(number)
    for number, case in enumerate(of_mark.tolist()):
        candidates = np.array(lesions_in.get(case, []), dtype=np.int64)
        if candidates.size:
            like, accepted = likeness(places[number], boxes[candidates], scale[number])
            if accepted.any():
                result[number] = candidates[np.where(accepted, like, -np.inf).argmax()]
    return result


_Likeness = Callable[[Floats, Floats, float], tuple[Floats, _Flags]]


def _likeness(rule: str, *, least_overlap: float, within_mm: float | None) -> _Likeness:
    """Return what compares one mark with the lesions of its case: how alike each is, and whether it is accepted."""
    if (rule == "distance") != (within_mm is not None):
        raise StatisticsError("Expected `within_mm` for the rule 'distance' and for no other.")
    if within_mm is not None and not within_mm > 0:
        raise StatisticsError(f"Expected `within_mm` above 0, got {within_mm}.")
    if not 0 < least_overlap <= 1:
        raise StatisticsError(f"Expected `least_overlap` above 0 and at most 1, got {least_overlap}.")

    def compare(place: Floats, boxes: Floats, scale: float) -> tuple[Floats, _Flags]:
        if rule == "overlap":
            share = overlap_of_boxes(place, boxes)
            return share, share >= least_overlap
        centre = _centres(place[None])[0]
        distance = np.hypot(*(_centres(boxes) - centre).T)
        if within_mm is not None:
            return -distance, distance * scale <= within_mm
        inside = (boxes[:, :2] <= centre).all(axis=1) & (centre <= boxes[:, 2:]).all(axis=1)
        return -distance, inside

    return compare


def overlap_of_boxes(box: Floats, boxes: Floats) -> Floats:
    """Return intersection over union of one box (4,) with others (n, 4).

    >>> overlap_of_boxes(np.array([0.0, 0, 2, 2]), np.array([[1.0, 0, 3, 2], [5, 5, 6, 6]])).round(3).tolist()
    [0.333, 0.0]
    """
    sides = np.minimum(box[2:], boxes[:, 2:]) - np.maximum(box[:2], boxes[:, :2])
    common = np.clip(sides, 0, None).prod(axis=1)
    result: Floats = common / ((box[2:] - box[:2]).prod() + (boxes[:, 2:] - boxes[:, :2]).prod(axis=1) - common)
    return result


def _centres(places: Floats) -> Floats:
    return places if places.shape[1] == _POINT else (places[:, :2] + places[:, 2:]) / 2


def _places(values: npt.ArrayLike, name: str) -> Floats:
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(f"Expected `{name}` to hold numbers, a row per place.") from error
    if array.size == 0:
        return np.empty((0, _BOX))
    allowed = (_BOX,) if name == "lesion_box" else (_POINT, _BOX)
    if array.ndim != 2 or array.shape[1] not in allowed:
        columns = " or ".join(str(count) for count in allowed)
        raise StatisticsError(f"Expected `{name}` to have {columns} columns, got shape {array.shape}.")
    wrong = ~np.isfinite(array).all(axis=1)
    if array.shape[1] == _BOX:
        wrong |= ~(array[:, :2] < array[:, 2:]).all(axis=1)
    if wrong.any():
        kind = "left, top, right, bottom with right beyond left and bottom beyond top"
        raise StatisticsError(
            f"Expected `{name}` to hold {kind if array.shape[1] == _BOX else 'finite points'},"
            f" got {array[wrong.argmax()].tolist()} in row {wrong.argmax()}."
        )
    return array


def _require_shapes(
    of_mark: npt.NDArray[np.object_], places: Floats, of_lesion: npt.NDArray[np.object_], boxes: Floats
) -> None:
    for case, place, noun in ((of_mark, places, "mark"), (of_lesion, boxes, "lesion")):
        if case.ndim != 1 or case.size != len(place):
            raise StatisticsError(f"Expected one case and one place per {noun}, got {case.size} and {len(place)}.")


def _scale(mm_per_pixel: npt.ArrayLike | None, marks: int, *, rule: str) -> Floats:
    if mm_per_pixel is None:
        return np.ones(marks)
    if rule != "distance":
        raise StatisticsError("Expected `mm_per_pixel` for the rule 'distance' alone.")
    scale = np.asarray(mm_per_pixel, dtype=np.float64)
    if scale.shape not in ((), (marks,)) or not (scale > 0).all():
        raise StatisticsError("Expected `mm_per_pixel` to be above 0, one number or one per mark.")
    return np.broadcast_to(scale, (marks,))
