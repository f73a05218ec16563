"""Printed results of reader studies."""

from thyrosight.statistics import Estimate, ReaderComparison, VarianceComponents


def test_notes_are_printed_below_the_numbers() -> None:
    estimate = Estimate(0.8, 0.7, 0.9, 0.05, "DeLong", 20)
    result = ReaderComparison(
        metric="auc", method="by hand", design="factorial", tests=("A",), readers=(1, 2), cases=20,
        test_estimates=(estimate,), reader_estimates=((estimate, estimate),), global_test=None, differences=(),
        reader_differences=(), components=VarianceComponents(-0.1, 0, 0, 0, 0, 0), notes=("2 left out.",),
        component_notes=("The variance is below 0.",),
    )  # fmt: skip
    assert str(result).splitlines() == [
        "auc of 2 readers with 1 test on 20 cases, factorial",
        "(by hand)",
        "  A: 0.800 (95 % interval 0.700 to 0.900)",
        "  note: 2 left out.",
        "  note: The variance is below 0.",
    ]
    assert result.to_dict()["component_notes"] == ["The variance is below 0."]
