"""Speed and memory of the statistics, beside statsmodels, and beside R's pROC, geepack and fisher.test where R is.

On Debian: apt-get install r-cran-proc r-cran-geepack. Every time is processor time of one thread (user and system), the
best of several runs, so that other programs on the machine count as little as possible on either side.
"""

import os

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

import shutil
import subprocess
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.special import expit

from thyrosight.statistics import (
    auc,
    bootstrap_performance,
    calibration_slope,
    compare_auc,
    compare_proportions,
    fisher_exact_test,
    logistic_regression,
)

R_SCRIPT = r"""
suppressMessages(library(PACKAGE))
rows <- read.csv(commandArgs(TRUE)[1])
best <- function(f, times) min(sapply(seq_len(times), function(i) sum(system.time(f())[c("user.self", "sys.self")])))
"""
PROC = r"""
whole <- function() roc.test(roc(rows$truth, rows$a, direction = "<", quiet = TRUE),
                             roc(rows$truth, rows$b, direction = "<", quiet = TRUE), method = "delong")
one <- roc(rows$truth, rows$a, direction = "<", quiet = TRUE)
two <- roc(rows$truth, rows$b, direction = "<", quiet = TRUE)
test <- function() roc.test(one, two, method = "delong")
cat(best(whole, 15), best(test, 15), format(test()$statistic, digits = 12), "\n")
"""
GEEPACK = r"""
fit <- function() geeglm(correct ~ reader, id = cluster, data = rows, family = binomial, corstr = "exchangeable")
z <- summary(fit())$coefficients["reader", ]
cat(best(fit, 5), format(z[["Estimate"]] / z[["Std.err"]], digits = 12), "\n")
"""

FISHER = r"""
test <- function() fisher.test(as.matrix(rows), workspace = 2e8)
cat(best(test, 2), format(test()$p.value, digits = 12), "\n")
"""


def best(call: Callable[[], object], times: int = 5) -> float:
    """Processor seconds of the fastest of several calls."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return min(seconds)


def scores(n: int, *, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth and two correlated scores."""
    rng = np.random.default_rng(seed)
    truth = (rng.random(n) < 0.3).astype(int)
    common = rng.normal(size=n)
    return truth, truth + common + rng.normal(size=n), 0.9 * truth + common + rng.normal(size=n)


def run_r(package: str, script: str, columns: dict[str, np.ndarray]) -> list[float] | str:
    """Numbers that an R script prints about a table, or the reason why there are none."""
    rscript = shutil.which("Rscript")
    if rscript is None:
        return "not measured: R is not installed here"
    with tempfile.TemporaryDirectory() as folder:
        table, program = Path(folder, "rows.csv"), Path(folder, "bench.R")
        cells = np.column_stack(list(columns.values()))
        np.savetxt(table, cells, delimiter=",", header=",".join(columns), comments="", fmt="%.17g")
        program.write_text(R_SCRIPT.replace("PACKAGE", package) + script, encoding="utf-8")
        done = subprocess.run([rscript, str(program), str(table)], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"not measured: R stopped ({(done.stderr.strip().splitlines() or ['no message'])[-1]})"
    return [float(number) for number in done.stdout.split()]


def bench_auc() -> None:
    """DeLong's AUC with interval: time by n, and memory per score."""
    seconds, peaks = {}, {}
    for n in (100_000, 1_000_000):
        truth, score, _ = scores(n)
        seconds[n] = best(lambda truth=truth, score=score: auc(truth, score))
        tracemalloc.start()
        auc(truth, score)
        peaks[n] = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        print(
            f"AUC with DeLong interval, {n:>9,} scores: {seconds[n]:.4f} s,"
            f" at the peak {peaks[n] / n:.0f} bytes of memory per score"
        )
    grown = 10 * np.log(1e6) / np.log(1e5)
    print(f"  ten times the scores: {seconds[10**6] / seconds[10**5]:.1f} times the time (n log n: {grown:.0f} times),")
    print(f"  {peaks[10**6] / peaks[10**5]:.2f} times the memory (linear: 10)")


def bench_comparison() -> None:
    """Paired comparison of two areas on 100,000 scores, beside pROC."""
    truth, a, b = scores(100_000)
    ours, found = best(lambda: compare_auc(truth, a, b), 50), compare_auc(truth, a, b)
    print(f"Paired DeLong comparison, 100,000 scores: {ours:.4f} s (z = {found.statistic:.9f})")
    theirs = run_r("pROC", PROC, {"truth": truth, "a": a, "b": b})
    if isinstance(theirs, str):
        print(f"  pROC: {theirs}")
        return
    whole, test, statistic = theirs
    print(f"  pROC: {whole:.3f} s for both curves and the test ({whole / ours:.0f} times ours; z = {statistic:.9f}),")
    print(f"        {test:.3f} s for roc.test alone on ready curves ({test / ours:.0f} times ours)")


def bench_gee() -> None:
    """Exchangeable GEE of two readers on 10,000 nodules of 6,000 patients, beside geepack."""
    rng = np.random.default_rng(1)
    cluster = np.sort(rng.integers(0, 6000, 10_000))
    truth, easy = rng.integers(0, 2, 10_000), rng.normal(size=6000)[cluster]
    right = [(easy + shift + rng.normal(size=10_000) > 0).astype(int) for shift in (0.9, 1.0)]
    called = [np.where(correct == 1, truth, 1 - truth) for correct in right]

    def compare() -> object:
        return compare_proportions(
            truth, called[0], called[1], quantity="accuracy", correlation="exchangeable", cluster=cluster
        )

    ours, found = best(compare, 3), compare()
    print(f"GEE of two readers, 10,000 nodules in 6,000 patients: {ours:.3f} s (|z| = {abs(found.statistic):.6f})")
    columns = {
        "correct": np.column_stack(right).ravel(),
        "reader": np.tile([0, 1], 10_000),
        "cluster": np.repeat(cluster, 2),
    }
    theirs = run_r("geepack", GEEPACK, columns)
    if isinstance(theirs, str):
        print(f"  geepack: {theirs}")
        return
    print(f"  geepack: {theirs[0]:.3f} s ({theirs[0] / ours:.1f} times ours; |z| = {abs(theirs[1]):.6f})")


def bench_bootstrap() -> None:
    """Two thousand patient-clustered replicates of AUC, sensitivity and specificity on 10,000 nodules."""
    rng = np.random.default_rng(2)
    truth, score, _ = scores(10_000)
    cluster = rng.integers(0, 6000, 10_000)
    seconds = best(lambda: bootstrap_performance(truth, score, threshold=0.5, cluster=cluster, replicates=2000), 3)
    patients = np.unique(cluster).size
    print(f"2,000 clustered bootstrap replicates of AUC, sensitivity and specificity, 10,000 nodules of {patients:,}")
    print(f"  patients: {seconds:.2f} s (asked for: within 2 s)")


def bench_logistic() -> None:
    """Logistic fits by n, beside statsmodels' fits without any search for separation."""
    import statsmodels.api as sm

    print("Logistic regression of three predictors (Firth: one), and calibration slope, beside statsmodels")
    for n in (1_000, 50_000, 1_000_000):
        rng = np.random.default_rng(3)
        predictors = rng.normal(size=(n, 3))
        log_odds = predictors @ [1.0, 0.5, -0.3] - 0.5
        outcome = (rng.random(n) < expit(log_odds)).astype(int)
        named = {"x": predictors[:, 0], "y": predictors[:, 1], "z": predictors[:, 2]}
        design = sm.add_constant(predictors)
        line = sm.add_constant(log_odds)
        calls = {
            "regression": lambda outcome=outcome, named=named: logistic_regression(outcome, named),
            "statsmodels": lambda outcome=outcome, design=design: sm.Logit(outcome, design).fit(disp=0).bse,
            "GEE": lambda outcome=outcome, named=named, n=n: logistic_regression(
                outcome, named, cluster=np.arange(n) // 2
            ),
            "Firth": lambda outcome=outcome, named=named: logistic_regression(
                outcome, {"x": named["x"]}, penalty="firth"
            ),
            "slope": lambda outcome=outcome, log_odds=log_odds: calibration_slope(outcome, expit(log_odds)),
            "statsmodels ": lambda outcome=outcome, line=line: (
                sm.GLM(outcome, line, family=sm.families.Binomial()).fit().bse
            ),
        }
        times = ", ".join(f"{name.strip()} {best(call, 1 if n > 50_000 else 3):.3f} s" for name, call in calls.items())
        print(f"  {n:>9,}: {times}")


def bench_fisher() -> None:
    """Fisher's exact test of a small, a large and a far too large table, beside R's network algorithm."""
    tables = {
        "6 x 2": [[13, 4], [24, 0], [6, 0], [104, 5], [3, 1], [45, 4]],
        "4 x 4": [[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]],
        "3 x 3": [[700, 500, 300], [400, 500, 250], [208, 300, 100]],
    }
    print("Fisher's exact test")
    for name, rows in tables.items():
        table = np.array(rows)
        seconds, found = best(lambda table=table: fisher_exact_test(table), 2), fisher_exact_test(table)
        columns = {f"v{k}": column for k, column in enumerate(table.T)}
        theirs = "left out, it takes minutes" if table.sum() > 1000 else run_r("stats", FISHER, columns)
        beside = theirs if isinstance(theirs, str) else f"{theirs[0]:.3f} s (P = {theirs[1]:.4g})"
        print(f"  {name}, n = {table.sum():,}: {seconds:.3f} s ({found}); R: {beside}")


def main() -> None:
    """Run every benchmark of the statistics."""
    print("Statistics: processor time of one thread")
    for bench in (bench_auc, bench_comparison, bench_gee, bench_bootstrap, bench_logistic, bench_fisher):
        bench()


if __name__ == "__main__":
    main()
