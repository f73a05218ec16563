"""The workstation under use, under load and under kill -9. All traffic stays on this machine.

    python benchmarks/trial_workstation.py users --users 20 --minutes 30 [--database postgresql+pg8000://...]
    python benchmarks/trial_workstation.py kills --kills 50

`users` has twenty people read the worklist, open studies, leaf through frames and describe nodules while the model is
kept busy, and prints how long they wait. `kills` ends the server with kill -9 at random moments while a client
uploads, draws, locks and signs, starts it again, and looks for what was acknowledged: nothing may be lost, and
nothing doubled.
"""

import argparse
import io
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import requests
from PIL import Image

PASSWORD = "three plain words"
WORDS = {"composition": "solid", "echogenicity": "hypoechoic", "margin": "irregular"}


class Server:
    """`thyrosight serve` as a process of its own, on a free port that it keeps."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.data, self.arguments = data, arguments
        self.port = random.randint(20_000, 40_000)
        self.address = f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Start it; the seconds until it was ready."""
        began = time.perf_counter()
        command = [sys.executable, "-m", "thyrosight", "serve", "--data", str(self.data), "--port", str(self.port)]
        log = (self.data.parent / "server.log").open("ab")
        self.process = subprocess.Popen([*command, *self.arguments], stdout=log, stderr=log)
        while True:
            try:
                if requests.get(f"{self.address}/health/ready", timeout=5).status_code == 200:
                    return time.perf_counter() - began
            except requests.ConnectionError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"the server has ended; see {log.name}") from None
                time.sleep(0.02)

    def secret(self) -> str:
        """The secret of the first administrator's link, as the terminal shows it."""
        for _ in range(100):
            if found := re.search(rb"welcome#first:(\S+)", (self.data.parent / "server.log").read_bytes()):
                return found[1].decode()
            time.sleep(0.05)
        raise RuntimeError("the server printed no link")

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def memory_mb(self) -> float:
        """Resident memory of the server's own process."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) / 1000 for line in lines if line.startswith("VmRSS"))


class User:
    """A person at a browser, who signs in and keeps what was acknowledged."""

    def __init__(self, server: Server, name: str) -> None:
        self.server, self.name = server, name
        self.session = requests.Session()
        self.times: list[float] = []
        self.problems: Counter[str] = Counter()

    def sign_in(self) -> None:
        answer = self.session.post(
            f"{self.server.address}/api/v1/session", json={"name": self.name, "password": PASSWORD}, timeout=60
        )
        answer.raise_for_status()
        self.session.headers["X-CSRF-Token"] = answer.json()["csrf_token"]

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        """A request whose time counts as one of a light page."""
        began = time.perf_counter()
        answer = self.session.request(method, f"{self.server.address}/api/v1{path}", timeout=60, **more)
        self.times.append(time.perf_counter() - began)
        if answer.status_code >= 500:
            self.problems[f"{method} {path.partition('?')[0].rstrip('0123456789abcdef-')} {answer.status_code}"] += 1
        return answer

    def upload(self, content: bytes, name: str) -> dict[str, Any]:
        made = self.call("POST", "/uploads", json={"name": name, "size": len(content)}).json()
        found: dict[str, Any] = self.call("PUT", f"/uploads/{made['id']}", data=content).json()
        return found


def picture(seed: int, *, size: tuple[int, int] = (480, 640)) -> bytes:
    """A speckled picture as PNG."""
    pixels = np.random.default_rng(seed).rayleigh(40, size).clip(0, 255).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return stream.getvalue()


def first_administrator(server: Server) -> User:
    """The administrator of a fresh workstation, who is a clinician too."""
    body = {"secret": server.secret(), "name": "administrator", "password": PASSWORD}
    requests.post(f"{server.address}/api/v1/links", json=body, timeout=60).raise_for_status()
    user = User(server, "administrator")
    user.sign_in()
    return user


# ---- twenty users


def users(number: int, minutes: float, folder: Path, *, database: str | None) -> None:
    """Print the waits of light requests while the model is kept busy."""
    server = Server(folder / "data", *(() if database is None else ("--database", database)))
    server.start()
    administrator = first_administrator(server)
    studies = [administrator.upload(picture(seed), f"{seed}.png")["images"][0] for seed in range(10)]
    people = []
    for place in range(number):
        made = administrator.call("POST", "/users", json={"name": f"user{place}", "roles": ["clinician"]}).json()
        link = administrator.call("POST", f"/users/{made['id']}/link").json()
        body = {"secret": link["secret"], "password": PASSWORD}
        requests.post(f"{server.address}/api/v1/links", json=body, timeout=60).raise_for_status()
        people.append(User(server, f"user{place}"))
    for person in people:
        person.sign_in()
        person.times.clear()
    end = time.monotonic() + minutes * 60
    memory = [server.memory_mb()]
    threads = [
        threading.Thread(target=_reads, args=(person, studies, place, end)) for place, person in enumerate(people)
    ]
    answered: list[float] = []
    threads.append(threading.Thread(target=_keeps_the_model_busy, args=(administrator, studies, end, answered)))
    for thread in threads:
        thread.start()
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, minutes * 60 / 6))
        memory.append(server.memory_mb())
    for thread in threads:
        thread.join()
    times = sorted(seconds for person in people for seconds in person.times)
    problems = sum((person.problems for person in people), Counter())
    at = {share: 1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.95, 0.99)}
    print(
        f"{number} users, {minutes:g} min, {len(times)} requests: median {at[0.5]:.0f} ms, p95 {at[0.95]:.0f} ms, "
        f"p99 {at[0.99]:.0f} ms; answers of 500 and above: {sum(problems.values())} {dict(problems)}; the model "
        f"answered {len(answered)} times; memory at each sixth of it {', '.join(f'{one:.0f}' for one in memory)} MB"
    )
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)


def _reads(user: User, studies: list[dict[str, Any]], seed: int, end: float) -> None:
    """Worklist, a study, its frame, its nodules, categories: with the pauses of a person."""
    drawn = random.Random(seed)
    while time.monotonic() < end:
        own = drawn.choice(studies)
        user.call("GET", "/studies?limit=50")
        time.sleep(drawn.uniform(0.5, 2))
        user.call("GET", f"/studies/{own['study_id']}")
        user.call("GET", f"/images/{own['image_id']}/frames/0")
        user.call("GET", f"/studies/{own['study_id']}/nodules")
        time.sleep(drawn.uniform(0.5, 3))
        user.call("POST", "/tirads", json={"descriptors": WORDS, "size_mm": drawn.uniform(3, 40)})
        time.sleep(drawn.uniform(0.5, 3))


def _keeps_the_model_busy(user: User, studies: list[dict[str, Any]], end: float, answered: list[float]) -> None:
    place = 0
    while time.monotonic() < end:
        place += 1
        fresh = user.upload(picture(1000 + place), f"busy{place}.png")["images"][0]
        job = user.call("POST", f"/images/{fresh['image_id']}/proposals", json={"frame": 0}).json()
        while job["state"] in ("waiting", "running") and time.monotonic() < end:
            job = user.call("GET", f"/jobs/{job['id']}?wait=5").json()
        if job["state"] == "done":
            answered.append(time.monotonic())


# ---- kill -9


def kills(number: int, folder: Path, seed: int) -> None:
    """Print what was acknowledged before each kill and is missing or doubled after it."""
    drawn = random.Random(seed)
    server = Server(folder / "data", "--workers", "1")
    server.start()
    user = first_administrator(server)
    known: dict[str, dict[str, Any]] = {}
    readiness, lost, doubled = [], Counter[str](), Counter[str]()
    for round_ in range(number):
        thread = threading.Thread(target=_works, args=(user, known, round_), daemon=True)
        thread.start()
        time.sleep(drawn.uniform(0.05, 4))
        server.kill()
        thread.join(30)
        readiness.append(server.start())
        user.sign_in()
        _compare(user, known, lost, doubled)
    orphans = subprocess.run(
        ["pgrep", "-fc", f"serve --data {server.data}"], capture_output=True, text=True, check=False
    )
    print(
        f"{number} kills: acknowledged {len(known)} studies, {sum('nodule' in own for own in known.values())} nodules, "
        f"{sum('opinion' in own for own in known.values())} opinions, {sum('signed' in own for own in known.values())} "
        f"signatures; lost {dict(lost)}, doubled {dict(doubled)}; ready again in {statistics.median(readiness):.1f} s "
        f"(most {max(readiness):.1f} s); processes of the workstation left: {int(orphans.stdout or 0)}"
    )
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    command = [sys.executable, "-m", "thyrosight", "serve", "verify-audit", "--data", str(server.data)]
    print(subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())


def _works(user: User, known: dict[str, dict[str, Any]], round_: int) -> None:
    """Upload, draw, lock and sign until the server is gone; only what was acknowledged is written down."""
    place = 0
    try:
        while True:
            place += 1
            image = user.upload(picture(round_ * 1000 + place, size=(120, 160)), "a.png")["images"][0]
            own = known.setdefault(image["study_id"], {"image": image["image_id"]})
            nodule = user.call("POST", f"/studies/{image['study_id']}/nodules", json={"descriptors": WORDS}).json()
            own["nodule"] = nodule["id"]
            body = {"version": 0, "image_id": image["image_id"], "frame": 0, "box": [40, 40, 90, 80]}
            view = str(uuid4())
            if user.call("PUT", f"/nodules/{nodule['id']}/views/{view}", json=body).ok:
                own["view"] = view
            body = {"descriptors": WORDS, "score": place % 101, "biopsy": True}
            if user.call("POST", f"/nodules/{nodule['id']}/opinions", json=body).status_code == 201:
                own["opinion"] = place % 101
            report = user.call("POST", f"/studies/{image['study_id']}/reports").json()
            body = {"password": PASSWORD, "version": report["version"]}
            if user.call("POST", f"/reports/{report['id']}/sign", json=body).ok:
                own["signed"] = report["id"]
    except (requests.RequestException, KeyError, ValueError):
        return


def _compare(user: User, known: dict[str, dict[str, Any]], lost: Counter[str], doubled: Counter[str]) -> None:
    for study, own in list(known.items())[-40:]:
        found = user.call("GET", f"/studies/{study}")
        lost["study"] += not found.ok
        images = [one["id"] for one in found.json().get("items", [])]
        lost["image"] += own["image"] not in images
        doubled["image"] += len(images) > 1
        nodules = user.call("GET", f"/studies/{study}/nodules").json()
        if "nodule" in own:
            lost["nodule"] += own["nodule"] not in [one["id"] for one in nodules]
        doubled["nodule"] += len(nodules) > 1
        for nodule in nodules:
            lost["view"] += "view" in own and own["view"] not in [view["id"] for view in nodule["views"]]
            scores = [one["score"] for one in nodule["opinions"]]
            lost["opinion"] += "opinion" in own and own["opinion"] not in scores
            doubled["opinion"] += len(scores) > 1
        reports = user.call("GET", f"/studies/{study}/reports").json()
        signed = [one["id"] for one in reports if one["signed"]]
        lost["signature"] += "signed" in own and own["signed"] not in signed
        doubled["signature"] += len(signed) > 1


def main() -> None:
    """Run one of the trials in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("trial", choices=["users", "kills"])
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--database", help="address of an empty database; SQLite without it")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="thyrosight-") as folder:
        if asked.trial == "users":
            users(asked.users, asked.minutes, Path(folder), database=asked.database)
        else:
            kills(asked.kills, Path(folder), asked.seed)


if __name__ == "__main__":
    main()
