"""Archives: every image once though workers are killed, two workers against one, cost and memory at any size.

    python benchmarks/trial_archives.py DATA --images 20000 --kills 5 --driver-kills 1
    python benchmarks/trial_archives.py DATA --images 1000 --compare
    python benchmarks/trial_archives.py DATA --images 100000

DATA holds real frames; the archive is made of links to them, a thousand in a folder. The model is a tiny network of
64 pixels, so that reading, preparation and the engine are what is measured. Workers have one thread each. Linux only:
processes and their memory are read from /proc.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from thyrosight.archives.parts import read_facts
from thyrosight.archives.sources import list_rows
from thyrosight.archives.worklist import write_work_list
from thyrosight.imaging import IMAGE_SUFFIXES, Preparation
from thyrosight.inference import OperatingPoint, save_bundle
from thyrosight.networks import create

_SETS = ("ddti/**/*.a.jpg", "thyroid_web/**/*", "thyroid_gland/images/*", "tn5000/**/*")
_THREADS = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def real_frames(data: Path) -> list[Path]:
    found = (path for pattern in _SETS for path in sorted(data.glob(pattern)))
    return [path for path in found if path.suffix.lower() in IMAGE_SUFFIXES]


def made_up_frames(folder: Path) -> list[Path]:
    draw, paths = np.random.default_rng(0), []
    for number in range(20):
        paths.append(folder / f"made-up-{number:02}.png")
        Image.fromarray(draw.integers(20, 200, (300, 400), dtype=np.uint8)).save(paths[-1])
    return paths


def make_archive(folder: Path, frames: list[Path], count: int) -> Path:
    for number in range(count):
        below = folder / f"{number // 1000:04}"
        if number % 1000 == 0:
            below.mkdir(parents=True)
        frame = frames[number % len(frames)]
        (below / f"{number:07}{frame.suffix}").symlink_to(frame)
    return folder


def write_model(folder: Path, network_name: str, size: int) -> Path:
    network, spec = create(network_name, input_size=size, seed=1)
    return save_bundle(
        folder,
        network=network,
        spec=spec,
        preparation=Preparation(size=size, crop="scan area"),
        calibration={"method": "none"},
        operating_point=OperatingPoint(threshold=0.5, rule="youden", chosen_on="validation part of division-01"),
        cohort={"name": "none", "digest": "0" * 64, "label_source": "simulated", "split_kind": "patient-level"},
        images=list(np.random.default_rng(0).integers(0, 200, (4, size, size), dtype=np.uint8)),
    ).folder


class Run:
    """The command `thyrosight predict --out`, started, watched and killed."""

    def __init__(self, archive: Path, model: Path, out: Path, *, words: list[str], cores: str = "") -> None:
        self.out, self.peaks = out, dict[str, int]()
        command = ["predict", str(archive), "--model", str(model), "--out", str(out), "--device", "cpu", *words]
        self._command = [*(["taskset", "-c", cores] if cores else []), sys.executable, "-m", "thyrosight", *command]
        self.killed: Counter[str] = Counter()

    def start(self) -> None:
        with (self.out.parent / "log.txt").open("ab") as log:
            self.process = subprocess.Popen(self._command, stdout=log, stderr=log, env={**os.environ, **_THREADS})

    def finish(self) -> None:
        """Watch for a second, or until the process ends."""
        for _ in range(2):
            if self.process.poll() is None:
                self._measure()
            time.sleep(0.5)

    def done(self) -> int:
        return len(list((self.out / "assessments").glob("part-*.parquet")))

    def images(self) -> int:
        """Images in the parts that are done."""
        return sum(read_facts(path)["items"] for path in (self.out / "assessments").glob("part-*.parquet"))

    def kill_worker(self) -> None:
        """Kill the process of a part that is being worked on, as soon as there is one."""
        while self.process.poll() is None:
            for state in (self.out / "_run").glob("*/state.json"):
                noted = json.loads(state.read_text(encoding="utf-8"))
                part = self.out / "assessments" / f"{state.parent.name}.parquet"
                if noted["done"] and noted["process"] in self._workers() and not part.exists():
                    os.kill(noted["process"], signal.SIGKILL)
                    self.killed["worker"] += 1
                    return
            time.sleep(0.01)

    def kill_driver(self) -> None:
        self.process.kill()
        self.process.wait()
        self.killed["driver"] += 1
        self.start()

    def _workers(self) -> set[int]:
        try:
            text = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        except OSError:
            return set()
        return set(map(int, text.split()))

    def _measure(self) -> None:
        for name, pid in [("driver", self.process.pid), *(("worker", pid) for pid in self._workers())]:
            try:
                status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            except OSError:
                continue
            peak = next((int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")), 0)
            self.peaks[name] = max(self.peaks.get(name, 0), peak)


def check(out: Path, count: int) -> None:
    """Every image of the work list exactly once, in one reading."""
    found = pd.read_parquet(out / "assessments", columns=["item", "image", "refused"])
    once = found["item"].sort_values().tolist() == list(range(count)) and found["image"].is_unique
    print(f"{len(found)} rows of {count} images, {found['refused'].notna().sum()} refused; each exactly once: {once}")
    if not once:
        sys.exit(1)


def costs(out: Path) -> list[float]:
    """Processor time of each part in milliseconds per image, in the order of the parts."""
    facts = [read_facts(path) for path in sorted((out / "assessments").glob("part-*.parquet"))]
    return [1000 * one["processor_seconds"] / one["items"] for one in facts]


def with_kills(run: Run, parts: int, kills: int, driver_kills: int) -> None:
    """Kill workers and the driver, evenly spread over the parts."""
    order, before = ["worker"] * kills, run.done()
    for number in range(driver_kills):
        order.insert((number + 1) * len(order) // (driver_kills + 1), "driver")
    for number, who in enumerate(order):
        due = before + (number + 0.5) * (parts - before) / (len(order) + 0.5)
        while run.done() < due and run.process.poll() is None:
            time.sleep(0.05)
        (run.kill_worker if who == "worker" else run.kill_driver)()
        print(f"killed a {who} with {run.done()} of {parts} parts done", flush=True)


def measure(folder: Path, frames: list[Path], model: Path, options: argparse.Namespace) -> None:
    count, workers = options.images, options.workers
    archive = folder / "archive"
    if not archive.exists():
        make_archive(archive, frames, count)
    begin = time.monotonic()
    work = write_work_list(list_rows([str(archive)]), folder / "list", part_rows=500)
    print(f"{count} images listed and written in {time.monotonic() - begin:.1f} s", flush=True)
    words = ["--engine", options.engine]
    words += ["--workers", str(workers)] if options.engine == "processes" else []
    run = Run(archive, model, folder / "out", words=words)
    parts, before = len(work.digests), run.images()
    begin = time.monotonic()
    run.start()
    killer = threading.Thread(target=with_kills, args=(run, parts, options.kills, options.driver_kills), daemon=True)
    killer.start()
    while killer.is_alive() or run.process.poll() is None:
        run.finish()
        if options.stop_after and time.monotonic() - begin > options.stop_after:
            break
    seconds = time.monotonic() - begin
    done = run.images() - before
    print(f"{done} images in {seconds:.0f} s with {workers} workers, starts included; killed: {dict(run.killed)}")
    print("peak memory: " + ", ".join(f"{name} {peak / 1024:.0f} MB" for name, peak in sorted(run.peaks.items())))
    if run.process.poll() is None:
        run.process.kill()
        print(f"killed the driver with {run.done()} of {parts} parts done; the same command goes on")
        return
    check(run.out, count)
    each = costs(run.out)
    tenth = max(1, len(each) // 10)
    print(
        f"processor time per image: {statistics.mean(each):.1f} ms; in the first tenth of the parts "
        f"{statistics.mean(each[:tenth]):.1f} ms, in the last {statistics.mean(each[-tenth:]):.1f} ms"
    )
    begin = time.monotonic()
    run.start()
    run.process.wait()
    print(f"the same command again: {time.monotonic() - begin:.1f} s, with its start")


def compare(folder: Path, frames: list[Path], model: Path, options: argparse.Namespace) -> None:
    """One worker on one core, two on two, in turn; start and list are left out of the rates."""
    archive = make_archive(folder / "archive", frames, options.images)
    rates: dict[int, list[float]] = {1: [], 2: []}
    for turn in range(options.turns):
        for workers in (1, 2):
            words = ["--engine", "processes", "--workers", str(workers), "--part-size", "50"]
            cores = "0" if workers == 1 else "0,1"
            run = Run(archive, model, folder / f"out-{turn}-{workers}", words=words, cores=cores)
            run.start()
            while not run.done() and run.process.poll() is None:
                time.sleep(0.01)
            begin, first = time.monotonic(), run.done()
            last = options.images // 50 - 1
            while run.done() < last and run.process.poll() is None:
                time.sleep(0.01)
            rates[workers].append((run.done() - first) * 50 / (time.monotonic() - begin))
            run.process.wait()
            print(f"{workers} workers: {rates[workers][-1]:.1f} images per second", flush=True)
    print(f"two workers against one: {sum(rates[2]) / sum(rates[1]):.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, nargs="?", help="real frames; made-up ones without it")
    parser.add_argument("--images", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", default="processes", choices=["processes", "ray"])
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--driver-kills", type=int, default=0)
    parser.add_argument("--compare", action="store_true", help="two workers against one")
    parser.add_argument("--turns", type=int, default=2)
    parser.add_argument("--network", default="tiny")
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--folder", type=Path, help="keep everything there, and go on with what is there")
    parser.add_argument("--stop-after", type=float, default=0, help="seconds after which the driver is killed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="thyrosight-archives-") as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(exist_ok=True)
        frames = made_up_frames(folder) if options.data is None else real_frames(options.data)
        model = folder / "model"
        if not model.exists():
            write_model(model, options.network, options.size)
        (compare if options.compare else measure)(folder, frames, model, options)


if __name__ == "__main__":
    main()
