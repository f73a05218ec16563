"""Lesions that are shown: chosen by readers and risk, one per patient, with what was said of each."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.cohort.records.options import ReaderOptions
from thyrosight.cohort.records.readers import Reading, read_readers
from thyrosight.documents.drawings import PictureGrid
from thyrosight.imaging import Preparation
from thyrosight.studies.analyses.examples import choose_examples, choose_worst, show_lesions
from thyrosight.tirads import RiskCategories


@pytest.fixture
def nodules(tmp_path: Path) -> pd.DataFrame:
    """Six nodules; m1 and b1 are judged wrongly, and the last one is of the same patient as m0."""
    names = ["m0", "m1", "m2", "b0", "b1", "b2", "m3"]
    table = pd.DataFrame({"key": names, "risk": [0.9, 0.1, 0.7, 0.2, 0.95, 0.3, 0.8]})
    table["label"] = ["malignant" if name.startswith("m") else "benign" for name in names]
    table = table.assign(
        truth=(table["label"] == "malignant").astype(int), probability=table["risk"] / 2, nodule_mm=4.25
    )
    table["group"] = [*names[:-1], "m0"]
    table["label_source"] = "pathology"
    table["reader:A"] = ["5", "2", "3", "2", "5", "4", "4"]
    table["image"] = [str(tmp_path / f"{name}.png") for name in names]
    table["box"] = "100,60,200,120"
    for place, path in enumerate(table["image"]):
        Image.fromarray(np.full((300, 600), 40 + 20 * place, dtype=np.uint8)).save(path)
    return table


def _readings(nodules: pd.DataFrame) -> list[Reading]:
    return read_readers(nodules, ReaderOptions(), label_sources=["pathology"])[0]


def test_rightly_judged_nodules_stand_for_their_class_from_both_ends_of_the_reader(nodules: pd.DataFrame) -> None:
    chosen = choose_examples(nodules, _readings(nodules), count=2)
    assert [(nodules.loc[row, "key"], why) for row, why in chosen] == [
        ("m2", "Reader A found it least like a malignant nodule"),
        ("m0", "Reader A found it most like a malignant nodule"),
        ("b2", "Reader A found it least like a benign nodule"),
        ("b0", "Reader A found it most like a benign nodule"),
    ]
    alone = choose_examples(nodules, [], count=1)
    assert [why for _, why in alone] == [
        "risk near the middle of the malignant nodules", "risk near the middle of the benign nodules",
    ]  # fmt: skip
    assert choose_examples(nodules.drop(columns="risk"), _readings(nodules), count=2) == []


def test_the_worst_are_farthest_from_the_truth(nodules: pd.DataFrame) -> None:
    assert [nodules.loc[row, "key"] for row, _ in choose_worst(nodules, 5)] == ["b1", "m1"]
    assert [nodules.loc[row, "key"] for row, _ in choose_worst(nodules, 1)] == ["b1"]


def test_figures_name_their_pixels_and_say_what_was_said(nodules: pd.DataFrame) -> None:
    Path(nodules.loc[3, "image"]).unlink()
    shown = show_lesions(nodules, _readings(nodules), count=2, worst=2, preparation=Preparation(size=32, crop="nodule"),
                         rule=RiskCategories())  # fmt: skip
    assert [figure.name for figure in shown.figures] == ["examples-malignant", "examples-benign", "errors"]
    assert len(shown.problems) == 1
    assert shown.problems[0].startswith("An example could not be shown: ")
    first, second, worst = (figure.drawing for figure in shown.figures)
    assert isinstance(first, PictureGrid)
    assert isinstance(second, PictureGrid)
    assert isinstance(worst, PictureGrid)
    assert [item.picture for item in second.pictures] == ["b2/pixels"]
    assert set(shown.pictures) == {f"{key}/pixels" for key in ("m2", "m0", "b2", "b1", "m1")}
    picture = first.pictures[1]
    assert (picture.picture, picture.label, picture.letter) == ("m0/pixels", "malignant", "B")
    assert picture.lines == ("m0, 4.2 mm", "CNN: category 5", "risk 90.0 %", "uncalibrated 45.0 %", "Reader A: 5")
    assert shown.pictures["m0/pixels"].shape == (240, 480)
    (mark,) = picture.marks
    assert mark.box is not None
    left, top, right, bottom = mark.box
    assert (right - left, bottom - top) == pytest.approx((80, 80))  # the longer side of the box, 100 pixels, at 0.8
    assert "A: Reader A found it least like a malignant nodule; B: Reader A found it most" in shown.figures[0].caption
    assert shown.figures[2].caption.startswith("Nodules that the network judged most wrongly")
