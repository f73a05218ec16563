"""Assessing received images, and making their results ready to send."""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

from pydicom import Dataset

from thyrosight.errors import OutputError, ThyroSightError
from thyrosight.memory import give_back_freed_memory
from thyrosight.pacs.node.durable import file_name, write_durably
from thyrosight.pacs.node.holdings import Holdings
from thyrosight.pacs.node.peers import UnreachableError
from thyrosight.pacs.node.receiving import without_path
from thyrosight.pacs.node.store import Store
from thyrosight.pacs.node.tables import ReceivedImage, ResultObject
from thyrosight.pacs.node.worklist import ASKED_AGAIN
from thyrosight.pacs.objects import Assess, DicomObject, make_objects
from thyrosight.pacs.refusal_report import refusal_report
from thyrosight.pacs.source import SourceImage, read_source
from thyrosight.pacs.uids import DicomError

LOG = logging.getLogger("thyrosight.node")
_MOST_ATTEMPTS: Final = 25
"""Crashes of the program while it assesses an image after which the image is refused."""


class Assessing:
    """Takes received images one after the other, assesses them, and makes their results ready to send."""

    def __init__(
        self,
        store: Store,
        assess: Assess,
        *,
        kinds: Sequence[str],
        peers: Sequence[str],
        on_results: Callable[[], None],
        holdings: Holdings,
        require: Callable[[SourceImage], None] | None = None,
        report_refusals: bool = False,
    ) -> None:
        self._store, self._assess, self._kinds, self._peers = store, assess, tuple(kinds), tuple(peers)
        self._on_results, self._holdings = on_results, holdings
        self._require, self._report_refusals = require, report_refusals

    def work(self) -> bool:
        """Assess the next image; False where none waits."""
        image = self._store.next_image()
        if image is None:
            return False
        try:
            return self._finish(image)
        finally:
            give_back_freed_memory()

    def _finish(self, image: ReceivedImage) -> bool:
        """Assess or refuse an image; False where nothing behind it can be done now either."""
        if image.attempts > _MOST_ATTEMPTS:
            self._refuse(image, f"the program ended {_MOST_ATTEMPTS} times while assessing it")
            return True
        try:
            results = self._results(image)
            self._index(results)
            self._store.finish_image(image.uid, results, self._peers)
        except UnreachableError as error:  # the worklist; images behind it may be of patients who are known
            LOG.warning("%s from %s waits: %s; tried again", image.uid, image.caller, error)
            self._store.put_off(image.uid, ASKED_AGAIN)
            return True
        except (OutputError, sqlite3.Error) as error:  # a full disk, which stops those behind it too
            LOG.error("%s from %s waits: %s; tried again", image.uid, image.caller, error)
            self._store.take_back_attempt(image.uid)
            return False
        except Exception as error:
            self._refuse(image, self._reason(image, error))
            return True
        LOG.info("assessed %s from %s: %d results", image.uid, image.caller, len(results))
        self._on_results()
        return True

    def _reason(self, image: ReceivedImage, error: Exception) -> str:
        if isinstance(error, ThyroSightError):
            return str(error)
        # A defect of ours must not stop the images behind it.
        LOG.error("defect while assessing %s from %s", image.uid, image.caller, exc_info=error)
        return f"defect: {error}"

    def _refuse(self, image: ReceivedImage, reason: str) -> None:
        said = without_path(reason, image.file)
        LOG.warning("not assessed %s from %s: %s", image.uid, image.caller, said)
        reports = self._refusal_report(image, said) if self._report_refusals else []
        self._store.refuse_image(image.uid, said, reports=reports, peers=self._peers)
        self._on_results()

    def _refusal_report(self, image: ReceivedImage, reason: str) -> list[ResultObject]:
        """A report of a refusal; none where the image's header does not even allow that."""
        try:
            made = refusal_report(read_source(image.file), reason, made=datetime.fromtimestamp(image.received))
            reports = [self._written(DicomObject("refusal", made))]
        except (ThyroSightError, ValueError, TypeError, AttributeError, KeyError) as error:
            LOG.warning("no report of the refusal of %s: %s", image.uid, without_path(str(error), image.file))
            return []
        self._index(reports)
        return reports

    def _results(self, image: ReceivedImage) -> list[ResultObject]:
        source = read_source(image.file)
        if self._require is not None:
            self._require(source)
        assessed = self._assess(image.file)
        made, left_out = make_objects(
            [one for one, _ in assessed],
            source,
            [frame for _, frame in assessed],
            kinds=self._kinds,
            made=datetime.fromtimestamp(image.received),
        )
        for item in left_out:
            LOG.debug("%s: no %s, %s", image.uid, item.kind, item.reason)
        return [self._written(result) for result in made]

    def _written(self, result: DicomObject) -> ResultObject:
        content = _as_bytes(result.dataset)
        path = self._store.results / file_name(result.uid, content)
        write_durably(path, content)
        return ResultObject(result.uid, result.kind, path, len(content))

    def _index(self, results: Sequence[ResultObject]) -> None:
        """Let queries find the results; before the queue names them, so that no other step is lost by a crash."""
        for result in results:
            self._holdings.add(result.file)


def _as_bytes(dataset: Dataset) -> bytes:
    stream = BytesIO()
    try:
        dataset.save_as(stream, enforce_file_format=True)
    except (ValueError, TypeError, AttributeError, KeyError) as error:
        raise DicomError(f"A result does not fit DICOM ({error}); check the image's header.") from error
    return stream.getvalue()
