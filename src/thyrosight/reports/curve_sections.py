"""Tables and sentences for parts of ROC curves."""

from collections.abc import Mapping, Sequence

from thyrosight.documents import Table
from thyrosight.reports.statistics_methods import p_words, with_limits, within
from thyrosight.reports.statistics_sections import estimates_section
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import CurveComparison, Estimate

_FITS = "The threshold of each rate was found on these data; the intervals allow for that."


def parts_section(parts: Mapping[str, Mapping[str, Estimate]]) -> Table:
    """Return the parts of the curves of named scores."""
    several = len(parts) > 1
    rows = {
        (f"{score}: {name}" if several else name): estimate
        for score, found in parts.items()
        for name, estimate in found.items()
    }
    rates = any(" at " in name for name in rows)
    return estimates_section("Parts of the ROC curve", rows, notes=(_FITS,) if rates else ())


def part_differences(pairs: Mapping[tuple[str, str], Sequence[CurveComparison]]) -> Table:
    """Return the differences of named pairs of scores at parts of their curves."""
    rows = [
        row(f"{one.quantity}, {a} - {b}", one, value=one.difference)
        for (a, b), compared in pairs.items()
        for one in compared
    ]
    level = 100 * next(iter(pairs.values()))[0].confidence
    notes = ("P values of the rows are not corrected for each other: name the main one before the analysis.",)
    return statistics_table(f"Differences at parts of the ROC curve ({level:g} % intervals)", rows, notes=notes)


def parts_summary(parts: Mapping[str, Mapping[str, Estimate]]) -> str:
    """The parts of the curves in sentences."""
    said = [
        f"{name[:1].upper()}{name[1:]}: "
        + "; ".join(f"{score} {with_limits(found[name])}" for score, found in parts.items())
        + "."
        for name in next(iter(parts.values()))
        if not name.startswith("standardised")
    ]
    return "".join(f" {sentence}" for sentence in said)


def part_differences_summary(pairs: Mapping[tuple[str, str], Sequence[CurveComparison]]) -> str:
    """The differences at parts of the curves in a sentence."""
    said = [
        f"{one.quantity} of {a} {one.a.value:.3f}, of {b} {one.b.value:.3f}, difference"
        f" {within(one.difference, one.low, one.high)}, {p_words(one.p)}"
        for (a, b), compared in pairs.items()
        for one in compared
        if not one.quantity.startswith("standardised")
    ]
    return "".join(f" {sentence[:1].upper()}{sentence[1:]}." for sentence in said)


def parts_methods(parts: Mapping[str, Mapping[str, Estimate]], *, replicates: int, compared: bool) -> str:
    """How parts of curves, and their differences, were obtained."""
    found = next(iter(parts.values()))
    clustered = next(iter(found.values())).clusters is not None
    unit = "patients" if clustered else "nodules"
    said = []
    if any("partial AUC" in name for name in found):
        said.append("Partial areas were also standardised to 0.5 for chance and 1 for perfection [mcclish1989].")
    if any(" at " in name for name in found):
        said.append("Rates at a fixed rate were read off the empirical curve, linear between its points [robin2011].")
    said.append(f"Their intervals are percentiles of {replicates} bootstrap samples of {unit} [efron1993].")
    if compared:
        said.append(
            "Differences were tested by their standard deviation over samples in which both scores were read"
            f" [robin2011], {unit} with and without a malignant nodule drawn apart."
            if clustered
            else "Differences were tested by their standard deviation over samples in which both scores were read"
            " [robin2011], malignant and benign nodules drawn apart."
        )
    return "".join(f" {sentence}" for sentence in said)
