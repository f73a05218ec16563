"""Damaged and hostile files: one sentence that names the file, and never a crash, a hang or a flood of memory."""

import importlib.util
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEG2000Lossless, JPEGBaseline8Bit, RLELossless

from thyrosight.errors import ImageError
from thyrosight.imaging import open_cine, read_dicom_info, read_frame

REPOSITORY = Path(__file__).parents[3]


@pytest.mark.filterwarnings("ignore")
def test_three_hundred_mutated_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.syspath_prepend(str(REPOSITORY / "benchmarks"))
    # Some hold 200,000 elements, which are given up after this many; that limit itself is tested below.
    monkeypatch.setattr("thyrosight.imaging.dicom.header._MOST_READS", 20_000)
    running = importlib.import_module("fuzzing.running")
    target, outcomes = running.TARGETS["dicom"], {}
    for seed in range(300):
        path = tmp_path / f"{seed}.dcm"
        path.write_bytes(target.damaged(seed)[1])
        outcomes[seed] = running.outcome(target, path)
        path.unlink()
    faults = {seed: what for seed, what in outcomes.items() if what not in ("read", "refused")}
    assert not faults
    assert min(list(outcomes.values()).count(what) for what in ("read", "refused")) > 30


def refused(path: Path, says: str) -> None:
    with pytest.raises(ImageError, match=says) as caught:
        read_frame(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"NumberOfFrames": "2000000000"}, "states 2000000000 frames"),
        ({"NumberOfFrames": "-1"}, "states -1 frames"),
        ({"NumberOfFrames": "3"}, "states 3 frames, and 1 is there"),
        ({"Rows": 65535, "Columns": 65535}, "more than the"),
        ({"Rows": 0}, "picture of 52 x 0 pixels"),
        ({"Rows": None}, "picture of 52 x 0 pixels"),
        ({"Rows": 400}, "need 62400 bytes, and 6240 are there"),
        ({"BitsAllocated": 1, "BitsStored": 1}, "no picture that can be shown"),
        ({"BitsStored": 12}, "no picture that can be shown"),
        ({"SamplesPerPixel": 4}, "4 samples"),
        ({"SamplesPerPixel": 1}, "contradict each other"),
        ({"PixelData": None, "SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.11"}, "holds no picture .Basic Text SR"),
    ],
)
def test_numbers_that_cannot_be(shop, changes, says) -> None:
    data = shop.make([shop.colours])
    for keyword, value in changes.items():
        if value is None:
            del data[keyword]
        else:
            setattr(data, keyword, value)
    refused(shop.store(data), says)


def test_truncation_anywhere(shop) -> None:
    for data in (shop.make([shop.colours] * 2), shop.compress([shop.colours] * 2, RLELossless)):
        path = shop.store(data)
        whole = path.read_bytes()
        for length in (*range(140, len(whole) - 20, 211), len(whole) - 20):
            path.write_bytes(whole[:length])
            refused(path, "cut short|damaged|ends within|holds no picture|empty|picture of")


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_wrong_transfer_syntaxes(shop) -> None:
    path = shop.store(shop.make([shop.colours]))
    plain = path.read_bytes()
    path.write_bytes(plain.replace(b"\x14\x001.2.840.10008.1.2.1\0", b"\x16\x001.2.840.10008.1.2.4.50"))
    refused(path, r"states JPEG Baseline \(Process 1\), but its pixel data are not compressed")
    path.write_bytes(plain.replace(b"\x14\x001.2.840.10008.1.2.1\0", b"\x14\x001.2.840.10008.9.9.9\0"))
    refused(path, "is not one of DICOM")
    path.write_bytes(plain.replace(b"\x14\x001.2.840.10008.1.2.1\0", b"\x14\x001.2.840.100\n8.1.2.1\0"))
    refused(path, r"1\.2\.840\.100\\n8\.1\.2\.1' is not one of DICOM")
    packed = shop.store(shop.compress([shop.colours], RLELossless)).read_bytes()
    path.write_bytes(packed.replace(b"\x14\x001.2.840.10008.1.2.5\0", b"\x14\x001.2.840.10008.1.2.1\0"))
    refused(path, "but its pixel data are compressed; the transfer syntax is wrong")
    # Stated implicit, written explicit: pixels are as they were.
    path.write_bytes(plain.replace(b"\x14\x001.2.840.10008.1.2.1\0", b"\x12\x001.2.840.10008.1.2\0"))
    assert np.array_equal(read_frame(path).pixels, shop.colours)


def test_a_picture_inside_larger_or_smaller_than_the_header_says(shop) -> None:
    for syntax in (JPEGBaseline8Bit, JPEG2000Lossless):
        data = shop.compress([shop.colours], syntax, PhotometricInterpretation="YBR_FULL")
        data.Rows = 20
        refused(shop.store(data), "frame 0 is damaged .it holds 52 x 40 pixels instead of 52 x 20")


def called_from(depth, call):
    return call() if depth == 0 else called_from(depth - 1, call)


def test_sequences_without_end(shop) -> None:
    path = shop.store(shop.make([shop.colours]))
    plain = path.read_bytes()
    place = plain.index(b"\x08\x00\x16\x00")
    item = struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    start = struct.pack("<HH2sHL", 0x0008, 0x0012, b"SQ", 0, 0xFFFFFFFF)
    path.write_bytes(plain[:place] + (start + item) * 20_000 + plain[place:])
    for depth in range(60):  # where in the parser recursion ends depends on how deep the caller stands
        called_from(depth, lambda: refused(path, "nested without end"))
    empty = struct.pack("<HHL", 0xFFFE, 0xE000, 0)
    path.write_bytes(plain[:place] + start + empty * 150_000 + plain[place:])
    refused(path, "holds more than 50000 elements")


def test_lengths_beyond_the_file(shop) -> None:
    path = shop.store(shop.make([shop.colours]))
    plain = path.read_bytes()
    place = plain.index(b"\x10\x00\x10\x00PN") + 6
    for length in (0xFFFF, 0x8000):
        path.write_bytes(plain[:place] + struct.pack("<H", length) + plain[place + 2 :])
        refused(path, "ends within its header")


def test_a_deflated_file_that_unpacks_to_far_too_much(shop) -> None:
    path = shop.store(shop.make([shop.colours]))
    plain = path.read_bytes()
    meta = plain[: plain.index(b"\x08\x00\x16\x00")].replace(
        b"\x14\x001.2.840.10008.1.2.1\0", b"\x16\x001.2.840.10008.1.2.1.99"
    )
    packer = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    one = packer.compress(bytes(2**20)) + packer.flush(zlib.Z_FULL_FLUSH)  # which can stand there again and again
    bomb = one * 300 + packer.flush()
    path.write_bytes(meta + bomb)
    refused(path, "unpacks to more than 256 MB")


def test_an_element_of_a_kind_that_does_not_exist_is_left_out(shop) -> None:
    path = shop.store(shop.make([shop.colours], StationName=""))
    plain = path.read_bytes()
    assert b"\x08\x00\x10\x10SH\x00\x00" in plain
    path.write_bytes(plain.replace(b"\x08\x00\x10\x10SH\x00\x00", b"\x08\x00\x10\x10S\x95\x00\x00"))
    assert read_dicom_info(path).station_name is None
    assert np.array_equal(read_frame(path).pixels, shop.colours)


def test_private_elements_change_nothing(shop) -> None:
    data = shop.make([shop.colours])
    block = data.private_block(0x0011, "A MAKER", create=True)
    for number in range(60):
        block.add_new(number, "LO", "x" * 60)
    path = shop.store(data)
    assert np.array_equal(read_frame(path).pixels, shop.colours)
    assert read_dicom_info(path).patient_id == "P-7"


def test_a_damaged_frame_leaves_the_others_readable(shop) -> None:
    frames = [np.full((30, 40, 3), 20 * number, np.uint8) for number in range(4)]
    path = shop.store(shop.compress(frames, JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL_422"))
    with open_cine(path) as cine:
        start = path.read_bytes().index(cine.stored(2))
        length = len(cine.stored(2))
    code = bytearray(path.read_bytes())
    code[start + 2 : start + length - 2] = bytes(length - 4)
    path.write_bytes(code)
    with open_cine(path) as cine:
        assert cine.read(3).pixels.max() == 60
        with pytest.raises(ImageError, match="frame 2 is damaged"):
            cine.read(2)
