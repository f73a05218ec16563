"""How long a reader was at work on a reading, from what the pages told and when the server heard it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal

EventKind = Literal["opened", "active", "answered", "idle", "hidden", "shown", "paused", "resumed"]
EVENT_KINDS: Final[tuple[EventKind, ...]] = (
    "opened", "active", "answered", "idle", "hidden", "shown", "paused", "resumed",
)  # fmt: skip

LONGEST_UNTOUCHED: Final = 60.0
"""Seconds after a touch that count as work; who looks at a picture for long does not touch it all the time."""
_TOUCHES: Final = frozenset({"opened", "active", "answered", "shown", "resumed"})


@dataclass(frozen=True, slots=True)
class Event:
    """Something that a page told.

    Attributes:
        at: when the server heard it, by its own clock.
        kind: "opened", "active" (something was touched; a page tells it at most every few seconds), "answered", "idle"
            (nothing was touched for long), "hidden" and "shown" (of the tab), "paused" and "resumed" (of the reading).
        page: drawn anew each time a page is loaded.
        reading: which reading; needed where events of several are given.
    """

    at: datetime
    kind: EventKind
    page: str = ""
    reading: str = ""


@dataclass(slots=True)
class _Page:
    """A page as far as is known: its reading, when and as which it was touched last, and whether it can be seen."""

    reading: str
    touched: float
    turn: int = 0
    visible: bool = True
    idle: bool = False


@dataclass(slots=True)
class _Desk:
    """Readings and pages that a reader has open, at a time of its own that never runs backwards."""

    now: float = 0.0
    turn: int = 0
    counted: dict[str, float] = field(default_factory=dict)
    pages: dict[str, _Page] = field(default_factory=dict)
    paused: set[str] = field(default_factory=set)

    def wait(self, seconds: float) -> None:
        """Let time pass: it counts for the page in sight that was touched last."""
        seen = [page for page in self.pages.values() if page.visible and page.reading not in self.paused]
        if seen:
            page = max(seen, key=lambda one: one.turn)
            left = 0.0 if page.idle else page.touched + LONGEST_UNTOUCHED - self.now
            self.counted[page.reading] = self.counted.get(page.reading, 0.0) + min(max(left, 0.0), seconds)
        self.now += seconds

    def take(self, event: Event) -> None:
        """Note what a page tells."""
        page = self.pages.setdefault(event.page, _Page(event.reading, self.now))
        page.reading = event.reading
        if event.kind == "paused":
            self.paused.add(event.reading)
        elif event.kind == "resumed":
            self.paused.discard(event.reading)
        if event.kind in _TOUCHES:
            self.turn += 1
            page.touched, page.turn, page.idle = self.now, self.turn, False
        if event.kind == "idle":
            page.idle = True
        if event.kind in ("hidden", "shown", "opened"):
            page.visible = event.kind != "hidden"


def active_seconds(events: Sequence[Event], *, until: datetime, reading: str = "") -> float:
    """Seconds of work on one reading.

    Time counts while a page of the reading is in sight, is not paused, and was touched within the last 60 seconds. Of
    several pages of one reader only the one that was touched last counts, so that no second counts twice, neither in
    two tabs of one reading nor in two readings. Where the clock of the server was set back, the time between two
    events counts as none.

    Args:
        events: of one reader, in the order in which the server heard them; those of other readings may be among them.
        until: when the reading was locked, or now.
        reading: whose seconds are wanted.

    >>> from datetime import timedelta
    >>> start = datetime(2026, 3, 1, 12)
    >>> heard = [(0, "opened"), (20, "active"), (30, "hidden"), (500, "shown"), (510, "answered")]
    >>> events = [Event(start + timedelta(seconds=second), kind) for second, kind in heard]
    >>> [active_seconds(events, until=start + timedelta(seconds=end)) for end in (515, 3600)]
    [45.0, 100.0]
    """
    desk, before = _Desk(), None
    for event in events:
        desk.wait(_since(before, event.at))
        desk.take(event)
        before = event.at
    desk.wait(_since(before, until))
    return desk.counted.get(reading, 0.0)


def _since(before: datetime | None, at: datetime) -> float:
    return 0.0 if before is None else max(0.0, (at - before).total_seconds())
