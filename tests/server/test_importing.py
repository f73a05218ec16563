"""Watched folders, and studies fetched from an archive."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from tests.server.conftest import ON_ONE_DATABASE, Station
from tests.server.pictures import ultrasound
from thyrosight.server.database.tables import Arrival
from thyrosight.server.importing import Watcher
from thyrosight.server.peers import PeerEntry


def watcher(station: Station, folder: Path) -> Watcher:
    services = station.services
    return Watcher(
        folder, folder.name[-32:], taker=services.taker, database=services.database, clock=services.clock, settled=0
    )


def test_a_watched_folder_gives_each_file_once_also_after_a_restart(station: Station, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.dcm").write_bytes(ultrasound(1, study="80"))
    (tmp_path / "2.txt").write_text("no image")
    (tmp_path / "3.dcm.part").write_bytes(b"on its way")
    station.time.pass_by(seconds=1)
    first = watcher(station, tmp_path)
    assert not first.work()
    found = station.as_("clinician").get("/api/v1/studies", params={"order": "newest", "limit": 1}).json()["items"][0]
    assert (found["images"], found["patient_id"]) == (1, "P-1")
    with station.services.database.read() as session:
        rows = session.scalars(select(Arrival).where(Arrival.source == tmp_path.name[-32:])).all()
    assert sorted((row.name, bool(row.problem)) for row in rows) == [("2.txt", True), ("a/1.dcm", False)]
    (tmp_path / "4.dcm").write_bytes(ultrasound(2, study="80"))
    watcher(station, tmp_path).work()
    assert station.as_("clinician").get(f"/api/v1/studies/{found['id']}").json()["images"] == 2
    assert (tmp_path / "a" / "1.dcm").exists()  # files stay where they are


@ON_ONE_DATABASE
def test_a_folder_that_is_away_is_no_error(station: Station, tmp_path: Path) -> None:
    assert not watcher(station, tmp_path / "away").work()


class Web:
    """An archive with one study."""

    def search(self, level: str, **_: Any) -> Any:
        yield {
            "0020000D": {"vr": "UI", "Value": ["1.2.3"]},
            "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Muster^Anna"}]},
        }

    def fetch(self, folder: Path, *, study: str, progress: Any) -> list[Path]:
        paths = []
        for number in (1, 2):
            path = folder / f"{study}.{number}.dcm"
            path.write_bytes(ultrasound(number, study="81") if number == 1 else b"no image")
            paths.append(path)
            progress("Fetching", number, 2)
        return paths


def test_a_study_is_found_in_an_archive_and_fetched_in_a_job(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    services, client = station.services, station.as_("clinician")
    monkeypatch.setattr(PeerEntry, "web", property(lambda self: Web()))
    monkeypatch.setitem(services.peers, "web", PeerEntry(name="web", url="https://archive.example/dicom-web"))
    monkeypatch.setitem(services.peers, "node", PeerEntry(name="node", url="dicom://NODE@127.0.0.1:104"))
    url = "/api/v1/imports/dicomweb"
    assert client.get(url, params={"peer": "node", "patient_id": "x"}).status_code == 404
    assert client.get(url, params={"peer": "web"}).status_code == 422
    found = client.get(url, params={"peer": "web", "patient_id": "x"}).json()
    assert [(one["study_uid"], one["patient_name"]) for one in found] == [("1.2.3", "Muster, Anna")]
    job = client.post(url, json={"peer": "web", "study_uid": "1.2.3"}).json()
    station.do_chores()
    done = client.get(f"/api/v1/jobs/{job['id']}").json()
    assert (done["state"], len(done["images"]), len(done["refused"])) == ("done", 1, 1)
    study = client.get(f"/api/v1/studies/{done['images'][0]['study_id']}").json()
    assert study["origin"] == "web"
    assert not list(services.store.uploads.glob("fetched*"))


def test_an_administrator_makes_a_backup_in_a_job(station: Station) -> None:
    admin = station.as_("administrator")
    job = admin.post("/api/v1/backups").json()
    station.do_chores()
    assert admin.get(f"/api/v1/jobs/{job['id']}").json()["state"] == "done"
    listed = admin.get("/api/v1/backups").json()
    assert listed
    assert listed[0]["bytes"] > 1000
    auditor = station.as_("auditor")
    told = admin.get("/api/v1/settings").json()
    assert told["audit_seq"] == auditor.get("/api/v1/audit", params={"limit": 1}).json()["total"]
