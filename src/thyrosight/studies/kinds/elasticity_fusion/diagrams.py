"""The networks of a study of fusion as diagrams: transfer, the three fusions, and the heads."""

from collections.abc import Sequence

from thyrosight.documents import Content, Figure
from thyrosight.documents.diagrams import Diagram, DiagramPanel, DiagramStep
from thyrosight.networks import Fusion, Head, ModelSpec, find_architecture, frozen_share
from thyrosight.networks.structure import SPATIAL_PYRAMID
from thyrosight.studies.analyses.network_figures import inside_panel, network_panel
from thyrosight.studies.kinds.elasticity_fusion.recipe import Configuration, Recipe
from thyrosight.studies.tested import Network

HEAD_WORDS: dict[Head, str] = {
    "own": "own classifier", "spp": "spatial pyramid pooling", "gap": "global average pooling",
}  # fmt: skip
_NOT_RUN = " (not in this run)"


def network_diagrams(recipe: Recipe, main: Network, item: Configuration, *, images: int) -> list[Content]:
    """Figures 1, 4, 5 and 6 of the paper, drawn from this study's networks.

    Args:
        item: the configuration of the main method.
        images: it learns from, in the first division.
    """
    return [_transfer(recipe, main, item, images=images), _fusions(recipe), _pyramid(recipe), _heads(recipe)]


def _spec(recipe: Recipe, *, fusion: Fusion = "none", head: Head = "own") -> ModelSpec:
    entry = find_architecture(recipe.network.architecture)
    return ModelSpec(
        architecture=entry.name,
        fusion=fusion,
        head=head,
        input_size=recipe.pair(head).first.size,
        mean=entry.mean,
        std=entry.std,
    )


def _title(recipe: Recipe) -> str:
    return find_architecture(recipe.network.architecture).title


def _figure(name: str, caption: str, panels: Sequence[DiagramPanel]) -> Figure:
    return Figure(name=name, caption=caption, drawing=Diagram(panels=tuple(panels)), wide=True, source="")


def _transfer(recipe: Recipe, main: Network, item: Configuration, *, images: int) -> Figure:
    """Layers that the main method takes over, keeps and trains (Figure 1)."""
    layers, kept, trained = frozen_share(main.tested[0].spec, item.depth)
    steps = [
        DiagramStep(text=f"First weights: {main.start}", tone="end"),
        DiagramStep(text=f"{images} training images", lines=("first division",), tone="end"),
    ]
    before: tuple[int, ...] = (0, 1)
    if item.depth:
        lines = ("not trained", f"{kept:,} parameters")
        words = "First convolution layer" if item.depth == 1 else f"First {item.depth} convolution layers"
        steps.append(DiagramStep(text=words, lines=lines, after=before, tone="kept"))
        before = (len(steps) - 1,)
    rest = layers - item.depth
    if rest:
        words = f"Other {rest} convolution layers" if item.depth else f"{rest} convolution layers"
        steps.append(DiagramStep(text=words, lines=("trained",), after=before))
        before = (len(steps) - 1,)
    lines = ("new, trained", f"{trained:,} parameters are trained in all")
    steps.append(DiagramStep(text=f"Head: {HEAD_WORDS[item.head]}", lines=lines, after=before))
    steps.append(DiagramStep(text="Risk of malignancy", after=(len(steps) - 1,), tone="end"))
    return _figure(
        "network-transfer",
        "Transfer learning in the main method: what is taken over, kept and trained (the paper's Figure 1). Two "
        "extractors of features are counted together.",
        [DiagramPanel(title=f"{_title(recipe)}, {item.depth} layers frozen", steps=tuple(steps))],
    )


def _fusions(recipe: Recipe) -> Figure:
    """Where the two images meet (Figure 4)."""
    title, second = _title(recipe), recipe.second_name
    pair = f"B-mode image and {second}"
    named: dict[Fusion, tuple[str, dict[str, str]]] = {
        "mixed": ("Mixed training", {"input": f"{pair}, one by one", "backbone": f"{title}, one for both"}),
        "early": ("Early fusion", {"input": pair, "backbone": title}),
        "late": ("Late fusion", {"input": pair, "first": f"{title}, B-mode image", "second": f"{title}, {second}"}),
    }
    panels = [
        network_panel(
            _spec(recipe, fusion=fusion),
            title if fusion in recipe.methods.inputs else f"{title}{_NOT_RUN}",
            named=words,
        )
        for fusion, (title, words) in named.items()
    ]
    return _figure(
        "network-fusion",
        "The three ways of fusion, with the network's own classifier (the paper's Figure 4). Early fusion joins the "
        "images by a convolution before the network, late fusion the features of two networks before the classifier.",
        panels,
    )


def _pyramid(recipe: Recipe) -> Figure:
    """The head for images of any size (Figure 5)."""
    spec = _spec(recipe, head="spp")
    inside = inside_panel(spec, SPATIAL_PYRAMID)
    return _figure(
        "network-pyramid",
        "Spatial pyramid pooling: the largest values in cells of three grids, so that a map of any size gives equally "
        "many values (the paper's Figure 5).",
        [network_panel(spec, _headed(recipe, "spp")), *([inside] if inside else [])],
    )


def _heads(recipe: Recipe) -> Figure:
    """The network's own classifier beside global average pooling (Figure 6)."""
    return _figure(
        "network-heads",
        "The network with its own classifier, and with a global average in place of the fully connected layers (the "
        "paper's Figure 6).",
        [network_panel(_spec(recipe, head=head), _headed(recipe, head)) for head in ("own", "gap")],
    )


def _headed(recipe: Recipe, head: Head) -> str:
    whole = f"{_title(recipe)}, {HEAD_WORDS[head]}"
    return whole if head in recipe.methods.heads else f"{whole}{_NOT_RUN}"
