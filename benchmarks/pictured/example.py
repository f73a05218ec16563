"""A workstation with everything that a page can show: long names, names from right to left, forty nodules, a signed
report, a reader study that was read, an archive that does not answer."""

import json
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from reading.people import PROTOCOL, Reader, account, opened_study
from trial_workstation import PASSWORD, WORDS, Server, User

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.server.pictures import ultrasound

LONG = "Wolfeschlegelsteinhausenbergerdorff^Hubertina Maximiliane"
PATIENTS = (
    LONG, "محمد بن عبد الرحمن بن يوسف^فاطمة", "כהן־לוי^שירה", "王^小明", "García-Márquez y Fernández de Córdoba^María",
    "Nguyễn^Thị Phương Thảo", "Muster^Anna", "",
)  # fmt: skip
SCANNED = ("Thyroid", "Ultrasound of the thyroid and the lymph nodes, second follow-up")
PEERS = """peers:
  - {name: archive, title: Archive of the hospital, url: "http://127.0.0.1:9/dicom-web"}
  - {name: node, title: Workplace of the second reader in the annex, url: "dicom://ANNEX@127.0.0.1:11112", query: false}
"""


def filled(folder: Path) -> tuple[Server, dict[str, str]]:
    """A server with the example, and its identifiers by name; an example that the folder holds already is taken."""
    folder.mkdir(parents=True, exist_ok=True)
    peers, known = folder / "peers.yaml", folder / "example.json"
    peers.write_text(PEERS, encoding="utf-8")
    server = Server(folder / "data", "--peers", str(peers))
    if known.exists():
        server.start()
        return server, json.loads(known.read_text(encoding="utf-8"))
    server.start()
    found = _fill(server)
    known.write_text(json.dumps(found), encoding="utf-8")
    return server, found


def _fill(server: Server) -> dict[str, str]:
    designer, study, readers = opened_study(server, readers=3, cases=10, loops=1)
    Reader(readers[0], study, 1, pace=0).read(time.monotonic() + 60)
    Reader(readers[1], study, 2, pace=0).read(time.monotonic() + 3)
    designed = designer.call("POST", "/reader-studies", json={"protocol": PROTOCOL | {"title": LONG}}).json()
    administrator = User(server, "administrator")
    administrator.sign_in()
    for name, role in (("auditor", "auditor"), ("newcomer", "reader"), ("researcher", "researcher")):
        account(administrator, name, role)
    doctor, _ = account(administrator, "clinician", "clinician")
    doctor.call("PATCH", "/me", json={"display": "Dr. Hubertina Maximiliane Wolfeschlegelsteinhausen"})
    images = [
        doctor.upload(_scan(1, place, PatientName=name, StudyDescription=SCANNED[place % 2]), "a.dcm")["images"][0]
        for place, name in enumerate(PATIENTS)
    ]
    for number in (2, 3):
        doctor.upload(_scan(number, 0, PatientName=LONG), "b.dcm")
    studies = [image["study_id"] for image in images]
    for place in range(40):
        left, top = 22 + 14 * (place % 8), 32 + 15 * (place // 8)
        _nodule(doctor, images[1], [left, top, left + 11, top + 11])
    for place in (2, 3):
        _judged(doctor, _nodule(doctor, images[place], [50, 40, 90, 80]), kept=place == 3)
    reports = {language: _signed(doctor, studies[3], language) for language in ("en", "es", "zh")}
    _nodule(doctor, images[4], [50, 40, 90, 80])
    return {
        "single": studies[0], "forty": studies[1], "locked": studies[2], "signed": studies[3], "begun": studies[4],
        "loop": studies[6], "read": study, "designed": designed["id"],
        **{f"report_{language}": report for language, report in reports.items()},
    }  # fmt: skip


WROTE = {
    "en": ("Thyroid of normal size. No suspicious lymph nodes.", "Fine-needle aspiration of nodule 1."),
    "es": ("Tiroides de tamaño normal, sin adenopatías sospechosas.", "Se recomienda PAAF del nódulo 1."),
    "zh": (
        "甲状腺大小、形态正常，包膜完整，实质回声均匀。双侧颈部未见明显异常肿大淋巴结。",
        "结节 1 建议细针穿刺活检。",
    ),
}
"""Findings and conclusion of a report in each language."""


def _signed(user: User, study: str, language: str) -> str:
    """A signed report in a language; after the first one of its study it is an addendum."""
    report = user.call("POST", f"/studies/{study}/reports").json()
    findings, conclusion = WROTE[language]
    body = {"version": report["version"], "language": language, "findings": findings, "conclusion": conclusion}
    report = user.call("PATCH", f"/reports/{report['id']}", json=body).json()
    body = {"password": PASSWORD, "version": report["version"]}
    user.call("POST", f"/reports/{report['id']}/sign", json=body).raise_for_status()
    return str(report["id"])


def _scan(number: int, place: int, **changes: object) -> bytes:
    frames = 60 if place == 6 else 1
    return ultrasound(number, study=str(600 + place), patient=f"P-{place}", frames=frames, jpeg=True, **changes)


def _nodule(user: User, image: dict[str, Any], box: list[int]) -> str:
    made = user.call("POST", f"/studies/{image['study_id']}/nodules", json={"descriptors": WORDS, "side": "right"})
    number = str(made.json()["id"])
    body = {"version": 0, "image_id": image["image_id"], "frame": 0, "box": box}
    user.call("PUT", f"/nodules/{number}/views/{uuid4()}", json=body).raise_for_status()
    return number


def _judged(user: User, nodule: str, *, kept: bool) -> None:
    """Lock an opinion and see the model's answer; keep the opinion where asked."""
    body: dict[str, Any] = {"descriptors": WORDS, "score": 70, "biopsy": True}
    user.call("POST", f"/nodules/{nodule}/opinions", json=body).raise_for_status()
    while (answer := user.call("POST", f"/nodules/{nodule}/reveal")).status_code == 202:
        time.sleep(0.5)
    answer.raise_for_status()
    if kept:
        body |= {"stage": "after", "kept": True}
        user.call("POST", f"/nodules/{nodule}/opinions", json=body).raise_for_status()
