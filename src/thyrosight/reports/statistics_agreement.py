"""Sentences of an answer on agreement: the main result, and what a Methods section says of how it was obtained."""

import math
from collections.abc import Mapping, Sequence

from thyrosight.reports.statistics_methods import level_sentence, patients_sentence, size, with_limits
from thyrosight.statistics import BlandAltman, Estimate


def agreement_title(names: Sequence[str], overall: Mapping[str, Estimate]) -> str:
    """The heading of the coefficients of all raters."""
    return f"Agreement of {_raters(names)}, {size(overall['observed agreement'], 'cases')}"


def agreement_summary(names: Sequence[str], overall: Mapping[str, Estimate]) -> str:
    """Agreement and the coefficients of all raters in a sentence."""
    observed = overall["observed agreement"]
    chance = [(name, one) for name, one in overall.items() if one is not observed]
    rest = [f"{name} {with_limits(one, level=place == 0)}" for place, (name, one) in enumerate(chance)]
    return f"{_raters(names)} agreed on {100 * observed.value:.1f} % of {size(observed, 'cases')}: {'; '.join(rest)}."


def agreement_notes(overall: Mapping[str, Estimate]) -> tuple[str, ...]:
    """Notes to read beside kappa where it and plain agreement tell different stories."""
    observed = overall["observed agreement"].value
    kappa = next((one.value for name, one in overall.items() if "kappa" in name), math.nan)
    said = ["Coefficients have no grades of their own: what counts as enough depends on the use."]
    if observed > 0.8 and kappa < 0.4:
        said.append(
            "Agreement is high and kappa is low: one category prevails, so that most agreement is expected by chance."
            " Read Gwet's coefficient and the counts beside it."
        )
    return tuple(said)


def agreement_methods(overall: Mapping[str, Estimate], *, weights: str, pairs: bool) -> str:
    """How agreement on categories was measured; `pairs` says whether each two raters have a kappa of their own."""
    clusters = next(iter(overall.values())).clusters
    parts, of_pairs = [], _cohen(clusters, weights)
    for name, one in overall.items():
        if name.startswith("Cohen"):
            parts.append(of_pairs)
        elif name.startswith("Fleiss"):
            parts.append("Fleiss' kappa [fleiss1971] with the standard error of Gwet [gwet2021]")
        elif name.startswith("Gwet"):
            words = "" if weights == "none" else f" with {weights} weights"
            parts.append(f"{name}{words} [gwet2008]")
        elif name.startswith("Krippendorff"):
            level = one.method.removeprefix("Krippendorff's alpha, ").split(",")[0]
            unit = "patient" if clusters is not None else "case"
            parts.append(f"Krippendorff's alpha ({level}) with a jackknife over each {unit} [krippendorff2018]")
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else parts[0]
    how = "terms of the variance summed within patients"
    return (
        f"Agreement was measured as the share of agreeing pairs of raters, and beyond chance by {listed}."
        f"{f' Each two raters were compared by {of_pairs}.' if pairs else ''}"
        f" {patients_sentence(clusters, how=how)} {level_sentence(next(iter(overall.values())).confidence)}"
    )


def _cohen(clusters: int | None, weights: str) -> str:
    error = "[yang2014]" if clusters is not None else "[fleiss1969]"
    source = "[cohen1960]" if weights == "none" else f"with {weights} weights [cohen1968]"
    return f"Cohen's kappa {source} with the large-sample standard error {error}"


def _raters(names: Sequence[str]) -> str:
    return f"{names[0]} and {names[1]}" if len(names) == 2 else f"{len(names)} raters"


def measurements_summary(names: Sequence[str], icc: Estimate, limits: BlandAltman | None, unit: str) -> str:
    """Bias and limits of agreement of two, or the intraclass correlation of several, in a sentence."""
    correlation = f"intraclass correlation {with_limits(icc)}"
    if limits is None:
        return f"{len(names)} measurements of {size(icc, 'cases')}: {correlation}."
    lower, upper = limits.lower_limit.value, limits.upper_limit.value
    return (
        f"{names[0]} minus {names[1]}, {size(limits.bias, 'measurements')}: mean difference"
        f" {with_limits(limits.bias)}{unit}, limits of agreement {lower:.3f} to {upper:.3f}{unit}; {correlation}."
    )


def measurements_notes(dependence: float, p: float) -> tuple[str, ...]:
    """Note against a single standard deviation where the spread grows with the size, by their rank correlation."""
    if math.isnan(p) or p >= 0.05 or dependence <= 0:
        return ()
    return (
        f"The spread of repeated measurements grows with their size (Kendall's tau {dependence:.2f}): one standard"
        " deviation does not serve all sizes, and the coefficient of variation is the better summary.",
    )


def measurements_methods(icc: Estimate, limits: BlandAltman | None, *, patients: int | None, repeats: bool) -> str:
    """How agreement of measurements was assessed."""
    form = icc.method.split(",")[0] + "," + icc.method.split(",")[1][:2]
    mixed = "mixed model" in icc.method
    way = (
        "from a mixed model with crossed random effects by restricted maximum likelihood, because measurements are"
        " missing or patients have several cases, with an interval "
        + ("of a bootstrap over patients" if patients is not None else "by Satterthwaite's approximation [thomas1978]")
        if mixed
        else "from the analysis of variance"
    )
    said = f"The intraclass correlation was {form} of Shrout and Fleiss [shrout1979], estimated {way}."
    if limits is not None:
        if "repeated" in limits.bias.method:
            true = "constant" if "constant" in limits.bias.method else "varying"
            said += (
                " Bias and 95 % limits of agreement are those of Bland and Altman for repeated measurements of a"
                f" {true} true value [bland2007], with intervals of recovered variances [zou2013]."
            )
        else:
            said += (
                " Bias and 95 % limits of agreement are those of Bland and Altman [bland1999] with exact intervals"
                " [carkeet2015]."
            )
        said += " Proportional bias was tested by regression of differences on means [bland1999]."
    said += " Concordance is Lin's coefficient [lin1989, lin2000] with an interval by Fisher's z."
    said += " The within-subject standard deviation follows Bland and Altman [bland1996]"
    said += ", within raters." if repeats else ", with the measurements of a case as repeats of one another."
    how = "variances between patients, and samples of patients"
    return f"{said} {patients_sentence(patients, how=how)} {level_sentence(icc.confidence)}"
