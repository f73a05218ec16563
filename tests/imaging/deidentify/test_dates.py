"""Dates move by whole days; what is no date is not passed on."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from thyrosight.imaging.deidentify.dates import shifted_date, shifted_date_time

DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2100, 1, 1))


@given(DAYS, DAYS, st.integers(366, 3653))
def test_intervals_between_dates_stay(one: date, other: date, back: int) -> None:
    moved = [shifted_date(f"{day:%Y%m%d}", back) for day in (one, other)]
    assert None not in moved
    first, second = (date(int(t[:4]), int(t[4:6]), int(t[6:])) for t in moved if t)
    assert second - first == other - one
    assert one - first == timedelta(days=back)


def test_time_and_zone_of_a_date_time_stay() -> None:
    assert shifted_date_time("20240301120000.123456-0500", 366) == "20230301120000.123456-0500"
    assert shifted_date_time("20240301", 1) == "20240229"


def test_what_is_no_date_gives_nothing() -> None:
    for text in ("", "2024", "20241301", "1 March", "20240301-20240302", "00010101"):
        assert shifted_date(text, 400) is None
