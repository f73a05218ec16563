"""The words of two-valued columns, one table for the truth and for the calls of readers and systems."""

from collections.abc import Sequence
from typing import Final

from thyrosight.errors import StatisticsError

_PAIRS: Final = (
    (
        ("malignant", "cancer", "恶性", "bösartig", "maligne", "maligno"),
        ("benign", "no cancer", "良性", "gutartig", "bénin", "benigno"),
    ),
    (
        ("positive", "pos", "+", "阳性", "positiv", "positivo"),
        ("negative", "neg", "-", "\u2212", "阴性", "negativ", "negativo"),
    ),
    (("yes", "y", "是", "有", "ja", "oui", "sí"), ("no", "n", "否", "无", "nein", "non")),
    (("true", "t"), ("false", "f")),
    (("present", "disease", "diseased"), ("absent", "no disease", "healthy")),
    (("abnormal",), ("normal",)),
)
"""Words for what is looked for, and words for its absence; those of one line belong together."""


def as_binary(values: Sequence[str], *, positive: str | None, where: str, name: str) -> tuple[list[int], str]:
    """Return a column of two labels as 0 and 1, with the word that was taken for 1 ("" where the column holds 0 and 1).

    Args:
        values: the cells, none of them missing.
        positive: the label that becomes 1; None takes it from the table of words.
        where: the table, for errors.
        name: the column, for errors.

    Raises:
        StatisticsError: labels among which the positive one is not plain.

    >>> as_binary(["neg", "Pos"], positive=None, where="a.csv", name="call")
    ([0, 1], 'Pos')
    """
    labels = sorted(set(values))
    if positive is not None:
        chosen = [label for label in labels if label == positive] or [
            label for label in labels if label.casefold() == positive.casefold()
        ]
        if not chosen:
            raise StatisticsError(f"{where}: {name!r} never is {positive!r} (--positive); it is {_listed(labels)}.")
        return [int(value in chosen) for value in values], chosen[0]
    if all(_is_binary_number(label) for label in labels):
        return [int(float(value)) for value in values], ""
    yes = _positive_word({label.casefold() for label in labels})
    if yes is None:
        raise StatisticsError(
            f"{where}: {name!r} should be 0 and 1, but it is {_listed(labels)}; say which value is positive with"
            " --positive."
        )
    return [int(value.casefold() == yes) for value in values], next((v for v in labels if v.casefold() == yes), yes)


def holds(values: Sequence[str], label: str) -> bool:
    """Whether a column holds a label, in upper or lower case."""
    return label.casefold() in {value.casefold() for value in values}


def _positive_word(words: set[str]) -> str | None:
    """The word for 1 among one or two words of the table; None where they do not settle it.

    >>> _positive_word({"neg", "positive"}), _positive_word({"benign"}), _positive_word({"pos", "positive"})
    ('positive', '', None)
    """
    for present, absent in _PAIRS:
        if words <= {*present, *absent} and len(words & {*present}) <= 1 and len(words & {*absent}) <= 1:
            return next(iter(words & {*present}), "")
    return None


def _is_binary_number(label: str) -> bool:
    try:
        return float(label) in (0, 1)
    except ValueError:
        return False


def _listed(labels: Sequence[str]) -> str:
    return ", ".join(map(repr, labels[:8])) + (" and more" if len(labels) > 8 else "")
