"""Sending objects to peers, each until it is confirmed, with growing pauses."""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from thyrosight.errors import ThyroSightError
from thyrosight.pacs.node.peers import Connection, connect
from thyrosight.server.clock import Clock
from thyrosight.server.database import Database, append
from thyrosight.server.database.tables import DeliveryRow, Report
from thyrosight.server.peers import PeerEntry
from thyrosight.server.reporting.objects import Made
from thyrosight.server.studies import FileStore

LOG = logging.getLogger("thyrosight.server.courier")
_LONGEST: Final = timedelta(minutes=15)
_AT_A_TIME: Final = 50


def order_delivery(
    session: Session, report: Report, peer: PeerEntry, made: Sequence[Made], *, store: FileStore, who: str, clock: Clock
) -> list[DeliveryRow]:
    """Put objects on their way to a peer, within a transaction; what is there or on its way already stays so."""
    rows: list[DeliveryRow] = []
    for one in made:
        known = session.scalar(select(DeliveryRow).where(DeliveryRow.uid == one.uid, DeliveryRow.peer == peer.name))
        if known is None:
            name = f"{report.id.hex}-{one.kind}-{len(rows)}.dcm"
            store.put(name, one.content)
            known = DeliveryRow(
                report_id=report.id, peer=peer.name, kind=one.kind, uid=one.uid, file=name, state="waiting",
                attempts=0, next_try=clock(), problem="", delivered_at=None, created_at=clock(),
            )  # fmt: skip
            session.add(known)
        elif known.state != "delivered":
            known.state, known.next_try = "waiting", clock()
        rows.append(known)
    session.flush()
    append(
        session, who=who, what="report sent", object=f"report {report.id}",
        body={"peer": peer.name, "objects": [row.uid for row in rows]}, clock=clock,
    )  # fmt: skip
    return rows


class Courier:
    """Sends what is due; what a peer does not take is tried again later."""

    def __init__(self, database: Database, store: FileStore, peers: Mapping[str, PeerEntry], clock: Clock) -> None:
        self._database, self._store, self._peers, self._clock = database, store, peers, clock

    def work(self) -> bool:
        """Send what is due to one peer; False where nothing is."""
        with self._database.read() as session:
            due = session.scalars(
                select(DeliveryRow)
                .where(DeliveryRow.state == "waiting", DeliveryRow.next_try <= self._clock())
                .order_by(DeliveryRow.next_try)
                .limit(_AT_A_TIME)
            ).all()
        if not due:
            return False
        rows = [row for row in due if row.peer == due[0].peer]
        peer = self._peers.get(due[0].peer)
        if peer is None:
            for row in rows:
                self._postpone(row.id, "this archive or node is not known any more")
            return True
        try:
            with connect(peer.peer, own_title=peer.own_title, context=peer.context, web=peer.web) as connection:
                for row in rows:
                    self._send(connection, row)
        except ThyroSightError as error:
            LOG.warning("%s: %s", peer.name, error)
            for row in rows:
                self._postpone(row.id, str(error))
        return True

    def _send(self, connection: Connection, row: DeliveryRow) -> None:
        # A delivery whose end was not recorded may have arrived: the peer is asked before it is sent again.
        refusal = "" if row.attempts and connection.has(row.uid) else connection.send(self._store.result(row.file))
        if refusal:
            self._postpone(row.id, refusal)
            return
        with self._database.write() as session:
            stored = session.get_one(DeliveryRow, row.id)
            stored.state, stored.delivered_at, stored.problem = "delivered", self._clock(), ""
            stored.attempts += 1
            append(
                session, who="system", what="object delivered", object=f"report {stored.report_id}",
                body={"peer": stored.peer, "uid": stored.uid}, clock=self._clock,
            )  # fmt: skip

    def _postpone(self, row_id: UUID, problem: str) -> None:
        with self._database.write() as session:
            row = session.get_one(DeliveryRow, row_id)
            if row.state == "waiting":
                row.attempts += 1
                row.problem = problem[:1000]
                row.next_try = self._clock() + min(timedelta(seconds=2 ** min(row.attempts, 20)), _LONGEST)
