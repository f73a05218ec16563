"""Ages and sizes in cells: 54 J., 12岁, 1,2 x 0,8 cm, ca. 9 mm."""

import re
from functools import lru_cache
from typing import Final

_AGE: Final = re.compile(
    r"0*(\d{1,3})(?:[.,](\d+))?\s*(years?( old)?|yrs?|y\.?o?\.?|jahre?( alt)?|j\.?|a|anos|años|周?岁|y)?", re.IGNORECASE
)
_MONTHS: Final = re.compile(r"0*(\d{1,3})\s*(months?|monate?|m|meses|个?月)", re.IGNORECASE)
_NUMBER: Final = r"\d+(?:[.,]\d+)?"
_SIZE: Final = re.compile(
    r"(?:ca\.?|circa|approx\.?|about|etwa|aprox\.?|约|大小约|~|≈|up to|bis)?"
    rf"\s*({_NUMBER}(?:\s*(?:mm|cm)?\s*[x×*X✕]\s*{_NUMBER})*)"
    r"\s*(mm|cm|毫米|厘米)?\.?",
    re.IGNORECASE,
)
_PARTS: Final = re.compile(_NUMBER)
LARGEST_MM: Final = 200.0


@lru_cache(maxsize=65_536)
def read_age(text: str) -> float | None:
    """The age in years in a cell, or None where there is none.

    >>> [read_age(t) for t in ("54", "54 J.", "054Y", "54岁", "54,5", "8 months", "154", "?")]
    [54.0, 54.0, 54.0, 54.0, 54.5, 0.67, None, None]
    """
    text = text.strip()
    if found := _AGE.fullmatch(text):
        years = float(f"{found[1]}.{found[2] or 0}")
        return years if years <= 120 else None
    if found := _MONTHS.fullmatch(text):
        return round(int(found[1]) / 12, 2)
    return None


@lru_cache(maxsize=65_536)
def read_size(text: str, *, unit: str = "mm") -> float | None:
    """The largest diameter in millimetres in a cell, or None where there is none, or more than one could be meant.

    Args:
        text: the cell.
        unit: where the cell names none.

    >>> [read_size(t) for t in ("12x8x10 mm", "1,2 × 0,8 cm", "ca. 9", "9-12", "0", "500")], read_size("1.2", unit="cm")
    ([12.0, 12.0, 9.0, None, None, None], 12.0)
    """
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        return None
    factor = 10 if (found[2] or unit).lower() in ("cm", "厘米") else 1
    largest = round(max(float(part.replace(",", ".")) for part in _PARTS.findall(found[1])) * factor, 3)
    return largest if 0.1 <= largest <= LARGEST_MM else None


def states_unit(text: str) -> bool:
    """Whether a cell names the unit of its size.

    >>> states_unit("12 mm"), states_unit("12")
    (True, False)
    """
    found = _SIZE.fullmatch(text.strip())
    return found is not None and found[2] is not None
