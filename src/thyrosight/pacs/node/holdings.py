"""Index of kept images and results by their headers, for queries."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydicom import Dataset

from thyrosight.errors import ImageError
from thyrosight.imaging.dicom.elements import tags_of, text, whole
from thyrosight.imaging.dicom.header import open_header
from thyrosight.pacs.node.matching import match_all
from thyrosight.pacs.node.store import Store

LEVELS: Final = {
    "PATIENT": ("PatientID", "IssuerOfPatientID", "PatientName", "PatientBirthDate", "PatientSex"),
    "STUDY": (
        "StudyInstanceUID", "StudyDate", "StudyTime", "AccessionNumber", "StudyID", "StudyDescription",
        "ReferringPhysicianName", "ModalitiesInStudy",
    ),
    "SERIES": ("SeriesInstanceUID", "Modality", "SeriesNumber", "SeriesDescription", "BodyPartExamined"),
    "IMAGE": ("SOPInstanceUID", "SOPClassUID", "InstanceNumber", "Rows", "Columns", "NumberOfFrames", "ContentDate"),
}  # fmt: skip
"""Attributes that can be asked for and matched, by the level that they belong to."""
_NUMBERS: Final = ("Rows", "Columns", "NumberOfFrames", "InstanceNumber", "SeriesNumber")
_OWN_KEYS: Final = {"PATIENT": "PatientID", "STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID",
                    "IMAGE": "SOPInstanceUID"}  # fmt: skip
_STORED: Final = tuple(name for names in LEVELS.values() for name in names if name != "ModalitiesInStudy")
_KEPT: Final = "(SELECT uid, file, 1 AS image FROM images WHERE kept = 1 UNION ALL" \
    " SELECT uid, file, 0 AS image FROM objects WHERE kept = 1)"  # fmt: skip
_COLUMNS: Final = {"PatientID": "patient", "StudyInstanceUID": "study", "SeriesInstanceUID": "series",
                   "SOPInstanceUID": "uid"}  # fmt: skip


@dataclass(frozen=True)
class Held:
    """An object that the node holds: its file, transfer syntax, and attributes as text."""

    file: Path
    syntax: str
    header: Mapping[str, tuple[str, ...]]

    def value(self, keyword: str) -> str:
        """An attribute as text, several values joined by backslashes; empty where there is none."""
        return "\\".join(self.header.get(keyword, ()))


class Holdings:
    """The index of a store's files."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def bring_up_to_date(self) -> None:
        """Index files that are not yet in the index, and forget those that are gone."""
        missing = self._store.rows(f"SELECT file, image FROM {_KEPT} WHERE uid NOT IN (SELECT uid FROM held)")
        for name, image in missing:
            self.add((self._store.images if image else self._store.results) / name)
        with self._store.transaction() as run:
            run(f"DELETE FROM held WHERE uid NOT IN (SELECT uid FROM {_KEPT})")

    def add(self, path: Path) -> None:
        """Put one file into the index; one whose header cannot be read is left out."""
        try:
            opened = open_header(path, tags=tags_of("SpecificCharacterSet", *_STORED))
        except ImageError:
            return
        opened.close()
        header = {
            keyword: _number(opened.dataset, keyword) if keyword in _NUMBERS else text(opened.dataset, keyword)
            for keyword in _STORED
        }
        row = [header[keyword] or "" for keyword in ("SOPInstanceUID", *list(_COLUMNS)[:3], "SOPClassUID")]
        with self._store.transaction() as run:
            run(
                "INSERT OR REPLACE INTO held (uid, patient, study, series, sop_class, syntax, header)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, str(opened.transfer_syntax), json.dumps(header)),
            )

    def select(self, keys: Mapping[str, str]) -> list[Held]:
        """All objects that match the keys of a query, whatever its level."""
        exact = {
            column: keys[keyword].split("\\")
            for keyword, column in _COLUMNS.items()
            if keys.get(keyword) and not set(keys[keyword]) & set("*?")
        }
        where = [f"h.{column} IN ({', '.join('?' * len(values))})" for column, values in exact.items()]
        rows = self._store.rows(
            f"SELECT k.file, k.image, h.syntax, h.header, h.study FROM held h JOIN {_KEPT} k ON k.uid = h.uid"
            f"{' WHERE ' if where else ''}{' AND '.join(where)} ORDER BY h.study, h.series, h.uid",
            *(value for values in exact.values() for value in values),
        )
        found = [
            Held(
                (self._store.images if image else self._store.results) / name,
                syntax,
                {keyword: _several(value) for keyword, value in json.loads(header).items()},
            )
            for name, image, syntax, header, _ in rows
        ]
        return [one for one in self._with_modalities(found) if match_all(keys, one.header)]

    def _with_modalities(self, found: Sequence[Held]) -> Iterator[Held]:
        """Objects with the modalities of their study among the attributes."""
        modalities: dict[str, set[str]] = {}
        for one in found:
            modalities.setdefault(one.value("StudyInstanceUID"), set()).add(one.value("Modality"))
        for one in found:
            kinds = tuple(sorted(modalities[one.value("StudyInstanceUID")] - {""}))
            yield Held(one.file, one.syntax, {**one.header, "ModalitiesInStudy": kinds})

    def find(self, level: str, keys: Mapping[str, str]) -> list[dict[str, str]]:
        """Answers to a query: one for each patient, study, series or object that matches.

        Args:
            level: a key of `LEVELS`.
            keys: keyword and value to match by; an empty value asks for the attribute.

        Returns:
            For each match, the attributes of this level and those above it, and the numbers of related objects.
        """
        upper = list(LEVELS)[: list(LEVELS).index(level) + 1]
        names = [name for one in upper for name in LEVELS[one]]
        groups: dict[str, list[Held]] = {}
        for held in self.select({name: wanted for name, wanted in keys.items() if name in names}):
            groups.setdefault(held.value(_OWN_KEYS[level]), []).append(held)
        return [{name: group[0].value(name) for name in names} | _numbers(level, group) for group in groups.values()]


def _numbers(level: str, group: Sequence[Held]) -> dict[str, str]:
    """How many studies, series and objects belong to a match."""
    counts = {
        "Studies": len({one.value("StudyInstanceUID") for one in group}),
        "Series": len({one.value("SeriesInstanceUID") for one in group}),
        "Instances": len(group),
    }
    kinds = {"PATIENT": ("Studies", "Series", "Instances"), "STUDY": ("Series", "Instances"), "SERIES": ("Instances",)}
    return {f"NumberOf{level.capitalize()}Related{kind}": str(counts[kind]) for kind in kinds.get(level, ())}


def _several(value: str | None) -> tuple[str, ...]:
    return tuple(value.split("\\")) if value else ()


def _number(dataset: Dataset, keyword: str) -> str:
    """A whole number as DICOM writes it, though the file may write it with a decimal comma; empty where it is none."""
    found = whole(dataset, keyword)
    return "" if found is None else str(found)
