"""Taking identifiers out of DICOM files and pictures: attributes, dates, UIDs and burned-in text."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.imaging.deidentify.attributes import Change, clean_attributes
    from thyrosight.imaging.deidentify.folder import ACTION_LOG, DeidentifyReport, deidentify
    from thyrosight.imaging.deidentify.options import DeidentifyOptions
    from thyrosight.imaging.deidentify.pseudonyms import PseudonymKey, open_key
    from thyrosight.imaging.deidentify.rules import BASIC_PROFILE
else:
    __getattr__, __dir__ = on_first_use(__name__)

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
