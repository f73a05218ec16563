"""Networks run by OpenVINO, for processors, graphics and neural units by Intel. The one file that imports it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import NetworkError
from thyrosight.inference.graph_session import Graph


def open_openvino(path: Path, *, device: str = "cpu", threads: int = 1) -> Graph:
    """Open an ONNX file; see `thyrosight.inference.onnx_session.open_onnx`.

    Args:
        path: of the file.
        device: "cpu", "gpu" or "npu".
        threads: of a CPU, that work on one image.

    Raises:
        NetworkError: OpenVINO is not installed, has no such device, or does not read the file.
    """
    try:
        import openvino
    except ImportError:
        raise NetworkError("OpenVINO is not installed; install it with pip install 'thyrosight[openvino]'.") from None
    core = openvino.Core()
    if device.upper() not in core.available_devices:
        known = ", ".join(name.lower() for name in core.available_devices)
        raise NetworkError(f"OpenVINO has no device {device!r} here; it has {known}.")
    settings: dict[str, object] = {"INFERENCE_PRECISION_HINT": "f32"}
    if device == "cpu":
        settings["INFERENCE_NUM_THREADS"] = threads
    try:
        compiled = core.compile_model(core.read_model(path), device.upper(), settings)
    except RuntimeError as error:
        raise NetworkError(f"OpenVINO cannot open {path.name} ({str(error).splitlines()[0]}).") from error
    names = tuple(output.any_name for output in compiled.outputs)
    shape = compiled.input(0).partial_shape
    channels = tuple(axis.get_length() for axis in list(shape)[3:])
    return Graph(_runner(compiled), outputs=names, channels=channels, one_by_one=device == "cpu")


def openvino_devices() -> list[str]:
    """The devices that OpenVINO has, where it is installed."""
    import openvino

    return [str(name).lower() for name in openvino.Core().available_devices]


def _runner(compiled: Any) -> Callable[[NDArray[np.uint8]], list[NDArray[np.float32]]]:
    def run(pixels: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        try:
            found = compiled.create_infer_request().infer({0: pixels}, share_inputs=True)
        except RuntimeError as error:
            raise NetworkError(f"OpenVINO could not run the network ({str(error).splitlines()[0]}).") from error
        return [np.array(found[output]) for output in compiled.outputs]

    return run
