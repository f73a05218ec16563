"""Telling somebody of each image that was acknowledged and then not assessed, by a program of the user's own."""

import logging
import subprocess
from collections.abc import Sequence
from typing import Final

from thyrosight.pacs.node.store import Store

LOG = logging.getLogger("thyrosight.node")
_PATIENCE: Final = 60.0
"""Seconds that the program may take."""


class Telling:
    """Runs a program once for each refused image: PROGRAM identifier caller reason.

    No shell is involved. An image counts as told when the program ends with 0; until then it is tried again.
    """

    def __init__(self, store: Store, program: Sequence[str]) -> None:
        self._store, self._program = store, tuple(program)

    def work(self) -> bool:
        """Tell of the next refused image; False where none waits, or the program fails."""
        image = self._store.untold()
        if image is None:
            return False
        try:
            done = subprocess.run(
                [*self._program, *image], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                timeout=_PATIENCE, check=False,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            LOG.error("%s was not told of %s: %s; tried again", self._program[0], image[0], error)
            return False
        if done.returncode != 0:
            LOG.error(
                "%s was not told of %s: it ended with %d; tried again", self._program[0], image[0], done.returncode
            )
            return False
        self._store.note_told(image[0])
        LOG.info("told %s of %s", self._program[0], image[0])
        return True
