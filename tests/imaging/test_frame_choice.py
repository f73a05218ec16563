"""Which frames of a loop are chosen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian
from scipy import ndimage

from thyrosight.errors import ImageError
from thyrosight.imaging import choose_frames, frames_as_text, open_cine

Loop = Callable[[list[NDArray[np.uint8]]], Path]


@pytest.fixture
def loop(tmp_path: Path) -> Loop:
    def save(frames: list[NDArray[np.uint8]]) -> Path:
        data = Dataset()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data.SOPClassUID, data.SOPInstanceUID, data.Modality = UID("1.2.840.10008.5.1.4.1.1.3.1"), UID("1.2.3"), "US"
        data.NumberOfFrames, (data.Rows, data.Columns) = len(frames), frames[0].shape
        data.SamplesPerPixel, data.PhotometricInterpretation, data.PixelRepresentation = 1, "MONOCHROME2", 0
        data.BitsAllocated, data.BitsStored, data.HighBit = 8, 8, 7
        data.PixelData = b"".join(frame.tobytes() for frame in frames)
        data["PixelData"].VR = "OB"
        path = tmp_path / "loop.dcm"
        pydicom.dcmwrite(path, data, enforce_file_format=True)
        return path

    return save


def speckle(seed: int, *, blur: float = 0) -> NDArray[np.uint8]:
    values = np.random.default_rng(seed).rayleigh(50, (96, 128))
    return np.clip(ndimage.gaussian_filter(values, blur), 0, 255).astype(np.uint8)


def chosen(path: Path, count: int) -> tuple[int, ...]:
    with open_cine(path) as cine:
        return choose_frames(cine, count)


def test_the_sharpest_frame_of_each_span_is_taken(loop: Loop) -> None:
    sharp = {3, 8, 17, 21}
    frames = [speckle(number, blur=0 if number in sharp else 0.6) for number in range(24)]
    assert chosen(loop(frames), 4) == tuple(sorted(sharp))


def test_blurred_spans_give_no_frame(loop: Loop) -> None:
    frames = [speckle(number, blur=4 if number >= 10 else 0) for number in range(20)]
    found = chosen(loop(frames), 4)
    assert len(found) == 2
    assert all(number < 10 for number in found)


def test_a_frozen_loop_gives_one_frame(loop: Loop) -> None:
    assert len(chosen(loop([speckle(0)] * 12), 6)) == 1
    half = [speckle(0)] * 6 + [speckle(number) for number in range(1, 7)]
    assert len(chosen(loop(half), 6)) == 4  # one for the frozen half, three for the moving one


def test_short_loops_and_single_frames(loop: Loop) -> None:
    assert chosen(loop([speckle(number) for number in range(3)]), 8) == (0, 1, 2)
    assert chosen(loop([speckle(0)] * 1), 8) == (0,)
    with open_cine(loop([speckle(0)] * 2)) as cine, pytest.raises(ImageError, match="At least one frame"):
        choose_frames(cine, 0)


def test_the_same_loop_gives_the_same_frames_and_progress_is_told(loop: Loop) -> None:
    path = loop([speckle(number) for number in range(9)])
    told: list[tuple[int, int]] = []
    with open_cine(path) as cine:
        first = choose_frames(cine, 3, progress=lambda _, done, total: told.append((done, total)))
    assert first == chosen(path, 3)
    assert told == [(number, 9) for number in range(1, 10)]


def test_frame_numbers_as_text() -> None:
    assert frames_as_text([]) == ""
    assert frames_as_text([4]) == "4"
    assert frames_as_text([0, 1, 2, 5, 7, 8]) == "0-2, 5, 7-8"
