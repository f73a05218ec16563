"""The image files of a folder, and what their names, folders and headers say of patient, examination and date."""

import os
import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Final

from thyrosight.cohort.mapping.headers import plain_words
from thyrosight.errors import CohortError, ImageError
from thyrosight.identifiers import names_nobody, plain_form
from thyrosight.imaging import IMAGE_SUFFIXES, is_dicom, read_dicom_info
from thyrosight.progress import Progress, silent

_DATE: Final = re.compile(r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_DAY_FIRST: Final = re.compile(r"(?<!\d)(0[1-9]|[12]\d|3[01])[-_.](0[1-9]|1[0-2])[-_.]((?:19|20)\d\d)(?!\d)")
_PARTS: Final = re.compile(r"[\s\-_.,()]+")
_LONGEST_RUN: Final = 4
_DEEPEST: Final = 5
_SHORT_NUMBER: Final = re.compile(r"\d{1,4}")
_PREFIX: Final = re.compile(r"(?:patient|paciente|patientin|pat|pac|pt|p|case|caso|fall|id|病人|患者|病例)?0*(\d{1,4})")


@dataclass(frozen=True)
class ImageFile:
    """One image file.

    Attributes:
        path: of the file.
        name: relative to the folder, with forward slashes.
        patient, accession, day, person: what the DICOM header says; "" where it does not, or there is none.
    """

    path: Path
    name: str
    patient: str = ""
    accession: str = ""
    day: str = ""
    person: tuple[str, str] = ("", "")

    @property
    def days(self) -> frozenset[str]:
        """ISO dates in the header, else in the names of the file and its folders."""
        if self.day:
            return frozenset({self.day})
        named = [*_DATE.findall(self.name), *(parts[::-1] for parts in _DAY_FIRST.findall(self.name))]
        return frozenset("-".join(parts) for parts in named)


def image_files_below(folder: Path, *, progress: Progress = silent) -> list[ImageFile]:
    """All images below a folder, sorted by name; hidden files are left out.

    Raises:
        CohortError: there is no such folder.
    """
    if not folder.is_dir():
        raise CohortError(f"There is no folder {folder}; name the folder that holds the images.")
    paths = []
    for place, names, files in os.walk(folder):
        names[:] = sorted(name for name in names if not name.startswith("."))
        paths += [Path(place, name) for name in sorted(files) if not name.startswith(".") and name != "DICOMDIR"]
    found = []
    for done, path in enumerate(paths):
        if (image := _image_file(path, folder)) is not None:
            found.append(image)
        if done % 500 == 0:
            progress("Listing images", done, len(paths))
    progress("Listing images", len(paths), len(paths))
    return found


def _image_file(path: Path, folder: Path) -> ImageFile | None:
    name = path.relative_to(folder).as_posix()
    suffix = path.suffix.lower()
    if suffix in IMAGE_SUFFIXES and suffix not in (".dcm", ".dicom"):
        return ImageFile(path, name)
    if suffix in (".csv", ".xlsx", ".xls", ".txt", ".json", ".xml", ".yaml", ".zip", ".pdf", ".docx") or not is_dicom(
        path
    ):
        return None
    try:
        info = read_dicom_info(path)
    except ImageError:
        return ImageFile(path, name)
    day = info.study_date or ""
    return ImageFile(
        path,
        name,
        patient=(info.patient_id or "").strip(),
        accession=(info.accession_number or "").strip(),
        day=f"{day[:4]}-{day[4:6]}-{day[6:8]}" if len(day) >= 8 and day[:8].isdecimal() else "",
        person=(plain_words((info.patient_name or "").replace("^", " ")), _iso(info.patient_birth_date or "")),
    )


def _iso(text: str) -> str:
    return date(int(text[:4]), int(text[4:6]), int(text[6:8])).isoformat() if _DATE.fullmatch(text) else ""


def names_of(images: Iterable[ImageFile]) -> frozenset[str]:
    """Names of images in lower case, with and without suffix, to tell columns of names by."""
    found: set[str] = set()
    for image in images:
        path = PurePosixPath(image.name.lower())
        found |= {path.name, path.stem, plain_form(path.stem)}
    return frozenset(found)


@dataclass
class ImageIndex:
    """Images by every name that a row may give them.

    A name that several files have leads to all of them.
    """

    images: list[ImageFile]
    by_tail: dict[str, list[int]] = field(default_factory=dict)
    by_form: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for place, image in enumerate(self.images):
            path = PurePosixPath(image.name.casefold())
            for parts in {path.parts, path.with_suffix("").parts}:
                for start in range(max(0, len(parts) - _DEEPEST), len(parts)):
                    self.by_tail.setdefault("/".join(parts[start:]), []).append(place)
            self.by_form.setdefault(plain_form(path.stem), []).append(place)

    def named(self, name: str) -> tuple[list[int], bool]:
        """Images that a cell names, and whether they lie in another folder than it says.

        As much of the written path decides as any file has at the end of its own, with and without its suffix.
        """
        path = PurePosixPath(name.replace("\\", "/").casefold())
        suffixed = path.suffix in IMAGE_SUFFIXES
        parts = [part for part in path.parts if part not in ("/", "..", ".") and not part.endswith(":")]
        plain = [*parts[:-1], path.stem] if suffixed and parts else parts
        for start in range(max(0, len(parts) - _DEEPEST), len(parts)):
            for tail in (parts, plain):
                if found := self.by_tail.get("/".join(tail[start:])):
                    last = start == len(parts) - 1
                    return found, last and len(parts) > 1 and self._has_folders(found)
        return self.by_form.get(plain_form(path.stem if suffixed else path.name), []), False

    def _has_folders(self, places: list[int]) -> bool:
        return any("/" in self.images[place].name for place in places)

    def by_keys(self, keys: Collection[str]) -> dict[str, list[int]]:
        """Images in whose name, folders or header one of `keys` stands; keys are in plain form.

        A number of up to four digits counts only as a folder, as the first part of a file's name, or in the header, for
        elsewhere it may count anything.
        """
        wanted = set(keys)
        found: dict[str, list[int]] = {}
        for place, image in enumerate(self.images):
            for key in _keys_of(image) & wanted:
                found.setdefault(key, []).append(place)
        return found


def _keys_of(image: ImageFile) -> set[str]:
    path = PurePosixPath(image.name)
    keys = {plain_form(value) for value in (image.patient, image.accession) if value and not names_nobody(value)}
    for component in (*path.parts[:-1], path.stem):
        parts = [part for part in _PARTS.split(component) if part]
        keys.add(plain_form(component))
        for start in range(len(parts)):
            for end in range(start + 1, min(start + _LONGEST_RUN, len(parts)) + 1):
                form = plain_form("-".join(parts[start:end]))
                if not _SHORT_NUMBER.fullmatch(form) or (start == 0 and end == 1):
                    keys.add(form)
        leading = _PREFIX.fullmatch(plain_form("".join(parts[:1])))
        second = plain_form("-".join(parts[:2])).replace("-", "")
        if leading is not None or ((leading := _PREFIX.fullmatch(second)) is not None and not second[:1].isdigit()):
            keys.add(leading[1])
    return keys
