"""Reading picture files: formats, depths, rotation, and every way a file can be wrong."""

import io
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from thyrosight.errors import ImageError
from thyrosight.imaging import FRAME_READERS, read_frame

RAMP = np.arange(0, 240, dtype=np.uint8).reshape(12, 20)
COLOURS = np.stack([RAMP, RAMP[::-1], RAMP.T.reshape(12, 20)], axis=2)


def save(folder: Path, name: str, picture: Image.Image, **options: object) -> Path:
    path = folder / name
    picture.save(path, **options)  # type: ignore[arg-type]
    return path


@pytest.mark.parametrize(
    ("suffix", "options"), [(".png", {}), (".bmp", {}), (".tif", {}), (".webp", {"lossless": True})]
)
def test_lossless_formats_give_back_the_pixels(tmp_path: Path, suffix: str, options: dict[str, object]) -> None:
    assert np.array_equal(read_frame(save(tmp_path, "g" + suffix, Image.fromarray(RAMP), **options)).pixels, RAMP)
    frame = read_frame(save(tmp_path, "c" + suffix, Image.fromarray(COLOURS), **options))
    assert np.array_equal(frame.pixels, COLOURS)
    assert frame.spacing_mm is None
    assert frame.source == str(tmp_path / ("c" + suffix))


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", "raw"])
def test_tiff_compressions(tmp_path: Path, compression: str) -> None:
    path = save(tmp_path, "a.tif", Image.fromarray(RAMP), compression=compression)
    assert np.array_equal(read_frame(path).pixels, RAMP)


def test_the_content_decides_not_the_suffix(tmp_path: Path) -> None:
    path = save(tmp_path, "a.jpg", Image.fromarray(RAMP), format="PNG")
    assert np.array_equal(read_frame(path).pixels, RAMP)


def test_names_in_other_scripts(tmp_path: Path) -> None:
    assert read_frame(save(tmp_path, "щитовидная железа 甲状腺.png", Image.fromarray(RAMP))).rows == 12


def test_grey_stored_as_colour_becomes_grey(tmp_path: Path) -> None:
    for picture in (
        Image.fromarray(np.stack([RAMP] * 3, axis=2)),
        Image.fromarray(RAMP).convert("RGBA"),
        Image.fromarray(RAMP).convert("LA"),
        Image.fromarray(RAMP).convert("P"),
    ):
        assert np.array_equal(read_frame(save(tmp_path, "a.png", picture)).pixels, RAMP)


def test_palette_and_transparency(tmp_path: Path) -> None:
    palette = Image.fromarray(np.array([[0, 1, 2]], dtype=np.uint8), mode="P")
    palette.putpalette([255, 0, 0, 0, 255, 0, 10, 20, 30])
    assert read_frame(save(tmp_path, "p.png", palette)).pixels.tolist() == [[[255, 0, 0], [0, 255, 0], [10, 20, 30]]]
    # Transparent pixels stand on black, half transparent ones halfway.
    half = Image.fromarray(np.array([[[200, 100, 50, 255], [200, 100, 50, 0], [200, 100, 50, 128]]], dtype=np.uint8))
    assert read_frame(save(tmp_path, "a.png", half)).pixels.tolist() == [[[200, 100, 50], [0, 0, 0], [100, 50, 25]]]


def test_one_bit(tmp_path: Path) -> None:
    bits = Image.fromarray(RAMP > 100)
    for name in ("a.png", "a.tif", "a.bmp"):
        assert np.array_equal(read_frame(save(tmp_path, name, bits)).pixels, np.where(RAMP > 100, 255, 0))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_sixteen_bits_are_scaled_by_the_depth_not_by_the_picture(tmp_path: Path, name: str) -> None:
    values = np.array([[0, 128, 129, 257, 4095, 32768, 65535]], dtype=np.uint16)
    frame = read_frame(save(tmp_path, name, Image.fromarray(values)))
    assert frame.pixels.tolist() == [[0, 0, 1, 1, 16, 128, 255]]  # value / 257, rounded


def test_floating_point_tiff(tmp_path: Path) -> None:
    unit = Image.fromarray(np.array([[0.0, 0.5, 1.0]], dtype=np.float32))
    assert read_frame(save(tmp_path, "u.tif", unit)).pixels.tolist() == [[0, 128, 255]]
    full = Image.fromarray(np.array([[0.0, 127.4, 255.0]], dtype=np.float32))
    assert read_frame(save(tmp_path, "f.tif", full)).pixels.tolist() == [[0, 127, 255]]


@pytest.mark.parametrize("bad", [[float("nan"), 1.0], [float("inf"), 1.0], [-0.1, 1.0], [0.0, 300.0]])
def test_floating_point_without_a_grey_scale_is_refused(tmp_path: Path, bad: list[float]) -> None:
    path = save(tmp_path, "a.tif", Image.fromarray(np.array([bad], dtype=np.float32)))
    with pytest.raises(ImageError, match=r"not numbers|no stated grey scale"):
        read_frame(path)


def test_thirty_two_bit_integers_without_a_grey_scale_are_refused(tmp_path: Path) -> None:
    path = save(tmp_path, "a.tif", Image.fromarray(np.array([[0, 1_000_000]], dtype=np.int32)))
    with pytest.raises(ImageError, match="no stated grey scale"):
        read_frame(path)


def test_cmyk_jpeg_keeps_its_brightness(tmp_path: Path) -> None:
    levels = np.repeat(np.repeat(np.array([[20, 120, 230]], dtype=np.uint8), 16, axis=0), 16, axis=1)
    picture = Image.fromarray(np.stack([levels] * 3, axis=2)).convert("CMYK")
    frame = read_frame(save(tmp_path, "a.jpg", picture, quality=95))
    assert np.abs(frame.grey().astype(int) - levels).max() <= 6


@pytest.mark.parametrize(
    ("orientation", "turned"),
    [(1, RAMP), (3, np.rot90(RAMP, 2)), (6, np.rot90(RAMP, -1)), (8, np.rot90(RAMP)), (2, RAMP[:, ::-1])],
)
@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_exif_rotation(tmp_path: Path, name: str, orientation: int, turned: np.ndarray) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    options = {"lossless": True} if name.endswith("webp") else {}
    path = save(tmp_path, name, Image.fromarray(RAMP), exif=exif, **options)
    assert np.array_equal(read_frame(path).pixels, turned)


@pytest.mark.parametrize("name", ["a.tif", "a.webp", "a.png"])
def test_of_several_pictures_the_first_is_read_and_said(tmp_path: Path, name: str) -> None:
    first, second = Image.fromarray(COLOURS), Image.fromarray(255 - COLOURS)
    options = {"lossless": True} if name.endswith("webp") else {}
    path = save(tmp_path, name, first, save_all=True, append_images=[second, first], **options)
    frame = read_frame(path)
    assert np.array_equal(frame.pixels, COLOURS)
    assert frame.notes == ("the file holds 3 pictures; only the first was read",)


def test_one_pixel(tmp_path: Path) -> None:
    assert read_frame(save(tmp_path, "a.png", Image.new("L", (1, 1), 7))).pixels.tolist() == [[7]]


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    data = b"IDAT" + zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
        + struct.pack(">I", len(data) - 4) + data + struct.pack(">I", zlib.crc32(data))
    )  # fmt: skip


def test_a_huge_picture_is_refused_from_its_header_without_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(60_000, 60_000))
    tracemalloc.start()
    with pytest.raises(ImageError, match=r"huge\.png: 60000 x 60000 pixels are more than the 100000000 allowed"):
        read_frame(path)
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()


def test_the_limit_is_the_callers(tmp_path: Path) -> None:
    path = save(tmp_path, "a.png", Image.fromarray(RAMP))
    read_frame(path, max_pixels=240)
    with pytest.raises(ImageError, match="more than the 239 allowed"):
        read_frame(path, max_pixels=239)


def content(name: str) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64), dtype=np.uint8)).save(stream, name)
    return stream.getvalue()


@pytest.mark.parametrize("name", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_a_truncated_file_is_named(tmp_path: Path, name: str) -> None:
    whole = content(name)
    for kept in (0.3, 0.6, 0.9):
        path = tmp_path / f"cut.{name.lower()}"
        path.write_bytes(whole[: int(kept * len(whole))])
        with pytest.raises(ImageError, match=r"cut\.\w+.*(damaged|cut short).*again"):
            read_frame(path)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")
@pytest.mark.parametrize("name", ["PNG", "JPEG", "BMP", "TIFF", "WEBP"])
def test_damage_anywhere_is_an_image_error_or_a_picture_and_never_a_crash(tmp_path: Path, name: str) -> None:
    whole, chance, path = content(name), random.Random(name), tmp_path / "damaged"
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice((1, 3, 20))):
            # Headers are short, and damage there reaches the most code.
            damaged[chance.randrange(min(len(whole), chance.choice((60, len(whole)))))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            frame = read_frame(path)
        except ImageError as error:
            assert "damaged" in str(error)
        else:
            assert frame.pixels.dtype == np.uint8


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"hello, this is text", "is not an image"),
        (bytes(128) + b"DICM" + bytes(100), "DICOM"),
        (b"GIF89a" + bytes(50), "GIF"),
        (b"%PDF-1.7" + bytes(50), "PDF"),
        (b"PK\x03\x04" + bytes(50), "archive"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(50), "video"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\x89PNG\r\n\x1a\n", "damaged or cut short"),
        (b"BM", "is not an image"),
    ],
)
def test_what_is_no_picture_is_told_what_it_is(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(data)
    with pytest.raises(ImageError, match=says) as caught:
        read_frame(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"gone\.png: no such file"):
        read_frame(tmp_path / "gone.png")
    with pytest.raises(ImageError, match="is a folder"):
        read_frame(tmp_path)
    with pytest.raises(ImageError):
        read_frame("bad\0name.png")


def test_formats_offered_are_those_of_the_documentation() -> None:
    assert list(FRAME_READERS) == ["DICOM", "PNG", "JPEG", "TIFF", "BMP", "WebP"]


def test_every_real_picture_reads(real_data: Path) -> None:
    paths = sorted((real_data / "ddti").glob("*.a.jpg"))[::40] + sorted((real_data / "busi").glob("*/*.jpg"))[::60]
    for path in paths:
        with Image.open(path) as picture:
            size = picture.size
        frame = read_frame(path)
        assert (frame.columns, frame.rows) == size
        assert frame.notes == ()


def test_sixteen_bits_are_told_and_dark_ones_named(tmp_path: Path) -> None:
    values = np.linspace(0, 1, 400).reshape(20, 20)
    for bits, dark in ((16, False), (15, False), (12, True), (10, True)):
        path = tmp_path / f"{bits}.png"
        Image.fromarray(np.rint(values * (2**bits - 1)).astype(np.uint16)).save(path)
        notes = read_frame(path).notes
        assert notes[0] == "16 bits were turned to 8"
        assert (len(notes) == 2) == dark
        if dark:
            assert f"its brightest value is {2**bits - 1} of 65535" in notes[1]


def _png(path: Path, kind: int, values: np.ndarray) -> Path:
    """A PNG of 16 bits in colours or with transparency, which Pillow does not write; `kind` is its header's."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + name + data + struct.pack(">L", zlib.crc32(name + data))

    rows, columns = values.shape[:2]
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in values)
    head = struct.pack(">LLBBBBB", columns, rows, 16, kind, 0, 0, 0)
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


@pytest.mark.parametrize(("bits", "dark"), [(16, False), (15, False), (12, True), (10, True)])
def test_sixteen_bits_in_colours_and_with_transparency_are_told_too(tmp_path: Path, bits: int, dark: bool) -> None:
    grey = np.rint(np.linspace(0, 2**bits - 1, 400)).reshape(20, 20).astype(np.uint16)
    opaque = np.stack([grey, np.full_like(grey, 65535)], axis=2)
    for kind, values in ((2, np.stack([grey, grey // 2, grey], axis=2)), (4, opaque)):
        frame = read_frame(_png(tmp_path / "a.png", kind, values))
        assert frame.notes[0] == "16 bits were turned to 8"
        assert [note.startswith("its brightest value is") for note in frame.notes[1:]] == [True] * dark
        assert frame.pixels.max() == pytest.approx((2**bits - 1) / 257, abs=1)


def _tiff(path: Path, values: bytes, bits: int, **tags: int) -> Path:
    """An uncompressed grey TIFF of 4 x 2 samples, with tags by their names."""
    fields = {"columns": (256, 4), "rows": (257, 2), "bits": (258, bits), "compression": (259, 1),
              "photometric": (262, 1), "strip": (273, 8), "each": (277, 1), "lines": (278, 2),
              "size": (279, len(values)), "sign": (339, 1)}  # fmt: skip
    entries = sorted((tag, tags.get(name, value)) for name, (tag, value) in fields.items())
    table = struct.pack("<H", len(entries)) + b"".join(struct.pack("<HHLL", tag, 4, 1, one) for tag, one in entries)
    path.write_bytes(b"II*\0" + struct.pack("<L", 8 + len(values)) + values + table + bytes(4))
    return path


def test_tiff_of_which_zero_is_white(tmp_path: Path) -> None:
    grey = np.array([[0, 100, 1000, 40000], [65535, 257, 514, 771]], dtype=np.uint16)
    right = read_frame(_tiff(tmp_path / "a.tif", grey.astype("<u2").tobytes(), 16)).pixels
    turned = read_frame(_tiff(tmp_path / "b.tif", (65535 - grey).astype("<u2").tobytes(), 16, photometric=0))
    assert np.array_equal(turned.pixels, right) and right[1, 0] == 255


def test_tiff_of_few_bits_of_which_0_is_white_is_called_bright(tmp_path: Path) -> None:
    grey = np.linspace(0, 4095, 8).astype("<u2").reshape(2, 4)
    frame = read_frame(_tiff(tmp_path / "a.tif", grey.tobytes(), 16, photometric=0))
    assert frame.pixels.min() > 235
    assert frame.notes[1].startswith("0 is white and its darkest value is 4095 of 65535, so it is bright;")


def test_tiff_of_twelve_packed_bits_is_as_bright_as_it_was(tmp_path: Path) -> None:
    packed = bytes([0x00, 0x0F, 0xFF, 0x80, 0x0F, 0xFF] * 2)  # 0, 4095, 2048, 4095
    frame = read_frame(_tiff(tmp_path / "a.tif", packed, 12))
    assert frame.pixels.tolist() == [[0, 255, 128, 255]] * 2
    assert frame.notes == ("12 bits were turned to 8",)


@pytest.mark.parametrize(
    ("bits", "tags", "says"),
    [
        (8, {"sign": 2}, "8-bit values with a sign have no stated grey scale"),
        (64, {"sign": 3}, "its kind of samples is not read; export it as PNG"),
        (64, {}, "its kind of samples is not read; export it as PNG"),
        (32, {"photometric": 0, "sign": 3}, "its kind of samples is not read|of which 0 is white have no stated grey"),
        (8, {"compression": 34712}, r"its compression \(34712\) is not read; export it as PNG"),
        (8, {"compression": 50001}, "webp inside TIFF is not read; export it as PNG"),
    ],
)
def test_sound_tiff_that_is_not_read_is_not_called_damaged(tmp_path: Path, bits: int, tags: dict, says: str) -> None:
    path = _tiff(tmp_path / "a.tif", bytes(bits), bits, **tags)
    with pytest.raises(ImageError, match=says):
        read_frame(path)


def test_sixteen_bits_from_the_field(case: Callable[[str], Path]) -> None:
    folder = case("13-16bit-png")
    full, eight = (read_frame(folder / name).pixels.astype(int) for name in ("sixteen-full.png", "eight.png"))
    assert np.abs(full - eight).max() <= 1
    for name in ("sixteen-12bit.png", "int32-12bit.tif"):
        assert any("so it is dark" in note for note in read_frame(folder / name).notes), name
