"""A small reader study on a workstation within the test's process: designed, opened and read through the interface."""

import csv
import io
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from fastapi.testclient import TestClient

from tests.server.conftest import PASSWORD, Station
from tests.server.judging import stand_in
from tests.server.pictures import ultrasound
from thyrosight.server.jobs import ModelTasks

QUESTIONS: list[dict[str, Any]] = [
    {"key": "score", "kind": "score"},
    {"key": "biopsy", "kind": "yes-no"},
    {"key": "comment", "kind": "text", "required": False},
]
ANSWERS: dict[str, Any] = {"score": 70, "biopsy": True}
_NUMBERS = count(500)
_IMAGES: dict[str, dict[tuple[int, int], str]] = {}


def protocol(**changes: Any) -> dict[str, Any]:
    """A protocol as people write it: one arm without a model."""
    return {
        "title": "Second reader",
        "seed": 20,
        "design": "single",
        "arms": [{"name": "unaided"}],
        "questions": QUESTIONS,
        "main_question": "score",
        "action": "biopsy",
        **changes,
    }


INDEPENDENT = {
    "design": "independent",
    "arms": [{"name": "unaided"}, {"name": "aided", "model": "risk"}],
    "washout_days": 28,
}
SEQUENTIAL = {"design": "sequential", "arms": [{"name": "unaided"}, {"name": "aided", "model": "risk"}]}


@dataclass
class Study:
    """A reader study that is being designed or read.

    Attributes:
        station: the workstation.
        id: of the study.
        readers: browsers of its readers, by the code that stands for them.
        names: of their accounts.
    """

    station: Station
    id: str
    readers: dict[str, TestClient] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def sign_in(self, code: str) -> TestClient:
        """A new browser of a reader, as on another computer or after the session has ended."""
        self.readers[code] = self.station.browser(self.names[code])
        return self.readers[code]

    @property
    def url(self) -> str:
        return f"/api/v1/reader-studies/{self.id}"

    def get(self, part: str = "", **more: Any) -> Any:
        answer = self.station.as_("researcher").get(self.url + part, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def send(self, method: str, part: str, body: Any, *, status: int = 200) -> Any:
        """A change of the design, of the version that is there now."""
        if isinstance(body, dict) and "reason" not in body:
            body = {"version": self.get()["version"], **body}
        answer = self.station.as_("researcher").request(method, self.url + part, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def prepare(self) -> Any:
        """Have the pictures prepared by stand-ins of the models; gives what stands in the way."""
        self.station.as_("researcher").post(f"{self.url}/prepare")
        work(self.station)
        return self.get("/check")

    def open(self) -> Any:
        found = self.prepare()
        ids = {case["code"]: case["id"] for case in self.get()["cases"]}
        for code in next((one["cases"] for one in found["problems"] if one["kind"] == "text"), []):
            self.send("POST", f"/cases/{ids[code]}/cleared", {"reason": "Speckle that looks like letters"})
        return self.send("POST", "/open", {})


def work(station: Station) -> None:
    """Do all jobs of the models in this process."""
    services = station.services
    tasks = ModelTasks(services.database, services.store, services.models, services.clock)
    with stand_in():
        while tasks.work():
            pass


def design(
    station: Station, *, cases: int = 3, readers: int = 1, practice: int = 0, attention: int = 0, **changes: Any
) -> Study:
    """A draft with cases of one picture each, benign and malignant by turns, and readers with new accounts."""
    body = protocol(practice=practice, attention=attention, **changes)
    made = station.as_("researcher").post("/api/v1/reader-studies", json={"protocol": body})
    assert made.status_code == 201, made.text
    study = Study(station, made.json()["id"])
    roles = ["study"] * cases + ["practice"] * practice + ["attention"] * attention
    if roles:
        new = [new_case(station, place, role=role) for place, role in enumerate(roles)]
        study.send("POST", "/cases", {"cases": new}, status=201)
    if readers:
        add_readers(study, readers)
    return study


def new_case(station: Station, place: int = 0, *, frames: int = 1, **more: Any) -> dict[str, Any]:
    """A case of one picture with a box; the pictures of a workstation serve in all its studies."""
    return {
        "key": f"malignant_{place}" if place % 2 else f"benign_{place}",
        "views": [{"image_id": image_of(station, place, frames=frames), "box": [40, 40, 90, 80]}],
        "truth": place % 2,
        "label_source": "pathology",
        **more,
    }


def image_of(station: Station, place: int, *, frames: int = 1) -> str:
    """One of the pictures of a workstation, uploaded when it is first asked for."""
    known = _IMAGES.setdefault(str(station.services.settings.data), {})
    if (place, frames) not in known:
        number = next(_NUMBERS)
        content = ultrasound(number, study=str(number), patient=f"PAT-{number}", frames=frames)
        known[place, frames] = station.study(content, name=f"malignant_{number}.dcm")["items"][0]["id"]
    return known[place, frames]


def add_readers(study: Study, number: int, *, group: str = "") -> list[str]:
    """Readers with new accounts; their codes."""
    station, before = study.station, set(study.readers)
    people = [new_account(station) for _ in range(number)]
    body = {"readers": [{"user_id": user_id, "group": group} for user_id, _ in people]}
    found = study.send("POST", "/readers", body, status=201)
    for user_id, name in people:
        code = next(one["code"] for one in found["readers"] if one["user_id"] == user_id)
        study.names[code] = name
        study.sign_in(code)
    return sorted(set(study.readers) - before)


def new_account(station: Station, *, roles: tuple[str, ...] = ("reader",)) -> tuple[str, str]:
    """An account: its identifier and its name."""
    name = f"reader{next(_NUMBERS)}"
    admin = station.as_("administrator")
    made = admin.post("/api/v1/users", json={"name": name, "display": f"Dr {name}", "roles": list(roles)}).json()
    secret = admin.post(f"/api/v1/users/{made['id']}/link").json()["secret"]
    client = station.browser()
    assert client.post("/api/v1/links", json={"secret": secret, "password": PASSWORD}).status_code == 201
    return made["id"], name


def following(study: Study, client: TestClient, **more: Any) -> Any:
    """Next task of a reader."""
    answer = client.get(f"/api/v1/reading/{study.id}/next", params=more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def task(study: Study, client: TestClient) -> Any:
    """The next task, opened."""
    found = following(study, client)
    assert found["state"] == "task", found
    answer = client.get(f"/api/v1/reading/tasks/{found['task']}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def lock(client: TestClient, own: Any, answers: dict[str, Any] | None = None, **more: Any) -> Any:
    """Lock the present reading of a task."""
    reading = own["reading"]
    body = {
        "key": str(uuid4()),
        "version": reading["version"],
        "protocol_version": reading["protocol_version"],
        "answers": ANSWERS if answers is None else answers,
        **more,
    }
    return client.post(f"/api/v1/readings/{reading['id']}/lock", json=body)


def read_all(study: Study, client: TestClient, answers: dict[str, Any] | None = None) -> list[Any]:
    """Read what is open; the tasks in their order, as they were first shown."""
    read = []
    while following(study, client)["state"] == "task":
        own = task(study, client)
        read.append(own)
        while True:
            locked = lock(client, own, answers)
            assert locked.status_code == 200, locked.text
            if locked.json()["next"] == "task":
                break
            own = client.post(f"/api/v1/readings/{own['reading']['id']}/reveal").json()
            if own["next"] == "feedback":
                break
    return read


def draft(client: Any, own: Any, answers: dict[str, Any], *, version: int | None = None) -> Any:
    """Save answers to the present reading of a task."""
    reading = own["reading"]
    body = {"version": reading["version"] if version is None else version, "answers": answers, "page": "one"}
    return client.put(f"/api/v1/readings/{reading['id']}/draft", json=body)


def rows_of(study: Study) -> list[dict[str, str]]:
    """The table of readings as other programs read it."""
    answer = study.station.as_("researcher").get(f"{study.url}/export")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text)))
