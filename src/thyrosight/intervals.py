"""Intervals and P values in running text, one way for results, terminal and cards; cells of tables have their own."""

import math


def limits_in_words(
    low: float | None, high: float | None, *, digits: int = 3, confidence: float | None = None, general: bool = False
) -> str:
    """The limits of an interval, and its level where one is given.

    Args:
        low, high: the limits; None or NaN where there is no interval.
        digits: decimals, or significant digits if `general`.
        confidence: the level, from 0 to 1.
        general: whether numbers are written by significant digits, as scores of any size are.

    >>> limits_in_words(0.7, 0.9), limits_in_words(0.7, 0.9, confidence=0.95), limits_in_words(None, None)
    ('0.700 to 0.900', '95 % interval 0.700 to 0.900', 'no interval')
    >>> limits_in_words(1234.5678, 2345.6789, digits=4, general=True)
    '1235 to 2346'
    """
    if low is None or high is None or math.isnan(low) or math.isnan(high):
        return "no interval"
    level = "" if confidence is None else f"{100 * confidence:g} % interval "
    form = f".{digits}{'g' if general else 'f'}"
    return f"{level}{low:{form}} to {high:{form}}"


def value_in_words(value: float | None, low: float | None, high: float | None, *, digits: int = 3) -> str:
    """A value with its limits; their level is stated elsewhere.

    >>> value_in_words(0.8, 0.7, 0.9), value_in_words(0.8, None, None), value_in_words(None, None, None)
    ('0.800 (0.700 to 0.900)', '0.800 (no interval)', 'undefined')
    """
    if value is None or math.isnan(value):
        return "undefined"
    return f"{value:.{digits}f} ({limits_in_words(low, high, digits=digits)})"


def p_in_words(p: float | None) -> str:
    """A P value with three significant digits.

    >>> p_in_words(0.03124), p_in_words(math.nan)
    ('P = 0.0312', 'no P value')
    """
    return "no P value" if p is None or math.isnan(p) else f"P = {p:.3g}"
