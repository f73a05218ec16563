"""Small ultrasound objects of several patients."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian
from scipy import ndimage

Write = Callable[..., Path]


def tissue(rows: int = 120, columns: int = 160, *, seed: int = 0) -> NDArray[np.uint8]:
    noise = ndimage.gaussian_filter(np.random.default_rng(seed).normal(size=(rows, columns)), (1.2, 2.5))
    return np.clip(90 + 25 * noise / noise.std(), 1, 255).astype(np.uint8)


def region(left: int, top: int, right: int, bottom: int, delta_cm: float) -> Dataset:
    item = Dataset()
    item.RegionSpatialFormat, item.RegionDataType, item.RegionFlags = 1, 1, 0
    item.RegionLocationMinX0, item.RegionLocationMinY0 = left, top
    item.RegionLocationMaxX1, item.RegionLocationMaxY1 = right - 1, bottom - 1
    item.PhysicalUnitsXDirection = item.PhysicalUnitsYDirection = 3
    item.PhysicalDeltaX = item.PhysicalDeltaY = delta_cm
    return item


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write frames `(n, rows, columns[, 3])` or one frame as `in/<name>` and give the path."""

    def make(
        name: str,
        pixels: NDArray[np.uint8],
        *,
        patient: str = "P1",
        uid: str = "",
        regions: list[Dataset] | None = None,
        **more: object,
    ) -> Path:
        colour = pixels.shape[-1] == 3
        frames = pixels if pixels.ndim == (4 if colour else 3) else pixels[None]
        data = Dataset()
        data.SOPClassUID = "1.2.840.10008.5.1.4.1.1.3.1" if len(frames) > 1 else "1.2.840.10008.5.1.4.1.1.6.1"
        data.SOPInstanceUID = uid or f"1.2.9.{sum(name.encode())}"
        data.StudyInstanceUID, data.SeriesInstanceUID = f"1.2.7.{sum(patient.encode())}", "1.2.8.1"
        data.Modality, data.PatientID, data.PatientName = "US", patient, f"Name^{patient}"
        data.PatientAge, data.PatientSex, data.Laterality = "052Y", "F", "L"
        data.Manufacturer, data.ManufacturerModelName, data.InstitutionName = "Works", "E9", "Saint Barnabas"
        data.Rows, data.Columns, data.NumberOfFrames = *frames.shape[1:3], len(frames)
        data.SamplesPerPixel, data.PhotometricInterpretation = (3, "RGB") if colour else (1, "MONOCHROME2")
        data.BitsAllocated, data.BitsStored, data.HighBit, data.PixelRepresentation = 8, 8, 7, 0
        if colour:
            data.PlanarConfiguration = 0
        if regions:
            data.SequenceOfUltrasoundRegions = Sequence(regions)
        for keyword, value in more.items():
            setattr(data, keyword, value)
        data.PixelData = frames.tobytes()
        data.file_meta = FileMetaDataset()
        data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        dcmwrite(path, data, enforce_file_format=True)
        return path

    return make
