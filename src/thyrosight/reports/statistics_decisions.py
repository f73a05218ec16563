"""The answers on decisions by risk: net benefit, biopsies avoided, and reclassification by a new model."""

from collections.abc import Mapping, Sequence

from thyrosight.documents import Column, Figure, Table
from thyrosight.documents.drawings import Curve, ForestLine, LinePanel, Lines
from thyrosight.reports.statistics_figures import forest_figure, forest_line
from thyrosight.reports.statistics_methods import level_sentence, patients_sentence, size, with_limits
from thyrosight.reports.statistics_sections import estimates_section
from thyrosight.statistics import (
    BiopsiesAvoided,
    DecisionCurve,
    Estimate,
    NetBenefitDifference,
    NetReclassification,
    Reclassification,
    ReclassificationTable,
)

_OPTIMISTIC = "The threshold was chosen on these very data, so the shares are somewhat optimistic."


def decision_tables(
    curves: Mapping[str, DecisionCurve],
    differences: Sequence[NetBenefitDifference],
    avoided: Mapping[str, BiopsiesAvoided],
) -> tuple[Table, ...]:
    """Net benefit at each threshold, differences of two scores, and biopsies avoided."""
    first = next(iter(curves.values()))
    benefit: dict[str, Estimate] = {}
    for place, point in enumerate(first.points):
        benefit |= {f"{point.threshold:g}, {name}": curve.points[place].model for name, curve in curves.items()}
        benefit[f"{point.threshold:g}, act on all"] = point.treat_all
    note = (
        "Net benefit is in true positives per case; acting on nobody has 0. It holds for the prevalence of this table."
    )
    tables = [estimates_section("Net benefit by threshold", benefit, notes=[note])]
    if differences:
        names = " - ".join(curves)
        rows = {f"{item.threshold:g}, {names}": item.difference for item in differences}
        tables.append(estimates_section("Difference in net benefit", rows))
    spared = {
        f"{point.threshold:g}, {name}": point.interventions_avoided
        for name, curve in curves.items()
        for point in curve.points
    }
    words = "Interventions avoided per case, net of missed positives, against acting on all"
    tables.append(estimates_section(words, spared))
    rows = {}
    for name, item in avoided.items():
        rows[f"{name} from {item.threshold:g}: all biopsies avoided"] = item.avoided
        rows[f"{name} from {item.threshold:g}: biopsies of negatives avoided"] = item.benign_avoided
        rows[f"{name} from {item.threshold:g}: positives missed"] = item.missed
    rate = next(iter(avoided.values())).miss_rate
    title = f"Biopsies avoided if at most {100 * rate:g} % of positives may be missed"
    tables.append(estimates_section(title, rows, notes=[_OPTIMISTIC]))
    return tuple(tables)


def decision_figure(curves: Mapping[str, DecisionCurve]) -> Figure:
    """Decision curves with the band of the first, and acting on all."""
    first = next(iter(curves.values()))
    x = tuple(point.threshold for point in first.points)
    drawn = [
        Curve(
            name=name,
            x=x,
            y=tuple(point.model.value for point in curve.points),
            low=tuple(point.model.low for point in curve.points) if curve is first else None,
            high=tuple(point.model.high for point in curve.points) if curve is first else None,
        )
        for name, curve in curves.items()
    ]
    drawn.append(Curve(name="act on all", x=x, y=tuple(point.treat_all.value for point in first.points)))
    top = max(first.prevalence, *(point.model.value for curve in curves.values() for point in curve.points))
    panel = LinePanel(
        curves=tuple(drawn),
        x="Threshold risk from which one acts",
        y="Net benefit",
        level=0.0,
        bottom=-0.1 * top,
        top=1.15 * top,
        note=f"{size(first.points[0].model)}; dashed: act on nobody",
    )
    caption = "Decision curves: net benefit by threshold risk; band: pointwise interval of the first."
    return Figure(name="decision", caption=caption, drawing=Lines(panels=(panel,)))


def decision_summary(curves: Mapping[str, DecisionCurve], differences: Sequence[NetBenefitDifference]) -> str:
    """Net benefit at the middle threshold in a sentence."""
    first = next(iter(curves.values()))
    place = len(first.points) // 2
    point = first.points[place]
    said = "; ".join(f"{name} {with_limits(curve.points[place].model)}" for name, curve in curves.items())
    text = (
        f"Net benefit at a threshold of {point.threshold:g}, {size(point.model)}: {said}; acting on all"
        f" {with_limits(point.treat_all)}."
    )
    if differences:
        text += f" Difference {' - '.join(curves)}: {with_limits(differences[place].difference)}."
    return text


def decision_methods(curves: Mapping[str, DecisionCurve]) -> str:
    """How decisions were assessed."""
    one = next(iter(curves.values())).points[0].model
    return (
        "Clinical usefulness was assessed by decision curves: net benefit, true positives less false positives weighted"
        " by the odds of the threshold risk, per case [vickers2006], with intervals of a mean over cases; two models"
        " were compared by the paired difference in net benefit."
        f" {patients_sentence(one.clusters, how='variance of sums over patients; patients drawn anew')}"
        f" {level_sentence(one.confidence)}"
    )


def reclassification_tables(found: Reclassification) -> tuple[Table, ...]:
    """NRI and IDI with their components, the difference in net benefit, and the reclassification table."""
    tables = []
    if found.net_benefit:
        gains = {f"{item.threshold:g}, difference in net benefit": item.difference for item in found.net_benefit}
        gains |= {f"{item.threshold:g}, weighted NRI": item.weighted_nri for item in found.net_benefit}
        tables.append(estimates_section("Net benefit, new minus old", gains))
    measures: dict[str, Estimate] = {}
    if found.categorical is not None:
        measures |= _parts("categorical NRI", found.categorical)
    measures |= _parts("continuous NRI", found.continuous)
    measures |= {"IDI": found.idi, "  IDI, events": found.idi_events, "  IDI, non-events": found.idi_nonevents}
    tables.append(estimates_section("Reclassification, new against old", measures, notes=found.notes))
    if found.table is not None:
        tables += [
            _moves(found.table, found.table.events, "events"),
            _moves(found.table, found.table.nonevents, "non-events"),
        ]
    return tuple(tables)


def _parts(name: str, nri: NetReclassification) -> dict[str, Estimate]:
    return {name: nri.total, f"  {name}, events": nri.events, f"  {name}, non-events": nri.nonevents}


def _moves(table: ReclassificationTable, counts: tuple[tuple[int, ...], ...], name: str) -> Table:
    columns = (
        Column(key="old", title="old \\ new"),
        *(Column(key=f"new_{place}", title=title, kind="count") for place, title in enumerate(table.categories)),
    )
    rows = tuple(
        {"old": title, **{f"new_{place}": count for place, count in enumerate(row)}}
        for title, row in zip(table.categories, counts, strict=True)
    )
    return Table(name=f"moves-{name}", caption=f"Categories of {name}", columns=columns, rows=rows, source="")


def reclassification_figure(found: Reclassification) -> Figure:
    """Differences and improvements with their intervals."""
    lines: list[ForestLine] = []
    if found.net_benefit:
        lines.append(forest_line("Difference in net benefit"))
        lines += [forest_line(f"threshold {item.threshold:g}", item.difference) for item in found.net_benefit]
    for name, nri in (("Categorical NRI", found.categorical), ("Continuous NRI", found.continuous)):
        if nri is not None:
            lines += [forest_line(name), forest_line("events", nri.events), forest_line("non-events", nri.nonevents)]
    lines += [
        forest_line("IDI"),
        forest_line("events", found.idi_events),
        forest_line("non-events", found.idi_nonevents),
    ]
    return forest_figure(lines, x="Improvement, new minus old", name="reclassification", reference=0)


def reclassification_summary(found: Reclassification, new: str, old: str) -> str:
    """Net benefit first, then NRI by its components, in a sentence."""
    said = [
        f"difference in net benefit at {item.threshold:g} {with_limits(item.difference)}" for item in found.net_benefit
    ]
    nri, kind = (found.continuous, "continuous") if found.categorical is None else (found.categorical, "categorical")
    said.append(f"{kind} NRI {with_limits(nri.events)} in events and {with_limits(nri.nonevents)} in non-events")
    said.append(f"IDI {with_limits(found.idi)}")
    return f"{new} against {old}, {size(found.idi)}: {'; '.join(said)}."


def reclassification_methods(found: Reclassification) -> str:
    """How a new model was held against an old one."""
    benefit = (
        " The difference in net benefit at thresholds fixed beforehand [vickers2006], and the weighted NRI that it"
        " implies [vancalster2013], were the main comparison."
        if found.net_benefit
        else ""
    )
    return (
        "Reclassification was described by the net reclassification improvement in events and non-events [pencina2008,"
        " pencina2011] and the integrated discrimination improvement [pencina2008], with percentile bootstrap intervals"
        " [efron1993]; no P values are given, because they are invalid for these measures, which can be positive for"
        f" useless markers [hilden2014, pepe2015].{benefit}"
        f" {patients_sentence(found.idi.clusters, how='patients drawn anew')} {level_sentence(found.idi.confidence)}"
    )
