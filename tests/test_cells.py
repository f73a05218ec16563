"""Numbers as people write them: what is understood, and what is refused because it may mean two things."""

import pytest

from thyrosight.cells import column_numbers, number_of
from thyrosight.errors import StatisticsError


def _numbers(*cells: str, decimal_comma: bool = False) -> tuple[list[float], tuple[str, ...]]:
    return column_numbers(
        cells, decimal_comma=decimal_comma, name="x", where=lambda at: f"row {at + 2}", error=StatisticsError
    )


@pytest.mark.parametrize(
    ("cells", "values"),
    [
        (("0.1", "1e-3", "-2", "+.5", "3.", "inf"), [0.1, 0.001, -2, 0.5, 3, float("inf")]),
        (("0,1", "0,25"), [0.1, 0.25]),
        (("1,234", "0,5"), [1.234, 0.5]),  # the second cell leaves no doubt on the first
        (("46.5%", "7 %", "0"), [0.465, 0.07, 0]),
        (("46,5 %", "28,7%"), [0.465, 0.287]),
        (("\u22121.5", "2"), [-1.5, 2]),
        (("12\uff05", "0"), [0.12, 0]),
    ],
)
def test_numbers(cells: tuple[str, ...], values: list[float]) -> None:
    assert _numbers(*cells)[0] == values


def test_semicolons_leave_no_doubt_on_commas() -> None:
    assert _numbers("1,234", "2", decimal_comma=True) == ([1.234, 2], ())


def test_what_was_understood_is_said() -> None:
    assert _numbers("0,1")[1] == ("x: commas were taken as decimal points.",)
    assert _numbers("12,5%")[1][1] == "x: percentages were taken as shares of 1 (12,5% as 0.125)."


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("1,234", "2"), "row 2: 'x' should be a number, got '1,234', which may be a decimal or over a thousand"),
        (("1", "high"), "row 3: 'x' should be a number, got 'high'"),
        (("1_000",), "got '1_000'"),
        (("1,234.5",), "got '1,234.5'"),
        (("0.5", "0,7"), "row 3: 'x' is '0,7', but '0.5' in row 2; write decimal points throughout"),
        (("46.5%", "0.3"), "row 3: 'x' is '0.3', but '46.5%' in row 2; write all of them as percentages, or none"),
    ],
)
def test_doubtful_numbers_are_refused(cells: tuple[str, ...], said: str) -> None:
    with pytest.raises(StatisticsError, match=said.replace("(", r"\(")):
        _numbers(*cells)


def test_one_cell() -> None:
    assert number_of("2.5", decimal_comma=False) == number_of("2,5", decimal_comma=True) == 2.5
    assert number_of("46%", decimal_comma=False) is None
