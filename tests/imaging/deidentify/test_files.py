"""Whole objects: no identifier in any byte, pixels untouched outside the blanked boxes, twice is once, still valid."""

import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, open_cine, read_frame
from thyrosight.imaging.deidentify import DeidentifyOptions, PseudonymKey
from thyrosight.imaging.deidentify.files import Deidentified, deidentify_dicom

REAL = (
    "JPGLosslessP14SV1_1s_1f_8b.dcm",  # lossless JPEG, calibrated region, private groups
    "US1_UNCR.dcm",  # RGB, burned-in hospital name
    "examples_ybr_color.dcm",  # a loop in JPEG with subsampled colour
    "gdcm-US-ALOKA-16_big.dcm",  # 16-bit palette, big endian
    "OBXXXX1A_rle_2frame.dcm",  # palette, run lengths, two frames
    "SC_rgb_expb_16bit_2frame.dcm",  # 16-bit RGB, big endian
    "SC_ybr_full_422_uncompressed.dcm",
)
LOOP = "examples_ybr_color.dcm"
# Values that the profile lets stay, and therefore may stand in the output.
KEPT = {"Manufacturer", "ManufacturerModelName", "SoftwareVersions", "CodeMeaning", "ImplementationVersionName"}
# A time, a number or a very short value stands in many places by chance.
SHORTEST = 5


def real(name: str) -> Path:
    path = get_testdata_file(name)
    if path is None:
        pytest.skip(f"pydicom-data with {name} is not installed")
    return Path(path)


def identifiers_of(data: Dataset) -> set[bytes]:
    """Every name, UID, date and long text of a data set and its header, with the words of names and texts."""
    found: set[str] = set()
    for part in (data.file_meta, data):
        for element in part.iterall():
            values = element.value if element.VM > 1 else [element.value]
            if element.keyword in KEPT or "ClassUID" in element.keyword or element.keyword == "TransferSyntaxUID":
                continue
            if element.VR in ("UI", "DA", "DT"):
                found |= {str(value) for value in values if not str(value).startswith("1.2.840.10008.")}
            if element.VR in ("PN", "LO", "SH", "LT", "ST", "UT", "AE"):
                found |= {str(value) for value in values}
            if element.VR == "PN":
                found |= {word for value in values for word in str(value).replace("^", " ").split()}
    return {text.encode() for text in found if len(text) >= SHORTEST}


def kept_by_a_code(data: Dataset) -> set[bytes]:
    """Texts of codes that stay, which a removed text may equal."""
    return {str(one.value).encode() for one in data.iterall() if one.keyword in ("CodeMeaning", "CodeValue")}


def done(path: Path, folder: Path, key: PseudonymKey, **options: object) -> tuple[Deidentified, Path]:
    result = deidentify_dicom(path, folder, key, DeidentifyOptions.model_validate(options))
    return result, folder / result.path


@pytest.fixture(scope="module")
def real_done(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Deidentified, Path]]:
    """A real file de-identified with the default options, once for all tests."""

    @cache
    def once(name: str) -> tuple[Deidentified, Path]:
        return done(real(name), tmp_path_factory.mktemp("once"), PseudonymKey(bytes(range(32))))

    return once


@pytest.mark.parametrize("name", REAL)
def test_no_identifier_of_a_real_file_stands_in_any_byte(name: str, real_done) -> None:
    source = real(name)
    wanted = identifiers_of(dcmread(source)) - kept_by_a_code(dcmread(source))
    _, written = real_done(name)
    content = written.read_bytes()
    assert wanted
    assert [text for text in wanted if text in content] == []


def test_no_identifier_of_an_object_full_of_them_stands_in_any_byte(make, tmp_path: Path, key: PseudonymKey) -> None:
    source = make()
    wanted = identifiers_of(dcmread(source)) - {b"69748006"}  # a code of SNOMED
    wanted |= {
        b"Featherstone",
        b"VIP list",
        b"BARNABAS",
        b"Nested",
        b"SECRET VENDOR",
        b"PROBE-8842",
    }
    for options in ({}, {"dates": "shifted", "patient_characteristics": True, "descriptions": True}):
        _, written = done(source, tmp_path / "out", key, **options)
        content = written.read_bytes()
        assert [text for text in wanted if text in content] == [], options
    kept = dcmread(written)
    assert kept.StudyDescription == "Thyroid left lobe of"
    assert (kept.PatientSex, kept.PatientAge) == ("F", "090Y")
    assert kept.Laterality == "L" and kept.AnatomicRegionSequence[0].CodeMeaning == "Thyroid"
    assert "ProcedureCodeSequence" not in kept and "RequestAttributesSequence" not in kept
    assert kept.PatientIdentityRemoved == "YES" and kept.LongitudinalTemporalInformationModified == "MODIFIED"
    codes = [item.CodeValue for item in kept.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113101", "113105", "113107", "113108"]


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("blank", ["outside", "text", "nothing"])
def test_samples_that_are_not_blanked_keep_their_value(
    name: str, blank: str, real_done, tmp_path: Path, key: PseudonymKey
) -> None:
    source = real(name)
    if blank == "text" and name == LOOP:
        pytest.skip("looking for text in a loop takes long; the default choice does it")
    result, written = real_done(name) if blank == "outside" else done(source, tmp_path, key, blank=blank)
    inside = np.zeros((1, 1), dtype=bool)
    with open_cine(source) as before, open_cine(written) as after:
        assert len(before) == len(after)
        for number in {0, len(before) - 1}:
            one, other = before.read(number).pixels, after.read(number).pixels
            changed = (one != other).any(axis=2) if one.ndim == 3 else one != other
            inside = np.zeros(changed.shape, dtype=bool)
            for box in result.text:
                inside[box.top : box.bottom, box.left : box.right] = True
            if blank == "outside":
                inside |= ~_stays(before.read(number))
            if blank != "outside" or len(before) == 1:
                assert not (changed & ~inside).any()
            assert (
                other[np.broadcast_to(changed[..., None], other.shape) if other.ndim == 3 else changed].max(initial=0)
                < 40
            )
    assert (result.blanked == 0) == (blank == "nothing" or not inside.any())


def _stays(frame) -> np.ndarray:
    from thyrosight.imaging.deidentify.blanking import _stays as stays

    return stays(frame)[0]


@pytest.mark.parametrize("name", REAL)
def test_twice_is_once_byte_for_byte(name: str, real_done, tmp_path: Path, key: PseudonymKey) -> None:
    first, once = real_done(name)
    again, twice = done(once, tmp_path, key)
    assert again.clean_before and not first.clean_before
    assert first.path == again.path
    assert once.read_bytes() == twice.read_bytes()


def test_twice_is_once_with_every_option(make, tmp_path: Path, key: PseudonymKey) -> None:
    options = {"dates": "shifted", "patient_characteristics": True, "device": True, "descriptions": True}
    _, once = done(make(frames=2), tmp_path / "once", key, **options)
    _, twice = done(once, tmp_path / "twice", key, **options)
    assert once.read_bytes() == twice.read_bytes()


def test_a_seal_is_not_believed_once_the_pixels_changed(make, tmp_path: Path, key: PseudonymKey) -> None:
    _, written = done(make(), tmp_path / "a", key)
    data = dcmread(written)
    data.PixelData = bytes(len(data.PixelData))
    data.save_as(written)
    result, _ = done(written, tmp_path / "b", key)
    assert not result.clean_before
    result, _ = done(written, tmp_path / "c", PseudonymKey(bytes(32)))
    assert not result.clean_before


def test_uids_are_replaced_the_same_way_in_every_file_and_reference(make, tmp_path: Path, key: PseudonymKey) -> None:
    first, second = (dcmread(done(make(number), tmp_path / "out", key)[1]) for number in (1, 2))
    assert first.StudyInstanceUID == second.StudyInstanceUID and first.SeriesInstanceUID == second.SeriesInstanceUID
    assert first.SOPInstanceUID != second.SOPInstanceUID
    assert second.SourceImageSequence[0].ReferencedSOPInstanceUID == first.SOPInstanceUID
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID
    assert first.PatientID == second.PatientID
    assert first.SourceImageSequence[0].ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.6.1"


def test_shifted_dates_keep_intervals_and_times_within_a_patient(make, tmp_path: Path, key: PseudonymKey) -> None:
    from datetime import date

    sources = [make(1), make(2, StudyDate="20260601")]
    first, second = (dcmread(done(path, tmp_path / "out", key, dates="shifted")[1]) for path in sources)
    days = [date.fromisoformat(f"{t[:4]}-{t[4:6]}-{t[6:]}") for t in (first.StudyDate, second.StudyDate)]
    assert (days[1] - days[0]).days == 92
    assert (date(2026, 3, 1) - days[0]).days >= 366
    assert first.StudyTime == "113000" and first.AcquisitionDateTime == f"{first.StudyDate}113000.5"
    assert first.PatientBirthDate == ""


@pytest.mark.parametrize("name", ["US1_UNCR.dcm", "JPGLosslessP14SV1_1s_1f_8b.dcm", "examples_ybr_color.dcm"])
@pytest.mark.parametrize("dates", ["removed", "shifted"])
def test_the_validator_finds_no_new_error(name: str, dates: str, tmp_path: Path, key: PseudonymKey) -> None:
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy (dicom3tools) is not installed")
    blank = "nothing" if name == LOOP else "outside"
    _, written = done(real(name), tmp_path, key, dates=dates, blank=blank)
    assert _errors(written) - _errors(real(name)) == set()


def _errors(path: Path) -> set[str]:
    said = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, errors="replace", check=False).stderr
    return {line.split(" = <")[0] for line in said.splitlines() if line.startswith("Error")}


def test_bits_above_the_stored_ones_are_cleared(make, tmp_path: Path, key: PseudonymKey) -> None:
    path = make()
    data = dcmread(path)
    hidden = np.full((96, 160), 0x8064, dtype="<u2")  # an overlay bit above 12 stored bits of value 100
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelData = 16, 12, 11, hidden.tobytes()
    data["PixelData"].VR = "OW"
    data.save_as(path)
    _, written = done(path, tmp_path / "out", key, blank="nothing")
    assert set(np.frombuffer(dcmread(written).PixelData, "<u2")) == {0x64}


def test_monochrome1_is_blanked_black_which_is_its_highest_value(make, tmp_path: Path, key: PseudonymKey) -> None:
    path = make(PatientID="1")
    data = dcmread(path)
    data.PhotometricInterpretation = "MONOCHROME1"
    data.PixelData = np.full((96, 160), 255, dtype=np.uint8).tobytes()
    data.save_as(path)
    from thyrosight.imaging.deidentify.blanking import BlankPlan
    from thyrosight.imaging.deidentify.pixels import rewrite_pixels

    with open_cine(path) as cine:
        mask = np.ones((96, 160), dtype=bool)
        rewrite_pixels(data, cine, BlankPlan(mask, (), ""), compress=False)
    assert set(data.PixelData) == {255}


def test_objects_without_a_picture_are_refused_by_name(tmp_path: Path, key: PseudonymKey) -> None:
    with pytest.raises(ImageError, match=r"reportsi\.dcm"):
        done(real("reportsi.dcm"), tmp_path, key)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_a_uid_that_is_a_path_never_becomes_one(make, tmp_path: Path, key: PseudonymKey) -> None:
    path = make()
    data = dcmread(path)
    data.SOPInstanceUID = "../../escape"
    data.save_as(path)
    result, written = done(path, tmp_path / "out", key, uids="kept")
    assert written.resolve().is_relative_to((tmp_path / "out").resolve())
    assert ".." not in result.path.as_posix()


def test_text_in_the_last_frame_of_a_loop_is_blanked_in_all(make, tmp_path: Path, key: PseudonymKey) -> None:
    from PIL import Image, ImageDraw, ImageFont

    path = make(frames=4)
    data = dcmread(path)
    frames = np.frombuffer(data.PixelData, np.uint8).reshape(4, 96, 160).copy()
    picture = Image.fromarray(frames[3])
    ImageDraw.Draw(picture).text((40, 40), "DOE JANE", fill=255, font=ImageFont.load_default(size=16))
    frames[3] = np.asarray(picture)
    data.PixelData = frames.tobytes()
    data.save_as(path)
    result, written = done(path, tmp_path / "out", key, blank="text")
    assert any(box.contains(Box(60, 46, 90, 52)) for box in result.text), result.text
    for number in range(4):
        assert read_frame(written, frame=number).pixels[46:52, 60:90].max() == 0


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom.*")  # the files are damaged on purpose
def test_damaged_headers_are_cleaned_or_refused_in_one_sentence(tmp_path: Path, key: PseudonymKey) -> None:
    import random

    draw = random.Random(5)
    good = real("ExplVR_BigEnd.dcm").read_bytes(), real("SC_rgb_small_odd.dcm").read_bytes()
    refused = 0
    for number in range(120):
        content = bytearray(draw.choice(good))
        for _ in range(draw.randint(1, 8)):
            content[draw.randrange(min(len(content), 1400))] = draw.randrange(256)
        path = tmp_path / f"m{number}.dcm"
        path.write_bytes(content)
        try:
            done(path, tmp_path / "out", key, blank="nothing", dates="shifted", device=True, descriptions=True)
        except ImageError as error:
            refused += 1
            assert str(path) in str(error) and "\n" not in str(error)
    assert 0 < refused < 120


def test_a_picture_too_small_for_the_encoder_is_written_plainly(tmp_path: Path, key: PseudonymKey) -> None:
    _, written = done(real("SC_rgb_small_odd_jpeg.dcm"), tmp_path, key, blank="nothing")
    assert read_frame(written).pixels.tolist() == read_frame(real("SC_rgb_small_odd_jpeg.dcm")).pixels.tolist()


def test_an_object_without_a_class_is_refused(make, tmp_path: Path, key: PseudonymKey) -> None:
    path = make()
    data = dcmread(path)
    data.SOPClassUID = ""
    data.save_as(path)
    with pytest.raises(ImageError, match="SOP Class UID"):
        done(path, tmp_path / "out", key)
