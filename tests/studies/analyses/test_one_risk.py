"""A network that gives all images one risk shows no worst errors; one that does not is not accused of it."""

import numpy as np
import pandas as pd

from tests.studies.made_up import made_up_cohort, without_networks, without_training
from thyrosight.documents import Figure
from thyrosight.imaging import Preparation
from thyrosight.studies.analyses.examples import show_lesions
from thyrosight.studies.analyses.one_risk import one_risk
from thyrosight.tirads import RiskCategories

__all__ = ["without_networks", "without_training"]


def lesions(risk: np.ndarray) -> pd.DataFrame:
    table = made_up_cohort(len(risk), images=1).table
    truth = (table["label"] == "malignant").astype(int)
    return table.assign(truth=truth, risk=risk, probability=risk, nodule_mm=7.0)


def test_a_single_division_whose_risks_differ_is_enough() -> None:
    flat, other = pd.Series([0.5, 0.5]), pd.Series([0.5, 0.52])
    assert one_risk([flat, flat], title="A") and not one_risk([flat, other], title="A")
    assert one_risk([pd.Series(dtype=float), flat], title="A") and not one_risk([], title="A")


def test_lesions_of_one_risk_are_not_called_the_worst() -> None:
    rule = RiskCategories(cut_offs=(0.03, 0.15, 0.6), names=("2", "3", "4", "5"))
    shown = show_lesions(lesions(np.full(20, 0.55)), [], count=0, worst=4, preparation=Preparation(), rule=rule)
    assert [figure for figure in shown.figures if isinstance(figure, Figure)] == []
    assert shown.notes == [
        "CNN gave all images of a test part about the same risk (0.55 to 0.55): which of them it judged most wrongly "
        "cannot be told, so that none is shown."
    ]
    assert (
        show_lesions(lesions(np.linspace(0, 1, 20)), [], count=0, worst=0, preparation=Preparation(), rule=rule).notes
        == []
    )
