"""Does Firth's fit find the greatest maximum? 1,000 separated data sets, each against a fine grid of coefficients.

The grid knows nothing of the fit: it evaluates the penalised likelihood from its definition at 68,921 places, and
climbs from the best of them by the simplex method, which needs no derivative.
"""

import argparse
from itertools import product

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.regression.firth import fit_firth

# From -74 to 74 standard deviations of the log odds, finest around 0.
AXIS = np.sinh(np.linspace(-5, 5, 41))
_BLOCK = 10_000
_CLIMBS = 4


def separated_set(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and design (intercept, two predictors in standard deviations) of 10 to 100 observations that separate."""
    rng = np.random.default_rng(seed)
    while True:
        n = int(rng.integers(10, 101))
        x, z, w = rng.normal(size=n), rng.normal(size=n), (rng.random(n) < 0.2).astype(float)
        second, outcome = [
            (w, x > 0.3 * rng.normal()),  # a number that separates, beside a rare category
            (w, (w == 0) & (x + rng.normal(size=n) > 0)),  # a category without events
            (w, x + w > 0.3 * rng.normal()),  # both together
            (z, x + z * rng.normal() > 0),  # two numbers together
        ][seed % 4]
        predictors = np.column_stack([x, second])
        spread = predictors.std(axis=0)
        if spread.all() and 0 < outcome.sum() < n:
            return outcome.astype(int), np.column_stack([np.ones(n), (predictors - predictors.mean(axis=0)) / spread])


def heights(outcome: np.ndarray, design: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Penalised log likelihood at many places, from its definition."""
    n, count = design.shape
    squares = (design[:, :, None] * design[:, None, :]).reshape(n, -1)
    found = []
    for block in np.array_split(places, max(1, len(places) // _BLOCK)):
        linear = block @ design.T
        likely = expit(np.where(outcome == 1, linear, -linear))
        information = ((likely * (1 - likely)) @ squares).reshape(-1, count, count)
        with np.errstate(divide="ignore", invalid="ignore"):
            found.append(np.log(likely).sum(axis=1) + np.log(np.linalg.det(information)) / 2)
    return np.nan_to_num(np.concatenate(found), nan=-np.inf)


def greatest_by_grid(outcome: np.ndarray, design: np.ndarray, *, steps: int = 3000) -> tuple[float, np.ndarray]:
    """Greatest penalised log likelihood, and where it is had: the best local maxima of the grid, refined.

    A climb takes about 100 steps; one that is not at its end after `steps` follows a slope without end.
    """
    places = np.array(list(product(AXIS, repeat=3)))
    height = heights(outcome, design, places).reshape(3 * [AXIS.size])
    padded = np.pad(height, 1, constant_values=-np.inf)
    tops = height > -np.inf
    for shift in product((0, 1, 2), repeat=3):
        tops &= height >= padded[tuple(slice(s, s + AXIS.size) for s in shift)]
    chosen = np.flatnonzero(tops.ravel())
    chosen = chosen[np.argsort(height.ravel()[chosen])[::-1][:_CLIMBS]]
    options = {"xatol": 1e-7, "fatol": 1e-10, "maxiter": steps}
    refined = [
        minimize(lambda b: -heights(outcome, design, b[None])[0], places[k], method="Nelder-Mead", options=options)
        for k in chosen
    ]
    best = min(refined, key=lambda result: result.fun)
    return -float(best.fun), best.x


def main() -> None:
    """Compare fit and grid on many sets, and name the sets in which the grid is higher."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    options = parser.parse_args()
    missed, failed, several = [], [], 0
    for seed in range(options.first, options.first + options.sets):
        outcome, design = separated_set(seed)
        try:
            fit = fit_firth(outcome, design)
        except StatisticsError as error:
            failed.append((seed, str(error)))
            continue
        several += bool(fit.others)
        height, place = greatest_by_grid(outcome, design)
        if height > fit.log_likelihood + 1e-5:
            missed.append((seed, fit.log_likelihood, height, fit.coefficients.round(2), place.round(2)))
    print(f"Firth's fit on {options.sets} separated sets: {several} with several maxima,")
    print(f"  {len(missed)} in which the grid is higher, {len(failed)} without a fit")
    for line in [*missed, *failed]:
        print(" ", *line)


if __name__ == "__main__":
    main()
