"""From the position of a value in an array to its row and column in the user's table."""

import re
from typing import TYPE_CHECKING

from thyrosight.cells import number_of
from thyrosight.errors import StatisticsError

if TYPE_CHECKING:
    from thyrosight.cli.stats.table import StatsTable

_AT_POSITION = re.compile(r"(?P<text>.*), got (?P<value>.+) at position (?P<position>\d+)\.?$", re.DOTALL)


def placed(error: StatisticsError, table: "StatsTable") -> StatisticsError:
    """An error on a position as one on row and column of the file, where the value stands there; else as it is."""
    said = _AT_POSITION.match(str(error))
    if said is None or int(said["position"]) >= len(table.frame):
        return error
    row, value = table.frame.iloc[int(said["position"])], said["value"].strip("'")
    wrong = _number(value)
    columns = [
        name
        for name, cell in row.items()
        if cell == value or (wrong is not None and number_of(cell, decimal_comma=table.decimal_comma) == wrong)
    ]
    if not columns:
        return error
    where = f"{table.path}, row {row.name}, column {' or '.join(map(repr, columns[:3]))}"
    return StatisticsError(f"{where}: {said['text']}, got {said['value']}.")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
