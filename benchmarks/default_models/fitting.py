"""What both trainings share: the frozen start of the network, averaged weights, the rate of learning, the views."""

import copy
import math
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import nn

from default_models.pack import Pack
from default_models.scanners import View


def freeze_start(body: nn.Module, blocks: int) -> list[nn.Module]:
    """Hold the stem and the first blocks of an EfficientNet, and return them: this halves the work per step."""
    parts: list[nn.Module] = [body.conv_stem, body.bn1, *list(body.blocks)[:blocks]]  # type: ignore[arg-type, list-item]
    for part in parts:
        part.requires_grad_(False)
    return parts


class Averaged:
    """Exponential moving average of weights and statistics."""

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.network, self.decay, self.steps = copy.deepcopy(network).eval(), decay, 0

    @torch.no_grad()
    def update(self, network: nn.Module) -> None:
        """Take in the weights after a step; the first steps count for more, so that the start is forgotten."""
        self.steps += 1
        share = min(self.decay, self.steps / (self.steps + 9))
        for mean, value in zip(self.network.state_dict().values(), network.state_dict().values(), strict=True):
            if mean.dtype.is_floating_point:
                mean.lerp_(value, 1 - share)
            else:
                mean.copy_(value)


def fit(
    network: nn.Module,
    batches: Callable[[int], Iterable[tuple[torch.Tensor, ...]]],
    loss_of: Callable[[tuple[torch.Tensor, ...]], torch.Tensor],
    *,
    frozen: list[nn.Module],
    steps: int,
    epochs: int,
    rate: float,
    average: float = 0.99,
    keep: Path | None = None,
) -> nn.Module:
    """Train with AdamW, a short warm-up and a half cosine; return the averaged network.

    The parts in `frozen` keep the statistics of their batch normalisation too. With a folder to `keep` the state in,
    each epoch is stored there, and training goes on after the last one stored.
    """
    optimiser = torch.optim.AdamW([p for p in network.parameters() if p.requires_grad], lr=rate, weight_decay=0.02)
    averaged, began = Averaged(network, average), time.time()
    first = _resumed(keep, network, averaged, optimiser) if keep is not None else 0
    done = first * steps
    for epoch in range(first, epochs):
        network.train()
        for part in frozen:
            part.eval()
        total = 0.0
        for batch in batches(epoch):
            share = done / (steps * epochs)
            optimiser.param_groups[0]["lr"] = rate * min((done + 1) / 30, 0.5 + 0.5 * math.cos(math.pi * share))
            loss = loss_of(batch)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
            averaged.update(network)
            total, done = total + float(loss.detach()), done + 1
        print(f"epoch {epoch + 1}: loss {total / steps:.4f}, {time.time() - began:.0f} s", flush=True)
        if keep is not None:
            _keep(keep, epoch + 1, network, averaged, optimiser)
    return averaged.network


def _keep(run: Path, epochs: int, network: nn.Module, averaged: Averaged, optimiser: torch.optim.Optimizer) -> None:
    """Store the state after an epoch; a training killed while it writes leaves the state of the epoch before."""
    state = {
        "epochs": epochs,
        "network": network.state_dict(),
        "averaged": averaged.network.state_dict(),
        "steps": averaged.steps,
        "optimiser": optimiser.state_dict(),
    }
    torch.save(state, run / "state.new")
    (run / "state.new").replace(run / "state.pt")
    save(averaged.network, run / "weights.new")
    (run / "weights.new").replace(run / "weights.safetensors")


def _resumed(run: Path, network: nn.Module, averaged: Averaged, optimiser: torch.optim.Optimizer) -> int:
    """Take up the state that `_keep` stored, if any; return how many epochs are done."""
    if not (run / "state.pt").is_file():
        return 0
    state = torch.load(run / "state.pt", weights_only=True)
    network.load_state_dict(state["network"])
    averaged.network.load_state_dict(state["averaged"])
    averaged.steps = state["steps"]
    optimiser.load_state_dict(state["optimiser"])
    return int(state["epochs"])


def fitted_view(extent: NDArray[np.int64], size: tuple[int, int]) -> View:
    """The whole scan area in the middle of a picture of `size` (rows, columns), at its own proportions."""
    return around(extent[1] / 2, extent[0] / 2, max(extent[1], extent[0] * size[1] / size[0]), size)


def around(column: float, row: float, width: float, size: tuple[int, int]) -> View:
    """A window of this width about a place, with the proportions of `size`."""
    height = width * size[0] / size[1]
    return View(column - width / 2, row - height / 2, column + width / 2, row + height / 2)


def jittered(
    view: View,
    draw: np.random.Generator,
    *,
    zoom: tuple[float, float],
    shift: float = 0.1,
    angle: float = 8.0,
    stretch: float = 1.12,
) -> View:
    """The view zoomed (above 1: more is shown), shifted, stretched, turned and mirrored by chance."""
    factor = math.exp(draw.uniform(math.log(zoom[0]), math.log(zoom[1])))
    aspect = math.exp(draw.uniform(-math.log(stretch), math.log(stretch)) / 2)
    width, height = (view.right - view.left) * factor * aspect, (view.bottom - view.top) * factor / aspect
    column = (view.left + view.right) / 2 + draw.uniform(-shift, shift) * (view.right - view.left)
    row = (view.top + view.bottom) / 2 + draw.uniform(-shift, shift) * (view.bottom - view.top)
    turned = float(draw.normal(0, angle / 2)) if draw.random() < 0.5 else 0.0
    return View(
        column - width / 2, row - height / 2, column + width / 2, row + height / 2, turned, bool(draw.random() < 0.5)
    )


def stretched(picture: NDArray[np.uint8], extent: NDArray[np.int64]) -> NDArray[np.uint8]:
    """Grey levels of the scan area from the 1st to the 99th percentile, spread over 0 to 255."""
    inside = picture[: extent[0], : extent[1]]
    seen = inside[inside > 2]
    low, high = np.percentile(seen, (1, 99)) if seen.size else (0, 255)
    return np.clip((picture - low) * (255 / max(high - low, 1.0)), 0, 255).astype(np.uint8)


def stretch_pack(pack: Pack) -> Pack:
    """The pack with every picture's grey levels stretched, in place."""
    for pictures in (pack.images, pack.erased):
        for picture, extent in zip(pictures, pack.extent, strict=True):
            picture[:] = stretched(picture, extent)
    return pack


def as_input(pictures: list[NDArray[np.float32]]) -> torch.Tensor:
    """Grey pictures as three equal channels, scaled as the ImageNet weights expect: (grey - 127) / 128."""
    stacked = torch.from_numpy(np.stack(pictures).astype(np.float32)).sub_(127).div_(128)
    return stacked.unsqueeze(1).expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)


def folds(group: NDArray[np.str_], count: int = 5, seed: int = 0) -> NDArray[np.int64]:
    """The fold of each row; rows of one group share it."""
    names = np.unique(group)
    order = np.random.default_rng(seed).permutation(len(names))
    fold_of = {name: int(place) % count for name, place in zip(names, order, strict=True)}
    return np.array([fold_of[name] for name in group])


def save(network: nn.Module, path: Path) -> None:
    """Write the weights as float32 safetensors."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({name: value.contiguous() for name, value in network.state_dict().items()}, path)
