"""Networks run by OpenVINO, for processors, graphics and neural units by Intel. The one file that imports it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import NetworkError
from thyrosight.inference.graph_session import Graph


def require_device(device: str) -> str:
    """The name that OpenVINO has for a device: "cpu", "gpu" or "npu".

    Raises:
        NetworkError: OpenVINO is not installed, or has no such device.
    """
    try:
        known = openvino_devices()
    except ImportError:
        raise NetworkError("OpenVINO is not installed; install it with pip install 'thyrosight[openvino]'.") from None
    if device not in known:
        raise NetworkError(f"OpenVINO has no device {device!r} here; it has {', '.join(known)}.")
    return device.upper()


def open_openvino(model: bytes, *, device: str = "cpu", threads: int = 1) -> Graph:
    """Open a network; see `thyrosight.inference.onnx_session.open_onnx`."""
    name = require_device(device)
    import openvino

    core = openvino.Core()
    settings: dict[str, object] = {"INFERENCE_PRECISION_HINT": "f32"}
    if device == "cpu":
        settings["INFERENCE_NUM_THREADS"] = threads
    try:
        compiled = core.compile_model(core.read_model(model, b""), name, settings)
    except RuntimeError as error:
        raise NetworkError(f"OpenVINO cannot open the network ({str(error).splitlines()[0]}).") from error
    names = tuple(output.any_name for output in compiled.outputs)
    shape = compiled.input(0).partial_shape
    channels = tuple(axis.get_length() for axis in list(shape)[3:])
    return Graph(_runner(compiled), outputs=names, channels=channels)


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
