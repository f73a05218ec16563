"""A whole study of crop margins on phantoms: what it leaves, that it resumes, and what it says of bad input."""

import shutil
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from thyrosight.cohort import Split
from thyrosight.documents.drawings import Flow, PictureGrid, Stacked
from thyrosight.errors import CohortError
from thyrosight.inference import load_bundle
from thyrosight.phantoms import make_phantom_cohort
from thyrosight.reports import write_report
from thyrosight.studies import Result, load_result, run_study
from thyrosight.studies.kinds.inception_margin.recipe import Recipe
from thyrosight.studies.recipe import ExternalSet

Study = tuple[Result, Path]


def _tried(result: Result, table: str) -> list[tuple[object, ...]]:
    return [tuple(row[name] for name in ("margin", "size", "shape")) for row in result.table(table).rows]


def test_every_margin_and_size_is_tested_on_the_same_images(margin_study: Study) -> None:
    result, folder = margin_study
    assert _tried(result, "table-1") == [(0, 32, "square"), (10, 32, "square")]
    assert _tried(result, "input-sizes") == [(10, 32, "square"), (10, 40, "square")]
    assert _tried(result, "shapes") == [(10, 32, shape) for shape in ("square", "width square", "rectangle")]
    split = Split.load(folder / "splits.json")
    tested = {key for group in split.divisions[0].test for key in split.groups[group]}
    for name in ("table-1", "input-sizes", "shapes"):
        table = result.table(name)
        assert {row["trained"] for row in table.rows} == {"margins drawn from 0 to 20 pixels"}
        assert [row["accuracy"].n for row in table.rows] == [len(tested)] * len(table.rows)  # type: ignore[union-attr]
        assert table.strong == [row["margin"] for row in table.rows].index(10)
    # Only one network per input size and shape was trained, whatever the number of margins.
    trials = pd.read_csv(folder / "tables" / "trials.csv")
    assert trials["trial"].tolist() == [
        "division-01_32px_square_drawn", "division-01_40px_square_drawn", "division-01_32px_width-square_drawn",
        "division-01_32px_rectangle_drawn",
    ]  # fmt: skip
    assert trials["status"].tolist() == ["finished"] * 4


def test_bad_cells_are_named_and_counted(margin_study: Study) -> None:
    result, folder = margin_study
    assert any("'fuzy' (1 image, for example" in sentence for sentence in result.unfinished)
    assert any(sentence.startswith("1 of 50 images have no recorded size") for sentence in result.unfinished)
    flow = result.facts.flow
    assert flow[1].n == 50
    for above, below in pairwise(flow):
        assert above.n - sum(count for _, count in above.excluded) == below.n
    cohort = pd.read_csv(folder / "cohort.csv")
    groups, sizes = cohort["size_group"], cohort["size_mm"]
    assert (groups == "size unknown").sum() == 1
    assert ((groups == "< 0.5 cm") == (sizes < 5)).all()
    assert ((groups == "> 1.0 cm") == (sizes > 10)).all()


def test_figures_show_every_image_once_and_two_nodules(margin_study: Study) -> None:
    result, folder = margin_study
    drawings = [figure.drawing for figure in result.document.figures()]
    (stacked,) = [drawing for drawing in drawings if isinstance(drawing, Stacked)]
    assert sum(count for panel in stacked.panels for counts in panel.counts for count in counts) == 50
    windows, *crops = [drawing for drawing in drawings if isinstance(drawing, PictureGrid)]
    assert [picture.label for picture in windows.pictures] == ["square", "width square", "rectangle", "", "", ""]
    assert len(crops) == 2
    square, width, rectangle = (picture.marks[1].box for picture in windows.pictures[:3])
    assert width[2] - width[0] == width[3] - width[1] == rectangle[2] - rectangle[0] <= square[2] - square[0]
    assert "Not shown" not in write_report(result, folder).read_text(encoding="utf-8")


def test_the_model_is_the_main_choice(margin_study: Study) -> None:
    result, folder = margin_study
    assert result.model is not None
    bundle = load_bundle(folder / "model")
    assert (bundle.info.preparation.size, bundle.info.preparation.margin.value) == (32, 10)
    told = pd.read_csv(folder / "predictions" / "division-01.csv")
    assert set(told["view"]) == {"margin 10"}
    assert (told["predicted"] == (told["risk"] >= bundle.info.operating_point.threshold)).all()


def test_a_second_run_trains_nothing_and_a_further_margin_neither(
    margin_study: Study, margin_cohort: Path, margin_recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result, folder = margin_study
    assert load_result(folder) == result
    shutil.copytree(folder, tmp_path / "again")
    monkeypatch.setattr("thyrosight.training.launch.launch", None)  # calling it would fail
    again = run_study(margin_recipe, margin_cohort, tmp_path / "again")
    assert again.table("table-1") == result.table("table-1")
    sweep = margin_recipe.sweep.model_copy(update={"margins": (0, 5, 10), "sizes": (32,), "shapes": ()})
    wider = run_study(margin_recipe.model_copy(update={"sweep": sweep}), margin_cohort, tmp_path / "again")
    assert [row["margin"] for row in wider.table("table-1").rows] == [0, 5, 10]
    for name in ("auc", "accuracy"):
        assert wider.table("table-1").at(margin=0, measure=name) == result.table("table-1").at(margin=0, measure=name)
    assert "shapes" not in wider.document.names() and not (tmp_path / "again" / "tables" / "shapes.csv").exists()


def test_external_sets_stand_beside_the_cohort_and_hold_none_of_its_images(
    margin_study: Study, margin_cohort: Path, margin_recipe: Recipe, tmp_path: Path
) -> None:
    _, folder = margin_study
    shutil.copytree(folder, tmp_path / "again")
    other = make_phantom_cohort(tmp_path / "other", n=12, seed=77)
    # One image of the study's cohort is in the other one too, under another name.
    table = pd.read_csv(other, dtype=str, keep_default_na=False)
    shutil.copy(margin_cohort.parent / "images" / "p00002_1.png", tmp_path / "other" / "copy.png")
    copied = table.iloc[[0]].assign(key="copy", image="copy.png", patient_id="p99999", mask="", box="")
    pd.concat([table, copied]).assign(label_source="cytology").to_csv(other, index=False)
    absent = ExternalSet(cohort=str(tmp_path / "absent"), name="absent")
    with pytest.raises(CohortError, match="absent"):
        run_study(margin_recipe.model_copy(update={"external": (absent,)}), margin_cohort, tmp_path / "again")
    sets = (ExternalSet(cohort=str(other), name="other"),)
    again = run_study(margin_recipe.model_copy(update={"external": sets}), margin_cohort, tmp_path / "again")
    external = again.table("external")
    row = external.row(set="other (external)")
    told = pd.read_csv(tmp_path / "again" / "predictions" / "external-other.csv")
    assert [row[name] for name in ("n", "benign", "malignant")] == [
        12, (told["truth"] == 0).sum(), (told["truth"] == 1).sum(),
    ]  # fmt: skip
    assert row["accuracy"].value == pytest.approx((told["truth"] == told["predicted"]).mean())  # type: ignore
    notes = " ".join(external.notes)
    assert f"other: {told['group'].nunique()} groups, all with a box." in notes
    (chart,) = [figure for figure in again.document.figures() if figure.name == "flow-other"]
    assert isinstance(chart.drawing, Flow)
    shared = "the same frame, or one of the same group, stands in the study's cohort"
    assert (shared, 1) in [pair for step in chart.drawing.steps for pair in step.excluded]
    stated = pd.read_csv(tmp_path / "again" / "tables" / "external.csv").set_index("set")
    assert stated.loc["other (external)", ["labels", "split"]].tolist() == ["cytology", "external set"]
    # The operating point is the one chosen within the study's own cohort.
    threshold = load_bundle(tmp_path / "again" / "model").info.operating_point.threshold
    assert (told["predicted"] == (told["risk"] >= threshold)).all()
    assert "No external data" not in " ".join(again.document.limitations)
    assert "On other (external): AUC" in again.document.key_result


def test_without_sizes_and_descriptors_the_rest_is_written(
    margin_cohort: Path, margin_recipe: Recipe, tmp_path: Path
) -> None:
    table = pd.read_csv(margin_cohort, dtype=str, keep_default_na=False)
    table = table[["image", "patient_id", "label", "label_source", "mask"]].iloc[:40].copy()
    for column in ("image", "mask"):
        table[column] = [str(margin_cohort.parent / name) for name in table[column]]
    table.to_csv(tmp_path / "plain.csv", index=False)
    sweep = margin_recipe.sweep.model_copy(update={"margin_in_training": "fixed", "sizes": (), "shapes": ()})
    result = run_study(margin_recipe.model_copy(update={"sweep": sweep}), tmp_path / "plain.csv", tmp_path / "out")
    assert {"table-2", "table-3", "size-groups", "input-sizes"}.isdisjoint(result.document.names())
    told = "\n".join(result.unfinished)
    assert "Groups by size were left out" in told
    assert "Tables 2 and 3 were left out" in told
    assert "not matched on size and TI-RADS" in told
    assert [row["trial"] for row in result.table("trials").rows] == [
        "division-01_32px_square_margin-10", "division-01_32px_square_margin-0",
    ]  # fmt: skip
    assert [row["trained"] for row in result.table("table-1").rows] == ["margin 0 pixels", "margin 10 pixels"]
