"""Power: that of `reader_study_power` where designs are crossed, and less where readings share fewer cases."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.readings.conftest import ATTENTION, PRACTICE, cases, protocol_with
from thyrosight.documents import Measure, citations
from thyrosight.errors import ReadingsError, StatisticsError
from thyrosight.readings import VAN_DYKE, Case, find_pilot, pilot_of, power_answer, power_or_reason, read_readings
from thyrosight.statistics import cases_for_reader_study, nested_readers_power, reader_study_power

AIM = {"difference": 0.05}


def power_of(there: list[Case] | None = None, readers: int = 6, **changes: Any) -> dict[str, Any]:
    """The result of a plan with the published pilot."""
    protocol = protocol_with(**{"power": AIM} | changes)
    return power_answer(protocol, there or cases(100, malignant=40), readers=readers).result


def test_a_crossed_design_has_the_power_of_the_pilot() -> None:
    expected = reader_study_power(VAN_DYKE.components, difference=0.05, readers=6, cases=100, pilot_cases=114)
    assert power_of()["power"] == pytest.approx(expected.power, abs=1e-12)
    fixed = reader_study_power(
        VAN_DYKE.components, difference=0.05, readers=6, cases=100, pilot_cases=114, reader_effect="fixed"
    )
    assert power_of(power=AIM | {"readers": "fixed"})["power"] == pytest.approx(fixed.power, abs=1e-12)


def test_the_cases_needed_are_those_of_the_statistics() -> None:
    rows = {row["readers"]: row for row in power_of()["by_readers"]}
    size = cases_for_reader_study(VAN_DYKE.components, difference=0.05, readers=6, pilot_cases=114)
    assert rows[6]["cases"] == size.cases
    assert "cases" not in rows[2] and rows[2]["power"] < rows[14]["power"]


def test_readings_that_share_fewer_cases_show_less() -> None:
    whole = power_of()["power"]
    all_of_them = power_of(reading="blocks", readers_per_case=6)["power"]
    three, two = (power_of(reading="blocks", readers_per_case=number)["power"] for number in (3, 2))
    nested, mixed = power_of(reading="nested")["power"], power_of(design="concurrent")["power"]
    assert whole == pytest.approx(all_of_them, abs=1e-12)
    assert whole > three > two > nested
    assert mixed < whole


def test_cases_for_practice_or_withdrawn_do_not_count() -> None:
    there = [*cases(100, malignant=40), *PRACTICE, *ATTENTION, Case("x", 1, withdrawn=True)]
    assert power_of(there) == power_of()


def test_several_cases_of_a_patient_count_for_less() -> None:
    pairs = [Case(f"c{place}", int(place < 40), cluster=f"patient {place // 2}") for place in range(100)]
    found = power_of(pairs)
    assert found["independent_cases"] == pytest.approx(100 / 1.5)
    assert found["power"] < power_of()["power"]
    assert power_of(pairs, power=AIM | {"cluster_correlation": 0})["power"] == pytest.approx(power_of()["power"])


def test_the_answer_names_its_source() -> None:
    answer = power_answer(protocol_with(power=AIM), cases(100, malignant=40), readers=6)
    assert {"smith2020", "hillis2011"} <= set(citations(answer.methods))
    assert any("another organ" in note for note in answer.tables[0].notes)
    assert answer.tables[0].strong == [row["readers"] for row in answer.tables[0].rows].index(6)
    json.dumps(answer.result, allow_nan=False)
    assert not any(isinstance(value, Measure) for row in answer.tables[0].rows for value in row.values())


COMPONENTS = ("reader", "test_by_reader", "error", "covariance_1", "covariance_2", "covariance_3")


def test_the_published_components_are_those_of_the_reference(reference: Callable[[str], Any]) -> None:
    published = reference("vandyke_obuchowski_rockette")["variance_components"]
    assert [getattr(VAN_DYKE.components, name) for name in COMPONENTS] == list(published.values())


def test_the_readings_give_the_published_components(real_data: Path) -> None:
    readings = read_readings(real_data / "readers" / "vandyke.csv", columns={"arm": "treatment", "score": "rating"})
    own = pilot_of(readings.rows, name="vandyke.csv")
    for name in COMPONENTS:
        assert getattr(own.components, name) == pytest.approx(getattr(VAN_DYKE.components, name), abs=1e-9)
    assert own.cases == 114 and "5 readers, 114 cases, 45 malignant, 1 and 2" in own.source


def test_values_of_a_paper_name_their_source(tmp_path: Path) -> None:
    values = {
        "test_by_reader": 0.0002045840, "error": 0.0007921325, "covariance_1": 0.0003420090,
        "covariance_2": 0.0003395265, "covariance_3": 0.0002358497, "cases": 114,
    }  # fmt: skip
    with pytest.raises(ReadingsError, match=r"power\.pilot"):
        protocol_with(power=AIM | {"pilot": values})
    named = protocol_with(power=AIM | {"pilot": values | {"source": "A paper of 2020, table 2"}})
    assert named.power is not None
    assert find_pilot(named.power.pilot, folder=tmp_path).components.error == VAN_DYKE.components.error
    assert power_answer(named, cases(100, malignant=40), readers=6).result["power"] == power_of()["power"]


PAPER = {
    "test_by_reader": 0.0002, "error": 0.0008, "covariance_1": 0.0003, "covariance_2": 0.0003, "covariance_3": 0.0002,
    "cases": 114, "source": "A paper of 2020, table 2",
}  # fmt: skip
NESTED = {"design": "independent", "readers": "nested"}
THREE = [{"name": "a"}, {"name": "b", "model": "risk"}, {"name": "c", "model": "other"}]


def power_of_groups(**changes: Any) -> float:
    """The power of seven readers, each of whom reads in one arm."""
    protocol = protocol_with(**{"power": AIM} | NESTED | changes)
    found: float = power_answer(protocol, cases(100, malignant=40), readers=7).result["power"]
    return found


def test_readers_who_read_in_one_arm_show_less() -> None:
    """Seven readers: four in one arm and three in the other; of three arms, those with two readers each count."""
    expected = nested_readers_power(VAN_DYKE.components, difference=0.05, readers=(4, 3), cases=100, pilot_cases=114)
    assert power_of_groups() == pytest.approx(expected.power, abs=1e-12)
    assert expected.power < power_of(readers=7, design="independent")["power"]
    of_three = nested_readers_power(
        VAN_DYKE.components, difference=0.05, readers=(2, 2), more_freedom=2, cases=100, pilot_cases=114
    )
    assert power_of_groups(arms=THREE) == pytest.approx(of_three.power, abs=1e-12)
    named = PAPER | {"reader": VAN_DYKE.components.reader}
    assert power_of_groups(power=AIM | {"pilot": named}) < expected.power, "of components a little larger"
    answer = power_answer(protocol_with(power=AIM, **NESTED), cases(100, malignant=40), readers=7)
    assert "hillis2014" in citations(answer.methods)
    assert any("all differences between readers count" in note for note in answer.tables[0].notes)


@pytest.mark.parametrize(
    ("changes", "there", "said"),
    [
        ({"power": None}, cases(9, malignant=3), "power: the protocol names no aim"),
        ({"design": "single", "arms": [{"name": "a"}]}, cases(9, malignant=3), "power: the design has one arm"),
        (NESTED | {"power": AIM | {"pilot": PAPER}}, cases(9, malignant=3), "the variance between readers counts"),
        (NESTED | {"arms": THREE}, cases(9, malignant=3), "needs 6 readers or more, not 4"),
        ({}, cases(9), "power: the cases hold no malignant or no benign one"),
        ({"power": AIM | {"pilot": "/etc/passwd"}}, cases(9, malignant=3), "'/etc/passwd' cannot be read here"),
    ],
)
def test_what_cannot_be_computed_is_said(changes: dict[str, Any], there: list[Case], said: str) -> None:
    protocol = protocol_with(**{"power": AIM} | changes)
    with pytest.raises((ReadingsError, StatisticsError), match=said):
        power_answer(protocol, there, readers=4)
    found = power_or_reason(protocol, there, readers=4)
    assert isinstance(found, str) and said in found


def test_a_pilot_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReadingsError, match="neither 'published' nor a table of readings; there is no file"):
        find_pilot("gone.csv", folder=tmp_path)
