"""Actions on attributes: by the table of the standard, the chosen options, and a rule for all other attributes.

The standard's table lists attributes that must go. It cannot list those that a vendor or a later edition adds, so
attributes outside it are judged by their value representation: free text, names, unknown and binary content go unless
they are on the short lists below; numbers, code strings and structure stay.
"""

import csv
from importlib.resources import files
from typing import Final, Literal

from pydicom.datadict import dictionary_has_tag, keyword_for_tag
from pydicom.tag import BaseTag

from thyrosight.imaging.deidentify.options import DeidentifyOptions

Action = Literal["keep", "remove", "empty", "dummy", "uid", "date", "pseudonym", "describe", "age", "items"]
"""The action on an attribute. `items`: the items of a sequence are cleaned; `describe`: the words of a text are."""


def _basic_profile() -> dict[int, str]:
    text = files("thyrosight.imaging.deidentify").joinpath("basic_profile.csv").read_text(encoding="utf-8")
    return {int(row["tag"], 16): row["action"] for row in csv.DictReader(text.splitlines())}


BASIC_PROFILE: Final = _basic_profile()
"""Action of the Basic Application Level Confidentiality Profile on each attribute, by its 32-bit tag.

Source: DICOM PS3.15 edition 2024b, annex E, table E.1-1, column "Basic Profile". Ranges of groups in that table (curves
50xx, overlays 60xx, private groups) are not in it: `action_for` removes them. Codes: X remove; Z empty; D dummy value;
U replace the UID; two or three joined by a stroke: whichever keeps the object valid; U* only UIDs inside are replaced.
"""

_NAMES: Final = frozenset({"PN"})
_TEXTS: Final = frozenset({"LO", "SH", "ST", "LT", "UT", "UC", "UR", "AE"})
_DATES: Final = frozenset({"DA", "TM", "DT"})
_BINARY: Final = frozenset({"OB", "OW", "OF", "OD", "OL", "OV", "UN"})

_KEPT_TEXTS: Final = frozenset(
    {
        "CodeValue", "CodeMeaning", "CodingSchemeDesignator", "CodingSchemeVersion", "LongCodeValue",
        "Manufacturer", "ManufacturerModelName", "SoftwareVersions", "DeidentificationMethod",
    }
)  # fmt: skip
"""Text outside the table that stays: meanings of codes, and make and model of the scanner."""

_KEPT_BINARY: Final = frozenset(
    {
        "PixelData", "LUTData",
        *(f"{kind}{colour}PaletteColorLookupTableData" for kind in ("", "Segmented") for colour in
          ("Red", "Green", "Blue", "Alpha")),
    }
)  # fmt: skip

_DEVICE: Final = frozenset(
    {
        "DeviceSerialNumber", "StationName", "DeviceUID", "DetectorID", "GantryID", "TransducerData",
        "TransducerIdentificationSequence", "UDISequence", "UniqueDeviceIdentifier", "DeviceDescription",
    }
)  # fmt: skip
_CHARACTERISTICS: Final = frozenset(
    {"PatientAge", "PatientSex", "PatientSize", "PatientWeight", "PatientSexNeutered", "SmokingStatus"}
)
_DESCRIPTIONS: Final = frozenset(
    {
        "StudyDescription", "SeriesDescription", "ProtocolName", "ImageComments", "PerformedProcedureStepDescription",
        "RequestedProcedureDescription", "AcquisitionProtocolDescription", "DerivationDescription", "FrameComments",
        "ProcessingFunction", "StageName", "ViewName", "StudyComments",
    }
)  # fmt: skip
_KEPT_UIDS: Final = frozenset({"SOPClassUID", "ReferencedSOPClassUID", "MediaStorageSOPClassUID", "TransferSyntaxUID"})
_NEVER: Final = frozenset({0x0000, 0x0002, 0x0004, 0x0400, 0x4FFE, 0xFFFA, 0xFFFC})
"""Groups of commands, file headers, directories, signatures, media records and padding."""


def action_for(tag: BaseTag, vr: str, options: DeidentifyOptions, *, enhanced: bool = False) -> Action:
    """The action on one attribute of an image.

    Args:
        tag: of the attribute.
        vr: its value representation as read.
        options: of the profile.
        enhanced: whether the object follows an enhanced definition, in which attributes that are optional in the
            classic ones must hold a value.
    """
    if tag.is_private or tag.group in _NEVER or _repeating(tag) or not dictionary_has_tag(tag) or vr == "UN":
        return "remove"
    keyword = keyword_for_tag(tag)
    chosen = _by_option(keyword, vr, options)
    if chosen is not None:
        return chosen
    code = BASIC_PROFILE.get(int(tag))
    return _by_vr(keyword, vr) if code is None else _by_code(code, vr, enhanced=enhanced)


def _repeating(tag: BaseTag) -> bool:
    """Curves and overlays."""
    return tag.group & 0xFF00 in (0x5000, 0x6000)


def _by_option(keyword: str, vr: str, options: DeidentifyOptions) -> Action | None:
    always: dict[str, Action] = {"PatientBirthDate": "empty", "PatientID": "pseudonym", "PatientName": "pseudonym"}
    if keyword in always:
        return always[keyword]
    chosen: Action | None = None
    if vr in _DATES and options.dates != "removed" and keyword != "PatientBirthTime":
        chosen = "date" if options.dates == "shifted" else "keep"
    elif options.device and keyword in _DEVICE:
        chosen = "items" if vr == "SQ" else "keep"
    elif options.patient_characteristics and keyword in _CHARACTERISTICS:
        chosen = "age" if keyword == "PatientAge" else "keep"
    elif options.descriptions and keyword in _DESCRIPTIONS:
        chosen = "describe"
    elif vr == "UI":
        chosen = "keep" if keyword in _KEPT_UIDS or options.uids == "kept" else "uid"
    return chosen


def _by_code(code: str, vr: str, *, enhanced: bool) -> Action:
    """One action out of a code of the table.

    In classic ultrasound and secondary capture objects everything with a code that offers removal is optional.
    """
    if vr == "SQ" and code.endswith("U*"):
        return "items"
    choices = code.split("/")
    if enhanced and "D" in choices and vr != "SQ":
        return "dummy"
    if "X" in choices:
        return "remove"
    return "empty" if "Z" in choices or vr == "SQ" else "dummy"


def _by_vr(keyword: str, vr: str) -> Action:
    """The action on an attribute that the table does not list."""
    if vr in _NAMES or vr in _DATES:
        return "empty"
    if vr in _TEXTS:
        return "keep" if keyword in _KEPT_TEXTS else "empty"
    if vr in _BINARY:
        return "keep" if keyword in _KEPT_BINARY else "remove"
    return "items" if vr == "SQ" else "keep"
