"""Whether readers agree more, or less, in one arm than in another: the difference on the same cases."""

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.documents import Column, Measure, Row, Table, columns
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    Estimate,
    clustered_bootstrap,
    fleiss_kappa,
    intraclass_correlation,
    krippendorff_alpha,
    too_few_together,
    weighted_fleiss_kappa,
)
from thyrosight.studies.analyses.readings.agreement import (
    COEFFICIENTS,
    MOST_DRAWS,
    MOST_LEVELS,
    Answer,
    answers_of,
    crossed,
)
from thyrosight.studies.analyses.readings.reading_set import ReadingSet

Values = NDArray[np.float64]
_LEAST_CASES = 2


def agreement_change_table(found: ReadingSet) -> tuple[Table | None, list[str]]:
    """Difference of each arm from the reference in agreement on each answer, and sentences on those not computed."""
    rows: list[Row] = []
    unfinished: list[str] = []
    for answer in answers_of(found):
        for arm in found.arms[1:]:
            pairs = _paired(found, answer, arm)
            if pairs is None:
                continue
            key, values, readers, group = pairs
            if len(values) < _LEAST_CASES:
                unfinished.append(
                    f"Difference in agreement on {answer.title} ({arm}): fewer than two cases were read by all readers "
                    "in both arms."
                )
                continue
            try:
                apart = _difference(found, key, values, readers=readers, group=group)
            except StatisticsError as error:
                unfinished.append(f"Difference in agreement on {answer.title} ({arm}): {error}")
                continue
            rows.append(
                {
                    "answer": answer.title, "comparison": f"{found.reference} and {arm}",
                    "coefficient": COEFFICIENTS[key], "cases": len(values), "difference": Measure.of(apart),
                }
            )  # fmt: skip
    if not rows:
        return None, unfinished
    return Table(
        name="agreement-differences",
        caption="Difference in agreement between the arms",
        columns=(
            *columns("text", {"answer": "Answer", "comparison": "Comparison", "coefficient": "Coefficient"}),
            Column(key="cases", title="Cases", kind="count"),
            Column(key="difference", title="Second minus first", kind="difference"),
        ),
        rows=tuple(rows),
        notes=(
            "Of the cases that readers answered in both arms; patients were drawn again, with all of their readings in "
            "both arms. It holds for these readers.",
        ),
    ), unfinished


def _paired(
    found: ReadingSet, answer: Answer, arm: str
) -> tuple[str, Values, int, NDArray[np.str_]] | None:  # fmt: skip
    """The coefficient that suits an answer, its values in both arms (cases by readers of the one and of the other, as
    numbers), how many readers the first has, and patients; None where one of the arms was not asked."""
    first, group = crossed(found.of_arm(found.reference), answer.column)
    second, _ = crossed(found.of_arm(arm), answer.column)
    patients = pd.Series(group, index=first.index)
    if first.empty or second.empty:
        return None
    both = pd.concat({"first": first, "second": second}, axis=1, join="inner")
    given = both.to_numpy(dtype=object)[both.notna().to_numpy()]
    numbers = answer.column == "rating" and len(set(given)) > MOST_LEVELS
    if numbers:
        both, key = both.dropna(), "icc"
    else:
        key = "alpha" if answer.ordered else "kappa"
    levels = {level: place for place, level in enumerate(sorted(set(given)))}
    coded = both.astype(float) if numbers else both.map(lambda cell: levels.get(cell, np.nan))
    return key, coded.to_numpy(dtype=float), first.shape[1], patients.reindex(both.index).to_numpy(dtype=str)


def _difference(
    found: ReadingSet, key: str, values: Values, *, readers: int, group: NDArray[np.str_]
) -> Estimate:  # fmt: skip
    """The coefficient of the second arm less that of the first, with patients drawn again; of few without interval."""
    coefficient = _COMPUTED[key]
    options = found.evaluation
    units = len(set(group)) if found.clustered else len(values)
    if few := found.few() or too_few_together(units):
        nan = math.nan
        apart = coefficient(values[:, readers:]) - coefficient(values[:, :readers])
        clusters = units if found.clustered else None
        return Estimate(apart, nan, nan, nan, f"no interval: {few}", len(values), clusters, options.confidence)
    return clustered_bootstrap(
        lambda drawn: coefficient(drawn[:, readers:]) - coefficient(drawn[:, :readers]),
        values,
        weighted=_kappas_apart(values, readers) if key == "kappa" else None,
        cluster=group if found.clustered else None,
        replicates=min(options.bootstrap, MOST_DRAWS),
        seed=options.seed,
        confidence=options.confidence,
    )


def _kappas_apart(values: Values, readers: int) -> Callable[[NDArray[np.int32]], Values]:
    """The difference for many samples at once, from how often each case was drawn."""
    second, first = values[:, readers:], values[:, :readers]
    return lambda drawn: weighted_fleiss_kappa(second, drawn) - weighted_fleiss_kappa(first, drawn)


def _alpha(values: Values) -> float:
    """Ordinal alpha. Its own interval is not used: two patients in name make the jackknife for it short."""
    return krippendorff_alpha(values, level="ordinal", cluster=np.arange(len(values)) % 2).value


_COMPUTED: dict[str, Callable[[Values], float]] = {
    "kappa": lambda values: fleiss_kappa(values).value,
    "alpha": _alpha,
    "icc": lambda values: intraclass_correlation(values, form="2,1").value,
}
