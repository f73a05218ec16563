"""Several classes in tables and sentences."""

from thyrosight.reports.multiclass_sections import (
    area_sections,
    multiclass_methods,
    multiclass_summary,
    table_sections,
)
from thyrosight.statistics import multiclass_auc, multiclass_table

TRUTH, CALLED = list("aabbcc") * 3, list("aabbcb") * 3
SCORES = [[0.8, 0.1, 0.1], [0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.1, 0.7, 0.2], [0.2, 0.2, 0.6], [0.1, 0.5, 0.4]] * 3


def test_rows_of_the_matrix_are_true_classes() -> None:
    matrix = table_sections(multiclass_table(TRUTH, CALLED, replicates=50))[0]
    assert [tuple(row.values()) for row in matrix.rows] == [("a", 6, 0, 0), ("b", 0, 6, 0), ("c", 0, 3, 3)]
    assert [column.title for column in matrix.columns][1:] == ["called a", "called b", "called c"]


def test_every_average_class_and_pair_has_its_row() -> None:
    means, pairs = area_sections(multiclass_auc(TRUTH, SCORES, replicates=50))
    assert [row["quantity"] for row in means.rows][3:] == [f"{name} (6) against the rest" for name in "abc"]
    assert [row["quantity"] for row in pairs.rows] == ["a and b", "a and c", "b and c"]


def test_sentences_follow_what_there_is() -> None:
    areas, table = multiclass_auc(TRUTH, SCORES, replicates=50), multiclass_table(TRUTH, CALLED, replicates=50)
    assert "Hand and Till's M" in multiclass_summary(areas, None) and "Accuracy" in multiclass_summary(None, table)
    assert "[hand2001]" in multiclass_methods(areas, table)
    assert "[hand2001]" not in multiclass_methods(None, table) and "[wilson1927]" in multiclass_methods(None, table)
    patients = multiclass_table(TRUTH, CALLED, cluster=list(range(9)) * 2, replicates=50)
    assert "[liang1986]" in multiclass_methods(None, patients)
