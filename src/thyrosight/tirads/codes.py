"""Reading descriptors that a reader study recorded as ACR points instead of words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from thyrosight.tirads.lexicon import Composition, Echogenicity, Extension, Focus, Margin, Nodule, Shape, TiradsError
from thyrosight.tirads.reading import cell_text

CODED_COLUMNS: Final = (
    "composition",
    "echogenicity",
    "shape",
    "margins",
    "no_echogenic_foci",
    "large_comet_tail",
    "macrocalcification",
    "peripheral_calcification",
    "punctate_foci",
    "size_cm",
)

_COMPOSITION: Final = {
    "0": frozenset({Composition.CYSTIC, Composition.SPONGIFORM}),
    "1": frozenset({Composition.PREDOMINANTLY_CYSTIC, Composition.PREDOMINANTLY_SOLID}),
    "2": frozenset({Composition.SOLID}),
}
_ECHOGENICITY: Final = {
    "0": frozenset({Echogenicity.ANECHOIC}),
    "1": frozenset({Echogenicity.HYPERECHOIC, Echogenicity.ISOECHOIC}),
    "2": frozenset({Echogenicity.HYPOECHOIC}),
    "3": frozenset({Echogenicity.MARKEDLY_HYPOECHOIC}),
}
_SHAPE: Final = {"0": frozenset({Shape.WIDER}), "3": frozenset({Shape.TALLER})}
_BORDERS: Final = frozenset({Margin.MACROLOBULATED, Margin.MICROLOBULATED, Margin.IRREGULAR})
_MARGIN: Final = {
    "0": (frozenset({Margin.SMOOTH, Margin.ILL_DEFINED}), Extension.ABSENT),
    "2": (_BORDERS, Extension.ABSENT),
    "3": (frozenset(Margin), Extension.PRESENT),
}
_FOCI: Final = {
    "large_comet_tail": Focus.COMET_TAIL,
    "macrocalcification": Focus.MACROCALCIFICATION,
    "peripheral_calcification": Focus.RIM,
    "punctate_foci": Focus.PUNCTATE,
}


@dataclass(frozen=True)
class CodedReading:
    """A nodule read from codes, and the contradictions in its record."""

    nodule: Nodule
    contradictions: tuple[str, ...]


def read_coded_nodule(record: Mapping[str, Any], *, where: str = "") -> CodedReading:
    """Read one row of a table that records ACR points for each feature and a 0 or 1 for each kind of focus.

    A code stands for every term that has this number of points in ACR TI-RADS: composition 0 is cystic or spongiform,
    margin 0 smooth or ill-defined. An empty cell is unknown. Where the kinds of foci and `no_echogenic_foci` contradict
    each other, the kinds count.

    Args:
        record: the columns in `CODED_COLUMNS`; `size_cm` in centimetres.
        where: place named in errors, for example "readings.csv, row 12".

    Raises:
        TiradsError: a code that does not exist, or a size that is not a number.

    >>> row = {"composition": "2", "echogenicity": "1", "shape": "0", "margins": "0", "no_echogenic_foci": "1",
    ...        "large_comet_tail": "0", "macrocalcification": "0", "peripheral_calcification": "0",
    ...        "punctate_foci": "1", "size_cm": "1.2"}
    >>> read_coded_nodule(row).contradictions
    ('no_echogenic_foci is 1, but punctate_foci is recorded',)
    """
    known: dict[str, Any] = {}
    for column, codes in (("composition", _COMPOSITION), ("echogenicity", _ECHOGENICITY), ("shape", _SHAPE)):
        if code := _code(record, column, tuple(codes), where):
            known[column] = codes[code]
    if code := _code(record, "margins", tuple(_MARGIN), where):
        known["margin"], extension = _MARGIN[code]
        known["extension"] = frozenset({extension})
    flags = {column: _code(record, column, ("0", "1"), where) for column in _FOCI}
    none = _code(record, "no_echogenic_foci", ("0", "1"), where)
    if all(flags.values()):
        known["foci"] = frozenset({frozenset(_FOCI[column] for column, flag in flags.items() if flag == "1")})
    return CodedReading(Nodule(**known, size_mm=_size_mm(record, where)), _contradictions(flags, none))


def _contradictions(flags: Mapping[str, str], none: str) -> tuple[str, ...]:
    seen = [column for column, flag in flags.items() if flag == "1"]
    if none == "1" and seen:
        return (f"no_echogenic_foci is 1, but {', '.join(seen)} is recorded",)
    if none == "0" and not seen and all(flags.values()):
        return ("no_echogenic_foci is 0, but no kind of focus is recorded",)
    return ()


def _code(record: Mapping[str, Any], column: str, codes: tuple[str, ...], where: str) -> str:
    text = cell_text(record.get(column)).removesuffix(".0")
    if text and text not in codes:
        place = f"{where}: " if where else ""
        raise TiradsError(f"{place}{column}: {text!r} is no code of this column; allowed are {', '.join(codes)}.")
    return text


def _size_mm(record: Mapping[str, Any], where: str) -> float | None:
    text = cell_text(record.get("size_cm"))
    if not text:
        return None
    try:
        return round(float(text) * 10, 6)
    except ValueError:
        place = f"{where}: " if where else ""
        raise TiradsError(f"{place}size_cm: {text!r} is not a number of centimetres.") from None
