"""The report of a study of outlines and classes: every table against stored ones and against the predictions."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.languages.reading import english_left
from tests.studies.kinds.ynet_lymph_node.test_languages import keywords
from tests.studies.made_up import assert_golden, made_up_cohort, train_nothing, without_training
from thyrosight.cohort import Split
from thyrosight.documents import Measure
from thyrosight.errors import NetworkError
from thyrosight.statistics import adjust_p_values
from thyrosight.studies import Result, load_recipe, run_study
from thyrosight.studies.kinds.ynet_lymph_node.report import absent_columns

NETWORKS = {
    "ynet_joint": "Y-Net, outline and class",
    "ynet_classification": "Y-Net, class alone",
    "ynet_segmentation": "Y-Net, outline alone",
    "unet_joint": "U-Net, outline and class",
}
SETTINGS = (
    "networks=[{architecture: ynet, weights: none, role: main},"
    " {architecture: ynet, task: classification, weights: none},"
    " {architecture: ynet, task: segmentation, weights: none}, {architecture: unet, weights: none}]",
    "preparation.size=32",
    "split.folds=3",
    "split.test=0.4",
    "evaluation.bootstrap=200",
    "outlines.examples=0",
)
LEVELS = (("III", "right"), ("level II", "left"), ("VII", "middle"), (None, ""))
__all__ = ["without_training"]


def cohort() -> Any:
    """Every fifth report has no keyword; malignant ones are mostly called metastasis."""
    random, plain = np.random.default_rng(3), made_up_cohort(60).table
    n, malignant = len(plain), plain["label"] == "malignant"
    called = np.where(random.random(n) < np.where(malignant, 0.9, 0.3), "metastasis", "normal lymph node")
    patient = plain["patient_id"].astype("category").cat.codes.to_numpy()
    return made_up_cohort(
        60,
        mask="mask.png",
        sex=np.where(patient % 3 == 0, "M", "F"),
        age=30 + patient % 40,
        size_mm=np.where(malignant, 14.0, 11.0) + random.normal(size=n).round(1),
        short_axis_mm=np.where(np.arange(n) % 10, 5.0 + random.random(n).round(1), np.nan),
        neck_level=[LEVELS[place % 4][0] for place in range(n)],
        neck_side=[LEVELS[place % 4][1] for place in range(n)],
        report_text=np.where(np.arange(n) % 5 == 4, "no keyword here", called),
    )


def run(folder: Path, *settings: str) -> tuple[Result, Path]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("thyrosight.studies.run.train_and_test", train_nothing)
        return run_study(load_recipe("ynet-lymph-node", settings=[*SETTINGS, *settings]), cohort(), folder), folder


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    return run(tmp_path_factory.mktemp("ynet") / "out")


@pytest.fixture(scope="module")
def tested_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Result, Path]:
    """The same with folds that test each image once."""
    return run(tmp_path_factory.mktemp("folds") / "out", "split.method=folds")


def predictions(study: tuple[Result, Path], network: str) -> pd.DataFrame:
    return pd.read_csv(study[1] / "predictions" / f"{network}.csv")


def within(found: Any, value: float) -> None:
    """An estimate of this value, strictly between its limits."""
    assert isinstance(found, Measure)
    assert found.value == pytest.approx(value)
    assert found.low < found.value < found.high  # type: ignore[operator]


def shares(rows: pd.DataFrame) -> dict[str, float]:
    """The proportions of calls (columns truth, predicted)."""
    truth, called = rows["truth"] == 1, rows["predicted"] == 1
    right = truth == called
    return {
        "sensitivity": right[truth].mean(), "specificity": right[~truth].mean(), "accuracy": right.mean(),
        "ppv": right[called].mean(), "npv": right[~called].mean(),
    }  # fmt: skip


def ratios(rows: pd.DataFrame) -> tuple[float, float]:
    """The positive and the negative likelihood ratio of calls."""
    found = shares(rows)
    with np.errstate(divide="ignore"):
        return found["sensitivity"] / (1 - found["specificity"]), (1 - found["sensitivity"]) / found["specificity"]


def test_every_table_is_what_it_was(study: tuple[Result, Path]) -> None:
    assert_golden(study[0], Path(__file__).with_name("golden.json"))


@pytest.mark.parametrize(("name", "means", "pooled"), [
    ("study", "table-3", "table-3-pooled"), ("tested_once", "table-3-means", "table-3"),
])  # fmt: skip
def test_table_3_and_its_file_hold_means_over_divisions_and_pooled_measures(
    name: str, means: str, pooled: str, request: pytest.FixtureRequest
) -> None:
    found: tuple[Result, Path] = request.getfixturevalue(name)
    networks = ["ynet_joint", "ynet_classification", "unet_joint"]
    unprinted = found[0].table(pooled if means == "table-3" else means)
    assert [row["network"] for row in unprinted.rows] == networks
    for network in networks:
        table = predictions(found, network)
        parts = [rows for _, rows in table.groupby("division")]
        assert len(parts) == 3
        row, other = found[0].table(means).row(network=network), found[0].table(pooled).row(network=network)
        assert row["title"] == other["title"] == NETWORKS[network]
        within(row["auc"], float(np.mean([roc_auc_score(part["truth"], part["risk"]) for part in parts])))
        for measure, value in shares(table).items():
            within(row[measure], float(np.mean([shares(part)[measure] for part in parts])))
            within(other[measure], value)
        for place, measure in enumerate(("positive_likelihood_ratio", "negative_likelihood_ratio")):
            mean = float(np.mean([ratios(part)[place] for part in parts]))
            within(other[measure], ratios(table)[place])
            assert row[measure].value == (pytest.approx(mean) if np.isfinite(mean) else None)  # type: ignore[union-attr]


def test_outlines_are_summed_up_over_all_tests(study: tuple[Result, Path]) -> None:
    assert any("Dice tells how well" in sentence for sentence in study[0].document.limitations)
    for network in ("ynet_joint", "ynet_segmentation", "unet_joint"):
        table, row = predictions(study, network), study[0].table("outlines").row(network=network)
        dice = table["dice"]
        within(row["dice_mean"], dice.mean())
        within(row["dice_median"], dice.median())
        within(row["failed"], (dice < 0.1).mean())
        assert row["dice_mean"].spread == pytest.approx(table.groupby("division")["dice"].mean().std())  # type: ignore
        for name in ("dice", "iou", "hd95_pixels"):
            found: Any = row[name]
            expected = table[name].quantile([0, 0.25, 0.5, 0.75, 1]).tolist()
            assert [found.low, found.quartile_1, found.median, found.quartile_3, found.high] == pytest.approx(expected)
            assert found.n == table[name].notna().sum()
        assert row["found_nothing"] == (table["found_pixels"] == 0).sum()
        counts = [len(table), table["key"].nunique(), table["group"].nunique()]
        assert [row[name] for name in ("tests", "images", "groups")] == counts


def test_joint_and_alone_are_those_of_their_networks(study: tuple[Result, Path]) -> None:
    result, _ = study
    table = result.table("joint-or-alone")
    assert [(row["architecture"], row["task"], row["measure"]) for row in table.rows] == [
        ("ynet", "classification", "auc"), ("ynet", "classification", "accuracy"), ("ynet", "segmentation", "dice"),
    ]  # fmt: skip
    for row in table.rows:
        values = [_measured(predictions(study, f"ynet_{task}"), str(row["measure"])) for task in ("joint", row["task"])]
        assert values[0] != pytest.approx(values[1], abs=0.005)
        assert (row["joint"], row["alone"]) == (pytest.approx(values[0]), pytest.approx(values[1]))
        within(row["difference"], values[0] - values[1])
        difference: Any = row["difference"]
        told = "helps" if difference.low > 0 else "hurts" if difference.high < 0 else "cannot be told"
        assert row["verdict"] == told and told in str(row["sentence"])
        assert str(row["sentence"]) in str(result.document.sections)
    assert table.at(measure="auc", column="sentence") in result.document.key_result


def _measured(table: pd.DataFrame, name: str) -> float:
    parts = [rows for _, rows in table.groupby("division")]
    if name == "dice":
        return float(table["dice"].mean())
    if name == "accuracy":
        return float(np.mean([shares(part)["accuracy"] for part in parts]))
    return float(np.mean([roc_auc_score(part["truth"], part["risk"]) for part in parts]))


def reached(difference: Any, p: Any) -> str:
    """The verdict by the rule of the documentation: a margin of 0.02, and a corrected P below 0.05."""
    if difference.low > 0.02 and p < 0.05:
        return "better"
    if difference.high < -0.02 and p < 0.05:
        return "worse"
    return "practically equal" if difference.low > -0.02 and difference.high < 0.02 else "cannot be told"


def test_networks_are_held_against_the_main_one(study: tuple[Result, Path]) -> None:
    table = study[0].table("networks")
    assert {row["network"]: row["title"] for row in table.rows} == NETWORKS
    assert [row["role"] for row in table.rows] == ["main", *3 * ["comparator"]]
    assert not {"auc", "dice"} & set(table.rows[0])
    for measure, networks in (
        ("auc", ("ynet_classification", "unet_joint")), ("dice", ("ynet_segmentation", "unet_joint")),
    ):  # fmt: skip
        own = [table.row(network=network) for network in networks]
        for row in own:
            values = [_measured(predictions(study, name), measure) for name in (str(row["network"]), "ynet_joint")]
            within(row[measure], values[0] - values[1])
        assert [row[f"{measure}_verdict"] for row in own] == [
            reached(row[measure], row[f"{measure}_p_corrected"]) for row in own
        ]
        p = [row[f"{measure}_p"] for row in own]
        assert [row[f"{measure}_p_corrected"] for row in own] == pytest.approx(adjust_p_values(p, method="holm"))


def test_the_original_report_is_a_reader(study: tuple[Result, Path]) -> None:
    result, folder = study
    split, table = Split.load(folder / "splits.json"), cohort().table
    keys = {key for group in split.divisions[0].test for key in split.groups[group]}
    rows = table[table["key"].isin(keys)]
    silent = rows["report_text"] == "no keyword here"
    truth, called = rows["label"] == "malignant", rows["report_text"] == "metastasis"
    ways = {
        "decided": pd.DataFrame({"truth": truth, "predicted": called})[~silent],
        "undecided as wrong": pd.DataFrame({"truth": truth, "predicted": called.where(~silent, ~truth)}),
        "undecided as right": pd.DataFrame({"truth": truth, "predicted": called.where(~silent, truth)}),
    }
    own = result.table("original-report")
    assert [row["way"] for row in own.rows] == list(ways)
    for way, calls in ways.items():
        row = own.row(way=way)
        assert row["images"] == len(calls)
        for name, value in shares(calls.astype(int)).items():
            within(row[name], value)
    assert f"undecided: no keyword {silent.sum()}" in own.notes[0]
    row = result.table("table-3").row(network="original-report")
    assert "auc" not in row and row["npv"] == own.at(way="decided", measure="npv")
    assert any(
        f"{silent.sum()} of {len(rows)} test images are undecided" in note for note in result.table("table-3").notes
    )


def test_networks_are_held_against_the_reports_that_decide(study: tuple[Result, Path]) -> None:
    table, texts = study[0].table("report-against-networks"), cohort().table.set_index("key")["report_text"]
    assert len(table.rows) == 15
    for row in table.rows:
        both = predictions(study, str(row["network"]))
        both = both[both["key"].map(texts) != "no keyword here"]
        of_report = both.assign(predicted=(both["key"].map(texts) == "metastasis").astype(int))
        values = [shares(rows)[str(row["measure"])] for rows in (both, of_report)]
        assert (row["of_network"], row["of_report"]) == (pytest.approx(values[0]), pytest.approx(values[1]))
        within(row["difference"], values[0] - values[1])
        assert row["title"] == NETWORKS[str(row["network"])]
        assert row["verdict"] == reached(row["difference"], row["p_corrected"])
    p = [row["p"] for row in table.rows]
    assert [row["p_corrected"] for row in table.rows] == pytest.approx(adjust_p_values(p, method="holm"))
    assert "Accuracy minus that of the original report" in study[0].document.key_result


def test_levels_and_classes_are_counted(study: tuple[Result, Path]) -> None:
    table, rows = study[0].table("table-2"), cohort().table
    for level, side, written in (("II", "left", "level II"), ("III", "right", "III"), ("VII", "middle", "VII")):
        for label in ("benign", "malignant"):
            count = ((rows["neck_level"] == written) & (rows["label"] == label)).sum()
            assert table.at(level=level, side=side, column=label) == count
    assert [row["title"] for row in table.rows] == [
        "Level II, left", "Level III, right", "Level VII, middle", "not recorded", "All",
    ]  # fmt: skip
    assert table.rows[-1]["malignant"] == (rows["label"] == "malignant").sum()


def test_absent_columns_are_told() -> None:
    rows = pd.DataFrame({"label": ["benign"], "sex": ["F"], "neck_level": ["II"]})
    assert absent_columns(rows) == [
        "The baseline table lacks the long axis and the short axis: the cohort does not record them.",
        "Neck levels are not parted by side: the cohort does not record it.",
    ]


def test_a_network_whose_trial_fails_is_left_out_and_a_main_one_ends_the_study(
    without_training: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.studies.made_up import train_nothing

    def fail(name: str) -> Any:
        def task(setup: Any, parameters: Any, folder: Path, progress: Any) -> Any:
            if parameters["key"] == name:
                raise NetworkError("The disk is full.")
            return train_nothing(setup, parameters, folder, progress)

        return task

    recipe = load_recipe("ynet-lymph-node", settings=SETTINGS)
    monkeypatch.setattr("thyrosight.studies.run.train_and_test", fail("ynet_segmentation"))
    result = run_study(recipe, cohort(), tmp_path / "out")
    assert any("The disk is full" in sentence for sentence in result.unfinished)
    assert [row["network"] for row in result.table("outlines").rows] == ["ynet_joint", "unet_joint"]
    monkeypatch.setattr("thyrosight.studies.run.train_and_test", fail("ynet_joint"))
    with pytest.raises(NetworkError, match="main network could not be trained"):
        run_study(recipe, cohort(), tmp_path / "other")


def test_both_decoders_stand_beside_each_other(tmp_path: Path) -> None:
    both = ", ".join(
        f"{{architecture: {name}, task: {task}, weights: none}}"
        for task in ("joint", "segmentation")
        for name in ("ynet", "ynet_residual")
    )
    result, folder = run(tmp_path / "out", f"networks=[{both}]")
    table = result.table("decoders")
    assert [row["network"] for row in table.rows] == [
        "ynet_joint", "ynet_residual_joint", "ynet_segmentation", "ynet_residual_segmentation",
    ]  # fmt: skip
    assert [row["parameters"] for row in table.rows] == [2_390_451, 3_353_595, 2_357_297, 3_320_441]
    assert table.at(network="ynet_residual_joint", measure="of_decoder") == pytest.approx(1.437609)
    for task in ("joint", "segmentation"):
        dice = [predictions((result, folder), f"{name}_{task}")["dice"].mean() for name in ("ynet", "ynet_residual")]
        within(table.at(network=f"ynet_residual_{task}", measure="delta"), dice[1] - dice[0])
    trials = [json.loads(path.read_text()) for path in sorted(folder.glob("trials/*01*_joint/trial.json"))]
    assert len(trials) == 2 and len({trial["parameters"]["training"]["seed"] for trial in trials}) == 1
    for language in ("es", "zh"):
        left = english_left(result.document, language, names=keywords(result))
        assert not [text for text in left if "decoder" in text.lower()]


def test_decoders_that_differ_in_more_are_not_compared(study: tuple[Result, Path], tmp_path: Path) -> None:
    assert "decoders" not in study[0].document.names()
    dice = "{architecture: ynet_residual, weights: none, training: {mask_loss: {dice: 1}}}"
    result, _ = run(tmp_path / "out", f"networks=[{{architecture: ynet, weights: none, role: main}}, {dice}]")
    assert "decoders" not in result.document.names()


def test_the_residual_decoder_is_drawn_where_it_is_the_main_network(tmp_path: Path) -> None:
    result, _ = run(tmp_path / "out", "networks=[{architecture: ynet_residual, weights: none}]")
    (inside,) = [figure for figure in result.document.figures() if figure.name == "network-blocks"]
    titles = [panel.title for panel in inside.drawing.panels]  # type: ignore[union-attr]
    assert "Inside: residual block" in titles and "Inside: residual block with pyramid" in titles
