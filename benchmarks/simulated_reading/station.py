"""A running workstation with a reader study on it: pictures uploaded, cases with their truth, readers, opened."""

import time
from typing import Any

import requests
from trial_workstation import PASSWORD, Server, User, first_administrator

from simulated_reading.pictures import picture
from simulated_reading.readers import Minds

ARMS = [{"name": "unaided"}, {"name": "aided", "model": "network"}]
QUESTIONS = [
    {"key": "score", "kind": "score"},
    {"key": "biopsy", "kind": "yes-no"},
    {"key": "comment", "kind": "text", "required": False},
]


class OpenStudy:
    """A study that readers may begin: the one who designed it, its readers by code with their names, its cases.

    Attributes:
        designer: signed in, administrator and researcher.
        id: of the study.
        protocol: as it was sent.
        codes: of the cases, by their number.
        names: of the readers' accounts, by code.
    """

    def __init__(self, server: Server, minds: Minds, *, readers: int, seed: int, **changes: Any) -> None:
        self.server = server
        self.designer = self._designer()
        self.protocol = {
            "title": "Simulated readers", "aim": "Recover what was put in", "seed": seed, "design": "independent",
            "arms": ARMS, "questions": QUESTIONS, "main_question": "score", "action": "biopsy",
            "power": {"difference": 0.1}, **changes,
        }  # fmt: skip
        self.id = self.call("POST", "/reader-studies", {"protocol": self.protocol}, status=201)["id"]
        made = self.change("POST", "/cases", {"cases": [self._case(minds, place) for place in range(len(minds.truth))]})
        self.codes = {int(case["key"].removeprefix("case ")): case["code"] for case in made["cases"]}
        people = [self._account(f"reader{place}") for place in range(readers)]
        body = {"readers": [{"user_id": person, "group": "simulated"} for person in people]}
        joined = self.change("POST", "/readers", body)["readers"]
        self.names = {own["code"]: f"reader{people.index(own['user_id'])}" for own in joined}
        self._open()

    def call(self, method: str, path: str, body: Any = None, *, status: int = 200) -> Any:
        """Something that the designer asks of the interface."""
        answer = self.designer.call(method, path, json=body)
        if answer.status_code not in (status, 200, 201, 202):
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def change(self, method: str, part: str, body: dict[str, Any]) -> Any:
        """A change of the version that is there now."""
        version = self.call("GET", f"/reader-studies/{self.id}")["version"]
        return self.call(method, f"/reader-studies/{self.id}{part}", {"version": version, **body})

    def export(self, form: str = "readings") -> str:
        """A table of readings as CSV."""
        return self.designer.call("GET", f"/reader-studies/{self.id}/export?form={form}").text

    def _designer(self) -> User:
        user = first_administrator(self.server)
        own = next(one for one in user.call("GET", "/users").json() if one["name"] == "administrator")
        body = {"roles": ["administrator", "clinician", "researcher"]}
        user.call("PATCH", f"/users/{own['id']}", json=body).raise_for_status()
        user.sign_in()
        return user

    def _case(self, minds: Minds, number: int) -> dict[str, Any]:
        image = self.designer.upload(picture(number), f"{number}.png")["images"][0]
        return {
            "key": f"case {number}", "views": [{"image_id": image["image_id"]}], "truth": int(minds.truth[number]),
            "label_source": "simulation", "model_scores": {"network": float(minds.network[number])},
            "model_positive": {"network": bool(minds.network[number] >= 0.5)},
        }  # fmt: skip

    def _account(self, name: str) -> str:
        made = self.designer.call("POST", "/users", json={"name": name, "roles": ["reader"]}).json()
        link = self.designer.call("POST", f"/users/{made['id']}/link").json()
        body = {"secret": link["secret"], "password": PASSWORD}
        requests.post(f"{self.server.address}/api/v1/links", json=body, timeout=60).raise_for_status()
        return str(made["id"])

    def _open(self) -> None:
        base = f"/reader-studies/{self.id}"
        found = self.call("POST", f"{base}/prepare")
        while found["waiting"]:
            time.sleep(1)
            found = self.call("GET", f"{base}/check")
        for problem in found["problems"]:
            if problem["kind"] == "text":
                for case in self.call("GET", base)["cases"]:
                    if case["code"] in problem["cases"]:
                        self.call("POST", f"{base}/cases/{case['id']}/cleared", {"reason": "simulated speckle"})
        self.change("POST", "/open", {})
