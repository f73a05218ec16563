"""Small ultrasound images as DICOM, with a name burnt in beside the scan, and archives of them."""

import io
import zipfile
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)
from scipy.ndimage import gaussian_filter

ROWS, COLUMNS = 120, 160
SCAN = (20, 30, 139, 109)  # first and last column and row, as DICOM counts


def ultrasound(
    number: int = 1, *, frames: int = 1, patient: str = "P-1", study: str = "1", jpeg: bool = False, **changes: object
) -> bytes:
    """A file like a scanner's: 0.1 mm per row and 0.2 per column, with a line of text above the scan."""
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = JPEGBaseline8Bit if jpeg else ExplicitVRLittleEndian
    data.SOPClassUID = UltrasoundMultiFrameImageStorage if frames > 1 else UltrasoundImageStorage
    data.SOPInstanceUID = f"1.2.826.0.1.3680043.10.43.7.{study}.{number}"
    data.StudyInstanceUID, data.SeriesInstanceUID = (
        f"1.2.826.0.1.3680043.10.43.8.{study}",
        "1.2.826.0.1.3680043.10.43.9",
    )
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    data.SpecificCharacterSet = "ISO_IR 192"
    data.PatientName, data.PatientID, data.PatientSex, data.PatientBirthDate = "Muster^Anna", patient, "F", "19700102"
    data.StudyDate, data.StudyTime, data.AccessionNumber, data.StudyID = "20260102", "101500", "A-7", "1"
    data.StudyDescription, data.Modality, data.InstanceNumber = "Thyroid of Mrs Muster", "US", number
    data.Rows, data.Columns, data.SamplesPerPixel, data.PhotometricInterpretation = ROWS, COLUMNS, 1, "MONOCHROME2"
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = SCAN[:2]
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = SCAN[2:]
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX, region.PhysicalDeltaY = 0.02, 0.01
    data.SequenceOfUltrasoundRegions = [region]
    if frames > 1:
        data.NumberOfFrames, data.FrameTime, data.FrameIncrementPointer = frames, 40, 0x00181063
    pictures = [scan(number * 100 + place) for place in range(frames)]
    if jpeg:
        data.PixelData = encapsulate([_jpeg(one) for one in pictures])
        data["PixelData"].is_undefined_length = True
    else:
        data.PixelData = b"".join(one.tobytes() for one in pictures)
    for keyword, value in changes.items():
        setattr(data, keyword, value)
    stream = io.BytesIO()
    data.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def scan(seed: int) -> NDArray[np.uint8]:
    """Speckle in the scan's part, black around it, and a name above."""
    pixels = np.zeros((ROWS, COLUMNS), np.uint8)
    left, top, right, bottom = SCAN
    shape = (bottom + 1 - top, right + 1 - left)
    echoes = gaussian_filter(np.random.default_rng(seed).normal(size=shape), 8)
    pixels[top : bottom + 1, left : right + 1] = np.clip(80 + 600 * echoes, 30, 150)
    drawn = Image.fromarray(pixels)
    ImageDraw.Draw(drawn).text((5, 5), "MUSTER ANNA 1970", fill=255)
    return np.asarray(drawn)


def zipped(files: Mapping[str, bytes]) -> bytes:
    """A zip archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, format="JPEG", quality=90)
    return stream.getvalue()
