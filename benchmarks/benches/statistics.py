"""Speed of the statistics, beside scikit-learn, SciPy, statsmodels, and R's pROC, geepack and fisher.test where R is.

Processor time of one thread (user and system), the best of several runs in turn; R's is timed by R itself. Simulated
scores and outcomes. On Debian: apt-get install r-cran-proc r-cran-geepack.
"""

import functools
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scipy.special import expit

from benches.row import Row, in_turn, named
from thyrosight.statistics import (
    auc,
    bootstrap_performance,
    calibration_slope,
    compare_auc,
    compare_proportions,
    fisher_exact_test,
    logistic_regression,
)

REPLICATES, LOOP = 2000, 20

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
        return "R is not installed"
    with tempfile.TemporaryDirectory() as folder:
        table, program = Path(folder, "rows.csv"), Path(folder, "bench.R")
        cells = np.column_stack(list(columns.values()))
        np.savetxt(table, cells, delimiter=",", header=",".join(columns), comments="", fmt="%.17g")
        program.write_text(R_SCRIPT.replace("PACKAGE", package) + script, encoding="utf-8")
        done = subprocess.run([rscript, str(program), str(table)], capture_output=True, text=True, check=False)
    if done.returncode:
        return f"R stopped ({(done.stderr.strip().splitlines() or ['no message'])[-1]})"
    return [float(number) for number in done.stdout.split()]


def pair(ours: Callable[[], object], theirs: Callable[[], object], *, rounds: int = 3) -> tuple[float, float]:
    """Seconds of both in turn."""
    found = in_turn({"ours": ours, "theirs": theirs}, rounds=rounds)
    return found["ours"], found["theirs"]


def beside_r(
    what: str, ours: float, package: str, script: str, columns: dict[str, np.ndarray], *, place: int = 0
) -> Row:
    """Our seconds beside those that an R script prints in that place."""
    theirs = run_r(package, script, columns)
    if isinstance(theirs, str):
        return Row(what, ours, "s", f"R, {package}: {theirs}")
    return Row(what, ours, "s", f"R, {package}", theirs[place])


def area_rows() -> list[Row]:
    """DeLong's AUC with interval, and the paired comparison of two."""
    from sklearn.metrics import roc_auc_score

    truth, score, _ = scores(1_000_000)
    ours, theirs = pair(lambda: auc(truth, score), lambda: roc_auc_score(truth, score))
    alternative = f"{named('scikit-learn', 'scikit-learn')}, AUC without interval"
    found = [Row("AUC with DeLong interval, 1,000,000 scores", ours, "s", alternative, theirs)]
    truth, a, b = scores(100_000)
    seconds = in_turn({"": lambda: compare_auc(truth, a, b)}, rounds=20)[""]
    columns = {"truth": truth, "a": a, "b": b}
    what = "paired DeLong comparison, 100,000 scores"
    return [
        *found,
        beside_r(f"{what}, with both curves", seconds, "pROC", PROC, columns),
        beside_r(f"{what}, roc.test alone", seconds, "pROC", PROC, columns, place=1),
    ]


def gee_rows() -> list[Row]:
    """Exchangeable GEE of two readers on 10,000 nodules of 6,000 patients."""
    import statsmodels.api as sm

    rng = np.random.default_rng(1)
    cluster = np.sort(rng.integers(0, 6000, 10_000))
    truth, easy = rng.integers(0, 2, 10_000), rng.normal(size=6000)[cluster]
    right = [(easy + shift + rng.normal(size=10_000) > 0).astype(int) for shift in (0.9, 1.0)]
    called = [np.where(correct == 1, truth, 1 - truth) for correct in right]
    columns = {
        "correct": np.column_stack(right).ravel(),
        "reader": np.tile([0, 1], 10_000),
        "cluster": np.repeat(cluster, 2),
    }
    design = sm.add_constant(columns["reader"].astype(float))
    model = functools.partial(
        sm.GEE, columns["correct"], design, groups=columns["cluster"], family=sm.families.Binomial(),
        cov_struct=sm.cov_struct.Exchangeable(),
    )  # fmt: skip
    ours, theirs = pair(
        lambda: compare_proportions(
            truth, called[0], called[1], quantity="accuracy", correlation="exchangeable", cluster=cluster
        ),
        lambda: model().fit(),
    )
    what = "GEE of two readers, 10,000 nodules of 6,000 patients"
    statsmodels = Row(what, ours, "s", named("statsmodels", "statsmodels"), theirs)
    return [statsmodels, beside_r(what, ours, "geepack", GEEPACK, columns)]


def bootstrap_row() -> Row:
    """Patient-clustered replicates of AUC, sensitivity and specificity on 10,000 nodules, beside a loop of AUCs."""
    from sklearn.metrics import roc_auc_score

    rng = np.random.default_rng(2)
    truth, score, _ = scores(10_000)
    cluster = rng.integers(0, 6000, 10_000)

    def loop() -> None:
        for _ in range(LOOP):
            drawn = rng.integers(0, len(truth), len(truth))
            roc_auc_score(truth[drawn], score[drawn])

    ours, theirs = pair(
        lambda: bootstrap_performance(truth, score, threshold=0.5, cluster=cluster, replicates=REPLICATES), loop
    )
    what = "bootstrap by patient of AUC, sensitivity and specificity, 10,000 nodules"
    alternative = f"{named('scikit-learn', 'scikit-learn')}, AUC alone, by nodule, in a loop"
    return Row(what, REPLICATES / ours, "replicates/s", alternative, LOOP / theirs, limit=REPLICATES / 2)


def logistic_rows() -> list[Row]:
    """Logistic regression and calibration slope at a million rows, beside fits without any search for separation."""
    import statsmodels.api as sm

    n, rng = 1_000_000, np.random.default_rng(3)
    predictors = rng.normal(size=(n, 3))
    log_odds = predictors @ [1.0, 0.5, -0.3] - 0.5
    outcome = (rng.random(n) < expit(log_odds)).astype(int)
    columns = {"x": predictors[:, 0], "y": predictors[:, 1], "z": predictors[:, 2]}
    design, line = sm.add_constant(predictors), sm.add_constant(log_odds)
    risks = expit(log_odds)
    fit, theirs = pair(
        lambda: logistic_regression(outcome, columns), lambda: sm.Logit(outcome, design).fit(disp=0).bse, rounds=1
    )
    slope, theirs_slope = pair(
        lambda: calibration_slope(outcome, risks),
        lambda: sm.GLM(outcome, line, family=sm.families.Binomial()).fit().bse,
        rounds=1,
    )
    name = named("statsmodels", "statsmodels")
    return [
        Row("logistic regression, 3 predictors, 1,000,000 rows", fit, "s", f"{name}, Logit", theirs, limit=5),
        Row("calibration slope, 1,000,000 rows", slope, "s", f"{name}, GLM", theirs_slope, limit=5),
    ]


def fisher_rows() -> list[Row]:
    """Fisher's exact test of a table of usual size, and of a far too large one."""
    from scipy.stats import fisher_exact

    usual = np.array([[1, 2, 1, 0], [3, 3, 6, 1], [10, 10, 14, 9], [6, 7, 12, 11]])
    large = np.array([[700, 500, 300], [400, 500, 250], [208, 300, 100]])
    ours, theirs = pair(lambda: fisher_exact_test(usual), lambda: fisher_exact(usual), rounds=2)
    seconds = in_turn({"": lambda: fisher_exact_test(large)}, rounds=1)[""]
    what = f"Fisher's exact test, 4 x 4, n = {usual.sum()}"
    columns = {f"v{number}": column for number, column in enumerate(usual.T)}
    return [
        Row(what, ours, "s", f"{named('SciPy', 'scipy')}, 9,999 random tables", theirs),
        beside_r(what, ours, "stats", FISHER, columns),
        Row(f"Fisher's exact test, 3 x 3, n = {large.sum():,}", seconds, "s", "left out: R's takes minutes", limit=2),
    ]


def rows() -> list[Row]:
    """Measure every statistic."""
    return [*area_rows(), *gee_rows(), bootstrap_row(), *logistic_rows(), *fisher_rows()]
