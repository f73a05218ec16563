"""Writing networks as ONNX files."""

import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.errors import NetworkError
from thyrosight.files import sha256_of_json, write_atomically
from thyrosight.networks.onnx_form import OnnxForm
from thyrosight.networks.onnx_steps import break_down
from thyrosight.networks.registry import find_architecture
from thyrosight.networks.spec import LEAST_SIDE, ModelSpec
from thyrosight.networks.weights import fits_in_16_bits

OPSET = 18
_LONGEST_SIDE = 16384
_KNOWN: dict[str, bytes] = {}
"""Graphs without weights that this process has found, by structure."""


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
    graph = _graph(form, example, free)
    if fits_in_16_bits(form.network):
        _store_in_16_bits(graph.graph)
    content: bytes = graph.SerializeToString(deterministic=True)
    return content


def _graph(form: OnnxForm, example: torch.Tensor, free: dict[int, Any]) -> Any:
    """The ONNX model of a network; torch takes seconds to find a graph, so that one is kept for each structure."""
    from onnx import ModelProto, numpy_helper

    values = {name: tensor.detach().numpy() for name, tensor in _tensors(form)}
    key = _structure(form, values, example)
    if key in _KNOWN:
        graph = ModelProto.FromString(_KNOWN[key])
        for stored in graph.graph.initializer:
            if stored.name in values:
                stored.CopyFrom(numpy_helper.from_array(values[stored.name], stored.name))
        return graph
    graph, used = _found(form, example, free)
    kept = {one.name: numpy_helper.to_array(one) for one in graph.graph.initializer if one.name in values}
    # Where something was computed from a weight in advance, the graph belongs to these weights alone.
    if all(name in kept and np.array_equal(kept[name], values[name]) for name in used & values.keys()):
        empty = ModelProto.FromString(graph.SerializeToString())
        for stored in empty.graph.initializer:
            if stored.name in values:
                stored.ClearField("raw_data")
        _KNOWN[key] = empty.SerializeToString()
    return graph


def _structure(form: OnnxForm, values: Mapping[str, NDArray[Any]], example: torch.Tensor) -> str:
    """A hash of all that the graph depends on."""
    spec = form.spec.model_dump(mode="json", exclude={"weights"})
    shapes = {name: [str(array.dtype), *array.shape] for name, array in values.items()}
    return sha256_of_json([spec, form.features, repr(form.network), shapes, list(example.shape)])


def _tensors(form: OnnxForm) -> Iterator[tuple[str, torch.Tensor]]:
    """Tensors that differ between networks of one structure: parameters, and buffers that the graph uses."""
    yield from form.named_parameters()
    yield from ((name, one) for name, one in form.named_buffers() if not name.endswith("num_batches_tracked"))


def _found(form: OnnxForm, example: torch.Tensor, free: dict[int, Any]) -> tuple[Any, set[str]]:
    """The graph as torch finds it, and the names of what its nodes take; weights stay in it as they are."""
    weights = {name for name, _ in _tensors(form)}

    def keeps_weights(node: Any) -> bool | None:
        asks_values = node.op_type not in ("CastLike", "Shape")
        return False if asks_values and any(one is not None and one.name in weights for one in node.inputs) else None

    try:
        import onnxscript.optimizer  # what torch writes ONNX with; without it the error would be its own
    except ImportError:
        raise NetworkError(
            "Writing ONNX files needs the packages onnx and onnxscript; install them with "
            "pip install 'thyrosight[torch]'."
        ) from None
    with torch.no_grad(), _silent(), _in_new_memory(form):
        names = list(form(example))
        try:
            written = _written(form, example, free, names)
        except Exception as error:  # torch raises whatever went wrong within it
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise NetworkError(f"{form.spec.architecture} cannot be written as ONNX ({reason}).") from error
    onnxscript.optimizer.inline(written.model)
    onnxscript.optimizer.fold_constants(written.model, should_fold=keeps_weights)
    onnxscript.optimizer.remove_unused_nodes(written.model)
    used = {str(taken.name) for node in written.model.graph for taken in node.inputs if taken is not None}
    model = written.model_proto
    for node in model.graph.node:  # they hold places in the source, with this machine's folders
        del node.metadata_props[:]
        node.doc_string = ""
    del model.graph.value_info[:], model.graph.metadata_props[:], model.metadata_props[:]
    _name_axes(model.graph, ["n", "rows", "columns"])
    return model, used


def _written(
    form: OnnxForm, example: torch.Tensor, free: dict[int, Any], names: list[str], *, by_us: bool = True
) -> Any:
    """The network as torch writes it: broken down by us, or where that fails, by torch."""
    program = torch.export.export(form, (example,), dynamic_shapes=({**free},), strict=False)
    try:
        if by_us:
            break_down(program)
        return torch.onnx.export(
            program,
            (),
            None,
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=["pixels"],
            output_names=names,
            optimize=False,  # it would join batch norms to convolutions, which engines do when they open the file
        )
    except Exception:  # torch raises whatever went wrong within it
        if not by_us:
            raise
        return _written(form, example, free, names, by_us=False)


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
def _in_new_memory(network: nn.Module) -> Iterator[None]:
    """Activations that write over their input write beside it meanwhile: torch follows those twice as fast."""
    changed: list[Any] = [one for one in network.modules() if getattr(one, "inplace", False) is True]
    for module in changed:
        module.inplace = False
    try:
        yield
    finally:
        for module in changed:
            module.inplace = True


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
