"""Changes while a study is read: cases withdrawn, readers who come and leave, questions and truths amended."""

from tests.server.conftest import Station
from tests.server.reader_study import (
    ANSWERS,
    INDEPENDENT,
    QUESTIONS,
    SEQUENTIAL,
    add_readers,
    design,
    draft,
    following,
    lock,
    protocol,
    read_all,
    rows_of,
    task,
)
from tests.server.test_reader_studies import refused


def test_a_case_that_is_withdrawn_is_presented_no_more_and_kept_in_the_table(station: Station) -> None:
    study = design(station, cases=4, readers=2)
    study.open()
    client = study.readers["R01"]
    own = task(study, client)
    lock(client, own)
    gone = rows_of(study)[0]["case"]
    second = task(study, client)
    ids = {case["code"]: case["id"] for case in study.get()["cases"]}
    study.send("POST", f"/cases/{ids[gone]}/withdraw", {"reason": "The pathology was another patient's"})
    assert (
        study.station.as_("researcher")
        .post(f"{study.url}/cases/{ids[gone]}/withdraw", json={"reason": "again"})
        .status_code
        == 409
    )
    assert len(read_all(study, study.readers["R02"])) == 3
    assert [row["withdrawn"] for row in rows_of(study)] == ["1", "0", "0", "0"]
    assert lock(client, second).status_code == 200
    assert following(study, client)["total"] == 4  # what was locked before counts


def test_withdrawing_the_last_case_of_a_session_ends_it(station: Station) -> None:
    study = design(station, cases=2, **INDEPENDENT)
    study.open()
    client = study.readers["R01"]
    lock(client, task(study, client))
    own = task(study, client)
    read = {row["case"] for row in rows_of(study)}
    left = next(case for case in study.get()["cases"] if case["code"] not in read)
    study.send("POST", f"/cases/{left['id']}/withdraw", {"reason": "Not a nodule"})
    assert following(study, client)["state"] == "waiting"
    assert lock(client, own).status_code == 409


def test_a_reader_who_leaves_reads_no_more_and_stays_in_the_table(station: Station) -> None:
    study = design(station, readers=2)
    study.open()
    client = study.readers["R01"]
    lock(client, task(study, client))
    own = task(study, client)
    reader = study.get()["readers"][0]
    study.send("POST", f"/readers/{reader['id']}/remove", {"reason": "Moved to another hospital"})
    assert client.get("/api/v1/reading").json() == []
    assert lock(client, own).status_code == 404
    assert [row["reader"] for row in rows_of(study)] == ["R01"]
    progress = study.get("/progress")
    assert (progress["locked"], progress["total"]) == (1, 1 + 3)
    assert progress["readers"][0]["removed_for"] == "Moved to another hospital"


def test_an_amended_question_is_asked_from_then_on_and_readings_carry_their_version(station: Station) -> None:
    study = design(station)
    study.open()
    client = study.readers["R01"]
    lock(client, task(study, client))
    own = task(study, client)
    draft(client, own, {"score": 40, "comment": "so far"})
    asked = [*QUESTIONS, {"key": "calm", "kind": "choice", "choices": ["no", "yes"]}]
    body = {"version": study.get()["version"], "protocol": protocol(questions=asked), "reason": "Asked by the board"}
    amended = study.send("PUT", "/amendments", body)
    assert [one["version"] for one in amended["amendments"]] == [1, 2]
    late = lock(client, own, version=1)
    assert late.status_code == 409  # the page shows the old questions
    again = task(study, client)
    assert [one["key"] for one in again["questions"]] == ["score", "biopsy", "comment", "calm"]
    assert again["reading"]["answers"] == {"score": 40, "comment": "so far"}
    assert lock(client, again).status_code == 422  # the new question is not answered
    assert lock(client, again, {**ANSWERS, "calm": "yes"}).status_code == 200
    assert [row["protocol_version"] for row in rows_of(study)] == ["1", "2"]
    assert [row["q_calm"] for row in rows_of(study)] == ["", "yes"]
    rewritten = protocol(questions=asked, arms=[{"name": "other"}])
    refused = study.station.as_("researcher").put(
        f"{study.url}/amendments",
        json={"version": study.get()["version"], "protocol": rewritten, "reason": "Another arm"},
    )
    assert refused.status_code == 422
    assert "arms" in refused.json()["detail"]


def test_a_reader_who_joins_later_changes_nobody_elses_order(station: Station) -> None:
    study = design(station, cases=4, readers=1, **SEQUENTIAL)
    study.open()
    own = task(study, study.readers["R01"])
    assert add_readers(study, 1, group="junior") == ["R02"]
    after = study.get()
    assert [(one["version"], one["reason"]) for one in after["amendments"]] == [(1, ""), (2, "Readers joined")]
    assert task(study, study.readers["R01"])["id"] == own["id"]
    assert len(read_all(study, study.readers["R02"])) == 4


def test_a_truth_that_was_wrong_is_corrected_with_its_reason(station: Station) -> None:
    study = design(station, cases=3)
    study.open()
    read_all(study, study.readers["R01"])
    code = study.get()["cases"][0]["code"]
    rows = [{"case": code, "truth": 1}]
    assert "why" in refused(study, "PUT", "/truth", {"rows": rows})
    late = {"version": study.get()["version"], "rows": rows, "reason": "Second pathologist"}
    amended = study.send("PUT", "/truth", late)
    assert amended["protocol_version"] == 2
    table = station.as_("researcher").get(f"{study.url}/export").text
    assert [line.split(",")[6] for line in table.splitlines() if f",{code}," in line] == ["1"]
