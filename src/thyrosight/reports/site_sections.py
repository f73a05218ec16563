"""Tables, figures and sentences for a call over several sites or studies."""

import numpy as np

from thyrosight.documents import Figure, Table
from thyrosight.documents.drawings import Curve, ForestLine, LinePanel, Lines
from thyrosight.reports.statistics_figures import forest_figure, forest_line
from thyrosight.reports.statistics_methods import level_sentence, with_limits
from thyrosight.reports.statistics_sections import estimates_section
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import SiteSummary


def site_sections(found: SiteSummary) -> list[Table]:
    """Return the summary, what is said of a further site, the spread between sites, and each site."""
    main = {name.replace("_", " "): one for name, one in found.estimates().items()}
    tables = [estimates_section("Summary of the sites", main, notes=found.notes)]
    if found.model != "common":
        spread = [
            row("sensitivity of a further site", found.next_sensitivity),
            row("specificity of a further site", found.next_specificity),
            row("standard deviation between sites, log odds of sensitivity", value=found.sensitivity_spread),
            row("standard deviation between sites, log odds of specificity", value=found.specificity_spread),
            row("correlation between sites", value=found.correlation),
        ]
        if found.hsroc is not None:
            spread += [
                row("summary curve: accuracy (Lambda)", value=found.hsroc.accuracy),
                row("summary curve: threshold (Theta)", value=found.hsroc.threshold),
                row("summary curve: shape (beta)", value=found.hsroc.shape),
                row("summary curve: variance of accuracy", value=found.hsroc.accuracy_variance),
                row("summary curve: variance of threshold", value=found.hsroc.threshold_variance),
            ]
        known = [one for one in spread if "value" in one]
        tables.append(statistics_table(f"Spread between sites ({_level(found):g} % prediction intervals)", known))
    sites = {
        f"{site}: {name}": one
        for site, *both in zip(found.sites, found.site_sensitivity, found.site_specificity, strict=True)
        for name, one in zip(("sensitivity", "specificity"), both, strict=True)
    }
    return [*tables, estimates_section("Each site", sites)]


def site_figures(found: SiteSummary) -> tuple[Figure, ...]:
    """Return a forest plot of both rates, and the summary point with its regions."""
    lines: list[ForestLine] = []
    for name, of_sites, summary in (
        ("Sensitivity", found.site_sensitivity, found.sensitivity),
        ("Specificity", found.site_specificity, found.specificity),
    ):
        lines.append(forest_line(name))
        lines += [forest_line(site, one) for site, one in zip(found.sites, of_sites, strict=True)]
        lines.append(forest_line("summary", summary, bold=True))
    return forest_figure(lines, x="Proportion"), _plane(found)


def _plane(found: SiteSummary) -> Figure:
    point = Curve(name="summary", x=(1 - found.specificity.value,), y=(found.sensitivity.value,))
    curves = [point]
    level = f"{_level(found):g} %"
    for name, region in (
        (f"{level} confidence region of the mean", found.confidence_region),
        (f"{level} prediction region of a further site", found.prediction_region),
    ):
        if len(region):
            curves.append(Curve(name=name, x=tuple((1 - region[:, 0]).tolist()), y=tuple(region[:, 1].tolist())))
    if found.hsroc is not None:
        seen = [one.value for one in found.site_specificity]
        places = np.clip(np.linspace(min(seen), max(seen), 101), 1e-6, 1 - 1e-6)
        heights = found.hsroc.sensitivity(places)
        curves.append(Curve(name="summary curve", x=tuple((1 - places).tolist()), y=tuple(heights.tolist())))
    sites = tuple(
        (1 - specificity.value, sensitivity.value)
        for sensitivity, specificity in zip(found.site_sensitivity, found.site_specificity, strict=True)
    )
    panel = LinePanel(
        curves=tuple(curves),
        x="1 \N{MINUS SIGN} specificity",
        y="Sensitivity",
        square=True,
        points=sites,
        note=f"grey: each of {len(found.sites)} sites",
    )
    return Figure(name="plane", caption=f"Sites and their summary ({found.method})", drawing=Lines(panels=(panel,)))


def site_summary(found: SiteSummary) -> str:
    """The summary rates in a sentence, with the range of a further site."""
    said = (
        f"{len(found.sites)} sites: sensitivity {with_limits(found.sensitivity)}, specificity"
        f" {with_limits(found.specificity)}."
    )
    if found.model == "common":
        return f"{said} This speaks of these sites alone."
    low, high = found.next_sensitivity, found.next_specificity
    return (
        f"{said} A further site is expected to have a sensitivity of {low.low:.3f} to {low.high:.3f} and a specificity"
        f" of {high.low:.3f} to {high.high:.3f}."
    )


def site_methods(found: SiteSummary) -> str:
    """How the sites were summarised."""
    level = level_sentence(found.sensitivity.confidence)
    if found.model == "common":
        return f"Counts of the sites were added up, without an effect of the site. {level}"
    counts = (
        "binomial counts within sites [chu2006], by maximum likelihood"
        if "binomial" in found.method
        else "normal logits within sites, by restricted maximum likelihood"
    )
    model = (
        "a bivariate model with correlated random effects of the site on the log odds [reitsma2005]"
        if found.model == "bivariate"
        else "separate random effects of the site on the log odds, as their correlation could not be told"
        " [takwoingi2017]"
    )
    curve = " The summary ROC curve follows from the same model [harbord2007]." if found.hsroc is not None else ""
    return (
        f"Sensitivity and specificity of the sites were summarised by {model}, with {counts}; limits use t with"
        f" {len(found.sites) - 2} degrees of freedom.{curve} {level}"
    )


def _level(found: SiteSummary) -> float:
    return 100 * found.sensitivity.confidence
