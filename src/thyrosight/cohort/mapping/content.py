"""How well the cells of a column fit what a field holds."""

from collections.abc import Callable, Collection, Sequence
from pathlib import PurePosixPath
from typing import Final

from thyrosight.cohort.mapping.dates import Order, read_date
from thyrosight.cohort.mapping.diagnoses import bethesda_of, is_code, read_diagnosis
from thyrosight.cohort.mapping.measures import read_age, read_size, states_unit
from thyrosight.cohort.mapping.words import VOCABULARIES, read_tirads, read_word, says_yes
from thyrosight.identifiers import names_nobody, plain_form
from thyrosight.imaging import IMAGE_SUFFIXES

_SAMPLE: Final = 400


def sample(cells: Sequence[str]) -> list[str]:
    """Some different cells with content, in order, from the whole length of a column."""
    different = list(dict.fromkeys(cell for cell in cells if cell and not names_nobody(cell)))
    step = max(1, len(different) // _SAMPLE)
    return different[::step][:_SAMPLE]


def fit(field: str, cells: Sequence[str], images: Collection[str] = ()) -> float | None:
    """The share of a sample of cells that the field can hold; None where the cells do not tell.

    Args:
        field: its name.
        cells: as `sample` gives them.
        images: names of the image files there are, in lower case, with and without suffix.

    >>> fit("sex", ["m", "w"]), fit("age", ["54", "papillary"]), fit("patient_id", [])
    (1.0, 0.5, None)
    """
    if not cells:
        return None
    if field == "image":
        return _share(lambda cell: is_image_name(cell, images), cells)
    test = _TESTS.get(field)
    return None if test is None else _share(test, cells)


def is_image_name(cell: str, images: Collection[str] = ()) -> bool:
    """Whether a cell names an image: by its suffix, or because there is such a file."""
    first = cell.replace("\\", "/").split("\n")[0].split(";")[0].split("|")[0].strip()
    name = PurePosixPath(first).name.lower()
    return PurePosixPath(name).suffix in IMAGE_SUFFIXES or name in images or plain_form(name) in images


def content_alone(cells: Sequence[str], images: Collection[str]) -> tuple[str, float] | None:
    """The field of a column whose header says nothing, where its cells leave little doubt."""
    for field, least in _TELLING:
        share = fit(field, cells, images)
        if share is not None and share >= least:
            return OF_CONTENT.get(field, field), 0.55
    return None


def _share(test: Callable[[str], bool], cells: Sequence[str]) -> float:
    return sum(map(test, cells)) / len(cells)


def _word_test(field: str) -> Callable[[str], bool]:
    return lambda cell: read_word(cell, field) is not None or says_yes(cell) is not None


def _is_date(cell: str, *, born: bool = False) -> bool:
    """Whether a cell is a date, whichever of day and month comes first."""
    orders: tuple[Order, ...] = ("dmy", "mdy")
    return any(read_date(cell, order=order, born=born) is not None for order in orders)


def _is_diagnosis(cell: str) -> bool:
    return (
        read_diagnosis(cell).reason != "no known word"
        or says_yes(cell) is not None
        or is_code(cell)
        or bool(bethesda_of(cell))
    )


def _is_words_of_diagnosis(cell: str) -> bool:
    return not is_code(cell) and read_diagnosis(cell).reason != "no known word"


_TESTS: Final[dict[str, Callable[[str], bool]]] = {
    **{field: _word_test(field) for field in VOCABULARIES},
    "sex": lambda cell: read_word(cell, "sex") is not None or is_code(cell),
    "patient_id": lambda cell: len(cell) <= 40 and "\n" not in cell and not (cell.count(".") == 1 and read_date(cell)),
    "accession": lambda cell: len(cell) <= 40 and " " not in cell,
    "patient_name": lambda cell: not any(sign.isdigit() for sign in cell),
    "birth_date": lambda cell: _is_date(cell, born=True),
    "exam_date": _is_date,
    "other_date": _is_date,
    "age": lambda cell: read_age(cell) is not None,
    "size_mm": lambda cell: read_size(cell) is not None or (";" in cell and read_size(cell.split(";")[0]) is not None),
    "short_axis_mm": lambda cell: read_size(cell) is not None,
    "label": _is_diagnosis,
    "histology": _is_diagnosis,
    "cytology": lambda cell: _is_diagnosis(cell) or bool(bethesda_of(cell, alone=True)),
    "bethesda": lambda cell: bool(bethesda_of(cell, alone=True)),
    "tirads": lambda cell: read_tirads(cell.split(";")[0]) is not None,
    "report_text": lambda cell: len(cell) >= 12 or not cell.isascii(),
    "bethesda_text": lambda cell: bool(bethesda_of(cell)),
    "size_text": states_unit,
    "diagnosis_text": _is_words_of_diagnosis,
    "sex_text": lambda cell: read_word(cell, "sex") is not None and not is_code(cell),
}

_TELLING: Final = (
    ("image", 0.8), ("bethesda_text", 0.8), ("size_text", 0.8), ("diagnosis_text", 0.8), ("sex_text", 0.95),
)  # fmt: skip

OF_CONTENT: Final = {"size_text": "size_mm", "diagnosis_text": "label", "sex_text": "sex", "bethesda_text": "bethesda"}
"""The fields that a test of content alone stands for."""
