"""Temporal validation: earlier examinations train, later ones are tested."""

import calendar
import re
from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from typing import Final, Literal, NamedTuple, get_args

import pandas as pd

from thyrosight.cohort.columns import closest, in_words
from thyrosight.cohort.dividing import split_tested
from thyrosight.cohort.splits import Split
from thyrosight.cohort.table import Cohort
from thyrosight.errors import SplitError

BothSides = Literal["refuse", "earlier", "later"]
Undated = Literal["refuse", "train"]
_PERIOD: Final = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ].*)?)?)?")


class Period(NamedTuple):
    """A day, a month or a year, by its first and its last day."""

    first: date
    last: date


def read_period(text: str) -> Period | None:
    """The day, month or year that a cell names; None where it names none.

    >>> read_period("2020-02")
    Period(first=datetime.date(2020, 2, 1), last=datetime.date(2020, 2, 29))
    >>> read_period("2020-02-30") is None
    True
    """
    found = _PERIOD.fullmatch(text.strip())
    if found is None:
        return None
    month, day = (None if part is None else int(part) for part in found.groups()[1:])
    try:
        first = date(int(found[1]), month or 1, day or 1)
    except ValueError:
        return None
    if day is not None:
        return Period(first, first)
    until = month or 12
    return Period(first, date(first.year, until, calendar.monthrange(first.year, until)[1]))


def split_by_date(
    cohort: Cohort,
    *,
    column: str = "exam_date",
    since: str = "",
    test: float = 0.3,
    validation: float = 0.15,
    repeats: int = 1,
    both_sides: BothSides = "refuse",
    undated: Undated = "refuse",
    seed: int = 0,
    stratify: Sequence[str] = ("label",),
) -> Split:
    """Train on earlier examinations and test on later ones; groups stay whole.

    All images of the day (month, year) on which the later part begins belong to it. The validation part is drawn from
    the earlier one, once or in several independent draws.

    Args:
        cohort: with the column `group`, and a date of each image: a day, a month or a year as in 2021-03-04.
        column: that holds the dates.
        since: where the later part begins; where empty, the date that comes closest to the share `test` of all images.
        test, validation, repeats, seed, stratify: as in `split_holdout`.
        both_sides: what happens to groups with images on both sides: they are refused, or count as a whole as earlier
            (then training sees some later images) or as later.
        undated: what happens to images without a date: they are refused, or train where their group has no later image.

    Raises:
        SplitError: no such column, cells that are no date or that leave their side open, groups on both sides or images
            without a date where these are refused, one side empty; or as `split_holdout`.
    """
    for name, value, allowed in (("both_sides", both_sides, BothSides), ("undated", undated, Undated)):
        if value not in get_args(allowed):
            raise SplitError(f"{name} is {value!r}; choose {in_words(get_args(allowed))}.")
    periods = _periods(cohort, column)
    begin = _begin([period for period in periods if period is not None], since=since, test=test, column=column)
    is_later = pd.Series(_later(periods, begin, cohort), index=cohort.table.index, dtype=object)
    table = cohort.table.assign(group=cohort.table["group"].astype(str), later=is_later)
    missing = table["later"].isna()
    if missing.any() and undated == "refuse":
        raise SplitError(
            f"{int(missing.sum())} of {len(table)} images have no {column}, for example "
            f"{table.loc[missing, 'key'].iloc[0]}; fill it in, leave them out, or let them train (undated)."
        )
    later, earlier = (set(table.loc[table["later"] == side, "group"]) for side in (True, False))
    mixed = sorted(later & earlier)
    if mixed and both_sides == "refuse":
        raise SplitError(
            f"{len(mixed)} groups (patients) have images before and from {begin} on, for example {mixed[0]}; keep them "
            "whole as earlier or later (both_sides), or choose another date."
        )
    said = [f"by date ({column}): examined before {begin} to train, from then on to test"]
    said += [f"groups with images on both sides, counted as {both_sides}: {len(mixed)}"] if mixed else []
    said += [f"images without a date, which train: {int(missing.sum())}"] if missing.any() else []
    method = f"{'; '.join(said)}; validation {validation:g} of the earlier part"
    tested = later - (earlier if both_sides == "earlier" else set())
    return split_tested(
        cohort, tested, validation=validation, repeats=repeats, seed=seed, stratify=stratify, method=method
    )


def _periods(cohort: Cohort, column: str) -> list[Period | None]:
    """The period of each image, None where its cell is empty."""
    table = cohort.table
    if column not in table:
        meant = closest(column, [str(name) for name in table.columns])
        hint = f"; did you mean {meant}?" if meant else f"; it has {', '.join(map(str, table.columns))}."
        raise SplitError(f"Cohort {cohort.name} has no column {column} to divide by date{hint}")
    found = []
    for key, cell in zip(table["key"], table[column].astype(object).fillna(""), strict=True):
        text = str(cell).strip()
        period = read_period(text)
        if period is None and text:
            raise SplitError(
                f"Cohort {cohort.name}, image {key}, column {column}: {text!r} is no date; write it as 2021-03-04, "
                "2021-03 or 2021."
            )
        found.append(period)
    return found


def _begin(periods: Sequence[Period], *, since: str, test: float, column: str) -> date:
    """The first day of the later part."""
    if since:
        asked = read_period(since)
        if asked is None:
            raise SplitError(f"since: {since!r} is no date; write it as 2021-03-04, 2021-03 or 2021.")
        return asked.first
    days = sorted(period.first for period in periods)
    if not days or days[0] == days[-1]:
        raise SplitError(f"Column {column} names one date only; a division by date needs earlier and later ones.")

    def miss(day: date) -> float:
        return abs((len(days) - bisect_left(days, day)) / len(days) - test)

    return min(sorted(set(days))[1:], key=miss)


def _later(periods: Sequence[Period | None], begin: date, cohort: Cohort) -> list[bool | None]:
    """Whether each image was examined on the first day of the later part or after it; None where no date is known."""
    for key, period in zip(cohort.table["key"], periods, strict=True):
        if period is not None and period.first < begin <= period.last:
            raise SplitError(
                f"Cohort {cohort.name}, image {key}: {period.first:%Y} may lie before or after {begin}; write months "
                "or days, or let the later part begin with a year (since)."
            )
    later = [None if period is None else period.first >= begin for period in periods]
    if not any(later):
        raise SplitError(f"No image of cohort {cohort.name} was examined from {begin} on; choose an earlier date.")
    return later
