"""How many readings were planned: orders and protocol tell what simulated readers read."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.readings.conftest import protocol_with
from thyrosight.errors import ReadingsError
from thyrosight.files import write_csv
from thyrosight.readings import (
    Reader,
    main_readings,
    orders,
    planned_by_design,
    planned_by_orders,
    read_orders,
    task_rows,
)
from thyrosight.readings.simulated import Skill, simulated_cases, simulated_readings

MODELS = [{"name": "unaided"}, {"name": "risk", "model": "risk"}, {"name": "other", "model": "second"}]
DESIGNS: dict[str, dict[str, Any]] = {
    "sequential": {},
    "sequential, two models": {"arms": MODELS},
    "independent": {"design": "independent"},
    "readers nested": {"design": "independent", "readers": "nested"},
    "concurrent": {"design": "concurrent"},
    "blocks": {"reading": "blocks", "readers_per_case": 2},
    "concurrent blocks": {"design": "concurrent", "reading": "blocks", "readers_per_case": 2},
    "each case by one reader": {"reading": "nested"},
    "single": {"design": "single", "arms": MODELS[:1]},
}


@pytest.mark.parametrize("design", list(DESIGNS))
def test_what_is_planned_is_what_was_read(design: str) -> None:
    protocol = protocol_with(**{"repeats": 2} | DESIGNS[design])
    cases = simulated_cases(13, malignant=5, protocol=protocol)
    skills = {Reader(name): Skill() for name in "ABC"}
    read = Counter(row["reader"] for row in main_readings(simulated_readings(protocol, cases, skills)))
    found = planned_by_orders(task_rows(orders(protocol, cases, list(skills))))
    assert found.by_reader == dict(read)
    alone = planned_by_design(protocol, readers=list(read), cases=13)
    assert alone.total == found.total == read.total()
    if protocol.reading == "crossed":
        assert alone.by_reader == found.by_reader
    else:
        assert alone.by_reader is None


def test_orders_are_read_back_and_withdrawn_cases_do_not_count(tmp_path: Path) -> None:
    protocol = protocol_with(reading="blocks", readers_per_case=2, repeats=2)
    cases = simulated_cases(9, malignant=3, protocol=protocol)
    rows = task_rows(orders(protocol, cases, [Reader(name) for name in "ABC"]))
    write_csv(tmp_path / "orders.csv", rows)
    assert planned_by_orders(read_orders(tmp_path / "orders.csv")) == planned_by_orders(rows)
    assert planned_by_orders(rows, without={"C001"}).total == planned_by_orders(rows).total - 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("reader,case\nA,1\n", "has no column 'arm'"),
        ("reader,case,arm,repeat\nA,1,x,perhaps\n", "row 2: 'repeat' should be 0 or 1, got 'perhaps'"),
        ("reader,case,arm,session\nA,1,x,first\n", "row 2: 'session' should be a whole number from 1, got 'first'"),
    ],
)
def test_orders_that_cannot_be_read_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "orders.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ReadingsError, match=said):
        read_orders(tmp_path / "orders.csv")
