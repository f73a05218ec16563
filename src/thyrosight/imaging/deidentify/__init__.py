"""Taking identifiers out of DICOM files and pictures: attributes, dates, UIDs and burned-in text."""

from thyrosight.imaging.deidentify.attributes import Change, clean_attributes
from thyrosight.imaging.deidentify.folder import ACTION_LOG, DeidentifyReport, deidentify
from thyrosight.imaging.deidentify.options import DeidentifyOptions
from thyrosight.imaging.deidentify.pseudonyms import PseudonymKey, open_key
from thyrosight.imaging.deidentify.rules import BASIC_PROFILE

__all__ = [
    "ACTION_LOG",
    "BASIC_PROFILE",
    "Change",
    "DeidentifyOptions",
    "DeidentifyReport",
    "PseudonymKey",
    "clean_attributes",
    "deidentify",
    "open_key",
]
