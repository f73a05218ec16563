"""The tables of the node's queue, their rows as types, and reading them while the node runs."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from thyrosight.errors import OutputError

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS images (
    uid TEXT PRIMARY KEY, sop_class TEXT NOT NULL, file TEXT NOT NULL, digest TEXT NOT NULL, bytes INTEGER NOT NULL,
    caller TEXT NOT NULL, received REAL NOT NULL, state TEXT NOT NULL DEFAULT 'received',
    attempts INTEGER NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '', kept INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS images_by_state ON images (state, received);
CREATE TABLE IF NOT EXISTS objects (
    uid TEXT PRIMARY KEY, image TEXT NOT NULL REFERENCES images (uid), kind TEXT NOT NULL, file TEXT NOT NULL,
    bytes INTEGER NOT NULL, kept INTEGER NOT NULL DEFAULT 1);
CREATE INDEX IF NOT EXISTS objects_by_image ON objects (image);
CREATE TABLE IF NOT EXISTS deliveries (
    object TEXT NOT NULL REFERENCES objects (uid), peer TEXT NOT NULL, state TEXT NOT NULL DEFAULT 'waiting',
    attempts INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0, reason TEXT NOT NULL DEFAULT '',
    delivered REAL, PRIMARY KEY (object, peer));
CREATE INDEX IF NOT EXISTS deliveries_by_peer ON deliveries (peer, state, next_try);
CREATE TABLE IF NOT EXISTS held (
    uid TEXT PRIMARY KEY, patient TEXT NOT NULL, study TEXT NOT NULL, series TEXT NOT NULL, sop_class TEXT NOT NULL,
    syntax TEXT NOT NULL, header TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS held_by_study ON held (study, series);
CREATE TABLE IF NOT EXISTS commitments (
    id INTEGER PRIMARY KEY, uid TEXT NOT NULL, caller TEXT NOT NULL, request TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', attempts INTEGER NOT NULL DEFAULT 0, next_try REAL NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT '');
"""
LATER_COLUMNS: Final = {
    "images": {
        "content": "TEXT NOT NULL DEFAULT ''",
        "told": "INTEGER NOT NULL DEFAULT 0",
        "next_try": "REAL NOT NULL DEFAULT 0",
    },
    "deliveries": {"asked": "REAL NOT NULL DEFAULT 0"},
}
"""Columns that came after the first version, and are added to the queue of a node that ran before."""
COUNTS: Final = """
SELECT 'images ' || state, COUNT(*) FROM images GROUP BY state UNION ALL
SELECT 'deliveries ' || state, COUNT(*) FROM deliveries GROUP BY state UNION ALL
SELECT 'commitments ' || state, COUNT(*) FROM commitments GROUP BY state"""
PROBLEMS: Final = """
SELECT uid, 'from ' || caller || ', not assessed: ' || reason FROM images WHERE state = 'refused' UNION ALL
SELECT object, 'not yet at ' || peer || ': ' || reason FROM deliveries WHERE state != 'delivered' AND reason != ''
UNION ALL SELECT uid, 'commitment not reported to ' || caller || ': ' || reason FROM commitments
WHERE state = 'waiting' AND reason != ''"""
LONGEST_PAUSE: Final = 900.0
"""Seconds between two attempts at most."""
DUE: Final = f"(next_try <= ?1 OR next_try > ?1 + {LONGEST_PAUSE})"
"""Condition on entries due at the time ?1; a time later than any pause was set before the clock went back."""


@dataclass(frozen=True)
class ReceivedImage:
    """An image that was acknowledged to its sender; `attempts` to assess it, this one included."""

    uid: str
    caller: str
    file: Path
    received: float
    attempts: int


@dataclass(frozen=True)
class ResultObject:
    """A result that is ready to be sent."""

    uid: str
    kind: str
    file: Path
    bytes: int


@dataclass(frozen=True)
class Delivery:
    """A result on its way to one peer; `interrupted` where an attempt began and its end was not recorded."""

    object: str
    file: Path
    attempts: int
    interrupted: bool


@dataclass(frozen=True)
class Commitment:
    """A request for storage commitment that waits for its report."""

    id: int
    uid: str
    caller: str
    request: str
    attempts: int


def pause(attempts: int) -> float:
    """Seconds until the next attempt: 1, 2, 4, ... and at most a quarter of an hour.

    >>> [pause(number) for number in (0, 1, 4, 50)]
    [1.0, 2.0, 16.0, 900.0]
    """
    return min(2.0 ** min(attempts, 20), LONGEST_PAUSE)


def read_queue(folder: Path) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """The content of a node's queue, whether the node runs or not.

    Returns:
        How many images, deliveries and commitments are in which state; and identifier and reason of everything that was
        refused or is tried again.

    Raises:
        OutputError: the folder is not a node's.
    """
    path = folder / "node.sqlite"
    if not path.is_file():
        raise OutputError(f"{folder} is not the folder of a node: it holds no {path.name}; check the path.")
    try:
        database = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=30)
        try:
            counts = {str(name): int(count) for name, count in database.execute(COUNTS)}
            return counts, [(str(uid), str(reason)) for uid, reason in database.execute(PROBLEMS)]
        finally:
            database.close()
    except sqlite3.Error as error:
        raise OutputError(f"{path} cannot be read ({error}); check its permissions.") from error
