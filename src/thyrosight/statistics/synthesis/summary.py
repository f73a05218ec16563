"""Summary sensitivity and specificity of several sites, with their spread between sites."""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats
from scipy.special import expit

from thyrosight.errors import StatisticsError
from thyrosight.statistics.estimate import Estimate, Result
from thyrosight.statistics.proportions.intervals import proportion_interval
from thyrosight.statistics.synthesis.binomial_logits import fit_binomial_logits
from thyrosight.statistics.synthesis.counts import SiteCounts
from thyrosight.statistics.synthesis.fit import SpreadFit
from thyrosight.statistics.synthesis.normal_logits import fit_normal_logits
from thyrosight.statistics.validation import Floats, require_choice, require_confidence

FEWEST_SITES = 5
_MODELS = ("auto", "bivariate", "univariate", "common")
_WORDS = {
    "bivariate": "bivariate random effects",
    "univariate": "separate random effects",
    "common": "counts added up, no effect of site",
}


@dataclass(frozen=True, slots=True)
class Hsroc(Result):
    """Parameters of the hierarchical summary ROC curve (Rutter & Gatsonis 2001), from the bivariate model.

    Attributes:
        accuracy: Lambda, the mean log diagnostic odds ratio where both classes vary alike.
        threshold: Theta, the mean position on the curve.
        shape: beta, 0 for a symmetric curve.
        accuracy_variance: between sites.
        threshold_variance: between sites.
    """

    accuracy: float
    threshold: float
    shape: float
    accuracy_variance: float
    threshold_variance: float

    def sensitivity(self, specificity: Floats) -> Floats:
        """Return the height of the summary curve at given specificities."""
        alarms = np.log((1 - specificity) / specificity)
        height: Floats = expit(self.accuracy * math.exp(-self.shape / 2) + math.exp(-self.shape) * alarms)
        return height


@dataclass(frozen=True, eq=False, slots=True)
class SiteSummary(Result):
    """Accuracy of a call over several sites.

    Attributes:
        sites: names of the sites.
        site_sensitivity: of each site, with Wilson's interval.
        site_specificity: the same.
        sensitivity: of the mean site; with a common model, of these sites together.
        specificity: the same.
        positive_likelihood_ratio: from both.
        negative_likelihood_ratio: from both.
        diagnostic_odds_ratio: from both.
        next_sensitivity: the same sensitivity with the prediction interval of a further site; NaN without an effect of
            sites.
        next_specificity: the same of specificity.
        sensitivity_spread: standard deviation of the sites' log odds of sensitivity; NaN without an effect of sites.
        specificity_spread: the same of specificity.
        correlation: of both log odds between sites; NaN where not estimated.
        hsroc: the summary curve, or None without a correlation.
        confidence_region: specificity and sensitivity along the edge of the region of the mean, shape (points, 2).
        prediction_region: the same of a further site.
        model: "bivariate", "univariate" or "common".
        method: model and likelihood in words.
        notes: what must be known of the summary.
    """

    sites: tuple[str, ...]
    site_sensitivity: tuple[Estimate, ...]
    site_specificity: tuple[Estimate, ...]
    sensitivity: Estimate
    specificity: Estimate
    positive_likelihood_ratio: Estimate
    negative_likelihood_ratio: Estimate
    diagnostic_odds_ratio: Estimate
    next_sensitivity: Estimate
    next_specificity: Estimate
    sensitivity_spread: float
    specificity_spread: float
    correlation: float
    hsroc: Hsroc | None
    confidence_region: Floats
    prediction_region: Floats
    model: str
    method: str
    notes: tuple[str, ...]

    def estimates(self) -> dict[str, Estimate]:
        """All summary measures by name, in order."""
        names = ("sensitivity", "specificity", "positive_likelihood_ratio", "negative_likelihood_ratio")
        return {name: getattr(self, name) for name in (*names, "diagnostic_odds_ratio")}

    def __str__(self) -> str:
        lines = [f"{name.replace('_', ' ')}: {item}" for name, item in self.estimates().items()]
        if self.model != "common":
            low, high = self.next_sensitivity, self.next_specificity
            lines.append(
                f"a further site: sensitivity {low.low:.3f} to {low.high:.3f}, specificity {high.low:.3f} to"
                f" {high.high:.3f}; between sites (log odds): SD {self.sensitivity_spread:.3f} and"
                f" {self.specificity_spread:.3f}"
                + ("" if self.hsroc is None else f", correlation {self.correlation:.3f}")
            )
        return "\n".join([*lines, *self.notes])


def summarise_sites(
    counts: SiteCounts, *, likelihood: str = "binomial", model: str = "auto", confidence: float = 0.95
) -> SiteSummary:
    """Summarise the sensitivity and specificity of several sites or studies.

    Sensitivity and specificity are random effects of the site on the log odds, and may be correlated (Reitsma et al.
    2005; with binomial counts, Chu & Cole 2006). Intervals use t with k - 2 degrees of freedom for k sites, as the
    normal distribution, the custom elsewhere, falls short with few sites. With fewer than 5 sites nothing is said of
    sites at large: the counts are added up, and the intervals speak of these sites alone. Where the correlation cannot
    be told, both rates are summarised separately (Takwoingi et al., Stat Methods Med Res 2017). Within a site nodules
    are taken as independent.

    Args:
        counts: table of each site.
        likelihood: "binomial" (exact counts, maximum likelihood) or "normal" (logits with known variances, REML).
        model: "auto" as above, or "bivariate", "univariate", "common".
        confidence: nominal coverage.

    Raises:
        StatisticsError: an unknown option, or random effects asked for with fewer than 3 sites.

    >>> tables = SiteCounts(tuple("ABCDEF"), (40, 35, 60, 22, 51, 30), (5, 9, 6, 8, 7, 3), (12, 8, 20, 4, 9, 15),
    ...     (60, 52, 70, 45, 66, 41))
    >>> found = summarise_sites(tables)
    >>> print(found.sensitivity)
    0.862 (95 % interval 0.786 to 0.915; separate random effects, 6 sites, binomial counts, t; n = 276)
    """
    require_choice(likelihood, ("binomial", "normal"), name="likelihood")
    require_choice(model, _MODELS, name="model")
    require_confidence(confidence)
    few = len(counts.sites) < FEWEST_SITES
    if model in ("bivariate", "univariate") and len(counts.sites) < 3:
        raise StatisticsError(f"Expected at least 3 sites for random effects, got {len(counts.sites)}.")
    if model == "common" or (model == "auto" and few):
        return _described(counts, _common(counts), "common", likelihood, confidence=confidence, edge=False)
    fitted = fit_binomial_logits if likelihood == "binomial" else fit_normal_logits
    fit = fitted(counts, correlated=model != "univariate")
    edge = fit.on_the_edge
    if edge and model == "auto":
        fit, model = fitted(counts, correlated=False), "univariate"
    chosen = "bivariate" if model == "auto" else model
    return _described(counts, fit, chosen, likelihood, confidence=confidence, edge=edge)


def _common(counts: SiteCounts) -> SpreadFit:
    """Log odds of the added counts; 0.5 is added to both counts of a class in which one is 0."""
    right, total = counts.right.sum(axis=0), counts.totals.sum(axis=0)
    added = np.where((right == 0) | (right == total), 0.5, 0.0)
    right, wrong = right + added, total - right + added
    return SpreadFit(np.log(right / wrong), np.diag(1 / right + 1 / wrong), np.zeros((2, 2)), math.nan)


def _described(
    counts: SiteCounts, fit: SpreadFit, model: str, likelihood: str, *, confidence: float, edge: bool
) -> SiteSummary:
    k, random = len(counts.sites), model != "common"
    words = f"{_WORDS[model]}, {k} sites"
    if random:
        words += ", binomial counts, t" if likelihood == "binomial" else ", normal logits, REML, t"
    made = _Measures(fit, words, k if random else 0, confidence)
    diseased, healthy = (float(total) for total in counts.totals.sum(axis=0))
    se, sp = (float(x) for x in expit(fit.mean))
    sensitivity = made.of(float(fit.mean[0]), np.array([1.0, 0.0]), diseased, "logit")
    specificity = made.of(float(fit.mean[1]), np.array([0.0, 1.0]), healthy, "logit")
    both = diseased + healthy
    bivariate = model == "bivariate"
    return SiteSummary(
        sites=counts.sites,
        site_sensitivity=_of_sites(counts.true_positive, counts.diseased, confidence),
        site_specificity=_of_sites(counts.true_negative, counts.healthy, confidence),
        sensitivity=sensitivity,
        specificity=specificity,
        positive_likelihood_ratio=made.of(math.log(se / (1 - sp)), np.array([1 - se, sp]), both, "log"),
        negative_likelihood_ratio=made.of(math.log((1 - se) / sp), np.array([-se, sp - 1]), both, "log"),
        diagnostic_odds_ratio=made.of(float(fit.mean.sum()), np.array([1.0, 1.0]), both, "log"),
        next_sensitivity=_of_next(sensitivity, fit, 0, k if random else 0),
        next_specificity=_of_next(specificity, fit, 1, k if random else 0),
        sensitivity_spread=float(fit.spread[0]) if random else math.nan,
        specificity_spread=float(fit.spread[1]) if random else math.nan,
        correlation=fit.correlation if bivariate else math.nan,
        hsroc=_hsroc(fit) if bivariate and fit.spread.min() > 0 else None,
        confidence_region=_region(fit.mean, fit.covariance, k, confidence),
        prediction_region=_region(fit.mean, fit.covariance + fit.between, k, confidence)
        if random
        else np.empty((0, 2)),
        model=model,
        method=words,
        notes=_notes(k, model, edge=edge),
    )


@dataclass(frozen=True, eq=False, slots=True)
class _Measures:
    """Makes estimates from a fit over `k` random sites, or with the normal distribution where k is 0."""

    fit: SpreadFit
    words: str
    k: int
    confidence: float

    def of(self, value: float, gradient: Floats, n: float, scale: str) -> Estimate:
        """An estimate from a value on the log odds or log scale and its gradient with respect to the mean."""
        tail = (1 - self.confidence) / 2
        quantile = float(stats.t.isf(tail, self.k - 2) if self.k else stats.norm.isf(tail))
        se = math.sqrt(float(gradient @ self.fit.covariance @ gradient))
        ends = np.array([value, value - quantile * se, value + quantile * se])
        centre, low, high = (float(x) for x in (expit(ends) if scale == "logit" else np.exp(ends)))
        slope = centre * (1 - centre) if scale == "logit" else centre
        return Estimate(centre, low, high, slope * se, self.words, round(n), confidence=self.confidence)


def _of_sites(right: tuple[int, ...], totals: Floats, confidence: float) -> tuple[Estimate, ...]:
    return tuple(
        proportion_interval(one, int(total), method="wilson", confidence=confidence)
        for one, total in zip(right, totals, strict=True)
    )


def _of_next(mean: Estimate, fit: SpreadFit, axis: int, k: int) -> Estimate:
    """Prediction interval of a further site (Higgins et al. 2009), with t of k - 2 degrees of freedom; k of 0: none."""
    low = high = math.nan
    if k:
        centre = float(fit.mean[axis])
        spread = math.sqrt(float(fit.covariance[axis, axis] + fit.between[axis, axis]))
        margin = float(stats.t.isf((1 - mean.confidence) / 2, k - 2)) * spread
        low, high = float(expit(centre - margin)), float(expit(centre + margin))
    return Estimate(mean.value, low, high, math.nan, f"prediction, {mean.method}", mean.n, confidence=mean.confidence)


def _hsroc(fit: SpreadFit) -> Hsroc:
    """Harbord et al., Biostatistics 2007, section 4: the same model in other parameters."""
    a, b = (float(x) for x in fit.spread)
    root, covariance = math.sqrt(b / a), float(fit.between[0, 1])
    of_sensitivity, of_specificity = root * float(fit.mean[0]), float(fit.mean[1]) / root
    return Hsroc(
        accuracy=of_sensitivity + of_specificity,
        threshold=(of_sensitivity - of_specificity) / 2,
        shape=math.log(b / a),
        accuracy_variance=2 * (a * b + covariance),
        threshold_variance=(a * b - covariance) / 2,
    )


def _region(mean: Floats, covariance: Floats, k: int, confidence: float) -> Floats:
    """Edge of an ellipse on the log odds (Harbord et al. 2007, section 5), as specificity and sensitivity."""
    if k < 3 or np.linalg.eigvalsh(covariance).min() <= 0:
        return np.empty((0, 2))
    radius = math.sqrt(2 * float(stats.f.isf(1 - confidence, 2, k - 2)))
    angle = np.linspace(0, 2 * math.pi, 121)
    circle = radius * np.stack([np.cos(angle), np.sin(angle)])
    edge = expit(mean[:, None] + np.linalg.cholesky(covariance) @ circle)
    result: Floats = edge[::-1].T
    return result


def _notes(k: int, model: str, *, edge: bool) -> tuple[str, ...]:
    notes = ["Within a site nodules were taken as independent."]
    if model == "common":
        few = f"with {k} sites " if k < FEWEST_SITES else ""
        notes.insert(0, f"The intervals speak of these sites alone: {few}nothing is claimed of sites at large.")
    elif k < 10:
        notes.insert(0, f"With {k} sites the spread between sites is estimated poorly.")
    if edge and model == "univariate":
        notes.insert(0, "The correlation of sites could not be told, so both rates were summarised separately.")
    elif edge:
        notes.insert(0, "The spread or correlation of sites lies on its edge, where the data cannot tell it.")
    return tuple(notes)
