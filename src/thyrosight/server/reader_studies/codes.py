"""Random codes that stand for cases: nothing follows from them, not even the order in which they were drawn."""

import secrets
from collections.abc import Container
from typing import Final

_LETTERS: Final = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which are taken for each other."""


def new_code(taken: Container[str], *, prefix: str = "") -> str:
    """A code that is not taken: six letters and digits, in one of 10^9 ways.

    >>> len(new_code({"C-AAAAAA"}, prefix="C-"))
    8
    """
    while True:
        code = prefix + "".join(secrets.choice(_LETTERS) for _ in range(6))
        if code not in taken:
            return code
