"""The answers on planning: numbers and the sentence that goes with them."""

import math

from thyrosight.reports import statistics_planning as say
from thyrosight.statistics import (
    SampleSize,
    VarianceComponents,
    patients_for_development,
    patients_for_sensitivity,
    reader_study_power,
)


def test_power_that_was_asked_for_and_patients_that_were() -> None:
    size = SampleSize(40, 60, 0.812, "words")
    wanted = say.size_answer(
        size, aim="a difference", test="a two-sided significance of 0.05", cites="hanley1983", given=False
    )
    assert wanted.summary.startswith("Needed: 40 patients with and 60 without the disease (100 in all)")
    assert "planned for a power of 81.2 % to show a difference at a two-sided" in wanted.methods
    given = say.size_answer(size, aim="a difference", test="a significance", cites="hanley1983", given=True)
    assert "the power to show a difference at a significance is 0.812 [hanley1983]." in given.methods
    small = say.size_answer(SampleSize(9, 60, 0.8, "words"), aim="a", test="b", cites="hanley1983", given=False)
    assert any("fewer than 30" in note for note in small.tables[0].notes)
    assert not any("fewer than 30" in note for note in wanted.tables[0].notes)


def test_widths_readers_kappa_and_models() -> None:
    width = say.width_answer(patients_for_sensitivity(0.9, width=0.1), level=0.05)
    assert "Wilson interval of sensitivity 0.9 no wider than 0.1; 95 % interval" in width.methods
    pilot = VarianceComponents(0.0015, 0.0002, 0.0008, 0.00034, 0.00034, 0.00024)
    size = reader_study_power(pilot, difference=0.05, readers=6, cases=200, pilot_cases=114, reader_effect="fixed")
    readers = say.readers_answer(size, difference=0.05, pilot_cases=114, effect="fixed", level=0.05, given=True)
    assert "6 fixed readers and 200 cases give" in readers.summary
    assert math.isinf(size.df) and len(readers.tables[0].rows) == 3
    kappa = say.kappa_answer(300, kappa=0.6, width=0.2, prevalence=0.3, level=0.1)
    assert "90 % interval no wider than 0.2" in kappa.methods
    model = say.model_answer(
        patients_for_development(24, prevalence=0.174, cox_snell=0.288), doing="developing a model", cites="riley2019"
    )
    assert [row["patients"] for row in model.tables[0].rows] == [623, 662, 221, 662]
    assert "What decides: optimism" in model.summary and "4.8 events" in model.tables[0].notes[0]
