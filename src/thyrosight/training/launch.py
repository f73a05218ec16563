"""Starting the loop on the chosen devices: in this process, in new processes, or in those that a launcher started."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

import torch
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments.cluster_environment import ClusterEnvironment
from lightning_fabric.plugins.environments.lightning import LightningEnvironment
from lightning_fabric.plugins.environments.slurm import SLURMEnvironment
from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
from lightning_fabric.strategies.ddp import DDPStrategy
from lightning_fabric.utilities.warnings import disable_possible_user_warnings
from torch import nn
from torch.multiprocessing.spawn import ProcessExitedException, ProcessRaisedException

import thyrosight.errors
from thyrosight.errors import NetworkError, ThyroSightError
from thyrosight.progress import Progress, silent
from thyrosight.training.history import EpochRecord
from thyrosight.training.job import Job
from thyrosight.training.loop import train_network
from thyrosight.training.options import FitOptions
from thyrosight.training.stopwatch import Stopwatch

# Lightning's remarks do not concern users of this package. The processes that it starts log before any function of this
# module runs there, so this stands here and not in `launch`.
for _name in ("lightning_fabric", "torch.multiprocessing"):
    logging.getLogger(_name).setLevel(logging.ERROR)
disable_possible_user_warnings()


def launch(network: nn.Module, job: Job, *, progress: Progress, watch: Stopwatch) -> list[EpochRecord]:
    """Train on the devices that the options name.

    Raises:
        NetworkError: a device is missing, a batch is too small for the devices, or training failed.
        ThyroSightError: the error of any of the processes.
    """
    outside = _launched_from_outside()
    devices = _devices(job.options)
    processes = outside.world_size() if outside else devices
    if job.options.batch_size < 2 * processes:
        raise NetworkError(
            f"A batch of {job.options.batch_size} images cannot be shared by {processes} processes; choose batch_size "
            f"{2 * processes} or more, or fewer devices."
        )
    sides = job.train.sides
    if processes > 1 and (sides != sides[0]).any():
        raise NetworkError("Images of shapes of their own are trained on in one process; choose devices 1.")
    with torch.random.fork_rng(devices=list(range(torch.cuda.device_count()))), _repeatable_on_gpu(job.options):
        if outside:
            fabric = _fabric(
                job.options, strategy=_distributed("popen", job), devices=_local_processes(processes, job.options)
            )
            fabric.launch()
            report = progress if is_main_process() else silent
            return train_network(fabric, network, job, progress=report, watch=watch)
        if job.options.nodes > 1:
            raise NetworkError(
                f"Training on {job.options.nodes} machines needs the same command started on each of them by torchrun "
                "or SLURM, with a folder that all of them see; see docs/explanation/training.md."
            )
        if processes == 1:
            fabric = _fabric(job.options, strategy="auto", devices=1)
            fabric.launch()
            return train_network(fabric, network, job, progress=progress, watch=watch)
        return _spawn(network, job, progress, processes=processes)


def is_main_process() -> bool:
    """Whether this process writes the results, of those that torchrun or SLURM started together.

    >>> is_main_process()
    True
    """
    outside = _launched_from_outside()
    return outside is None or outside.global_rank() == 0


def wait_for_others() -> None:
    """Return once every process that a launcher started has reached this call."""
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()


def _launched_from_outside() -> ClusterEnvironment | None:
    if TorchElasticEnvironment.detect():
        return TorchElasticEnvironment()
    if SLURMEnvironment.detect() and int(os.environ.get("SLURM_NTASKS", "1")) > 1:
        return SLURMEnvironment()
    return None


def _devices(options: FitOptions) -> int:
    """Devices of this machine to use."""
    graphics = torch.cuda.device_count() if options.accelerator != "cpu" else 0
    if options.accelerator == "gpu" and graphics == 0:
        raise NetworkError("No GPU was found that PyTorch can use; choose accelerator auto or cpu.")
    if options.devices == "auto":
        return max(graphics, 1)
    if options.devices < 1 or (graphics and options.devices > graphics):
        raise NetworkError(f"Expected 1 to {max(graphics, 1)} devices, got {options.devices}; or choose devices auto.")
    return options.devices


def _local_processes(processes: int, options: FitOptions) -> int:
    return int(os.environ.get("LOCAL_WORLD_SIZE", max(1, processes // options.nodes)))


def _fabric(options: FitOptions, *, strategy: str | DDPStrategy, devices: int, plugins: Any = None) -> Fabric:
    graphics = options.accelerator != "cpu" and torch.cuda.is_available()
    return Fabric(
        accelerator="cuda" if graphics else "cpu",
        strategy=strategy,
        devices=devices,
        num_nodes=options.nodes,
        precision="bf16-mixed" if options.precision == "bf16" else "32-true",
        plugins=plugins,
    )


def _distributed(start: Literal["popen", "spawn"], job: Job) -> DDPStrategy:
    """The distribution over processes; a late fusion uses an extractor only in batches that show its kind of image."""
    return DDPStrategy(start_method=start, find_unused_parameters=job.spec.fusion == "late")


def _spawn(network: nn.Module, job: Job, progress: Progress, *, processes: int) -> list[EpochRecord]:
    """Train in processes of their own; their progress and errors come back through a queue."""
    messages: Any = torch.multiprocessing.get_context("spawn").Queue()
    fabric = _fabric(
        job.options, strategy=_distributed("spawn", job), devices=processes, plugins=[LightningEnvironment()]
    )
    failures: list[ThyroSightError] = []
    listener = threading.Thread(target=_listen, args=(messages, progress, failures), daemon=True)
    listener.start()
    try:
        # Only the network may be an argument: Lightning takes arguments apart to keep processes from sharing tensors.
        start: Any = fabric.launch
        history: list[EpochRecord] = start(partial(_work, job=job, messages=messages), network)
    except (ProcessRaisedException, ProcessExitedException) as error:
        _hang_up(messages, listener)
        raise failures[0] if failures else error from error
    _hang_up(messages, listener)
    return history


def _hang_up(messages: Any, listener: threading.Thread) -> None:
    messages.put(None)
    listener.join()


def _work(fabric: Fabric, network: nn.Module, *, job: Job, messages: Any) -> list[EpochRecord]:
    """Train in a spawned process."""
    try:
        with _repeatable_on_gpu(job.options):
            report: Progress = silent if fabric.global_rank else _Sender(messages)
            return train_network(fabric, network, job, progress=report, watch=Stopwatch())
    except ThyroSightError as error:
        messages.put((type(error).__name__, str(error)))
        messages.close()
        messages.join_thread()
        raise


class _Sender:
    """Progress sent through a queue."""

    def __init__(self, messages: Any) -> None:
        self._messages = messages

    def __call__(self, what: str, done: int, total: int) -> None:
        self._messages.put((what, done, total))


def _listen(messages: Any, progress: Progress, failures: list[ThyroSightError]) -> None:
    while (message := messages.get()) is not None:
        if len(message) == 3:
            progress(*message)
        else:
            failures.append(getattr(thyrosight.errors, message[0])(message[1]))


@contextmanager
def _repeatable_on_gpu(options: FitOptions) -> Iterator[None]:
    """Choose between repeatable and fast algorithms of a GPU; a CPU is repeatable in either case."""
    if not torch.cuda.is_available():
        yield
        return
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled()
    benchmark = torch.backends.cudnn.benchmark
    torch.use_deterministic_algorithms(options.repeatable, warn_only=True)
    torch.backends.cudnn.benchmark = not options.repeatable
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
        torch.backends.cudnn.benchmark = benchmark
