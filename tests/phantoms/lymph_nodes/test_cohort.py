"""Lymph node cohorts on disk, and what their pictures show."""

import csv
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from thyrosight.cohort import nodule_box, open_cohort
from thyrosight.errors import OutputError
from thyrosight.files import sha256_of_file
from thyrosight.imaging import Box, read_frame, read_mask
from thyrosight.phantoms import (
    LymphNodeFeatures,
    LymphNodeOptions,
    SimulatedReporter,
    best_possible_node_auc,
    lymph_node_images,
    make_lymph_node_cohort,
    make_phantom_cohort,
)

SOLID = LymphNodeFeatures("lost", "oval", "absent", "absent", "hypoechoic", "smooth")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_lymph_node_cohort(tmp_path_factory.mktemp("nodes"), n=6, seed=8)


def content(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): sha256_of_file(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def test_same_seed_gives_the_same_bytes_and_image_i_whatever_n(manifest: Path, tmp_path: Path) -> None:
    again = make_lymph_node_cohort(tmp_path / "again", n=3, seed=8)
    make_lymph_node_cohort(again.parent, n=6, seed=8)  # goes on where it stopped
    assert content(again.parent) == content(manifest.parent)


def test_open_cohort_reads_it(manifest: Path) -> None:
    cohort = open_cohort(manifest)
    assert len(cohort.table) == 6
    assert cohort.label_sources == ("simulated",)
    assert cohort.split_kind == "patient-level"
    for _, row in cohort.table.iterrows():
        frame = read_frame(row["image"])
        mask = read_mask(row["mask"], shape=(frame.rows, frame.columns))
        assert nodule_box(row) == Box.from_mask(mask) == Box.from_text(row["box"])
        measured = np.sqrt(4 * mask.sum() * float(row["pixel_mm"]) ** 2 / np.pi)  # diameter of a circle of that area
        assert float(row["short_axis_mm"]) * 0.85 < measured < float(row["size_mm"])


def test_description_and_table_say_what_was_put_in(manifest: Path) -> None:
    found = json.loads((manifest.parent / "phantom.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader(manifest.open(encoding="utf-8")))
    assert found["best_possible_auc"] == pytest.approx(best_possible_node_auc(), abs=1e-6)
    assert (found["reporter"]["sensitivity"], found["reporter"]["specificity"]) == (0.9514, 0.343)
    assert found["malignant_images"] == sum(row["label"] == "malignant" for row in rows)
    assert found["patients"] == len({row["patient_id"] for row in rows}) < found["nodules"] == len(rows)
    assert {row["neck_side"] for row in rows} <= {"left", "right", "middle"}


def test_foreign_folders_are_refused_and_left_alone(manifest: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose", encoding="utf-8")
    with pytest.raises(OutputError, match="holds no phantom cohort"):
        make_lymph_node_cohort(tmp_path, n=1, seed=8)
    before = content(manifest.parent)
    with pytest.raises(OutputError, match="holds phantoms of cervical lymph nodes, not of thyroid nodules"):
        make_phantom_cohort(manifest.parent, n=1, seed=8)
    with pytest.raises(OutputError, match="seed 8"):
        make_lymph_node_cohort(manifest.parent, n=1, seed=9)
    other = LymphNodeOptions(reporter=SimulatedReporter(specificity=0.8))
    with pytest.raises(OutputError, match="other options"):
        make_lymph_node_cohort(manifest.parent, n=1, seed=8, options=other)
    with pytest.raises(OutputError, match="at least 1"):
        make_lymph_node_cohort(tmp_path / "new", n=0, seed=8)
    assert content(manifest.parent) == before and not (tmp_path / "new").exists()


def test_nothing_in_a_picture_follows_label_sex_or_neck_level() -> None:
    options = LymphNodeOptions()
    for image in islice(lymph_node_images(5), 3):
        other = replace(image, label="other", risk=0.5, sex="other", age=1, neck_level="VII", neck_side="middle")
        first, second = (one.scene(5, options).draw(np.random.default_rng(0)) for one in (image, other))
        assert np.array_equal(first, second)


def greys(seed: int, features: LymphNodeFeatures) -> NDArray[np.float64]:
    """Grey values inside a node of 18 mm with these features."""
    image = replace(next(lymph_node_images(seed)), features=features, axes_mm=(18.0, 8.0))
    scene = image.scene(seed, LymphNodeOptions(second_node_share=0.0))
    return scene.draw(np.random.default_rng(seed)).astype(np.float64)[scene.mask()]


def test_features_show_in_the_picture() -> None:
    def typical(features: LymphNodeFeatures, share: float) -> float:
        return float(np.mean([np.quantile(greys(seed, features), share) for seed in range(3)]))

    dark, middle, bright = (typical(SOLID, share) for share in (0.25, 0.5, 0.999))
    assert typical(replace(SOLID, cystic_change="present"), 0.25) < dark - 4
    assert typical(replace(SOLID, echogenicity="hyperechoic"), 0.5) > middle + 15
    assert typical(replace(SOLID, microcalcification="present"), 0.999) > bright + 50
    assert typical(replace(SOLID, hilum="present"), 0.9) > typical(SOLID, 0.9) + 15


def test_a_node_is_darker_than_the_fat_around_it() -> None:
    for seed in range(3):
        image = replace(next(lymph_node_images(seed)), features=SOLID, axes_mm=(16.0, 7.0))
        scene = image.scene(seed, LymphNodeOptions(second_node_share=0.0))
        frame, mask = scene.draw(np.random.default_rng(seed)).astype(float), scene.mask()
        box = scene.box()
        above = frame[box.top - 6 : box.top - 1, box.left + 10 : box.right - 10]
        assert frame[mask].mean() < above.mean() - 10
