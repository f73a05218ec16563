"""Tables of results: every format carries the same numbers, and what must be escaped is."""

import csv
import io
import math

import pytest

from thyrosight.reports.statistics_sections import auc_differences, estimates_section, sections_of
from thyrosight.reports.statistics_tables import as_csv, as_latex, as_text, row, statistics_table
from thyrosight.statistics import (
    Estimate,
    auc,
    auc_covariance,
    categorisation,
    compare_auc,
    compare_categorisations,
    compare_readers,
    operating_point,
)

TRUTH = [0, 0, 0, 1, 1, 1, 0, 1]
SCORE = [1.0, 2.0, 4.0, 3.0, 5.0, 6.0, 2.5, 2.2]
OTHER = [1.0, 3.0, 2.0, 4.0, 2.5, 6.0, 5.0, 3.5]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_text_says_a_shared_method_once_and_hides_empty_columns() -> None:
    section = estimates_section("Area", {"a": auc(TRUTH, SCORE), "b": auc(TRUTH, OTHER)}, notes=["A note."])
    text = as_text([section])
    assert text.count("DeLong") == 1
    assert text.splitlines()[0] == "Area (95 % intervals)"
    head = text.splitlines()[1].split()
    assert head == ["value", "low", "high", "SE", "n"]
    assert "A note." in text
    assert f"{auc(TRUTH, SCORE).value:.3f}" in text


def test_csv_keeps_full_precision_and_leaves_empty_what_does_not_apply() -> None:
    area = auc(TRUTH, SCORE)
    (row,) = _rows(as_csv([estimates_section("Area", {"a": area})]))
    assert float(row["value"]) == area.value
    assert float(row["low"]) == area.low
    assert row["p"] == "" and row["clusters"] == ""


def test_undefined_values_are_empty_everywhere_and_never_nan() -> None:
    nothing = Estimate(math.nan, math.nan, math.nan, math.nan, "Wilson", 0)
    section = estimates_section("Rate", {"specificity": nothing})
    for text in (as_text([section]), as_csv([section]), as_latex([section])):
        assert "nan" not in text
    assert nothing.to_dict()["value"] is None


def test_small_p_values_are_bounded_not_zero() -> None:
    section = statistics_table("Test", (row("trend", statistic=69.0, df=1.0, p=1e-9),))
    assert "< 0.001" in as_text([section])
    assert "$<$ 0.001" in as_latex([section])
    assert float(_rows(as_csv([section]))[0]["p"]) == 1e-9


def test_latex_escapes_names_and_is_balanced() -> None:
    section = statistics_table("Rate & more", (row("score_1 100 %", value=-0.25),), notes=("50 % of #1",))
    text = as_latex([section])
    assert r"score\_1 100 \%" in text
    assert r"Rate \& more." in text
    assert "-0.250" in text
    assert text.count(r"\begin{") == text.count(r"\end{") == 2
    assert text.count("{") == text.count("}")


def test_names_in_square_brackets_are_not_taken_for_markup() -> None:
    assert "[bold]" in as_text([statistics_table("[red]", (row("[bold]", value=1.0),))])


def test_difference_rows_carry_the_test() -> None:
    pair = compare_auc(TRUTH, SCORE, OTHER)
    (row,) = _rows(as_csv([auc_differences({("s", "o"): pair})]))
    assert row["quantity"] == "s - o"
    assert float(row["p"]) == pair.p and float(row["statistic"]) == pair.statistic
    assert [r["quantity"] for r in _rows(as_csv(sections_of(pair)))] == ["AUC of a", "AUC of b", "a - b"]


def test_categories_give_counts_rates_and_tests() -> None:
    malignant, category = [0, 0, 1, 0, 1, 1, 1, 0], [2, 2, 3, 3, 4, 4, 4, 4]
    result = categorisation(malignant, category)
    rows = {row["quantity"]: row for row in _rows(as_csv(sections_of(result)))}
    assert float(rows["4 (3 of 4 malignant)"]["value"]) == 0.75
    assert float(rows["AIC, category number"]["value"]) == result.aic
    both = compare_categorisations(malignant, category, [2, 3, 3, 2, 4, 4, 3, 3], replicates=50)
    names = [row["section"] for row in _rows(as_csv(sections_of(both)))]
    assert any(name.startswith("System a:") for name in names) and any(name.startswith("System b:") for name in names)


def test_other_results_have_tables() -> None:
    point = operating_point(TRUTH, SCORE, replicates=50)
    rows = _rows(as_csv(sections_of(point)))
    assert float(rows[0]["value"]) == point.threshold
    covariance = auc_covariance(TRUTH, [SCORE, OTHER])
    values = [float(row["value"]) for row in _rows(as_csv(sections_of(covariance)))]
    assert values == [covariance.covariance[0, 0], covariance.covariance[0, 1], covariance.covariance[1, 1]]
    with pytest.raises(TypeError, match="no table for int"):
        sections_of(3)


def test_reader_study_has_a_row_per_test_reader_and_difference() -> None:
    rows = [(t, r, c) for t in "AB" for r in (1, 2, 3) for c in range(6)]
    rating = [
        3,
        1,
        2,
        5,
        4,
        2,
        2,
        1,
        3,
        5,
        5,
        3,
        1,
        2,
        2,
        4,
        5,
        4,
        3,
        3,
        1,
        5,
        2,
        2,
        4,
        1,
        2,
        3,
        5,
        2,
        3,
        2,
        1,
        4,
        3,
        3,
    ]
    data = {
        "test": [t for t, _, _ in rows],
        "reader": [r for _, r, _ in rows],
        "case": [c for _, _, c in rows],
        "truth": [int(c > 2) for _, _, c in rows],
        "rating": rating,
    }
    result = compare_readers(data, test="test", reader="reader", case="case", truth="truth", rating="rating")
    found = {row["quantity"]: row for row in _rows(as_csv(sections_of(result)))}
    assert float(found["A"]["value"]) == result.test_estimates[0].value
    assert float(found["B, reader 3"]["value"]) == result.reader_estimates[1][2].value
    assert float(found["A - B"]["p"]) == result.differences[0].p
    assert float(found["A - B, reader 2"]["value"]) == pytest.approx(
        result.reader_estimates[0][1].value - result.reader_estimates[1][1].value
    )
    assert float(found["reader"]["value"]) == result.components.reader
    titles = {row["section"] for row in _rows(as_csv(sections_of(result)))}
    assert {title for title in titles if not title.endswith("(95 % intervals)")} == {"Variance components"}
