"""Archives and nodes that administrators enter in the browser, beside those of the file of peers."""

import logging
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.orm import Session

from thyrosight.pacs import DicomError
from thyrosight.pacs.node.peers import echo
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import Setting
from thyrosight.server.peers import PeerEntry, SitePeer
from thyrosight.server.problems import not_found, refused

LOG = logging.getLogger("thyrosight.server")
_ROW: Final = "peers"
_MOST: Final = 50


class PeerBook:
    """Keeps `peers` as the file and the administrators have it; whoever holds the dictionary sees each change at once.

    Args:
        database: with the table of settings, which holds the entered ones.
        clock: gives the time of a change.
        peers: those of the file, by name; the entered ones are put beside them.
    """

    def __init__(self, database: Database, clock: Clock, peers: dict[str, PeerEntry]) -> None:
        self._database, self._clock, self._peers = database, clock, peers
        self._of_file = frozenset(name for name, own in peers.items() if not isinstance(own, SitePeer))
        with database.read() as session:
            stored = _stored(session)
        for entry in stored.values():
            if entry.name in self._of_file:
                LOG.warning("the file of peers names %s too; the file counts", entry.name)
            else:
                peers[entry.name] = entry

    def is_fixed(self, name: str) -> bool:
        """Whether a peer stands in the file, and is changed there only."""
        return name in self._of_file

    def put(self, entry: SitePeer, *, who: str) -> None:
        """Enter a peer, or change the one of its name; a change is a row of the audit trail.

        Raises:
            ProblemError: the file names such a peer, or there are too many.
            DicomError: the address is none.
        """
        self._refuse_fixed(entry.name)
        entry.peer  # noqa: B018  (refuses an address that is none)
        with self._database.write() as session:
            stored = _stored(session)
            before = stored.get(entry.name)
            if before is None and len(stored) >= _MOST:
                raise refused(f"There are {_MOST} archives and nodes; remove one first.")
            if before == entry:
                return
            what = "peer added" if before is None else "peer changed"
            body = {"after": _plain(entry)} | ({} if before is None else {"before": _plain(before)})
            self._store(session, stored | {entry.name: entry}, what=what, name=entry.name, body=body, who=who)
        self._peers[entry.name] = entry

    def remove(self, name: str, *, who: str) -> None:
        """Take a peer out; what waits to be sent there says so and waits on.

        Raises:
            ProblemError: there is no such peer, or the file names it.
        """
        self._refuse_fixed(name)
        with self._database.write() as session:
            stored = _stored(session)
            before = stored.pop(name, None)
            if before is None:
                raise not_found("archive or node")
            self._store(session, stored, what="peer removed", name=name, body={"before": _plain(before)}, who=who)
        self._peers.pop(name, None)

    def _refuse_fixed(self, name: str) -> None:
        if name in self._of_file:
            raise refused(f"{name} stands in the file of peers; change it there, or give this one another name.")

    def _store(
        self, session: Session, entries: dict[str, SitePeer], *, what: str, name: str, body: dict[str, Any], who: str
    ) -> None:
        value = {"peers": [_plain(one) for one in entries.values()]}
        session.merge(Setting(name=_ROW, value=value, changed_at=self._clock()))
        append(session, who=who, what=what, object=f"peer {name}", body=body, clock=self._clock)


def reach(entry: PeerEntry) -> None:
    """Ask a peer whether it is there: a node by C-ECHO, an archive for one study.

    Raises:
        DicomError: one sentence why it cannot be reached.
    """
    web = entry.web
    if web is None:
        echo(entry.peer, own_title=entry.own_title, context=entry.context)
    else:
        next(web.search("studies", page=1), None)


def _plain(entry: SitePeer) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude={"authority"})


def _stored(session: Session) -> dict[str, SitePeer]:
    """The entered peers by name; what this version does not take is left out, and logged."""
    row = session.get(Setting, _ROW)
    found: dict[str, SitePeer] = {}
    for given in row.value.get("peers", []) if row is not None else []:
        try:
            entry = SitePeer.model_validate(given)
            entry.peer  # noqa: B018  (refuses an address that is none)
        except (ValidationError, DicomError):
            LOG.warning("a stored archive or node cannot be used; enter it again")
            continue
        found[entry.name] = entry
    return found
