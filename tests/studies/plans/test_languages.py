"""No text of a plan is left in English."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.languages.reading import english_left_in_answer
from tests.studies.made_up import made_up_cohort
from tests.studies.plans.test_plans import PILOT, mixed, plain
from thyrosight.cohort import Cohort
from thyrosight.documents import Answer
from thyrosight.reports.answers import Asked, written
from thyrosight.studies.plans import Aim, plan_study

NAMES = ("made-up",)


def joined() -> Cohort:
    """Patients who share images."""
    cohort = made_up_cohort(60)
    return replace(
        cohort, table=cohort.table.assign(group=cohort.table["group"].replace({"p001": "p000", "p003": "p002"}))
    )


def benign() -> Cohort:
    whole = made_up_cohort(60)
    return replace(whole, table=whole.table[whole.table["label"] == "benign"].reset_index(drop=True))


PLANS: dict[str, Callable[[], Answer]] = {
    "several divisions": lambda: plan_study(plain(), mixed(60), Aim()),
    "joined patients": lambda: plan_study(plain("split.repeats=1"), joined(), Aim()),
    "readers": lambda: plan_study(plain(), mixed(60), Aim(readers=8, components=PILOT, pilot_cases=114)),
    "too few": lambda: plan_study(plain(), made_up_cohort(4, seed=3), Aim()),
    "one class": lambda: plan_study(plain(), benign(), Aim(prevalence=0.25)),
}


@pytest.mark.parametrize("name", PLANS)
def test_every_text_of_a_plan_is_translated(name: str) -> None:
    answer = PLANS[name]()
    assert english_left_in_answer(answer, "zh", names=NAMES) == []
    assert english_left_in_answer(answer, "es", names=NAMES) == []


def test_a_plan_reads_in_spanish_and_in_chinese() -> None:
    answer, asked = PLANS["several divisions"](), Asked("plan", group="study")
    spanish = " ".join(written(answer, asked, "text", language="es").split())
    chinese = "".join(written(answer, asked, "text", language="zh").split())
    assert spanish.startswith("Con 60 pacientes, un AUC de 0.85 tendría un intervalo de ")
    assert "Para el apartado de Métodos: El número de pacientes se planificó" in spanish
    assert chinese.startswith("患者数为60时，若AUC为0.85，其区间为") and "供“方法”部分使用：" in chinese
    assert written(answer, asked, "csv", language="es") == written(answer, asked, "csv")
