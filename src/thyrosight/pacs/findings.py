"""What a person or a TI-RADS system says of a nodule beside the model: category and sonographic descriptors."""

from pydantic import BaseModel, ConfigDict, Field


class Findings(BaseModel):
    """What accompanies an assessment in the DICOM objects.

    Attributes:
        system: the TI-RADS system, for example "ACR TI-RADS 2017"; empty where no category is given.
        category: in the system's own words, for example "TR4".
        descriptors: feature to term, for example {"echogenicity": "hypoechoic"}; in the words of the source.
        origin: who or what gave them, for example "radiologist" or "computed from recorded descriptors".
        laterality: "L" or "R" where the side is known.
        nodule: the nodule's name in the user's own list, for tracking over time; "nodule 1" if empty.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str = Field(default="", max_length=64)
    category: str = Field(default="", max_length=64)
    descriptors: dict[str, str] = {}
    origin: str = "not stated"
    laterality: str = Field(default="", pattern="^(L|R|)$")
    nodule: str = Field(default="", max_length=64)
