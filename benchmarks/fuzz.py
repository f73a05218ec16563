"""Read thousands of damaged and hostile files: `python benchmarks/fuzz.py [--kinds png dicom] [--count 10000]`.

`--guided 600` searches for ten minutes in each kind instead, with files that reach new code (`pip install atheris`).

Each file is a sound one with seeded damage. A process of its own reads it the way the product does, so that a crash or
a hang is seen and counted. A file is either read or refused with one sentence, of a table or a recipe with one line for
each of its problems. Everything else is a fault, and the exit code is 1: any other error, a crash, a line of more than
1,000 characters, more than 5 s of processor time or half a minute on the clock, more than 1 GiB beyond what a sound
file takes (memory is not known on Windows).
"""

import argparse
import sys
from pathlib import Path
from tempfile import mkdtemp

sys.path.insert(0, str(Path(__file__).parent))

from fuzzing.guided import run_guided
from fuzzing.running import run
from fuzzing.targets import TARGETS


def main() -> int:
    """Read the files of every kind asked for; 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--kinds", nargs="+", choices=sorted(TARGETS), default=list(TARGETS))
    parser.add_argument("--count", type=int, default=10_000, help="files of each kind")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first file; each further one has the next")
    parser.add_argument("--guided", type=int, metavar="SECONDS", help="of each kind, guided by atheris")
    parser.add_argument("--keep", help="folder for what --guided finds; else a new one")
    asked = parser.parse_args()
    if asked.guided:
        keep = Path(asked.keep or mkdtemp(prefix="fuzz-"))
        found = [run_guided(kind, asked.guided, keep / kind) for kind in asked.kinds]
        print(f"Files that reached new code, and faults: {keep}")
    else:
        found = [run(kind, asked.count, first_seed=asked.seed) for kind in asked.kinds]
    files = sum(sum(tally.outcomes.values()) for tally in found)
    print(f"{files:,} files, {sum(len(tally.faults) for tally in found)} faults")
    return int(any(tally.failed for tally in found))


if __name__ == "__main__":
    sys.exit(main())
