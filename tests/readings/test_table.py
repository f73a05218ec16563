"""The table of readings: the row of a reading, and what is read back."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.readings.conftest import ATTENTION, PRACTICE, cases, protocol_with
from tests.readings.test_answers import WHOLE
from thyrosight.errors import ReadingsError
from thyrosight.readings import (
    LockedReading,
    Protocol,
    Reader,
    check_answers,
    orders,
    read_readings,
    reading_row,
    write_readings,
)


def rows_of(protocol: Protocol, **answers: Any) -> list[dict[str, Any]]:
    """Every reading of two readers, all with the same answers."""
    there = [*cases(4, malignant=2), *PRACTICE, *ATTENTION]
    by_key = {case.key: case for case in there}
    given = check_answers(protocol.questions, WHOLE | answers)
    moment = datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    return [
        reading_row(
            protocol,
            "study 1",
            LockedReading(
                reader=Reader(session.reader, "senior"), case=by_key[task.case], task=task, session=session.number,
                stage=stage, answers=given, protocol_version=1, opened_at=moment, locked_at=moment,
                active_seconds=12.5, model_score=0.25, model_positive=False, facts={"size_mm": 12},
            ),
        )
        for session in orders(protocol, there, [Reader("A", "senior"), Reader("B", "senior")])
        for task in session.tasks
        for stage, _ in task.stages
    ]  # fmt: skip


def test_a_row_says_what_was_read_and_answered(protocol: Protocol) -> None:
    row = rows_of(protocol)[0]
    assert (row["reader"], row["case"], row["practice"], row["position"]) == ("A", "p1", 1, 1)
    assert (row["stage"], row["arm"], row["model"]) == ("before", "unaided", None)
    assert (row["score"], row["biopsy"], row["confidence"], row["comment"], row["q_depth"]) == (
        70,
        1,
        "high",
        "a rim",
        12,
    )
    assert (row["system"], row["category"], row["points"]) == ("acr-2017", "TR5", 7)
    assert (row["feature_shape"], row["case_size_mm"]) == ("taller than wide", 12)
    assert (row["opened_at"], row["model_positive"]) == ("2026-03-01T12:30:00.000Z", 0)
    after = rows_of(protocol)[1]
    assert (after["case"], after["stage"], after["arm"], after["model"]) == ("p1", "after", "aided", "risk")


@pytest.mark.parametrize(
    ("changes", "score", "biopsy"),
    [
        ({"main_question": "marks"}, 90, 1),
        ({"main_question": "confidence"}, 3, 1),
        ({"main_question": "features"}, None, 1),
        ({"action": {"question": "score", "at_least": 70}}, 70, 1),
        ({"action": {"question": "score", "at_least": 70.5}}, 70, 0),
        ({"action": {"question": "features", "at_least": "TR5"}}, 70, 1),
        ({"action": {"question": "confidence", "at_least": "middle"}}, 70, 1),
        ({"action": None}, 70, None),
    ],
)
def test_score_and_action_follow_the_protocol(changes: dict[str, Any], score: int | None, biopsy: int | None) -> None:
    row = rows_of(protocol_with(**changes))[0]
    assert (row["score"], row["biopsy"]) == (score, biopsy)


def test_readings_come_back_as_they_were_written(protocol: Protocol, tmp_path: Path) -> None:
    rows = rows_of(protocol, marks=[[1, 2, 3]], comment="solid, hypoechoic")
    write_readings(tmp_path / "readings.csv", rows)
    found = read_readings(tmp_path / "readings.csv")
    assert len(found.rows) == len(rows) == 2 * 2 * (2 + 4 + 2)
    for name in ("case", "truth", "score", "position", "repeat", "active_seconds", "comment"):
        assert found.column(name) == [row[name] for row in rows]
    assert found.rows[0]["marks"] == [[1, 2, 3, 1, 0]]
    assert found.rows[0]["locked_at"] == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)
    assert found.rows[0]["q_depth"] == "12"


def test_a_spreadsheet_needs_four_columns(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("radiologist;case;truth;treatment;rating\nA;1;0;1;2,5\nA;1;0;2;3\nB;1;0;1;4\n")
    names = {"reader": "radiologist", "arm": "treatment", "score": "rating"}
    found = read_readings(path, columns=names)
    assert found.column("score") == [2.5, 3, 4]
    assert found.column("arm") == ["1", "2", "1"]
    assert found.column("stage") == ["only"] * 3
    with pytest.raises(ReadingsError, match="has no column 'reader'"):
        read_readings(path)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("A,1,2,50", "row 2: 'truth' should be 0 or 1 (benign or malignant), got '2'"),
        ("A,1,0,many", "row 2: 'score' should be a number"),
        ("A,1,0,50\nA,1,0,60", "row 3: the reader 'A' has read the case '1' in the arm 'readings' already, in row 2"),
        ("A,1,0,50\nB,1,1,60", "row 3: the case '1' has truth 1, but 0 in row 2"),
        (",1,0,50", "row 2: the cell of 'reader' is empty"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_row(tmp_path: Path, body: str, said: str) -> None:
    (tmp_path / "t.csv").write_text(f"reader,case,truth,score\n{body}\n")
    with pytest.raises(ReadingsError) as error:
        read_readings(tmp_path / "t.csv")
    assert said in str(error.value)


def test_a_reading_without_a_model_in_a_later_session_is_a_repeat() -> None:
    arms = [{"name": "unaided"}, {"name": "one", "model": "risk"}, {"name": "two", "model": "other"}]
    rows = [row for row in rows_of(protocol_with(arms=arms)) if not (row["practice"] or row["attention"])]
    assert {(row["session"], row["stage"]): row["repeat"] for row in rows} == {
        (1, "before"): 0, (1, "after"): 0, (2, "before"): 1, (2, "after"): 0,
    }  # fmt: skip
    assert {row["arm"] for row in rows if not row["repeat"]} == {"unaided", "one", "two"}
