"""Several seeds and a learning curve: which trials repeat the main network, and what their tables hold."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.studies.made_up import made_up_cohort, train_nothing
from thyrosight.documents.drawings import DivisionDots, Lines
from thyrosight.errors import NetworkError, RecipeError
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.predictions import load_raw
from thyrosight.studies.trial import nested_share

REPEATED = ("evaluation.bootstrap=200", "training.seeds=3", "learning_curve=[0.5, 0.25]")
SETTINGS = (
    *REPEATED,
    "networks=[tiny, {architecture: resnet18, weights: none}]",
    "split.repeats=3",
    "split.validation=0.35",
    "explain.images=0",
    "explain.worst=0",
)
SHORT = ("networks=[tiny]", "split.repeats=2")


def run(folder: Path, *settings: str, train: Any = train_nothing) -> Result:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train)
        return run_study(load_recipe("demo", settings=[*SETTINGS, *settings]), made_up_cohort(), folder)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    folder = tmp_path_factory.mktemp("repeated") / "out"
    return run(folder), folder


def area(folder: Path, division: str, key: str) -> float:
    raw = load_raw(folder / "trials" / f"{division}_{key}" / "predictions.csv")
    test = raw[raw["part"] == "test"]
    return float(roc_auc_score(test["truth"], test["probability"]))


def test_the_main_network_alone_is_trained_again(study: tuple[Result, Path]) -> None:
    trials = {row["trial"]: row for row in study[0].table("trials").rows}
    own = [name.removeprefix("division-01_") for name in trials if str(name).startswith("division-01")]
    assert own == ["tiny", "resnet18", "tiny_seed-2", "tiny_seed-3", "tiny_share-0.25", "tiny_share-0.5"]
    assert len(trials) == 18
    assert trials["division-02_tiny_seed-3"]["axes"] == "network tiny, seed 3"
    assert [row["network"] for row in study[0].table("means").rows] == ["tiny", "resnet18"]


def test_seeds_and_divisions_are_told_apart(study: tuple[Result, Path]) -> None:
    result, folder = study
    names, keys = [f"division-0{n}" for n in (1, 2, 3)], ["tiny", "tiny_seed-2", "tiny_seed-3"]
    areas = np.array([[area(folder, name, key) for key in keys] for name in names])
    (row,) = result.table("seeds").rows
    found: Any = row
    within = areas.var(axis=1, ddof=1).mean()
    between = max(0.0, areas.mean(axis=1).var(ddof=1) - within / 3)
    assert [found[name] for name in ("measure", "divisions", "seeds")] == ["AUC", 3, 3]
    assert found["mean"] == pytest.approx(areas.mean())
    assert found["between_seeds"].value == pytest.approx(np.sqrt(within))
    assert found["between_divisions"].value == pytest.approx(np.sqrt(between))
    assert found["between_seeds"].low < found["between_seeds"].value < found["between_seeds"].high
    table = result.table("seed-values")
    for place, name in enumerate(names):
        for seed in (1, 2, 3):
            assert table.at(division=name, seed=seed, column="value") == pytest.approx(areas[place, seed - 1])
    (figure,) = [figure for figure in result.document.figures() if figure.name == "seeds"]
    assert isinstance(figure.drawing, DivisionDots)
    assert figure.drawing.networks["seed 2"] == pytest.approx(areas[:, 1])
    said = f"The AUC of 3 trainings of one division, from other seeds, varied by {np.sqrt(within):.3f}"
    assert said in result.document.key_result


def test_the_learning_curve_rises_by_shares_and_ends_with_all(study: tuple[Result, Path]) -> None:
    result, folder = study
    table = result.table("learning-curve")
    keys = {0.25: "tiny_share-0.25", 0.5: "tiny_share-0.5", 1.0: "tiny"}
    assert [row["share"] for row in table.rows] == list(keys) and table.strong == 2
    names = [f"division-0{n}" for n in (1, 2, 3)]
    means = {share: np.mean([area(folder, name, key) for name in names]) for share, key in keys.items()}
    trials = result.table("trials")
    for row in table.rows:
        found: Any = row
        assert found["auc"].value == pytest.approx(means[found["share"]])
        assert found["images"] == trials.at(trial=f"division-01_{keys[found['share']]}", column="train")
        assert found["images"] == 2 * found["groups"] > 2 * found["malignant"] > 0
        if found["share"] < 1:
            assert found["auc_difference"].value == pytest.approx(means[found["share"]] - means[1.0])
            assert found["auc_p"] <= found["auc_p_corrected"]
    assert [row["groups"] for row in table.rows] == sorted(row["groups"] for row in table.rows)  # type: ignore
    (figure,) = [figure for figure in result.document.figures() if figure.name == "learning-curve"]
    assert isinstance(figure.drawing, Lines)
    (curve,) = figure.drawing.panels[0].curves
    assert list(curve.x) == [row["groups"] for row in table.rows]
    assert list(curve.y) == pytest.approx(list(means.values()))


def test_outlines_have_a_spread_and_a_curve_of_their_own(tmp_path: Path) -> None:
    settings = [*REPEATED, "networks=[{architecture: ynet, weights: none}]", "split.folds=2", "outlines.examples=0"]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train_nothing)
        recipe = load_recipe("ynet-lymph-node", settings=settings)
        result = run_study(recipe, made_up_cohort(mask="m.png"), tmp_path / "out")
    assert [row["measure"] for row in result.table("seeds").rows] == ["AUC", "mean Dice"]
    values = pd.DataFrame(result.table("seed-values").records())
    dice = values[values["measure"] == "mean Dice"].pivot_table(index="division", columns="seed", values="value")
    row: Any = result.table("seeds").row(measure="mean Dice")
    assert row["between_seeds"].value == pytest.approx(np.sqrt(dice.var(axis=1, ddof=1).mean()))
    drawn = pd.read_csv(tmp_path / "out" / "trials" / "fold-01_ynet_joint_seed-2" / "outlines.csv")
    assert dice.loc["fold-01", 2] == pytest.approx(drawn.loc[drawn["part"] == "test", "dice"].mean())
    curve: Any = result.table("learning-curve").rows
    assert all(row["dice"].low < row["dice"].value < row["dice"].high for row in curve)
    assert {"auc_verdict", "dice_verdict"} <= set(curve[0]) and "dice_verdict" not in curve[-1]


def test_smaller_shares_are_parts_of_larger_ones_and_keep_both_classes() -> None:
    rows = made_up_cohort(60).table
    shares = {share: set(nested_share(rows, share, seed=5)["group"]) for share in (0.02, 0.1, 0.3, 0.7, 0.99)}
    sizes = [len(groups) for groups in shares.values()]
    assert sizes == sorted(sizes) and sizes[0] == 2
    for small, large in zip(shares.values(), list(shares.values())[1:], strict=False):
        assert small <= large
    kept = nested_share(rows, 0.3, seed=5)
    whole = rows.groupby("label")["group"].nunique()
    assert kept.groupby("label")["group"].nunique().to_dict() == (0.3 * whole).round().astype(int).to_dict()
    assert set(nested_share(rows, 0.3, seed=6)["group"]) != shares[0.3]


def test_a_study_that_was_run_takes_further_seeds_and_trains_those_alone(tmp_path: Path) -> None:
    trained: list[str] = []

    def noting(setup: Any, parameters: Any, folder: Path, progress: Any) -> Any:
        trained.append(f"{parameters['division']}_{parameters['key']}")
        return train_nothing(setup, parameters, folder, progress)

    plain = run(tmp_path / "out", *SHORT, "training.seeds=1", "learning_curve=[]")
    assert not {"seeds", "seed-values", "learning-curve"} & set(plain.document.names())
    more = run(tmp_path / "out", *SHORT, "training.seeds=2", "learning_curve=[0.5]", train=noting)
    assert sorted(trained) == sorted(f"division-0{n}_tiny_{key}" for n in (1, 2) for key in ("seed-2", "share-0.5"))
    assert more.table("means") == plain.table("means")


def test_a_seed_that_cannot_be_trained_is_told_and_the_rest_is_reported(tmp_path: Path) -> None:
    def fail(setup: Any, parameters: Any, folder: Path, progress: Any) -> Any:
        if parameters["key"] == "tiny_seed-3":
            raise NetworkError("The disk is full.")
        return train_nothing(setup, parameters, folder, progress)

    result = run(tmp_path / "out", *SHORT, "learning_curve=[]", train=fail)
    assert any("tiny_seed-3" in text and "The disk is full" in text for text in result.unfinished)
    assert result.table("seeds").rows[0]["seeds"] == 2


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("training.seeds=0", "training.seeds"),
        ("learning_curve=[0.5, 1.5]", "learning_curve"),
        ("learning_curve=[0.5, 0.5]", "a share stands twice"),
        ("networks=[{architecture: tiny, training: {seeds: 3}}]", "seeds"),
    ],
)
def test_a_recipe_that_asks_for_what_cannot_be_is_refused(setting: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        load_recipe("demo", settings=[*SETTINGS, setting])
