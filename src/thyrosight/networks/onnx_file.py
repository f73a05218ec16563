"""Writing networks as ONNX files."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.files import write_atomically
from thyrosight.networks.onnx_form import OnnxForm
from thyrosight.networks.registry import find_architecture
from thyrosight.networks.spec import LEAST_SIDE, ModelSpec
from thyrosight.networks.weights import fits_in_16_bits

OPSET = 18
_LONGEST_SIDE = 16384


def write_onnx(
    network: nn.Module, spec: ModelSpec, path: Path | str, *, colour: bool = False, features: bool = False
) -> None:
    """Write a network as an ONNX file that takes prepared pixels; the same weights give the same bytes.

    Its input `pixels` is uint8 `(n, rows, columns)`, `(n, rows, columns, 3)` with `colour`, or `(n, rows, columns, 4)`
    of pairs; n is free, and rows and columns are where the network takes images of any size. Outputs: see `OnnxForm`.

    Where every weight is a number that 16 bits hold, they are stored so, and turned into 32 bits when the file is
    opened: it is half as large and computes the same.

    Args:
        network: on the CPU, in evaluation mode, with parameters that need no gradients.
        spec: its description.
        path: of the file.
        colour: the images are prepared in colour.
        features: give what the network's encoder has of an image too.

    Raises:
        NetworkError: ONNX has no way to write the network, or the packages that write it are not installed.
        OutputError: the file cannot be written.
    """
    form = OnnxForm(network, spec, features=features).eval()
    channels = (4,) if spec.fusion != "none" else (3,) if colour else ()
    example = torch.zeros(2, spec.input_size, spec.input_size, *channels, dtype=torch.uint8)
    free: dict[int, Any] = {0: torch.export.Dim("n")}
    if spec.head != "own":
        least = max(LEAST_SIDE, find_architecture(spec.architecture).smallest_size)
        free |= {
            axis: torch.export.Dim(name, min=least, max=_LONGEST_SIDE) for axis, name in ((1, "rows"), (2, "columns"))
        }
    content = _content(form, example, free)
    with write_atomically(path) as temporary:
        temporary.write_bytes(content)


def _content(form: OnnxForm, example: torch.Tensor, free: dict[int, Any]) -> bytes:
    try:
        import onnxscript.optimizer  # what torch writes ONNX with; without it the error would be its own
    except ImportError:
        raise NetworkError(
            "Writing ONNX files needs the packages onnx and onnxscript; install them with "
            "pip install 'thyrosight[torch]'."
        ) from None
    halves = fits_in_16_bits(form.network)
    with torch.no_grad(), _silent():
        names = list(form(example))
        try:
            program = torch.export.export(form, (example,), dynamic_shapes=({**free},), strict=False)
            written = torch.onnx.export(
                program,
                (),
                None,
                dynamo=True,
                verbose=False,
                opset_version=OPSET,
                input_names=["pixels"],
                output_names=names,
                optimize=not halves,  # it would join batch norms to convolutions, whose weights then need 32 bits
            )
        except Exception as error:  # torch raises whatever went wrong within it
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise NetworkError(f"{form.spec.architecture} cannot be written as ONNX ({reason}).") from error
    assert written is not None
    if halves:
        onnxscript.optimizer.inline(written.model)
        onnxscript.optimizer.fold_constants(written.model)
        onnxscript.optimizer.remove_unused_nodes(written.model)
    model = written.model_proto
    if halves:
        _store_in_16_bits(model.graph)
    for node in model.graph.node:  # they hold places in the source, with this machine's folders
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    _name_axes(model.graph, ["n", "rows", "columns"])
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _store_in_16_bits(graph: Any) -> None:
    """Store the weights as float16 and cast them to float32, which engines do once, when they open the file."""
    from onnx import TensorProto, helper, numpy_helper

    casts = []
    for stored in graph.initializer:
        if stored.data_type != TensorProto.FLOAT:
            continue
        name, values = stored.name, numpy_helper.to_array(stored)
        halves = values.astype(np.float16)
        if np.array_equal(halves, values):
            stored.CopyFrom(numpy_helper.from_array(halves, f"{name}.half"))
            casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    for cast in casts:
        graph.node.insert(0, cast)


def _name_axes(graph: Any, names: list[str]) -> None:
    """Give the free axes of the inputs and outputs names in place of torch's symbols."""
    axes = [axis for value in (*graph.input, *graph.output) for axis in value.type.tensor_type.shape.dim]
    known = {axis.dim_param: name for axis, name in zip(graph.input[0].type.tensor_type.shape.dim, names, strict=False)}
    for axis in axes:
        if axis.dim_param:
            axis.dim_param = known.get(axis.dim_param, axis.dim_param)


@contextmanager
def _silent() -> Iterator[None]:
    """Without torch's remarks on its own progress."""
    logger = logging.getLogger("torch")
    before = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        logger.setLevel(before)
