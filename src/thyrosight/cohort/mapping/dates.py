"""Dates as people and programs write them: ISO, day or month first, months in words, Chinese, or serial numbers."""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, Literal

from thyrosight.cohort.mapping.headers import plain_words

Order = Literal["dmy", "mdy"]

_ISO: Final = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?(?:[ T].*)?")
_EIGHT: Final = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})(?:\d{4,6})?")
_NUMBERS: Final = re.compile(r"(\d{1,2})([-./ ]|\. )(\d{1,2})(?:[-./ ]|\. )(\d{4}|\d{2})(?:[ T,].*)?")
_WORDS: Final = re.compile(r"(\d{1,2}) (?:de )?([a-z]+) (?:del? )?(\d{4}|\d{2})")
_WORD_FIRST: Final = re.compile(r"([a-z]+) (\d{1,2})(?:st|nd|rd|th)? (\d{4})")
_SERIAL: Final = re.compile(r"(\d{5})(?:[.,]\d+)?")
_MONTHS: Final = {
    word: number
    for number, words in enumerate(
        (
            "jan januar january enero ene jaenner", "feb februar february febrero", "mar maerz march marzo mrz mae",
            "apr april abril abr", "may mai mayo", "jun juni june junio", "jul juli july julio",
            "aug august agosto ago", "sep september septiembre sept set setiembre", "oct oktober october octubre okt",
            "nov november noviembre", "dec dezember december diciembre dez dic",
        ),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
_EPOCH: Final = date(1899, 12, 30)
_SERIALS: Final = range(5_000, 60_000)
_PIVOT: Final = 30


@lru_cache(maxsize=131_072)
def read_date(text: str, *, order: Order = "dmy", born: bool = False) -> date | None:
    """The date in a cell, or None where there is none.

    Args:
        text: the cell.
        order: whether the day or the month comes first in dates such as 03/04/2021; a point always follows a day.
        born: whether it is a date of birth, so that 45 is 1945.

    >>> {read_date(text) for text in ("2021-03-04", "4.3.2021", "04/03/21", "2021年3月4日", "44259", "20210304")}
    {datetime.date(2021, 3, 4)}
    >>> read_date("03/04/2021", order="mdy"), read_date("4. März 1945"), read_date("4 de marzo de 2021")
    (datetime.date(2021, 3, 4), datetime.date(1945, 3, 4), datetime.date(2021, 3, 4))
    >>> read_date("12.05.45", born=True), read_date("7,5")
    (datetime.date(1945, 5, 12), None)
    """
    text = text.strip()
    if found := _ISO.fullmatch(text) or _EIGHT.fullmatch(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.fullmatch(text):
        first, second, year = int(found[1]), int(found[3]), _year(found[4], born)
        month_first = order == "mdy" and "." not in found[2]
        return _date(year, first, second) if month_first else _date(year, second, first)
    if (found := _SERIAL.fullmatch(text)) and int(found[1]) in _SERIALS:
        return _EPOCH + timedelta(days=int(found[1]))
    return _in_words(plain_words(text), born)


def _in_words(plain: str, born: bool) -> date | None:
    if (found := _WORDS.fullmatch(plain)) and found[2] in _MONTHS:
        return _date(_year(found[3], born), _MONTHS[found[2]], int(found[1]))
    if (found := _WORD_FIRST.fullmatch(plain)) and found[1] in _MONTHS:
        return _date(int(found[3]), _MONTHS[found[1]], int(found[2]))
    return None


def _year(text: str, born: bool) -> int:
    """A year; of two digits the last one that can be meant."""
    if len(text) == 4:
        return int(text)
    year = int(text)
    this = date.today().year - 2000
    return 2000 + year if year <= (this - 10 if born else max(this, _PIVOT)) else 1900 + year


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def date_order(cells: Iterable[str]) -> Order | None:
    """Whether day or month comes first in a column; None where no cell tells.

    >>> date_order(["03/04/2021", "25/04/2021"]), date_order(["03/04/2021", "04/25/2021"]), date_order(["03/04/2021"])
    ('dmy', 'mdy', None)
    """
    day_first = month_first = 0
    for cell in cells:
        if (found := _NUMBERS.fullmatch(cell.strip())) is None or "." in found[2]:
            continue
        day_first += int(found[1]) > 12 >= int(found[3])
        month_first += int(found[3]) > 12 >= int(found[1])
    if bool(day_first) == bool(month_first):
        return None
    return "dmy" if day_first else "mdy"


def has_open_order(cells: Iterable[str]) -> bool:
    """Whether some cell is a date whose day and month could be exchanged."""
    return any((found := _NUMBERS.fullmatch(cell.strip())) is not None and "." not in found[2] for cell in cells)


def age_at(born: date, day: date) -> int | None:
    """Whole years from birth to a day; None where that is no age.

    >>> age_at(date(1960, 3, 5), date(2021, 3, 4)), age_at(date(2021, 1, 1), date(1990, 1, 1))
    (60, None)
    """
    years = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
    return years if 0 <= years <= 120 else None
