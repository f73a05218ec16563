"""A process that reads damaged files, watched from outside, so that a crash or a hang is seen and counted."""

import contextlib
import io
import multiprocessing
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from fuzzing.targets import TARGETS, Target

PROCESSOR_SECONDS, SECONDS, MEGABYTES, LETTERS = 5.0, 30.0, 1024, 1000


def outcome(target: Target, path: Path) -> str:
    """Outcome of reading the file: "read", "refused", or the fault."""
    from thyrosight.errors import CohortError, RecipeError, ThyroSightError

    listed = (CohortError, RecipeError)  # these list all problems of a table or recipe, a line each
    try:
        target.read(path)
    except ThyroSightError as error:
        lines = str(error).split("\n")
        clear = all(0 < len(line) <= LETTERS for line in lines) and (len(lines) == 1 or isinstance(error, listed))
        return "refused" if clear else f"unclear sentence: {_shown(error)}"
    except Exception as error:  # every other error is what is looked for
        import traceback

        place = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:200]} ({Path(place.filename).name}, line {place.lineno})"
    return "read"


def _shown(error: Exception) -> str:
    text = repr(str(error))
    return text if len(text) < 400 else f"{text[:200]} ... {text[-100:]} ({len(text)} characters)"


def _read_files(pipe: Connection, name: str, folder: str) -> None:
    """The reading process: seeds come in, outcomes go out."""
    target, warnings_to = TARGETS[name], io.StringIO()
    warnings.simplefilter("ignore")
    while (seed := pipe.recv()) is not None:
        begun = time.process_time()
        with contextlib.redirect_stderr(warnings_to):
            result = outcome(target, Path(folder) / f"{seed}{target.suffix}")
        warnings_to.truncate(0)
        pipe.send((result, time.process_time() - begun, _megabytes()))


def _megabytes() -> float:
    try:
        import resource
    except ImportError:
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 / (1024 if sys.platform == "darwin" else 1)


class Reader:
    """A process that reads files of one kind; it is started again when it dies or hangs."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self._start()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=_read_files, args=(other, self.name, str(self.folder)), daemon=True)
        self.process.start()
        other.close()
        self.read(-1)  # a sound file: the imports are paid for before the first clock starts

    def read(self, seed: int) -> tuple[str, float, float]:
        """The outcome for the file of a seed, its processor time in s, and the memory held so far in MB."""
        self.pipe.send(seed)
        try:
            if self.pipe.poll(SECONDS if seed >= 0 else 120):
                result: tuple[str, float, float] = self.pipe.recv()
                return result
            result = (f"hang: no answer in {SECONDS:g} s", SECONDS, float("nan"))
        except EOFError:
            self.process.join(5)
            result = (f"crash: the process ended with code {self.process.exitcode}", 0.0, float("nan"))
        self.process.kill()
        self.process.join()
        self._start()
        return result

    def close(self) -> None:
        self.pipe.send(None)
        self.process.join()


@dataclass
class Tally:
    """Outcomes of the files of one kind."""

    name: str
    outcomes: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    megabytes: float = 0.0
    begun_with: float = 0.0
    seconds: float = 0.0

    def __str__(self) -> str:
        counts = ", ".join(f"{kind} {self.outcomes[kind]:,}" for kind in ("read", "refused", "fault"))
        return (
            f"{self.name}: {counts}; slowest {self.slowest:.2f} s of processor time; at most {self.megabytes:.0f} MB"
            f" ({self.begun_with:.0f} MB with a sound file); {self.seconds:.0f} s"
        )

    @property
    def failed(self) -> bool:
        return bool(self.faults) or self.megabytes - self.begun_with > MEGABYTES


def run(name: str, count: int, *, first_seed: int = 0, say: Callable[[str], None] = print) -> Tally:
    """Read `count` damaged files of one kind."""
    target, tally, started = TARGETS[name], Tally(name), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"-1{target.suffix}").write_bytes(target.samples()[0])
        reader = Reader(name, Path(folder))
        result, _, tally.begun_with = reader.read(-1)
        if result != "read":
            tally.faults.append(f"a sound file: {result}")
        for seed in range(first_seed, first_seed + count):
            damage, data = target.damaged(seed)
            path = Path(folder) / f"{seed}{target.suffix}"
            path.write_bytes(data)
            result, seconds, megabytes = reader.read(seed)
            path.unlink()
            tally.slowest = max(tally.slowest, seconds)
            tally.megabytes = max(tally.megabytes, megabytes)  # not a number where unknown: then false
            result = f"too slow: {seconds:.1f} s" if seconds > PROCESSOR_SECONDS else result
            kind = result if result in ("read", "refused") else "fault"
            tally.outcomes[kind] += 1
            if kind == "fault":
                tally.faults.append(f"seed {seed} ({damage}): {result}")
        reader.close()
    tally.seconds = time.monotonic() - started
    say(str(tally))
    for fault in tally.faults[:20]:
        say(f"  {fault}")
    return tally
