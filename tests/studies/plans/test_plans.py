"""Plans and dry runs: the numbers are those of the run that follows, and what cannot be is said."""

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.languages.reading import english_left_in_answer
from tests.studies.made_up import made_up_cohort
from thyrosight.cohort import Cohort, Split
from thyrosight.errors import SplitError, StatisticsError
from thyrosight.progress import silent
from thyrosight.statistics import VarianceComponents, reader_study_power
from thyrosight.studies import Result, load_recipe
from thyrosight.studies.kinds.comparison.recipe import Recipe
from thyrosight.studies.plans import Aim, dry_run, plan_study
from thyrosight.studies.plans.draft import drafted
from thyrosight.studies.plans.expected import expected_table
from thyrosight.studies.plans.needed import aims_table
from thyrosight.studies.plans.worth import Counted

PILOT = VarianceComponents(0.0015, 0.0002, 0.0008, 0.00034, 0.00034, 0.00024)


def plain(*settings: str) -> Any:
    return load_recipe("resnet18-focal", settings=["networks=[tiny]", *settings])


def mixed(patients: int) -> Cohort:
    """Two images of each patient, two in five malignant."""
    return made_up_cohort(
        patients, images=2, label=["malignant" if place // 2 % 5 < 2 else "benign" for place in range(2 * patients)]
    )


def of(table: list[dict[str, Any]], **where: Any) -> dict[str, Any]:
    return next(row for row in table if all(row[key] == value for key, value in where.items()))


def test_the_parts_are_those_of_the_run(study: tuple[Result, Path], phantoms: Path, recipe: Recipe) -> None:
    result, folder = study
    answer = plan_study(recipe, phantoms, Aim())
    parts = result.facts.parts
    found = {row["part"].split()[0].lower(): row for row in answer.result["parts"]}
    for name, groups in parts.items():
        assert min(groups.values()) == min(found["training" if name == "train" else name][label] for label in groups)
    with drafted(recipe, phantoms, progress=silent) as draft:
        assert draft.setup is not None
        assert draft.setup.split == Split.load(folder / "splits.json")
        assert [trial.name for trial in draft.trials] == [row["trial"] for row in result.table("trials").rows]


def test_one_test_part_with_as_many_images_each_is_worth_its_patients() -> None:
    answer = plan_study(plain("split.repeats=1"), made_up_cohort(90, images=3), Aim(cluster_correlation=1.0))
    test = answer.result["parts"][-1]
    area = of(answer.result["expected"], measure="AUC")
    assert area["all_n"] == test["malignant"] + test["benign"]
    assert area["all_width"] == pytest.approx(area["alike_width"])


def test_folds_count_every_patient_and_repeated_divisions_less() -> None:
    cohort = made_up_cohort(90, images=1)

    def width(*settings: str) -> float:
        rows = plan_study(plain(*settings), cohort, Aim()).result["expected"]
        found = of(rows, measure="AUC")["all_width"]
        return float(found)

    folds, ten, one = (width(f"split.{rule}") for rule in ("method=folds", "repeats=10", "repeats=1"))
    assert folds < ten < one


@pytest.mark.parametrize("correlation", [0.0, 0.7])
def test_as_many_patients_as_an_aim_asks_for_reach_it(correlation: float) -> None:
    aim = Aim(width=0.2, difference=0.1, cluster_correlation=correlation)
    recipe = plain("split.method=folds")
    needed = {row["aim"]: row["needed"] for row in plan_study(recipe, mixed(60), aim).result["aims"]}
    for what, count in needed.items():
        whole = 5 * math.ceil(count / 5)
        assert of(plan_study(recipe, mixed(whole), aim).result["aims"], aim=what)["reached"] == "yes", what
        assert of(plan_study(recipe, mixed(whole - 10), aim).result["aims"], aim=what)["reached"] == "no", what


def test_patients_who_share_images_are_told_from_their_groups() -> None:
    cohort = made_up_cohort(60)
    table = cohort.table.assign(group=cohort.table["group"].replace({"p001": "p000", "p003": "p002"}))
    answer = plan_study(plain(), replace(cohort, table=table), Aim())
    assert answer.summary.startswith("With 58 groups")
    assert any(note.startswith("60 patients stand in 58 groups") for note in answer.tables[0].notes)


def test_readers_are_planned_by_the_model_of_the_statistics() -> None:
    aim = Aim(readers=8, components=PILOT, pilot_cases=114)
    answer = plan_study(plain("split.repeats=1"), made_up_cohort(90), aim)
    row = answer.result["aims"][-1]
    cases = sum(answer.result["parts"][-1][label] for label in ("benign", "malignant"))
    power = reader_study_power(PILOT, difference=0.05, readers=8, cases=cases, pilot_cases=114).power
    assert row["gives"] == f"power {power:.2f} with {cases} cases read"
    assert "hillis2011" in answer.methods


def test_a_cohort_that_cannot_be_divided_is_planned_and_not_run() -> None:
    few = made_up_cohort(4, seed=3)
    answer = plan_study(plain(), few, Aim())
    assert "cannot be run" in answer.summary and "cannot be divided" in answer.tables[0].notes[0]
    assert all(row["reached"] == "no" for row in answer.result["aims"])
    with pytest.raises(SplitError, match="too few"):
        dry_run(plain(), few)


def test_one_class_alone_needs_the_share_of_the_other() -> None:
    whole = made_up_cohort(60)
    benign: Cohort = replace(whole, table=whole.table[whole.table["label"] == "benign"].reset_index(drop=True))
    with pytest.raises(StatisticsError, match="--prevalence"):
        plan_study(plain(), benign, Aim())
    answer = plan_study(plain(), benign, Aim(prevalence=0.25))
    assert "cannot be run" in answer.summary
    assert answer.result["aims"][0]["needed"] > len(benign) / 2


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Aim(auc=1.0), "auc"),
        (lambda: Aim(width=0.0), "width"),
        (lambda: Aim(auc=0.97, difference=0.05), "no room"),
        (lambda: Aim(cluster_correlation=2), "cluster correlation"),
        (lambda: Aim(readers=5), "pilot"),
    ],
)
def test_aims_that_make_no_sense_are_refused(build: Callable[[], Aim], words: str) -> None:
    with pytest.raises(StatisticsError, match=words):
        build()


def test_a_dry_run_counts_what_a_run_trains_and_leaves_nothing(
    study: tuple[Result, Path], phantoms: Path, recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    answer = dry_run(recipe, phantoms)
    found = answer.result
    for language in ("es", "zh"):
        assert english_left_in_answer(answer, language, names=("phantoms", "demo")) == []
    trials = study[0].table("trials").rows
    assert found["trials"] == len(trials)
    by_network = [row for row in found["effort"] if row.get("images")]
    assert max(row["images"] for row in by_network) == max(int(row["train"]) for row in trials)  # type: ignore[call-overload]
    assert by_network[0]["steps"] == int(np.ceil(by_network[0]["images"] / recipe.training.batch_size))
    assert 0 < found["seconds_at_least"] <= found["seconds_at_most"] and found["bytes"] > 0
    assert list(tmp_path.iterdir()) == []
    said = " ".join(answer.tables[0].notes)
    assert "mirrored copies" not in said and "kept activations" not in said


def test_images_that_are_mirrored_copies_are_told(phantoms: Path) -> None:
    """A plan trained 2638 images where the training part held 1858."""
    answer = dry_run(plain("training.balance=mirror", "split.repeats=1", "preparation.size=32"), phantoms)
    assert any("mirrored copies that make both classes equally frequent" in note for note in answer.tables[0].notes)


def test_tables_say_what_they_count() -> None:
    aim = Aim()
    with drafted(plain(), made_up_cohort(60), progress=silent) as draft:
        tested = Counted.of(draft)
        assert expected_table(draft, tested, aim).column("one").title == "One test part"
        assert aims_table(tested, aim, unit="patients").rows[0]["there"] == 60


def test_a_plan_says_when_nobody_reads() -> None:
    """A study against readers was planned on a cohort of none, and what is left out was seen after days of training."""
    recipe = load_recipe("micronodule", settings=["networks=[tiny]", "sizes.rule=none"])
    sized = made_up_cohort(90, images=1)
    said = " ".join(plan_study(recipe, sized, Aim()).tables[0].notes)
    assert "No reader is recorded" in said
    read = replace(sized, table=sized.table.assign(**{"reader:A": "4"}))
    assert "No reader is recorded" not in " ".join(plan_study(recipe, read, Aim()).tables[0].notes)
    assert "No reader is recorded" not in " ".join(plan_study(plain(), sized, Aim()).tables[0].notes)
