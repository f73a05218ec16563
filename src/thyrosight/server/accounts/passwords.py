"""Passwords: argon2id with the profile that OWASP names, a few at a time."""

from typing import Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from thyrosight.server.problems import refused

SHORTEST: Final = 12
"""Characters; long passwords of the user's own are better than short ones with signs (NIST SP 800-63B)."""
_LONGEST: Final = 256
# OWASP Password Storage Cheat Sheet: argon2id, 19 MiB, two passes, one lane.
_MEMORY, _PASSES, _LANES = 19 * 1024, 2, 1


class Passwords:
    """Makes and checks hashes in threads, so that the event loop goes on, and few at a time, so that memory lasts.

    Args:
        at_a_time: how many are worked on together; the others wait without a thread.
        memory_cost: in KiB; tests take less.
    """

    def __init__(self, *, at_a_time: int = 2, memory_cost: int = _MEMORY) -> None:
        self._hasher = PasswordHasher(time_cost=_PASSES, memory_cost=memory_cost, parallelism=_LANES)
        self._at_a_time = at_a_time
        self._limit: CapacityLimiter | None = None
        # Where there is no such account, a hash is checked all the same: the time tells nothing.
        self._nobody = self._hasher.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """The hash of a password, to be stored."""
        return await run_sync(self._hasher.hash, password, limiter=self._limiter())

    async def fits(self, password: str, stored: str | None) -> bool:
        """Whether a password is the one whose hash is stored; always False without one, after the same time."""
        return await run_sync(self._fits, password, stored, limiter=self._limiter())

    def _fits(self, password: str, stored: str | None) -> bool:
        try:
            self._hasher.verify(stored or self._nobody, password[: 4 * _LONGEST])
        except (Argon2Error, InvalidHashError):
            return False
        return stored is not None

    def _limiter(self) -> CapacityLimiter:
        if self._limit is None:  # it belongs to the event loop that first uses it
            self._limit = CapacityLimiter(self._at_a_time)
        return self._limit


def require_good_password(password: str, *, name: str) -> None:
    """Refuse a password that is too short, too long, one character again and again, or holds the account's name.

    Raises:
        ProblemError: one sentence that says why.
    """
    if len(password) < SHORTEST:
        raise refused(f"A password has at least {SHORTEST} characters; a few words in a row are easy to remember.")
    if len(password) > _LONGEST:
        raise refused(f"A password has at most {_LONGEST} characters.")
    if len(set(password)) < 4:
        raise refused("The password repeats the same few characters; take a few words in a row.")
    if name and name.lower() in password.lower():
        raise refused("The password holds the name of the account; leave it out.")
