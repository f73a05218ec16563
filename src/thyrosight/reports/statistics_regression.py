"""The answer on logistic regression: odds ratios one by one and together."""

from collections.abc import Mapping

from thyrosight.documents import Figure, Row, Table
from thyrosight.documents.drawings import ForestLine
from thyrosight.reports.statistics_figures import forest_figure, forest_line
from thyrosight.reports.statistics_methods import level_sentence, p_words, patients_sentence, with_limits
from thyrosight.reports.statistics_tables import row, statistics_table
from thyrosight.statistics import LogisticRegression, OddsRatio


def odds_ratio_name(ratio: OddsRatio) -> str:
    """The predictor, and of a category its level and reference."""
    return ratio.predictor if ratio.level is None else f"{ratio.predictor}: {ratio.level} against {ratio.reference}"


def regression_tables(
    alone: Mapping[str, LogisticRegression], together: LogisticRegression | None
) -> tuple[Table, ...]:
    """Odds ratios of each predictor alone, and of all together."""
    rows = [_row(ratio) for fit in alone.values() for ratio in fit.odds_ratios]
    level = _level(next(iter(alone.values())))
    notes = {fit.note: None for fit in alone.values() if fit.note}
    tables = [statistics_table(f"Odds ratio, each predictor alone ({level})", rows, notes=[*notes])]
    if together is not None:
        tables.append(
            statistics_table(
                f"Odds ratio, all predictors together ({level})",
                [_row(ratio) for ratio in together.odds_ratios],
                notes=[*([together.note] if together.note else []), *_few(together)],
            )
        )
    return tuple(tables)


def _row(ratio: OddsRatio) -> Row:
    return row(odds_ratio_name(ratio), ratio.estimate, p=ratio.p)


def _few(fit: LogisticRegression) -> list[str]:
    """Sentences on few events and few patients."""
    rarer, count, said = min(fit.events, fit.n - fit.events), len(fit.odds_ratios), []
    if rarer < 10 * count:
        said.append(
            f"{rarer} cases of the rarer outcome for {count} coefficients: with fewer than 10 each, odds ratios tend to"
            " be too extreme."
        )
    if fit.clusters is not None and fit.clusters < 40:
        said.append(f"{fit.clusters} patients: with fewer than 40 the robust variance tends to be too small.")
    return said


def regression_figure(alone: Mapping[str, LogisticRegression], together: LogisticRegression | None) -> Figure:
    """Forest plot on a logarithmic axis; odds ratios without an interval are left out."""
    lines: list[ForestLine] = [forest_line("Each alone")]
    lines += [_line(ratio) for fit in alone.values() for ratio in fit.odds_ratios]
    if together is not None:
        lines += [forest_line("All together"), *(_line(ratio) for ratio in together.odds_ratios)]
    return forest_figure(lines, x="Odds ratio", name="regression", reference=1, ratio=True)


def _line(ratio: OddsRatio) -> ForestLine:
    return forest_line(odds_ratio_name(ratio), ratio.estimate)


def regression_summary(fit: LogisticRegression) -> str:
    """The odds ratios of the last model in a sentence."""
    said = [f"{odds_ratio_name(one)} {with_limits(one.estimate)}, {p_words(one.p)}" for one in fit.odds_ratios]
    cases = f"{fit.n} cases" if fit.clusters is None else f"{fit.n} cases of {fit.clusters} patients"
    return f"Odds ratios, {fit.events} events in {cases}: {'; '.join(said)}."


def regression_methods(fit: LogisticRegression) -> str:
    """How odds ratios were estimated."""
    if "GEE" in fit.method:
        kind = "exchangeable" if "exchangeable" in fit.method else "independence"
        way = f"fitted by generalised estimating equations with {kind} working correlation, robust variance [liang1986]"
    elif "Firth" in fit.method:
        way = (
            "fitted with Firth's penalty [firth1993], profile likelihood intervals and penalised likelihood-ratio tests"
            " [heinze2002]"
        )
    else:
        way = "fitted by maximum likelihood with Wald intervals and tests [hosmer2013]"
    return (
        f"Odds ratios come from logistic regression {way}; categories were compared with the reference named"
        f" beside them. {patients_sentence(fit.clusters, how='robust variance')}"
        f" {level_sentence(fit.odds_ratios[0].estimate.confidence)}"
    )


def _level(fit: LogisticRegression) -> str:
    return f"{100 * fit.odds_ratios[0].estimate.confidence:g} % intervals"
