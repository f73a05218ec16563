"""Three hospitals' exports with the mistakes of real ones, made of a folder of images, and a score for what is read.

    python benchmarks/hospital_exports.py make exports --images my-images --n 120
    thyrosight cohort map exports/german/Export_SD-Knoten.xls --out mapped
    python benchmarks/hospital_exports.py score exports/german mapped

The images come from the folders `benign` and `malignant` or from a `cohort.csv`; patients, names, dates, sizes and
findings are invented. The truth stands beside each export, in `german-truth.json` and so on.
"""

import argparse
import csv
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from hospital import chinese, german, spanish
from hospital.records import Picture, Truth
from hospital.scoring import score

WRITERS: dict[str, Callable[[Sequence[Picture], Path], Truth]] = {
    "german": german.write,
    "spanish": spanish.write,
    "chinese": chinese.write,
}
_SUFFIXES = (".png", ".jpg", ".jpeg", ".bmp")


def find_pictures(folder: Path, n: int, *, seed: int = 0) -> list[Picture]:
    """Up to `n` images, half of each class where there are enough; the same seed chooses the same ones."""
    table = folder / "cohort.csv"
    if table.exists():
        with table.open(encoding="utf-8", newline="") as file:
            found = [Picture(folder / row["image"], row["label"]) for row in csv.DictReader(file)]  # type: ignore[arg-type]
    else:
        found = [
            Picture(path, label)  # type: ignore[arg-type]
            for label in ("benign", "malignant")
            for path in sorted((folder / label).rglob("*"))
            if path.suffix.lower() in _SUFFIXES
        ]
    chance = random.Random(seed)
    chance.shuffle(found)
    classes = [[one for one in found if one.label == label][: n // 2] for label in ("benign", "malignant")]
    both = [one for of_class in classes for one in of_class]
    chance.shuffle(both)
    return both


def write_exports(out: Path, pictures: Sequence[Picture]) -> dict[str, Truth]:
    """Write every export into a folder of its own, each from all pictures."""
    found = {}
    for name, write in WRITERS.items():
        (out / name).mkdir(parents=True, exist_ok=True)
        found[name] = write(pictures, out / name)
    return found


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    make = commands.add_parser("make")
    make.add_argument("out", type=Path)
    make.add_argument("--images", type=Path, required=True)
    make.add_argument("--n", type=int, default=120)
    compare = commands.add_parser("score")
    compare.add_argument("export", type=Path)
    compare.add_argument("cohort", type=Path)
    given = parser.parse_args()
    if given.command == "make":
        for name, truth in write_exports(given.out, find_pictures(given.images, given.n)).items():
            print(f"{given.out / name}: {len(truth.rows)} images of known class, {len(truth.excluded)} without")
    else:
        print(score(given.export, given.cohort))


if __name__ == "__main__":
    main()
