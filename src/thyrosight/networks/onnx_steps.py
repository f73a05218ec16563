"""The steps of an exported network, broken down to those that ONNX knows."""

import operator
from collections.abc import Callable
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.fx import Graph, Node

_ATEN = torch.ops.aten
_BATCH_NORM = _ATEN._native_batch_norm_legit_no_training.default
_SAME_VALUES = (_ATEN.lift_fresh_copy.default, _ATEN.detach_.default, _ATEN.detach.default)
_IN_NEW_MEMORY = {
    _ATEN.add_.Tensor: _ATEN.add.Tensor,
    _ATEN.relu_.default: _ATEN.relu.default,
    _ATEN.hardtanh_.default: _ATEN.hardtanh.default,
}
_MAKE_NEW_VALUES = (_ATEN.conv2d.default, _BATCH_NORM, *_IN_NEW_MEMORY.values())


def break_down(program: ExportedProgram) -> None:
    """Break a network down to steps that ONNX knows, so that torch need not.

    Torch follows the network a second time for that, step by step, which takes it longer than all else in writing a
    file; yet of most networks only batch norms, means and sums in place need it. Where anything else does, nothing is
    spared: torch does it all.

    Args:
        program: of a network in evaluation mode; its steps are changed, and compute what they did.
    """
    graph = program.graph
    for step in list(graph.nodes):
        if step.op == "call_function":
            _replace(step, graph)
    graph.lint()
    steps = {step.target for step in graph.nodes if step.op == "call_function"}
    search: Callable[..., ExportedProgram] = program.run_decompositions

    def search_where_needed(table: dict[Any, Any] | None = None, **options: Any) -> ExportedProgram:
        known = table is not None and not any(one in table or _writes(one) for one in steps)
        return program if known else search(table, **options)

    program.run_decompositions = search_where_needed


def _replace(step: Node, graph: Graph) -> None:
    """Put a step in terms that ONNX knows in place of this one, where there is one that gives the same."""
    inside = all(user.op != "output" for user in step.users)  # outputs keep their names
    match step.target:
        case _ATEN.batch_norm.default if inside and step.args[5] is False:
            values, *weights = step.args[:5]
            with graph.inserting_before(step):
                normed = graph.call_function(_BATCH_NORM, (values, *weights, step.args[6], step.args[7]))
                first = graph.call_function(operator.getitem, (normed, 0))
            nothing = step.meta["val"].new_empty(0)
            normed.meta = {**step.meta, "val": (step.meta["val"], nothing, nothing)}
            first.meta = {**step.meta}
            _leave_out(step, first, graph)
        case _ATEN.adaptive_avg_pool2d.default if step.args[1] == [1, 1]:
            step.target, step.args = _ATEN.mean.dim, (step.args[0], [-1, -2], True)
        case _ATEN.to.dtype:
            step.target, step.args, step.kwargs = _ATEN._to_copy.default, step.args[:1], {"dtype": step.args[1]}
        case _ATEN.to.dtype_layout if "dtype" in step.kwargs:
            step.target, step.kwargs = _ATEN._to_copy.default, {"dtype": step.kwargs["dtype"]}
        case target if inside and target in _SAME_VALUES:
            _leave_out(step, step.args[0], graph)
        case target if target in _IN_NEW_MEMORY and _alone_needs(step, step.args[0]):
            step.target = _IN_NEW_MEMORY[target]


def _leave_out(step: Node, instead: Any, graph: Graph) -> None:
    step.replace_all_uses_with(instead)
    graph.erase_node(step)


def _alone_needs(step: Node, values: Any) -> bool:
    """Whether nothing but this step sees the memory of these values."""
    if list(values.users) != [step] or values.op != "call_function":
        return False
    maker = values.args[0].target if values.target is operator.getitem else values.target  # parts of a whole share it
    return maker in _MAKE_NEW_VALUES


def _writes(target: Any) -> bool:
    """Whether a step writes into memory that another one may see."""
    return isinstance(target, torch._ops.OpOverload) and target._schema.is_mutable
