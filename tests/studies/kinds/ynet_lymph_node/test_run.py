"""A whole study of outlines and classes on drawn discs: what it leaves, that it resumes, and what it refuses."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from tests.studies.kinds.ynet_lymph_node.conftest import SETTINGS
from thyrosight.cohort import Split
from thyrosight.documents.drawings import PictureGrid
from thyrosight.errors import CohortError
from thyrosight.inference import Predictor, Segmenter, load_bundle
from thyrosight.reports import write_report
from thyrosight.studies import Result, load_recipe, load_result, run_study
from thyrosight.studies.guidelines import without_guidelines
from thyrosight.studies.kinds.ynet_lymph_node.recipe import Recipe
from thyrosight.studies.outlined import load_found

Study = tuple[Result, Path]


def area(rows: pd.DataFrame) -> float:
    """AUC of stored risks; a network that learnt next to nothing gives risks that 9 digits do not tell apart."""
    direction = 1 if rows["risk"].corr(rows["probability"]) > 0 else -1
    order = np.lexsort((direction * rows["probability"], rows["risk"]))
    return float(roc_auc_score(rows["truth"], np.argsort(order)))


def test_each_network_gives_what_its_task_gives(ynet_study: Study) -> None:
    result, folder = ynet_study
    assert [row["network"] for row in result.table("table-3").rows] == [
        "ynet_joint", "ynet_classification", "original-report",
    ]  # fmt: skip
    assert [row["network"] for row in result.table("outlines").rows] == ["ynet_joint", "ynet_segmentation"]
    joint, classification, segmentation = (row["parameters"] for row in result.table("networks").rows)
    assert joint > segmentation > classification  # type: ignore[operator]
    trials = sorted(path.name for path in (folder / "trials").iterdir() if path.is_dir())
    assert trials == [f"fold-0{n}_ynet_{task}" for n in (1, 2) for task in ("classification", "joint", "segmentation")]
    left = {path.name for path in (folder / "trials" / "fold-01_ynet_joint").iterdir()}
    assert left == {"predictions.csv", "outlines.csv", "found.npz", "weights.safetensors", "trial.json", "state.json"}
    assert [path.parent.name for path in folder.glob("trials/*/weights.safetensors")] == ["fold-01_ynet_joint"]


def test_every_division_tests_the_same_patients_and_means_are_shown(ynet_study: Study) -> None:
    result, folder = ynet_study
    split = Split.load(folder / "splits.json")
    assert split.divisions[0].test == split.divisions[1].test
    assert "share test images" in result.document.tiles_note
    row = result.table("outlines").row(network="ynet_joint")
    tested = sum(len(split.groups[group]) for group in split.divisions[0].test)
    assert [row[name] for name in ("tests", "images", "groups")] == [2 * tested, tested, len(split.divisions[0].test)]
    table = pd.read_csv(folder / "predictions" / "ynet_joint.csv")
    areas = [area(rows) for _, rows in table.groupby("division")]
    assert result.table("table-3").at(network="ynet_joint", measure="auc").value == pytest.approx(np.mean(areas))
    assert row["dice_mean"].value == pytest.approx(table["dice"].mean())  # type: ignore[union-attr]


def test_a_second_run_trains_nothing_and_finds_the_same(
    ynet_study: Study, disc_cohort: Path, ynet_recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = ynet_study
    monkeypatch.setattr("thyrosight.studies.execution.fit", None)
    again = run_study(ynet_recipe, disc_cohort, folder, command=result.facts.command)
    assert again.document.model_dump(exclude={"subtitle"}) == result.document.model_dump(exclude={"subtitle"})
    assert load_result(folder) == again


def test_trials_run_elsewhere_are_taken_over_without_their_weights(
    ynet_study: Study, disc_cohort: Path, ynet_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = ynet_study
    moved = Path(shutil.copytree(disc_cohort.parent, tmp_path / "elsewhere"))
    shutil.copytree(folder / "trials", tmp_path / "out" / "trials")
    (tmp_path / "out" / "trials" / "fold-01_ynet_joint" / "weights.safetensors").unlink()
    for name in ("study.json", "splits.json"):
        shutil.copy(folder / name, tmp_path / "out" / name)
    monkeypatch.setattr("thyrosight.studies.execution.fit", None)
    again = run_study(ynet_recipe, moved / "cohort.csv", tmp_path / "out")
    plain, other = without_guidelines(result), without_guidelines(again)  # checklists name the model
    assert list(other.document.tables()) == list(plain.document.tables())
    assert again.model is None
    assert any(sentence.startswith("No model was saved: the trained weights of") for sentence in again.unfinished)


def test_the_model_outlines_and_tells_the_class_as_in_the_study(ynet_study: Study, disc_cohort: Path) -> None:
    result, folder = ynet_study
    assert result.model is not None
    bundle = load_bundle(result.model.folder)
    assert bundle.info.masks is not None and bundle.info.masks.dice is not None
    table = pd.read_csv(folder / "predictions" / "ynet_joint.csv")
    first = table[table["division"] == "fold-01"]
    assert bundle.info.metrics["dice_mean"]["value"] == pytest.approx(first["dice"].mean())
    assert bundle.info.metrics["dice_mean"]["low"] < first["dice"].mean() < bundle.info.metrics["dice_mean"]["high"]
    assert bundle.info.metrics["auc"]["value"] == pytest.approx(area(first))
    row = first.iloc[0]
    image = disc_cohort.parent / f"{row['key']}.png"
    assert Segmenter(bundle).segment(image).mask.sum() == pytest.approx(row["found_pixels"], abs=3)
    assert Predictor(bundle).assess(image).calibrated_risk == pytest.approx(row["risk"], abs=1e-4)
    found = load_found(folder / "trials" / "fold-01_ynet_joint" / "found.npz")
    assert set(found) == set(table["key"]) and found[row["key"]].shape == (32, 32)


def test_an_empty_mask_is_an_image_without_lesion(ynet_study: Study) -> None:
    _, folder = ynet_study
    rows = pd.concat([pd.read_csv(path) for path in folder.glob("trials/*/outlines.csv")])
    empty = rows[rows["key"] == "i35"]
    assert len(empty) and (empty["true_pixels"] == 0).all()
    assert ((empty["dice"] == 1) == (empty["found_pixels"] == 0)).all()
    assert empty.loc[empty["found_pixels"] > 0, "hd95_pixels"].isna().all()


def test_examples_are_ordered_and_have_their_pictures(ynet_study: Study) -> None:
    result, folder = ynet_study
    (shown,) = [figure.drawing for figure in result.document.figures() if isinstance(figure.drawing, PictureGrid)]
    readers, networks = shown.pictures[::2], shown.pictures[1::2]
    assert [one.heading for one in readers] == ["Best", "", "In the middle", "", "Worst", ""]
    keys = [one.picture.removesuffix("/pixels") for one in readers]
    table = pd.read_csv(folder / "predictions" / "ynet_joint.csv")
    rows = table[table["division"] == "fold-01"].set_index("key")
    dice = [rows.loc[key, "dice"] for key in keys]
    assert dice == sorted(dice, reverse=True)
    assert len({rows.loc[key, "group"] for key in keys}) == 6
    for key, reader, network in zip(keys, readers, networks, strict=True):
        row = rows.loc[key]
        called = "malignant" if row["predicted"] else "benign"
        assert network.label == f"Dice {row['dice']:.3f}, risk {row['risk']:.2f}: {called}"
        assert (reader.label, network.picture) == (row["label"], f"{key}/pixels")
        assert [one.marks[0].mask for one in (reader, network)] == [f"{key}/truth", f"{key}/found"]
    with np.load(folder / "pictures.npz") as stored:
        for key in keys:
            assert stored[f"{key}/truth"].shape == stored[f"{key}/pixels"].shape == (32, 32)


def test_the_report_shows_every_part_and_says_simulated(ynet_study: Study) -> None:
    result, folder = ynet_study
    page = write_report(result, folder).read_text(encoding="utf-8")
    for words in ("Joint or alone", "Original report", "Table 3", "Table 2", "Figure 2", "simulated: no patient"):
        assert words in page
    assert "Not shown" not in page
    assert (pd.read_csv(folder / "tables" / "table-3.csv")["labels"] == "simulated").all()


@pytest.fixture
def unexported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Models are left without an ONNX file, for which torch needs seconds where it does not know the network yet."""
    monkeypatch.setattr("thyrosight.studies.bundle._examples", lambda setup, trial: [])


def test_a_cohort_without_reports_levels_or_masks_says_so(disc_cohort: Path, tmp_path: Path, unexported: None) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(disc_cohort.parent, bare)
    table = pd.read_csv(bare / "cohort.csv", dtype=str)
    kept = ["key", "image", "mask", "patient_id", "label", "label_source"]
    table[kept].to_csv(bare / "cohort.csv", index=False)
    settings = [*SETTINGS, "split={method: folds, folds: 2, validation: 0.3}"]
    alone = "networks=[{architecture: ynet, task: classification, weights: none}]"
    result = run_study(load_recipe("ynet-lymph-node", settings=[*settings, alone]), bare / "cohort.csv", tmp_path / "a")
    names = result.document.names()
    assert {"table-2", "original-report", "joint-or-alone", "outlines"}.isdisjoint(names)
    assert result.model is not None
    assert result.table("table-3").at(network="ynet_classification", measure="auc").n == 36  # pooled: each image once
    assert "table-3-means" in names
    # Nothing is said of outlines where none are drawn.
    assert not any("Dice" in sentence for sentence in result.document.limitations)
    said = " ".join(result.unfinished)
    assert "no row of the original report" in said and "no table of neck levels" in said and "the short axis" in said
    write_report(result, tmp_path / "a")
    # Outlines cannot be learnt without masks: one sentence names the images.
    table.loc[3, "mask"] = ""
    table[kept].to_csv(bare / "cohort.csv", index=False)
    with pytest.raises(CohortError, match="1 of 36 images have no mask, for example i03"):
        run_study(load_recipe("ynet-lymph-node", settings=settings), bare / "cohort.csv", tmp_path / "other")
    assert not (tmp_path / "other").exists()


def test_outlines_alone_give_no_rows_of_classes(disc_cohort: Path, tmp_path: Path, unexported: None) -> None:
    alone = "networks=[{architecture: ynet, task: segmentation, weights: none}]"
    result = run_study(load_recipe("ynet-lymph-node", settings=[*SETTINGS, alone]), disc_cohort, tmp_path / "out")
    names = result.document.names()
    assert {"table-3", "joint-or-alone", "report-against-networks"}.isdisjoint(names) and "original-report" in names
    page = write_report(result, tmp_path / "out").read_text(encoding="utf-8")
    assert "Classes: AUC" not in page and "Dice of every test" in page and ", risk" not in page
    assert result.model is not None
    assert Segmenter(load_bundle(result.model.folder)).segment(disc_cohort.parent / "i00.png").rows == 72
