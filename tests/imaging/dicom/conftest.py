"""Small DICOM files with known pixels, and dcmtk's rendering of them."""

import io
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, RLELossless, generate_uid


def picture(rows: int = 40, columns: int = 52, *, colour: bool = True, highest: int = 255) -> NDArray[Any]:
    """Smooth gradients and edges; colours that a wrong conversion would change visibly."""
    y, x = np.mgrid[:rows, :columns]
    grey = (x * highest // (columns - 1)).astype(np.uint16)
    if not colour:
        grey[5:15, 5:15] = highest
        return grey.astype(np.uint8 if highest < 256 else np.uint16)
    values = np.stack([grey, y * highest // (rows - 1), np.full_like(grey, highest // 4)], axis=2)
    values[5:15, 5:25] = (highest, 0, 0)
    values[25:35, 20:45] = (0, highest // 3, highest)
    return values.astype(np.uint8 if highest < 256 else np.uint16)


def region(
    box: Sequence[int],
    *,
    deltas: tuple[float, float] = (0.01, 0.01),
    units: tuple[int, int] = (3, 3),
    spatial: int = 1,
    kind: int = 1,
) -> Dataset:
    """An item of the Sequence of Ultrasound Regions; `box` is left, top, last column, last row."""
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = spatial, kind, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0, item.RegionLocationMaxX1, item.RegionLocationMaxY1 = box
    item.PhysicalUnitsXDirection, item.PhysicalUnitsYDirection = units
    item.PhysicalDeltaX, item.PhysicalDeltaY = deltas
    return item


def dataset(frames: Sequence[NDArray[Any]], **changes: object) -> Dataset:
    """An uncompressed ultrasound object of these frames; `changes` are elements by keyword (None removes one)."""
    first = frames[0]
    colour = first.ndim == 3
    bits = 8 * first.dtype.itemsize
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    several = len(frames) > 1
    data.SOPClassUID = UID("1.2.840.10008.5.1.4.1.1.3.1" if several else "1.2.840.10008.5.1.4.1.1.6.1")
    data.SOPInstanceUID, data.StudyInstanceUID, data.SeriesInstanceUID = "1.2.3.4", "1.2.3", "1.2.3.5"
    data.Modality, data.PatientID, data.PatientName, data.PatientAge = "US", "P-7", "Doe^Jane", "045Y"
    if several:
        data.NumberOfFrames = len(frames)
    data.Rows, data.Columns = first.shape[:2]
    data.SamplesPerPixel = 3 if colour else 1
    data.PhotometricInterpretation = "RGB" if colour else "MONOCHROME2"
    if colour:
        data.PlanarConfiguration = 0
    data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = bits, bits, bits - 1, 0
    data.PixelData = b"".join(frame.tobytes() for frame in frames)
    if len(data.PixelData) % 2:
        data.PixelData += b"\0"
    for keyword, value in changes.items():
        if value is None:
            del data[keyword]
        else:
            setattr(data, keyword, value)
    data["PixelData"].VR = "OB" if bits == 8 else "OW"
    return data


def compressed(frames: Sequence[NDArray[Any]], syntax: UID, **changes: object) -> Dataset:
    """JPEG, JPEG 2000, JPEG-LS or run lengths of 8-bit frames."""
    data = dataset(frames, **changes)
    if syntax in (JPEGBaseline8Bit, JPEG2000Lossless):
        form, options = ("JPEG", {"quality": 95}) if syntax == JPEGBaseline8Bit else ("JPEG2000", {"no_jp2": True})
        encoded = []
        for frame in frames:
            stream = io.BytesIO()
            Image.fromarray(frame).save(stream, form, **options)
            encoded.append(stream.getvalue())
        data.PixelData = encapsulate(encoded)
        data["PixelData"].VR, data["PixelData"].is_undefined_length = "OB", True
        data.file_meta.TransferSyntaxUID = syntax
    else:
        # GDCM, the first choice of pydicom, ends the process on frames of an odd length.
        plugin = "pydicom" if syntax == RLELossless else "pyjpegls"
        data.compress(syntax, generate_instance_uid=False, encoding_plugin=plugin)
    return data


def save(data: Dataset, path: Path) -> Path:
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID or generate_uid()
    syntax = data.file_meta.TransferSyntaxUID
    pydicom.dcmwrite(
        path,
        data,
        enforce_file_format=True,
        little_endian=syntax.is_little_endian if not syntax.is_private else True,
        implicit_vr=syntax.is_implicit_VR if not syntax.is_private else False,
    )
    return path


def by_dcmtk(path: Path, *options: str) -> NDArray[np.uint8]:
    """The picture as dcmtk renders it; the test skips where dcmtk is absent."""
    program = shutil.which("dcmj2pnm") or shutil.which("dcm2img")
    if program is None:
        pytest.skip("dcmtk is not installed (Debian: apt-get install dcmtk)")
    done = subprocess.run([program, *options, str(path)], capture_output=True, check=True)
    return np.asarray(Image.open(io.BytesIO(done.stdout)))


class Workshop:
    """Tools with which tests make files."""

    picture = staticmethod(picture)
    make = staticmethod(dataset)
    compress = staticmethod(compressed)
    region = staticmethod(region)
    render = staticmethod(by_dcmtk)

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.colours = picture()

    def store(self, data: Dataset, name: str = "a.dcm") -> Path:
        return save(data, self.folder / name)


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)
