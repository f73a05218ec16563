"""Cleaning the attributes of a DICOM data set."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence
from pydicom.uid import UID

from thyrosight import __version__
from thyrosight.imaging.deidentify.dates import shifted_date, shifted_date_time
from thyrosight.imaging.deidentify.descriptions import clean_description
from thyrosight.imaging.deidentify.options import DeidentifyOptions
from thyrosight.imaging.deidentify.pseudonyms import PseudonymKey
from thyrosight.imaging.deidentify.rules import Action, action_for

_DUMMIES: Final[dict[str, Any]] = {
    "DA": "19000101", "TM": "000000", "DT": "19000101000000", "PN": "REMOVED", "AS": "000Y", "DS": "0", "IS": "0",
    "OB": b"\0\0", "OW": b"\0\0", "UR": "urn:removed", "US": 0,
}  # fmt: skip
_OLDEST_AGE = 90
# Coding schemes kept by organisations; codes of any other scheme are a hospital's own and may be anything.
_PUBLIC_SCHEMES: Final = frozenset(
    {
        "DCM", "SRT", "SNM3", "SCT", "99SDM", "LN", "UCUM", "RADLEX", "RADELEMENT", "FMA", "UMLS", "I10", "I9C",
        "ICD-10", "NCIt", "MDC", "BI", "ACR", "C4", "ISO3166_1",
    }
)  # fmt: skip
_TEXTS = ("LO", "SH", "ST", "LT", "UT", "UC", "UR", "AE", "PN")
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True)
class Change:
    """The change of one attribute; its value is never named.

    Attributes:
        tag: its place; items of sequences are joined by a point.
        name: its keyword, or "private" or "unknown".
        action: that was taken.
    """

    tag: str
    name: str
    action: str


def clean_attributes(dataset: Dataset, key: PseudonymKey, options: DeidentifyOptions) -> list[Change]:
    """Remove identifiers from a data set in place, except from PixelData, and return every attribute that changed.

    After the rules of `action_for`, a sweep empties every remaining text in which a word of a removed name, patient
    number, accession number, institution or other such text still stands.
    """
    patient = patient_of(dataset)
    pseudonym = key.pseudonym("patient", patient)
    identifiers = _identifiers(dataset, key)
    cleaner = _Cleaner(
        key=key,
        options=options,
        pseudonym=pseudonym,
        days_back=0 if key.made("patient", str(dataset.get("PatientID", ""))) else key.days_back(pseudonym),
        enhanced="Enhanced" in UID(str(dataset.get("SOPClassUID", ""))).name,
        identifiers=identifiers,
    )
    changes = list(cleaner.clean(dataset, ""))
    _mark(dataset, options, pseudonym)
    return changes


def patient_of(dataset: Dataset) -> str:
    """The identity of the patient: the patient id; else name and birth date; else the study."""
    number = str(dataset.get("PatientID", "") or "").strip()
    if number:
        return number
    name = str(dataset.get("PatientName", "") or "").strip()
    born = str(dataset.get("PatientBirthDate", "") or "").strip()
    if name and born:
        return f"{name}\0{born}"
    return str(dataset.get("StudyInstanceUID", "") or dataset.get("SOPInstanceUID", ""))


@dataclass(frozen=True)
class _Cleaner:
    key: PseudonymKey
    options: DeidentifyOptions
    pseudonym: str
    days_back: int
    enhanced: bool
    identifiers: frozenset[str]

    def clean(self, dataset: Dataset, place: str) -> Iterator[Change]:
        """Clean one data set and the items in it."""
        for tag in list(dataset.keys()):
            where = f"{place}({tag.group:04X},{tag.element:04X})"
            if tag.is_private or tag.element == 0:
                del dataset[tag]
                yield Change(where, "private" if tag.is_private else "group length", "remove")
                continue
            element = dataset[tag]
            action = action_for(tag, element.VR, self.options, enhanced=self.enhanced)
            yield from self._apply(dataset, element, action, where)

    def _apply(self, dataset: Dataset, element: DataElement, action: Action, where: str) -> Iterator[Change]:
        name = element.keyword or "unknown"
        if action == "items":
            yield from self._clean_items(dataset, element, where)
        elif action == "remove":
            del dataset[element.tag]
            yield Change(where, name, "remove")
        elif element.is_empty:
            return
        else:
            new = self._new_value(element, action)
            if self._names_somebody(element.VR, new) and name not in ("PatientID", "PatientName"):
                new, action = None, "empty"
            if new is None and element.VR == "SQ":
                new = Sequence()
            if new != element.value:
                element.value = new
                yield Change(where, name, "empty" if not new and new != 0 else action)

    def _clean_items(self, dataset: Dataset, element: DataElement, where: str) -> Iterator[Change]:
        """Clean the items of a sequence; items that become empty are removed, and so is a sequence without items."""
        items = list(element.value or [])
        kept = [item for item in items if not _is_own_code(item)]
        if len(kept) < len(items):
            yield Change(where, element.keyword, "code of a private scheme removed")
        for number, item in enumerate(kept, start=1):
            yield from self.clean(item, f"{where}[{number}].")
        filled = [item for item in kept if len(item)]
        if items and not filled:
            del dataset[element.tag]
        elif len(filled) < len(items):
            element.value = Sequence(filled)

    def _new_value(self, element: DataElement, action: Action) -> Any:
        part_by_part: dict[Action, Callable[[str], str]] = {
            "uid": self._new_uid,
            "date": lambda text: self._new_date(element.VR, text),
            "describe": clean_description,
            "age": _capped_age,
        }
        if action in part_by_part:
            return _each(element.value, part_by_part[action])
        if action == "dummy":
            return _DUMMIES.get(element.VR, Sequence() if element.VR == "SQ" else "REMOVED")
        return {"pseudonym": self.pseudonym, "keep": element.value}.get(action)

    def _new_uid(self, uid: str) -> str:
        return uid if not uid or _is_registered(uid) else self.key.uid(uid)

    def _new_date(self, vr: str, text: str) -> str:
        if vr == "TM" or not text:
            return text
        shifted = shifted_date if vr == "DA" else shifted_date_time
        return shifted(text, self.days_back) or ""

    def _names_somebody(self, vr: str, value: Any) -> bool:
        """Whether a text that the rules keep holds a word of an identifier."""
        if value is None or vr not in (*_TEXTS, "CS"):
            return False
        whole = " ".join(str(part) for part in value) if isinstance(value, MultiValue | list) else str(value)
        return bool(self.identifiers & {word.casefold() for word in _WORD.findall(whole)})


def _is_registered(uid: str) -> bool:
    """Whether a UID is one that the standard itself defines, such as a class or a transfer syntax."""
    return UID(uid).name != uid


def _each(value: Any, function: Callable[[str], str]) -> Any:
    return [function(str(part)) for part in value] if isinstance(value, MultiValue | list) else function(str(value))


def _is_own_code(item: Dataset) -> bool:
    """Whether an item is a code whose scheme is a hospital's or vendor's own."""
    has_code = "CodeValue" in item or "CodeMeaning" in item
    return has_code and str(item.get("CodingSchemeDesignator", "")) not in _PUBLIC_SCHEMES


def _capped_age(text: str) -> str:
    years = re.fullmatch(r"(\d{3})Y", text.strip())
    return f"{min(int(years[1]), _OLDEST_AGE):03d}Y" if years else text


_IDENTIFYING: Final = (
    "PatientID", "OtherPatientIDs", "AccessionNumber", "InstitutionName", "InstitutionAddress", "StationName",
    "DeviceSerialNumber", "StudyID", "PatientAddress", "MedicalRecordLocator",
)  # fmt: skip
_TOO_COMMON: Final = frozenset(
    {
        "the", "and", "for", "von", "van", "der", "med", "medical", "center", "centre", "hospital", "clinic",
        "department", "ultrasound", "system", "systems",
    }
)  # fmt: skip


def _identifiers(dataset: Dataset, key: PseudonymKey) -> frozenset[str]:
    """Words of names and numbers anywhere in the data set, in lower case; words that any text may hold are left out."""
    found: set[str] = set()
    for element in dataset.iterall():
        if element.VR == "PN" or element.keyword in _IDENTIFYING:
            text = str(element.value or "")
            if not key.made("patient", text):
                found |= {word.casefold() for word in _WORD.findall(text)}
    makers = " ".join(str(dataset.get(name, "")) for name in ("Manufacturer", "ManufacturerModelName"))
    return frozenset(found - _TOO_COMMON - {word.casefold() for word in _WORD.findall(makers)})


def _mark(dataset: Dataset, options: DeidentifyOptions, pseudonym: str) -> None:
    """Record the de-identification in the object (PS3.15, E.1.1; PS3.3, C.7.1.1)."""
    dataset.PatientID = pseudonym
    dataset.PatientName = pseudonym
    dataset.PatientIdentityRemoved = "YES"
    dataset.DeidentificationMethod = [f"ThyroSight {__version__}", "DICOM PS3.15 2024b"]
    dataset.DeidentificationMethodCodeSequence = Sequence([_code(*code) for code in options.codes()])
    changed = {"removed": "REMOVED", "shifted": "MODIFIED", "kept": "UNMODIFIED"}
    dataset.LongitudinalTemporalInformationModified = changed[options.dates]


def _code(value: str, meaning: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "DCM"
    item.CodeMeaning = meaning
    return item
