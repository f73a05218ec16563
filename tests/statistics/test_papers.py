"""The printed numbers of the papers on micronodules and margins, recomputed from their counts, and the page on them.

The other three papers are in `test_papers_of_nodes_and_fusion`.
"""

import doctest
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from tests.statistics.papers_page import PAGE, numbers, tables_of_the_page
from thyrosight.statistics import (
    OddsRatio,
    categorisation,
    chi_square_test,
    compare_means_from_summary,
    diagnostic_table,
    fisher_exact_test,
    logistic_regression,
)


def test_every_example_of_the_page_gives_what_the_page_shows() -> None:
    # Closing fences of code blocks would pass for expected output.
    text = "\n".join("" if line.startswith("```") else line for line in PAGE.read_text(encoding="utf-8").splitlines())
    examples = doctest.DocTestParser().get_doctest(text, {}, PAGE.name, str(PAGE), 0)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(examples).failed == 0
    assert len(examples.examples) > 20


def test_every_table_of_the_page_is_recomputed() -> None:
    assert list(tables_of_the_page()) == [
        "row, printed",  # test_rows_of_the_page_on_table_1_of_the_micronodules
        "margin, pixels, printed accuracy, sensitivity, specificity, %",  # test_rows_of_the_page_on_margins
        "feature, carcinomas: right and wrong, per row",  # test_rows_of_the_page_on_table_2_of_the_margins
        "variable, wrong/right",  # test_rows_of_the_page_on_table_3_of_the_margins
        "reader, sensitivity, specificity",  # the other file from here on
        "rows, images",
    ]


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


KSTHR = [[4, 3], [37, 9], [282, 35]]
CNN = [[1, 2], [2, 3], [36, 13], [284, 29]]


def p_of_category(counts: Sequence[Sequence[int]]) -> float:
    """P of the category number in a logistic regression."""
    number = np.repeat(np.arange(len(counts)), [sum(pair) for pair in counts])
    malignant = np.concatenate([np.repeat([1, 0], pair) for pair in counts])
    return logistic_regression(malignant, {"category": number}).odds_ratios[0].p


def test_rows_of_the_page_on_table_1_of_the_micronodules() -> None:
    student = compare_means_from_summary((46.0, 12.0, 317), (45.9, 13.0, 47), method="student").test.p
    welch, other = (
        compare_means_from_summary((5.3, 1.5, 323), (5.8, 2.2, 47), method=method).test.p
        for method in ("welch", "student")
    )
    found = {
        "age": student, "sex": chi_square_test([[251, 66], [40, 7]]).p, "nodule size": welch,
        "KSThR TIRADS": p_of_category(KSTHR), "CNN TIRADS": p_of_category(CNN),
    }  # fmt: skip
    rows = tables_of_the_page()["row, printed"]
    assert [row[0] for row in rows] == list(found)
    for name, _, recomputed, _ in rows:
        text = recomputed.strip("*")
        digits = len(text.split(".")[1])
        assert found[name] < 0.001 if text == "< 0.001" else f"{found[name]:.{digits}f}" == text
    assert f"{other:.3f}" == "0.047"


def test_the_printed_p_of_the_readers_categories_contradicts_the_papers_own_trend() -> None:
    # Rho et al., Table 1: 0.10. Table 3: a linear trend of 7.0, which is 0.008.
    assert f"{stats.chi2.sf(7.0, 1):.3f} {p_of_category(KSTHR):.3f}" == "0.008 0.008"
    levels = np.repeat(["3", "4", "5"], [sum(pair) for pair in KSTHR])
    malignant = np.concatenate([np.repeat([1, 0], pair) for pair in KSTHR])
    classes = sm.Logit(malignant, sm.add_constant(np.stack([levels == "4", levels == "5"], axis=1).astype(float))).fit(
        disp=0
    )
    assert f"{float(classes.wald_test(np.eye(3)[1:], scalar=True).pvalue):.3f}" == "0.027"
    assert f"{chi_square_test(KSTHR).p:.3f} {fisher_exact_test(KSTHR).p:.3f}" == "0.014 0.021"
    assert f"{100 * 9 / 47:.1f}" == "19.1"


# Guan et al., Table 2: right and wrong, in carcinomas and in benign nodules. The benign row without calcification is
# misprinted as 166 and 24.
Counts = Mapping[str, tuple[tuple[int, int], tuple[int, int]]]
GUAN: Mapping[str, Counts] = {
    "composition": {"solid": ((194, 14), (108, 20)), "cystic": ((0, 0), (1, 0)), "spongiform": ((1, 0), (57, 4))},
    "echogenicity": {
        "hyperechoic": ((0, 0), (3, 0)), "isoechoic": ((12, 3), (86, 11)), "hypoechoic": ((182, 11), (69, 12)),
        "markedly hypoechoic": ((1, 0), (8, 1)),
    },
    "calcification": {
        "micro": ((89, 3), (1, 0)), "macro": ((10, 1), (2, 0)), "comet-tail": ((6, 0), (2, 1)),
        "none": ((90, 10), (161, 23)),
    },
    "margin": {
        "smooth": ((13, 4), (111, 13)), "irregular": ((24, 0), (1, 0)), "lobulated": ((6, 0), (7, 2)),
        "ill-defined": ((104, 5), (46, 8)), "halo": ((3, 1), (1, 1)), "ETE": ((45, 4), (0, 0)),
    },
    "shape": {"wider": ((102, 12), (165, 23)), "taller": ((93, 2), (1, 1))},
}  # fmt: skip
PRINTED_P = {
    "composition": (0.788, 0.200), "echogenicity": (0.099, 0.814), "calcification": (0.260, 0.659),
    "margin": (0.024, 0.383), "shape": (0.015, 0.110),
}  # fmt: skip


def observed(feature: str, of_class: int) -> list[tuple[int, int]]:
    return [pair[of_class] for pair in GUAN[feature].values() if sum(pair[of_class])]


def test_counts_of_the_margin_paper_add_up_with_the_row_corrected() -> None:
    for feature in GUAN:
        for of_class, total in enumerate([(195, 14), (166, 24)]):
            assert tuple(np.sum(observed(feature, of_class), axis=0)) == total, feature


@pytest.mark.parametrize("of_class", [0, 1])
@pytest.mark.parametrize("feature", list(GUAN))
def test_margin_paper_p_values_are_pearsons(feature: str, of_class: int) -> None:
    counts, printed = observed(feature, of_class), PRINTED_P[feature][of_class]
    assert round(chi_square_test(counts).p, 3) == printed
    assert round(fisher_exact_test(counts).p, 3) != printed


def test_rows_of_the_page_on_table_2_of_the_margins() -> None:
    rows = tables_of_the_page()["feature, carcinomas: right and wrong, per row"]
    assert [row[0] for row in rows] == list(GUAN)
    for feature, *cells in rows:
        for of_class, (counts, p) in enumerate([(cells[0], cells[1]), (cells[2], cells[3])]):
            pairs = [tuple(map(int, pair.strip(" *").split("/"))) for pair in counts.split(",")]
            assert sorted(pairs) == sorted(observed(feature, of_class))
            assert float(p) == PRINTED_P[feature][of_class]


def test_margin_paper_misprints_the_row_without_calcification() -> None:
    printed = [(1, 0), (2, 0), (2, 1), (166, 24)]
    assert [sum(column) for column in zip(*printed, strict=True)] == [171, 25]  # the table's total is 166 and 24
    assert 166 + 24 != 184 == 161 + 23
    assert round(chi_square_test(printed).p, 3) == 0.663


def test_rows_of_the_page_on_margins() -> None:
    # Guan et al., Table 1: accuracy, sensitivity and specificity are those of the 209 and 190 test images.
    rows = tables_of_the_page()["margin, pixels, printed accuracy, sensitivity, specificity, %"]
    assert [row[0] for row in rows] == ["0", "25", "50", "75", "100"]
    for _, printed, found, spared in rows:
        right, well = int(found), int(spared)
        shares = ((right + well) / 399, right / 209, well / 190)
        assert numbers(printed) == [round(100 * share, 1) for share in shares]


# Guan et al., Table 3: the levels of Table 2 behind each univariate odds ratio, and those held against.
ODDS = {
    "solid, or cystic": ("composition", ["solid", "cystic"], ["spongiform"]),
    "hypoechoic, markedly or not": (
        "echogenicity",
        ["hypoechoic", "markedly hypoechoic"],
        ["hyperechoic", "isoechoic"],
    ),
    "microcalcification": ("calcification", ["micro"], ["none"]),
    "macrocalcification, or comet-tail": ("calcification", ["macro", "comet-tail"], ["none"]),
    "extrathyroidal extension": ("margin", ["ETE"], ["smooth"]),
    "ill-defined, or halo": ("margin", ["ill-defined", "halo"], ["smooth"]),
    "irregular": ("margin", ["irregular"], ["smooth"]),
    "lobulated": ("margin", ["lobulated"], ["smooth"]),
    "taller": ("shape", ["taller"], ["wider"]),
}


def wrong_and_right(feature: str, levels: Sequence[str]) -> tuple[int, int]:
    right, wrong = np.sum([pair for level in levels for pair in GUAN[feature][level]], axis=0)
    return int(wrong), int(right)


def odds_ratio(exposed: tuple[int, int], others: tuple[int, int]) -> OddsRatio:
    missed = np.repeat([1, 0, 1, 0], [*exposed, *others])
    feature = np.repeat([1, 0], [sum(exposed), sum(others)])
    return logistic_regression(missed, {"feature": feature}).odds_ratios[0]


def test_rows_of_the_page_on_table_3_of_the_margins() -> None:
    rows = tables_of_the_page()["variable, wrong/right"]
    assert [row[0] for row in rows] == list(ODDS)
    for variable, counts, _, reference, printed in rows:
        feature, levels, against = ODDS[variable]
        exposed, others = wrong_and_right(feature, levels), wrong_and_right(feature, against)
        assert f"{exposed[0]}/{exposed[1]} {others[0]}/{others[1]}" == f"{counts} {reference}", variable
        ratio = odds_ratio(exposed, others)
        if variable == "irregular":
            assert (printed, ratio.estimate.value) == ("0, separated", 0)
            continue
        found = (ratio.estimate.value, ratio.estimate.low, ratio.estimate.high, ratio.p)
        assert numbers(printed) == [round(figure, 3) for figure in found], variable


def test_without_merging_the_margin_paper_gives_other_odds_ratios() -> None:
    found = [
        odds_ratio(wrong_and_right("composition", ["solid"]), wrong_and_right("composition", ["cystic", "spongiform"])),
        odds_ratio(wrong_and_right("calcification", ["macro"]), wrong_and_right("calcification", ["none"])),
        odds_ratio(wrong_and_right("margin", ["ill-defined"]), wrong_and_right("margin", ["smooth"])),
        odds_ratio((3, 90), (34, 256)),  # microcalcification, by the misprinted row
    ]
    assert [round(ratio.estimate.value, 3) for ratio in found] == [1.661, 0.634, 0.632, 0.251]
