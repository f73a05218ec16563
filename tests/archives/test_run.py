"""Runs over archives: every image once, whatever was there before, and one sentence for what stands in the way."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pydicom
import pytest
from PIL import Image

import thyrosight
from tests.archives.conftest import COUNT, save_model, write_image
from tests.inference.test_segmenter import MarksTheBright
from tests.inference.test_segmenter import save as save_segmenter
from thyrosight.archives import assess_archive, run, worker
from thyrosight.archives.parts import DamagedPartError
from thyrosight.errors import BundleError, FolderInUseError, ImageError, OutputError, ThyroSightWarning
from thyrosight.lock import locked_folder


def read(out: Path) -> pd.DataFrame:
    return pd.read_parquet(out / "assessments")


def stamps(out: Path) -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in (out / "assessments").iterdir()}


def test_a_folder_becomes_one_table_with_the_answers_of_assess(model: Path, scans: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    found = assess_archive(
        [str(scans)], model=model, out=tmp_path / "out", part_rows=4, progress=lambda *step: seen.append(step)
    )
    table = read(tmp_path / "out")
    assert table["item"].tolist() == list(range(COUNT + 1))
    alone = {one.image: one for one in thyrosight.assess(scans, model=model)}
    assessed = table[table["refused"].isna()]
    assert len(assessed) == len(alone) == COUNT
    for row in assessed.itertuples():
        one = alone[row.image]
        assert (row.label, row.quality_flags.tolist()) == (one.label, list(one.quality_flags))
        assert row.calibrated_risk == pytest.approx(one.calibrated_risk, abs=1e-6)
        assert row.model_hash == one.model_hash and row.label_source == "simulated"
    (refused,) = table[table["refused"].notna()].itertuples()
    assert refused.image == str(scans / "a" / "scan03-notes.png") and "not an image that can be read" in refused.refused
    assert found.refused == 1 and not found.left
    assert found.document.table("refusals").at(count=1, column="example") == refused.refused
    assert seen[0] == ("Assessing", 0, COUNT + 1) and seen[-1] == ("Assessing", COUNT + 1, COUNT + 1)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)
    assert not (tmp_path / "out" / "_run").exists()


def test_every_file_says_what_it_is(model: Path, scans: Path, tmp_path: Path) -> None:
    assess_archive([str(scans)], model=model, out=tmp_path / "out", part_rows=5)
    files = sorted((tmp_path / "out" / "assessments").iterdir())
    assert [file.name for file in files] == [f"part-00000{number}.parquet" for number in range(3)]
    facts = json.loads(pq.read_schema(files[2]).metadata[b"thyrosight"])
    assert facts["research_use"] == "For research use only. Not a medical device; not for diagnosis."
    assert (facts["label_source"], facts["split_kind"], facts["items"]) == ("simulated", "patient-level", 3)
    assert facts["model_hash"] == thyrosight.load_model(model).hash


def test_the_summary_counts_what_the_table_holds(model: Path, scans: Path, tmp_path: Path) -> None:
    document = assess_archive([str(scans)], model=model, out=tmp_path / "out").document
    table = read(tmp_path / "out")
    labels = document.table("labels")
    assert (labels.at(what="images assessed", column="count").n, labels.row(what="images refused")["count"].n) == (
        12,
        1,
    )
    for label in ("benign", "malignant"):
        count = labels.at(what=f"labelled {label}", column="count")
        assert (count.n, count.of) == ((table["label"] == label).sum(), COUNT)
    assert 0 < (table["label"] == "malignant").sum() < COUNT
    tenths = np.floor(table["calibrated_risk"].dropna() * 10).value_counts()
    assert {row["risk"][:3]: row["count"].n for row in document.table("risks").rows if row["count"].n} == {
        f"{tenth / 10:.1f}": count for tenth, count in tenths.items()
    }
    flags = table["quality_flags"].explode().value_counts()
    assert {row["flag"]: row["count"].n for row in document.table("flags").rows} == flags.to_dict()
    assert document.table("machines").rows[0]["images"] == COUNT + 1


def test_a_run_that_was_stopped_goes_on_and_does_nothing_twice(model: Path, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def stop(_: str, done: int, total: int) -> None:
        if done >= 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assess_archive([str(scans)], model=model, out=out, part_rows=4, progress=stop)
    before = stamps(out)
    assert 0 < len(before) < 4
    seen: list[int] = []
    assess_archive([str(scans)], model=model, out=out, progress=lambda _, done, __: seen.append(done))
    assert seen[0] == 4 * len(before)  # the size of the parts is that of the first run
    assert stamps(out).items() > before.items()
    assert read(out)["item"].tolist() == list(range(COUNT + 1))
    after = stamps(out)
    again = assess_archive([str(scans)], model=model, out=out)
    assert stamps(out) == after and again.document.tiles[-1].below == "nothing was left to assess"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"frames": 3}, "holds results with --frames 8, and this run has 3"),
        ({"part_rows": 7}, "--part-size 5, and this run has 7"),
        ({"seed": 2}, "holds results with the model"),
    ],
)
def test_other_models_and_options_are_refused(
    model: Path, scans: Path, tmp_path: Path, change: dict[str, Any], said: str
) -> None:
    out = tmp_path / "out"
    assess_archive([str(scans)], model=model, out=out, part_rows=5)
    before = stamps(out)
    if "seed" in change:
        model, change = save_model(tmp_path / "other", seed=2), {}
    with pytest.raises(OutputError, match=said):
        assess_archive([str(scans)], model=model, out=out, **change)
    assert stamps(out) == before


def test_another_work_list_is_refused_and_the_first_one_stays(model: Path, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assess_archive([str(scans)], model=model, out=out, part_rows=5)
    listed = {path.name: path.read_bytes() for path in (out / "_worklist").iterdir()}
    more = write_image(scans / "a" / "scan00b.png", 99)
    with pytest.raises(OutputError, match="The work list is another than the one"):
        assess_archive([str(scans)], model=model, out=out)
    more.unlink()
    (scans / "b" / "scan11.png").unlink()
    with pytest.raises(OutputError, match="The work list is another"):
        assess_archive([str(scans)], model=model, out=out)
    assert {path.name: path.read_bytes() for path in (out / "_worklist").iterdir()} == listed


def test_parts_that_are_damaged_or_foreign(model: Path, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assess_archive([str(scans)], model=model, out=out, part_rows=5)
    first = read(out)
    results = out / "assessments" / "part-000001.parquet"
    listed = out / "_worklist" / "part-000001.parquet"
    for path in (results, listed):
        path.write_bytes(path.read_bytes()[:-100])
    with pytest.warns(ThyroSightWarning, match=r"part-000001.parquet is damaged; its images are assessed again"):
        assess_archive([str(scans)], model=model, out=out)
    pd.testing.assert_frame_equal(read(out), first)
    place = pq.ParquetFile(results).metadata.row_group(0).column(0)
    middle = bytearray(results.read_bytes())
    middle[place.data_page_offset + place.total_compressed_size // 2] ^= 0xFF
    results.write_bytes(middle)
    with pytest.raises(DamagedPartError, match=r"part-000001.parquet is damaged; delete it and run"):
        assess_archive([str(scans)], model=model, out=out)
    results.unlink()
    assess_archive([str(scans)], model=model, out=out)
    pd.testing.assert_frame_equal(read(out), first)
    shutil.copy(results, out / "assessments" / "part-000000.parquet")
    with pytest.raises(OutputError, match="holds results of another run; move it away"):
        assess_archive([str(scans)], model=model, out=out)


def test_one_run_at_a_time(model: Path, scans: Path, tmp_path: Path) -> None:
    with locked_folder(tmp_path / "out"), pytest.raises(FolderInUseError):
        assess_archive([str(scans)], model=model, out=tmp_path / "out")


def failing(real: Callable[..., None], fails: Callable[[Path], bool]) -> Callable[..., None]:
    def write(path: Path, *rest: Any) -> None:
        if fails(path):
            raise OutputError(f"Could not write {path}: the disk is full; free some space.")
        real(path, *rest)

    return write


def test_a_disk_that_is_full_for_a_while_costs_a_second_round(
    model: Path, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fails = iter([True, True, False, False, False, False])
    monkeypatch.setattr(worker, "write_part", failing(worker.write_part, lambda _: next(fails)))
    found = assess_archive([str(scans)], model=model, out=tmp_path / "out", part_rows=4)
    assert not found.left and read(tmp_path / "out")["item"].tolist() == list(range(COUNT + 1))


def test_a_part_that_cannot_be_written_is_left_and_the_others_go_on(
    model: Path, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(worker, "write_part", failing(worker.write_part, lambda path: "000001" in path.name))
        found = assess_archive([str(scans)], model=model, out=tmp_path / "out", part_rows=4)
    (left,) = found.left
    assert (left.parts, left.images) == (1, 4) and "the disk is full" in left.reason
    assert found.document.unfinished == (f"4 images in 1 part: {left.reason}",)
    assert "4 are still to be done" in found.document.key_result
    still = found.document.table("labels").at(what="images still to be done", column="count")
    assert (still.n, still.of) == (4, COUNT + 1)
    assert set(read(tmp_path / "out")["item"]) == {*range(4), *range(8, 13)}
    assert not assess_archive([str(scans)], model=model, out=tmp_path / "out").left
    assert read(tmp_path / "out")["item"].tolist() == list(range(COUNT + 1))


def test_a_machine_without_the_model_is_named(model: Path, scans: Path, tmp_path: Path) -> None:
    assess_archive([str(scans)], model=model, out=tmp_path / "out", part_rows=13)
    out = tmp_path / "out"
    begun = json.loads((out / "archive.json").read_text(encoding="utf-8"))
    job = worker.Job(
        work_list=out / "_worklist", results=tmp_path / "elsewhere", model=tmp_path / "missing",
        model_hash=begun["model_hash"], segmenter=None, segmenter_hash=None, frames=8,
        opened=worker.Opened(), keep=(), run="",
    )  # fmt: skip
    parameters = {"part": 0, "digest": begun["digests"][0]}
    with pytest.raises(BundleError, match=r"On the machine .*missing does not exist"):
        worker.assess_part(parameters, tmp_path / "work", lambda *_: None, job=job)
    other = worker.Job(**(vars(job) | {"model": save_model(tmp_path / "other", seed=2)}))
    with pytest.raises(BundleError, match="is another model"):
        worker.assess_part(parameters, tmp_path / "work", lambda *_: None, job=other)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("leaves", ["nothing", "an empty folder"])
def test_a_share_that_goes_is_waited_for_and_no_image_is_refused_for_it(
    model: Path, scans: Path, tmp_path: Path, leaves: str
) -> None:
    def unmount(_: str, done: int, total: int) -> None:
        if done >= 4 and not (tmp_path / "away").exists():
            (scans / "b").rename(tmp_path / "away")
            if leaves == "an empty folder":
                (scans / "b").mkdir()

    found = assess_archive([str(scans)], model=model, out=tmp_path / "out", part_rows=4, progress=unmount)
    assert found.left and sum(one.images for one in found.left) == 9
    assert all("run the same command again" in one.reason for one in found.left)
    assert found.refused <= 1 and set(read(tmp_path / "out")["item"]) == set(range(4))
    if leaves == "an empty folder":
        (scans / "b").rmdir()
    (tmp_path / "away").rename(scans / "b")
    assert not assess_archive([str(scans)], model=model, out=tmp_path / "out").left
    table = read(tmp_path / "out")
    assert table["item"].tolist() == list(range(COUNT + 1)) and table["refused"].notna().sum() == 1


def test_an_image_on_which_the_program_fails_is_refused_alone(
    model: Path, scans: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = run.Predictor.assess_many

    def breaks(self: Any, images: Any, **options: Any) -> Any:
        if any("scan05" in one.name for one in images):
            raise IndexError("list index out of range")
        return real(self, images, **options)

    monkeypatch.setattr(run.Predictor, "assess_many", breaks)
    assess_archive([str(scans)], model=model, out=tmp_path / "out", part_rows=6)
    table = read(tmp_path / "out").set_index("image")
    assert table["refused"].notna().sum() == 2
    assert (
        "the program failed (IndexError('list index out of range'))"
        in table.loc[str(scans / "a" / "scan05.png"), "refused"]
    )


def test_boxes_frames_and_columns_of_a_table(model: Path, scans: Path, tmp_path: Path) -> None:
    loop = pydicom.data.get_testdata_file("examples_ybr_color.dcm", download=False)
    if loop is None:
        pytest.skip("pydicom-data is not installed")
    shutil.copy(loop, scans / "loop.dcm")
    rows = [
        ("a/scan00.png", "10,10,60,50", "", "P1"), ("a/scan00.png", "60,20,110,80", "", "P1"),
        ("a/scan01.png", "10,10,500,50", "", "P2"), ("a/scan02.png", "a box", "", ""), ("", "", "", "P4"),
        ("loop.dcm", "", "", "P5"), ("loop.dcm", "", "3", "P5"), ("loop.dcm", "", "500", "P5"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["image", "box", "frame", "patient"])
    frame.to_csv(scans / "table.csv", index=False)
    frame.to_parquet(scans / "table.parquet")
    tables = []
    for kind in ("csv", "parquet"):
        out = tmp_path / kind
        assess_archive([str(scans / f"table.{kind}")], model=model, out=out, keep=["patient"], frames=2, part_rows=3)
        tables.append(read(out))
    pd.testing.assert_frame_equal(*tables)
    found = tables[0].set_index("item")
    assert found.index.tolist() == [0, 1, 2, 3, 4, 5, 5, 6, 7]
    assert found["box"].tolist()[:3] == ["10,10,60,50", "60,20,110,80", "10,10,500,50"]
    assert found["given_patient"].fillna("").tolist() == ["P1", "P1", "P2", "", "P4", "P5", "P5", "P5", "P5"]
    assert "is not a box" in found.loc[3, "refused"] and "image is empty" in found.loc[4, "refused"]
    assert "500" in found.loc[7, "refused"]
    both = found.loc[5]
    assert both["loop_frames"].tolist() == [2, 2]
    assert both["loop_risk"].iloc[0] == pytest.approx(both["calibrated_risk"].mean())
    assert found.loc[6, "frame_number"] == 3


def test_nodules_that_a_model_finds_have_a_row_each(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = save_segmenter(tmp_path / "segmenter", "segmentation")
    finder = replace(drawn, session=MarksTheBright(drawn))
    real = worker.open_model
    monkeypatch.setattr(run, "open_model", lambda path, how: finder if path == drawn.folder else real(path, how))
    monkeypatch.setattr(worker, "open_model", run.open_model)
    pixels = np.random.default_rng(0).integers(0, 90, (120, 200), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "none.png")
    pixels[30:110, 100:180] = pixels[10:40, 10:40] = 240
    Image.fromarray(pixels).save(tmp_path / "two.png")
    images = [str(tmp_path / name) for name in ("none.png", "two.png")]
    assess_archive(images, model=model, out=tmp_path / "out", segmenter=drawn.folder)
    table = read(tmp_path / "out")
    assert table["item"].tolist() == [0, 1, 1]
    none, large, small = table["box_origin"]
    assert "found no lesion" in none and "1 of 2 lesions" in large and "2 of 2 lesions" in small
    assert table["box"].isna().tolist() == [True, False, False]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names")
def test_a_name_in_another_encoding_is_refused_and_the_others_are_assessed(model: Path, tmp_path: Path) -> None:
    image = write_image(tmp_path / "scans" / "a.png", 1)
    shutil.copy(image, os.fsencode(tmp_path / "scans") + b"/b\xe4.png")
    assess_archive([str(tmp_path / "scans")], model=model, out=tmp_path / "out")
    table = read(tmp_path / "out")
    assert table["refused"].isna().tolist() == [True, False] and table["image"].iloc[1].endswith("b?.png")


def test_nothing_to_assess_is_said(model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, said in (("empty", "holds no image"), ("absent", "does not exist; check the path")):
        with pytest.raises(ImageError, match=said):
            assess_archive([str(tmp_path / name)], model=model, out=tmp_path / "out")
    assert not (tmp_path / "out" / "archive.json").exists()
