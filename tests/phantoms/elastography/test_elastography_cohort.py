"""Cohorts of simulated B-mode with elastograms on disk."""

import csv
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.cohort import nodule_box, open_cohort
from thyrosight.errors import OutputError
from thyrosight.files import sha256_of_file
from thyrosight.imaging import Box, read_frame, read_mask
from thyrosight.phantoms import make_phantom_cohort
from thyrosight.phantoms.elastography import (
    ElastographyOptions,
    elastography_images,
    elastography_options_like,
    make_elastography_cohort,
)

MIXED = elastography_options_like("elasticity-fusion-machines")


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_elastography_cohort(tmp_path_factory.mktemp("elastography"), n=8, seed=6, options=MIXED)


def content(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): sha256_of_file(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def test_same_seed_gives_the_same_bytes_and_image_i_is_the_same_whatever_n_is(manifest: Path, tmp_path: Path) -> None:
    again = make_elastography_cohort(tmp_path / "again", n=8, seed=6, options=MIXED)
    assert content(again.parent) == content(manifest.parent)
    few = make_elastography_cohort(tmp_path / "few", n=3, seed=6, options=MIXED)
    pictures = {name: digest for name, digest in content(few.parent).items() if "/" in name}
    assert len(pictures) == 12 and pictures.items() <= content(manifest.parent).items()
    assert few.read_text(encoding="utf-8").splitlines() == manifest.read_text(encoding="utf-8").splitlines()[:4]


def test_open_cohort_reads_it_and_the_pictures_lie_pixel_on_pixel(manifest: Path) -> None:
    cohort = open_cohort(manifest)
    assert cohort.label_sources == ("simulated",) and cohort.split_kind == "patient-level"
    for _, row in cohort.table.iterrows():
        b_mode, colour = read_frame(row["image"]), read_frame(row["elastogram"])
        assert b_mode.pixels.shape == colour.pixels.shape[:2]
        mask = read_mask(row["mask"], shape=(b_mode.rows, b_mode.columns))
        assert nodule_box(row) == Box.from_mask(mask)


def test_boxes_of_the_table_cut_the_panels_out_of_the_screens(manifest: Path) -> None:
    rows = list(csv.DictReader(manifest.open(encoding="utf-8")))
    assert {Path(row["frame"]).suffix for row in rows} == {".png", ".jpg"}
    for row in rows:
        screen = np.asarray(Image.open(manifest.parent / row["frame"]))
        b_mode = np.asarray(Image.open(manifest.parent / row["image"]))
        colour = np.asarray(Image.open(manifest.parent / row["elastogram"]))
        for box, picture in (
            (row["frame_b_mode_box"], np.repeat(b_mode[:, :, None], 3, axis=2)),
            (row["frame_elastogram_box"], colour),
        ):
            found = Box.from_text(box)
            part = screen[found.top : found.bottom, found.left : found.right]
            assert np.abs(part.astype(int) - picture).mean() < (8 if row["frame"].endswith("jpg") else 1e-9)
        assert Box.from_text(row["frame_elastogram_box"]).contains(Box.from_text(row["frame_colour_box"]))
        assert row["stiffness_range"] in ("0-100 kPa", "0-180 kPa", "0-6.5 m/s", "0-7.7 m/s", "soft-hard")
        assert (row["stiffness_range"] == "soft-hard") == (row["elastography_style"] == "strain")


def test_patients_are_like_the_papers() -> None:
    images = list(islice(elastography_images(1), 4000))
    patients = {image.patient for image in images}
    assert len(images) / len(patients) == pytest.approx(1156 / 233, rel=0.06)
    assert sum(image.subject.view == "transverse" for image in images) == 2000
    nodules = {(image.patient, image.nodule): image for image in images}.values()
    share = np.mean([image.label == "malignant" for image in nodules])
    assert share == pytest.approx(617 / 1156, abs=0.06)
    for image in images:
        first = next(other for other in images if other.patient == image.patient and other.nodule == image.nodule)
        assert (image.label, image.subject.stiffness_kpa) == (first.label, first.subject.stiffness_kpa)
        if image.patient > 40:
            break


def test_what_has_no_bearing_on_the_label_has_none() -> None:
    options = ElastographyOptions(all_machines=True)
    images = list(islice(elastography_images(2, options), 2400))
    nodules = list({(image.patient, image.nodule): image for image in images}.values())
    rest = np.array([
        (image.label == "malignant") - options.model.risk(image.subject.features, image.subject.stiffness_kpa)
        for image in nodules[:400]
    ])  # fmt: skip
    values = {
        "age": [image.age for image in nodules[:400]],
        "size": [image.subject.size_mm for image in nodules[:400]],
        "strain": [image.look.machine.style == "strain" for image in nodules[:400]],
        "beside": [image.look.layout.startswith("side") for image in nodules[:400]],
    }
    for name, column in values.items():
        assert abs(np.corrcoef(np.array(column, dtype=float), rest)[0, 1]) < 4 / np.sqrt(400), name
    assert abs(rest.mean()) < 4 * 0.4 / np.sqrt(400)


def test_description_states_what_each_picture_can_tell(manifest: Path) -> None:
    found = json.loads((manifest.parent / "phantom.json").read_text(encoding="utf-8"))
    best = {name: item["auc"] for name, item in found["best_possible_auc_by_knowledge"].items()}
    assert best["both"] == found["best_possible_auc"] == pytest.approx(0.895, abs=1e-3)
    assert best["both"] - max(best["b_mode"], best["stiffness"]) > 0.08
    assert "translucent" in found["colours_show_b_mode"]
    assert found["options"]["all_machines"] is True
    assert found["images"] == 8 and len(found["machines"]) == 5


def test_the_easy_cohort_varies_in_echogenicity_and_stiffness_alone() -> None:
    images = list(islice(elastography_images(3, elastography_options_like("elasticity-fusion-easy")), 300))
    features = {image.subject.features for image in images}
    assert len(features) == 4 and len({item.echogenicity for item in features}) == 4
    assert {image.look.layout for image in images} == {"one above the other, elastogram first"}
    assert all(8.8 <= image.subject.size_mm <= 17 for image in images)


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "cohort"

    def stop(what: str, done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_elastography_cohort(folder, n=3, seed=6, progress=stop)
    first = folder / "frames" / "p00001_01.png"
    written = first.stat().st_mtime_ns
    make_elastography_cohort(folder, n=3, seed=6)
    assert first.stat().st_mtime_ns == written
    assert len(list((folder / "elastograms").glob("*.png"))) == 3


def test_foreign_folders_are_refused(manifest: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="other options"):
        make_elastography_cohort(manifest.parent, n=8, seed=6)
    with pytest.raises(OutputError, match="of seed 6"):
        make_elastography_cohort(manifest.parent, n=8, seed=7, options=MIXED)
    plain = make_phantom_cohort(tmp_path / "plain", n=1, seed=6).parent
    with pytest.raises(OutputError, match="holds phantoms of thyroid nodules, not of thyroid nodules with elastograms"):
        make_elastography_cohort(plain, n=1, seed=6)
    with pytest.raises(OutputError, match="prevalence of an elastography cohort should be"):
        ElastographyOptions(prevalence=1.0)
    with pytest.raises(OutputError, match="no elastography phantoms like 'nonsense'"):
        elastography_options_like("nonsense")


def test_one_image_of_each_nodule_leaves_patients_nodules_and_labels_as_they_are():
    every = list(islice(elastography_images(3, elastography_options_like("elasticity-fusion-easy")), 200))
    single = list(islice(elastography_images(3, elastography_options_like("elasticity-fusion-patients")), 30))
    assert len({(image.patient, image.nodule) for image in single}) == 30
    first = {(image.patient, image.nodule): image for image in reversed(every)}
    assert [first[image.patient, image.nodule] for image in single] == single
