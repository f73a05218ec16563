"""Transfer syntaxes that came later: read where a package reads them, named where none does."""

import zlib

import numpy as np
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, HTJ2KLossless, JPEGBaseline8Bit

from thyrosight.errors import ImageError
from thyrosight.imaging import open_cine, read_dicom_info, read_frame
from thyrosight.imaging.dicom import codecs

PLAIN, DEFLATED = UID("1.2.840.10008.1.2.1.98"), UID("1.2.840.10008.1.2.8.1")
XL = [UID(f"1.2.840.10008.1.2.4.{end}") for end in (110, 111, 112)]


def _with(shop, frames, stored: list[bytes], syntax: UID, **changes: object):
    data = shop.make(frames, **changes)
    data.PixelData = encapsulate(stored)
    data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", True
    path = shop.store(data)
    # pydicom writes only what it knows: the UID is put into the file header.
    content = path.read_bytes()
    known = str(ExplicitVRLittleEndian).encode() + b"\0"
    new = str(syntax).encode() + b"\0" * (len(str(syntax)) % 2)
    start = content.index(b"\x02\x00\x10\x00UI")
    length = len(new).to_bytes(2, "little")
    grown = content[: start + 6] + length + new + content[start + 8 + len(known) :]
    path.write_bytes(grown)
    return path


@pytest.mark.parametrize("colour", [False, True])
def test_encapsulated_plain_samples_need_no_decoder(shop, colour: bool) -> None:
    frames = [shop.picture(41, 53, colour=colour), shop.picture(41, 53, colour=colour)[::-1].copy()]
    path = _with(shop, frames, [frame.tobytes() for frame in frames], PLAIN)
    with open_cine(path) as cine:
        assert len(cine) == 2
        assert all(np.array_equal(cine.read(number).pixels, frames[number]) for number in range(2))
    short = _with(shop, frames[:1], [frames[0].tobytes()[:100]], PLAIN)
    with pytest.raises(ImageError, match=r"frame 0 is damaged \(it holds 100 of"):
        read_frame(short)


def test_encapsulated_plain_samples_of_sixteen_bits(shop) -> None:
    deep = shop.picture(colour=False, highest=65535)
    path = _with(shop, [deep], [deep.tobytes()], PLAIN)
    plain = read_frame(shop.store(shop.make([deep]), "plain.dcm"))
    assert np.array_equal(read_frame(path).pixels, plain.pixels)


def test_deflated_frames(shop) -> None:
    def deflated(frame: np.ndarray) -> bytes:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        return packer.compress(frame.tobytes()) + packer.flush()

    path = _with(shop, [shop.colours], [deflated(shop.colours)], DEFLATED)
    assert np.array_equal(read_frame(path).pixels, shop.colours)
    assert read_dicom_info(path).transfer_syntax == "Deflated Image Frame Compression"
    for stored, says in (
        (b"\xff\x0a" + bytes(30), "is damaged"),
        (deflated(shop.colours[:5]), "unpacks to 780 of 6240"),
    ):
        with pytest.raises(ImageError, match=f"its Deflated Image Frame Compression {says}"):
            read_frame(_with(shop, [shop.colours], [stored], DEFLATED))


@pytest.mark.parametrize("syntax", XL)
@pytest.mark.parametrize("colour", [False, True])
def test_jpeg_xl(shop, syntax: UID, colour: bool) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    frame = shop.picture(colour=colour)
    path = _with(shop, [frame], [imagecodecs.jpegxl_encode(frame, lossless=True)], syntax)
    assert np.array_equal(read_frame(path).pixels, frame)
    for stored in (b"\xff\x0a" + bytes(40), imagecodecs.jpegxl_encode(frame[:20].copy(), lossless=True)):
        with pytest.raises(ImageError, match=r"its JPEG XL.* is damaged or of another size"):
            read_frame(_with(shop, [frame], [stored], syntax))


@pytest.mark.parametrize("colour", [False, True])
def test_jpeg_2000_of_high_throughput(shop, colour: bool) -> None:
    imagecodecs = pytest.importorskip("imagecodecs")
    frame = shop.picture(colour=colour)
    stored = imagecodecs.htj2k_encode(frame, reversible=True)
    path = _with(shop, [frame], [stored], HTJ2KLossless)
    assert np.array_equal(read_frame(path).pixels, frame)
    with pytest.raises(ImageError, match="is damaged"):
        read_frame(_with(shop, [frame], [stored[:60]], HTJ2KLossless))


@pytest.mark.parametrize("syntax", [*XL, HTJ2KLossless])
def test_without_the_package_it_is_named(shop, monkeypatch: pytest.MonkeyPatch, syntax: UID) -> None:
    monkeypatch.setattr(codecs, "find_spec", lambda name: None)
    path = _with(shop, [shop.colours], [b"\xff\x0a" + bytes(30)], syntax)
    with pytest.raises(
        ImageError, match=r"no decoder for .*JPEG (XL|2000).* install it with: pip install imagecodecs\."
    ):
        read_frame(path)


@pytest.mark.parametrize("end", ["4.92", "4.94", "6.1", "7.2"])
def test_what_nothing_reads_is_to_be_sent_without_loss(shop, end: str) -> None:
    path = _with(shop, [shop.colours], [bytes(40)], UID(f"1.2.840.10008.1.2.{end}"))
    with pytest.raises(
        ImageError, match="is not read; have the archive send it uncompressed, or as lossless"
    ) as caught:
        read_frame(path)
    assert "JPEG Baseline" not in str(caught.value)


def test_an_unknown_syntax_is_none_of_dicom(shop) -> None:
    path = _with(shop, [shop.colours], [bytes(40)], UID("1.2.840.10008.1.2.4.999"))
    with pytest.raises(ImageError, match=r"the transfer syntax '1\.2\.840\.10008\.1\.2\.4\.999' is not one of DICOM"):
        read_frame(path)


def test_syntaxes_from_the_field(case) -> None:
    folder = case("09-new-syntaxes")
    with open_cine(folder / "encapsulated-uncompressed.dcm") as cine:
        assert len(list(cine)) == 2
    for path in folder.glob("1.2.*.dcm"):
        with pytest.raises(ImageError) as caught:
            read_frame(path)
        message = str(caught.value)
        assert "not one of DICOM" not in message and "JPEG Baseline" not in message, path.name
        assert "\n" not in message


def test_jpeg_is_still_jpeg(shop) -> None:
    data = shop.compress([shop.colours], JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL_422")
    assert np.abs(read_frame(shop.store(data)).pixels.astype(int) - shop.colours).mean() < 8
