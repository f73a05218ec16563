"""Readings that are missing: what the orders tell of a design in blocks, and what the protocol alone does."""

from pathlib import Path
from typing import Any

import pytest

from tests.studies.kinds.reader_study.conftest import QUICK
from thyrosight.documents import Share
from thyrosight.errors import ReadingsError
from thyrosight.readings import Reader, main_readings, orders, parse_protocol, read_orders, task_rows
from thyrosight.readings.example import PROTOCOL
from thyrosight.readings.simulated import Skill, simulated_cases, simulated_readings
from thyrosight.studies import reader_report

BLOCKS: dict[str, Any] = {
    "reading": "blocks", "readers_per_case": 2, "repeats": 0, "action": None,
    "questions": [{"key": "score", "kind": "score"}],
}  # fmt: skip


def test_orders_tell_who_read_nothing_and_what_is_missing(tmp_path: Path) -> None:
    """24 cases, each by two of four readers, D of whom reads nothing and C two cases less."""
    protocol = parse_protocol(parse_protocol(PROTOCOL).to_json() | BLOCKS)
    cases = simulated_cases(24, malignant=8, protocol=protocol)
    skills = {Reader(name): Skill() for name in "ABCD"}
    plan = task_rows(orders(protocol, cases, list(skills)))
    rows = main_readings(simulated_readings(protocol, cases, skills))
    rows = [row for row in rows if row["reader"] != "D"][:-4]
    known = reader_report(rows, protocol, out=tmp_path / "a", recipe=QUICK, orders=plan)
    assert known.facts.flow[1].text.startswith("readings analysed of 96 planned, 28 missing: 3 readers")
    assert [row["missing"] for row in known.table("readers").rows] == [Share(n=n, of=24) for n in (0, 0, 4, 24)]
    assert len(read_orders(tmp_path / "a" / "orders.csv")) == len(plan)
    alone = reader_report(rows, protocol, out=tmp_path / "b", recipe=QUICK)
    read = len({row["case"] for row in rows})
    assert alone.facts.flow[1].text.startswith(f"readings analysed of {4 * read} planned")
    assert all("missing" not in row for row in alone.table("readers").rows)
    with pytest.raises(ReadingsError, match="readings of the reader 'C', which the orders do not know"):
        reader_report(rows, protocol, out=tmp_path / "c", orders=[row for row in plan if row["reader"] != "C"])
