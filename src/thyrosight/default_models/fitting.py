"""One stage of training for both networks: the held start, averaged weights, the rate, a state after each epoch."""

import copy
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import CohortError
from thyrosight.files import make_folder, write_atomically
from thyrosight.memory import give_back_freed_memory
from thyrosight.networks import save_weights
from thyrosight.progress import Progress, silent

WEIGHTS, STATE = "weights.safetensors", "state.pt"
"""Files of a run: the averaged weights and the whole state, both as they are after the last epoch that ended."""

Batch = tuple[torch.Tensor, ...]

_WARM_UP = 30  # steps
_LARGEST_GRADIENT = 5.0


@dataclass(frozen=True, eq=False)
class Task:
    """Training of a network in one stage.

    Attributes:
        network: to train.
        frozen: its parts that are held, with the statistics of their batch normalisation.
        batches: of an epoch, from 0; the same for the same number.
        loss: of a batch.
        steps: in one epoch.
        kept: name of the part of the network whose weights are left; all of it where empty.
    """

    network: nn.Module
    frozen: list[nn.Module]
    batches: Callable[[int], Iterable[Batch]]
    loss: Callable[[Batch], torch.Tensor]
    steps: int
    kept: str = ""


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network learns.

    Attributes:
        epochs: of the stage.
        rate: of learning, after a short warm-up and before its half cosine.
        average: decay of the exponential mean of the weights.
        seed: of everything that torch draws.
    """

    epochs: int
    rate: float
    average: float = 0.99
    seed: int = 0


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


@dataclass(eq=False)
class _State:
    """State that changes during a training."""

    network: nn.Module
    device: torch.device
    averaged: Averaged
    optimiser: torch.optim.Optimizer
    kept: str
    losses: list[float] = field(default_factory=list)

    def keep(self, run: Path) -> None:
        """Store the state after an epoch; a training killed while it writes leaves the state of the epoch before."""
        state = {
            "epochs": len(self.losses),
            "losses": self.losses,
            "network": self.network.state_dict(),
            "averaged": self.averaged.network.state_dict(),
            "steps": self.averaged.steps,
            "optimiser": self.optimiser.state_dict(),
        }
        with write_atomically(run / STATE) as temporary:
            torch.save(state, temporary)
        self.leave(run)

    def leave(self, run: Path) -> None:
        """Store the averaged weights."""
        save_weights(self.averaged.network.get_submodule(self.kept), run / WEIGHTS)

    def resume(self, run: Path) -> None:
        """Take up the state that `keep` stored, if any."""
        if not (run / STATE).is_file():
            return
        state = torch.load(run / STATE, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.averaged.network.load_state_dict(state["averaged"])
        self.averaged.steps = state["steps"]
        self.optimiser.load_state_dict(state["optimiser"])
        self.losses = list(state["losses"])


def fit(
    task: Task, schedule: Schedule, run: Path, *, progress: Progress = silent, what: str = "Training"
) -> list[float]:
    """Train with AdamW, a short warm-up and a half cosine; leave the averaged weights in the folder `run`.

    On a GPU where there is one.

    Each epoch is stored there, and the same call goes on after the last one stored. An interrupted training gives the
    weights of one that was not: all chance is drawn anew for each epoch, from the seed and its number.

    Args:
        task, schedule: what is learnt, and how long.
        run: the folder of the stage; it is made.
        progress: called after each step.
        what: names the stage for `progress`.

    Returns:
        The mean loss of each epoch.

    Raises:
        CohortError: there are fewer frames than one batch takes.
    """
    if task.steps < 1:
        raise CohortError("There are fewer frames to learn from than one batch takes; set a smaller batch.")
    make_folder(run)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = task.network.to(device)
    trained = [parameter for parameter in network.parameters() if parameter.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=schedule.rate, weight_decay=0.02)
    state = _State(network, device, Averaged(network, schedule.average), optimiser, task.kept)
    state.resume(run)
    for epoch in range(len(state.losses), schedule.epochs):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(schedule.seed * 100_003 + epoch)
            state.losses.append(_epoch(task, schedule, state, epoch, progress=progress, what=what))
        state.keep(run)
    state.leave(run)  # a training may have been killed just before this
    give_back_freed_memory()
    return state.losses


def _epoch(task: Task, schedule: Schedule, state: _State, epoch: int, *, progress: Progress, what: str) -> float:
    """Train for one epoch; return its mean loss."""
    task.network.train()
    for part in task.frozen:
        part.eval()
    total, every = 0.0, task.steps * schedule.epochs
    for done, batch in enumerate(drawn_ahead(task.batches(epoch)), start=epoch * task.steps):
        share = 0.5 + 0.5 * math.cos(math.pi * done / every)
        state.optimiser.param_groups[0]["lr"] = schedule.rate * min((done + 1) / _WARM_UP, share)
        loss = task.loss(tuple(part.to(state.device, non_blocking=True) for part in batch))
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(task.network.parameters(), _LARGEST_GRADIENT)
        state.optimiser.step()
        state.optimiser.zero_grad(set_to_none=True)
        state.averaged.update(task.network)
        total += float(loss.detach())
        progress(what, done + 1, every)
    return total / task.steps


def drawn_ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """The same batches; each is drawn in another thread while the one before is learnt from.

    >>> [batch[0].item() for batch in drawn_ahead([(torch.tensor(1),), (torch.tensor(2),)])]
    [1, 2]
    """
    left = iter(batches)
    with ThreadPoolExecutor(max_workers=1) as thread:
        coming = thread.submit(next, left, None)
        while (batch := coming.result()) is not None:
            coming = thread.submit(next, left, None)
            yield batch


def mean_of(states: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The mean of the weights and statistics of networks of one structure; counts are those of the first.

    >>> mean_of([{"weight": torch.tensor([1.0])}, {"weight": torch.tensor([4.0])}])["weight"].item()
    2.5
    """
    first = states[0]
    return {
        name: torch.stack([state[name].double() for state in states]).mean(dim=0).to(values.dtype)
        if values.dtype.is_floating_point
        else values
        for name, values in first.items()
    }


def as_input(pictures: list[NDArray[np.float32]]) -> torch.Tensor:
    """Grey pictures as three equal channels, scaled as the ImageNet weights expect: (grey - 127) / 128."""
    stacked = torch.from_numpy(np.stack(pictures).astype(np.float32)).sub_(127).div_(128)
    return stacked.unsqueeze(1).expand(-1, 3, -1, -1).contiguous(memory_format=torch.channels_last)
