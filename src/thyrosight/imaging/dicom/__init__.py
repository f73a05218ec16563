"""Reading DICOM: headers, calibrated regions, frames and loops."""

from thyrosight.imaging.dicom.info import DicomInfo, read_dicom_info

__all__ = ["DicomInfo", "read_dicom_info"]
