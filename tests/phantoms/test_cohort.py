"""Phantom cohorts on disk."""

import csv
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from thyrosight.cohort import nodule_box, open_cohort
from thyrosight.errors import OutputError
from thyrosight.files import sha256_of_file
from thyrosight.imaging import Box, read_frame, read_mask
from thyrosight.phantoms import cohort_folder, make_phantom_cohort, phantom_images


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_phantom_cohort(tmp_path_factory.mktemp("phantoms"), n=12, seed=8)


def content(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): sha256_of_file(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def test_same_seed_gives_the_same_bytes(manifest: Path, tmp_path: Path) -> None:
    again = make_phantom_cohort(tmp_path / "again", n=12, seed=8)
    assert content(again.parent) == content(manifest.parent)


def test_an_image_depends_on_the_seed_not_on_how_many_there_are(manifest: Path, tmp_path: Path) -> None:
    few, other = (make_phantom_cohort(tmp_path / str(seed), n=4, seed=seed).parent for seed in (8, 9))
    whole = content(manifest.parent)
    pictures = {name: digest for name, digest in content(few).items() if name.endswith(".png")}
    assert len(pictures) == 8 and pictures.items() <= whole.items()
    assert not {d for name, d in content(other).items() if name.startswith("images")} & set(whole.values())


def test_several_processes_write_the_same_bytes_and_resume(
    manifest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cohort_folder, "_FEWEST", 1)
    told = []

    def stop(what: str, done: int, total: int) -> None:
        told.append((what, done, total))
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_phantom_cohort(tmp_path, n=12, seed=8, workers=2, progress=stop)
    assert told[-1] == ("phantom images", 5, 12) and not (tmp_path / "cohort.csv").exists()
    make_phantom_cohort(tmp_path, n=12, seed=8, workers=2)
    assert content(tmp_path) == content(manifest.parent)


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are those of POSIX")
def test_no_process_outlives_a_killed_one(tmp_path: Path) -> None:
    words = ["phantom", "--out", str(tmp_path), "--n", "400", "--workers", "2"]
    started = subprocess.Popen([sys.executable, "-m", "thyrosight", *words], start_new_session=True)
    until = time.monotonic() + 60
    while not list(tmp_path.glob("images/*.png")) and time.monotonic() < until:
        time.sleep(0.1)
    started.kill()
    started.wait()
    with pytest.raises(ProcessLookupError):
        while time.monotonic() < until:
            os.killpg(started.pid, 0)
            time.sleep(0.1)


def test_open_cohort_reads_it(manifest: Path) -> None:
    cohort = open_cohort(manifest)
    assert len(cohort.table) == 12
    assert cohort.label_sources == ("simulated",)
    assert cohort.split_kind == "patient-level"
    for _, row in cohort.table.iterrows():
        frame = read_frame(row["image"])
        mask = read_mask(row["mask"], shape=(frame.rows, frame.columns))
        assert nodule_box(row) == Box.from_mask(mask) == Box.from_text(row["box"])


def test_nothing_in_a_picture_follows_the_label() -> None:
    for image in islice(phantom_images(5), 5):
        other = replace(image, label="benign" if image.label == "malignant" else "malignant", risk=0.5)
        first, second = (item.scene(5).draw(np.random.default_rng(0)) for item in (image, other))
        assert np.array_equal(first, second)


def test_labels_follow_the_risk_and_nothing_else() -> None:
    images = list(islice(phantom_images(1), 3000))
    nodules = list({(image.patient, image.nodule): image for image in images}.values())
    risk = np.array([image.risk for image in nodules])
    truth = np.array([image.label == "malignant" for image in nodules])
    for low, high in ((0, 0.1), (0.1, 0.5), (0.5, 0.9), (0.9, 1)):  # calibrated within four standard errors
        part = (risk >= low) & (risk < high)
        assert abs(truth[part].mean() - risk[part].mean()) < 4 * np.sqrt((risk * (1 - risk))[part].sum()) / part.sum()
    rest = truth - risk
    for name in ("age", "size_mm"):
        values = np.array([getattr(image, name) for image in nodules], dtype=float)
        assert abs(np.corrcoef(values, rest)[0, 1]) < 4 / np.sqrt(len(nodules))
    site = np.array([image.site.name == "site A" for image in nodules])
    assert abs(np.corrcoef(site, rest)[0, 1]) < 4 / np.sqrt(len(nodules))


def test_patients_have_several_images_and_some_several_nodules() -> None:
    images = list(islice(phantom_images(2), 400))
    per_patient: dict[int, list[int]] = {}
    for image in images:
        per_patient.setdefault(image.patient, []).append(image.nodule)
    counts = [len(nodules) for nodules in per_patient.values()]
    assert set(counts) == {1, 2, 3}
    assert any(len(set(nodules)) == 2 for nodules in per_patient.values())
    same = {(i.patient, i.nodule): (i.label, i.features) for i in images}
    assert all(same[i.patient, i.nodule] == (i.label, i.features) for i in images)


def test_description_states_the_model_and_the_best_auc(manifest: Path) -> None:
    found = json.loads((manifest.parent / "phantom.json").read_text(encoding="utf-8"))
    rows = list(csv.DictReader(manifest.open(encoding="utf-8")))
    assert found["best_possible_auc"] == pytest.approx(0.922424)
    assert found["malignancy_model"]["effects"]["shape"]["taller than wide"] == 1.9
    assert found["malignant_images"] == sum(row["label"] == "malignant" for row in rows)
    assert found["patients"] == len({row["patient_id"] for row in rows})


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "cohort"

    def stop(what: str, done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make_phantom_cohort(folder, n=5, seed=8, progress=stop)
    assert not (folder / "cohort.csv").exists()
    first = folder / "images" / "p00001_1.png"
    written = first.stat().st_mtime_ns
    make_phantom_cohort(folder, n=5, seed=8)
    assert first.stat().st_mtime_ns == written
    assert len(list((folder / "images").glob("*.png"))) == 5


def test_a_foreign_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not lose", encoding="utf-8")
    with pytest.raises(OutputError, match="not empty and holds no phantom cohort"):
        make_phantom_cohort(tmp_path, n=1, seed=0)
    assert [item.name for item in tmp_path.iterdir()] == ["thesis.txt"]
    with pytest.raises(OutputError, match="it is a file"):
        make_phantom_cohort(tmp_path / "thesis.txt", n=1, seed=0)


def test_another_seed_in_the_same_folder_is_refused(manifest: Path) -> None:
    before = content(manifest.parent)
    with pytest.raises(OutputError, match=r"seed 8 .* not of seed 9"):
        make_phantom_cohort(manifest.parent, n=2, seed=9)
    assert content(manifest.parent) == before


@pytest.mark.parametrize(("n", "seed"), [(0, 1), (3, -1)])
def test_impossible_numbers_are_refused(tmp_path: Path, n: int, seed: int) -> None:
    with pytest.raises(OutputError, match="at least"):
        make_phantom_cohort(tmp_path / "x", n=n, seed=seed)
