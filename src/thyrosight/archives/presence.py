"""Whether the folders of images are there: a share that is gone must not be taken for images that cannot be read."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from thyrosight.archives.worklist import Item
from thyrosight.errors import ImageError


class Folders:
    """The folders that were there when the work list was made, or when the work on a part began.

    An empty folder counts as gone: the place of a network share is one while nothing is mounted there.

    Args:
        items: of the part, each a file.
    """

    def __init__(self, items: Iterable[Item]) -> None:
        self._before: dict[Path, bool] = {}
        for item in items:
            folder = Path(item.cells["image"]).parent
            if item.cells["found"]:
                self._before[folder] = True
            elif folder not in self._before:
                self._before[folder] = _is_there(folder)

    def require(self, refused: Sequence[Item], *, of: int) -> None:
        """Refuse to write a part whose images could not be read because their folder is gone.

        Args:
            refused: those of the items that were refused.
            of: all items of the part.

        Raises:
            ImageError: a folder went meanwhile, or all images were refused and none of their folders is there.
        """
        now = {folder: _is_there(folder) for folder in {Path(item.cells["image"]).parent: None for item in refused}}
        went = next((folder for folder, there in now.items() if self._before[folder] and not there), None)
        if went is not None:
            raise ImageError(f"{went} went before its images were read; bring it back and run the same command again.")
        if len(refused) == of and not any(now.values()):
            raise ImageError(
                f"{next(iter(now))} is not there, nor is any other folder of these images; check the paths and the "
                "network drive, and run the same command again."
            )


def _is_there(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is not None
    except OSError:
        return False
