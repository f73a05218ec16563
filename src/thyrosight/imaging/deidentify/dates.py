"""Moving DICOM dates by whole days; times of day stay, so that intervals within a study and between studies stay."""

import re
from datetime import date, timedelta

_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})")
_OLD_DATE = re.compile(r"(\d{4})\.(\d{2})\.(\d{2})")  # as written before DICOM 3.0
_DATE_TIME = re.compile(r"(\d{8})(\d{2,6}(?:\.\d{1,6})?)?([+-]\d{4})?")


def shifted_date(text: str, days_back: int) -> str | None:
    """A DA value moved into the past; None where it is no date.

    >>> shifted_date("20260301", 1), shifted_date("2026.03.01", 1), shifted_date("unknown", 1)
    ('20260228', '20260228', None)
    """
    match = _DATE.fullmatch(text.strip()) or _OLD_DATE.fullmatch(text.strip())
    if match is None:
        return None
    try:
        moved = date(int(match[1]), int(match[2]), int(match[3])) - timedelta(days=days_back)
    except (ValueError, OverflowError):
        return None
    return f"{moved:%Y%m%d}".rjust(8, "0")


def shifted_date_time(text: str, days_back: int) -> str | None:
    """A DT value moved into the past; None where it is none, or where its day is not known.

    >>> shifted_date_time("20260301113000.5+0100", 1), shifted_date_time("2026", 1)
    ('20260228113000.5+0100', None)
    """
    match = _DATE_TIME.fullmatch(text.strip())
    day = shifted_date(match[1], days_back) if match else None
    return None if match is None or day is None else f"{day}{match[2] or ''}{match[3] or ''}"
