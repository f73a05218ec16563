"""Reading DICOM: headers, calibrated regions, frames and loops."""

from thyrosight.imaging.dicom.cine import Cine, open_cine, read_dicom_frame
from thyrosight.imaging.dicom.header import is_dicom, looks_like_dicom
from thyrosight.imaging.dicom.info import DicomInfo, read_dicom_info

__all__ = ["Cine", "DicomInfo", "is_dicom", "looks_like_dicom", "open_cine", "read_dicom_frame", "read_dicom_info"]
