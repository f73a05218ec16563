"""Training: prepared images, augmentation, losses, and the loop that can be interrupted at any moment."""

from typing import TYPE_CHECKING

from thyrosight.lazy import on_first_use

if TYPE_CHECKING:
    from thyrosight.training.augmentation import Augmentation
    from thyrosight.training.draws import Draw
    from thyrosight.training.fitting import FitResult, fit
    from thyrosight.training.history import EpochRecord
    from thyrosight.training.losses import focal_loss
    from thyrosight.training.options import FitOptions, LossOptions
    from thyrosight.training.paired import PairedSet, prepare_paired_set
    from thyrosight.training.predicting import predict_risk_and_masks, predict_set
    from thyrosight.training.prepared import PreparedSet, prepare_set
    from thyrosight.training.segmentation_options import MaskLossOptions
    from thyrosight.training.segmentation_set import MaskedSet, prepare_masked_set
    from thyrosight.training.stopwatch import Stopwatch
else:
    __getattr__, __dir__ = on_first_use(__name__)

__all__ = [
    "Augmentation",
    "Draw",
    "EpochRecord",
    "FitOptions",
    "FitResult",
    "LossOptions",
    "MaskLossOptions",
    "MaskedSet",
    "PairedSet",
    "PreparedSet",
    "Stopwatch",
    "fit",
    "focal_loss",
    "predict_risk_and_masks",
    "predict_set",
    "prepare_masked_set",
    "prepare_paired_set",
    "prepare_set",
]
