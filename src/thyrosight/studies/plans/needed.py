"""How many patients each aim of a study takes."""

import math
from typing import Any, NamedTuple

from thyrosight.documents import Column, Row, Table, columns
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    auc_difference_power,
    cases_for_reader_study,
    patients_for_auc_difference,
    patients_for_auc_width,
    patients_for_sensitivity,
    reader_study_power,
)
from thyrosight.studies.plans.aim import Aim
from thyrosight.studies.plans.worth import Counted, Worth

_NOTHING = "nothing: not one case of a class"


class _Wanted(NamedTuple):
    """An aim: the independent cases that it takes, and what those that there are give."""

    what: str
    malignant: float
    benign: float
    gives: str


def aims_table(tested: Counted, aim: Aim, *, unit: str) -> Table:
    """For each aim the patients that it takes, in the mix and divisions of the study, and whether they are there."""
    worth = tested.worth(aim.cluster_correlation)
    rows = [_row(wanted, worth, tested) for wanted in (*_widths(aim, worth), _difference(aim, worth))]
    if aim.readers is not None:
        rows.append(_readers(tested, aim))
    return Table(
        name="aims",
        caption=f"{unit.capitalize()} that each aim takes, {among(tested)}",
        columns=(
            Column(key="aim", title="Aim"),
            *columns("count", {"needed": f"{unit.capitalize()} needed", "there": "There are"}),
            Column(key="reached", title="Enough"),
            Column(key="gives", title="These give"),
        ),
        rows=tuple(rows),
        notes=(
            f"Test of a difference: power {aim.power:g}, two-sided significance {1 - aim.confidence:.2g}; the two "
            f"areas correlate by {aim.area_correlation:g}.",
            f"More {unit} are taken to come in the same mix ({100 * worth.share:.0f} % malignant, by what they are "
            "worth), with as many images each, and to be divided in the same way; add those that will be left out.",
        ),
        source="",
    )


def among(counted: Counted) -> str:
    """Whom a number of patients counts: those that train too, or those tested alone where nothing says who trains."""
    return (
        "in all parts of the study together" if counted.divided else "all of them tested; those to train on come on top"
    )


def _row(wanted: _Wanted, worth: Worth, tested: Counted) -> Row:
    """The patients of the whole study that an aim takes, as those that there are bring in so many cases."""
    factor = max(wanted.malignant / worth.malignant, wanted.benign / worth.benign)
    return {"aim": wanted.what, "gives": wanted.gives} | _counts(factor, tested)


def _counts(factor: float, tested: Counted) -> Row:
    needed = math.ceil(factor * tested.groups - 1e-9)
    return {"needed": needed, "there": tested.groups, "reached": "yes" if needed <= tested.groups else "no"}


def _widths(aim: Aim, worth: Worth) -> list[_Wanted]:
    area = patients_for_auc_width(aim.auc, width=aim.width, prevalence=worth.share, confidence=aim.confidence)
    called = [
        patients_for_sensitivity(value, width=aim.width, confidence=aim.confidence).positives
        for value in (aim.sensitivity, aim.specificity)
    ]
    needed = {"AUC": (area.positives, area.negatives), "sensitivity": (called[0], 0), "specificity": (0, called[1])}
    values = {"AUC": aim.auc, "sensitivity": aim.sensitivity, "specificity": aim.specificity}
    found = []
    for name, interval in worth.intervals(aim).items():
        what = f"Interval of {'an' if name == 'AUC' else 'a'} {name} of {values[name]:g} no wider than {aim.width:g}"
        gives = _NOTHING if interval is None else f"width {interval.high - interval.low:.2f}"
        found.append(_Wanted(what, *needed[name], gives))
    return found


def _difference(aim: Aim, worth: Worth) -> _Wanted:
    areas = (aim.auc, aim.auc + aim.difference)
    test: dict[str, Any] = {
        "correlation": aim.area_correlation,
        "significance": 1 - aim.confidence,
        "method": "binormal",
    }
    size = patients_for_auc_difference(*areas, power=aim.power, prevalence=worth.share, **test)
    gives = _NOTHING
    if min(worth.malignant, worth.benign) >= 1:
        power = auc_difference_power(*areas, positives=worth.malignant, negatives=worth.benign, **test)
        gives = f"power {power:.2f}"
    return _Wanted(
        f"Difference of {aim.difference:g} in AUC to a comparator on the same nodules",
        size.positives,
        size.negatives,
        gives,
    )


def _readers(tested: Counted, aim: Aim) -> Row:
    """Readers on one image of each tested patient, in the mix of the pilot study."""
    assert aim.readers is not None and aim.components is not None and aim.pilot_cases is not None
    cases = int(tested.counts["group"].nunique())
    plan: dict[str, Any] = {
        "difference": aim.reader_difference,
        "readers": aim.readers,
        "pilot_cases": aim.pilot_cases,
        "significance": 1 - aim.confidence,
    }
    now = reader_study_power(aim.components, cases=cases, **plan)
    row: Row = {
        "aim": f"Difference of {aim.reader_difference:g} in AUC between two ways of reading, {aim.readers} readers",
        "gives": f"power {now.power:.2f} with {cases} cases read",
    }
    try:
        size = cases_for_reader_study(aim.components, power=aim.power, **plan)
    except StatisticsError as error:
        return row | {"there": tested.groups, "reached": f"no: {error}"}
    return row | _counts(size.cases / cases, tested)
