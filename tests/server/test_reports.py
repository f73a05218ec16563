"""Reports: drafts, signatures, addenda, their four forms, and their way to an archive."""

import hashlib
import io
import json
from typing import Any

import pytest
from pydicom import dcmread
from pypdf import PdfReader

from tests.server.conftest import ON_ONE_DATABASE, PASSWORD, Station
from tests.server.pictures import ultrasound
from tests.server.test_nodules import nodule_in, opinion, work
from thyrosight.server.peers import PeerEntry, read_peers
from thyrosight.server.reporting import Courier
from thyrosight.server.settings import SettingsError


def drafted(station: Station, study: str) -> dict[str, Any]:
    made = station.as_("clinician").post(f"/api/v1/studies/{study}/reports", json={})
    assert made.status_code == 201, made.text
    found = made.json()
    assert isinstance(found, dict)
    return found


def sign(station: Station, report: dict[str, Any], **changes: Any) -> Any:
    body = {"password": PASSWORD, "version": report["version"], **changes}
    return station.as_("clinician").post(f"/api/v1/reports/{report['id']}/sign", json=body)


@pytest.fixture(scope="session")
def read(station: Station) -> dict[str, Any]:
    """A nodule with opinions before and after the model's result."""
    _, nodule = nodule_in(
        station, ultrasound(1, study="60", PatientName="Muster^Zoë=森^杏奈"), size_mm=[12, 9, None], pole="upper"
    )
    opinion(station, nodule["id"])
    work(station)
    station.as_("clinician").post(f"/api/v1/nodules/{nodule['id']}/reveal")
    opinion(station, nodule["id"], stage="after", kept=False, score=35, biopsy=False, reason="Foci are comet tails")
    return nodule


def test_a_report_is_drafted_changed_and_signed_once(station: Station, read: dict[str, Any]) -> None:
    client = station.as_("clinician")
    report = drafted(station, read["study_id"])
    url = f"/api/v1/reports/{report['id']}"
    words = {"version": report["version"], "conclusion": "Follow-up in a year."}
    changed = client.patch(url, json=words)
    assert changed.status_code == 200
    assert client.patch(url, json=words).status_code == 409  # another tab
    again = drafted(station, read["study_id"])
    assert (again["id"], again["conclusion"]) == (report["id"], "Follow-up in a year.")
    assert sign(station, again, password="wrong").status_code == 403
    assert sign(station, report).status_code == 409  # an old version
    signed = sign(station, again)
    assert signed.status_code == 200, signed.text
    assert sign(station, again).status_code == 409
    assert client.patch(url, json={"version": again["version"] + 1, "findings": "x"}).status_code == 409
    assert client.delete(url).status_code == 409
    assert client.get(f"/api/v1/studies/{read['study_id']}").json()["state"] == "reported"
    proof = signed.json()["signed"]
    content = client.get(f"{url}.json").json()
    canonical = json.dumps(
        [report["id"], 1, "", content["content"]], sort_keys=True, separators=(",", ":"), ensure_ascii=True
    )
    assert hashlib.sha256(canonical.encode()).hexdigest() == proof["content_hash"]
    seen = station.as_("auditor").get(
        "/api/v1/audit/verify", params={"seq": proof["audit_seq"], "hash": proof["audit_hash"]}
    )
    assert seen.json()["intact"] is True


def test_after_a_signature_come_addenda_only(station: Station, read: dict[str, Any]) -> None:
    client = station.as_("clinician")
    first = client.get(f"/api/v1/studies/{read['study_id']}/reports").json()[-1]
    addendum = drafted(station, read["study_id"])
    assert (addendum["number"], addendum["supersedes"]) == (first["number"] + 1, first["id"])
    assert client.delete(f"/api/v1/reports/{addendum['id']}").status_code == 204
    assert client.get(f"/api/v1/reports/{addendum['id']}.html").status_code == 404


def test_every_form_says_what_was_found_and_by_whom(station: Station, read: dict[str, Any]) -> None:
    client = station.as_("clinician")
    report = client.get(f"/api/v1/studies/{read['study_id']}/reports").json()[0]
    url = f"/api/v1/reports/{report['id']}"
    page = client.get(f"{url}.html")
    assert page.headers["content-type"].startswith("text/html")
    pdf = client.get(f"{url}.pdf").content
    pages = PdfReader(io.BytesIO(pdf)).pages
    told = " ".join("\n".join(one.extract_text() for one in pages).split())
    for sentence in (
        "research use only", "Muster", "Nodule 1", "left upper part", "ACR TI-RADS 2017", "Follow-up in a year.",
        "changed: Foci are comet tails",
        "colours scaled to this picture; cannot be compared with other pictures",
        "Calibrated risk", "Signed by clinician", "12 x 9 x ? mm",
    ):  # fmt: skip
        assert sentence in told, sentence
        assert sentence in " ".join(page.text.split()), sentence
    for one in pages:
        assert "research use only" in one.extract_text()
        assert "Muster" in one.extract_text()
    assert client.get(f"{url}.pdf").content == pdf
    shown = client.get(f"{url}.json").json()["content"]["nodules"][0]["model"][0]["assessment_id"]
    assert client.get(f"{url}/pictures/{shown}").headers["content-type"] == "image/jpeg"
    assert client.get(f"{url}/pictures/{report['id']}").status_code == 404


@ON_ONE_DATABASE
def test_the_fhir_resource_holds_its_references(station: Station, read: dict[str, Any]) -> None:
    client = station.as_("clinician")
    report = client.get(f"/api/v1/studies/{read['study_id']}/reports").json()[0]
    answer = client.get(f"/api/v1/reports/{report['id']}.fhir")
    assert answer.headers["content-type"] == "application/fhir+json"
    resource = answer.json()
    assert (resource["resourceType"], resource["status"]) == ("DiagnosticReport", "final")
    inside = {f"#{one['id']}" for one in resource["contained"]}
    named = [resource["subject"], *resource["result"], *resource["resultsInterpreter"]]
    assert {one["reference"] for one in named} <= inside
    patient = next(one for one in resource["contained"] if one["resourceType"] == "Patient")
    assert (patient["gender"], patient["birthDate"]) == ("female", "1970-01-02")
    risks = [one for one in resource["contained"] if "valueQuantity" in one]
    assert len(risks) == 1
    assert "research use only" in risks[0]["code"]["text"]


def test_a_draft_is_for_its_author_alone(station: Station, read: dict[str, Any]) -> None:
    admin, client = station.as_("administrator"), station.as_("clinician")
    made = admin.post("/api/v1/users", json={"name": "second", "roles": ["clinician"]}).json()
    secret = admin.post(f"/api/v1/users/{made['id']}/link").json()["secret"]
    station.browser().post("/api/v1/links", json={"secret": secret, "password": PASSWORD})
    other = station.browser("second")
    draft = drafted(station, read["study_id"])
    for form in ("html", "pdf", "json", "fhir"):
        assert other.get(f"/api/v1/reports/{draft['id']}.{form}").status_code == 404
    assert draft["id"] not in [one["id"] for one in other.get(f"/api/v1/studies/{read['study_id']}/reports").json()]
    # What was not revealed to a person is not in that person's report.
    theirs = other.post(f"/api/v1/studies/{read['study_id']}/reports", json={}).json()
    content = other.get(f"/api/v1/reports/{theirs['id']}.json").json()["content"]
    assert (content["nodules"][0]["model"], content["nodules"][0]["opinions"]) == ([], [])
    # Two drafts of one study: the second to sign is told of the first.
    words = {"version": theirs["version"], "conclusion": "x"}
    theirs = other.patch(f"/api/v1/reports/{theirs['id']}", json=words).json()
    body = {"password": PASSWORD, "version": theirs["version"]}
    assert other.post(f"/api/v1/reports/{theirs['id']}/sign", json=body).status_code == 200
    assert sign(station, draft).status_code == 409
    assert sign(station, drafted(station, read["study_id"])).status_code == 200
    assert client.get(f"/api/v1/studies/{read['study_id']}/reports").json()[-1]["supersedes"] == theirs["id"]


def test_an_empty_report_is_not_signed(station: Station) -> None:
    study = station.study(ultrasound(1, study="61"))
    assert sign(station, drafted(station, study["id"])).status_code == 422


@ON_ONE_DATABASE
def test_markup_in_words_stays_text(station: Station) -> None:
    study = station.study(ultrasound(1, study="62", PatientName="<b>Bold^<script>"))
    report = drafted(station, study["id"])
    words = {"version": report["version"], "findings": "a < b & <i>c</i>"}
    client = station.as_("clinician")
    client.patch(f"/api/v1/reports/{report['id']}", json=words)
    page = client.get(f"/api/v1/reports/{report['id']}.html").text
    assert "<script>" not in page
    assert "&lt;i&gt;c" in page
    read_back = PdfReader(io.BytesIO(client.get(f"/api/v1/reports/{report['id']}.pdf").content)).pages[0].extract_text()
    assert "<i>c</i>" in read_back
    assert "DRAFT, not signed" in read_back


class Archive:
    """A peer that takes objects, or does not."""

    def __init__(self) -> None:
        self.taken: dict[str, Any] = {}
        self.refusal = ""

    def has(self, uid: str) -> bool:
        return uid in self.taken

    def send(self, path: Any) -> str:
        dataset = dcmread(path)
        if not self.refusal:
            self.taken[str(dataset.SOPInstanceUID)] = dataset
        return self.refusal


def test_a_signed_report_arrives_once_with_its_objects(
    station: Station, read: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    archive, services, client = Archive(), station.services, station.as_("clinician")
    monkeypatch.setattr(
        "thyrosight.server.reporting.delivering.connect", lambda *_, **__: nullcontext(archive), raising=True
    )
    peers = {"pacs": PeerEntry(name="pacs", url="dicom://PACS@127.0.0.1:104")}
    monkeypatch.setitem(services.peers, "pacs", peers["pacs"])
    courier = Courier(services.database, services.store, peers, services.clock)
    report = client.get(f"/api/v1/studies/{read['study_id']}/reports").json()[0]
    url = f"/api/v1/reports/{report['id']}/send"
    assert client.post(url, json={"peer": "nowhere"}).status_code == 404
    archive.refusal = "no room"
    first = client.post(url, json={"peer": "pacs"}).json()
    assert [one["kind"] for one in first] == ["signed", "report", "heat-map"]
    courier.work()
    row = client.get(f"/api/v1/studies/{read['study_id']}/reports").json()[0]["deliveries"][0]
    assert (row["state"], row["attempts"], row["problem"]) == ("waiting", 1, "no room")
    assert not courier.work()  # not at once again
    archive.refusal = ""
    station.time.pass_by(minutes=15)
    while courier.work():
        pass
    assert station.as_("clinician").post(url, json={"peer": "pacs"}).status_code == 202
    assert not courier.work()
    assert set(archive.taken) == {one["uid"] for one in first}
    document = next(one for one in archive.taken.values() if one.Modality == "DOC")
    assert document.StudyInstanceUID.endswith(".8.60")
    assert "research use only" in document.DocumentTitle
    heat = next(one for one in archive.taken.values() if "heat map" in one.get("DerivationDescription", ""))
    assert "scaled to this image, not to be compared with others" in heat.DerivationDescription
    assert bytes(document.EncapsulatedDocument).startswith(b"%PDF")


def test_the_file_of_peers_is_read_or_refused_in_a_sentence(tmp_path: Any) -> None:
    file = tmp_path / "peers.yaml"
    file.write_text(
        "peers:\n  - {name: a, url: 'dicom://A@127.0.0.1:104'}\n  - {name: b, url: 'https://h/dicom-web'}\n"
    )
    found = read_peers(file)
    assert [one.peer.is_web for one in found.values()] == [False, True]
    for wrong in ("peers:\n  - {name: a, url: 'ftp://x'}\n", "peers:\n  - {nam: a}\n", "peers: [",
                  "peers:\n  - {name: a, url: 'https://h/d'}\n  - {name: a, url: 'https://h/d'}\n"):  # fmt: skip
        file.write_text(wrong)
        with pytest.raises(Exception, match=r"peer|YAML|write dicom"):
            read_peers(file)
    with pytest.raises(SettingsError):
        read_peers(tmp_path / "none.yaml")
