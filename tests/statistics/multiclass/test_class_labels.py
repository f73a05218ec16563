"""Classes as codes."""

from thyrosight.statistics.multiclass.class_labels import class_codes, class_of_highest


def test_numbers_sort_as_numbers_and_whole_ones_are_alike() -> None:
    codes, names = class_codes([10.0, 2.0, 10.0], None, name="truth")
    assert names == ("2", "10") and codes.tolist() == [1, 0, 1]
    assert class_codes([10, 2], [2.0, 10.0, 5], name="truth")[0].tolist() == [1, 0]


def test_the_first_of_equal_scores_is_called() -> None:
    assert class_of_highest([[0.3, 0.4, 0.4]], ["x", "y", "z"]) == ["y"]
