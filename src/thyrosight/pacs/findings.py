"""Findings of a reader or a TI-RADS system beside the model: category and sonographic descriptors of a nodule."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from thyrosight.pacs.uids import DicomError
from thyrosight.tirads import COLUMNS, assess, read_nodule


class Findings(BaseModel):
    """Findings that accompany an assessment in the DICOM objects.

    Attributes:
        system: the TI-RADS system, for example "ACR TI-RADS 2017"; empty where no category is given.
        category: in the system's own words, for example "TR4".
        descriptors: feature to term, for example {"echogenicity": "hypoechoic"}; in the words of the source.
        origin: who or what gave them, for example "radiologist" or "computed from recorded descriptors".
        laterality: "L" or "R" where the side is known.
        nodule: the nodule's name in the user's own list, for tracking over time; "nodule 1" if empty.
        language: in which texts are written (RFC 5646), a key of `thyrosight.pacs.codes.LANGUAGES`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str = Field(default="", max_length=64)
    category: str = Field(default="", max_length=64)
    descriptors: dict[str, str] = {}
    origin: str = "not stated"
    laterality: str = Field(default="", pattern="^(L|R|)$")
    nodule: str = Field(default="", max_length=64)
    # English is left out of the JSON form, from which identifiers are made: objects of earlier versions keep theirs.
    language: Literal["en", "es", "zh-CN"] = Field(default="en", exclude_if=lambda value: value == "en")


def with_category(findings: Findings) -> Findings:
    """Add the TI-RADS category that follows from the system and the descriptors of findings.

    Findings with a category, without a system or without descriptors are returned unchanged. Where features are
    unknown, the category is the range of possible ones.

    Raises:
        TiradsError: an unknown system or term.
        DicomError: a feature that TI-RADS does not know.

    >>> given = Findings(system="acr", descriptors={"composition": "solid", "echogenicity": "hypoechoic"})
    >>> with_category(given).system, with_category(given).category
    ('ACR TI-RADS 2017', 'TR4 to TR5')
    """
    if findings.category or not findings.system or not findings.descriptors:
        return findings
    unknown = sorted(set(findings.descriptors) - set(COLUMNS))
    if unknown:
        raise DicomError(
            f"No TI-RADS category follows from {unknown[0]!r}; the features are {', '.join(COLUMNS)}. "
            "Give the category itself, or leave the system out."
        )
    result = assess(findings.system, read_nodule(findings.descriptors))
    origin = f"category computed by ThyroSight from the descriptors; descriptors: {findings.origin}"
    changes = {"system": result.title, "category": result.text()[:64], "origin": origin}
    return findings.model_copy(update=changes)
