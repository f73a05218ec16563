"""Predictors by name turned into the columns of a regression."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.validation import Floats, as_labels, as_numbers, require_same_length


@dataclass(frozen=True, slots=True)
class Column:
    """Meaning of a column of the design: a number, or a level of a categorical predictor against its reference."""

    predictor: str
    level: str | None = None
    reference: str | None = None

    def __str__(self) -> str:
        return self.predictor if self.level is None else f"{self.predictor}: {self.level} against {self.reference}"


def design_matrix(
    predictors: Mapping[str, npt.ArrayLike], n: int, *, reference: Mapping[str, Any], categorical: Collection[str]
) -> tuple[Floats, list[Column]]:
    """Return the design matrix, intercept first, and the meaning of its other columns.

    Text is categorical, and so are predictors named in `categorical` or `reference`. The reference level is the one in
    `reference`, else the first in order.

    Raises:
        StatisticsError: no predictor, a length other than `n`, a missing value, an unknown name or reference level, a
            predictor with one value, or columns that are linear combinations of others.
    """
    names = list(predictors)
    if not names:
        raise StatisticsError("Expected at least one predictor.")
    for name in [*reference, *categorical]:
        if name not in names:
            raise StatisticsError(f"No predictor {name!r} among {', '.join(map(repr, names))}.")
    design, columns = [np.ones(n)], [Column("intercept")]
    for name in names:
        values = np.asarray(predictors[name])
        require_same_length(outcome=np.empty(n), **{name: values})
        if name in reference or name in categorical or values.dtype.kind not in "biuf":
            added = _levels(name, values, reference.get(name))
        else:
            added = [(Column(name), as_numbers(values, name=name))]
        for column, numbers in added:
            if np.ptp(numbers) == 0:
                raise StatisticsError(f"Predictor {name!r} has the same value everywhere.")
            columns.append(column)
            design.append(numbers)
    matrix = np.column_stack(design)
    _require_independent(matrix, columns)
    return matrix, columns[1:]


def _levels(name: str, values: npt.NDArray[Any], reference: Any) -> list[tuple[Column, Floats]]:
    codes, distinct = as_labels(values, name=name)
    levels = [str(level) for level in distinct.tolist()]
    if reference is not None and str(reference) not in levels:
        raise StatisticsError(f"Predictor {name!r} has no level {reference!r}, only {', '.join(map(repr, levels))}.")
    if len(levels) < 2:
        raise StatisticsError(f"Predictor {name!r} has the same value everywhere.")
    base = levels.index(str(reference)) if reference is not None else 0
    return [
        (Column(name, level, levels[base]), (codes == code).astype(np.float64))
        for code, level in enumerate(levels)
        if code != base
    ]


def _require_independent(design: Floats, columns: list[Column]) -> None:
    scaled = design / np.abs(design).max(axis=0)
    if np.linalg.matrix_rank(scaled) == scaled.shape[1]:
        return
    for count in range(2, scaled.shape[1] + 1):
        if np.linalg.matrix_rank(scaled[:, :count]) < count:
            raise StatisticsError(
                f"The column {str(columns[count - 1])!r} follows from the columns before it; drop it."
            )
