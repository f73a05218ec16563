"""Active time: no second twice, none while nobody works, and no harm from a clock that is set."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.readings import EVENT_KINDS, Event, active_seconds

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def heard(*told: tuple[float, str], page: str = "1", reading: str = "") -> list[Event]:
    """Events of one page by their seconds."""
    kinds = {kind: kind for kind in EVENT_KINDS}
    return [Event(at(second), kinds[kind], page, reading) for second, kind in told]  # type: ignore[index]


def merged(*lists: Sequence[Event]) -> list[Event]:
    return sorted((event for events in lists for event in events), key=lambda event: event.at)


@pytest.mark.parametrize(
    ("told", "until", "seconds"),
    [
        ([(0, "opened")], 40, 40),
        ([(0, "opened")], 61, 60),
        ([(0, "opened"), (50, "active")], 100, 100),
        ([(0, "opened"), (200, "active")], 210, 70),
        ([(0, "opened"), (10, "hidden"), (100, "shown")], 105, 15),
        ([(0, "opened"), (10, "hidden")], 50, 10),
        ([(0, "opened"), (10, "paused"), (20, "active"), (30, "resumed")], 35, 15),
        ([(0, "opened"), (10, "paused"), (15, "opened")], 35, 10),
        ([(0, "opened"), (30, "idle"), (40, "active")], 45, 35),
        ([], 100, 0),
    ],
)
def test_time_counts_while_somebody_works(told: list[tuple[float, str]], until: float, seconds: float) -> None:
    assert active_seconds(heard(*told), until=at(until)) == seconds


def test_two_tabs_of_one_reading_count_once() -> None:
    one = heard((0, "opened"), (20, "active"), (40, "hidden"))
    two = heard((10, "opened"), (30, "active"), (50, "answered"), page="2")
    assert active_seconds(merged(one, two), until=at(60)) == 60


def test_a_reload_counts_nothing_twice() -> None:
    one, two = heard((0, "opened"), (20, "active")), heard((25, "opened"), page="2")
    assert active_seconds(merged(one, two), until=at(45)) == 45


def test_two_readings_side_by_side_share_the_time() -> None:
    one = heard((0, "opened"), (20, "active"), reading="A")
    two = heard((10, "opened"), (30, "active"), page="2", reading="B")
    events = merged(one, two)
    assert active_seconds(events, until=at(40), reading="A") == 10 + 10
    assert active_seconds(events, until=at(40), reading="B") == 10 + 10


def test_a_clock_that_is_set_back_costs_the_time_between_two_events_alone() -> None:
    events = heard((0, "opened"), (20, "active"), (-3600, "active"), (-3590, "active"))
    assert active_seconds(events, until=at(-3585)) == 20 + 10 + 5


def test_the_page_that_was_heard_last_counts_where_the_clock_cannot_tell() -> None:
    one = heard((0, "opened"), (0, "idle"), reading="A")
    two = heard((0, "opened"), page="2", reading="B")
    assert active_seconds([*one, *two], until=at(20), reading="B") == 20


def test_a_clock_that_is_set_forward_counts_a_minute_at_most() -> None:
    events = heard((0, "opened"), (20, "active"), (86_400, "active"))
    assert active_seconds(events, until=at(86_410)) == 20 + 60 + 10


@st.composite
def days(draw: st.DrawFn, readings: Sequence[str] = ("A", "B")) -> list[Event]:
    """Draw the events that a reader's pages report, in order."""
    gaps = draw(st.lists(st.integers(0, 150), max_size=25))
    events, now = [], 0
    for gap in gaps:
        now += gap
        page = draw(st.sampled_from("123"))
        reading = readings[int(page) % len(readings)]
        events.append(Event(at(now), draw(st.sampled_from(EVENT_KINDS)), page, reading))
    return events


def seconds_of(events: Sequence[Event], until: datetime) -> float:
    return sum(active_seconds(events, until=until, reading=reading) for reading in ("A", "B"))


@given(days(), st.integers(0, 200))
def test_no_second_counts_twice(events: list[Event], more: int) -> None:
    until = (events[-1].at if events else START) + timedelta(seconds=more)
    wall = (until - events[0].at).total_seconds() if events else 0
    assert 0 <= seconds_of(events, until) <= wall


@given(days(), st.integers(0, 30))
def test_an_event_that_comes_twice_changes_nothing(events: list[Event], place: int) -> None:
    until = at(4000)
    twice = [*events[: place + 1], *events[place : place + 1], *events[place + 1 :]]
    assert seconds_of(twice, until) == seconds_of(events, until)


@given(days(), st.integers(1, 24), st.integers(1, 10_000))
def test_a_step_back_of_the_clock_costs_one_gap_at_most(events: list[Event], place: int, step: int) -> None:
    if place >= len(events):
        return
    back, until = timedelta(seconds=step), at(4000)
    stepped = [*events[:place], *(replace(event, at=event.at - back) for event in events[place:])]
    gap = (events[place].at - events[place - 1].at).total_seconds()
    found = seconds_of(stepped, until - back)
    assert seconds_of(events, until) - found <= gap
    assert found <= (until - events[0].at).total_seconds() - min(gap, step)


@given(days(readings=("A",)), st.integers(0, 24))
def test_a_pause_takes_out_all_until_it_ends(events: list[Event], place: int) -> None:
    plain = [event for event in events if event.kind not in ("paused", "resumed")]
    before = plain[:place]
    if not before:
        return
    paused = [*before, Event(before[-1].at, "paused", "1", "A"), *plain[place:]]
    until = at(4000)
    assert active_seconds(paused, until=until, reading="A") == active_seconds(before, until=before[-1].at, reading="A")
