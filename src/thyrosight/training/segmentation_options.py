"""Options of the loss of a mask, as a recipe names them."""

from typing import Literal

from pydantic import Field

from thyrosight.parts import Part


class MaskLossOptions(Part):
    """The loss of a mask: a weighted sum of two terms, added to the loss of the classes if both are learnt.

    Zhao et al. (Front Oncol 2023, equation 1) add the cross-entropies of mask and class: `dice` 0 does that.

    Attributes:
        cross_entropy: weight of the mean cross-entropy over an image's pixels.
        dice: weight of 1 - Dice, with Dice computed from an image's probabilities.
        gamma: gamma of focal loss in place of the cross-entropy; 0 is cross-entropy.
        lesion_weight: weight of lesion pixels in the cross-entropy, those outside having 1; `balanced` gives both the
            same sum over the training masks, with a mean weight of 1.
        classification: weight of the loss of the classes, if both are learnt.
    """

    cross_entropy: float = Field(default=1.0, ge=0)
    dice: float = Field(default=1.0, ge=0)
    gamma: float = Field(default=0.0, ge=0)
    lesion_weight: float | Literal["balanced"] = 1.0
    classification: float = Field(default=1.0, ge=0)
