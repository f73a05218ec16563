"""Reader studies in which readers read different cases, or used different tests."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from simulation.experiment import POWER, TYPE_I, Experiment, Outcome, covers, rejects
from simulation.readers import PILOT, PLANNED_VARIANCE
from simulation.samples import Generator, reader_study
from thyrosight.statistics import ReaderComparison, compare_readers, nested_readers_power

_COLUMNS = {"test": "test", "reader": "reader", "case": "case", "truth": "truth", "rating": "rating"}
_AREA, _VARIANCE = 0.82, 0.02
Table = dict[str, npt.NDArray[np.generic]]


def _drawn(generator: Generator, readers: int, cases: int) -> Table:
    table, _ = reader_study(generator, readers, cases, (_AREA, _AREA), reader_variance=_VARIANCE)
    return table


def _analysed(table: Table, kept: npt.NDArray[np.bool_]) -> ReaderComparison:
    return compare_readers({name: column[kept] for name, column in table.items()}, missing="analyse", **_COLUMNS)  # type: ignore[arg-type]


def _of_parts(table: Table, generator: Generator) -> dict[str, ReaderComparison]:
    """Six readers and 100 cases, of which readings are left out."""
    reader, case = table["reader"].astype(int), table["case"].astype(int)
    half = np.array([generator.permutation(np.repeat([True, False], 25)) for _ in range(12)]).reshape(6, 2, 50)
    unequal = generator.random((6, 100)) < np.array([1, 1, 0.6, 0.6, 0.3, 0.3])[:, None]
    return {
        "each reader a random half": _analysed(table, half[reader, case % 2, case // 2]),
        "20 % of readings missing": _analysed(table, generator.random(case.size) > 0.2),
        "readers of all, 60 % and 30 %": _analysed(table, unequal[reader, case]),
    }


def _in_blocks(generator: Generator) -> dict[str, ReaderComparison]:
    """Six readers in two or three blocks of 60 cases, or in two groups that use one test each."""
    found = {}
    for blocks in (2, 3):
        table = _drawn(generator, 6, 60 * blocks)
        block = table["case"].astype(int) // 2 % blocks
        found[f"{blocks} blocks of {6 // blocks} readers"] = _analysed(
            table, table["reader"].astype(int) % blocks == block
        )
    table = _drawn(generator, 10, 100)
    found["5 readers nested in each test"] = _analysed(table, (table["reader"].astype(int) < 5) == (table["test"] == 0))
    return found


def _rejected(found: dict[str, ReaderComparison]) -> Outcome:
    return {name: rejects(one.differences[0].p) for name, one in found.items()}


def _covered(found: dict[str, ReaderComparison]) -> Outcome:
    return {f"mean area, {name}": covers(one.test_estimates[0], _AREA) for name, one in found.items()}


def _parts_test(generator: Generator) -> Outcome:
    return _rejected(_of_parts(_drawn(generator, 6, 100), generator))


def _blocks_test(generator: Generator) -> Outcome:
    return _rejected(_in_blocks(generator))


def _parts_interval(generator: Generator) -> Outcome:
    whole = _drawn(generator, 6, 100)
    found = {"all readings": _analysed(whole, np.ones(whole["case"].size, dtype=bool))}
    return _covered(found | _of_parts(whole, generator) | _in_blocks(generator))


_GROUPS = {
    readers: nested_readers_power(PILOT, difference=0.05, readers=readers, cases=cases, pilot_cases=100)
    for readers, cases in (((8, 8), 300), ((12, 5), 200))
}
"""Plans in which each reader uses one test."""


def _planned_groups(readers: tuple[int, int]) -> Callable[[Generator], Outcome]:
    def draw(generator: Generator) -> Outcome:
        plan = _GROUPS[readers]
        table, _ = reader_study(generator, plan.readers, plan.cases, (0.85, 0.8), reader_variance=PLANNED_VARIANCE)
        found = _analysed(table, (table["reader"].astype(int) < readers[0]) == (table["test"] == 0))
        return {f"{readers[0]} and {readers[1]} readers, {plan.cases} cases": rejects(found.differences[0].p)}

    return draw


_SYMMETRIC = "symmetric limits of a mean of few readers"
_PARTS = ("all readings", "each reader a random half", "20 % of readings missing", "readers of all, 60 % and 30 %")
_BLOCKS = ("2 blocks of 3 readers", "3 blocks of 2 readers", "5 readers nested in each test")

INTERVALS = [
    Experiment(
        "areas 0.82 in reader studies of parts and blocks, 6 random readers",
        _parts_interval,
        replicates=1000,
        excused={f"mean area, {name}": _SYMMETRIC for name in (*_PARTS, *_BLOCKS)},
    )
]
TESTS = [
    Experiment("equal tests, 6 random readers who read parts of 100 cases", _parts_test, kind=TYPE_I, replicates=2000),
    Experiment("equal tests, readers in blocks or groups", _blocks_test, kind=TYPE_I, replicates=2000),
]
PLANS = [
    Experiment(
        f"{first} and {second} readers, each with one test, areas 0.85 and 0.80",
        _planned_groups((first, second)),
        kind=POWER,
        nominal=plan.power,
        replicates=1000,
    )
    for (first, second), plan in _GROUPS.items()
]
