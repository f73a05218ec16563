"""Fisher's exact test of a contingency table of any size (Freeman & Halton 1951)."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import gammaln

from thyrosight.statistics.validation import Floats, Integers

# Tables count as equally likely when their probabilities agree to this relative error, as in R's fisher.test.
_TIE = 1e-7
_LARGEST_WORK = 3_000_000  # a second or two
_CELLS_AT_ONCE = 1_000_000


def fisher_exact(table: Integers) -> float | None:
    """Return the exact two-sided P value, or None if the tables with these margins are too many to enumerate.

    The network algorithm of Mehta & Patel (1983): columns are filled one by one. A state is the set of row totals still
    to be filled (sorted, since rows are exchangeable) with the probability so far. It is settled as soon as all of its
    completions are at most as likely as the observed table, or none of them is. The ways to fill a column are counted
    before they are listed, so that too large a table is told early.

    Args:
        table: counts, no row or column of zeros alone.
    """
    counts = table if table.shape[0] <= table.shape[1] else table.T
    rows, columns = counts.sum(axis=1), np.sort(counts.sum(axis=0))[::-1]
    log_factorial = gammaln(np.arange(int(counts.sum()) + 2) + 1.0)
    # log P(table) = constant - sum of log x!, so that only the cells' factorials are followed.
    constant = float(log_factorial[rows].sum() + log_factorial[columns].sum() - log_factorial[counts.sum()])
    limit = float(-log_factorial[counts].sum()) + _TIE
    paths = _Paths(np.sort(rows)[None, :], np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))
    total, work = 0.0, 0.0
    for stage, column in enumerate(columns):
        if not paths.state.size:
            break
        later = columns[stage + 1 :]
        pasts = np.bincount(paths.state, minlength=len(paths.states))
        for some in np.array_split(np.arange(len(pasts)), 1 + len(pasts) * int(column) // _CELLS_AT_ONCE):
            work += float(_ways(int(column), paths.states[some]) @ (pasts[some] + 1))
            if work > _LARGEST_WORK:
                return None
        state, cells = _compositions(int(column), paths.states)
        rests, rest = _distinct(np.sort(paths.states[state] - cells, axis=1))
        least, most, mass = (bound[rest] for bound in _completions(rests, later, log_factorial))
        # One line per way to fill the column and past of its state.
        way, past = _pairs(state, paths.state, pasts)
        reached = paths.reached[past] - log_factorial[cells].sum(axis=1)[way]
        weight = paths.weight[past]
        settled = reached + most[way] <= limit
        total += float((weight * np.exp(constant + reached + mass[way]))[settled].sum())
        goes_on = ~settled & (reached + least[way] <= limit)
        paths = _merged(rests, rest[way[goes_on]], reached[goes_on], weight[goes_on])
    return min(1.0, total)


def fisher_monte_carlo(table: Integers, *, replicates: int, seed: int) -> float:
    """Return Fisher's P value from random tables with the observed margins, counting the observed one among them."""
    method = stats.MonteCarloMethod(n_resamples=replicates, rng=np.random.default_rng(seed))
    return float(stats.fisher_exact(table, method=method).pvalue)


@dataclass(frozen=True, eq=False, slots=True)
class _Paths:
    """Ways in which the rows so far can be filled.

    Attributes:
        states: distinct totals of rows that are still to be filled, one line each.
        state: number of the state that each path has reached, in ascending order.
        reached: -sum of log x! over its cells.
        weight: number of ways that lead to it.
    """

    states: Integers
    state: Integers
    reached: Floats
    weight: Floats


def _merged(states: Integers, state: Integers, reached: Floats, weight: Floats) -> _Paths:
    """Add up paths of one state that are equally likely, and leave out states without a path."""
    kept, state = np.unique(state, return_inverse=True)
    rounded = np.round(reached, 9)
    order = np.lexsort((rounded, state))
    state, rounded, weight = state[order], rounded[order], weight[order]
    first = np.flatnonzero(np.r_[True, (np.diff(state) > 0) | (np.diff(rounded) > 0)][: state.size])
    summed = np.add.reduceat(weight, first) if first.size else weight
    return _Paths(states[kept], state[first], rounded[first], summed)


def _ways(column: int, states: Integers) -> Floats:
    """Return in how many ways `column` observations go into rows with room for those of each state."""
    # As many as there are ways to choose those that are left for later columns.
    fewer = min(column, int(states[0].sum()) - column)
    ways = np.zeros((len(states), fewer + 1))
    ways[:, 0] = 1
    placed = np.arange(fewer + 1)
    for capacity in states.T:
        summed = np.cumsum(ways, axis=1)
        beyond = placed[None, :] - capacity[:, None] - 1
        ways = summed - np.where(beyond >= 0, np.take_along_axis(summed, np.maximum(beyond, 0), axis=1), 0)
    return ways[:, fewer]


def _compositions(column: int, states: Integers) -> tuple[Integers, Integers]:
    """Return every way to distribute `column` observations: number of the state, and the cells, one line per way."""
    room = np.cumsum(states[:, ::-1], axis=1)[:, ::-1]
    state, left = np.arange(len(states)), np.full(len(states), column)
    cells = np.empty((len(states), 0), dtype=np.int64)
    for row in range(states.shape[1] - 1):
        fewest = np.maximum(0, left - room[state, row + 1])
        choices = np.minimum(left, states[state, row]) - fewest + 1
        way, nth = _repeated(choices)
        cell = fewest[way] + nth
        state, left, cells = state[way], left[way] - cell, np.column_stack([cells[way], cell])
    return state, np.column_stack([cells, left])


def _pairs(state: Integers, of_path: Integers, pasts: Integers) -> tuple[Integers, Integers]:
    """Return each way to fill a column with each path that has reached its state; paths are sorted by state."""
    way, nth = _repeated(pasts[state])
    first = np.cumsum(pasts) - pasts
    return way, first[state[way]] + nth


def _repeated(times: Integers) -> tuple[Integers, Integers]:
    """Return positions, each as often as `times` says, and a count from 0 within each.

    >>> [array.tolist() for array in _repeated(np.array([2, 0, 3]))]
    [[0, 0, 2, 2, 2], [0, 1, 0, 1, 2]]
    """
    position = np.repeat(np.arange(times.size), times)
    return position, np.arange(position.size) - np.repeat(np.cumsum(times) - times, times)


def _distinct(lines: Integers) -> tuple[Integers, Integers]:
    """Return the distinct lines and the number of each line among them; faster than `np.unique` along an axis."""
    code = np.zeros(len(lines), dtype=np.int64)
    for column in lines.T:
        code = np.unique(code * (int(column.max()) + 1) + column, return_inverse=True)[1]
    first = np.unique(code, return_index=True)[1]
    return lines[first], code


def _completions(remaining: Integers, later: Integers, log_factorial: Floats) -> tuple[Floats, Floats, Floats]:
    """Return bounds of -sum log x! over all completions of each state, and the log of the sum of their exponentials."""
    if not later.size:
        zero = np.zeros(len(remaining))
        return zero, zero, zero
    by_rows, by_columns = log_factorial[remaining].sum(axis=1), float(log_factorial[later].sum())
    # Cells are at their least likely when all of a line stands in one cell, at their likeliest when spread evenly.
    even_rows = (later.size * gammaln(remaining / later.size + 1)).sum(axis=1)
    even_columns = sum(remaining.shape[1] * math.lgamma(total / remaining.shape[1] + 1) for total in later)
    mass = log_factorial[int(later.sum())] - by_rows - by_columns
    return -np.minimum(by_rows, by_columns), -np.maximum(even_rows, even_columns), mass
