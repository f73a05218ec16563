"""Networks run by ONNX Runtime. The one file that imports it."""

from collections.abc import Callable

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from thyrosight.errors import NetworkError
from thyrosight.inference.graph_session import Graph

_PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}


def require_device(device: str) -> str:
    """The name that ONNX Runtime has for a device.

    Args:
        device: "cpu", or "cuda" and "cuda:1" where onnxruntime-gpu is installed in place of onnxruntime.

    Raises:
        NetworkError: it has no such device.
    """
    provider = _PROVIDERS.get(device.partition(":")[0])
    if provider is None or provider not in onnxruntime.get_available_providers():
        raise NetworkError(
            f"ONNX Runtime has no device {device!r} here; it has {', '.join(onnx_devices())} "
            "(cuda needs onnxruntime-gpu)."
        )
    return provider


def open_onnx(model: bytes, *, device: str = "cpu", threads: int = 1) -> Graph:
    """Open a network.

    Args:
        model: content of an ONNX file.
        device: as for `require_device`.
        threads: that work on one image.

    Raises:
        NetworkError: the file is none that ONNX Runtime reads, or it has no such device.
    """
    provider = require_device(device)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    options.log_severity_level = 4
    number = device.partition(":")[2]
    settings = {"device_id": number} if number else {}
    try:
        session = onnxruntime.InferenceSession(model, options, providers=[(provider, settings)])
        if session.get_providers()[0] != provider:  # it goes on with the CPU where a device does not start
            raise NetworkError(f"ONNX Runtime could not start the device {device!r}; choose cpu.")
    except (RuntimeError, ValueError) as error:
        raise NetworkError(f"ONNX Runtime cannot open the network ({_first_line(error)}).") from error
    names = [output.name for output in session.get_outputs()]
    channels = tuple(session.get_inputs()[0].shape[3:])
    return Graph(_runner(session, names), outputs=tuple(names), channels=channels)


def onnx_devices() -> list[str]:
    """The devices that ONNX Runtime has."""
    return [name for name, one in _PROVIDERS.items() if one in onnxruntime.get_available_providers()]


def _runner(
    session: onnxruntime.InferenceSession, names: list[str]
) -> Callable[[NDArray[np.uint8]], list[NDArray[np.float32]]]:
    def run(pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        try:
            found: list[NDArray[np.float32]] = session.run(names, {"pixels": pixels})
        except Exception as error:  # its errors have classes of their own
            raise NetworkError(f"ONNX Runtime could not run the network ({_first_line(error)}).") from error
        return found

    return run


def _first_line(error: BaseException) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
