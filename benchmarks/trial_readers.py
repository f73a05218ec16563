"""Reader studies through the browser: simulated readers of known skill, and kill -9 at moments of a session.

    python benchmarks/trial_readers.py study --readers 5 --cases 60
    python benchmarks/trial_readers.py kills --kills 20

`study` has a workstation with pictures that say which case they are, and readers in contexts of one browser, who look
at the picture, type, lock and go on through two arms. Then it compares the export with what was typed, the orders with
those that the seed draws, the analysis of the export with the report, and the result with what was put in. `kills` ends
the browser or the server with kill -9 while a reader types and locks, and looks at what stands there afterwards. All
traffic stays on this machine; the pictures and readers are simulated.
"""

import argparse
import asyncio
import random
import shutil
import signal
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from playwright.sync_api import sync_playwright
from simulated_reading.checking import as_drawn, as_reported, as_typed, recovered, table_of
from simulated_reading.driving import Thinks, read_all
from simulated_reading.killing import Chromium, Reader, as_wanted
from simulated_reading.readers import Minds, Skill, think
from simulated_reading.station import OpenStudy
from trial_workstation import Server

SEED = 20
CHROMIUM = shutil.which("chromium") or "chromium"


def study(readers: int, cases: int, folder: Path) -> bool:
    """Print what came of a study that simulated readers read; whether everything holds."""
    skills = [Skill(0.74 + 0.02 * place, 0.86 + 0.015 * place) for place in range(readers)]
    minds = think(skills, cases, seed=SEED)
    server = Server(folder / "data", "--workers", "1")
    server.start()
    made = OpenStudy(server, minds, readers=readers, seed=SEED)
    began = time.perf_counter()
    typed = asyncio.run(read_all(made, lambda code: _thinks(minds, made.names[code]), chromium=CHROMIUM))
    took = time.perf_counter() - began
    table = table_of(made)
    waits = sorted(second for own in typed.values() for second in own.seconds)
    locked = sum(len(own.readings) for own in typed.values())
    print(
        f"{readers} readers, {cases} cases, 2 arms: {locked} readings in {took:.0f} s; from one case to the next with"
        f" typing {statistics.median(waits):.2f} s in the median, {waits[int(0.95 * len(waits))]:.2f} s for 95 %"
    )
    wrong, other = as_typed(made, table, typed), as_drawn(made, table, minds)
    print(f"export: {len(table)} rows, {len(wrong)} not as typed; orders: {len(other)} places not as the seed draws")
    put_in, found = recovered(table, skills)
    (difference,) = found.differences
    print(found)
    print(f"put in: {put_in}, difference {put_in['aided'] - put_in['unaided']:.3f}")
    unequal = as_reported(made, found)
    print(f"report: {unequal or 'equal to the last digit'}")
    inside = difference.estimate.low <= put_in["aided"] - put_in["unaided"] <= difference.estimate.high
    _stop(server)
    for problem in [*wrong[:5], *other[:5]]:
        print(problem)
    return not wrong and not other and not unequal and inside


def _thinks(minds: Minds, name: str) -> Thinks:
    reader = int(name.removeprefix("reader"))
    return lambda case, aided: int(minds.scores["aided" if aided else "unaided"][reader, case])


def kills(number: int, folder: Path) -> bool:
    """Print what was lost when browser and server were killed; whether nothing was."""
    minds = think([Skill(0.8, 0.8)], 60, seed=SEED)
    server = Server(folder / "data", "--workers", "1")
    server.start()
    single = {"design": "single", "arms": [{"name": "unaided"}], "power": None}
    made = OpenStudy(server, minds, readers=1, seed=SEED, **single)
    (code,) = made.names
    with sync_playwright() as playwright:
        chromium = Chromium(playwright, folder / "profile")
        reader = Reader(made, code, chromium, seed=SEED)
        thread = threading.Thread(target=_kill, args=(reader, chromium, server, number), daemon=True)
        thread.start()
        read = reader.read()
        thread.join()
        made.designer.sign_in()
        wrong = as_wanted(made, reader, read)
        chromium.kill()
    losses = reader.losses
    print(
        f"{sum(losses.kills.values())} kills {dict(losses.kills)} while {len(read)} cases were read: "
        f"{losses.acknowledged_lost} signs lost that were told to be saved; signs on their way that were lost, by their"
        f" number: {dict(sorted(losses.in_flight_lost.items()))}; cases that locked themselves:"
        f" {losses.locked_by_itself}; locked readings missing or not as typed: {len(wrong)}; other than typed after a"
        f" kill: {len(losses.wrong)}; the reader goes on {statistics.median(losses.seconds):.1f} s after the browser"
        f" was killed (most {max(losses.seconds):.1f} s)"
    )
    _stop(server)
    for problem in [*wrong[:5], *losses.wrong[:5]]:
        print(problem)
    return not (wrong or losses.wrong or losses.acknowledged_lost or losses.locked_by_itself)


def _kill(reader: Reader, chromium: Chromium, server: Server, number: int) -> None:
    drawn = random.Random(SEED)
    for _ in range(number):
        time.sleep(drawn.uniform(1.5, 6))
        if not reader.reading:
            return
        what = drawn.choice(["browser", "browser", "server"])
        reader.losses.kills[what] += 1
        if what == "server":
            server.kill()
            server.start()
        else:
            chromium.kill()


def _stop(server: Server) -> None:
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(60)


def main() -> None:
    """Run a trial; exit code 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trial", choices=["study", "kills"])
    parser.add_argument("--readers", type=int, default=5)
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--kills", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        holds = (
            study(asked.readers, asked.cases, Path(name)) if asked.trial == "study" else kills(asked.kills, Path(name))
        )
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
