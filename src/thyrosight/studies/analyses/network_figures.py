"""Diagrams of networks, made from the networks themselves: layers, what they give, and their parameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from torch import nn

from thyrosight.documents import Figure
from thyrosight.documents.diagrams import Diagram, DiagramPanel, DiagramStep
from thyrosight.networks import ModelSpec, find_architecture
from thyrosight.networks import structure as parts
from thyrosight.networks.structure import Step, structure_inside, structure_of
from thyrosight.studies.tested import Network

_WORDS = {
    parts.INPUT: "input",
    parts.SUM: "sum",
    parts.CONCATENATION: "side by side",
    parts.PRODUCT: "product",
    parts.ENLARGED: "enlarged",
}
"""Steps that are no module in words."""
_JOINING = (parts.SUM, parts.CONCATENATION, parts.PRODUCT, parts.ENLARGED)
_MOST_INSIDE = 5


def network_figures(spec: ModelSpec, *, parameters: int | None = None, paper: str = "") -> list[Figure]:
    """The structure of a network, and what is inside its blocks: beside it, or in a figure of its own.

    Args:
        parameters: of the whole network.
        paper: the figure of a paper that shows it, for the caption.
    """
    steps = structure_of(spec, opened=parts.BRANCHES)
    title = find_architecture(spec.architecture).title
    main, insides = _panel(title, steps, as_u=True, together=True), sorted(_insides(steps), key=_branches)
    apart = len(insides) > 2
    whole = "" if parameters is None else f", {parameters:,} parameters in all"
    caption = (
        f"Structure of {title} as it ran, {spec.input_size} x {spec.input_size} pixels in{whole}. Below each step: "
        "channels, rows and columns of what it gives, and its parameters with those of normalisation"
    )
    found = [_figure("network", caption, [main, *([] if apart else insides)], paper)]
    if apart:
        found.append(
            _figure("network-blocks", f"What is inside the blocks of {title}, the first of each kind", insides, paper)
        )
    return found


def figures_of(network: Network, *, paper: str = "") -> list[Figure]:
    """`network_figures` of a network as it was trained."""
    tested = network.tested[0]
    return network_figures(tested.spec, parameters=tested.record["parameters"], paper=paper)


def _figure(name: str, caption: str, panels: Sequence[DiagramPanel], paper: str) -> Figure:
    named = f" ({paper})" if paper else ""
    return Figure(name=name, caption=f"{caption}{named}.", drawing=Diagram(panels=tuple(panels)), wide=True, source="")


def network_panel(spec: ModelSpec, title: str, *, named: Mapping[str, str] | None = None) -> DiagramPanel:
    """A network as one panel; `named` gives modules and the `input` words of their own, and keeps them closed."""
    return _panel(title, structure_of(spec, opened=() if named else parts.BRANCHES), named, together=True)


def inside_panel(spec: ModelSpec, kind: str) -> DiagramPanel | None:
    """Panel of the steps inside the first module of a class in a network; None where the network has no such module."""
    steps = structure_of(spec, opened=parts.BRANCHES)
    found = [step for step in steps if step.kind == kind and step.module is not None]
    return _inside(found[0], steps) if found else None


def _branches(panel: DiagramPanel) -> bool:
    """Whether several branches make a panel wide."""
    return sum(step.after == (0,) for step in panel.steps) > 2


def _insides(steps: Sequence[Step]) -> Iterator[DiagramPanel]:
    """Panels of the steps inside blocks, one for each class of blocks, blocks within blocks included."""
    known, waiting, given = set[str](), [(step, steps) for step in steps], 0
    while waiting and given < _MOST_INSIDE:
        step, around = waiting.pop(0)
        if step.kind in known or step.module is None or not _is_block(step):
            continue
        known.add(step.kind)
        inside = structure_inside(step.module, _given_to(step, around))
        waiting += [(one, inside) for one in inside]
        if len(inside) > 3:
            given += 1
            yield _panel(_named(parts.BLOCKS[step.kind]), inside)


def _inside(step: Step, steps: Sequence[Step]) -> DiagramPanel:
    assert step.module is not None, "only modules are looked into"
    inside = structure_inside(step.module, _given_to(step, steps))
    return _panel(_named(parts.BLOCKS[step.kind]), inside)


def _named(words: str) -> str:
    """Words as a title.

    >>> _named("residual block"), _named("Inception module A")
    ('Inside: residual block', 'Inside: Inception module A')
    """
    return f"Inside: {words}"


def _is_block(step: Step) -> bool:
    """Whether a module has steps worth telling: several layers, or functions like those of pyramid pooling."""
    module = step.module
    return module is not None and _convolution(module) is None and step.kind in parts.BLOCKS


def _given_to(step: Step, steps: Sequence[Step]) -> tuple[int, ...]:
    return steps[step.after[0]].shape


def _convolution(module: nn.Module) -> nn.Conv2d | None:
    """The convolution that a module is, besides normalisation and activation."""
    found = [one for one in module.modules() if isinstance(one, nn.Conv2d)]
    others = [one for one in module.modules() if isinstance(one, nn.Linear)]
    return found[0] if len(found) == 1 and not others else None


@dataclass(frozen=True)
class _Drawn:
    """A step in words, and how many alike follow one another."""

    step: Step
    words: str
    after: tuple[int, ...]
    times: int = 1


def _panel(
    title: str,
    steps: Sequence[Step],
    named: Mapping[str, str] | None = None,
    *,
    as_u: bool = False,
    together: bool = False,
) -> DiagramPanel:
    """Steps as boxes; `together`: neighbours that do the same and give the same shape share one."""
    drawn: list[_Drawn] = []
    places: list[int] = []
    for step in steps:
        words = (named or {}).get(step.name or step.kind) or _words(step)
        place = places[step.after[0]] if len(step.after) == 1 else None
        last = None if place is None else drawn[place]
        alone = together and step.module is not None and sum(step.after[0] in other.after for other in steps) == 1
        if place is not None and last is not None and alone and (last.words, last.step.shape) == (words, step.shape):
            merged = replace(step, parameters=last.step.parameters + step.parameters)
            drawn[place] = replace(last, step=merged, times=last.times + 1)
            places.append(place)
        else:
            drawn.append(_Drawn(step, words, tuple(dict.fromkeys(places[one] for one in step.after))))
            places.append(len(drawn) - 1)
    read = {one for item in drawn for one in item.after}
    boxes = tuple(_box(item, is_end=place not in read) for place, item in enumerate(drawn))
    return DiagramPanel(title=title, steps=boxes, as_u=as_u)


def _box(item: _Drawn, *, is_end: bool) -> DiagramStep:
    step = item.step
    joins = step.kind in _JOINING and not is_end
    lines = [f"{step.shape[0]} values" if len(step.shape) == 1 else " x ".join(map(str, step.shape))]
    if step.parameters:
        lines.append(f"{step.parameters:,} parameters")
    return DiagramStep(
        text=f"{item.words}, {item.times} times" if item.times > 1 else item.words,
        lines=() if joins else tuple(lines),
        after=item.after,
        tone="small" if joins else "end" if is_end or not item.after else "plain",
        rows=step.shape[1] if len(step.shape) == 3 else 0,
    )


def _words(step: Step) -> str:
    """Describe a step."""
    module = step.module
    if module is not None and (found := _convolution(module)) is not None:
        return _convolution_words(found)
    if step.kind in (parts.MAXIMA, parts.AVERAGES) or isinstance(module, nn.MaxPool2d | nn.AvgPool2d):
        side = step.side or _side(getattr(module, "kernel_size", 0))
        which = "average" if step.kind == parts.AVERAGES or isinstance(module, nn.AvgPool2d) else "maximum"
        return f"{which} of {side} x {side} pixels"
    if (step.kind not in parts.BLOCKS and "pool" in step.kind.lower()) or isinstance(module, nn.AdaptiveAvgPool2d):
        which = "maximum" if step.kind == parts.CELL_MAXIMA else "average"
        cells = step.shape[1:]
        return f"{which} in {cells[0]} x {cells[1]} cells" if cells else f"{which} of the map"
    if step.kind in parts.REDUCTIONS:
        return "reduction"
    return (
        "fully connected layer" if isinstance(module, nn.Linear) else (_WORDS | parts.BLOCKS).get(step.kind, step.kind)
    )


def _convolution_words(found: nn.Conv2d) -> str:
    rows, columns = found.kernel_size
    stride = f", stride {found.stride[0]}" if found.stride[0] > 1 else ""
    depthwise = "depthwise " if found.groups == found.in_channels > 1 else ""
    groups = f", {found.groups} groups" if found.groups > 1 and not depthwise else ""
    return f"{rows} x {columns} {depthwise}convolution{stride}{groups}"


def _side(kernel: int | tuple[int, ...]) -> int:
    return kernel if isinstance(kernel, int) else kernel[0]
