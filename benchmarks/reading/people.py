"""A reader study that is set up through the interface, and people who read it and keep what was acknowledged."""

import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import requests
from trial_workstation import PASSWORD, Server, User, first_administrator, picture

PROTOCOL: dict[str, Any] = {
    "title": "Second reader",
    "seed": 20,
    "design": "sequential",
    "arms": [{"name": "unaided"}, {"name": "aided", "model": "risk"}],
    "questions": [
        {"key": "score", "kind": "score"},
        {"key": "biopsy", "kind": "yes-no"},
        {"key": "comment", "kind": "text", "required": False},
    ],
    "main_question": "score",
    "action": "biopsy",
}


@dataclass
class Known:
    """Answers that the server has acknowledged, and those that it was asked to keep, by reading.

    Attributes:
        drafts: last version that was acknowledged, with its answers, and the answers that were asked for after it.
        locked: answers whose lock was acknowledged.
        asked: answers with the key with which their lock was asked for.
    """

    drafts: dict[str, tuple[int, dict[str, Any], dict[str, Any]]] = field(default_factory=dict)
    locked: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: dict[str, dict[str, Any]] = field(default_factory=dict)
    places: dict[str, tuple[str, str, str]] = field(default_factory=dict)


class Reader:
    """A person who reads one case after the other."""

    def __init__(self, user: User, study: str, seed: int, *, pace: float) -> None:
        self.user, self.study, self.pace = user, study, pace
        self.drawn = random.Random(seed)
        self.known = Known()

    def read(self, until: float) -> None:
        """Read until the time is over, nothing is left, or the server is gone."""
        try:
            while time.monotonic() < until and self._one():
                pass
        except (requests.RequestException, KeyError, ValueError):
            return

    def _one(self) -> bool:
        found = self.user.call("GET", f"/reading/{self.study}/next").json()
        if found["state"] != "task":
            return False
        task = self.user.call("GET", f"/reading/tasks/{found['task']}").json()
        while True:
            if task["next"] == "lock":
                self._answer(task)
                task = {**task, "next": "reveal" if task["stage"] == "before" else "task"}
            if task["next"] != "reveal":
                return True
            task = self.user.call("POST", f"/readings/{task['reading']['id']}/reveal").json()

    def _answer(self, task: dict[str, Any]) -> None:
        reading, page = task["reading"], str(uuid4())
        number = reading["id"]
        self.known.places[number] = (task["id"], task["code"], task["stage"])
        again = self.known.asked.get(number)
        if again is not None:  # the answer to the lock was lost
            self._lock(number, again)
            return
        self._tell(number, page, "opened")
        for image in task["images"]:
            for frame in range(image["frames"]):
                self.user.call("GET", f"/reading/tasks/{task['id']}/images/{image['number']}/frames/{frame}")
        version, answers = reading["version"], dict(reading["answers"])
        final = {"score": self.drawn.randrange(101), "biopsy": self.drawn.random() < 0.5}
        words = "hypoechoic, irregular margin"[: self.drawn.randrange(1, 12)]
        steps = [{"score": final["score"] // 10}, final, *({"comment": words[:end]} for end in range(1, len(words)))]
        for step in steps:
            time.sleep(self.drawn.uniform(0.2, 1.8) * self.pace)
            self._tell(number, page, "active")
            answers = answers | step
            before = self.known.drafts.get(number, (version, dict(reading["answers"]), {}))
            self.known.drafts[number] = (before[0], before[1], answers)
            told = self.user.call(
                "PUT", f"/readings/{number}/draft", json={"version": version, "answers": answers, "page": page}
            )
            version = told.json()["version"]
            self.known.drafts[number] = (version, answers, answers)
        body = {
            "key": str(uuid4()),
            "version": version,
            "protocol_version": reading["protocol_version"],
            "answers": answers,
        }
        self.known.asked[number] = body
        self._lock(number, body)

    def _lock(self, number: str, body: dict[str, Any]) -> None:
        answer = self.user.call("POST", f"/readings/{number}/lock", json=body)
        if answer.status_code != 200:
            raise ValueError(answer.text)
        self.known.locked[number] = body["answers"]

    def _tell(self, number: str, page: str, kind: str) -> None:
        self.user.call("POST", f"/readings/{number}/events", json={"page": page, "kind": kind})


def account(administrator: User, name: str, role: str) -> tuple[User, str]:
    """A new account that is signed in, and its identifier."""
    made = administrator.call("POST", "/users", json={"name": name, "roles": [role]}).json()
    link = administrator.call("POST", f"/users/{made['id']}/link").json()
    body = {"secret": link["secret"], "password": PASSWORD}
    requests.post(f"{administrator.server.address}/api/v1/links", json=body, timeout=60).raise_for_status()
    user = User(administrator.server, name)
    user.sign_in()
    return user, str(made["id"])


def opened_study(server: Server, *, readers: int, cases: int, loops: int = 0) -> tuple[User, str, list[User]]:
    """A study that was prepared by the real models and opened: its designer, its identifier and its readers."""
    administrator = first_administrator(server)
    designer, _ = account(administrator, "designer", "researcher")
    images = [administrator.upload(picture(seed), f"malignant_{seed}.png")["images"][0] for seed in range(8)]
    new = [
        {
            "key": f"case {place}",
            "views": [{"image_id": images[place % 8]["image_id"], "box": [200, 150, 420, 330]}],
            "truth": place % 2,
            "label_source": "pathology",
        }
        for place in range(cases - loops)
    ]
    if loops:
        loop = administrator.upload(cine(), "loop.dcm")["images"][0]
        view = {"image_id": loop["image_id"], "loop": True, "box": [40, 40, 90, 80]}
        new += [
            {"key": f"loop {place}", "views": [view], "truth": place % 2, "label_source": "pathology"}
            for place in range(loops)
        ]
    study = designer.call("POST", "/reader-studies", json={"protocol": PROTOCOL}).json()
    url = f"/reader-studies/{study['id']}"
    study = designer.call("POST", f"{url}/cases", json={"version": study["version"], "cases": new}).json()
    people = [account(administrator, f"reader{number}", "reader") for number in range(readers)]
    body = {"version": study["version"], "readers": [{"user_id": user_id} for _, user_id in people]}
    designer.call("POST", f"{url}/readers", json=body)
    designer.call("POST", f"{url}/prepare")
    while (found := designer.call("GET", f"{url}/check").json())["waiting"]:
        time.sleep(0.5)
    for problem in found["problems"]:
        if problem["kind"] == "text":
            for case in designer.call("GET", url).json()["cases"]:
                if case["code"] in problem["cases"]:
                    designer.call("POST", f"{url}/cases/{case['id']}/cleared", json={"reason": "Speckle"})
    version = designer.call("GET", url).json()["version"]
    answer = designer.call("POST", f"{url}/open", json={"version": version})
    answer.raise_for_status()
    return designer, study["id"], [user for user, _ in people]


def cine() -> bytes:
    """A loop of 40 frames as a scanner stores it."""
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from tests.server.pictures import ultrasound

    return ultrasound(1, frames=40, jpeg=True, PatientName="", PatientID="")
