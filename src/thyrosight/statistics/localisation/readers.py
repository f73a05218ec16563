"""Reader studies with localisation: figures of merit by the method of Obuchowski and Rockette."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from thyrosight.errors import StatisticsError
from thyrosight.statistics.localisation.comparison import notes_on_few
from thyrosight.statistics.localisation.estimates import (
    NOT_SMOOTH,
    independent_units,
    jackknife_covariance,
    left_out_values,
)
from thyrosight.statistics.localisation.figures_of_merit import METRICS, measure
from thyrosight.statistics.localisation.marked import MarkedCases, marked_cases
from thyrosight.statistics.readers.analysis import Merits, compare_merits
from thyrosight.statistics.readers.design import FACTORIAL
from thyrosight.statistics.readers.results import ReaderComparison
from thyrosight.statistics.validation import as_labels, require_choice, require_same_length


def compare_localisation_readers(
    marks: Mapping[str, npt.ArrayLike],
    lesions: Mapping[str, npt.ArrayLike],
    *,
    metric: str = "wafroc",
    test: str,
    reader: str,
    case: str = "case",
    lesion: str = "lesion",
    confidence_column: str = "confidence",
    weight: str | None = None,
    cluster: str | None = None,
    readers: str = "random",
    cases: str = "random",
    confidence: float = 0.95,
) -> ReaderComparison:
    """Analyse a study in which several readers mark lesions in the same cases with one or more tests.

    The covariance of the figures of merit is that of the jackknife over patients (over cases without `cluster`); the
    rest is the method of Obuchowski and Rockette with the degrees of freedom of Hillis, as in `compare_readers`
    (Chakraborty, "Observer Performance Methods for Diagnostic Imaging", 2017, chapters 9 and 10). Every reader has
    searched every case with every test; a reader without a mark in a case has none there.

    Args:
        marks: one row per mark, with the columns of `test` and `reader` beside those of `marked_cases`.
        lesions: one row per lesion, and one per case without, as for `marked_cases`.
        metric: "wafroc", "afroc", "wafroc1", "afroc1", "inferred-roc", "lroc" or "pcl".
        test: column that names the test (modality, system) of a mark.
        reader: column that names the reader.
        case: column that names the case.
        lesion: column that names the lesion.
        confidence_column: column of the marks' confidence.
        weight: column of the lesions' weights.
        cluster: column of `lesions` that names the patient.
        readers: "random" or "fixed".
        cases: "random" or "fixed"; not both may be fixed.
        confidence: nominal coverage.

    Raises:
        StatisticsError: as `marked_cases` and `compare_readers`; a reader without any mark with a test; a metric for
            which the jackknife does not hold; too few patients for a variance.
    """
    require_choice(metric, tuple(name for name in METRICS if name not in NOT_SMOOTH), name="metric")
    found, tests, names = _by_unit(
        marks,
        lesions,
        test,
        reader,
        case=case,
        lesion=lesion,
        confidence=confidence_column,
        weight=weight,
        cluster=cluster,
    )
    measures = [measure(one, metric) for one in found]
    ones, first = np.ones((1, len(found[0].cases))), found[0]
    matrix = jackknife_covariance(left_out_values(measures, first))
    if np.isnan(matrix).any():
        raise StatisticsError(f"Expected {metric!r} to be defined without any one patient; there are too few.")
    unit = "cases" if cluster is None else "patients"
    merits = Merits(
        values=np.array([one(ones)[0] for one in measures]).reshape(len(tests), len(names)),
        covariance=matrix,
        metric=metric,
        of_cases=f"jackknife covariance over {unit}",
        design=FACTORIAL,
        tests=tests,
        readers=names,
        cases=len(first.cases),
        clusters=None if cluster is None else first.clusters,
        units=max(1, independent_units(first, metric)),
        notes=notes_on_few(first, metric, meaning="the variance over so few is rough"),
    )
    return compare_merits(merits, readers=readers, cases=cases, confidence=confidence)


def _by_unit(
    marks: Mapping[str, npt.ArrayLike], lesions: Mapping[str, npt.ArrayLike], test: str, reader: str, **columns: Any
) -> tuple[list[MarkedCases], tuple[Any, ...], tuple[Any, ...]]:
    """Return the marks of each reader with each test, by test and then reader, and the names of both."""
    for name in (test, reader):
        if name not in marks:
            raise StatisticsError(f"No column {name!r} among {', '.join(map(repr, marks))} of the marks.")
    of_test, tests = as_labels(marks[test], name=test)
    of_reader, names = as_labels(marks[reader], name=reader)
    require_same_length(**{test: of_test, reader: of_reader})
    wanted = {name: np.asarray(marks[name], dtype=object) for name in _present(marks, columns)}
    found = []
    for t in range(tests.size):
        for r in range(names.size):
            own = (of_test == t) & (of_reader == r)
            if not own.any():
                raise StatisticsError(
                    f"Reader {names[r]!s} has no mark with {test} {tests[t]!s}: every reader must search with every"
                    " test, and one who marks nothing anywhere cannot be told from one who did not search."
                )
            found.append(marked_cases({name: column[own] for name, column in wanted.items()}, lesions, **columns))
    return found, tuple(tests.tolist()), tuple(names.tolist())


def _present(marks: Mapping[str, npt.ArrayLike], columns: Mapping[str, Any]) -> list[str]:
    return [columns[name] for name in ("case", "lesion", "confidence") if columns[name] in marks]
