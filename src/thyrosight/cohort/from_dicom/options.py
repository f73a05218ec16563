"""What a person may choose when DICOM files become a cohort."""

from pydantic import BaseModel, ConfigDict, Field

from thyrosight.imaging.deidentify.options import Blank


class FromDicomOptions(BaseModel):
    """How DICOM files become images.

    Attributes:
        frames_per_loop: at most so many frames of a loop, sharp and different from one another.
        blank: what is blanked in the images, as in `thyrosight.imaging.deidentify`.
        split_panels: two views side by side become two images.
        all_modalities: take in pictures that do not call themselves ultrasound, such as screenshots.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    frames_per_loop: int = Field(default=3, ge=1)
    blank: Blank = "outside"
    split_panels: bool = True
    all_modalities: bool = False
