"""Fisher's exact test of a contingency table of any size (Freeman & Halton 1951)."""

import math
from collections.abc import Iterator

import numpy as np
from scipy import stats
from scipy.special import gammaln

from thyrosight.statistics.validation import Integers

# Tables count as equally likely when their probabilities agree to this relative error, as in R's fisher.test.
_TIE = 1e-7
_LARGEST_WORK = 3_000_000  # a few seconds


def fisher_exact(table: Integers) -> float | None:
    """Return the exact two-sided P value, or None if the tables with these margins are too many to enumerate.

    The network algorithm of Mehta & Patel (1983): columns are filled one by one. A state is the set of row totals still
    to be filled (sorted, since rows are exchangeable) with the probability so far. It is settled as soon as all of its
    completions are at most as likely as the observed table, or none of them is.

    Args:
        table: counts, no row or column of zeros alone.
    """
    counts = table if table.shape[0] <= table.shape[1] else table.T
    rows, columns = counts.sum(axis=1), np.sort(counts.sum(axis=0))[::-1]
    log_factorial = gammaln(np.arange(int(counts.sum()) + 2) + 1.0)
    # log P(table) = constant - sum of log x!, so that only the cells' factorials are followed.
    constant = float(log_factorial[rows].sum() + log_factorial[columns].sum() - log_factorial[counts.sum()])
    limit = float(-log_factorial[counts].sum()) + _TIE
    states: dict[tuple[int, ...], dict[float, float]] = {tuple(sorted(int(r) for r in rows)): {0.0: 1.0}}
    total, work = 0.0, 0
    for stage, column in enumerate(columns):
        later = columns[stage + 1 :]
        following: dict[tuple[int, ...], dict[float, float]] = {}
        known: dict[tuple[int, ...], tuple[float, float, float]] = {}
        for remaining, pasts in states.items():
            for cells in _compositions(int(column), remaining):
                work += len(pasts) + 1
                if work > _LARGEST_WORK:
                    return None
                rest = tuple(sorted(r - x for r, x in zip(remaining, cells, strict=True)))
                step = -math.fsum(log_factorial[cell] for cell in cells)
                if rest not in known:
                    known[rest] = _completions(rest, later, log_factorial)
                least, most, mass = known[rest]
                for past, weight in pasts.items():
                    reached = past + step
                    if reached + most <= limit:
                        total += weight * math.exp(constant + reached + mass)
                    elif reached + least <= limit:
                        node = following.setdefault(rest, {})
                        key = round(reached, 9)
                        node[key] = node.get(key, 0.0) + weight
        states = following
    return min(1.0, total)


def fisher_monte_carlo(table: Integers, *, replicates: int, seed: int) -> float:
    """Return Fisher's P value from random tables with the observed margins, counting the observed one among them."""
    method = stats.MonteCarloMethod(n_resamples=replicates, rng=np.random.default_rng(seed))
    return float(stats.fisher_exact(table, method=method).pvalue)


def _compositions(column: int, remaining: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Yield every way to distribute `column` observations over rows with room for `remaining`."""
    room = [0]
    for capacity in reversed(remaining):
        room.append(room[-1] + capacity)
    room.reverse()

    def deal(row: int, left: int) -> Iterator[tuple[int, ...]]:
        if row == len(remaining) - 1:
            yield (left,)
            return
        for cell in range(max(0, left - room[row + 1]), min(left, remaining[row]) + 1):
            for others in deal(row + 1, left - cell):
                yield (cell, *others)

    return deal(0, column)


def _completions(remaining: tuple[int, ...], later: Integers, log_factorial: np.ndarray) -> tuple[float, float, float]:
    """Return bounds of -sum log x! over all completions, and the log of the sum of their exponentials."""
    if not later.size:
        return 0.0, 0.0, 0.0
    totals = list(remaining)
    by_rows, by_columns = log_factorial[totals].sum(), log_factorial[later].sum()
    # Cells are at their least likely when all of a line stands in one cell, at their likeliest when spread evenly.
    least = -min(by_rows, by_columns)
    even_rows = sum(len(later) * math.lgamma(total / len(later) + 1) for total in totals)
    even_columns = sum(len(totals) * math.lgamma(total / len(totals) + 1) for total in later)
    mass = log_factorial[sum(totals)] - by_rows - by_columns
    return float(least), float(-max(even_rows, even_columns)), float(mass)
