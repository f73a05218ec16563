"""Classes of nodules as codes, in the order that the user gives."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Integers, as_labels


def class_codes(
    values: npt.ArrayLike, classes: Sequence[object] | None, *, name: str
) -> tuple[Integers, tuple[str, ...]]:
    """Return the code 0..k-1 of each value, and the k classes as text.

    Args:
        values: class of each nodule.
        classes: all classes in their order; None takes the sorted distinct values.
        name: what the values are, for errors.

    Raises:
        StatisticsError: a missing value, a class given twice, or a value that is not among the classes.

    >>> class_codes(["b", "a", "b"], ["b", "a", "c"], name="truth")[0].tolist()
    [0, 1, 0]
    """
    codes, distinct = as_labels(values, name=name)
    present = [_word(value) for value in distinct.tolist()]
    names = tuple(present) if classes is None else tuple(map(_word, classes))
    if len(set(names)) < len(names):
        raise StatisticsError(f"Expected every class once in `classes`, got {', '.join(map(repr, names))}.")
    unknown = [value for value in present if value not in names]
    if unknown:
        raise StatisticsError(
            f"Expected `{name}` to hold only the classes {', '.join(map(repr, names))}, got {unknown[0]!r}."
        )
    places = np.array([names.index(value) for value in present], dtype=np.int64)
    return places[codes], names


def class_of_highest(scores: Sequence[Sequence[float]], classes: Sequence[str]) -> list[str]:
    """The class with the highest score of each nodule; of equal scores, the first class.

    >>> class_of_highest([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2]], ["a", "b", "c"])
    ['b', 'a']
    """
    return [classes[max(range(len(classes)), key=lambda place: (row[place], -place))] for row in scores]


def _word(value: object) -> str:
    """Return a class as text; 4 and 4.0 are one."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
