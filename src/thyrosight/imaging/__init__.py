"""Images off the scanner: frames, scan areas, boxes, crops and their preparation."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.imaging.boxes import Box, nodule_boxes
    from thyrosight.imaging.crops import Margin
    from thyrosight.imaging.dicom import Cine, DicomInfo, is_dicom, open_cine, read_dicom_info
    from thyrosight.imaging.frame import Frame
    from thyrosight.imaging.frame_choice import choose_frames, frames_as_text
    from thyrosight.imaging.masks import mask_in_window, read_mask
    from thyrosight.imaging.pairs import PairPreparation, PreparedPair
    from thyrosight.imaging.panels import find_panels
    from thyrosight.imaging.preparation import Preparation, PreparedImage
    from thyrosight.imaging.reading import FRAME_READERS, IMAGE_SUFFIXES, FrameFormat, read_frame
    from thyrosight.imaging.regions import Region
    from thyrosight.imaging.scan_area import ScanArea, find_scan_area
    from thyrosight.imaging.wide_crops import WideCrop, crop_at_margin, prepare_wide
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "FRAME_READERS",
    "IMAGE_SUFFIXES",
    "Box",
    "Cine",
    "DicomInfo",
    "Frame",
    "FrameFormat",
    "Margin",
    "PairPreparation",
    "Preparation",
    "PreparedImage",
    "PreparedPair",
    "Region",
    "ScanArea",
    "WideCrop",
    "choose_frames",
    "crop_at_margin",
    "find_panels",
    "find_scan_area",
    "frames_as_text",
    "is_dicom",
    "mask_in_window",
    "nodule_boxes",
    "open_cine",
    "prepare_wide",
    "read_dicom_info",
    "read_frame",
    "read_mask",
]
