"""Loops: any frame, in any order, without the rest."""

import struct
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from pydicom.encaps import encapsulate, encapsulate_extended
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    RLELossless,
)

from thyrosight.errors import ImageError
from thyrosight.imaging import open_cine, read_frame

COUNT = 7


def loop(rows: int = 21, columns: int = 31) -> list[np.ndarray]:
    """Frames that differ, of an odd number of bytes."""
    y, x = np.mgrid[:rows, :columns]
    return [((x * 5 + y * 3 + 30 * number) % 256).astype(np.uint8) for number in range(COUNT)]


def check(path, frames) -> None:
    with open_cine(path) as cine:
        assert len(cine) == COUNT
        for number in (COUNT - 1, 0, 3, 3):
            frame = cine.read(number)
            assert frame.frame_number == number
            assert np.array_equal(frame.pixels, frames[number])
        assert [frame.frame_number for frame in cine] == list(range(COUNT))
    assert np.array_equal(read_frame(path, frame=5).pixels, frames[5])


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
                         ids=lambda syntax: syntax.name)  # fmt: skip
@pytest.mark.parametrize("vr", ["OB", "OW"])
def test_uncompressed_loops(shop, syntax, vr) -> None:
    frames = loop()
    data = shop.make(frames)
    data.file_meta.TransferSyntaxUID = syntax
    if vr == "OW" and syntax == ExplicitVRBigEndian:  # 16-bit words in the other order, across frames of odd length
        data.PixelData = np.frombuffer(data.PixelData, "<u2").astype(">u2").tobytes()
    data["PixelData"].VR = vr
    check(shop.store(data), frames)


@pytest.mark.parametrize("table", ["none", "basic", "extended"])
def test_compressed_loops_with_every_kind_of_offset_table(shop, table) -> None:
    frames = loop()
    data = shop.compress(frames, RLELossless)
    from pydicom.encaps import generate_frames

    encoded = list(generate_frames(data.PixelData, number_of_frames=COUNT))
    if table == "extended":
        data.PixelData, data.ExtendedOffsetTable, data.ExtendedOffsetTableLengths = encapsulate_extended(encoded)
    else:
        data.PixelData = encapsulate(encoded, has_bot=table == "basic")
    data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", True
    check(shop.store(data), frames)


@pytest.mark.parametrize("has_table", [True, False])
def test_frames_in_several_fragments(shop, has_table) -> None:
    frames = [np.stack([frame] * 3, axis=2) for frame in loop()]
    data = shop.compress(frames, JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL_422")
    whole = shop.store(data, "whole.dcm")
    with open_cine(whole) as cine:
        encoded = [cine.stored(number) for number in range(COUNT)]
        shown = [frame.pixels for frame in cine]
    # Two fragments for odd frames, so that counting does not help.
    data.PixelData = b"".join(
        [
            encapsulate([code], fragments_per_frame=1 + number % 2, has_bot=False)[8:]
            for number, code in enumerate(encoded)
        ]
    )
    starts, position = [], 0
    for number, code in enumerate(encoded):
        starts.append(position)
        position += len(encapsulate([code], fragments_per_frame=1 + number % 2, has_bot=False)) - 8
    table = struct.pack(f"<{COUNT}L", *starts) if has_table else b""
    data.PixelData = b"\xfe\xff\x00\xe0" + struct.pack("<L", len(table)) + table + data.PixelData
    with open_cine(shop.store(data)) as cine:
        for number in (6, 1, 0, 5):
            assert np.array_equal(cine.read(number).pixels, shown[number])


def test_one_frame_costs_one_frame(shop) -> None:
    data = shop.make(loop())
    path = shop.store(data)
    with open_cine(path) as cine:
        assert len(cine.stored(3)) == 21 * 31


def test_frames_are_read_from_several_threads(shop) -> None:
    frames = loop()
    with open_cine(shop.store(shop.compress(frames, RLELossless))) as cine, ThreadPoolExecutor(4) as threads:
        for number, frame in enumerate(threads.map(cine.read, [index % COUNT for index in range(60)])):
            assert np.array_equal(frame.pixels, frames[number % COUNT])


def test_a_loop_read_as_a_picture_says_so(shop) -> None:
    path = shop.store(shop.make(loop()))
    assert read_frame(path).notes == ("the file holds 7 frames; only the first was read",)
    assert read_frame(path, frame=0).notes == ()
    with pytest.raises(ImageError, match=r"a\.dcm holds 7 frame\(s\), numbered from 0; there is no 7"):
        read_frame(path, frame=7)
    with pytest.raises(ImageError, match="there is no -1"):
        read_frame(path, frame=-1)


def test_other_formats_hold_frame_zero_only(tmp_path) -> None:
    from PIL import Image

    Image.fromarray(loop()[0]).save(tmp_path / "a.png")
    assert np.array_equal(read_frame(tmp_path / "a.png", frame=0).pixels, loop()[0])
    with pytest.raises(ImageError, match="there is no frame 1"):
        read_frame(tmp_path / "a.png", frame=1)
