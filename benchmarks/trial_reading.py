"""The reading room under use and under kill -9. All traffic stays on this machine.

    python benchmarks/trial_reading.py readers --readers 20 --minutes 10
    python benchmarks/trial_reading.py kills --kills 50
    python benchmarks/trial_reading.py kills --kills 50 --database postgresql+pg8000://NAME@HOST:PORT/EMPTY_DATABASE

`readers` has twenty people read a sequential study of pictures and loops at the same time, typing, locking and
revealing at a person's pace, and prints how long they wait. `kills` ends the server with kill -9 at random moments
while readers type, lock and reveal, starts it again, and compares: what was acknowledged as locked has to be locked as
it was sent, and once; nothing may be locked that nobody asked for; and of what was not locked the last acknowledged
keystroke has to be there. A lock whose answer was lost is asked for again with its key.
"""

import argparse
import csv
import io
import os
import random
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

from reading.people import Reader, opened_study
from trial_workstation import Server, User

# ---- twenty readers


def readers(number: int, minutes: float, folder: Path, *, pace: float, database: list[str]) -> None:
    """Print how long readers wait, and what the server's memory is at each sixth of the time."""
    server = Server(folder / "data", *database)
    server.start()
    _, study, people = opened_study(server, readers=number, cases=60, loops=6)
    for person in people:
        person.times.clear()
    memory, end = [server.memory_mb()], time.monotonic() + minutes * 60
    reading = [Reader(person, study, seed, pace=pace) for seed, person in enumerate(people)]
    watching = threading.Thread(target=_watch, args=(server, memory, minutes * 10, end), daemon=True)
    watching.start()
    run_together([(reader.read, end) for reader in reading])
    watching.join()
    times = sorted(seconds for person in people for seconds in person.times)
    problems = sum((person.problems for person in people), Counter())
    at = {share: 1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.95, 0.99)}
    locked = sum(len(reader.known.locked) for reader in reading)
    print(
        f"{number} readers, {minutes:g} min, {len(times)} requests, {locked} readings locked: median {at[0.5]:.0f} ms, "
        f"p95 {at[0.95]:.0f} ms, p99 {at[0.99]:.0f} ms; answers of 500 and above: {sum(problems.values())} "
        f"{dict(problems)}; memory at each sixth of it {', '.join(f'{one:.0f}' for one in memory)} MB"
    )
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)


def _watch(server: Server, memory: list[float], rest: float, end: float) -> None:
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, rest))
        memory.append(server.memory_mb())


def run_together(work: list[tuple[Any, float]]) -> None:
    """Call functions with their argument, each in a thread, and wait for all."""
    threads = [threading.Thread(target=call, args=(argument,), daemon=True) for call, argument in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- kill -9


def kills(number: int, folder: Path, *, seed: int, database: list[str]) -> None:
    """Print what was acknowledged before each kill and is missing, doubled or locked unasked after it."""
    drawn = random.Random(seed)
    server = Server(folder / "data", "--workers", "1", *database)
    server.start()
    designer, study, people = opened_study(server, readers=4, cases=60)
    reading = [Reader(person, study, place, pace=0.06) for place, person in enumerate(people)]
    readiness, wrong = [], Counter[str]()
    for _ in range(number):
        end = time.monotonic() + 60
        threads = [threading.Thread(target=reader.read, args=(end,), daemon=True) for reader in reading]
        for thread in threads:
            thread.start()
        time.sleep(drawn.uniform(0.05, 4))
        server.kill()
        for thread in threads:
            thread.join(60)
        readiness.append(server.start())
        wrong += _compare(designer, study, reading)
    locked = sum(len(reader.known.locked) for reader in reading)
    drafts = sum(version for reader in reading for version, _, _ in reader.known.drafts.values())
    print(
        f"{number} kills: {locked} locks and {drafts} keystrokes acknowledged; wrong: {dict(wrong)}; ready again in "
        f"{statistics.median(readiness):.1f} s (most {max(readiness):.1f} s)"
    )
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(30)
    command = [sys.executable, "-m", "thyrosight", "serve", "verify-audit", "--data", str(server.data), *database]
    print(subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip())


def _compare(designer: User, study: str, reading: list[Reader]) -> Counter[str]:
    """Differences between the acknowledged and the kept readings."""
    wrong = Counter[str]()
    text = designer.call("GET", f"/reader-studies/{study}/export").text
    rows = list(csv.DictReader(io.StringIO(text)))
    keys = [(row["reader"], row["case"], row["stage"]) for row in rows]
    wrong["doubled"] += len(keys) - len(set(keys))
    for place, reader in enumerate(reading, start=1):
        mine = [row for row in rows if row["reader"] == f"R{place:02d}"]
        known = reader.known
        there = Counter((row["score"], row["biopsy"], row["comment"]) for row in mine)
        sent = Counter(_cells(answers) for answers in known.locked.values())
        unsure = Counter(_cells(body["answers"]) for key, body in known.asked.items() if key not in known.locked)
        wrong["lock lost"] += sum((sent - there).values())
        wrong["locked unasked"] += sum((there - sent - unsure).values())
        for number, (version, answers, asked) in known.drafts.items():
            if number in known.asked:
                continue
            task = reader.user.call("GET", f"/reading/tasks/{known.places[number][0]}")
            own = task.json()["reading"]
            whole = own["id"] == number and not own["locked"]
            kept = (own["version"], own["answers"]) in ((version, answers), (version + 1, asked))
            wrong["draft lost"] += not (whole and kept)
    return +wrong


def _cells(answers: dict[str, Any]) -> tuple[str, str, str]:
    """Answers as the table has them."""
    return str(answers["score"]), str(int(answers["biopsy"])), str(answers.get("comment", ""))


def main() -> None:
    """Run one of the trials in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("trial", choices=["readers", "kills"])
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--pace", type=float, default=1, help="1 for a person's, 0.2 for five times as fast")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", help="address of an empty database; SQLite without it")
    asked = parser.parse_args()
    database = ["--database", asked.database] if asked.database else []
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with tempfile.TemporaryDirectory(prefix="thyrosight-") as folder:
        if asked.trial == "readers":
            readers(asked.readers, asked.minutes, Path(folder), pace=asked.pace, database=database)
        else:
            kills(asked.kills, Path(folder), seed=asked.seed, database=database)


if __name__ == "__main__":
    main()
