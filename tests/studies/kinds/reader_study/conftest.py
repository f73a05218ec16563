"""One simulated study of readers, analysed once for all tests of the kind, and small ones of other designs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from thyrosight.readings import Reader, parse_protocol
from thyrosight.readings.example import PROTOCOL, ExampleStudy, example_study
from thyrosight.readings.simulated import Simulation, Skill, simulated_cases, simulated_lesions, simulated_readings
from thyrosight.studies import Result, reader_report
from thyrosight.studies.kinds.reader_study.recipe import ReadingEvaluation, Recipe

QUICK = Recipe(evaluation=ReadingEvaluation(bootstrap=200))


@pytest.fixture(scope="session")
def example() -> ExampleStudy:
    return example_study()


@pytest.fixture(scope="session")
def study(example: ExampleStudy, tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """The example of `thyrosight study example`, with subgroups of cases and amendments, and its folder."""
    rows = [{**row, "case_half": "first" if row["position"] <= 60 else "second"} for row in example.rows]
    by_case = {row["case"]: row["case_half"] for row in rows if row["reader"] == "R1" and not row["repeat"]}
    rows = [{**row, "case_half": by_case.get(row["case"], "first")} for row in rows]
    out = tmp_path_factory.mktemp("readers") / "out"
    result = reader_report(
        rows,
        example.protocol,
        out=out,
        recipe=QUICK,
        lesions=pd.DataFrame(example.lesions).dropna(subset="lesion"),
        amendments=["Version 2 lowered the number of repeats."],
        command="thyrosight study run reader-study",
    )
    return result, out


@pytest.fixture(scope="session")
def table(study: tuple[Result, Path]) -> pd.DataFrame:
    """The readings as the study left them, those of the main analysis alone."""
    rows = pd.read_csv(study[1] / "readings.csv")
    return rows[(rows[["repeat", "practice", "attention", "withdrawn"]] == 0).all(axis=1)]


@pytest.fixture
def small(tmp_path: Path) -> Callable[..., Result]:
    """Analyse a small simulated study of another design; `keep` says which of its rows are read."""

    def analyse(
        *, cases: int = 60, panel: int = 4, per_patient: int = 1, keep: Callable[[int], bool] = lambda place: True,
        recipe: Recipe = QUICK, **changes: Any,
    ) -> Result:  # fmt: skip
        protocol = parse_protocol(parse_protocol(PROTOCOL).to_json() | {"repeats": 3} | changes)
        every = simulated_cases(cases, malignant=cases // 3, per_patient=per_patient, protocol=protocol)
        lesions = simulated_lesions(every)
        skills = {Reader(f"R{place}"): Skill(auc=0.7 + 0.04 * place) for place in range(1, panel + 1)}
        rows = simulated_readings(protocol, every, skills, simulation=Simulation(seed=5), lesions=lesions)
        kept = [row for place, row in enumerate(rows) if keep(place)]
        boxes = pd.DataFrame(lesions).dropna(subset="lesion")
        return reader_report(kept, protocol, out=tmp_path / "small", recipe=recipe, lesions=boxes)

    return analyse
