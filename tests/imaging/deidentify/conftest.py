"""DICOM objects full of identifiers, made small, and the real ones of pydicom."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

from thyrosight.imaging.deidentify import PseudonymKey

US = "1.2.840.10008.5.1.4.1.1.6.1"
Make = Callable[..., Path]


@pytest.fixture
def key() -> PseudonymKey:
    return PseudonymKey(bytes(range(32)))


def identified(number: int = 1) -> Dataset:
    """An ultrasound object with identifiers in every corner: nested, private, in text, in overlays."""
    data = Dataset()
    data.SOPClassUID = US
    data.SOPInstanceUID = f"1.2.3.4.{number}"
    data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3.77", "1.2.3.78"
    data.Modality, data.ImageType = "US", ["ORIGINAL", "PRIMARY"]
    data.PatientName, data.PatientID = "Featherstone^Agatha", "HOSP-4471093"
    data.PatientBirthDate, data.PatientSex, data.PatientAge = "19310203", "F", "094Y"
    data.OtherPatientNames = "Featherstone-Oldname^Agatha"
    data.StudyDate, data.SeriesDate, data.ContentDate = "20260301", "20260301", "20260301"
    data.AcquisitionDateTime = "20260301113000.5"
    data.StudyTime, data.ContentTime, data.SeriesTime = "113000", "113500", "113000"
    data.InstitutionName, data.AccessionNumber = "Saint Barnabas Infirmary", "ACC-99817"
    data.ReferringPhysicianName, data.OperatorsName = "Quackenbush^Ted", "Sono^Gina"
    data.StudyDescription = "Thyroid left lobe of Featherstone, see ACC-99817"
    data.StudyID, data.StationName, data.DeviceSerialNumber = "ST-5", "ROOM-SEVEN", "SN-5551212"
    data.Manufacturer, data.ManufacturerModelName = "Scanner Works", "Echo 9"
    data.SeriesNumber, data.InstanceNumber = 1, number
    data.PatientOrientation, data.Laterality = "", "L"
    data.TransducerData = ["LINEAR", "PROBE-8842", ""]
    data.ImageComments = "Mrs Featherstone was anxious"
    data.SoftwareVersions = "3.1 for Featherstone"  # kept by the rules, so only the sweep can catch it
    reference = Dataset()
    reference.ReferencedSOPClassUID, reference.ReferencedSOPInstanceUID = US, "1.2.3.4.1"
    data.SourceImageSequence = Sequence([reference])
    request = Dataset()
    request.RequestedProcedureDescription = "Scan of Agatha Featherstone"
    data.RequestAttributesSequence = Sequence([request])
    own = Dataset()
    own.CodeValue, own.CodingSchemeDesignator, own.CodeMeaning = "BARNABAS-17", "99BARNABAS", "VIP list"
    data.ProcedureCodeSequence = Sequence([own])
    anatomy = Dataset()
    anatomy.CodeValue, anatomy.CodingSchemeDesignator, anatomy.CodeMeaning = "69748006", "SCT", "Thyroid"
    inner = Dataset()
    inner.PersonName, inner.ContentDate = "Nested^Nora", "20260228"
    anatomy.add_new(0x0040A730, "SQ", Sequence([inner]))
    data.AnatomicRegionSequence = Sequence([anatomy])
    block = data.private_block(0x0011, "SECRET VENDOR", create=True)
    block.add_new(0x01, "LO", "Featherstone private")
    data.add_new(0x60003000, "OW", bytes(8))
    data.add_new(0x60004000, "LT", "overlay says Featherstone")
    data.add_new(0x50003000, "OW", bytes(8))
    return data


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write an object with grey 8-bit frames into the folder `in` and give its path."""

    def write(number: int = 1, *, frames: int = 1, name: str | None = None, **changes: object) -> Path:
        data = identified(number)
        for keyword, value in changes.items():
            setattr(data, keyword, value)
        speckle = np.random.default_rng(number).integers(60, 120, (frames, 96, 160), dtype=np.uint8)
        speckle[:, :12], speckle[:, :, :8] = 0, 0
        data.Rows, data.Columns, data.SamplesPerPixel = 96, 160, 1
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
        data.PhotometricInterpretation = "MONOCHROME2"
        if frames > 1:
            data.SOPClassUID, data.NumberOfFrames, data.FrameTime = "1.2.840.10008.5.1.4.1.1.3.1", frames, "33.3"
            data.FrameIncrementPointer = 0x00181063
        data.PixelData = speckle.tobytes()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        data.file_meta.SourceApplicationEntityTitle = "BARNABAS_AE"
        data.preamble = b"Featherstone".ljust(128, b"\0")
        path = tmp_path / "in" / (name or f"Featherstone_{number}.dcm")
        path.parent.mkdir(exist_ok=True)
        dcmwrite(path, data, enforce_file_format=True)
        return path

    return write
