"""Summaries of sensitivity and specificity over sites."""

import numpy as np
from scipy.special import expit, logit

from simulation.experiment import Experiment, Outcome, covers
from simulation.samples import Generator
from thyrosight.statistics import SiteCounts, summarise_sites

_SENSITIVITY, _SPECIFICITY, _SPREAD, _CORRELATION = 0.85, 0.8, 0.6, -0.5
_ODDS = _SENSITIVITY / (1 - _SENSITIVITY) * _SPECIFICITY / (1 - _SPECIFICITY)
_IGNORES = "takes the sites for all there are"


def _sites(generator: Generator, sites: int) -> SiteCounts:
    """Sites of 20 to 80 diseased and 30 to 120 healthy nodules, whose rates differ between sites."""
    covariance = _SPREAD**2 * np.array([[1, _CORRELATION], [_CORRELATION, 1]])
    rates = expit(generator.multivariate_normal(logit([_SENSITIVITY, _SPECIFICITY]), covariance, size=sites))
    diseased, healthy = generator.integers(20, 81, size=sites), generator.integers(30, 121, size=sites)
    tp, tn = generator.binomial(diseased, rates[:, 0]), generator.binomial(healthy, rates[:, 1])
    columns = [tuple(int(n) for n in column) for column in (tp, diseased - tp, healthy - tn, tn)]
    return SiteCounts(tuple(map(str, range(sites))), *columns)


def _summary(generator: Generator, sites: int) -> Outcome:
    counts = _sites(generator, sites)
    outcome: Outcome = {}
    for likelihood in ("binomial", "normal"):
        found = summarise_sites(counts, likelihood=likelihood)
        outcome |= {
            f"sensitivity, {likelihood}": covers(found.sensitivity, _SENSITIVITY),
            f"specificity, {likelihood}": covers(found.specificity, _SPECIFICITY),
            f"diagnostic odds ratio, {likelihood}": covers(found.diagnostic_odds_ratio, _ODDS),
        }
    common = summarise_sites(counts, model="common")
    return outcome | {"sensitivity, counts added up": covers(common.sensitivity, _SENSITIVITY)}


def _experiment(sites: int, *, replicates: int) -> Experiment:
    excused = {"sensitivity, counts added up": _IGNORES}
    if sites < 10:
        few = "the spread of few sites is estimated poorly"
        excused |= {
            f"{name}, {likelihood}": few
            for name in ("sensitivity", "specificity", "diagnostic odds ratio")
            for likelihood in ("binomial", "normal")
        }
    # Where the correlation cannot be told, both rates are summarised separately, and it does not narrow their product.
    excused |= {"diagnostic odds ratio, binomial": "the correlation may go untold"}
    excused |= {
        f"{name}, normal": "the logit of a count is biased"
        for name in ("sensitivity", "specificity", "diagnostic odds ratio")
        if sites >= 10
    }
    return Experiment(
        f"summary of {sites} sites, sensitivity 0.85 and specificity 0.8 on average",
        lambda generator: _summary(generator, sites),
        replicates=replicates,
        excused=excused,
    )


INTERVALS = [_experiment(6, replicates=400), _experiment(10, replicates=400), _experiment(20, replicates=200)]
