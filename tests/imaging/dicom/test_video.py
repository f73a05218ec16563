"""Loops that are stored as a video."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import HEVCMP51, MPEG2MPML, MPEG4HP41, UID

from thyrosight.errors import ImageError
from thyrosight.imaging import choose_frames, open_cine, read_frame
from thyrosight.imaging.dicom import cine as of_cines

FILES = Path(__file__).parent / "files"
"""Five frames of 64 x 48 written with ffmpeg's x264 and x265: (40 n + 20, 100, 220 - 40 n) beside dark grey."""


def _video(shop, content: bytes, syntax: UID = MPEG4HP41, *, frames: int = 5, pieces: int = 1) -> Path:
    data = shop.make([np.zeros((48, 64, 3), np.uint8)], PhotometricInterpretation="YBR_PARTIAL_420")
    data.NumberOfFrames = frames
    data.PixelData = encapsulate([content], fragments_per_frame=pieces, has_bot=False)
    data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", True
    data.file_meta.TransferSyntaxUID = syntax
    return shop.store(data)


@pytest.mark.parametrize(("name", "syntax"), [("x264", MPEG4HP41), ("x265", HEVCMP51)])
@pytest.mark.parametrize("pieces", [1, 3])
def test_frames_in_any_order(shop, name: str, syntax: UID, pieces: int) -> None:
    pytest.importorskip("cv2")
    with open_cine(_video(shop, (FILES / f"{name}.mp4").read_bytes(), syntax, pieces=pieces)) as cine:
        assert len(cine) == 5
        for number in (3, 4, 0, 2, 2):
            pixels = cine.read(number).pixels
            expected = (40 * number + 20, 100, 220 - 40 * number)
            assert np.abs(pixels[8:40, 4:24].reshape(-1, 3).mean(axis=0) - expected).max() < 8
            assert np.abs(pixels[8:40, 44:60].astype(int) - 30).mean() < 6
        assert choose_frames(cine, 2)


def test_what_does_not_fit_is_one_sentence(shop) -> None:
    pytest.importorskip("cv2")
    content = (FILES / "x264.mp4").read_bytes()
    with pytest.raises(ImageError, match=r"frame 6 cannot be read \(its video .*5 frames\)"):
        read_frame(_video(shop, content, frames=9), frame=6)
    with pytest.raises(ImageError, match="its video is damaged, or ends after 0 frames"):
        read_frame(_video(shop, content[:60] + b"no video at all " * 20), frame=0)


def test_a_playlist_in_place_of_a_video_is_not_followed(shop) -> None:
    pytest.importorskip("cv2")
    other = (FILES / "x264.mp4").resolve()
    for text in (f"#EXTM3U\n#EXTINF:1,\n{other}\n", f"ffconcat version 1.0\nfile '{other}'\n"):
        with pytest.raises(ImageError, match="in no container of the standard"):
            read_frame(_video(shop, text.encode()), frame=0)


def test_without_the_package_it_is_named(shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(of_cines, "reads_videos", lambda: False)
    for syntax in (MPEG2MPML, MPEG4HP41, HEVCMP51):
        path = _video(shop, b"\0\0\1\xb3" * 30, syntax)
        with pytest.raises(
            ImageError, match=r"is a video .* pip install opencv-python-headless, or convert it with ffmpeg"
        ):
            read_frame(path)


def test_a_video_is_cleaned_as_a_loop_without_loss(shop, tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    from thyrosight.imaging.deidentify import deidentify

    path = _video(shop, (FILES / "x264.mp4").read_bytes())
    report = deidentify(path, tmp_path / "out", key_file=tmp_path / "key.json")
    assert not report.refused
    (written,) = (tmp_path / "out").rglob("*.dcm")
    with open_cine(path) as before, open_cine(written) as after:
        assert len(after) == 5 and not after.info.is_video and after.info.lossy_compression == "01"
        for one, other in zip(before, after, strict=True):
            assert np.array_equal(one.pixels[8:40, 8:24], other.pixels[8:40, 8:24])
