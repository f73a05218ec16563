"""Options of de-identification."""

from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

Dates = Literal["removed", "shifted", "kept"]
Blank = Literal["outside", "text", "nothing"]


class DeidentifyOptions(BaseModel):
    """The options of DICOM PS3.15, annex E; without any, the basic profile with cleaned pixels.

    Attributes:
        dates: `removed`; `shifted`: every date of a patient moves back by the same number of days, so that intervals
            stay; `kept` as they are. Birth dates are always emptied.
        uids: `mapped`: replaced by keyed ones, the same everywhere; `kept`.
        patient_characteristics: keep sex, age (90 and above become 90), size and weight.
        device: keep serial number, station name and other identities of the scanner.
        descriptions: keep the words of descriptions that stand in a list of anatomical and technical words; every
            other word goes.
        blank: `outside`: everything outside the scan area becomes black, and so does text found inside it; `text`:
            only text found, wherever it stands; `nothing`: the pixels stay as they are.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dates: Dates = "removed"
    uids: Literal["mapped", "kept"] = "mapped"
    patient_characteristics: bool = False
    device: bool = False
    descriptions: bool = False
    blank: Blank = "outside"

    def codes(self) -> tuple[tuple[str, str], ...]:
        """Code value and meaning (DICOM PS3.16, CID 7050) of the profile and of each option in force."""
        chosen = {
            "113100": True,
            "113101": self.blank != "nothing",
            "113105": self.descriptions,
            "113106": self.dates == "kept",
            "113107": self.dates == "shifted",
            "113108": self.patient_characteristics,
            "113109": self.device,
            "113110": self.uids == "kept",
        }
        return tuple((code, _MEANINGS[code]) for code, here in chosen.items() if here)


_MEANINGS: Final = {
    "113100": "Basic Application Confidentiality Profile",
    "113101": "Clean Pixel Data Option",
    "113105": "Clean Descriptors Option",
    "113106": "Retain Longitudinal Temporal Information Full Dates Option",
    "113107": "Retain Longitudinal Temporal Information Modified Dates Option",
    "113108": "Retain Patient Characteristics Option",
    "113109": "Retain Device Identity Option",
    "113110": "Retain UIDs Option",
}
