"""Damaged files made up by atheris, which keeps those that reach code none before has reached and damages them further.

    python -m fuzzing.guided KIND FOLDER SECONDS      (from `benchmarks`; `fuzz.py --guided SECONDS` calls it)

Needs `pip install atheris`. FOLDER keeps the files that reached new code, and a file for each different fault.
"""

import contextlib
import io
import re
import subprocess
import sys
import time
import warnings
from hashlib import sha256
from pathlib import Path

from fuzzing.running import PROCESSOR_SECONDS, SECONDS, Tally, outcome
from fuzzing.targets import TARGETS

_WATCHED = ["thyrosight", "pydicom", "yaml", "defusedxml"]
"""Packages whose lines guide the search; what is compiled cannot."""
_LONGEST = 1 << 16
_MEGABYTES = 4096  # of the process, PyTorch and the search itself included


def run_guided(kind: str, seconds: int, folder: Path) -> Tally:
    """Search for faults in a process of its own, for some seconds."""
    command = [sys.executable, "-m", "fuzzing.guided", kind, str(folder), str(seconds)]
    begun = time.monotonic()
    place = Path(__file__).parents[1]
    done = subprocess.run(command, check=False, cwd=place, capture_output=True, text=True, errors="replace")
    tally = Tally(kind, seconds=time.monotonic() - begun)
    counts = dict(re.findall(r"stat::(\w+):\s+(\d+)", done.stderr))
    tally.outcomes.update({"tried": int(counts.get("number_of_executed_units", 0))})
    tally.faults = [
        f"{path.name}: {path.with_suffix('.txt').read_text('utf-8')}" for path in sorted(folder.glob("fault-*.bin"))
    ]
    # libFuzzer leaves the file that ended the process.
    ended = [path.name for name in ("crash", "timeout", "oom", "leak") for path in folder.glob(f"{name}-*")]
    if ended or (done.returncode and not counts):
        tally.faults.append(f"the process ended with code {done.returncode}: {', '.join(ended) or done.stderr[-500:]}")
    print(f"{kind}: {tally.outcomes['tried']:,} files in {tally.seconds:.0f} s, {len(tally.faults)} faults")
    for fault in tally.faults:
        print(f"  {fault}")
    return tally


def _search(kind: str, folder: Path, seconds: int) -> None:
    import atheris

    target, corpus = TARGETS[kind], folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    path = folder / f"tried{target.suffix}"
    warnings.simplefilter("ignore")
    with atheris.instrument_imports(include=_WATCHED):
        for number, sample in enumerate(target.samples()):
            (corpus / f"sample-{number}").write_bytes(sample)
            path.write_bytes(sample)
            outcome(target, path)  # what is imported where it is used is imported now
    known: set[str] = set()

    def try_one(data: bytes) -> None:
        path.write_bytes(data)
        begun = time.process_time()
        with contextlib.redirect_stderr(io.StringIO()):
            result = outcome(target, path)
        spent = time.process_time() - begun
        if spent > PROCESSOR_SECONDS:
            result = f"too slow: {spent:.0f} s"
        what = re.sub(r"\d+", "0", result)
        if result not in ("read", "refused") and what not in known:
            known.add(what)
            name = folder / f"fault-{sha256(data).hexdigest()[:12]}.bin"
            name.write_bytes(data)
            name.with_suffix(".txt").write_text(result, encoding="utf-8")

    options = {
        "max_total_time": seconds,
        "timeout": int(SECONDS),
        "rss_limit_mb": _MEGABYTES,
        "max_len": _LONGEST,
        "print_final_stats": 1,
        "artifact_prefix": f"{folder}/",
        "seed": 1,
    }
    atheris.Setup([sys.argv[0], str(corpus), *(f"-{name}={value}" for name, value in options.items())], try_one)
    atheris.Fuzz()


if __name__ == "__main__":
    _search(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
