"""Applying an augmentation to a whole batch of images, on their device."""

from collections.abc import Sequence

import torch
from torch.nn import functional

from thyrosight.training.draws import IDENTITY, Draw


def warp(batch: torch.Tensor, draws: Sequence[Draw]) -> torch.Tensor:
    """Apply one draw to each image: grey values by a table, then all geometry in one bilinear resampling.

    Pixels from outside the image are black, as in `Preparation`.

    Args:
        batch: uint8 `(n, rows, columns)` or `(n, rows, columns, channels)`; both images of a pair are changed alike.
        draws: one per image.

    Returns:
        uint8 of the same shape, on the same device, like the input at inference.

    Raises:
        ValueError: the number of draws is not the number of images.
    """
    if len(draws) != len(batch):
        raise ValueError(f"expected one draw per image, got {len(draws)} for {len(batch)} images")
    if len(batch) == 0:
        return batch
    tables = _tone_tables(draws).to(batch.device)
    images = batch if batch.ndim == 4 else batch.unsqueeze(-1)
    toned = tables.gather(1, images.flatten(1).to(torch.int64)).view(images.shape).permute(0, 3, 1, 2)
    if not all(_keeps_place(draw) for draw in draws):
        matrices = _matrices(draws, aspect=toned.shape[3] / toned.shape[2]).to(batch.device)
        grid = functional.affine_grid(matrices, list(toned.shape), align_corners=False)
        toned = functional.grid_sample(toned, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    # Resampling with an exact identity or flip is off by less than 1e-3 grey values: rounding gives the same bytes.
    return toned.round_().to(torch.uint8).permute(0, 2, 3, 1).reshape(batch.shape)


def _tone_tables(draws: Sequence[Draw]) -> torch.Tensor:
    """float32 `(n, 256)`: the new grey value of each old one."""
    grey = torch.linspace(0, 1, 256, dtype=torch.float64)
    contrast = _column([[draw["contrast"]] for draw in draws])
    brightness = _column([[draw["brightness"]] for draw in draws])
    return (255 * grey.pow(contrast) * brightness).clamp_(max=255).to(torch.float32)


def _keeps_place(draw: Draw) -> bool:
    return {**draw, "brightness": 1.0, "contrast": 1.0} == IDENTITY


def _matrices(draws: Sequence[Draw], *, aspect: float) -> torch.Tensor:
    """float32 `(n, 2, 3)`: maps a place in the result to the place in the image, both in -1..1 (x right, y down).

    `aspect` is width by height: without it, a rotation of an image that is not square would shear it.
    """
    angle = torch.deg2rad(_column([draw["rotation_degrees"] for draw in draws]))
    scale = _column([draw["scale"] for draw in draws])
    across = (1 - 2 * _column([draw["horizontal_flip"] for draw in draws])) / scale
    down = (1 - 2 * _column([draw["vertical_flip"] for draw in draws])) / scale
    # The inverse of: flip, turn counter-clockwise (as seen, with y pointing down), enlarge, move.
    turned = [-across * angle.sin() / aspect, down * angle.sin() * aspect]
    rows = [across * angle.cos(), *turned, down * angle.cos()]
    linear = torch.stack(rows, dim=1).view(-1, 2, 2)
    move = 2 * _column([[draw["shift_right"], draw["shift_down"]] for draw in draws])
    return torch.cat([linear, -(linear @ move.unsqueeze(2))], dim=2).to(torch.float32)


def _column(values: Sequence[float] | Sequence[Sequence[float]]) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64)
