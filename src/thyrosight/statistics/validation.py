"""Checks of arguments. Each error is one sentence that says what was expected and what was given."""

import math
from numbers import Real
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def as_truth(values: npt.ArrayLike, *, name: str = "truth", both_classes: bool = True) -> Integers:
    """Return `values` as an array of 0 and 1.

    Raises:
        StatisticsError: other values, another shape, nothing at all, or (unless `both_classes` is off) one class only.

    >>> as_truth([0, 2])
    Traceback (most recent call last):
    ...
    thyrosight.errors.StatisticsError: Expected `truth` to hold only 0 and 1, got 2 at position 1.
    """
    array = np.asarray(values)
    _require_vector(array, name)
    if array.dtype.kind not in "biuf":
        # Columns that held a missing value or text before keep their booleans and numbers as objects.
        items = array.astype(object).tolist()
        wrong = np.flatnonzero([not (isinstance(item, (Real, np.bool_)) and item in (0, 1)) for item in items])
        array = np.array(items, dtype=object if wrong.size else np.float64)
    else:
        wrong = np.flatnonzero((array != 0) & (array != 1))
    if wrong.size:
        raise StatisticsError(
            f"Expected `{name}` to hold only 0 and 1, got {_plain(array[wrong[0]])!r} at position {wrong[0]}."
        )
    result = array.astype(np.int64)
    if both_classes and (result.all() or not result.any()):
        raise StatisticsError(f"Expected `{name}` to hold both 0 and 1, got only {result[0]} in {result.size} values.")
    return result


def as_numbers(values: npt.ArrayLike, *, name: str, finite: bool = True, missing: bool = False) -> Floats:
    """Return `values` as floats, refusing text, NaN (unless `missing` is on) and infinity (unless `finite` is off)."""
    try:
        array = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StatisticsError(f"Expected `{name}` to hold numbers, got {_first_odd(values)}.") from error
    _require_vector(array, name)
    odd = np.isinf(array) if finite else np.zeros(array.shape, dtype=bool)
    wrong = np.flatnonzero(odd | (np.isnan(array) & (not missing)))
    if wrong.size:
        raise StatisticsError(f"Expected `{name}` to be finite numbers, got {array[wrong[0]]} at position {wrong[0]}.")
    return array


def as_labels(values: npt.ArrayLike, *, name: str) -> tuple[Integers, npt.NDArray[Any]]:
    """Return `values` (clusters, readers, cases, categories) as codes 0..k-1 and the k distinct values, sorted.

    Raises:
        StatisticsError: a missing value (None, NaN) among them, two that read alike (1 and '1'), or more than one
            dimension.
    """
    array = np.asarray(values)
    _require_vector(array, name)
    if array.dtype.kind in "OUS" and not isinstance(values, np.ndarray):
        array = np.asarray(values, dtype=object)  # numbers beside text in a list would become text unseen
    missing = _missing(array)
    if missing.any():
        raise StatisticsError(
            f"Expected every value of `{name}` to be given, but position {missing.argmax()} is empty."
        )
    if array.dtype.kind == "O":
        array = _as_text(array, name)
    distinct, codes = np.unique(array, return_inverse=True)
    return codes.astype(np.int64), distinct


def _missing(array: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    if array.dtype.kind == "O":
        # NaN and NaT are unequal to themselves; the missing value of pandas answers no such question.
        return np.array([item is None or type(item).__name__ == "NAType" or item != item for item in array])  # noqa: PLR0124
    return np.isnan(array) if array.dtype.kind == "f" else np.zeros(array.shape, dtype=bool)


def _as_text(array: npt.NDArray[Any], name: str) -> npt.NDArray[Any]:
    """Return labels of any kind as text: equal labels (1 and 1.0) alike, and no two labels (1 and '1') as one."""
    text: dict[Any, str] = {}
    for label in array:
        text.setdefault(label, str(label))
    of_text: dict[str, Any] = {}
    for label, written in text.items():
        if of_text.setdefault(written, label) is not label:
            raise StatisticsError(
                f"Expected the values of `{name}` to be of one kind, got both {_plain(of_text[written])!r} and"
                f" {_plain(label)!r}; write them alike if they mean the same."
            )
    return np.array([text[label] for label in array])


def _plain(value: Any) -> Any:
    """Return a value of numpy as one of Python, whose name in a sentence is its own."""
    return value.item() if isinstance(value, np.generic) else value


def as_count(value: object, *, name: str) -> int:
    """Return `value` as a whole number of 0 or more, refusing everything else.

    >>> as_count(2.5, name="n")
    Traceback (most recent call last):
    ...
    thyrosight.errors.StatisticsError: Expected `n` to be a whole number of 0 or more, got 2.5.
    """
    number = float(value) if isinstance(value, Real) else math.nan
    if not math.isfinite(number) or number < 0 or number != int(number):
        raise StatisticsError(f"Expected `{name}` to be a whole number of 0 or more, got {_plain(value)!r}.")
    return int(number)


def require_same_length(**arrays: npt.NDArray[Any] | None) -> None:
    """Refuse arrays of different length; None is ignored.

    >>> require_same_length(truth=np.zeros(3), score=np.zeros(2))
    Traceback (most recent call last):
    ...
    thyrosight.errors.StatisticsError: Expected arrays of one length, got truth with 3 and score with 2.
    """
    lengths = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(lengths.values())) > 1:
        parts = [f"{name} with {length}" for name, length in lengths.items()]
        raise StatisticsError(f"Expected arrays of one length, got {', '.join(parts[:-1])} and {parts[-1]}.")


def require_confidence(confidence: float) -> None:
    """Refuse a confidence level outside the open interval from 0 to 1."""
    if not 0 < confidence < 1:
        raise StatisticsError(f"Expected `confidence` between 0 and 1 (for example 0.95), got {confidence}.")


def require_choice(value: str, allowed: tuple[str, ...], *, name: str) -> None:
    """Refuse an option that is not among `allowed`."""
    if value not in allowed:
        raise StatisticsError(f"Expected `{name}` to be one of {', '.join(map(repr, allowed))}, got {_plain(value)!r}.")


def _require_vector(array: npt.NDArray[Any], name: str) -> None:
    if array.ndim != 1:
        raise StatisticsError(f"Expected `{name}` to have one dimension, got shape {array.shape}.")
    if array.size == 0:
        raise StatisticsError(f"Expected `{name}` to hold at least one value, got none.")


def _first_odd(values: Any) -> str:
    for position, item in enumerate(np.asarray(values, dtype=object).ravel()):
        try:
            float(item)
        except (TypeError, ValueError):
            return f"{_plain(item)!r} at position {position}"
    return repr(values)
