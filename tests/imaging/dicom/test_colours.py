"""Every compression, depth and colour: against the pixels that were written, and against dcmtk's rendering."""

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom.data
import pytest
from PIL import Image
from pydicom import encaps
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from thyrosight.errors import ImageError
from thyrosight.imaging import open_cine, read_dicom_info, read_frame
from thyrosight.imaging.dicom.codecs import decode

UNCOMPRESSED = [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]
LOSSLESS = [RLELossless, JPEGLSLossless, JPEG2000Lossless]


def difference(one, other) -> int:
    assert one.shape == other.shape
    return int(np.abs(one.astype(int) - other.astype(int)).max())


@pytest.mark.parametrize("syntax", UNCOMPRESSED, ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("planar", [0, 1])
def test_uncompressed_colours(shop, syntax, planar) -> None:
    data = shop.make([shop.colours], PlanarConfiguration=planar)
    if planar:
        data.PixelData = np.ascontiguousarray(shop.colours.transpose(2, 0, 1)).tobytes()
    data.file_meta.TransferSyntaxUID = syntax
    path = shop.store(data)
    assert np.array_equal(read_frame(path).pixels, shop.colours)
    assert np.array_equal(read_frame(path).pixels, shop.render(path))


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_lossless_compressions_give_back_the_pixels(shop, syntax) -> None:
    photometric = "YBR_RCT" if syntax == JPEG2000Lossless else "RGB"
    assert np.array_equal(read_frame(shop.store(shop.compress([shop.colours], syntax))).pixels, shop.colours)
    changed = shop.compress([shop.colours], syntax, PhotometricInterpretation=photometric)
    assert np.array_equal(read_frame(shop.store(changed)).pixels, shop.colours)
    grey = shop.picture(colour=False)
    assert np.array_equal(read_frame(shop.store(shop.compress([grey], syntax))).pixels, grey)


@pytest.mark.parametrize("syntax", [RLELossless, JPEGLSLossless], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deeper_grey_is_scaled_by_the_stored_bits(shop, syntax, bits) -> None:
    highest = 2**bits - 1
    values = shop.picture(colour=False, highest=highest)
    expected = np.rint(values * (255 / highest)).astype(np.uint8)
    plain = shop.store(shop.make([values], BitsStored=bits, HighBit=bits - 1))
    frame = read_frame(plain)
    assert np.array_equal(frame.pixels, expected)
    assert frame.notes == (f"{bits} bits were turned to 8",)
    assert difference(frame.pixels, shop.render(plain)) <= 1  # dcmtk cuts where this rounds
    packed = shop.store(shop.compress([values], syntax, BitsStored=bits, HighBit=bits - 1), "packed.dcm")
    assert np.array_equal(read_frame(packed).pixels, expected)


def test_sixteen_bit_colours_and_signed_values(shop) -> None:
    values = shop.picture(highest=65535)
    assert np.array_equal(read_frame(shop.store(shop.make([values]))).pixels, np.rint(values / 257).astype(np.uint8))
    signed = np.array([[-2048, 0, 2047]], dtype=np.int16)
    data = shop.make([signed], PixelRepresentation=1, BitsStored=12, HighBit=11)
    assert read_frame(shop.store(data)).pixels.tolist() == [[0, 128, 255]]


def test_bits_above_the_stored_ones_are_not_brightness(shop) -> None:
    values = np.array([[0, 2048, 4095]], dtype=np.uint16)
    for make in (shop.make, lambda frames, **changes: shop.compress(frames, RLELossless, **changes)):
        path = shop.store(make([values | np.uint16(0x8000)], BitsStored=12, HighBit=11))
        assert read_frame(path).pixels.tolist() == [[0, 128, 255]]
    with pytest.raises(ImageError, match="upper bits"):
        read_frame(shop.store(shop.make([values], BitsStored=12, HighBit=15)))


def test_monochrome1_is_inverted_and_windows_are_applied(shop) -> None:
    grey = shop.picture(colour=False)
    path = shop.store(shop.make([grey], PhotometricInterpretation="MONOCHROME1"))
    assert np.array_equal(read_frame(path).pixels, 255 - grey)
    assert difference(read_frame(path).pixels, shop.render(path)) <= 1  # dcmtk's own inversion is off by one
    deep = shop.picture(colour=False, highest=4095)
    window = {"WindowCenter": "1000", "WindowWidth": "600", "BitsStored": 12, "HighBit": 11}
    for changes in (window, {**window, "RescaleSlope": "2", "RescaleIntercept": "-100"}):
        for photometric in ("MONOCHROME1", "MONOCHROME2"):
            path = shop.store(shop.make([deep], PhotometricInterpretation=photometric, **changes))
            shown = read_frame(path)
            assert difference(shown.pixels, shop.render(path, "+Wi", "1")) <= 1
            assert shown.notes == ("shown in the file's window, centre 1000 and width 600",)
    # By hand: a window from 0 to 100 shows 50 as the middle, 100 and more as white.
    values = np.array([[0, 50, 100, 200]], dtype=np.uint8)
    assert read_frame(shop.store(shop.make([values], WindowCenter="50.5", WindowWidth="101"))).pixels.tolist() == [
        [0, 128, 255, 255]
    ]


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize("bits", [8, 16])
def test_palettes(shop, syntax, bits) -> None:
    values = np.arange(40 * 6, dtype=np.uint8).reshape(12, 20)
    tables = np.random.default_rng(0).integers(0, 2**bits, (3, 256))
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    data = shop.make([values], PhotometricInterpretation="PALETTE COLOR")
    for colour, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        setattr(data, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, bits])
        stored = table.astype(f"{order}u2") if bits == 16 else table.astype(np.uint8)
        if bits == 8 and order == ">":
            stored = stored.reshape(-1, 2)[:, ::-1]
        setattr(data, f"{colour}PaletteColorLookupTableData", stored.tobytes())
        data[f"{colour}PaletteColorLookupTableData"].VR = "OW"
    data.file_meta.TransferSyntaxUID = syntax
    path = shop.store(data)
    expected = (tables >> (bits - 8)).astype(np.uint8)[:, values].transpose(1, 2, 0)
    assert np.array_equal(read_frame(path).pixels, expected)
    assert np.array_equal(read_frame(path).pixels, shop.render(path))


def _palette_of(shop, values, tables: list[bytes | None], *descriptor: int):
    data = shop.make([values], PhotometricInterpretation="PALETTE COLOR")
    for colour, table in zip(("Red", "Green", "Blue"), tables, strict=True):
        setattr(data, f"{colour}PaletteColorLookupTableDescriptor", list(descriptor))
        if table is not None:
            setattr(data, f"{colour}PaletteColorLookupTableData", table)
            data[f"{colour}PaletteColorLookupTableData"].VR = "OW"
    return shop.store(data)


@pytest.mark.parametrize(("stated", "used"), [(0, 16), (12, 12), (16, 12), (16, 8), (32, 16), (8, 8), (10, 10)])
def test_a_palette_is_as_bright_as_its_entries_whatever_depth_it_states(shop, stated: int, used: int) -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    entries = np.rint(np.arange(256) * ((2**used - 1) / 255)).astype("<u2").tobytes()
    black = bytes(512)
    frame = read_frame(_palette_of(shop, values, [entries, black, entries], 256, 0, stated))
    assert np.abs(frame.pixels[..., 0].astype(int) - values).max() <= 1
    assert frame.pixels[..., 1].max() == 0


def test_lossy_jpeg_of_twelve_bits_as_another_decoder_reads_it() -> None:
    codecs = pytest.importorskip("imagecodecs")
    path = pydicom.data.get_testdata_file("JPEG-lossy.dcm", download=False)
    if path is None:
        pytest.skip("pydicom-data is not here")
    stored = next(encaps.generate_frames(pydicom.dcmread(path).PixelData, number_of_frames=1))
    with open_cine(path) as cine:
        found, photometric = decode(stored, cine._layout)
    assert photometric == "MONOCHROME2" and found.max() == 264
    assert np.array_equal(found, codecs.jpeg_decode(stored))
    assert read_frame(path).pixels.shape == found.shape


def test_jpeg_of_another_depth_than_the_header_is_refused(shop) -> None:
    data = shop.compress([np.zeros((16, 16), np.uint8)], JPEGBaseline8Bit)
    data.BitsAllocated, data.BitsStored, data.HighBit = 16, 12, 11
    with pytest.raises(ImageError, match="its JPEG holds 8 bits instead of 12"):
        read_frame(shop.store(data))


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ([None, None, None], "its colours are those of a palette, and it holds none; send it again"),
        ([b"", b"", b""], "its colours are those of a palette, and it holds none; send it again"),
        ([bytes(512), bytes(512), None], "its colour palette is damaged; send it again"),
        ([bytes(300), bytes(300), bytes(300)], "its colour palette is damaged; send it again"),
    ],
)
def test_a_palette_that_is_not_there_is_named_in_plain_words(shop, tables, says: str) -> None:
    path = _palette_of(shop, np.zeros((4, 4), np.uint8), tables, 256, 0, 16)
    with pytest.raises(ImageError, match=f"{says}\\.$"):
        read_frame(path)


def test_a_palette_that_starts_above_zero_maps_what_lies_outside_to_its_ends(shop) -> None:
    data = shop.make([np.array([[0, 10, 11, 12, 200]], dtype=np.uint8)], PhotometricInterpretation="PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        setattr(data, f"{colour}PaletteColorLookupTableDescriptor", [3, 10, 8])
        setattr(data, f"{colour}PaletteColorLookupTableData", b"\x05\x06\x07\x00")
    assert read_frame(shop.store(data)).pixels[0, :, 0].tolist() == [5, 5, 6, 7, 7]


def test_uncompressed_ybr(shop) -> None:
    red, green, blue = (shop.colours[..., index].astype(float) for index in range(3))
    # ITU-R BT.601 as DICOM PS3.3 C.7.6.3.1.2 states it.
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    cb, cr = (blue - luma) / 1.772 + 128, (red - luma) / 1.402 + 128
    ybr = np.clip(np.rint(np.stack([luma, cb, cr], axis=2)), 0, 255).astype(np.uint8)
    full = shop.store(shop.make([ybr], PhotometricInterpretation="YBR_FULL"))
    assert difference(read_frame(full).pixels, shop.colours) <= 2
    assert difference(read_frame(full).pixels, shop.render(full)) <= 2
    # Pairs of pixels in a row share Cb and Cr: Y1 Y2 Cb Cr.
    pairs = np.stack([ybr[:, 0::2, 0], ybr[:, 1::2, 0], ybr[:, 0::2, 1], ybr[:, 0::2, 2]], axis=2)
    data = shop.make([ybr], PhotometricInterpretation="YBR_FULL_422")
    data.PixelData = pairs.tobytes()
    half = shop.store(data, "half.dcm")
    assert difference(read_frame(half).pixels, shop.render(half)) <= 2
    assert difference(read_frame(half).pixels[:, ::2], shop.colours[:, ::2]) <= 2


@pytest.mark.parametrize("syntax", LOSSLESS, ids=lambda syntax: syntax.name)
def test_compressed_ybr_is_converted_once(shop, syntax) -> None:
    plain = shop.store(shop.make([shop.colours], PhotometricInterpretation="YBR_FULL"), "plain.dcm")
    data = shop.compress([shop.colours], syntax, PhotometricInterpretation="YBR_FULL", PlanarConfiguration=0)
    if syntax == JPEG2000Lossless:  # without the transformation of the code itself
        stream = io.BytesIO()
        Image.fromarray(shop.colours).save(stream, "JPEG2000", no_jp2=True, mct=0)
        data.PixelData = encapsulate([stream.getvalue()])
    shown = read_frame(shop.store(data)).pixels
    assert np.array_equal(shown, read_frame(plain).pixels)
    if syntax == RLELossless:
        assert difference(shown, shop.render(shop.folder / "a.dcm")) <= 2


def jpeg_file(shop, *, options: dict[str, object], photometric: str) -> Path:
    """A JPEG whose markers and header may contradict each other."""
    data = shop.compress([shop.colours], JPEGBaseline8Bit, PhotometricInterpretation=photometric)
    stream = io.BytesIO()
    Image.fromarray(shop.colours).save(stream, "JPEG", quality=95, subsampling=0, **options)
    code = stream.getvalue()
    if not options:  # take the JFIF marker away: only the header then says which colours these are
        length = int.from_bytes(code[4:6], "big")
        assert code[6:10] == b"JFIF"
        code = code[:2] + code[4 + length :]
    data.PixelData = encapsulate([code])
    return shop.store(data, f"{photometric}.dcm")


def test_jpeg_is_never_green(shop) -> None:
    # YCbCr in the code, and the header says so.
    path = jpeg_file(shop, options={}, photometric="YBR_FULL_422")
    assert difference(read_frame(path).pixels, shop.render(path)) <= 3
    assert np.abs(read_frame(path).pixels.astype(int) - shop.colours).mean() < 3
    # A JFIF marker says YCbCr, the header says RGB: the marker is right.
    path = jpeg_file(shop, options={"dpi": (72, 72)}, photometric="RGB")
    assert np.abs(read_frame(path).pixels.astype(int) - shop.colours).mean() < 3
    # RGB kept as RGB in the code, with the marker or component names that say so, under both headers.
    for photometric in ("RGB", "YBR_FULL_422"):
        path = jpeg_file(shop, options={"keep_rgb": True}, photometric=photometric)
        assert np.abs(read_frame(path).pixels.astype(int) - shop.colours).mean() < 3
    # RGB by the header alone: YCbCr samples stand for RGB then, whatever they look like; dcmtk reads it so too.
    path = jpeg_file(shop, options={}, photometric="RGB")
    assert difference(read_frame(path).pixels, shop.render(path)) <= 3


@pytest.mark.parametrize("program", [["dcmcjpeg", "+e1"], ["dcmcjpeg", "+el", "+sv", "4"], ["dcmcjpeg", "+eb"],
                                     ["dcmcjpeg", "+eb", "+cr"], ["dcmcjpeg", "+ee", "+be"], ["dcmcrle"],
                                     ["dcmcjpls"]], ids=" ".join)  # fmt: skip
@pytest.mark.parametrize("colour", [True, False])
def test_what_dcmtk_compresses_is_read_as_dcmtk_reads_it(shop, tmp_path, program, colour) -> None:
    if shutil.which(program[0]) is None:
        pytest.skip("dcmtk is not installed (Debian: apt-get install dcmtk)")
    plain = shop.store(shop.make([shop.picture(colour=colour)]), "plain.dcm")
    packed = tmp_path / "packed.dcm"
    subprocess.run([*program, str(plain), str(packed)], check=True, capture_output=True)
    if program[0] == "dcmcjpls":  # dcmj2pnm does not read JPEG-LS; it is lossless
        assert np.array_equal(read_frame(packed).pixels, read_frame(plain).pixels)
        return
    shown = read_frame(packed).pixels
    assert difference(shown, shop.render(packed)) <= 3
    if program[0] == "dcmcrle" or program[1] in ("+e1", "+el"):
        assert np.array_equal(shown, read_frame(plain).pixels)


def test_sixteen_bit_lossless_jpeg_is_decoded_in_a_process_of_its_own(shop, tmp_path) -> None:
    if shutil.which("dcmcjpeg") is None:
        pytest.skip("dcmtk is not installed (Debian: apt-get install dcmtk)")
    plain = shop.store(shop.make([shop.picture(colour=False, highest=65535)]), "plain.dcm")
    packed = tmp_path / "packed.dcm"
    subprocess.run(["dcmcjpeg", "+e1", str(plain), str(packed)], check=True, capture_output=True)
    assert np.array_equal(read_frame(packed).pixels, read_frame(plain).pixels)
    code = bytearray(packed.read_bytes())
    code[-200:-100] = bytes(100)
    packed.write_bytes(code)
    try:
        read_frame(packed)
    except ImageError as error:
        assert str(packed) in str(error)


@pytest.mark.parametrize("name", ["examples_rgb_color.dcm", "examples_palette.dcm", "examples_ybr_color.dcm",
                                  "ExplVR_BigEnd.dcm"])  # fmt: skip
def test_the_examples_of_pydicom_as_dcmtk_renders_them(shop, name) -> None:
    path = Path(str(pydicom.data.get_testdata_file(name, download=False)))
    assert difference(read_frame(path).pixels, shop.render(path)) <= 1


def test_a_segmented_sixteen_bit_palette_as_pydicom_expands_it() -> None:
    store = pytest.importorskip("data_store", reason="pydicom-data is not installed")
    path = Path(store.__file__).parent / "data" / "gdcm-US-ALOKA-16.dcm"
    data = pydicom.dcmread(path)
    expected = pydicom.pixels.apply_color_lut(data.pixel_array, data) >> 8
    assert difference(read_frame(path).pixels, expected) == 0
    assert np.array_equal(read_frame(path).pixels, read_frame(path.with_name("gdcm-US-ALOKA-16_big.dcm")).pixels)


@pytest.mark.parametrize(
    ("photometric", "says"),
    [("HSV", "right colours"), ("YBR_PARTIAL_422", "right colours"), ("MONOCHROME2", "contradict")],
)
def test_colours_that_cannot_be_shown_are_refused(shop, photometric, says) -> None:
    with pytest.raises(ImageError, match=says):
        read_frame(shop.store(shop.make([shop.colours], PhotometricInterpretation=photometric)))


def test_a_missing_decoder_and_a_video_are_named(shop, monkeypatch) -> None:
    from thyrosight.imaging.dicom import codecs, video

    data = shop.compress([shop.colours], JPEG2000Lossless)
    data.file_meta.TransferSyntaxUID = pydicom.uid.MPEG4HP41
    path = shop.store(data)
    assert read_dicom_info(path).is_video
    monkeypatch.setattr(video, "find_spec", lambda name: None)
    with pytest.raises(ImageError, match=r"a\.dcm is a video \(MPEG-4 AVC/H\.264 High Profile / Level 4\.1\).*ffmpeg"):
        read_frame(path)
    monkeypatch.setattr(codecs, "find_spec", lambda name: None)
    data.file_meta.TransferSyntaxUID = pydicom.uid.HTJ2KLossless
    with pytest.raises(ImageError, match="pip install imagecodecs"):
        open_cine(shop.store(data))
    deep = shop.compress([np.zeros((4, 4), dtype=np.uint16)], RLELossless)
    for syntax in (pydicom.uid.JPEGLosslessSV1, pydicom.uid.JPEGExtended12Bit):
        deep.file_meta.TransferSyntaxUID = syntax
        with pytest.raises(ImageError, match="16 bits is installed here; install it with: pip install python-gdcm"):
            open_cine(shop.store(deep))


def test_jpeg_2000_that_pillow_refuses_is_read_by_another_decoder() -> None:
    # The code stream in its JP2 file ends 4 bytes after where Pillow expects it; GDCM and OpenJPEG read it alike.
    path = Path(str(pydicom.data.get_testdata_file("GDCMJ2K_TextGBR.dcm", download=False)))
    pixels = read_frame(path).pixels
    assert pixels.shape == (400, 400, 3)
    assert pixels.mean() == pytest.approx(124.436, abs=0.01)  # imagecodecs 2026.3.6: jpeg2k_decode(frame).mean()


def test_jpeg_2000_that_is_cut_short_is_still_damaged(shop) -> None:
    data = shop.compress([shop.colours], JPEG2000Lossless)
    code = next(encaps.generate_frames(data.PixelData, number_of_frames=1))
    data.PixelData = encaps.encapsulate([code[: len(code) // 2]])
    with pytest.raises(ImageError, match="frame 0 is damaged"):
        read_frame(shop.store(data))
