"""Images that a user may name, and the boxes that come with them."""

from pathlib import Path

import pytest

from thyrosight.errors import ImageError, ThyroSightWarning
from thyrosight.imaging import Box
from thyrosight.inference import Request, find_images, read_boxes, with_boxes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.png", "a.JPG", "sub/c.tif", "sub/[1].png", "notes.txt", "._a.jpg", "sub/.hidden.png"):
        file = tmp_path / "scans" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    return tmp_path / "scans"


def names(paths: list[Path], folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in paths]


def test_a_folder_stands_for_the_images_in_it(folder: Path) -> None:
    found, refusals = find_images([str(folder)])
    assert names(found, folder) == ["a.JPG", "b.png", "sub/[1].png", "sub/c.tif"]
    assert refusals == []


def test_dicom_files_in_a_folder_need_no_suffix(folder: Path) -> None:
    for name in ("IM000001", "1.2.840.113619.2", "DICOMDIR"):
        (folder / name).write_bytes(bytes(128) + b"DICM")
    (folder / "loop.dcm").touch()
    found, _ = find_images([str(folder)])
    assert {"IM000001", "1.2.840.113619.2", "loop.dcm"} < set(names(found, folder))
    assert "DICOMDIR" not in names(found, folder)


def test_patterns_are_expanded_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(find_images([f"{folder}/*.png"])[0], folder) == ["b.png"]
    assert names(find_images([f"{folder}/**/*.png"])[0], folder) == ["b.png", "sub/[1].png"]
    monkeypatch.chdir(folder)
    assert find_images(["*.png", "sub/?.tif"])[0] == [Path("b.png"), Path("sub/c.tif")]


def test_a_file_named_outright_is_taken_whatever_its_name_and_once(folder: Path) -> None:
    found, _ = find_images(
        [str(folder / "sub" / "[1].png"), str(folder / "notes.txt"), str(folder / "gone.png"), str(folder)]
    )
    assert names(found, folder) == ["sub/[1].png", "notes.txt", "gone.png", "a.JPG", "b.png", "sub/c.tif"]


def test_names_that_stand_for_nothing_are_refused_one_by_one(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    found, refusals = find_images([str(tmp_path / "empty"), f"{folder}/*.bmp", str(folder / "b.png")])
    assert names(found, folder) == ["b.png"]
    assert [refusal.image for refusal in refusals] == [str(tmp_path / "empty"), f"{folder}/*.bmp"]
    assert "holds no image" in refusals[0].reason and "no image matches" in refusals[1].reason


def test_boxes_come_from_a_table_beside_the_images(folder: Path) -> None:
    table = folder / "boxes.csv"
    table.write_text(
        '\ufeffimage,box,label\nb.png,"1,2,30,40",benign\nb.png,"50,2,70,40",\nsub/c.tif,,\n', encoding="utf-8"
    )
    boxes = read_boxes(table)
    expected = [Request(folder / "b.png", Box(1, 2, 30, 40)), Request(folder / "b.png", Box(50, 2, 70, 40))]
    assert boxes == [*expected, Request(folder / "sub/c.tif", None)]
    asked = with_boxes([Request(folder / "a.JPG"), Request(folder / "sub" / ".." / "b.png")], boxes)
    assert asked == [Request(folder / "a.JPG"), *expected]
    assert with_boxes([], boxes) == boxes


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "is empty"),
        ("image,box\n", "holds no rows"),
        ("image,kasten\na.png,1\n", "column 'box' is missing; it has image, kasten"),
        ('image,box\nb.png,"1,2,3,4"\nb.png,"1,2,x,4"\n', "row 3: '1,2,x,4' is not a box"),
        ('image,box\nb.png,"5,2,3,4"\n', "row 2: Box 5,2,3,4 has no area"),
        ('image,box\n,"1,2,3,4"\n', "row 2: the column image is empty"),
        ("image,box\nb.png\n", "row 2"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, text: str, match: str) -> None:
    table = tmp_path / "boxes.csv"
    table.write_text(text, encoding="utf-8")
    if text.endswith("b.png\n"):
        assert read_boxes(table) == [Request(tmp_path / "b.png", None)]
        return
    with pytest.raises(ImageError, match=match):
        read_boxes(table)
    with pytest.raises(ImageError, match=r"There is no file .*gone\.csv"):
        read_boxes(tmp_path / "gone.csv")


def test_boxes_from_a_spreadsheet(tmp_path: Path) -> None:
    table = tmp_path / "boxes.csv"
    table.write_bytes("sep=;\r\nimage;box;frame;备注\r\n甲.png;1,2,3,4;#N/A;好\r\nb.png;#N/A;2;\r\n".encode("gb18030"))
    with pytest.warns(ThyroSightWarning, match="it was read as GB18030"):
        found = read_boxes(table)
    assert found == [Request(tmp_path / "甲.png", Box(1, 2, 3, 4)), Request(tmp_path / "b.png", None, 2)]
