"""Simulations: their definition, their run, and the table of their results."""

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from thyrosight.statistics import Estimate

Outcome = dict[str, bool | None]
Known = tuple[str, float, int, int, str]
"""A measured row: method, rate, replicates with an answer and without, and its run."""
COVERAGE, TYPE_I, POWER = "coverage", "type I error", "power"
_NOMINAL = {COVERAGE: 0.95, TYPE_I: 0.05}
_TOLERANCE = {COVERAGE: 0.015, TYPE_I: 0.015, POWER: 0.03}
_SEED = 20240507
_COARSE = 0.0075
"""Monte Carlo error from which on a rate beyond the tolerance may be one of chance."""


@dataclass(frozen=True)
class Experiment:
    """One setting, drawn many times.

    Attributes:
        setting: the truth that was simulated, in words.
        draw: makes one sample and says, for each method, whether its interval held the truth (coverage) or its test
            rejected the true hypothesis (type I error); None where the method gave no answer.
        kind: COVERAGE or TYPE_I.
        replicates: how many samples.
        nominal: the promised rate, of a POWER experiment the planned power.
        excused: for a method that theory does not promise the nominal rate here, the reason.
    """

    setting: str
    draw: Callable[[np.random.Generator], Outcome]
    kind: str = COVERAGE
    replicates: int = 4000
    nominal: float | None = None
    excused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Row:
    """A line of the table; `run` tells when it was measured, with which share of its replicates, and how long."""

    setting: str
    method: str
    kind: str
    nominal: float
    rate: float
    replicates: int
    undefined: int
    excused: str
    run: str = ""

    @property
    def error(self) -> float:
        """Monte Carlo standard error of the rate; 0 for a computed one."""
        return math.sqrt(self.rate * (1 - self.rate) / self.replicates) if self.replicates else 0.0

    @property
    def verdict(self) -> str:
        """Whether the rate is as theory promises: within 1.5 points of it (power: within 3)."""
        if math.isnan(self.rate):
            return "no answer"
        if abs(self.rate - self.nominal) <= _TOLERANCE[self.kind]:
            return "as promised" if not self.excused else f"holds here; {self.excused}"
        if self.error > _COARSE and abs(self.rate - self.nominal) <= _TOLERANCE[self.kind] + 2 * self.error:
            return "cannot be told from so few samples"
        cautious = (self.rate < self.nominal) == (self.kind == TYPE_I)
        word = "cautious" if cautious else "fails"
        return f"{word}: {self.excused}" if self.excused else f"**{word}**"


def run(experiment: Experiment, *, scale: float = 1.0) -> list[Row]:
    """Run one experiment; its seed depends on its setting alone, so that experiments can be added and dropped."""
    replicates = max(10, round(experiment.replicates * scale))
    generator = np.random.default_rng([_SEED, *experiment.setting.encode()])
    counts: dict[str, list[int]] = {}
    for _ in range(replicates):
        for method, outcome in experiment.draw(generator).items():
            yes, known = counts.setdefault(method, [0, 0])
            counts[method] = [yes + bool(outcome), known + (outcome is not None)]
    return [
        Row(
            experiment.setting,
            method,
            experiment.kind,
            experiment.nominal or _NOMINAL[experiment.kind],
            yes / known if known else math.nan,
            known,
            replicates - known,
            experiment.excused.get(method, ""),
        )
        for method, (yes, known) in counts.items()
    ]


def run_all(
    experiments: Iterable[Experiment],
    *,
    scale: float = 1.0,
    known: Mapping[str, list[Known]] | None = None,
) -> list[Row]:
    """Run experiments one after the other and say how each went; the settings of `known` are taken over."""
    rows = []
    for experiment in experiments:
        start = time.perf_counter()
        if known and experiment.setting in known:
            rows += kept(experiment, known[experiment.setting])
            continue
        try:
            found = run(experiment, scale=scale)
        except KeyboardInterrupt:
            print("stopped; what was measured is kept", flush=True)
            break
        minutes = (time.perf_counter() - start) / 60
        when = f"{time.strftime('%Y-%m-%d')}{'' if scale == 1 else f', --scale {scale:g}'}, {minutes:.1f} min"
        rows += [replace(row, run=when) for row in found]
        print(f"{experiment.setting} ({time.perf_counter() - start:.0f} s)", flush=True)
        for row in found:
            print(f"  {row.method}: {100 * row.rate:.1f} % {row.verdict}", flush=True)
    return rows


def rows_of_page(page: str) -> dict[str, list[Known]]:
    """Of each setting of a page that `table` wrote: method, rate, replicates with an answer and without, and the run.

    >>> rows_of_page("| a | Wald | 93.5 % ± 0.4 | 3,990 (9 undefined) | x | y |\\n|  | W | 95.0 % | exact | x |  |")
    {'a': [('Wald', 0.935, 3990, 9, 'y'), ('W', 0.95, 0, 0, '')]}
    """
    found: dict[str, list[Known]] = {}
    setting = ""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) != 6 or "%" not in cells[2]:
            continue
        setting = cells[0] or setting
        count, _, undefined = cells[3].partition(" (")
        number = 0 if count == "exact" else int(count.replace(",", ""))
        missing = int(undefined.split()[0]) if undefined else 0
        found.setdefault(setting, []).append((cells[1], float(cells[2].split()[0]) / 100, number, missing, cells[5]))
    return found


def kept(experiment: Experiment, known: list[Known]) -> list[Row]:
    """The rows of a setting that were measured before, with what was told of that run."""
    setting, kind, nominal = experiment.setting, experiment.kind, experiment.nominal or _NOMINAL[experiment.kind]
    return [
        Row(setting, method, kind, nominal, rate, n, missing, experiment.excused.get(method, ""), told)
        for method, rate, n, missing, told in known
    ]


def covers(estimate: Estimate, truth: float) -> bool | None:
    """Whether an interval holds the truth; None without an interval."""
    if math.isnan(estimate.low) or math.isnan(estimate.high):
        return None
    return estimate.low <= truth <= estimate.high


def between(low: float, high: float, truth: float) -> bool | None:
    """The same for limits that stand by themselves."""
    return None if math.isnan(low) or math.isnan(high) else low <= truth <= high


def rejects(p: float) -> bool | None:
    """Whether a test at 5 % rejects; None without a P value."""
    return None if math.isnan(p) else p < 0.05


def exact(setting: str, rates: dict[str, float], *, excused: dict[str, str]) -> list[Row]:
    """Rows of coverages that were computed, not simulated."""
    return [Row(setting, method, COVERAGE, 0.95, rate, 0, 0, excused.get(method, "")) for method, rate in rates.items()]


def table(rows: list[Row]) -> str:
    """Return a Markdown table."""
    lines = ["| setting | method | rate | replicates | verdict | run |", "|---|---|---:|---:|---|---|"]
    previous = ""
    for row in rows:
        setting = row.setting if row.setting != previous else ""
        previous = row.setting
        count = f"{row.replicates:,}" if row.replicates else "exact"
        count += f" ({row.undefined} undefined)" if row.undefined else ""
        error = f" ± {100 * row.error:.1f}" if row.replicates else ""
        lines.append(
            f"| {setting} | {row.method} | {100 * row.rate:.1f} %{error} | {count} | {row.verdict} | {row.run} |"
        )
    return "\n".join(lines)
