"""The training loop, flat: one call trains one network in one process, alone or as one of several."""

import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.memory import give_back_freed_memory, keep_memory_of_steps
from thyrosight.progress import Progress
from thyrosight.training.activations import cut_for_cache
from thyrosight.training.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from thyrosight.training.goals import Goal, goal_of
from thyrosight.training.history import EpochRecord, Measures, best_epoch, stops
from thyrosight.training.job import Job
from thyrosight.training.modality import seen
from thyrosight.training.optimisers import make_optimiser, set_learning_rate
from thyrosight.training.order import batches, batches_by_shape, network_seed, share
from thyrosight.training.precision import depthwise_in_float32
from thyrosight.training.stopwatch import Stopwatch
from thyrosight.training.variable_size import by_shape

LAST, BEST = "last.ckpt", "best.ckpt"


@dataclass(frozen=True, eq=False)
class Run:
    """A job in one process: `model` is `network` as Lightning wraps it for its devices and precision.

    If the output of frozen layers is cached, `network` holds the layers after them.
    """

    job: Job
    fabric: Fabric
    network: nn.Module
    model: nn.Module
    optimiser: Any
    goal: Goal
    progress: Progress
    watch: Stopwatch

    def batches(self, epoch: int) -> list[NDArray[np.int64]]:
        """The batches of an epoch, over all processes together."""
        options, least, sides = self.job.options, 2 * self.fabric.world_size, self.job.train.sides
        if (sides != sides[0]).any():
            return batches_by_shape(sides, options.batch_size, seed=options.seed, epoch=epoch)
        return batches(len(self.job.train), options.batch_size, seed=options.seed, epoch=epoch, smallest=least)


def train_network(
    fabric: Fabric, network: nn.Module, job: Job, *, progress: Progress, watch: Stopwatch
) -> list[EpochRecord]:
    """Train to the end, from the last checkpoint if there is one.

    Leaves `last.ckpt` (everything needed to resume) and `best.ckpt` (the weights of the best epoch) in the folder.

    Returns:
        One record per epoch, including those before a restart.
    """
    keep_memory_of_steps()
    options = job.options
    network.to(memory_format=torch.channels_last)
    optimiser = make_optimiser(network, job.spec, options)
    path = job.folder / LAST
    checkpoint = load_checkpoint(path, job.configuration) if path.exists() else None
    if checkpoint is not None:
        network.load_state_dict(checkpoint["network"])
    learning, kept = cut_for_cache(network, job.spec, options, folder=job.activations, device=fabric.device)
    model, wrapped = fabric.setup(learning, optimiser)
    goal = goal_of(job.spec, options, job.train, device=fabric.device, activations=kept)
    run = Run(job, fabric, network, model, wrapped, goal, progress, watch)
    history = [] if checkpoint is None else _take_up(run, checkpoint)
    with depthwise_in_float32(network, fabric.device, options.precision):
        _train_epochs(run, history)
    give_back_freed_memory()
    steps = options.epochs * len(run.batches(0)) + 1  # the last one is the last validation
    progress("Training", steps, steps)
    return history


def _train_epochs(run: Run, history: list[EpochRecord]) -> None:
    """Train, validate and save until the last epoch or early stopping; each epoch adds one record to `history`."""
    job, options, watch = run.job, run.job.options, run.watch
    while len(history) < options.epochs and not stops(history, options.patience):
        started = time.perf_counter()
        loss = _train_epoch(run, len(history))
        trained = time.perf_counter()
        with watch("validation"):
            measures = _validate(run)
        history.append(
            EpochRecord(
                epoch=len(history) + 1,
                learning_rate=options.learning_rate_at(len(history)),
                train_loss=loss,
                **measures,
                seconds=time.perf_counter() - started,
                images_per_second=len(job.train) / (trained - started),
            )
        )
        with watch("checkpoints"):
            _save(run, history)


def _train_epoch(run: Run, epoch: int) -> float:
    """One pass over the training images; the mean loss per image."""
    job, fabric, watch, options = run.job, run.fabric, run.watch, run.job.options
    rank, processes = fabric.global_rank, fabric.world_size
    order = run.batches(epoch)
    set_learning_rate(run.optimiser, options.learning_rate_at(epoch))
    # Dropout starts from the epoch's own seed, so that an epoch after a restart draws the same numbers.
    torch.manual_seed(network_seed(options.seed, epoch, rank=rank))
    run.model.train()
    sum_of_losses = torch.zeros((), device=fabric.device)
    for number, batch in enumerate(order):
        part = share(batch, rank=rank, processes=processes)
        with watch("transfer"):
            pixels = fabric.to_device(torch.from_numpy(seen(job.train, part, options, epoch=epoch)))
            labels = fabric.to_device(torch.from_numpy(job.train.labels[part]))
        with watch("augmenting"):
            draws = [options.augmentation.draw(options.seed, epoch, int(index)) for index in part]
            images, masks = run.goal.shown(pixels, draws)
        with watch("forward"):
            losses = run.goal.losses(run.model(images), labels, masks)
        with watch("backward"):
            # Processes average their gradients; the factor makes that the average over the whole batch.
            fabric.backward(losses.sum() * (processes / len(batch)))
        with watch("optimiser"):
            run.optimiser.step()
            run.optimiser.zero_grad()
        sum_of_losses += losses.detach().sum()
        run.progress("Training", epoch * len(order) + number + 1, options.epochs * len(order) + 1)
    mean = float(_total(fabric, sum_of_losses)) / len(job.train)
    if not np.isfinite(mean):
        raise NetworkError(
            f"Training diverged in epoch {epoch + 1}: its loss is not a finite number; choose a learning rate below "
            f"{options.learning_rate:g}."
        )
    return mean


def _validate(run: Run) -> Measures:
    """Loss and quality on the validation images; each process judges its share of them."""
    job, fabric = run.job, run.fabric
    if fabric.world_size > 1:
        # Batch normalisation keeps statistics per process; those of the first are the ones that are saved.
        for buffer in run.network.buffers():
            torch.distributed.broadcast(buffer, 0)
    mine = share(np.arange(len(job.validation)), rank=fabric.global_rank, processes=fabric.world_size)
    groups = [mine[group] for group in by_shape(job.validation.sides[mine])] if len(mine) else [mine]
    parts = torch.cat([run.goal.judge(run.network, job.validation.batch(group)) for group in groups])
    judged = torch.zeros(len(job.validation), parts.shape[1])
    judged[torch.from_numpy(np.concatenate(groups))] = parts
    return run.goal.measure(_total(fabric, judged.to(fabric.device)), job.validation.labels)


def _total(fabric: Fabric, values: torch.Tensor) -> torch.Tensor:
    total = fabric.all_reduce(values, reduce_op="sum")
    assert isinstance(total, torch.Tensor)
    return total


def _take_up(run: Run, checkpoint: Checkpoint) -> list[EpochRecord]:
    """Resume from the checkpoint."""
    run.optimiser.load_state_dict(checkpoint["optimiser"])
    history: list[EpochRecord] = checkpoint["history"]
    if best_epoch(history) == len(history) and run.fabric.is_global_zero:
        # A kill may have come after `last.ckpt` and before `best.ckpt`: the last weights are the best ones.
        save_checkpoint(run.job.folder / BEST, _weights(run, len(history)))
    return history


def _save(run: Run, history: list[EpochRecord]) -> None:
    if run.fabric.is_global_zero:
        content = _weights(run, len(history))
        optimiser = run.optimiser.state_dict()
        save_checkpoint(run.job.folder / LAST, {**content, "optimiser": optimiser, "history": history})
        if best_epoch(history) == len(history):
            save_checkpoint(run.job.folder / BEST, content)
    run.fabric.barrier()


def _weights(run: Run, epoch: int) -> dict[str, Any]:
    return {"configuration": run.job.configuration, "epoch": epoch, "network": dict(run.network.state_dict())}
