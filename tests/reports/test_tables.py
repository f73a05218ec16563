"""Tables hold the numbers of the result and say how they were made."""

from thyrosight.reports.tables import (
    Cell,
    Table,
    cohort_table,
    comparison_table,
    divisions_table,
    means_table,
    networks_table,
    pooled_table,
    regions_table,
)
from thyrosight.studies import MEASURES, StudyResult


def rectangular(table: Table) -> bool:
    return all(len(row) == len(table.head) for row in table.rows)


def test_means_hold_value_interval_and_spread(result: StudyResult) -> None:
    table = means_table(result)
    assert rectangular(table) and list(table.head[1:]) == list(MEASURES.values())
    assert table.rows[0][:2] == ["ResNet-18", Cell("0.800", ["0.750\N{EN DASH}0.840", "\N{PLUS-MINUS SIGN} 0.031"])]
    assert table.strong_row == 0
    assert table.notes[0] == "Intervals: mean of the divisions, bootstrap of groups."
    assert "Labels: TI-RADS; image-level split" in table.notes[1]


def test_measures_with_another_method_name_it(result: StudyResult) -> None:
    dump = result.model_dump()
    dump["networks"][0]["pooled"]["auc"]["method"] = "DeLong over groups"
    for network in dump["networks"][1:]:
        network["pooled"]["auc"]["method"] = "DeLong over groups"
    notes = pooled_table(StudyResult.model_validate(dump)).notes
    assert notes[0] == "Intervals of AUC: DeLong over groups."
    assert notes[1].startswith("Intervals of Balanced accuracy, Accuracy")


def test_comparisons_give_signed_differences_and_both_p_values(result: StudyResult) -> None:
    table = comparison_table(result)
    assert table is not None and rectangular(table)
    assert table.rows[-1] == ["EfficientNet-Lite0", "AUC", "+0.030 (-0.010 to +0.070)", "0.030", "0.020"]
    assert table.notes[0] == "Bootstrap of groups, Holm over 4 comparators."


def test_cohort_says_whether_groups_were_kept(result: StudyResult) -> None:
    kept, ignored = result, result.model_copy(update={"split_kind": "image-level, groups ignored"})
    assert "never stands on both sides" in cohort_table(kept).notes[0]
    assert cohort_table(ignored).notes == ["Groups were ignored in the divisions of this study."]
    assert cohort_table(kept).rows[0] == ["All images", "196", "393", "589"]


def test_other_tables_are_rectangular(result: StudyResult) -> None:
    assert result.explanations
    tables = [networks_table(result), divisions_table(result.main), regions_table(result.explanations)]
    assert all(rectangular(table) for table in tables)
    assert len(tables[1].rows) == 10 and len(tables[2].rows) == 7
    assert tables[1].rows[0][1].replace("\N{NO-BREAK SPACE}", " ") == "348 / 62 / 179"  # type: ignore[union-attr]
