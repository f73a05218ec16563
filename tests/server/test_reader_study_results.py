"""Documents that a study hands out before it opens, and the report of its readings once it is closed."""

import csv
import io
import zipfile
from typing import Any

import pytest

from tests.server.conftest import Station
from tests.server.reader_study import SEQUENTIAL, Study, design, lock, read_all, task
from thyrosight.server.reader_studies.reports import StudyReports


def make_files(station: Station) -> None:
    """Do the jobs that write documents and results, in this process."""
    services = station.services
    reports = StudyReports(services.database, services.store, services.clock, apart=lambda call, *given: call(*given))
    while reports.work():
        pass


def close(study: Study) -> Any:
    """Close a study and have its report made."""
    study.send("POST", "/close", {})
    assert study.station.as_("researcher").post(f"{study.url}/results", json={}).status_code == 202
    make_files(study.station)
    made = study.get("/results")
    assert made["state"] == "done", made
    return made


def test_documents_are_made_in_a_job_and_handed_out(station: Station) -> None:
    study = design(station, cases=4, readers=2, **SEQUENTIAL, power={"difference": 0.1})
    assert study.get("/documents") == {"state": "none", "problem": "", "files": []}
    assert station.as_("researcher").post(f"{study.url}/documents?language=es").status_code == 202
    make_files(station)
    made = study.get("/documents")
    assert made["state"] == "done", made
    assert {"protocol.html", "protocol.docx", "instructions.es.docx", "orders.csv", "protocol.yaml"} <= set(
        made["files"]
    )
    assert {"instructions.html", "protocol.es.html"} <= set(made["files"])
    client = station.as_("researcher")
    text = client.get(f"{study.url}/documents/orders.csv").text
    assert text.splitlines()[1].startswith("R01,1,1,C-")
    assert client.get(f"{study.url}/documents/protocol.html").headers["content-disposition"].startswith("attachment")
    for name in ("nothing.txt", "..%2Fx", ".hidden"):
        assert client.get(f"{study.url}/documents/{name}").status_code in (404, 422)
    power = study.get("/power", params={"readers": 5})
    assert 0 < power["power"] < 1
    assert (power["readers"], power["cases"]) == (5, 4)
    assert design(station, cases=2, readers=0).get("/power")["reason"]


def test_results_are_computed_once_the_study_is_closed(station: Station) -> None:
    study = design(station, cases=6, readers=2, **SEQUENTIAL)
    study.open()
    for code, client in study.readers.items():
        for place in range(6):
            own = task(study, client)
            score = (37 * place + 11 * len(code) + (code == "R01")) % 100
            lock(client, own, {"score": score, "biopsy": score > 50})
            after = client.post(f"/api/v1/readings/{own['reading']['id']}/reveal").json()
            lock(client, after, {"score": (score * 3 + 20) % 100, "biopsy": score > 30})
    client = station.as_("researcher")
    assert client.post(f"{study.url}/results", json={}).status_code == 409
    made = close(study)
    assert study.readers["R01"].get("/api/v1/reading").json() == []
    assert {"report.html", "readings.csv", "protocol.yaml", "tables/mrmc.csv"} <= set(made["files"])
    exported = client.get(f"{study.url}/export").text
    assert client.get(f"{study.url}/results/readings.csv").text == exported
    page = client.get(f"{study.url}/results/report.html").text
    assert "pathology" in page
    for code in study.readers:
        assert code in page
    archive = zipfile.ZipFile(io.BytesIO(client.get(f"{study.url}/results/all.zip").content))
    assert set(archive.namelist()) == set(made["files"])
    rows = list(csv.DictReader(io.StringIO(exported)))
    own = [row for row in rows if (row["reader"], row["arm"]) == ("R01", "unaided")]
    table = {row["reader"]: row for row in csv.DictReader(io.StringIO(archive.read("tables/readers-auc.csv").decode()))}
    pairs = [
        (float(ill["score"]) > float(well["score"])) + 0.5 * (ill["score"] == well["score"])
        for ill in own
        for well in own
        if (ill["truth"], well["truth"]) == ("1", "0")
    ]
    assert float(table["R01"]["unaided"]) == pytest.approx(sum(pairs) / len(pairs))


def test_readings_that_were_planned_and_never_made_are_told(station: Station) -> None:
    study = design(station, cases=4, readers=4)
    study.open()
    for code, score in (("R01", 70), ("R02", 40)):
        read_all(study, study.readers[code], {"score": score, "biopsy": score > 50})
    lock(study.readers["R03"], task(study, study.readers["R03"]))
    found = study.get()
    ids = {reader["code"]: reader["id"] for reader in found["readers"]}
    study.send("POST", f"/readers/{ids['R03']}/remove", {"reason": "Moved away"})
    case = found["cases"][0]
    study.send("POST", f"/cases/{case['id']}/withdraw", {"reason": "A biopsy scar"})
    close(study)
    client = station.as_("researcher")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{study.url}/results/tables/readers.csv").text)))
    read = {row["reader"]: int(row["read"]) for row in rows}
    exported = list(csv.DictReader(io.StringIO(client.get(f"{study.url}/export").text)))
    of_three = sum(row["reader"] == "R03" and row["case"] != case["code"] for row in exported)
    # Of four cases one was withdrawn, whoever had read it; R04 never came, and no table of readings knows that.
    assert read == {"R01": 3, "R02": 3, "R03": of_three, "R04": 0}
    assert f"of 12 planned, {6 - of_three} missing" in client.get(f"{study.url}/results/report.html").text
    lots = list(csv.DictReader(io.StringIO(client.get(f"{study.url}/results/orders.csv").text)))
    assert [row["reader"] for row in lots] == [code for code in sorted(ids) for _ in range(4)]
