"""From DICOM files to images and a manifest."""

from thyrosight.cohort.from_dicom.converting import FromDicomResult, cohort_from_dicom
from thyrosight.cohort.from_dicom.options import FromDicomOptions

__all__ = ["FromDicomOptions", "FromDicomResult", "cohort_from_dicom"]
