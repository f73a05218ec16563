"""The part of the node's queue that goes out: results on their way to peers, and reports of storage commitment."""

import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from thyrosight.pacs.node.database import Database
from thyrosight.pacs.node.tables import DUE, Commitment, Delivery, pause


class Deliveries(Database):
    """Results on their way, in the states waiting, sending, unconfirmed (a peer is asked to commit), delivered."""

    results: Path

    def due(self, peer: str, *, most: int = 50) -> list[Delivery]:
        """Results to send to a peer now, the oldest first."""
        rows = self.rows(
            "SELECT d.object, o.file, d.attempts, d.state FROM deliveries d JOIN objects o ON o.uid = d.object"
            f" WHERE d.peer = ?2 AND d.state IN ('waiting', 'sending') AND {DUE}"
            " ORDER BY d.next_try, o.rowid LIMIT ?3",
            time.time(), peer, most,
        )  # fmt: skip
        return [Delivery(uid, self.results / file, tries, state == "sending") for uid, file, tries, state in rows]

    def begin_delivery(self, uid: str, peer: str) -> None:
        """Record that an attempt begins; until its end is recorded, the peer may or may not have the object."""
        with self.transaction() as run:
            run("UPDATE deliveries SET state = 'sending' WHERE object = ? AND peer = ?", (uid, peer))

    def end_delivery(self, uid: str, peer: str, *, unconfirmed: bool = False) -> None:
        """Record that the peer said it has the object; `unconfirmed`: it is still to be asked whether it keeps it."""
        with self.transaction() as run:
            run(
                "UPDATE deliveries SET state = ?, delivered = ?, asked = 0, reason = '' WHERE object = ? AND peer = ?",
                ("unconfirmed" if unconfirmed else "delivered", time.time(), uid, peer),
            )

    def postpone(self, uid: str, peer: str, reason: str, *, attempts: int, unsure: bool) -> None:
        """Try again later. `unsure`: the attempt broke off, and the peer is to be asked first."""
        with self.transaction() as run:
            run(
                "UPDATE deliveries SET state = ?, attempts = ?, next_try = ?, reason = ? WHERE object = ? AND peer = ?",
                ("sending" if unsure else "waiting", attempts + 1, time.time() + pause(attempts), reason, uid, peer),
            )

    def state_of(self, uid: str, peer: str) -> str:
        """The state of a delivery: waiting, sending or delivered."""
        return str(self.rows("SELECT state FROM deliveries WHERE object = ? AND peer = ?", uid, peer)[0][0])

    def add_commitment(self, uid: str, caller: str, request: str) -> None:
        """Record a request for storage commitment."""
        with self.transaction() as run:
            run("INSERT INTO commitments (uid, caller, request) VALUES (?, ?, ?)", (uid, caller, request))

    def due_commitments(self) -> list[Commitment]:
        """Requests whose report is to be sent now."""
        rows = self.rows(
            f"SELECT id, uid, caller, request, attempts FROM commitments WHERE state = 'waiting' AND {DUE}"
            " ORDER BY id LIMIT 50",
            time.time(),
        )
        return [Commitment(*row) for row in rows]

    def end_commitment(self, number: int, *, reason: str = "", attempts: int | None = None) -> None:
        """Record that the report was taken, or (with `attempts`) why it was not, to try again later."""
        with self.transaction() as run:
            if attempts is None:
                run("UPDATE commitments SET state = 'reported' WHERE id = ?", (number,))
            else:
                run(
                    "UPDATE commitments SET attempts = ?, next_try = ?, reason = ? WHERE id = ?",
                    (attempts + 1, time.time() + pause(attempts), reason, number),
                )

    def unconfirmed(self, peer: str, *, before: float, most: int = 100) -> list[tuple[str, str]]:
        """Class and identifier of results that a peer took and is to be asked for, or asked for again."""
        rows = self.rows(
            "SELECT h.sop_class, d.object FROM deliveries d JOIN held h ON h.uid = d.object WHERE d.peer = ?"
            " AND d.state = 'unconfirmed' AND d.asked NOT BETWEEN ? AND ? ORDER BY d.asked LIMIT ?",
            peer, time.time() - before, time.time(), most,
        )  # fmt: skip
        return [(str(sop_class), str(uid)) for sop_class, uid in rows]

    def note_asked(self, uids: Sequence[str], peer: str) -> None:
        """Record that a peer was asked to commit itself to these results."""
        with self.transaction() as run:
            for uid in uids:
                run("UPDATE deliveries SET asked = ? WHERE object = ? AND peer = ?", (time.time(), uid, peer))

    def confirm(self, uids: Iterable[str], peer: str) -> None:
        """Record that a peer keeps these results."""
        with self.transaction() as run:
            for uid in uids:
                run(
                    "UPDATE deliveries SET state = 'delivered', reason = '' WHERE object = ? AND peer = ?"
                    " AND state = 'unconfirmed'",
                    (uid, peer),
                )

    def send_again(self, uid: str, peer: str) -> None:
        """Record that a peer does not keep a result after all."""
        with self.transaction() as run:
            run(
                "UPDATE deliveries SET state = 'waiting', asked = 0, attempts = attempts + 1, next_try = ?, reason = ?"
                " WHERE object = ? AND peer = ? AND state = 'unconfirmed'",
                (time.time() + pause(0), "the peer did not keep it", uid, peer),
            )
