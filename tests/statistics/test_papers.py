"""The printed numbers of five papers, recomputed from their printed counts."""

import doctest
from pathlib import Path

import numpy as np
import pytest

from thyrosight.statistics import (
    categorisation,
    chi_square_test,
    diagnostic_table,
    fisher_exact_test,
    logistic_regression,
)

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "papers-arithmetic.md"


def test_every_example_of_the_page_gives_what_the_page_shows() -> None:
    # Closing fences of code blocks would pass for expected output.
    text = "\n".join("" if line.startswith("```") else line for line in PAGE.read_text(encoding="utf-8").splitlines())
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(examples).failed == 0
    assert len(examples.examples) > 20


# Rho et al., Tables 1 and 3: malignant and benign nodules per category, rates and standard errors in percent, then
# linear trend, likelihood ratio and AIC.
RHO = [
    ([2, 3, 4, 5], [1, 2, 36, 284], [2, 3, 13, 29], [(33.3, 27.2), (40, 21.9), (73.5, 6.3), (90.7, 1.6)],
     (20.3, 20.9, 264.8)),
    ([3, 4, 5], [4, 37, 282], [3, 9, 35], [(57.1, 18.7), (80.4, 5.8), (89, 1.8)], (7.0, 6.3, 279.4)),
]  # fmt: skip


@pytest.mark.parametrize(("categories", "malignant", "benign", "rates", "figures"), RHO)
def test_micronodule_categories(
    categories: list[int],
    malignant: list[int],
    benign: list[int],
    rates: list[tuple[float, float]],
    figures: tuple[float, float, float],
) -> None:
    truth = np.repeat([1, 0], [sum(malignant), sum(benign)])
    result = categorisation(truth, np.concatenate([np.repeat(categories, malignant), np.repeat(categories, benign)]))
    for estimate, (rate, se) in zip(result.malignancy_rate, rates, strict=True):
        assert (100 * estimate.value, 100 * estimate.se) == pytest.approx((rate, se), abs=0.05)
    found = (result.linear_trend.statistic, result.likelihood_ratio.statistic, result.aic)
    assert tuple(round(figure, 1) for figure in found) == figures


@pytest.mark.parametrize(
    ("counts", "printed"),
    [
        (
            (290, 18, 29, 33),
            [(89.8, 86.5, 93.1), (38.3, 24.4, 52.2), (83.2, 79.4, 87.0), (90.9, 87.8, 94.1), (35.3, 22.2, 48.4)],
        ),
        (
            (282, 12, 35, 41),
            [(87.3, 83.7, 90.9), (25.5, 13.1, 38), (79.5, 75.3, 83.6), (89.0, 85.5, 92.4), (22.6, 11.4, 33.9)],
        ),
    ],
)
def test_micronodule_intervals(counts: tuple[int, ...], printed: list[tuple[float, float, float]]) -> None:
    # Rho et al., Table 2: true positive, true negative, false positive, false negative.
    table = diagnostic_table(np.repeat([1, 0, 0, 1], counts), np.repeat([1, 0, 1, 0], counts), interval="wald")
    for name, expected in zip(("sensitivity", "specificity", "accuracy", "ppv", "npv"), printed, strict=True):
        estimate = getattr(table, name)
        found = (100 * estimate.value, 100 * estimate.low, 100 * estimate.high)
        assert found == pytest.approx(expected, abs=0.055), name


# Guan et al., Table 2: right and wrong per row, the printed P, and the feature.
GUAN = [
    ([(194, 14), (1, 0)], 0.788, "composition, carcinoma"),
    ([(108, 20), (1, 0), (57, 4)], 0.200, "composition, benign"),
    ([(12, 3), (182, 11), (1, 0)], 0.099, "echogenicity, carcinoma"),
    ([(3, 0), (86, 11), (69, 12), (8, 1)], 0.814, "echogenicity, benign"),
    ([(89, 3), (10, 1), (6, 0), (90, 10)], 0.260, "calcification, carcinoma"),
    ([(1, 0), (2, 0), (2, 1), (161, 23)], 0.659, "calcification, benign, last row corrected"),
    ([(13, 4), (24, 0), (6, 0), (104, 5), (3, 1), (45, 4)], 0.024, "margin, carcinoma"),
    ([(111, 13), (1, 0), (7, 2), (46, 8), (1, 1)], 0.383, "margin, benign"),
    ([(102, 12), (93, 2)], 0.015, "shape, carcinoma"),
    ([(165, 23), (1, 1)], 0.110, "shape, benign"),
]


@pytest.mark.parametrize(("counts", "printed", "feature"), GUAN, ids=[feature for *_, feature in GUAN])
def test_margin_paper_p_values_are_pearsons(counts: list[tuple[int, int]], printed: float, feature: str) -> None:
    assert round(chi_square_test(counts).p, 3) == printed
    assert round(fisher_exact_test(counts).p, 3) != printed


def test_margin_paper_misprints_the_row_without_calcification() -> None:
    printed = [(1, 0), (2, 0), (2, 1), (166, 24)]
    assert [sum(column) for column in zip(*printed, strict=True)] == [171, 25]  # the table's total is 166 and 24
    assert 166 + 24 != 184 == 161 + 23
    assert round(chi_square_test(printed).p, 3) == 0.663


# Guan et al., Table 3, univariate: wrong and right with the feature, wrong and right without, and the printed figures.
ODDS = [
    ((34, 303), (4, 58), (1.627, 0.556, 4.760, 0.374)),
    ((24, 260), (14, 101), (0.666, 0.331, 1.338, 0.254)),
    ((3, 90), (33, 251), (0.254, 0.076, 0.847, 0.026)),
    ((2, 20), (33, 251), (0.761, 0.170, 3.403, 0.720)),
    ((4, 45), (17, 124), (0.648, 0.207, 2.030, 0.457)),
    ((15, 154), (17, 124), (0.710, 0.341, 1.479, 0.361)),
    ((2, 13), (17, 124), (1.122, 0.233, 5.408, 0.886)),
    ((3, 94), (35, 267), (0.243, 0.073, 0.810, 0.021)),
]


@pytest.mark.parametrize(("exposed", "others", "printed"), ODDS)
def test_margin_paper_odds_ratios(
    exposed: tuple[int, int], others: tuple[int, int], printed: tuple[float, float, float, float]
) -> None:
    missed = np.repeat([1, 0, 1, 0], [*exposed, *others])
    feature = np.repeat([1, 0], [sum(exposed), sum(others)])
    (ratio,) = logistic_regression(missed, {"feature": feature}).odds_ratios
    found = (ratio.estimate.value, ratio.estimate.low, ratio.estimate.high, ratio.p)
    assert tuple(round(figure, 3) for figure in found) == printed


@pytest.mark.parametrize(
    ("sensitivity", "specificity", "positive", "negative"),
    [(57.25, 87.08, 4.43, 0.49), (84.78, 80.23, 4.29, 0.19), (95.14, 34.30, 1.45, 0.14)],
)
def test_lymph_node_paper_likelihood_ratios(
    sensitivity: float, specificity: float, positive: float, negative: float
) -> None:
    # Counts per 10,000 of each class stand for the printed percentages.
    tp, tn = round(100 * sensitivity), round(100 * specificity)
    counts = [tp, 10_000 - tp, 10_000 - tn, tn]
    table = diagnostic_table(np.repeat([1, 1, 0, 0], counts), np.repeat([1, 0, 1, 0], counts))
    assert round(table.positive_likelihood_ratio.value, 2) == positive
    assert round(table.negative_likelihood_ratio.value, 2) == negative


def test_lymph_node_paper_percentages_are_not_of_240_and_307() -> None:
    assert 57.25 not in {round(100 * count / 240, 2) for count in range(241)}
    assert 87.08 not in {round(100 * count / 307, 2) for count in range(308)}
    assert (round(100 * 158 / 276, 2), round(100 * 236 / 271, 2), 276 + 271) == (57.25, 87.08, 240 + 307)


def test_fusion_paper_figures_are_not_of_248_images() -> None:
    assert 72.99 not in {round(100 * count / 248, 2) for count in range(249)}
    # Last row of Table VI: the only counts of 132 images behind its sensitivity and specificity.
    assert (round(100 * 69 / 74, 2), round(100 * 54 / 58, 2), round(100 * (69 + 54) / 132, 2)) == (93.24, 93.10, 93.18)
