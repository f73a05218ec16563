"""Reading DICOM: headers, calibrated regions, frames and loops."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.imaging.dicom.cine import Cine, open_cine, read_dicom_frame
    from thyrosight.imaging.dicom.info import DicomInfo, read_dicom_info
    from thyrosight.imaging.dicom.person_names import readable_name
    from thyrosight.imaging.dicom.signature import is_dicom, looks_like_dicom
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "Cine",
    "DicomInfo",
    "is_dicom",
    "looks_like_dicom",
    "open_cine",
    "read_dicom_frame",
    "read_dicom_info",
    "readable_name",
]
