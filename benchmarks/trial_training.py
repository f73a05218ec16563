"""Training that is killed again and again: does it end with the same weights, to the byte?

    python benchmarks/trial_training.py --kills 100

A small study on simulated images runs once undisturbed. Then it runs again and again, each time killed with signal 9
after a random time, and started with the same command until it ends; a round that ends begins anew, until there were as
many kills as asked for. Every third stop is SIGTERM, as a scheduler sends it. At the end of each round the weights and
predictions of every training, and the model that the study leaves, must be those of the undisturbed run. `--full-disk`
runs one round on a disk that is full now and then (it mounts a small one, which takes the rights for that).
"""

import argparse
import hashlib
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
    parser.add_argument("--full-disk", action="store_true")
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
        if asked.full_disk:
            return _on_a_full_disk(place, expected)
        return _killed(place, expected, kills=asked.kills, whole=whole, draw=draw)


def _killed(place: Path, expected: dict[str, str], *, kills: int, whole: float, draw: random.Random) -> int:
    done: Counter[str] = Counter()
    rounds, wrong = 0, []
    while sum(done.values()) < kills:
        out = place / f"round-{rounds}"
        while (code := _once(place, out, draw.uniform(0.5, max(6.0, whole * 0.7)), done)) is None:
            pass
        found = _content(out)
        wrong += [f"round {rounds}: the study ended with exit code {code}"] if code else []
        wrong += [f"round {rounds}: {file}" for file in expected if found.get(file) != expected[file]]
        shutil.rmtree(out)
        rounds += 1
        print(f"round {rounds}: {dict(done)}, {len(wrong)} differences", flush=True)
    print(f"{done['SIGKILL']} times signal 9, {done['SIGTERM']} times SIGTERM in {rounds} rounds;", end=" ")
    print(f"{len(wrong)} of {rounds * len(expected)} files differed from the undisturbed run")
    for text in wrong[:20]:
        print(f"  {text}")
    return int(bool(wrong))


def _once(place: Path, out: Path, seconds: float, done: Counter[str]) -> int | None:
    """Run the study until it ends, and return its exit code; or stop it after a time, and return None."""
    process = _study(place, out)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        sign = signal.SIGTERM if sum(done.values()) % 3 == 2 else signal.SIGKILL
        process.send_signal(sign)
        process.wait()
        done[sign.name] += 1
        return None


def _on_a_full_disk(place: Path, expected: dict[str, str]) -> int:
    """Fill the disk again and again while the study runs; every failure must be one sentence and lose nothing."""
    disk = place / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(disk)], check=True)
    sentences: Counter[str] = Counter()
    try:
        for turn in range(40):
            process = _study(place, disk / "study", words=subprocess.PIPE)
            filler = disk / "filler"
            time.sleep(2.0 + turn % 7)
            with filler.open("wb") as file:
                while shutil.disk_usage(disk).free > 0 and process.poll() is None:
                    try:
                        file.write(b"x" * min(1 << 20, max(shutil.disk_usage(disk).free, 1)))
                        file.flush()
                    except OSError:
                        break
            said = process.communicate()[1].decode().strip().splitlines()
            filler.unlink(missing_ok=True)
            if process.returncode == 0:
                break
            sentences[f"exit code {process.returncode}: {said[-1].split(str(disk))[-1] if said else ''}"] += 1
        found = _content(disk / "study")
        wrong = [file for file in expected if found.get(file) != expected[file]]
    finally:
        subprocess.run(["umount", str(disk)], check=False)
    print(
        f"the disk was full {sum(sentences.values())} times; {len(wrong)} of {len(expected)} files differed at the end"
    )
    for sentence, times in sentences.most_common():
        print(f"  {times} times {sentence}")
    return int(bool(wrong))


def _study(place: Path, out: Path, words: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    return _run("study", "run", place / "trial.yaml", "--cohort", place / "images", "--out", out, words=words)


def _run(*arguments: object, words: int = subprocess.DEVNULL) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "thyrosight", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=words)


def _content(folder: Path) -> dict[str, str]:
    """Hashes of weights and predictions by their place in the study's folder."""
    files = sorted(file for pattern in WEIGHTS for file in folder.rglob(pattern))
    return {str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


if __name__ == "__main__":
    sys.exit(main())
