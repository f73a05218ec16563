"""`thyrosight cohort split-panels`: parts, manifest, contact sheets, and a sentence for each frame left out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.imaging.elastography.drawing import draw
from thyrosight.cli.main import main
from thyrosight.cohort import open_cohort
from thyrosight.cohort.split_panels import SplitPanelsOptions, split_panels
from thyrosight.errors import CohortError
from thyrosight.imaging import Box, read_frame


def run(*words: object) -> object:
    with pytest.raises(SystemExit) as stop:
        main(["cohort", "split-panels", *map(str, words)])
    return stop.value.code


@pytest.fixture(scope="module")
def frames(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("frames")
    (folder / "a").mkdir()
    Image.fromarray(draw(seed=1).pixels).save(folder / "a" / "1.png")
    Image.fromarray(draw(seed=2, layout="one above the other", bar=False).pixels).save(folder / "2.png")
    Image.fromarray(draw(seed=3).pixels[:, :, 0]).save(folder / "grey.png")
    (folder / "broken.png").write_bytes(b"nothing")
    (folder / "notes.txt").write_text("not an image", encoding="utf-8")
    return folder


def test_a_folder_becomes_pairs_maps_and_a_contact_sheet(
    frames: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "split"
    assert run(frames, "--out", out, "--range", "0:100", "--unit", "kPa", "--style", "shear-wave") == 0
    said = capsys.readouterr().out
    assert "4 frames read; 2 pairs of B-mode and elastogram, 1 with a map" in said
    assert "left out: 1 x no elastogram" in said and "left out: 1 x cannot be read" in said
    assert "no map: there is no colour bar" in said
    table = pd.read_csv(out / "cohort.csv", keep_default_na=False).set_index("key")
    assert list(table.index) == ["2", "a-1", "broken", "grey"]
    row = table.loc["a-1"]
    pair = [np.asarray(Image.open(out / row[name])) for name in ("image", "elastogram")]
    assert pair[0].shape == pair[1].shape
    whole = draw(seed=1)
    panel = Box.from_text(row["b_mode_panel"])
    np.testing.assert_array_equal(pair[0], whole.frame.part(panel).pixels)
    kpa = np.asarray(Image.open(out / row["stiffness_map"]))
    assert kpa.shape == pair[0].shape[:2] and kpa.dtype == np.float32
    truth = whole.stiffness[np.isfinite(whole.stiffness)].mean()
    assert np.nanmean(kpa) == pytest.approx(100 * truth, abs=2)
    assert (row["map_unit"], row["map_stiff"], row["elastography_style"]) == ("kPa", "100", "shear-wave")
    assert table.loc["grey", "exclude_detail"].startswith("grey.png: ")
    assert str(frames) not in (out / "cohort.csv").read_text(encoding="utf-8")
    assert read_frame(out / "contact-sheet.png").columns > 1000


def test_a_table_is_carried_over_and_opens_as_a_cohort(frames: Path, tmp_path: Path) -> None:
    whole = draw(seed=1)
    inside = Box(40, 50, 120, 130)
    on_elastogram = inside.moved(columns=whole.elastogram.left, rows=whole.elastogram.top)
    mask = np.zeros(whole.pixels.shape[:2], dtype=np.uint8)
    mask[on_elastogram.top : on_elastogram.bottom, on_elastogram.left : on_elastogram.right] = 255
    Image.fromarray(mask).save(frames / "mask.bmp")
    table = tmp_path / "frames.csv"
    table.write_text(
        "image,patient_id,label,label_source,box,mask,grade\n"
        f'{frames}/a/1.png,p1,malignant,pathology,"{on_elastogram.to_text()}",{frames}/mask.bmp,4\n'
        f"{frames}/2.png,p2,benign,pathology,,,2\n",
        encoding="utf-8",
    )
    split_panels(table, tmp_path / "out", options=SplitPanelsOptions(colour_map="rainbow"))
    cohort = open_cohort(tmp_path / "out")
    assert cohort.table["label"].tolist() == ["malignant", "benign"]
    assert cohort.table["patient_id"].tolist() == ["p1", "p2"]
    assert cohort.table["grade"].tolist() == ["4", "2"]
    first = cohort.table.iloc[0]
    found = Box.from_text(first["box"])
    assert max(abs(one - two) for one, two in zip(
        (found.left, found.top, found.right, found.bottom), (40, 50, 120, 130), strict=True
    )) <= 1  # fmt: skip
    cut = np.asarray(Image.open(first["mask"]))
    assert cut.shape == read_frame(first["image"]).pixels.shape[:2]
    assert Box.from_mask(cut > 127) == found
    assert cohort.table["stiffness_map"].notna().all()


def test_a_box_outside_both_panels_leaves_the_frame_out(frames: Path, tmp_path: Path) -> None:
    table = tmp_path / "frames.csv"
    table.write_text(
        f'image,label,box\n{frames}/a/1.png,benign,"0,0,20,20"\n{frames}/2.png,benign,\n', encoding="utf-8"
    )
    result = split_panels(table, tmp_path / "out")
    assert result.excluded == {"mask or box cannot be used": 1}
    assert result.pairs == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--colour-map", "viridis"), "no colour map 'viridis'"),
        (("--range", "0:100"), "--range and --unit belong together"),
        (("--range", "0-100", "--unit", "kPa"), "SOFT:STIFF"),
        (("--range", "0:100", "--unit", "psi"), "choose kPa or m/s"),
        (("--range", "9:1", "--unit", "kPa"), "from soft to stiff"),
        (("--style", "guess"), "choose auto, shear-wave or strain"),
        (("--style", "strain", "--range", "0:1", "--unit", "kPa"), "no absolute scale"),
        (("--bar-top", "red"), "choose stiff or soft"),
    ],
)
def test_wrong_options_are_one_line(
    frames: Path, tmp_path: Path, words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(frames, "--out", tmp_path / "out", *words) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_sources_that_hold_nothing(frames: Path, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="no such file or folder"):
        split_panels(tmp_path / "absent", tmp_path / "out")
    with pytest.raises(CohortError, match="no frame holds B-mode and a registered elastogram") as raised:
        split_panels(frames / "grey.png", tmp_path / "out")
    assert "the frame is grey" in str(raised.value)
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "cohort.csv").write_text("label\n", encoding="utf-8")
    with pytest.raises(CohortError, match="perhaps with labels"):
        split_panels(frames, tmp_path / "done")
