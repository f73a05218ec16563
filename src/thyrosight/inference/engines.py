"""Choosing the engine that runs a model's network: ONNX Runtime, OpenVINO or PyTorch."""

import os
import platform
import shutil
import sys
import warnings
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, get_args

from thyrosight.errors import BundleError, NetworkError, ThyroSightWarning
from thyrosight.inference.bundle import BundleInfo
from thyrosight.inference.graph_session import GraphSession
from thyrosight.inference.onnx_record import ONNX_FILE, WEIGHTS_FILE, OnnxRecord, read_record
from thyrosight.inference.session import Session, capabilities_of

Backend = Literal["auto", "onnx", "openvino", "torch"]
"""The engine that runs a network; "auto" is ONNX Runtime on a CPU and PyTorch on a GPU, as far as they are there."""
BACKENDS: tuple[str, ...] = get_args(Backend)
TORCH_MISSING = "PyTorch is not installed; install it with pip install 'thyrosight[torch]'"


def open_session(
    info: BundleInfo,
    folder: Path,
    *,
    name: Path,
    device: str = "auto",
    backend: str = "auto",
    threads: int | None = None,
) -> Session:
    """Make the network of a bundle ready to run.

    Args:
        info: of the bundle.
        folder: its files.
        name: of the bundle in messages.
        device: "cpu", "cuda", "cuda:1", "mps", or "auto" for the fastest present; for OpenVINO also "gpu" and "npu".
        backend: a `Backend`.
        threads: that work on one image on a CPU; None for all that this process may use.

    Raises:
        NetworkError: an unknown backend or device.
        BundleError: the model cannot be run by this backend, or by any.
    """
    if backend not in BACKENDS:
        raise NetworkError(f"There is no backend {backend!r}; choose one of {', '.join(BACKENDS)}.")
    if backend == "torch" or (backend == "auto" and _torch_runs_faster(device)):
        return _open_torch(info, folder, name=name, device=device)
    found = read_record(folder, info)
    if isinstance(found, str):
        if backend != "auto":
            raise BundleError(f"Model {name} {found}; write it with `thyrosight models export {name}`.")
        return _without_onnx(info, folder, name=name, device=device, problem=found)
    return _open_graph(info, folder, found, name=name, device=device, backend=backend, threads=threads)


def engines() -> list[str]:
    """The engines that are installed, with their versions and the devices that they have here."""
    from thyrosight.inference.onnx_session import onnx_devices
    from thyrosight.inference.openvino_session import openvino_devices

    found = [f"ONNX Runtime {version('onnxruntime')} ({', '.join(onnx_devices())})"]
    if find_spec("openvino") is not None:
        found.append(f"OpenVINO {version('openvino')} ({', '.join(openvino_devices())})")
    return [*found, f"PyTorch {version('torch')}" if has_torch() else TORCH_MISSING]


def has_torch() -> bool:
    """Whether PyTorch is installed; it is not imported."""
    try:
        return find_spec("torch") is not None
    except ImportError:
        return False


def usable_threads() -> int:
    """The number of threads that this process may use: `OMP_NUM_THREADS`, or the cores that it may run on."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    return usable_cores()


def usable_cores() -> int:
    """The number of cores that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _without_onnx(info: BundleInfo, folder: Path, *, name: Path, device: str, problem: str) -> Session:
    if not has_torch():
        raise BundleError(
            f"Model {name} {problem}, and {TORCH_MISSING}; or write the file with `thyrosight models export` on a "
            "machine that has PyTorch."
        )
    warnings.warn(
        ThyroSightWarning(
            f"Model {name} {problem}, so that PyTorch runs it, which is slower; write it with "
            f"`thyrosight models export {name}`."
        ),
        stacklevel=2,
    )
    return _open_torch(info, folder, name=name, device=device)


def _open_torch(info: BundleInfo, folder: Path, *, name: Path, device: str) -> Session:
    if not has_torch():
        raise BundleError(f"Model {name} cannot be run by PyTorch: {TORCH_MISSING}.")
    from thyrosight.inference.torch_session import find_device, open_torch_session

    place = find_device(device)
    try:
        return open_torch_session(info.spec, folder / WEIGHTS_FILE, device=place, features=info.familiarity is not None)
    except NetworkError as error:
        raise BundleError(f"Model {name} cannot be used: {error}") from error


def _open_graph(
    info: BundleInfo,
    folder: Path,
    record: OnnxRecord,
    *,
    name: Path,
    device: str,
    backend: str,
    threads: int | None,
) -> Session:
    place = "cpu" if device == "auto" else device
    count = usable_threads() if threads is None else threads
    if backend == "openvino":
        from thyrosight.inference.openvino_session import open_openvino as open_graph
        from thyrosight.inference.openvino_session import require_device
    else:
        from thyrosight.inference.onnx_session import open_onnx as open_graph
        from thyrosight.inference.onnx_session import require_device

    require_device(place)
    file = (folder / ONNX_FILE).read_bytes()  # the folder of an unpacked zip file goes
    return GraphSession(
        lambda threads: open_graph(file, device=place, threads=threads),
        info.spec,
        threads=count,
        one_by_one=place == "cpu",
        capabilities=capabilities_of(info.spec, folder / WEIGHTS_FILE),
        smallest=record.smallest_side,
        engine="OpenVINO" if backend == "openvino" else "ONNX Runtime",
    )


def _torch_runs_faster(device: str) -> bool:
    """Whether a GPU is asked for or there, which PyTorch finds; it is imported only where there is a sign of one."""
    if device == "cpu" or not has_torch():
        return False
    if device != "auto":
        return True
    if not _sign_of_gpu():
        return False
    from thyrosight.inference.torch_session import find_device

    return find_device("auto").type != "cpu"


def _sign_of_gpu() -> bool:
    if sys.platform == "darwin":
        return platform.machine() == "arm64"
    if sys.platform == "win32":
        return shutil.which("nvidia-smi") is not None
    return any(Path(file).exists() for file in ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg"))
