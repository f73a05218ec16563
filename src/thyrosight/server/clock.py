"""The time as the workstation stores it: always UTC."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present time with its zone; tests hand in their own."""


def utc_now() -> datetime:
    """The present time in UTC."""
    return datetime.now(UTC)


def as_text(moment: datetime) -> str:
    """A moment in ISO 8601, UTC, to the microsecond, always of the same length.

    >>> as_text(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    '2026-03-01T12:30:00.000000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
