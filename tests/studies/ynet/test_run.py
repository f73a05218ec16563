"""A whole study of outlines and classes: what it leaves, that it resumes, and what each figure rests on."""

import pickle
import re
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.studies.ynet.conftest import SETTINGS
from thyrosight.cohort import Split, open_cohort, with_groups
from thyrosight.errors import CohortError
from thyrosight.inference import Predictor, Segmenter, load_bundle
from thyrosight.reports import write_report
from thyrosight.studies import load_recipe, run_study
from thyrosight.studies.kinds import load_result
from thyrosight.studies.ynet import YNetRecipe, YNetResult
from thyrosight.studies.ynet.outlined import load_found
from thyrosight.studies.ynet.trials import Setup, train_and_test

Study = tuple[YNetResult, Path]


def test_each_network_gives_what_its_task_gives(ynet_study: Study) -> None:
    result, folder = ynet_study
    joint, classification, segmentation = result.networks
    assert [bool(one.classes) for one in result.networks] == [True, True, False]
    assert [bool(one.outlines) for one in result.networks] == [True, False, True]
    assert joint.parameters > segmentation.parameters > classification.parameters
    assert result.summary().rows[1][1] == "-" and result.summary().rows[2][3] == "-"
    trials = sorted(path.name for path in (folder / "trials").iterdir() if path.is_dir())
    assert trials == [f"fold-0{n}_ynet_{task}" for n in (1, 2) for task in ("classification", "joint", "segmentation")]
    left = {path.name for path in (folder / "trials" / "fold-01_ynet_joint").iterdir()}
    assert left == {"predictions.csv", "outlines.csv", "found.npz", "weights.safetensors", "trial.json", "state.json"}
    others = [path for path in folder.glob("trials/*/weights.safetensors") if path.parent.name != "fold-01_ynet_joint"]
    assert others == []


def test_every_division_tests_the_same_patients_and_means_are_shown(ynet_study: Study) -> None:
    result, folder = ynet_study
    split = Split.load(folder / "splits.json")
    assert split.divisions[0].test == split.divisions[1].test
    assert not result.each_tested_once and "share test images" in result.rule
    drawn = result.main.outlines
    assert drawn is not None
    tested = sum(len(split.groups[group]) for group in split.divisions[0].test)
    assert (drawn.tests, drawn.images, drawn.groups) == (2 * tested, tested, len(split.divisions[0].test))
    table = pd.read_csv(folder / "predictions" / "ynet_joint.csv")
    areas = [roc_auc_score(rows["truth"], rows["risk"]) for _, rows in table.groupby("division")]
    assert result.table(result.main)["auc"].value == pytest.approx(np.mean(areas))
    assert drawn.dice_mean.value == pytest.approx(table["dice"].mean())
    assert drawn.dice.median == pytest.approx(table["dice"].median())
    assert drawn.failed.value == pytest.approx((table["dice"] < 0.1).mean())
    for name in ("sensitivity", "specificity"):
        rows = table[table["truth"] == (name == "sensitivity")]
        assert result.main.pooled[name].value == pytest.approx((rows["predicted"] == rows["truth"]).mean())


def test_joint_against_alone_is_the_difference_of_the_rows(ynet_study: Study) -> None:
    result, _ = ynet_study
    assert [(effect.task, effect.measure) for effect in result.effects] == [
        ("classification", "auc"), ("classification", "accuracy"), ("segmentation", "dice"),
    ]  # fmt: skip
    for effect in result.effects:
        assert effect.difference == pytest.approx(effect.joint - effect.alone)
        told = effect.low > 0 or effect.high < 0
        assert (effect.verdict != "cannot be told") == told
        assert (effect.verdict if told else "cannot be told") in effect.sentence
    alone = {one.key: one for one in result.networks}
    dice = alone["ynet_segmentation"].outlines
    assert dice is not None and result.effects[2].alone == pytest.approx(dice.dice_mean.value)
    # The same network seen from the other side.
    against = alone["ynet_segmentation"].against_main
    assert [one.measure for one in against] == ["dice"]
    assert against[0].difference == pytest.approx(-result.effects[2].difference)


def test_a_second_run_trains_nothing_and_finds_the_same(
    ynet_study: Study, disc_cohort: Path, ynet_recipe: YNetRecipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = ynet_study
    monkeypatch.setattr("thyrosight.studies.ynet.trials.fit", None)
    again = run_study(ynet_recipe, disc_cohort, folder)
    assert again.model_dump(exclude={"created", "command"}) == result.model_dump(exclude={"created", "command"})
    assert load_result(folder) == again


def test_trials_run_elsewhere_are_taken_over_without_their_weights(
    ynet_study: Study, disc_cohort: Path, ynet_recipe: YNetRecipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = ynet_study
    moved = Path(shutil.copytree(disc_cohort.parent, tmp_path / "elsewhere"))
    shutil.copytree(folder / "trials", tmp_path / "out" / "trials")
    (tmp_path / "out" / "trials" / "fold-01_ynet_joint" / "weights.safetensors").unlink()
    for name in ("study.json", "splits.json"):
        shutil.copy(folder / name, tmp_path / "out" / name)
    monkeypatch.setattr("thyrosight.studies.ynet.trials.fit", None)
    again = run_study(ynet_recipe, moved / "cohort.csv", tmp_path / "out")
    assert isinstance(again, YNetResult) and again.networks == result.networks
    assert again.model is None
    assert any(sentence.startswith("No model was saved: the weights of Y-Net") for sentence in again.unfinished)


def test_what_is_needed_can_be_sent_to_other_processes(disc_cohort: Path, ynet_recipe: YNetRecipe) -> None:
    cohort = with_groups(open_cohort(disc_cohort))
    split = Split(
        cohort=cohort.digest(), kind="patient-level", seed=0, method="", stratified_by=(), groups={}, divisions=()
    )
    one, other = (Setup(ynet_recipe, cohort, split, Path(cache)) for cache in ("a", "b"))
    assert pickle.loads(pickle.dumps(partial(train_and_test, one))).func is train_and_test
    assert one.identity() == other.identity()
    less = load_recipe("ynet-lymph-node", settings=[*SETTINGS, "networks=[ynet]", "outlines.failed_below=0.2"])
    assert isinstance(less, YNetRecipe)
    assert Setup(less, cohort, split, Path("a")).identity() == one.identity()


def test_the_model_outlines_and_tells_the_class_as_in_the_study(ynet_study: Study, disc_cohort: Path) -> None:
    result, folder = ynet_study
    assert result.model is not None
    bundle = load_bundle(result.model.folder)
    assert bundle.info.masks is not None and bundle.info.masks.dice is not None
    table = pd.read_csv(folder / "predictions" / "ynet_joint.csv")
    row = table[table["division"] == "fold-01"].iloc[0]
    image = disc_cohort.parent / f"{row['key']}.png"
    segmentation = Segmenter(bundle).segment(image)
    assert segmentation.mask.sum() == pytest.approx(row["found_pixels"], abs=3)
    assessment = Predictor(bundle).assess(image)
    assert assessment.calibrated_risk == pytest.approx(row["risk"], abs=1e-4)
    found = load_found(folder / "trials" / "fold-01_ynet_joint" / "found.npz")
    assert set(found) == set(table["key"]) and found[row["key"]].shape == (32, 32)


def test_an_empty_mask_is_an_image_without_lesion(ynet_study: Study) -> None:
    result, folder = ynet_study
    rows = pd.concat([pd.read_csv(path) for path in folder.glob("trials/*/outlines.csv")])
    empty = rows[rows["key"] == "i35"]
    assert len(empty) and (empty["true_pixels"] == 0).all()
    assert ((empty["dice"] == 1) == (empty["found_pixels"] == 0)).all()
    assert empty.loc[empty["found_pixels"] > 0, "hd95_pixels"].isna().all()
    drawn = result.main.outlines
    assert drawn is not None
    assert drawn.without_lesion == int((rows[rows["part"] == "test"]["true_pixels"] == 0).sum()) / 2
    assert rows["hd95_mm"].isna().all() and drawn.hd95_mm.n == 0


def test_examples_are_ordered_and_have_their_pictures(ynet_study: Study) -> None:
    result, folder = ynet_study
    assert [one.kind for one in result.examples] == ["good"] * 2 + ["middling"] * 2 + ["failed"] * 2
    dice = [one.dice for one in result.examples]
    assert dice == sorted(dice, reverse=True)
    assert len({one.group for one in result.examples}) == 6
    with np.load(folder / "pictures.npz") as stored:
        for one in result.examples:
            assert stored[f"{one.key}/truth"].shape == stored[f"{one.key}/pixels"].shape == (32, 32)


def test_report_baseline_and_levels_are_those_of_the_table(ynet_study: Study, disc_cohort: Path) -> None:
    result, folder = ynet_study
    table = pd.read_csv(disc_cohort)
    assert sum(level.malignant for level in result.levels) == (table["label"] == "malignant").sum()
    assert [(level.level, level.side) for level in result.levels] == [
        ("III", "right"), ("IV", "left"), ("VII", "middle"), ("not recorded", ""),
    ]  # fmt: skip
    split = Split.load(folder / "splits.json")
    keys = {key for group in split.divisions[0].test for key in split.groups[group]}
    rows = table[table["key"].isin(keys)]
    report = result.report
    assert report is not None and report.images == len(rows)
    open_ones = int((rows["report_text"] == "no keyword here").sum())
    assert report.readings["undecided: no keyword"] == open_ones > 0
    decided = rows[rows["report_text"] != "no keyword here"]
    right = (decided["report_text"] == "metastasis") == (decided["label"] == "malignant")
    assert report.decided["accuracy"].value == pytest.approx(right.mean())
    assert report.undecided_wrong["accuracy"].value == pytest.approx(right.sum() / len(rows))
    assert report.undecided_right["accuracy"].value == pytest.approx((right.sum() + open_ones) / len(rows))
    both = [one for one in report.comparisons if one.quantity == "accuracy"]
    assert {one.network for one in both} == {"Y-Net, outline and class", "Y-Net, class alone"}
    assert all(one.n == len(decided) * 2 and "GEE" in one.method for one in both)


def test_report_and_tables_are_written_and_say_simulated(ynet_study: Study) -> None:
    result, folder = ynet_study
    page = write_report(result, folder).read_text(encoding="utf-8")
    for words in ("Joint or alone", "Original report", "Table 3", "Table 2", "Figure 2", "simulated: no patient"):
        assert words in page
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", page, flags=re.DOTALL)
    assert len(captions) >= 8 and all("simulated" in caption for caption in captions)
    notes = re.findall(r'<p class="notes">(.*?)</p>', page, flags=re.DOTALL)
    assert len(notes) >= 8 and all("simulated" in note for note in notes)
    tables = {path.stem for path in (folder / "tables").glob("*.csv")}
    assert tables >= {"table-2", "table-3", "outlines", "joint-or-alone", "baseline", "trials"}
    assert (pd.read_csv(folder / "tables" / "table-3.csv")["labels"] == "simulated").all()


def test_a_cohort_without_reports_levels_or_masks_says_so(disc_cohort: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(disc_cohort.parent, bare)
    table = pd.read_csv(bare / "cohort.csv", dtype=str)
    kept = ["key", "image", "mask", "patient_id", "label", "label_source"]
    table[kept].to_csv(bare / "cohort.csv", index=False)
    settings = [*SETTINGS, "training.epochs=1", "split={method: folds, folds: 2, validation: 0.3}"]
    alone = "networks=[{architecture: ynet, task: classification, weights: none}]"
    recipe = load_recipe("ynet-lymph-node", settings=[*settings, alone])
    result = run_study(recipe, bare / "cohort.csv", tmp_path / "out")
    assert isinstance(result, YNetResult)
    assert result.each_tested_once and result.levels == [] and result.report is None and result.effects == []
    assert result.examples == [] and result.model is not None
    assert result.table(result.main)["auc"].n == 36  # pooled: each image once
    said = " ".join(result.unfinished)
    assert "no row of the original report" in said and "no table of neck levels" in said and "the short axis" in said
    write_report(result, tmp_path / "out")
    # Outlines cannot be learnt without masks: one sentence names the images.
    table.loc[3, "mask"] = ""
    table[kept].to_csv(bare / "cohort.csv", index=False)
    recipe = load_recipe("ynet-lymph-node", settings=settings)
    with pytest.raises(CohortError, match="1 of 36 images have no mask, for example i03"):
        run_study(recipe, bare / "cohort.csv", tmp_path / "other")


def test_outlines_alone_give_no_rows_of_classes(disc_cohort: Path, tmp_path: Path) -> None:
    alone = "networks=[{architecture: ynet, task: segmentation, weights: none}]"
    recipe = load_recipe("ynet-lymph-node", settings=[*SETTINGS, "training.epochs=1", alone])
    result = run_study(recipe, disc_cohort, tmp_path / "out")
    assert isinstance(result, YNetResult)
    assert result.main.classes is None and result.table(result.main) == {} and result.effects == []
    assert result.report is not None and result.report.comparisons == []
    assert all(one.risk is None for one in result.examples) and len(result.examples) == 6
    page = write_report(result, tmp_path / "out").read_text(encoding="utf-8")
    assert "Classes: AUC" not in page and "Dice of every test" in page
    assert result.model is not None
    assert Segmenter(load_bundle(result.model.folder)).segment(disc_cohort.parent / "i00.png").rows == 72
