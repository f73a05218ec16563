"""Options of the conversion of DICOM files to a cohort."""

from pydantic import BaseModel, ConfigDict, Field

from thyrosight.imaging.deidentify.options import Blank


class FromDicomOptions(BaseModel):
    """Options of the conversion of DICOM files to images.

    Attributes:
        frames_per_loop: greatest number of frames of a loop; they are sharp and different from one another.
        blank: the parts of an image that are blanked, as in `thyrosight.imaging.deidentify`.
        split_panels: make two images of two views side by side.
        all_modalities: include pictures that are not labelled as ultrasound, such as screenshots.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames_per_loop: int = Field(default=3, ge=1)
    blank: Blank = "outside"
    split_panels: bool = True
    all_modalities: bool = False
