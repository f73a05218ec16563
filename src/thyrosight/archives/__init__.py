"""Archives: very many images assessed over processes or machines, with results in Parquet, resumed after any loss."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.archives.rows import cells_of, loop_of
    from thyrosight.archives.run import ArchiveRun, assess_archive
    from thyrosight.archives.summary import Left
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = ["ArchiveRun", "Left", "assess_archive", "cells_of", "loop_of"]
