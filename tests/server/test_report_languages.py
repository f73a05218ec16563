"""Reports in the language of who signs: what is read, kept, sent and added to; reports of earlier versions stay."""

import io
from contextlib import nullcontext
from typing import Any
from uuid import UUID

import pytest
from pydicom.uid import SecondaryCaptureImageStorage
from pypdf import PdfReader

from tests.server.conftest import ON_ONE_DATABASE, PASSWORD, Station
from tests.server.pictures import ultrasound
from tests.server.test_nodules import nodule_in, opinion, work
from tests.server.test_reports import Archive
from thyrosight.files import sha256_of_bytes
from thyrosight.server.database.tables import Report
from thyrosight.server.peers import PeerEntry
from thyrosight.server.reporting import Courier, sheet_of
from thyrosight.server.reporting.keeping import KEPT

STAYS = "Solid nodule, TR4: 建议随访 (benign)"
"""A person's own words, in which words of the programme stand."""


def drafted(station: Station, study: str, language: str) -> dict[str, Any]:
    """A draft that is asked for by a page in a language."""
    client = station.as_("clinician")
    made = client.post(f"/api/v1/studies/{study}/reports", json={}, headers={"Accept-Language": language})
    assert made.status_code == 201, made.text
    found = made.json()
    assert isinstance(found, dict)
    return found


def changed(station: Station, report: dict[str, Any], **changes: Any) -> dict[str, Any]:
    body = {"version": report["version"], **changes}
    answer = station.as_("clinician").patch(f"/api/v1/reports/{report['id']}", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def signed(station: Station, report: dict[str, Any]) -> dict[str, Any]:
    body = {"password": PASSWORD, "version": report["version"]}
    answer = station.as_("clinician").post(f"/api/v1/reports/{report['id']}/sign", json=body)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def text_of(pdf: bytes) -> str:
    return " ".join("\n".join(one.extract_text() for one in PdfReader(io.BytesIO(pdf)).pages).split())


@pytest.fixture(scope="session")
def chinese(station: Station) -> dict[str, Any]:
    """A report in Chinese on a nodule that a model has judged, signed, with its study."""
    _, nodule = nodule_in(
        station, ultrasound(1, study="80", PatientName="Wang^XiaoMing=王^小明"), size_mm=[12, 9, None],
        side="right", pole="middle",
    )  # fmt: skip
    opinion(station, nodule["id"])
    work(station)
    station.as_("clinician").post(f"/api/v1/nodules/{nodule['id']}/reveal")
    opinion(station, nodule["id"], stage="after", kept=False, score=35, biopsy=False, reason=STAYS)
    report = drafted(station, nodule["study_id"], "es")
    assert report["language"] == "es"
    report = changed(station, report, language="zh", findings=STAYS, conclusion="建议随访。")
    return signed(station, report)


def test_a_report_says_everything_in_its_language(station: Station, chinese: dict[str, Any]) -> None:
    client, url = station.as_("clinician"), f"/api/v1/reports/{chinese['id']}"
    assert chinese["signed"]["meaning"] == "本人已阅读本报告，报告内容为本人意见。"
    page, pdf = client.get(f"{url}.html").text, client.get(f"{url}.pdf").content
    assert '<html lang="zh-CN">' in page
    printed = text_of(pdf)
    told = printed.replace(" ", "")
    for words in (
        "甲状腺超声检查报告",
        "王小明（Wang, XiaoMing）",
        "仅供研究使用",
        "右叶中部",
        "校准后的恶性风险",
        "超声提示",
        STAYS,
        "第1页",
    ):
        assert words.replace(" ", "") in told, words
        assert words in page or words == "第1页", words
    for english in ("Nodule", "Signed by", "Operating point", "Findings", "not stated", "research use"):
        assert english not in page, english
        assert english not in printed, english
    assert PdfReader(io.BytesIO(pdf)).trailer["/Root"]["/Lang"] == "zh-CN"
    resource = client.get(f"{url}.fhir").json()
    assert resource["language"] == "zh-CN"
    assert resource["code"]["text"] == "甲状腺超声检查"
    patient = next(one for one in resource["contained"] if one["resourceType"] == "Patient")
    latin, characters = patient["name"]
    assert (latin["family"], "extension" in latin) == ("Wang", False)
    assert (characters["family"], characters["given"], characters["extension"][0]["valueCode"]) == (
        "王", ["小明"], "IDE",
    )  # fmt: skip
    assert resource["code"]["coding"][0]["display"] == "US Thyroid Report"
    assert client.get(f"{url}.json").json()["content"]["language"] == "zh"


def test_the_pages_of_a_signed_report_are_kept_as_they_were(
    station: Station, chinese: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, url = station.as_("clinician"), f"/api/v1/reports/{chinese['id']}.pdf"
    before = client.get(url).content
    monkeypatch.setattr("thyrosight.server.reporting.wording.Wording.say", lambda *_: "another version's words")
    assert client.get(url).content == before
    rows = station.as_("auditor").get("/api/v1/audit", params={"what": KEPT, "limit": 200}).json()["items"]
    own = [one for one in rows if one["object"] == f"report {chinese['id']}"]
    assert [one["body"] for one in own] == [{"sha256": sha256_of_bytes([before])}]


def test_an_archive_gets_comments_in_the_language_and_codes_as_the_standard_has_them(
    station: Station, chinese: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, services = Archive(), station.services
    monkeypatch.setattr("thyrosight.server.reporting.delivering.connect", lambda *_, **__: nullcontext(archive))
    peers = {"pacs": PeerEntry(name="pacs", url="dicom://PACS@127.0.0.1:104")}
    monkeypatch.setitem(services.peers, "pacs", peers["pacs"])
    sent = station.as_("clinician").post(f"/api/v1/reports/{chinese['id']}/send", json={"peer": "pacs"})
    assert sent.status_code == 202, sent.text
    courier = Courier(services.database, services.store, peers, services.clock)
    while courier.work():
        pass
    document = next(one for one in archive.taken.values() if one.Modality == "DOC")
    assert (document.SpecificCharacterSet, document.DocumentTitle) == (
        "ISO_IR 192", "甲状腺超声检查报告（仅供研究使用）",
    )  # fmt: skip
    assert document.ConceptNameCodeSequence[0].CodeMeaning == "US Thyroid Report"
    report = next(one for one in archive.taken.values() if one.Modality == "SR")
    heat = next(one for one in archive.taken.values() if one.SOPClassUID == SecondaryCaptureImageStorage)
    for one, what in ((document, "已签名报告"), (report, "报告"), (heat, "热图")):
        assert one.SeriesDescription == f"ThyroSight{what}，仅供研究使用"
    assert "仅供研究使用" in heat.ImageComments and "神经网络热图" in heat.DerivationDescription
    assert report.SpecificCharacterSet == "ISO_IR 192"
    items = list(content(report))
    language = next(one for one in items if one.ConceptNameCodeSequence[0].CodeValue == "121049")
    code = language.ConceptCodeSequence[0]
    assert (code.CodeValue, code.CodingSchemeDesignator) == ("zh-CN", "RFC5646")
    comments = [one.TextValue for one in items if one.get("TextValue") and one.ConceptNameCodeSequence[0].CodeValue
                in ("121106", "111002")]  # fmt: skip
    assert len(comments) > 4
    assert all(any("\u4e00" <= letter <= "\u9fff" for letter in comment) for comment in comments), comments
    assert all(meaning.isascii() for one in items for meaning in meanings(one))


def content(item: Any) -> Any:
    for inside in item.get("ContentSequence", ()):
        yield inside
        yield from content(inside)


def meanings(item: Any) -> list[str]:
    sequences = [item.get("ConceptNameCodeSequence", ()), item.get("ConceptCodeSequence", ())]
    return [one.CodeMeaning for sequence in sequences for one in sequence]


def test_an_addendum_is_in_the_language_of_what_it_adds_to(station: Station, chinese: dict[str, Any]) -> None:
    addendum = drafted(station, chinese["study_id"], "en")
    assert (addendum["language"], addendum["supersedes"]) == ("zh", chinese["id"])
    page = station.as_("clinician").get(f"/api/v1/reports/{addendum['id']}.html").text
    assert "甲状腺超声检查补充报告（2）" in page
    addendum = changed(station, addendum, language="en")
    assert drafted(station, chinese["study_id"], "es")["language"] == "en"  # what its author chose stays
    assert station.as_("clinician").delete(f"/api/v1/reports/{addendum['id']}").status_code == 204


@ON_ONE_DATABASE
def test_the_site_chooses_the_language_of_drafts(station: Station) -> None:
    study, admin = station.study(ultrasound(1, study="81"))["id"], station.as_("administrator")
    program = station.as_("clinician").post(f"/api/v1/studies/{study}/reports", json={}).json()
    assert program["language"] == "en"  # a program names no language
    assert station.as_("clinician").delete(f"/api/v1/reports/{program['id']}").status_code == 204
    assert admin.patch("/api/v1/settings", json={"report_language": "xx"}).status_code == 422
    assert admin.patch("/api/v1/settings", json={"report_language": "es"}).status_code == 200
    try:
        report = drafted(station, study, "zh")
    finally:
        admin.patch("/api/v1/settings", json={"report_language": ""})
    assert report["language"] == "es"
    answer = station.as_("clinician").get(f"/api/v1/reports/{report['id']}.html").text
    assert "BORRADOR, sin firmar" in answer
    wrong = {"version": report["version"], "language": "fr"}
    assert station.as_("clinician").patch(f"/api/v1/reports/{report['id']}", json=wrong).status_code == 422


@ON_ONE_DATABASE
def test_a_report_of_an_earlier_version_stays_in_english(station: Station) -> None:
    study = station.study(ultrasound(1, study="82"))["id"]
    report = drafted(station, study, "es")
    with station.services.database.write() as session:
        row = session.get_one(Report, UUID(report["id"]))
        row.body = {name: value for name, value in row.body.items() if name != "language"} | {"conclusion": "Normal."}
    with station.services.database.read() as session:
        row = session.get_one(Report, UUID(report["id"]))
        sheet = sheet_of(row, None)
    assert (sheet.language, sheet.title) == ("", "Report 1: ultrasound of the thyroid")
    assert sheet.parts[0].rows[0][0] == "Date"
    again = signed(station, report)
    assert (again["language"], again["signed"]["meaning"]) == (
        "en", "I have read this report, and it states my opinion.",
    )  # fmt: skip
    pdf = station.as_("clinician").get(f"/api/v1/reports/{report['id']}.pdf").content
    assert PdfReader(io.BytesIO(pdf)).trailer["/Root"].get("/Lang") is None
    assert "language" not in station.as_("clinician").get(f"/api/v1/reports/{report['id']}.fhir").json()
