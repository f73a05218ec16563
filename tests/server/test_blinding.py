"""Every byte that a reader is sent in a whole study: nothing of names, truth, files, other readers, or the model."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image
from sqlalchemy import func, select

from tests.server.conftest import ON_ONE_DATABASE, Station
from tests.server.pictures import SCAN, ultrasound
from tests.server.reader_study import SEQUENTIAL, Study, design, following, lock, task
from thyrosight.server.database.tables import Job, StoredImage, StudyCase
from thyrosight.server.database.tables import Study as StoredStudy

pytestmark = ON_ONE_DATABASE
QUESTIONS = [
    {"key": "score", "kind": "score", "text": "How suspicious?"},
    {"key": "biopsy", "kind": "yes-no", "text": "Puncture?"},
    {"key": "comment", "kind": "text", "required": False},
]
OWN, OTHER = {"score": 41, "biopsy": False, "comment": "mine"}, {"score": 83, "biopsy": True, "comment": "Quittenbaum"}
TRUTHS = ("malignant", "benign", "pathology", "truth", "label_source", "lesion")
MODEL = ("risk", "calibrated", "probability", "operating_point", "stand-in", "0.25", "heat-map", "model_hash")


@dataclass
class Ear:
    """Hears every answer that a browser gets."""

    client: TestClient
    heard: list[tuple[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.client.event_hooks = {"response": [self._hear]}

    def _hear(self, answer: Any) -> None:
        answer.read()
        self.heard.append((answer.request.method + " " + str(answer.request.url), answer))

    def take(self) -> list[tuple[str, Any]]:
        """Take the messages heard since the last call."""
        heard, self.heard = self.heard, []
        return heard


def texts(heard: list[tuple[str, Any]]) -> Iterator[tuple[str, str]]:
    """Addresses, headers and bodies; pictures are looked at by themselves."""
    for address, answer in heard:
        yield address, " ".join([address, *(f"{name}: {value}" for name, value in answer.headers.items())]).lower()
        if answer.headers.get("content-type") != "image/png":
            yield address, answer.text.lower()


def without(heard: list[tuple[str, Any]], words: set[str]) -> None:
    """Nothing that was heard holds any of the words."""
    for address, text in texts(heard):
        for word in words:
            # Digits stand in identifiers too: numbers are looked for as numbers.
            found = re.search(rf"(?<![\w-]){word}(?![\w-])", text) if word.isdecimal() else word.lower() in text
            assert not found, (address, word)


def chunks(png: bytes) -> Iterator[bytes]:
    """The kinds of the parts of a PNG file."""
    place = 8
    while place < len(png):
        yield png[place + 4 : place + 8]
        place += 12 + int.from_bytes(png[place : place + 4], "big")


def looked_at(heard: list[tuple[str, Any]]) -> int:
    """Pictures hold pixels alone, and none outside of the scan; their number."""
    count = 0
    left, top, right, bottom = SCAN
    for address, answer in heard:
        if answer.headers.get("content-type") == "image/png" and "heat-map" not in address:
            count += 1
            assert set(chunks(answer.content)) == {b"IHDR", b"IDAT", b"IEND"}  # no text, no time
            picture = Image.open(io.BytesIO(answer.content))
            assert not picture.info
            pixels = np.asarray(picture).copy()
            assert pixels.any()
            pixels[top : bottom + 1, left : right + 1] = 0
            assert not pixels.any()
    return count


@pytest.fixture(scope="module")
def secrets_and_study(station: Station) -> tuple[Study, set[str]]:
    """A study of patients with names, read by another reader before; and what no reader may be sent."""
    study = design(station, cases=0, readers=2, practice=0, questions=QUESTIONS, title="Second look", **SEQUENTIAL)
    cases = []
    for place in range(6):
        content = ultrasound(
            1, study=f"95{place}", patient=f"HID-774{place}", PatientName="Zwiebel^Rosa", frames=2 if place == 5 else 1,
            Manufacturer="Sonotron", AccessionNumber=f"ACC-9{place}1",
        )  # fmt: skip
        name = f"malignant_{place}.dcm" if place % 2 else f"benign_{place}.dcm"
        image = station.study(content, name=name)["items"][0]
        view = {"image_id": image["id"], "box": [40, 40, 90, 80], "loop": place == 5}
        cases.append(
            {
                "key": name.removesuffix(".dcm"), "views": [view], "truth": place % 2, "label_source": "pathology",
                "lesions": [[41, 42, 77, 78]], "role": "practice" if place == 4 else "study",
                "facts": {"size_mm": 17.125}, "model_scores": {"own": 0.918},
            }
        )  # fmt: skip
    study.send("POST", "/cases", {"cases": cases}, status=201)
    body = {**study.get()["protocol"], "practice": 1, "repeats": 1}
    study.send("PUT", "/protocol", {"protocol": body})
    study.open()
    read(study, study.readers["R02"], OTHER)
    secrets = {"zwiebel", "rosa", "hid-774", "sonotron", "acc-9", "1.2.826", "17.125", "0.918", "quittenbaum", "83"}
    design_of = study.get()
    with station.services.database.read() as session:
        ids = [view["image_id"] for case in design_of["cases"] for view in case["views"]]
        for image in session.scalars(select(StoredImage).where(StoredImage.id.in_([UUID(one) for one in ids]))):
            stored = session.get_one(StoredStudy, image.study_id)
            secrets |= {image.sha256[:12], image.name, str(image.id), image.id.hex, str(stored.id), stored.code}
            secrets |= {str(image.size)}
        for case in session.scalars(select(StudyCase).where(StudyCase.reader_study_id == UUID(study.id))):
            secrets |= {case.code, case.key, str(case.id), case.id.hex, case.cluster}
    people = design_of["readers"]
    secrets |= {people[1]["display"], people[1]["id"], people[1]["user_id"], study.names["R02"], design_of["hash"][:12]}
    return study, {one.lower() for one in secrets if one}


def read(study: Study, client: TestClient, answers: dict[str, Any]) -> None:
    """A whole study."""
    while following(study, client)["state"] == "task":
        own = task(study, client)
        while True:
            follows = lock(client, own, answers).json()["next"]
            if follows == "task":
                break
            own = client.post(f"/api/v1/readings/{own['reading']['id']}/reveal").json()
            if own["next"] == "feedback":
                break


def look_at(client: TestClient, own: dict[str, Any]) -> None:
    """Everything that a page asks for: pictures, once more with their tag, drafts, events, errors."""
    url = f"/api/v1/reading/tasks/{own['id']}"
    for image in own["images"]:
        for frame in range(image["frames"] + 1):
            picture = client.get(f"{url}/images/{image['number']}/frames/{frame}")
            tag = picture.headers.get("etag", "")
            client.get(f"{url}/images/{image['number']}/frames/{frame}", headers={"If-None-Match": tag})
        client.get(f"{url}/images/{image['number']}/heat-map")
    reading = f"/api/v1/readings/{own['reading']['id']}"
    client.put(f"{reading}/draft", json={"version": own["reading"]["version"], "answers": {"score": 7}, "page": "p"})
    client.put(f"{reading}/draft", json={"version": 99, "answers": {}, "page": "p"})
    client.post(f"{reading}/events", json={"page": "p", "kind": "active"})
    client.post(f"{url}/pause")
    client.get(f"{url}/images/1/frames/0")
    client.post(f"{url}/resume")
    client.post(f"{reading}/lock", json={"key": "x"})
    if own["reading"]["stage"] != "after":
        client.post(f"{reading}/reveal")


def test_nothing_that_a_reader_is_sent_tells_names_truth_others_or_the_model_before_the_lock(
    station: Station, secrets_and_study: tuple[Study, set[str]]
) -> None:
    study, secrets = secrets_and_study
    client = study.sign_in("R01")
    ear = Ear(client)
    own_pages = ("/api/v1/reading", f"/api/v1/reading/{study.id}/instructions?language=es", "/api/v1/me")
    for address in (*own_pages, "/api/v1/studies", study.url):
        client.get(address)
    told = ear.take()
    assert [answer.status_code for _, answer in told] == [200, 200, 200, 403, 403]
    assert "Usted juzga los casos de uno en uno" in told[1][1].text
    without(told, secrets)
    with station.services.database.read() as session:
        jobs = session.scalar(select(func.count()).select_from(Job))
    pictures = 0
    practice = 0
    while following(study, client)["state"] == "task":
        own = task(study, client)
        assert not any("arms" in question for question in own["questions"])
        look_at(client, own)
        own = task(study, client)
        locked = lock(client, own, OWN)
        assert locked.status_code == 200, locked.text
        client.get(f"/api/v1/reading/tasks/{own['id']}")
        before = ear.take()
        pictures += looked_at(before)
        without(before, secrets | {*TRUTHS, *MODEL} - {"heat-map", "risk"})
        assert all("risk" not in text.replace("/reading/", "") for _, text in texts(before) if "heat-map" not in _)
        after = client.post(f"/api/v1/readings/{own['reading']['id']}/reveal").json()
        assert after["model"]["score"] == 0.25
        look_at(client, after)
        after = task(study, client)
        follows = lock(client, after, OWN).json()["next"]
        shown = ear.take()
        without(shown, secrets | {"pathology", 'label_source":"p', 'lesion":'})
        assert all('"truth":' not in text for _, text in texts(shown))
        if follows == "feedback":
            practice += 1
            feedback = client.post(f"/api/v1/readings/{after['reading']['id']}/reveal").json()["feedback"]
            assert feedback == {"truth": 0, "label_source": "pathology", "lesions": [[41, 42, 77, 78, 1, 0, 0]]}
            without(ear.take(), secrets)
    assert practice == 1
    assert pictures >= 6 + 1 + 1  # six cases, one of them read again, one a loop of two frames
    with station.services.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == jobs  # no model was asked while somebody read


def test_answers_on_a_malignant_and_a_benign_case_have_the_same_size(station: Station) -> None:
    image = station.study(ultrasound(1, study="970"))["items"][0]
    study = design(station, cases=0, title="Equal", questions=QUESTIONS)
    view = [{"image_id": image["id"], "box": [40, 40, 90, 80]}]
    more = {"views": view, "label_source": "pathology"}
    cases = [
        {**more, "key": "well", "truth": 0},
        {
            **more,
            "key": "ill",
            "truth": 1,
            "lesions": [[41, 42, 77, 78]],
            "cluster": "another",
            "facts": {"size_mm": 30},
        },
    ]
    study.send("POST", "/cases", {"cases": cases}, status=201)
    study.open()
    ear, sizes = Ear(study.readers["R01"]), []
    for _ in cases:
        own = task(study, study.readers["R01"])
        look_at(study.readers["R01"], own)
        own = task(study, study.readers["R01"])
        lock(study.readers["R01"], own, OWN)
        sizes.append(
            [
                (answer.status_code, len(answer.content), sorted(answer.headers), answer.headers.get("content-length"))
                for address, answer in ear.take()
                if "/next" not in address
            ]
        )
    assert sizes[0] == sizes[1]
