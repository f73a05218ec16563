"""Queries and retrievals that the node answers over what it holds: C-FIND, C-MOVE, C-GET (PS3.4, annex C)."""

import logging
import ssl
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import pydicom
from pydicom import Dataset
from pydicom.errors import InvalidDicomError
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian
from pynetdicom import build_context, evt
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from thyrosight.pacs.node.classes import CANCELLED, DOES_NOT_FIT, PENDING, SUCCESS
from thyrosight.pacs.node.holdings import LEVELS, Held, Holdings
from thyrosight.pacs.node.peers import Peer
from thyrosight.pacs.node.receiving import caller_of

LOG = logging.getLogger("thyrosight.node")

QUERY_CLASSES: Final = (
    PatientRootQueryRetrieveInformationModelFind,
    PatientRootQueryRetrieveInformationModelMove,
    PatientRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelMove,
    StudyRootQueryRetrieveInformationModelGet,
)
_UNCOMPRESSED: Final = (ExplicitVRLittleEndian, ImplicitVRLittleEndian)
_MOST_CONTEXTS: Final = 128


class Answering:
    """Handlers of queries and retrievals.

    Args:
        holdings: what is held.
        title: the node's own AE title.
        places: where objects may be moved to, by AE title: peers and callers with an address.
        context: TLS for places that want it.
    """

    def __init__(
        self, holdings: Holdings, *, title: str, places: Mapping[str, Peer], context: ssl.SSLContext | None
    ) -> None:
        self._holdings, self._title, self._places, self._context = holdings, title, places, context

    def handlers(self) -> list[tuple[Any, Any]]:
        """Events and their handlers, as pynetdicom binds them."""
        return [(evt.EVT_C_FIND, self.find), (evt.EVT_C_MOVE, self.move), (evt.EVT_C_GET, self.get)]

    def find(self, event: Any) -> Iterator[tuple[int, Dataset | None]]:
        """C-FIND: one answer for each match."""
        level, keys = asked(event.identifier)
        caller = caller_of(event)
        if level not in LEVELS:
            LOG.warning("query from %s refused: it names no level", caller)
            yield DOES_NOT_FIT, None
            return
        found = self._holdings.find(level, keys)
        LOG.info("query from %s at level %s: %d matches", caller, level, len(found))
        for match in found:
            if event.is_cancelled:
                yield CANCELLED, None
                return
            yield PENDING, self._answer(level, match, event.identifier)

    def _answer(self, level: str, match: Mapping[str, str], identifier: Dataset) -> Dataset:
        """The attributes that were asked for; those that are not known are empty."""
        answer = Dataset()
        answer.SpecificCharacterSet = "ISO_IR 192"
        for element in identifier:
            if element.VR != "SQ" and element.keyword and element.tag.group != 0:
                value = match.get(element.keyword, "")
                several = value.split("\\") if "\\" in value else value or None
                setattr(answer, element.keyword, int(value) if element.VR == "US" and value else several)
        answer.QueryRetrieveLevel, answer.RetrieveAETitle = level, self._title
        answer.SpecificCharacterSet = "ISO_IR 192"
        return answer

    def move(self, event: Any) -> Iterator[Any]:
        """C-MOVE: send what matches to a place that the node knows."""
        caller, title = caller_of(event), str(event.move_destination).strip()
        place = self._places.get(title)
        if place is None:
            LOG.warning("retrieval from %s refused: nobody said at which address %s is", caller, title)
            yield None, None
            return
        found = self._selected(event)
        LOG.info("%s moves %d objects to %s", caller, len(found), title)
        accepted: set[tuple[str, str]] = set()
        established = (evt.EVT_ESTABLISHED, lambda event: accepted.update(accepted_by(event.assoc)))
        options: dict[str, Any] = {"contexts": contexts_for(found), "evt_handlers": [established]}
        if place.secure and self._context is not None:
            options["tls_args"] = (self._context, place.host)
        yield place.host, place.port, options
        yield len(found)
        yield from self._each(event, found, accepted=accepted)

    def get(self, event: Any) -> Iterator[Any]:
        """C-GET: send what matches back in the same connection."""
        found = self._selected(event)
        LOG.info("%s gets %d objects", caller_of(event), len(found))
        yield len(found)
        yield from self._each(event, found, accepted=accepted_by(event.assoc))

    def _selected(self, event: Any) -> list[Held]:
        level, keys = asked(event.identifier)
        names = [name for one in LEVELS for name in LEVELS[one]]
        unique = {name: value for name, value in keys.items() if name in names and value}
        # A retrieval without any identifier would give out everything.
        return self._holdings.select(unique) if level in LEVELS and unique else []

    def _each(
        self, event: Any, found: Sequence[Held], *, accepted: set[tuple[str, str]]
    ) -> Iterator[tuple[int, Dataset | None]]:
        for held in found:
            if event.is_cancelled:
                yield CANCELLED, None
                return
            try:
                yield PENDING, as_agreed(pydicom.dcmread(held.file), accepted)
            except (OSError, InvalidDicomError) as error:  # deleted meanwhile, to make room
                LOG.warning("%s cannot be sent: %s", held.value("SOPInstanceUID"), getattr(error, "strerror", error))
        yield SUCCESS, None


def asked(identifier: Dataset) -> tuple[str, dict[str, str]]:
    """Level and keys of a query; several values are joined by backslashes."""
    level = str(identifier.get("QueryRetrieveLevel", "")).strip().upper()
    keys = {}
    for element in identifier:
        if element.VR != "SQ" and element.keyword and element.keyword != "QueryRetrieveLevel":
            several = isinstance(element.value, Sequence) and not isinstance(element.value, str)
            values = element.value if several else [element.value]
            keys[element.keyword] = "\\".join("" if value is None else str(value).strip() for value in values)
    return level, keys


def accepted_by(association: Any) -> set[tuple[str, str]]:
    """The classes that may be sent in an association, each with an encoding that was agreed on."""
    return {
        (str(context.abstract_syntax), str(context.transfer_syntax[0]))
        for context in association.accepted_contexts
        if context.as_scu
    }


def contexts_for(found: Sequence[Held]) -> list[PresentationContext]:
    """Contexts to offer a place for these objects: each class in the encodings of its files, and uncompressed."""
    packed = sorted({(held.value("SOPClassUID"), held.syntax) for held in found if held.syntax not in _UNCOMPRESSED})
    plain = sorted({held.value("SOPClassUID") for held in found})
    offered = [build_context(sop_class, list(_UNCOMPRESSED)) for sop_class in plain]
    offered += [build_context(sop_class, [syntax]) for sop_class, syntax in packed]
    return offered[:_MOST_CONTEXTS] or [build_context("1.2.840.10008.1.1")]


def as_agreed(data: Dataset, accepted: set[tuple[str, str]]) -> Dataset:
    """An object, decompressed where only uncompressed encodings were agreed on for its class."""
    syntax, sop_class = str(data.file_meta.TransferSyntaxUID), str(data.SOPClassUID)
    plain = any((sop_class, one) in accepted for one in _UNCOMPRESSED)
    if plain and syntax not in _UNCOMPRESSED and (sop_class, syntax) not in accepted:
        try:
            data.decompress(generate_instance_uid=False)
        except Exception as error:  # what decoders raise has no common base; sent as it is, and counted as failed
            LOG.warning("%s cannot be decompressed: %s", data.SOPInstanceUID, error)
    return data
