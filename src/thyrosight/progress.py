"""How long work reports how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called with the name of the work, the number of steps done and the number of all steps."""


def silent(what: str, done: int, total: int) -> None:
    """A progress callback that does nothing."""
