"""Contents of a header in plain values."""

from pathlib import Path

import numpy as np
import pydicom
import pytest
from scipy import ndimage

from thyrosight.errors import ImageError
from thyrosight.imaging import Box, is_dicom, read_dicom_info, read_frame


def test_the_values_of_a_loop(shop) -> None:
    data = shop.make([shop.colours] * 3, FrameTime="40", Manufacturer="Maker", ManufacturerModelName="Model 9",
                     StudyDate="20240131", ImageLaterality="L", PatientSex="F", StudyDescription="NECK")  # fmt: skip
    info = read_dicom_info(shop.store(data))
    assert (info.rows, info.columns, info.frames, info.frames_per_second) == (40, 52, 3, 25.0)
    assert (info.patient_id, info.patient_name, info.patient_sex, info.age_years) == ("P-7", "Doe^Jane", "F", 45.0)
    assert (info.study_instance_uid, info.series_instance_uid, info.sop_instance_uid) == ("1.2.3", "1.2.3.5", "1.2.3.4")
    assert (info.manufacturer, info.model_name, info.laterality) == ("Maker", "Model 9", "L")
    assert info.sop_class == "Ultrasound Multi-frame Image Storage"
    assert info.is_ultrasound
    assert not info.is_video
    assert info.model_dump_json()


@pytest.mark.parametrize(("age", "years"), [("045Y", 45.0), ("006M", 0.5), ("010W", 0.19), ("365D", 1.0), ("45", None)])
@pytest.mark.filterwarnings("ignore:Invalid value for VR:UserWarning")
def test_ages(shop, age, years) -> None:
    assert read_dicom_info(shop.store(shop.make([shop.colours], PatientAge=age))).age_years == years


@pytest.mark.parametrize(("name", "is_ultrasound"), [
    ("1.2.840.10008.5.1.4.1.1.6.1", True), ("1.2.840.10008.5.1.4.1.1.3.1", True), ("1.2.840.10008.5.1.4.1.1.6", True),
    ("1.2.840.10008.5.1.4.1.1.3", True), ("1.2.840.10008.5.1.4.1.1.7", False), ("1.2.840.10008.5.1.4.1.1.2", False),
])  # fmt: skip
def test_current_and_retired_classes(shop, name, is_ultrasound) -> None:
    path = shop.store(shop.make([shop.colours], SOPClassUID=name, Modality="OT"))
    assert read_dicom_info(path).is_ultrasound == is_ultrasound
    notes = read_frame(path).notes
    assert notes == (() if is_ultrasound else (f"not an ultrasound object: {read_dicom_info(path).sop_class}",))


def test_regions_and_spacing(shop) -> None:
    # The last pixel of a DICOM region is inside: 0 to 51 are 52 columns.
    regions = [
        shop.region((0, 0, 51, 39), deltas=(0.02, 0.01)),
        shop.region((0, 30, 51, 39), spatial=3, kind=3, units=(4, 7)),
    ]
    path = shop.store(shop.make([shop.colours], SequenceOfUltrasoundRegions=regions))
    info = read_dicom_info(path)
    assert [region.box for region in info.regions] == [Box(0, 0, 52, 40), Box(0, 30, 52, 40)]
    assert [region.kind for region in info.regions] == ["tissue", "spectral"]
    frame = read_frame(path)
    assert frame.spacing_mm == info.spacing_mm == (0.1, 0.2)
    assert frame.spacing_reason == "physical deltas of the tissue region 0,0,52,40"
    assert frame.scan_boxes == [Box(0, 0, 52, 40)]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, "the file states no calibrated ultrasound region"),
        ({"PixelSpacing": [0.1, 0.1]}, r"only PixelSpacing \(0\.1 x 0\.1\), which is not a calibration"),
        ({"PixelAspectRatio": [4, 3]}, r"only the pixels' aspect ratio \(4:3\)"),
    ],
)
def test_nothing_but_a_region_is_believed(shop, changes, reason) -> None:
    frame = read_frame(shop.store(shop.make([shop.colours], **changes)))
    assert frame.spacing_mm is None
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(frame.spacing_reason)


def test_sequences_without_a_stated_length(shop) -> None:
    data = shop.make([shop.colours], SequenceOfUltrasoundRegions=[shop.region((0, 0, 51, 39))])
    data["SequenceOfUltrasoundRegions"].is_undefined_length = True
    data.SequenceOfUltrasoundRegions[0].is_undefined_length_sequence_item = True
    assert [region.kind for region in read_dicom_info(shop.store(data)).regions] == ["tissue"]


def test_damaged_regions_are_left_out_not_believed(shop) -> None:
    backwards, unplaced = shop.region((40, 30, 10, 5)), shop.region((0, 0, 5, 5))
    del unplaced.RegionLocationMaxX1
    data = shop.make([shop.colours], SequenceOfUltrasoundRegions=[backwards, unplaced, shop.region((0, 0, 51, 39))])
    assert len(read_dicom_info(shop.store(data)).regions) == 1


def test_names_in_other_scripts(shop) -> None:
    data = shop.make(
        [shop.colours], SpecificCharacterSet="ISO_IR 192", PatientName="Щит^Анна", InstitutionName="甲状腺"
    )
    info = read_dicom_info(shop.store(data))
    assert (info.patient_name, info.institution) == ("Щит^Анна", "甲状腺")
    data = shop.make([shop.colours], SpecificCharacterSet="ISO_IR 100", PatientName="Müller^Jörg")
    assert read_dicom_info(shop.store(data)).patient_name == "Müller^Jörg"


def test_files_without_preamble_or_meta_information(shop) -> None:
    path = shop.store(shop.make([shop.colours]))
    data = pydicom.dcmread(path)
    bare = path.with_name("bare.dcm")
    for implicit in (True, False):
        plain = pydicom.Dataset({element.tag: element for element in data})
        pydicom.dcmwrite(bare, plain, implicit_vr=implicit, little_endian=True, enforce_file_format=False)
        assert is_dicom(bare)
        assert (read_frame(bare).pixels == shop.colours).all()


def test_what_is_no_dicom_file(tmp_path: Path) -> None:
    path = tmp_path / "a.dcm"
    path.write_bytes(b"hello" * 100)
    assert not is_dicom(path)
    assert not is_dicom(tmp_path / "absent.dcm")
    with pytest.raises(ImageError, match=r"a\.dcm is not a DICOM file"):
        read_dicom_info(path)
    with pytest.raises(ImageError, match="No such file"):
        read_dicom_info(tmp_path / "absent.dcm")


def marks(grey: np.ndarray) -> np.ndarray:
    """The middles of bright marks, as (row, column), with their sizes."""
    labels, count = ndimage.label(grey > 150, np.ones((3, 3)))
    numbers = range(1, count + 1)
    return np.column_stack(
        [ndimage.center_of_mass(labels > 0, labels, numbers), ndimage.sum(labels > 0, labels, numbers)]
    )


def test_lengths_are_those_that_the_scanners_themselves_print() -> None:
    folder = Path(pytest.importorskip("data_store", reason="pydicom-data is not installed").__file__).parent / "data"
    # The callipers in this picture are labelled 1.06 cm.
    frame = read_frame(folder / "OBXXXX1A.dcm")
    found = marks(frame.grey()[200:310, 400:620])
    callipers = found[found[:, 2] > 20, :2]
    assert len(callipers) == 2
    assert frame.spacing_mm is not None
    length = np.hypot(*((callipers[1] - callipers[0]) * frame.spacing_mm))
    assert length == pytest.approx(10.6, abs=0.05)
    # The eight dots along this sector's right side, which falls by 45 degrees, stand 1 cm apart.
    frame = read_frame(folder / "JPGLosslessP14SV1_1s_1f_8b.dcm")
    found = marks(frame.grey()[274:480, 704:910])
    dots = found[(found[:, 2] < 20) & (np.abs(found[:, 1] - found[:, 0] - 1) < 2), :2]
    assert len(dots) == 8
    assert frame.spacing_mm is not None
    steps = np.hypot(*(np.diff(dots[dots[:, 0].argsort()], axis=0) * frame.spacing_mm).T)
    assert steps == pytest.approx(10, abs=0.15)
