"""Options of training, as a recipe names them."""

import math
from typing import Any, Literal, Self

from pydantic import Field

from thyrosight.parts import Part
from thyrosight.training.augmentation import Augmentation
from thyrosight.training.precision import fastest_precision
from thyrosight.training.segmentation_options import MaskLossOptions


class LossOptions(Part):
    """The loss.

    Attributes:
        name: `focal` (Lin et al. 2017, equation 5) or `cross-entropy`, which is focal loss with gamma 0.
        gamma: how strongly easy images are down-weighted; 0 gives all images the same weight.
        alpha: weight of the class malignant, the other class having 1 - alpha; `balanced` weighs each class by
            the inverse of its share of the training images; None weighs all alike.
        auxiliary_weight: weight of Inception-v3's auxiliary output. Its authors' published training code uses 0.4. The
            two of GoogLeNet always weigh 0.3 each, as its authors chose.
    """

    name: Literal["focal", "cross-entropy"] = "focal"
    gamma: float = Field(default=2.0, ge=0)
    alpha: float | Literal["balanced"] | None = None
    auxiliary_weight: float = Field(default=0.4, ge=0)


_LATER = ("balance", "mask_loss", "freeze", "modality_dropout", "repeatable")
"""Fields of `FitOptions` that the first version did not have."""


class FitOptions(Part):
    """How a network is trained.

    Attributes:
        epochs: passes over the training images, at most.
        batch_size: images per step over all devices together, so that results do not depend on their number.
        learning_rate: of the whole network at the start.
        optimiser: `adam`, `adamw` (decoupled weight decay) or `sgd`.
        momentum: of `sgd`.
        weight_decay: as the optimiser defines it.
        loss: of the classes; see `LossOptions`.
        mask_loss: of the mask, for networks that draw one; see `MaskLossOptions`.
        schedule: `constant`; `cosine` (falls to 0 over all epochs); `step` (times `step_factor` every `step_epochs`).
        warm_up_epochs: the learning rate rises linearly over the first epochs.
        head_learning_rate_factor: the new last layer learns this many times faster.
        precision: `32`; `bf16` for automatic mixed precision, up to two and a half times as fast on processors and GPUs
            with units for it and far slower on others; `auto` takes `bf16` where there are such units, else `32`.
        accelerator: `auto` takes a GPU where there is one.
        devices: processes on this machine, one per GPU or CPU share; `auto` takes all GPUs, or one CPU process.
        nodes: machines; the same command must be started on each by torchrun, SLURM or the like.
        patience: stop after this many epochs without a better validation AUC; None trains all epochs. Where a mask is
            learnt, the mean Dice takes the AUC's place here and in `keep`, and the mean of both where both are learnt.
        keep: which weights are the result: of the epoch with the best validation AUC, or of the last.
        augmentation: see `Augmentation`.
        balance: `mirror` adds left-right mirrored copies of randomly drawn images of the smaller class, exactly as
            many as it lacks, so that both classes are seen equally often; the draw depends on the seed alone.
        freeze: the first so many convolutions of each extractor keep the weights they start with, see
            `freeze_convolutions`.
        modality_dropout: probability that one of the two images of a training pair is hidden each time it is seen, so
            that a late fusion learns what to do without it. It is for pairs; 0 hides none.
        repeatable: the same seed gives the same bytes on the same machine. False lets a GPU choose faster ways of
            computing whose sums differ in the last digits from run to run; a CPU is repeatable anyway.
        seed: of the order of images, the augmentation, dropout and hiding.
        keep_checkpoints: leave `last.ckpt` and `best.ckpt` in place when training has finished.
    """

    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=16, ge=2)
    learning_rate: float = Field(default=1e-4, gt=0)
    optimiser: Literal["adam", "adamw", "sgd"] = "adam"
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(default=0.0, ge=0)
    loss: LossOptions = LossOptions()
    mask_loss: MaskLossOptions = MaskLossOptions()
    schedule: Literal["constant", "cosine", "step"] = "constant"
    step_epochs: int = Field(default=10, ge=1)
    step_factor: float = Field(default=0.1, gt=0, le=1)
    warm_up_epochs: int = Field(default=0, ge=0)
    head_learning_rate_factor: float = Field(default=1.0, gt=0)
    precision: Literal["auto", "32", "bf16"] = "auto"
    accelerator: Literal["auto", "cpu", "gpu"] = "auto"
    devices: int | Literal["auto"] = "auto"
    nodes: int = Field(default=1, ge=1)
    patience: int | None = Field(default=None, ge=1)
    keep: Literal["best", "last"] = "best"
    augmentation: Augmentation = Augmentation()
    balance: Literal["none", "mirror"] = "none"
    freeze: int = Field(default=0, ge=0)
    modality_dropout: float = Field(default=0.0, ge=0, le=1)
    repeatable: bool = True
    seed: int = Field(default=0, ge=0)
    keep_checkpoints: bool = False

    def settled(self) -> Self:
        """The same options with `precision: auto` decided for this machine."""
        if self.precision != "auto":
            return self
        return self.model_copy(update={"precision": fastest_precision(self.accelerator)})

    def identity(self) -> dict[str, Any]:
        """All fields as JSON, for the identity of what is trained, with `precision: auto` decided for this machine.

        Fields that came after the first version are left out while they have their default, which means what was done
        before: what older versions trained is found again.
        """
        later = {name for name in _LATER if getattr(self, name) == type(self).model_fields[name].default}
        return self.settled().model_dump(mode="json", exclude=later)

    def learning_rate_at(self, epoch: int) -> float:
        """Learning rate of an epoch, counted from 0. It depends on the epoch alone, so that resuming needs no state.

        >>> FitOptions(schedule="step", step_epochs=2, learning_rate=1.0).learning_rate_at(2)
        0.1
        >>> FitOptions(schedule="cosine", epochs=4, learning_rate=1.0).learning_rate_at(2)
        0.5
        """
        factor = min(1.0, (epoch + 1) / (self.warm_up_epochs + 1))
        if self.schedule == "cosine":
            factor *= round((1 + math.cos(math.pi * epoch / self.epochs)) / 2, 15)
        elif self.schedule == "step":
            factor *= self.step_factor ** (epoch // self.step_epochs)
        return self.learning_rate * factor
