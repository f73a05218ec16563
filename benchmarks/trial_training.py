"""Training that is killed again and again: does it end with the same weights, to the byte?

    python benchmarks/trial_training.py --kills 100

A small study on simulated images runs once undisturbed. Then it runs again and again, each time killed with signal 9
after a random time, and started with the same command until it ends; a round that ends begins anew, until there were as
many kills as asked for. Every third stop is SIGTERM, as a scheduler sends it. At the end of each round the weights and
predictions of every training, and the model that the study leaves, must be those of the undisturbed run. Other
rounds, with `--fault`: a disk that is full now and then, a drive that takes nothing any more for a while (both mount a
small one, which takes the rights for that), a clock that is set back by a day before each new start (takes faketime),
and a second process that starts in the same folder.
"""

import argparse
import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

RECIPE = """
name: trial
title: Trial of interruptions
seed: 5
split: {test: 0.3, validation: 0.2, repeats: 3}
preparation: {size: 64, crop: nodule, margin: {value: 0.25, unit: fraction}}
training: {epochs: 80, batch_size: 8, learning_rate: 1.0e-3, precision: "32"}
networks:
  - {architecture: tiny, weights: none, role: main}
explain: {examples: 2, images: 6}
"""
WEIGHTS = ("*.safetensors", "*.onnx", "predictions*.csv")


def main() -> int:
    """Run the trial; 1 where a byte differed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--fault", choices=("kills", "full-disk", "lost-drive", "clock-back", "two"), default="kills")
    asked = parser.parse_args()
    draw = random.Random(asked.seed)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        (place / "trial.yaml").write_text(RECIPE, encoding="utf-8")
        _run("phantom", "--out", place / "images", "--n", 90, "--seed", 3).wait()
        begun = time.monotonic()
        if _study(place, place / "undisturbed").wait():
            sys.exit("the undisturbed study failed")
        whole = time.monotonic() - begun
        expected = _content(place / "undisturbed")
        print(f"undisturbed: {whole:.0f} s, {len(expected)} files compared", flush=True)
        if asked.fault == "two":
            return _twice_at_once(place, expected)
        if asked.fault in ("full-disk", "lost-drive"):
            return _on_a_bad_disk(place, expected, fill=asked.fault == "full-disk")
        clock = _a_day_back() if asked.fault == "clock-back" else None
        return _killed(place, expected, kills=asked.kills, whole=whole, draw=draw, later=clock)


def _killed(
    place: Path,
    expected: dict[str, str],
    *,
    kills: int,
    whole: float,
    draw: random.Random,
    later: dict[str, str] | None,
) -> int:
    """Stop the study at random moments; from the second start on, its environment is `later`."""
    done: Counter[str] = Counter()
    rounds, wrong = 0, []
    while sum(done.values()) < kills:
        out, environment = place / f"round-{rounds}", None
        while (code := _once(place, out, draw.uniform(0.5, max(6.0, whole * 0.7)), done, environment)) is None:
            environment = later
        wrong += [f"round {rounds}: the study ended with exit code {code}"] if code else []
        wrong += [f"round {rounds}: {file}" for file in _different(out, expected)]
        shutil.rmtree(out)
        rounds += 1
        print(f"round {rounds}: {dict(done)}, {len(wrong)} differences", flush=True)
    print(f"{done['SIGKILL']} times signal 9, {done['SIGTERM']} times SIGTERM in {rounds} rounds;", end=" ")
    print(f"{len(wrong)} of {rounds * len(expected)} files differed from the undisturbed run")
    for text in wrong[:20]:
        print(f"  {text}")
    return int(bool(wrong))


def _a_day_back() -> dict[str, str]:
    """The environment in which a process sees the clock of a day ago.

    faketime is asked for it rather than put before the command: it waits beside what it starts, and a kill would not
    reach that.
    """
    library = subprocess.check_output(["faketime", "-f", "-1d", "printenv", "LD_PRELOAD"], text=True).strip()
    return {**os.environ, "LD_PRELOAD": library, "FAKETIME": "-1d"}


def _once(place: Path, out: Path, seconds: float, done: Counter[str], environment: dict[str, str] | None) -> int | None:
    """Run the study until it ends, and return its exit code; or stop it after a time, and return None."""
    process = _study(place, out, environment=environment)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        sign = signal.SIGTERM if sum(done.values()) % 3 == 2 else signal.SIGKILL
        process.send_signal(sign)
        process.wait()
        done[sign.name] += 1
        return None


def _on_a_bad_disk(place: Path, expected: dict[str, str], *, fill: bool) -> int:
    """Fill the disk, or let it take nothing, again and again; every failure must be a sentence, and nothing be lost."""
    disk = place / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], check=True)
    said: Counter[str] = Counter()
    unforeseen: list[str] = []
    try:
        for turn in range(40):
            process = _study(place, disk / "study", words=subprocess.PIPE)
            time.sleep(8.0 + 3 * (turn % 7))
            (_fill if fill else _freeze)(disk, process)
            lines = process.communicate()[1].decode().strip().splitlines()
            (disk / "filler").unlink(missing_ok=True)
            if process.returncode == 0:
                break
            said[f"exit code {process.returncode}: {lines[-1].split(str(disk))[-1] if lines else ''}"] += 1
            unforeseen += [] if process.returncode == 2 else ["\n".join(lines)]
        wrong = _different(disk / "study", expected)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=False)
    print(f"{sum(said.values())} times it could not write; {len(wrong)} of {len(expected)} files differed at the end")
    for sentence, times in said.most_common():
        print(f"  {times} times {sentence}")
    print(*unforeseen[:3], sep="\n\n")
    return int(bool(wrong or unforeseen))


def _fill(disk: Path, process: "subprocess.Popen[bytes]") -> None:
    """Leave no room on the disk until the process ends."""
    with (disk / "filler").open("wb", buffering=0) as file:
        while process.poll() is None:
            try:
                file.write(b"x" * max(1, min(1 << 20, shutil.disk_usage(disk).free)))
            except OSError:
                time.sleep(0.05)


def _freeze(disk: Path, process: "subprocess.Popen[bytes]") -> None:
    """Let the disk take nothing until the process ends, as a network drive that has gone."""
    while subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=False, capture_output=True).returncode:
        time.sleep(0.01)  # a file is being written
    process.wait()
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)


def _twice_at_once(place: Path, expected: dict[str, str]) -> int:
    """Start a second process in the folder of the first, ten times."""
    out = place / "shared"
    first = _study(place, out)
    while first.poll() is None and not (out / ".lock").exists():
        time.sleep(0.05)
    said: Counter[str] = Counter()
    while first.poll() is None and sum(said.values()) < 10:
        time.sleep(1.0)
        second = _study(place, out, words=subprocess.PIPE)
        lines = second.communicate()[1].decode().strip().splitlines()
        said[f"exit code {second.returncode}: {lines[-1].replace(str(place), '') if lines else ''}"] += 1
    first.wait()
    wrong = _different(out, expected)
    print(f"the first ended with exit code {first.returncode}; {len(wrong)} of {len(expected)} files differed")
    for sentence, times in said.most_common():
        print(f"  {times} times {sentence}")
    return int(bool(wrong) or first.returncode != 0)


def _study(
    place: Path, out: Path, *, words: int = subprocess.DEVNULL, environment: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    command = ("study", "run", place / "trial.yaml", "--cohort", place / "images", "--out", out)
    return _run(*command, words=words, environment=environment)


def _run(
    *arguments: object, words: int = subprocess.DEVNULL, environment: dict[str, str] | None = None
) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "thyrosight", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=words, env=environment)


def _different(folder: Path, expected: dict[str, str]) -> list[str]:
    """Files that are not those of the undisturbed run."""
    found = _content(folder)
    return [file for file in expected if found.get(file) != expected[file]]


def _content(folder: Path) -> dict[str, str]:
    """Hashes of weights and predictions by their place in the study's folder."""
    files = sorted(file for pattern in WEIGHTS for file in folder.rglob(pattern))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


if __name__ == "__main__":
    sys.exit(main())
