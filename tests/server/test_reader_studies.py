"""Designing reader studies: protocol, cases, truth, readers, what stands in the way of opening, documents."""

import io
import json
from typing import Any
from uuid import UUID

import numpy as np
from PIL import Image
from sqlalchemy import select

from tests.server.conftest import ON_ONE_DATABASE, Station
from tests.server.judging import stand_in
from tests.server.pictures import ultrasound
from tests.server.reader_study import (
    INDEPENDENT,
    SEQUENTIAL,
    Study,
    add_readers,
    design,
    image_of,
    new_account,
    new_case,
    protocol,
    read_all,
    task,
    work,
)
from tests.server.test_nodules import draw, nodule_in
from thyrosight.readings import Case, Reader, orders, parse_protocol
from thyrosight.server.database.tables import AuditRow, CaseView, Job
from thyrosight.server.jobs import ModelTasks

pytestmark = ON_ONE_DATABASE


def refused(study: Study, method: str, part: str, body: dict[str, Any]) -> str:
    """The sentence of a change that cannot be made."""
    answer = study.station.as_("researcher").request(
        method, study.url + part, json={"version": study.get()["version"], **body}
    )
    assert answer.status_code in (409, 422), answer.text
    return str(answer.json()["detail"])


def kinds(found: Any, *, stops: bool | None = None) -> set[str]:
    return {one["kind"] for one in found["problems"] if stops is None or one["stops"] == stops}


def test_a_protocol_that_cannot_be_used_is_told_in_one_sentence(station: Station) -> None:
    client = station.as_("researcher")
    for wrong, word in (
        ({"design": "sequential"}, "sequential"),
        ({"main_question": "size"}, "size"),
        ({"colour": "red"}, "colour"),
        ({"power": {"difference": 0.05, "pilot": "/etc/passwd"}}, "published"),
    ):
        told = client.post("/api/v1/reader-studies", json={"protocol": protocol(**wrong)})
        assert told.status_code == 422, wrong
        assert word in told.json()["detail"]


def test_two_designers_get_one_winner_and_a_draft_can_be_removed(station: Station) -> None:

    made = station.as_("administrator").post("/api/v1/reader-studies", json={"protocol": protocol()}).json()
    study = Study(station, made["id"])
    first = study.send("PUT", "/protocol", {"protocol": protocol(title="A")})
    assert (first["title"], first["version"]) == ("A", 2)
    late = station.as_("researcher").put(f"{study.url}/protocol", json={"version": 1, "protocol": protocol(title="B")})
    assert late.status_code == 409
    assert study.id in {one["id"] for one in station.as_("researcher").get("/api/v1/reader-studies").json()}
    assert station.as_("researcher").delete(study.url).status_code == 204
    assert station.as_("researcher").get(study.url).status_code == 404


def test_cases_are_views_of_a_nodule_pairs_loops_or_whole_frames(station: Station) -> None:
    study = design(station, cases=1, readers=0)
    still, loop = image_of(station, 0), image_of(station, 0, frames=3)
    of_loop = next(one for one in candidates(study) if any(image["id"] == loop for image in one["images"]))
    assert [image["frames"] for image in of_loop["images"]] == [3]
    added = study.send(
        "POST",
        "/cases",
        {
            "cases": [
                {"key": "loop", "views": [{"image_id": loop, "loop": True, "frame": 1, "box": [40, 40, 90, 80]}]},
                {"key": "pair", "views": [{"image_id": loop}, {"image_id": loop, "frame": 2}]},
                {
                    "key": "elastogram",
                    "views": [
                        {"image_id": loop, "part": "B-mode"},
                        {"image_id": loop, "frame": 1, "part": "elastogram"},
                    ],
                    "lesions": [[1, 2, 30, 40]],
                },
            ]
        },
        status=201,
    )
    by_key = {case["key"]: case for case in added["cases"]}
    assert [view["loop"] for view in by_key["loop"]["views"]] == [True]
    assert by_key["elastogram"]["lesions"] == [[1, 2, 30, 40, 1, 0, 0]]
    assert by_key["pair"]["cluster"] == of_loop["code"]
    for wrong, word in (
        ({"key": "x", "views": [{"image_id": still, "box": [0, 0, 999, 5]}]}, "x"),
        ({"key": "x", "views": [{"image_id": still, "frame": 1}]}, "has 1 frame, from 0"),
        ({"key": "x", "views": [{"image_id": still, "loop": True}]}, "loop"),
        ({"key": "x", "views": [{"image_id": still}, {"image_id": loop}]}, "two studies"),
        ({"key": "x", "views": [{"image_id": loop, "part": "B-mode"}]}, "elastogram"),
        ({"key": "x", "views": []}, "one or two"),
        ({"key": "loop", "views": [{"image_id": still}]}, "key"),
        ({"key": "x", "views": [{"image_id": still}], "lesions": [[1, 2, 3, 4, 2]]}, "image 2"),
        ({"key": "x", "views": [{"image_id": still}], "model_positive": {"m": True}, "model_scores": {}}, "score"),
    ):
        assert word in refused(study, "POST", "/cases", {"cases": [wrong]}), wrong
    assert len(study.get()["cases"]) == 4


def candidates(study: Study) -> Any:
    return study.get("/candidates", params={"limit": 500})["items"]


def test_a_nodule_becomes_a_case_with_its_views(station: Station) -> None:
    image, nodule = nodule_in(station, ultrasound(1, frames=3, study="900"))
    draw(station, nodule["id"], image, frame=2, box=[50, 40, 90, 80])
    study = design(station, cases=1, readers=0)
    added = study.send("POST", "/cases", {"cases": [{"key": "n", "nodule_id": nodule["id"]}]}, status=201)
    views = added["cases"][-1]["views"]
    assert sorted((view["frame"], view["box"][0]) for view in views) == [(0, 40), (2, 50)]
    draw(station, nodule["id"], image, frame=1)
    assert "one or two" in refused(study, "POST", "/cases", {"cases": [{"key": "m", "nodule_id": nodule["id"]}]})


def test_a_table_of_truths_is_written_whole_or_not_at_all(station: Station) -> None:
    study = design(station, cases=2, readers=0)
    first, second = study.get()["cases"]
    rows = [{"case": first["code"], "truth": 1}, {"case": "nobody", "truth": 0}]
    assert "nobody" in refused(study, "PUT", "/truth", {"rows": rows})
    assert "twice" in refused(study, "PUT", "/truth", {"rows": [rows[0], {"case": first["key"], "truth": 0}]})
    assert study.get()["cases"][0]["truth"] == 0
    rows[1]["case"] = second["key"]
    rows[1] |= {"label_source": "cytology", "model_scores": {"own": 0.3}, "model_positive": {"own": False}}
    after = study.send("PUT", "/truth", {"rows": rows})["cases"]
    assert [(case["truth"], case["label_source"]) for case in after] == [(1, "pathology"), (0, "cytology")]
    assert (after[1]["model_scores"], after[1]["model_positive"]) == ({"own": 0.3}, {"own": False})
    told = station.as_("researcher").put(f"{study.url}/truth", json={"version": 1, "rows": [{"case": "a", "truth": 2}]})
    assert told.status_code == 422


def test_what_stands_in_the_way_of_opening_is_told(station: Station) -> None:
    study = design(station, cases=2, readers=1, **SEQUENTIAL, repeats=9)
    study.send("POST", "/cases", {"cases": [new_case(station, 2, truth=None, cluster="PAT-500", key="p")]}, status=201)
    found = study.get("/check")
    assert {"protocol", "truth", "pictures"} <= kinds(found, stops=True)
    assert "repeats" in next(one["sentence"] for one in found["problems"] if one["kind"] == "protocol")
    told = station.as_("researcher").post(f"{study.url}/open", json={"version": study.get()["version"]})
    assert told.status_code == 409
    assert "repeats" in told.json()["detail"]
    started = station.as_("researcher").post(f"{study.url}/prepare")
    assert (started.status_code, started.json()["waiting"]) == (202, 3)
    assert station.as_("researcher").post(f"{study.url}/prepare").json()["waiting"] == 3  # asked once
    work(station)
    assert study.get("/check")["waiting"] == 0
    assert "pictures" not in kinds(study.get("/check"), stops=True)


def test_names_of_patients_are_found_before_readers_see_them(station: Station) -> None:
    image = station.study(ultrasound(1, study="901", patient="HID-77421", PatientName="Zwiebel^Rosa"))["items"][0]
    study = design(station, cases=2, title="Zwiebel study")
    case = {**new_case(station, 3), "key": "z", "views": [{"image_id": image["id"]}]}
    study.send("POST", "/cases", {"cases": [case]}, status=201)
    found = study.prepare()
    assert "names" in kinds(found, stops=False)  # a name that is a word as well
    assert "names" not in kinds(found, stops=True)
    study.send("PUT", "/truth", {"rows": [{"case": "z", "cluster": "HID-77421"}]})
    study.send("PUT", "/protocol", {"protocol": protocol(title="About HID-77421")})
    found = study.get("/check")
    assert len([one for one in found["problems"] if one["kind"] == "names" and one["stops"]]) == 2
    assert "Zwiebel" not in str(found)
    assert "77421" not in str(found)


def test_a_model_without_an_answer_stops_the_study(station: Station) -> None:
    arms = [{"name": "unaided"}, {"name": "aided", "model": "own"}]
    study = design(station, cases=3, design="sequential", arms=arms)
    found = study.prepare()
    assert kinds(found, stops=True) - {"text"} == {"model"}
    codes = [case["code"] for case in study.get()["cases"]]
    rows = [{"case": code, "model_scores": {"own": 0.1 * place}} for place, code in enumerate(codes)]
    study.send("PUT", "/truth", {"rows": rows})
    study.open()
    client = study.readers["R01"]
    own = task(study, client)
    read_all(study, client)
    assert own["model"] is None
    table = station.as_("researcher").get(f"{study.url}/export").text
    assert table.count(",own,") == 3


def test_a_model_that_was_exchanged_while_cases_were_prepared_stops_the_study(station: Station) -> None:
    study = design(station, cases=2, **SEQUENTIAL)
    study.prepare()
    case = study.get()["cases"][0]
    with station.services.database.write() as session:
        view = session.scalars(select(CaseView).where(CaseView.case_id == UUID(case["id"]))).one()
        view.model_hash = "f" * 64
    found = study.get("/check")
    assert "exchanged" in next(one["sentence"] for one in found["problems"] if one["kind"] == "model")
    study.open()


def test_text_that_is_left_is_looked_at_and_cleared_by_somebody(station: Station) -> None:
    study = design(station, cases=2)
    study.prepare()
    case = study.get()["cases"][0]
    with station.services.database.write() as session:
        view = session.scalars(select(CaseView).where(CaseView.case_id == UUID(case["id"]))).one()
        view.text = [[1, 2, 30, 10]]
    found = study.get("/check")
    assert case["code"] in next(one["cases"] for one in found["problems"] if one["kind"] == "text")
    picture = station.as_("researcher").get(f"{study.url}/cases/{case['id']}/images/1/frames/0")
    pixels = np.asarray(Image.open(io.BytesIO(picture.content)))
    assert pixels[:20].max() == 0  # the name above the scan
    assert station.as_("researcher").get(f"{study.url}/cases/{case['id']}/images/2/frames/0").status_code == 404
    study.send("POST", f"/cases/{case['id']}/cleared", {"reason": "A septum"})
    assert case["code"] not in str(study.get("/check"))


def test_only_who_cannot_see_cases_elsewhere_reads(station: Station) -> None:
    study = design(station, cases=2, readers=0)
    both, _ = new_account(station, roles=("reader", "clinician"))
    people = {one["user_id"]: one for one in study.get("/people")}
    assert not people[both]["fit"]
    assert "clinician" in refused(study, "POST", "/readers", {"readers": [{"user_id": both}]})
    assert "role reader" in refused(study, "POST", "/readers", {"readers": [{"user_id": station.ids["auditor"]}]})
    add_readers(study, 1)
    again = {"readers": [{"user_id": study.get()["readers"][0]["user_id"]}]}
    assert "already" in refused(study, "POST", "/readers", again)


def test_an_open_study_is_frozen_and_its_orders_follow_from_the_seed(station: Station) -> None:
    study = design(station, cases=5, readers=3, practice=1, attention=1, **INDEPENDENT, repeats=1)
    opened = study.open()
    assert opened["state"] == "open"
    assert opened["hash"] == parse_protocol(opened["protocol"]).sha256
    for method, part, body in (
        ("PUT", "/protocol", {"protocol": protocol()}),
        ("POST", "/cases", {"cases": [new_case(station, 9)]}),
        ("POST", "/open", {}),
    ):
        assert "frozen" in refused(study, method, part, body)
    client = study.readers["R02"]
    read_all(study, client)
    rows = [line.split(",") for line in station.as_("researcher").get(f"{study.url}/export").text.splitlines()]
    place = {name: rows[0].index(name) for name in ("case", "position", "arm", "reader")}
    cases = [
        Case(one["code"], one["truth"], one["cluster"], one["label_source"], one["role"]) for one in opened["cases"]
    ]
    drawn = orders(parse_protocol(opened["protocol"]), cases, [Reader(f"R0{number}") for number in (1, 2, 3)])
    first = next(one for one in drawn if one.reader == "R02" and one.number == 1)
    assert [row[place["case"]] for row in rows[1:]] == [one.case for one in first.tasks]
    assert {row[place["arm"]] for row in rows[1:]} == {first.arm}


def test_the_audit_trail_tells_of_design_opening_locks_and_exports_and_of_no_answer(station: Station) -> None:
    study = design(station, cases=2, **SEQUENTIAL)
    study.open()
    read_all(study, study.readers["R01"], {"score": 83, "biopsy": True})
    station.as_("researcher").get(f"{study.url}/export")
    study.send("POST", "/close", {})
    with station.services.database.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.seq)).all()
    whats = [row.what for row in rows if study.id in row.object]
    expected = {"reader study made", "cases added", "readers added", "reader study opened", "readings exported"}
    assert expected | {"reader study closed"} <= set(whats)
    readings = [row for row in rows if row.what in ("reading locked", "reading revealed")]
    assert len(readings) >= 6
    told = {key for row in readings for key in json.loads(row.body)}
    assert told == {"stage", "protocol_version", "content", "practice"}
    assert station.as_("auditor").get("/api/v1/audit/verify").json()["intact"]


def test_jobs_of_cases_wait_behind_those_that_somebody_waits_for(station: Station) -> None:
    study = design(station, cases=2, readers=0)
    station.as_("researcher").post(f"{study.url}/prepare")
    image = image_of(station, 0)
    asked = station.as_("clinician").post(f"/api/v1/images/{image}/proposals", json={"frame": 0}).json()
    services = station.services
    with stand_in():
        assert ModelTasks(services.database, services.store, services.models, services.clock).work()
    with services.database.read() as session:
        assert session.get_one(Job, UUID(asked["id"])).state == "done"
    work(station)
