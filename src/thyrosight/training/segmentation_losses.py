"""The loss of a mask per image, and its Dice."""

import torch
from torch.nn import functional

from thyrosight.training.losses import focused
from thyrosight.training.segmentation_options import MaskLossOptions


def mask_loss(
    logits: torch.Tensor, masks: torch.Tensor, options: MaskLossOptions, *, weights: tuple[float, float] = (1.0, 1.0)
) -> torch.Tensor:
    """Loss of each image's mask.

    Args:
        logits: `(n, 1, rows, columns)`; above 0 means lesion.
        masks: bool `(n, rows, columns)`.
        options: the terms and their weights.
        weights: weights of pixels outside and inside the lesion in the cross-entropy.

    Returns:
        float32 `(n,)`.

    >>> undecided, half = torch.zeros(1, 1, 1, 2), torch.tensor([[[True, False]]])
    >>> mask_loss(undecided, half, MaskLossOptions(dice=0))  # ln 2
    tensor([0.6931])
    >>> mask_loss(undecided, half, MaskLossOptions(cross_entropy=0))  # 1 - (2 * 0.5 + 1) / (1 + 1 + 1)
    tensor([0.3333])
    """
    values, lesion = logits[:, 0].float(), masks.float()
    cross_entropy = focused(
        functional.binary_cross_entropy_with_logits(values, lesion, reduction="none"), options.gamma
    )
    outside, inside = weights
    loss = options.cross_entropy * (cross_entropy * (outside + (inside - outside) * lesion)).mean(dim=(1, 2))
    if options.dice:
        loss = loss + options.dice * (1 - _soft_dice(values.sigmoid(), lesion))
    return loss


def dice_of(marked: torch.Tensor, masks: torch.Tensor) -> torch.Tensor:
    """Dice of each image, 2 |A and B| / (|A| + |B|); 1 where both are empty.

    Args:
        marked, masks: bool `(n, rows, columns)`.

    >>> dice_of(torch.tensor([[[True, True]], [[False, False]]]), torch.tensor([[[True, False]], [[False, False]]]))
    tensor([0.6667, 1.0000])
    """
    shared = (marked & masks).sum(dim=(1, 2))
    both = marked.sum(dim=(1, 2)) + masks.sum(dim=(1, 2))
    return torch.where(both == 0, 1.0, 2 * shared / both.clamp_min(1))


def _soft_dice(probability: torch.Tensor, lesion: torch.Tensor) -> torch.Tensor:
    """Dice of probabilities. The 1 above and below (Milletari et al., V-Net, has none) gives empty masks a slope."""
    shared = 2 * (probability * lesion).sum(dim=(1, 2)) + 1
    return shared / (probability.sum(dim=(1, 2)) + lesion.sum(dim=(1, 2)) + 1)
