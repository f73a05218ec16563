"""Which images belong to which row: by name, by accession number, by patient and date; and what has no partner."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from thyrosight.cohort.mapping.applying import Case
from thyrosight.cohort.mapping.image_files import ImageFile, ImageIndex
from thyrosight.identifiers import plain_form
from thyrosight.imaging import IMAGE_SUFFIXES

_SIGNS: Final = re.compile(r"[;\n|；、]+|,(?!\s*\d+\s*$)|，")
_COMPANIONS: Final = ("mask", "elastogram")
_WITH_DATE: Final = {
    "by accession number": "by accession number and date",
    "by patient": "by patient and date",
    "by name and birth date in the header": "by name and birth date in the header, and date",
}
_NUMBER_OF_NODULE: Final = r"(?:^|[^a-z0-9])(?:n|nod|nodule|nodulo|k|knoten|herd|lesion|结节)[-_ ]?0*{}(?![0-9])"


@dataclass
class Matched:
    """Images of cases.

    Attributes:
        images: for each case the places of its images.
        how: number of images by the way they were found.
        without: for each case without an image the reason.
        elsewhere: images that were found in another folder than named.
        ambiguous: images that several rows fit, by their place.
        companions: for each case the places of its masks and elastograms, by column.
        lost: masks and elastograms that were named and not found, by column.
    """

    images: list[list[int]]
    how: dict[str, int] = field(default_factory=dict)
    without: dict[int, str] = field(default_factory=dict)
    elsewhere: int = 0
    ambiguous: dict[int, str] = field(default_factory=dict)
    companions: list[dict[str, list[int]]] = field(default_factory=list)
    lost: dict[str, int] = field(default_factory=dict)

    @property
    def used(self) -> set[int]:
        """Places of images that belong to a case, and of their masks and elastograms."""
        beside = (place for found in self.companions for places in found.values() for place in places)
        return {*(place for places in self.images for place in places), *beside}


def match_images(cases: list[Case], index: ImageIndex) -> Matched:
    """Find the images of each case.

    Names in cells decide. A case without a name gets the images with its accession number, else those of its patient,
    of the examination's day where dates are known. An image that several rows fit goes to the nodule whose number its
    name holds, or to none.
    """
    found = Matched([[] for _ in cases])
    unnamed: list[int] = []
    for place, case in enumerate(cases):
        names = image_names(case)
        if names:
            _by_name(place, names, cases, index, found)
        else:
            unnamed.append(place)
        found.companions.append({name: _beside(case, name, index, found) for name in _COMPANIONS})
    if unnamed:
        _by_keys(unnamed, cases, index, found)
    return found


def _beside(case: Case, column: str, index: ImageIndex, found: Matched) -> list[int]:
    """Masks or elastograms that a row names."""
    cell = case.row.first(column)
    places: list[int] = []
    for name in filter(None, (part.strip() for part in _SIGNS.split(cell))):
        named, _ = index.named(name)
        if len(named) == 1:
            places += named
        else:
            found.lost[column] = found.lost.get(column, 0) + 1
    return places


def image_names(case: Case) -> list[str]:
    """The names of images in a row; several may stand in one cell."""
    cells = [cell for cell, _ in case.row.cells.get("image", ())]
    pieces = [piece.strip().strip('"') for cell in cells for piece in _SIGNS.split(cell)]
    found: list[str] = []
    for piece in pieces:
        parts = piece.split()
        many = len(parts) > 1 and all(any(part.lower().endswith(suffix) for suffix in IMAGE_SUFFIXES) for part in parts)
        found += parts if many else [piece]
    names = list(dict.fromkeys(name for name in found if name))
    if case.row.several and len(cells) == 1 and case.row.nodule and _one_each(case, names):
        return [names[case.row.nodule - 1]]
    return names


def _one_each(case: Case, names: list[str]) -> bool:
    """Whether a row with several nodules names an image for each."""
    return case.row.nodule <= len(names) and case.row.nodules_in_row == len(names)


def _narrowed(images: list[int], case: Case, files: list[ImageFile]) -> list[int]:
    """Among files of one name, choose the one in the folder of the sheet, the patient, the examination or its day."""
    folders = {place: [plain_form(part) for part in files[place].name.split("/")[:-1]] for place in images}
    for key in filter(None, (case.accession, case.patient, case.row.sheet, case.day[:4])):
        fitting = [place for place in images if plain_form(key) in folders[place]]
        if len(fitting) == 1:
            return fitting
    of_day = [place for place in images if case.day and case.day in files[place].days]
    return of_day if len(of_day) == 1 else images


def _by_name(place: int, names: list[str], cases: list[Case], index: ImageIndex, found: Matched) -> None:
    missing = []
    for name in names:
        images, elsewhere = index.named(name)
        if len(images) > 1:
            images = _narrowed(images, cases[place], index.images)
        if len(images) == 1:
            found.images[place].append(images[0])
            found.elsewhere += elsewhere
            found.how["by name"] = found.how.get("by name", 0) + 1
        elif images:
            missing.append(f"{name} is the name of {len(images)} files")
        else:
            missing.append(f"there is no file {name}")
    if missing:
        found.without[place] = "; ".join(missing[:3]) + (f"; and {len(missing) - 3} more" if len(missing) > 3 else "")


def _by_keys(places: Iterable[int], cases: list[Case], index: ImageIndex, found: Matched) -> None:
    taken = found.used
    keys = {key for place in places for key in (plain_form(cases[place].accession), plain_form(cases[place].patient))}
    by_key = index.by_keys(keys - {""})
    persons: dict[tuple[str, str], list[int]] = {}
    for number, one in enumerate(index.images):
        if all(one.person):
            persons.setdefault(_person(one.person), []).append(number)
    claims: dict[int, list[tuple[int, str]]] = {}
    for place in places:
        candidates, way, why = _candidates(cases[place], index.images, by_key, persons)
        free = [image for image in candidates if image not in taken]
        if not free:
            found.without[place] = why if not candidates else "its images belong to rows that name them"
        for image in free:
            claims.setdefault(image, []).append((place, way))
    _share(claims, cases, index.images, found)


def _candidates(
    case: Case,
    images: list[ImageFile],
    by_key: dict[str, list[int]],
    persons: dict[tuple[str, str], list[int]],
) -> tuple[list[int], str, str]:
    if case.accession and (named := by_key.get(plain_form(case.accession))):
        return named, "by accession number", ""
    named = by_key.get(plain_form(case.patient), []) if case.patient else []
    way = "by patient"
    if not named and all(case.person):
        named, way = persons.get(_person(case.person), []), "by name and birth date in the header"
    if not named:
        return [], "", "no image has its patient or examination" if case.patient else "it names no image and no patient"
    if not case.day or not any(images[image].days for image in named):
        return named, way, ""
    of_day = [image for image in named if not images[image].days or case.day in images[image].days]
    return of_day, _WITH_DATE[way], f"no image of its patient is of {case.day}"


def _person(person: tuple[str, str]) -> tuple[str, str]:
    """A person in one form, whichever name comes first."""
    return " ".join(sorted(person[0].split())), person[1]


def _share(
    claims: dict[int, list[tuple[int, str]]], cases: list[Case], images: list[ImageFile], found: Matched
) -> None:
    """Give each image to the one case it fits; where several do, to that with the nodule in its name, or to none."""
    lost: dict[int, int] = {}
    sheets = len({case.row.sheet for case in cases})
    for image, claimed in sorted(claims.items()):
        fitting = claimed if len(claimed) == 1 else _of_nodule(claimed, cases, images[image])
        if len(fitting) != 1:
            rows = ", ".join(cases[place].row.where(sheets) for place, _ in claimed[:3])
            found.ambiguous[image] = f"{len(claimed)} nodules fit it ({rows}{', ...' if len(claimed) > 3 else ''})"
            for place, _ in claimed:
                lost[place] = lost.get(place, 0) + 1
            continue
        place, way = fitting[0]
        found.images[place].append(image)
        found.how[way] = found.how.get(way, 0) + 1
    for place, count in lost.items():
        if not found.images[place]:
            found.without[place] = (
                f"{count} images fit it and other nodules of the patient; name the images in the table, or the nodule"
                " in the names of the images"
            )


def _of_nodule(claimed: list[tuple[int, str]], cases: list[Case], image: ImageFile) -> list[tuple[int, str]]:
    plain = image.name.casefold()
    return [
        (place, way)
        for place, way in claimed
        if (nodule := _digits(cases[place].cells.get("nodule_id", "")))
        and re.search(_NUMBER_OF_NODULE.format(nodule), plain)
    ]


def _digits(text: str) -> str:
    found = re.search(r"\d+", text)
    return found[0].lstrip("0") if found else ""


def contradicted(cases: list[Case], images: Collection[list[int]]) -> dict[int, str]:
    """Images in cases with different labels or of different patients, each with the reason to leave it out."""
    labels: dict[int, set[str]] = {}
    patients: dict[int, set[str]] = {}
    for case, places in zip(cases, images, strict=True):
        for place in places:
            labels.setdefault(place, set()).add(case.cells["label"])
            patients.setdefault(place, set()).add(case.patient)
    found = {place: "image of nodules with different labels" for place, said in labels.items() if len(said - {""}) > 1}
    return found | {place: "image named for two patients" for place, whose in patients.items() if len(whose - {""}) > 1}
