"""Checking a source: damaged and mismatched files, all at once."""

import struct
import zlib

import pytest

from thyrosight.cohort import check_cohort

HEADER = "image,label,box,mask\n"


def problems_of(folder, lines):
    (folder / "cohort.csv").write_text(HEADER + "\n".join(lines) + "\n", encoding="utf-8")
    report, cohort = check_cohort(folder)
    assert (cohort is None) == (report.errors > 0)
    return report


def test_every_bad_row_is_listed_without_stopping_at_the_first(tmp_path, picture, mask):
    good, other = picture("good.png"), picture("other.png")
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:60])
    (tmp_path / "zero.png").write_bytes(b"")
    (tmp_path / "text.png").write_text("not an image", encoding="utf-8")
    other.with_name("large.png").write_bytes(huge_png())
    mask("empty.png", None)
    mask("small.png", rows=20, columns=30)
    mask("fits.png")
    report = problems_of(
        tmp_path,
        [
            'good.png,benign,"5,5,30,30",fits.png',
            "missing.png,benign,,",
            "cut.png,benign,,",
            "zero.png,malignant,,",
            "text.png,malignant,,",
            "large.png,malignant,,",
            'good.png,malignnat,"5,5,90,30",',
            "good.png,benign,,empty.png",
            "good.png,benign,,small.png",
            "good.png,benign,,gone.png",
        ],
    )
    found = [(problem.where, problem.column) for problem in report.problems]
    assert found == [
        ("row 3", "image"),
        ("row 4", "image"),
        ("row 5", "image"),
        ("row 6", "image"),
        ("row 7", "image"),
        ("row 8", "label"),
        ("row 8", "box"),
        ("row 9", "mask"),
        ("row 10", "mask"),
        ("row 11", "mask"),
    ]
    said = " | ".join(problem.text for problem in report.problems)
    for words in (
        "missing.png: no such file",
        "cut.png: the image is damaged or cut short",
        "zero.png is empty (0 bytes)",
        "text.png is not an image",
        "60000 x 60000 pixels are more than",
        "did you mean 'malignant'?",
        "box 5,5,90,30 reaches outside the image of 60 x 40 pixels",
        "empty.png is empty: no pixel is marked",
        "the mask has 30 x 20 pixels (width x height), its image 60 x 40",
        "gone.png: no such file",
    ):
        assert words in said, words
    assert report.image_sizes == {"60 x 40": 5}


def huge_png():
    """A PNG that claims 60,000 x 60,000 pixels and holds none."""

    def chunk(kind, content):
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", 60000, 60000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_a_good_cohort_has_no_problems_and_is_described(tmp_path, picture, mask):
    picture("1.png")
    picture("2.png", rows=30)
    mask("1m.png")
    report = problems_of(tmp_path, ["1.png,benign,,1m.png", "2.png,malignant,,"])
    assert report.problems == ()
    assert report.description.by_label == {"benign": 1, "malignant": 1}
    assert report.image_sizes == {"60 x 40": 1, "60 x 30": 1}


def test_one_class_is_a_warning_because_such_a_cohort_can_be_predicted(tmp_path, picture):
    picture("1.png")
    report = problems_of(tmp_path, ["1.png,malignant,,"])
    assert [(problem.severity, problem.column) for problem in report.problems] == [("warning", "label")]
    assert "no image is benign" in report.problems[0].text


@pytest.mark.parametrize("archive", ["ddti", "busi"])
def test_the_real_archives_pass(real_data, archive):
    report, cohort = check_cohort(real_data / archive)
    assert report.problems == ()
    assert cohort is not None
