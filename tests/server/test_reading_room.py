"""The reading room: orders, drafts, locks, the reveal, washout and pauses."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError as Refused

from tests.server.conftest import ON_ONE_DATABASE, Station
from tests.server.reader_study import (
    ANSWERS,
    INDEPENDENT,
    SEQUENTIAL,
    design,
    draft,
    following,
    lock,
    new_account,
    read_all,
    rows_of,
    task,
)
from thyrosight.server.database.tables import ReadingTask


def tell(client: Any, own: Any, kind: str, *, page: str = "one") -> None:
    told = client.post(f"/api/v1/readings/{own['reading']['id']}/events", json={"page": page, "kind": kind})
    assert told.status_code == 204, told.text


def test_a_study_is_read_from_the_first_case_to_the_last(station: Station) -> None:
    study = design(station, cases=4, readers=2, practice=1)
    study.open()
    client = study.readers["R01"]
    room = client.get("/api/v1/reading").json()
    assert [(one["id"], one["state"], one["locked"], one["total"]) for one in room] == [(study.id, "open", 0, 5)]
    read = read_all(study, client)
    assert [one["number"] for one in read] == [1, 2, 3, 4, 5]
    assert [one["practice"] for one in read] == [True, False, False, False, False]
    ended = following(study, client)
    assert (ended["state"], ended["locked"], ended["total"]) == ("ended", 5, 5)
    progress = study.get("/progress")
    assert (progress["locked"], progress["total"]) == (5, 10)
    others = {one["code"] for one in read_all(study, study.readers["R02"])}
    assert not others & {one["code"] for one in read}  # codes and orders are of one reader alone


def test_a_draft_goes_on_where_it_was_and_the_second_tab_is_told(station: Station) -> None:
    study = design(station)
    study.open()
    client = study.readers["R01"]
    own = task(study, client)
    assert draft(client, own, {"score": 3}).json() == {"version": 1}
    assert draft(client, own, {"score": 3}).json() == {"version": 1}  # asked again, as the answer was lost
    assert draft(client, own, {"score": 35, "comment": "<b>"}, version=1).json() == {"version": 2}
    second = draft(client, own, {"score": 90}, version=1)
    assert second.status_code == 409
    assert (second.json()["draft"], second.json()["version"]) == ({"score": 35, "comment": "<b>"}, 2)
    elsewhere = study.sign_in("R01")
    again = elsewhere.get(f"/api/v1/reading/tasks/{own['id']}").json()
    assert again["reading"] == {**own["reading"], "version": 2, "answers": {"score": 35, "comment": "<b>"}}
    assert following(study, elsewhere)["unlocked"] == [{"task": own["id"], "number": 1}]
    late = lock(client, own)  # the first tab does not know of the second draft
    assert (late.status_code, late.json()["version"]) == (409, 2)
    assert lock(elsewhere, again).status_code == 200


def test_of_two_locks_one_wins_and_asking_again_gives_the_same_answer(station: Station) -> None:
    study = design(station)
    study.open()
    client = study.readers["R01"]
    own, key = task(study, client), str(uuid4())
    assert lock(client, own, {"score": 50}).status_code == 422  # the biopsy is not answered
    assert lock(client, own, {"score": 101, "biopsy": True}).status_code == 422
    first = lock(client, own, key=key)
    assert first.status_code == 200, first.text
    assert lock(client, own, key=key).json() == first.json()
    other = lock(client, own, {"score": 1, "biopsy": False})
    assert other.status_code == 409
    assert draft(client, own, {"score": 1}).status_code == 409
    assert client.get(f"/api/v1/reading/tasks/{own['id']}").status_code == 409
    tell(client, own, "hidden")  # the page closes: harmless
    rows = study.station.as_("researcher").get(f"{study.url}/export").text.splitlines()
    assert len(rows) == 2


def test_the_database_refuses_to_change_a_locked_reading(station: Station) -> None:
    study = design(station)
    study.open()
    own = task(study, study.readers["R01"])
    lock(study.readers["R01"], own)
    number = own["reading"]["id"].replace("-", "") if station.services.database.is_sqlite else own["reading"]["id"]
    for statement in (
        "UPDATE readings SET answers = '{}'",
        "UPDATE readings SET locked_at = NULL",
        "DELETE FROM readings",
    ):
        with pytest.raises(Refused, match="never changed"), station.services.database.write() as session:
            session.execute(text(f"{statement} WHERE id = :id"), {"id": number})


def test_what_is_somebody_elses_is_not_there(station: Station) -> None:
    study = design(station, readers=2)
    study.open()
    own = task(study, study.readers["R01"])
    other = study.readers["R02"]
    image = f"/api/v1/reading/tasks/{own['id']}/images/1/frames/0"
    assert other.get(image).status_code == 404
    assert other.get(f"/api/v1/reading/tasks/{own['id']}").status_code == 404
    assert lock(other, own).status_code == 404
    assert draft(other, own, {}).status_code == 404
    assert other.post(f"/api/v1/readings/{own['reading']['id']}/reveal").status_code == 404
    stranger = station.browser(new_account(station)[1])
    assert stranger.get("/api/v1/reading").json() == []
    assert stranger.get(f"/api/v1/reading/{study.id}/next").status_code == 404
    assert study.readers["R01"].get(image).status_code == 200


def test_the_second_session_opens_after_the_washout_whatever_the_clock_says(station: Station) -> None:
    study = design(station, readers=2, **INDEPENDENT)
    study.open()
    aided = {code: task(study, client)["model"] is not None for code, client in study.readers.items()}
    assert sorted(aided.values()) == [False, True]  # each of two readers begins with another arm
    first = read_all(study, study.readers["R01"])
    ended = station.time()
    assert [one["session"] for one in first] == [1, 1, 1]
    assert following(study, study.readers["R01"])["earliest"][:16] == (ended + timedelta(days=28)).isoformat()[:16]
    for moment in (ended - timedelta(days=400), ended + timedelta(days=27, hours=23, minutes=59)):
        station.time.now = moment
        client = study.sign_in("R01")
        assert following(study, client)["state"] == "waiting"
        assert client.get(f"/api/v1/reading/tasks/{first[0]['id']}").status_code == 409
    station.time.now = ended + timedelta(days=28)
    second = read_all(study, study.sign_in("R01"))
    assert [one["session"] for one in second] == [2, 2, 2]
    assert all((one["model"] is None) == aided["R01"] for one in second)
    assert not {one["code"] for one in first} & {one["code"] for one in second}
    rows = rows_of(study)
    order = {session: [row["case"] for row in rows if row["session"] == session] for session in ("1", "2")}
    assert all(one != other for one, other in zip(order["1"], order["2"], strict=True))


def test_a_lock_under_a_clock_that_was_set_back_does_not_shorten_the_washout(station: Station) -> None:
    study = design(station, cases=2, **INDEPENDENT)
    study.open()
    begun = station.time()
    lock(study.readers["R01"], task(study, study.readers["R01"]))
    station.time.now = begun - timedelta(days=300)
    read_all(study, study.sign_in("R01"))
    station.time.now = begun
    waits = following(study, study.sign_in("R01"))
    assert (waits["state"], waits["earliest"][:16]) == ("waiting", (begun + timedelta(days=28)).isoformat()[:16])


def test_in_a_sequential_design_the_model_comes_after_the_first_lock(station: Station) -> None:
    study = design(station, cases=2, **SEQUENTIAL)
    study.open()
    client = study.readers["R01"]
    own = task(study, client)
    assert (own["stage"], own["model"], own["before"]) == ("before", None, None)
    show = f"/api/v1/readings/{own['reading']['id']}/reveal"
    heat = f"/api/v1/reading/tasks/{own['id']}/images/1/heat-map"
    assert (client.post(show).status_code, client.get(heat).status_code) == (409, 404)
    assert lock(client, own).json()["next"] == "reveal"
    assert following(study, client)["task"] == own["id"]  # the case is not done
    locked = client.get(f"/api/v1/reading/tasks/{own['id']}").json()
    assert (locked["next"], locked["model"], locked["reading"]["answers"]) == ("reveal", None, ANSWERS)
    assert client.get(heat).status_code == 404
    after = client.post(show).json()
    assert (after["stage"], after["before"]["answers"], after["model"]["score"]) == ("after", ANSWERS, 0.25)
    assert (after["model"]["positive"], after["model"]["heat_maps"]) == (False, [1])
    assert after["model"]["heat_maps_comparable"] is False  # the stand-in states no scale
    assert client.get(heat).headers["content-type"] == "image/png"
    assert client.post(show).json() == after
    assert lock(client, after, {"score": 20, "biopsy": False}).json()["next"] == "task"
    rows = rows_of(study)
    assert [(row["stage"], row["arm"], row["score"], row["biopsy"]) for row in rows] == [
        ("before", "unaided", "70", "1"),
        ("after", "aided", "20", "0"),
    ]
    assert [(row["model"], row["model_score"], row["model_positive"]) for row in rows] == [
        ("", "0.25", "0"),
        ("risk", "0.25", "0"),
    ]


def test_practice_comes_first_with_feedback_after_the_lock_alone(station: Station) -> None:
    study = design(station, cases=2, practice=2, attention=1)
    study.open()
    client = study.readers["R01"]
    own = task(study, client)
    show = f"/api/v1/readings/{own['reading']['id']}/reveal"
    assert own["practice"]
    assert client.post(show).status_code == 409
    with station.services.database.read() as session:
        later = session.scalars(
            select(ReadingTask.id)
            .where(ReadingTask.session_id == session.get_one(ReadingTask, UUID(own["id"])).session_id)
            .order_by(ReadingTask.position)
        ).all()[-1]
    assert client.get(f"/api/v1/reading/tasks/{later}").status_code == 409
    assert lock(client, own).json()["next"] == "feedback"
    told = client.post(show).json()
    assert told["feedback"]["truth"] in (0, 1)
    assert client.get(f"/api/v1/reading/tasks/{own['id']}").json()["feedback"] == told["feedback"]
    rest = read_all(study, client)
    assert [one["practice"] for one in rest] == [True, False, False, False]
    last = rest[-1]["reading"]["id"]
    assert client.post(f"/api/v1/readings/{last}/reveal").status_code == 409  # no feedback on the others
    rows = rows_of(study)
    assert [row["practice"] for row in rows] == ["1", "1", "0", "0", "0"]
    assert sum(row["attention"] == "1" for row in rows) == 1
    assert not any("attention" in json.dumps(one) or "repeat" in json.dumps(one) for one in rest)


def test_time_counts_without_hidden_and_paused_stretches_and_pictures_wait_for_the_pause(station: Station) -> None:
    study = design(station)
    study.open()
    client, pass_by = study.readers["R01"], station.time.pass_by
    own = task(study, client)
    image = f"/api/v1/reading/tasks/{own['id']}/images/1/frames/0"
    tell(client, own, "opened")
    pass_by(seconds=20)
    tell(client, own, "hidden")
    pass_by(seconds=300)
    tell(client, own, "shown")
    pass_by(seconds=10)
    paused = client.post(f"/api/v1/reading/tasks/{own['id']}/pause").json()
    assert paused["paused"]
    assert client.get(image).status_code == 409
    assert lock(client, own).status_code == 409
    pass_by(seconds=500)
    assert not client.post(f"/api/v1/reading/tasks/{own['id']}/resume").json()["paused"]
    assert client.get(image).status_code == 200
    task(study, client)  # a reload counts nothing twice
    tell(client, own, "opened", page="two")
    pass_by(seconds=5)
    assert lock(client, own).status_code == 200
    assert rows_of(study)[0]["active_seconds"] == "35.0"


@ON_ONE_DATABASE
def test_an_account_that_could_see_cases_elsewhere_reads_nothing(station: Station) -> None:
    study = design(station)
    study.open()
    admin, reader = station.as_("administrator"), study.get()["readers"][0]
    admin.patch(f"/api/v1/users/{reader['user_id']}", json={"roles": ["reader", "researcher"]})
    told = study.readers["R01"].get("/api/v1/reading")
    assert told.status_code == 403
    assert "outside of the reading room" in told.json()["detail"]
