"""A folder whose new files become studies; files are read and left where they are."""

import logging
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import select

from thyrosight.errors import ImageError, ThyroSightError
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database
from thyrosight.server.database.tables import Arrival
from thyrosight.server.problems import ProblemError
from thyrosight.server.studies import Taker

LOG = logging.getLogger("thyrosight.server.watch")
_SETTLED: Final = 3.0
"""Seconds since the last change of a file after which it counts as complete."""
_AT_A_TIME: Final = 200


class Watcher:
    """Takes in new files of a folder; each file once, as long as it does not change.

    Args:
        folder: watched with its folders; it may be away for a while.
        source: "folder" or "node"; stands in the origin of studies.
        settled: seconds; tests take none.
    """

    def __init__(
        self,
        folder: Path,
        source: str,
        *,
        taker: Taker,
        database: Database,
        clock: Clock,
        settled: float = _SETTLED,
    ) -> None:
        self._folder, self._source, self._settled = folder, source, settled
        self._taker, self._database, self._clock = taker, database, clock
        self._known: set[tuple[str, str]] = set()
        with database.read() as session:
            rows = session.execute(select(Arrival.name, Arrival.stamp).where(Arrival.source == source))
            self._known = {(name, stamp) for name, stamp in rows}

    def work(self) -> bool:
        """Take in a batch of new files; True where more may be left."""
        found = list(islice(self._new(), _AT_A_TIME))
        for path, name, stamp in found:
            self._take(path, name, stamp)
        return len(found) == _AT_A_TIME

    def _new(self) -> Iterator[tuple[Path, str, str]]:
        now = time.time()
        try:
            paths = sorted(self._folder.rglob("*"))
        except OSError:  # a share that is away
            return
        for path in paths:
            try:
                if path.name.startswith(".") or path.suffix == ".part" or not path.is_file():
                    continue
                facts = path.stat()
            except OSError:
                continue
            name, stamp = path.relative_to(self._folder).as_posix()[-512:], f"{facts.st_size}-{facts.st_mtime_ns}"
            if facts.st_size and now - facts.st_mtime >= self._settled and (name, stamp) not in self._known:
                yield path, name, stamp

    def _take(self, path: Path, name: str, stamp: str) -> None:
        problem = ""
        try:
            self._taker.take(path, name=path.name, origin=self._source, who="system")
        except (ImageError, ProblemError) as error:
            problem = str(error)
            LOG.warning("a file of the watched %s was not taken in: %s", self._source, problem)
        except ThyroSightError as error:  # a full disk is not the file's fault
            LOG.error("a file of the watched %s waits: %s", self._source, error)
            return
        with self._database.write() as session:
            session.add(Arrival(source=self._source, name=name, stamp=stamp, problem=problem, created_at=self._clock()))
        self._known.add((name, stamp))
