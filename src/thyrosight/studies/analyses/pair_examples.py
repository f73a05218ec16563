"""Pictures of pairs: right and wrong calls of a network, and the strongest responses of its layers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

from thyrosight.cohort import nodule_box
from thyrosight.documents import Content, Figure, Heading, drawings
from thyrosight.errors import NetworkError
from thyrosight.explain import UnitProjection, find_layer, network_of_image, project_units, strongest_units
from thyrosight.imaging import PairPreparation, PreparedPair, read_frame
from thyrosight.imaging.pairs import CHANNELS, Kind
from thyrosight.networks import ModelSpec
from thyrosight.studies.analyses.one_risk import one_risk
from thyrosight.studies.analyses.options import SecondImage
from thyrosight.studies.analyses.pairs import COLUMN, has_second
from thyrosight.studies.tested import Network
from thyrosight.studies.trial import PLAIN, Setup, Shown

Pictures = dict[str, NDArray[Any]]
_MOST_IMAGES = 200
"""Images of the validation fold among which the strongest response is looked for."""
CALLS = {
    "true positive": (1, 1),
    "true negative": (0, 0),
    "false negative": (1, 0),
    "false positive": (0, 1),
}
"""Each call with the truth and the prediction."""
_CALLS_TITLE = "Right and wrong calls (the paper's Figure 7)"
_PAIRS = 2
"""Training pairs of each class that are shown."""
_GAP = 6
"""Pixels between the two images of a pair."""


@dataclass(eq=False)
class PairExamples:
    """Figures of a network of pairs under their headings, the pixels that they name, and what could not be shown."""

    contents: list[Content] = field(default_factory=list)
    pictures: Pictures = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)


def pair_examples(
    setup: Setup[Any],
    network: Network,
    *,
    second: SecondImage,
    flat: PairPreparation,
    layers: Sequence[int],
    count: int,
) -> PairExamples:
    """Pairs, examples of calls and projections of a network of pairs on the first division.

    Args:
        flat: preparation to one size, which is needed to compare images with one another.
        layers: convolution layers, counted from 1, whose strongest response is projected to pixels.
        count: examples of each kind of call.
    """
    found = PairExamples()
    if count:
        _add_pairs(found, setup, network, second)
    if layers:
        _add_projections(found, setup, network, second, flat=flat, layers=layers)
    _add_calls(found, setup, network, second, count=count)
    return found


def _prepare(row: "pd.Series[Any]", pair: PairPreparation, second: SecondImage) -> PreparedPair:
    """One pair of the cohort, prepared."""
    other = read_frame(row[COLUMN]) if second.source == "elastogram" and row[COLUMN] else None
    return pair.prepare(read_frame(row["image"]), other, box=nodule_box(row))


def _second_name(second: SecondImage) -> str:
    return "elastogram" if second.source == "elastogram" else "second view"


def _add_pairs(found: PairExamples, setup: Setup[Any], network: Network, second: SecondImage) -> None:
    """Two training pairs of each class as the network sees them: the first of each patient (or group)."""
    pair, rows = network.trial.preparation, setup.split.rows(setup.cohort, setup.split.divisions[0], "train")
    assert isinstance(pair, PairPreparation), "networks of pairs are prepared as pairs"
    rows = rows[has_second(rows, second)].drop_duplicates("group")
    shown = []
    for label in ("benign", "malignant"):
        for _, row in rows[rows["label"] == label].head(_PAIRS).iterrows():
            name = f"{row['key']}/training-pair"
            found.pictures[name] = _side_by_side(_prepare(row, pair, second).pixels)
            shown.append(drawings.GridPicture(picture=name, label=label, lines=(str(row["key"]),)))
    caption = (
        f"Training images: on the left the B-mode image, on the right the {_second_name(second)} of the same place, as "
        "the network sees them."
    )
    figure = Figure(
        name="pairs", caption=caption, drawing=drawings.PictureGrid(pictures=tuple(shown), columns=2), wide=True
    )
    found.contents += [Heading(text=f"B-mode image and {_second_name(second)} (the paper's Figure 2)"), figure]


def _add_calls(found: PairExamples, setup: Setup[Any], network: Network, second: SecondImage, *, count: int) -> None:
    """Images of each kind of call whose risk is farthest on that side: the surest right and the worst wrong."""
    test = network.judged(PLAIN.name)[0].part("test")
    if same := one_risk([test["risk"]], title=network.title):
        found.contents += [Heading(text=_CALLS_TITLE), same]
        return
    rows = {str(row["key"]): row for _, row in setup.cohort.table.iterrows()}
    pair = network.trial.preparation
    assert isinstance(pair, PairPreparation), "networks of pairs are prepared as pairs"
    shown, present = [], set()
    for call, (truth, predicted) in CALLS.items():
        some = test[(test["truth"] == truth) & (test["predicted"] == predicted)]
        some = some.sort_values(["risk", "key"], ascending=[not predicted, True]).head(count)
        for key, label, risk in zip(some["key"], some["label"], some["risk"], strict=True):
            name = f"{key}/pair"
            shown.append(drawings.GridPicture(picture=name, label=label, lines=(call, f"risk {risk:.2f}")))
            found.pictures[name] = _side_by_side(_prepare(rows[str(key)], pair, second).pixels)
            present.add(call)
    if not shown:
        return
    absent = sorted(set(CALLS) - present)
    none = f" There was no {' and no '.join(absent)}." if absent else ""
    figure = Figure(
        name="calls",
        caption=(
            f"Test images with what the main method said ({network.divisions[0]}): on the left the B-mode image, on "
            f"the right the {_second_name(second)}, as the network sees them. Of each kind of call those with the most "
            f"extreme risk, so that the worst errors are shown.{none}"
        ),
        drawing=drawings.PictureGrid(pictures=tuple(shown), columns=2),
        wide=True,
    )
    found.contents += [Heading(text=_CALLS_TITLE), figure]


def _side_by_side(pair: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Both images of prepared pixels `(rows, columns, 4)` beside each other, with a white line between."""
    grey = np.repeat(pair[..., :1], 3, axis=2)
    line = np.full((pair.shape[0], _GAP, 3), 255, dtype=np.uint8)
    return np.concatenate([grey, line, pair[..., 1:]], axis=1)


def _add_projections(
    found: PairExamples,
    setup: Setup[Any],
    network: Network,
    second: SecondImage,
    *,
    flat: PairPreparation,
    layers: Sequence[int],
) -> None:
    tested = network.tested[0]
    if not tested.keeps_weights:
        found.unfinished.append("Figure 3 was left out: the trained weights of the main method are not in its folder.")
        return
    spec, division = tested.spec, tested.trial.division
    trained = tested.network()
    rows = setup.split.rows(setup.cohort, division, "validation")
    rows = rows[has_second(rows, second)].head(_MOST_IMAGES).reset_index(drop=True)
    pixels = np.stack([_prepare(row, flat, second).pixels for _, row in rows.iterrows()])
    kinds = _kinds(spec, tested.trial.shown)
    if not kinds:
        found.unfinished.append("Figure 3 was left out: early fusion joins the images before the first layer.")
    drawn: list[UnitProjection] = []
    said: list[str] = []
    for kind in kinds:
        body, alone = network_of_image(trained, spec, kind)
        for layer in layers:
            try:
                projection = _strongest(body, alone, _of_kind(pixels, kind), layer)
            except NetworkError as error:
                found.unfinished.append(f"Figure 3, layer {layer}: {error}")
                continue
            if projection is None:
                found.unfinished.append(f"Figure 3, layer {layer}: no unit answers to any validation image.")
                continue
            row = rows.iloc[projection.unit.image]
            image = "B-mode image" if kind == "first" else _second_name(second)
            said.append(f"layer {projection.unit.layer.number} of the {image}: {row['key']}, {row['label']}")
            drawn.append(projection)
    if drawn:
        shown, pictures = projection_pictures(drawn)
        found.pictures |= pictures
        figure = _figure(shown, said, f"{len(rows)} validation images of {division}, main method")
        found.contents += [Heading(text="What layers answer to (the paper's Figure 3)"), figure]


def _figure(shown: Sequence[drawings.GridPicture], said: Sequence[str], where: str) -> Figure:
    return Figure(
        name="projections",
        caption=(
            f"What layers answer to: the strongest response of each layer in {where} ({'; '.join(said)}). "
            "Deconvolution as in the paper; beside it integrated gradients of the same response, which add up to it "
            "(less the response to a blurred copy). Yellow: what the unit can see. A picture shows what drives one "
            "unit, not why a nodule is called malignant."
        ),
        drawing=drawings.PictureGrid(pictures=tuple(shown)),
        wide=True,
    )


def projection_pictures(found: Sequence[UnitProjection]) -> tuple[list[drawings.GridPicture], Pictures]:
    """Four pictures of each unit: its image with its receptive field, and in that field the input and both projections.

    All units of a layer share the scale of each projection, and zero looks the same in all: a unit that finds little
    looks weak beside one that finds much. Between layers the scales differ and are stated.
    """
    shown: list[drawings.GridPicture] = []
    pictures: Pictures = {}
    for place, one in enumerate(found):
        name, seen = f"projection/{place}", one.window
        same = [other for other in found if other.unit.layer == one.unit.layer]
        deconvolution, attribution = _scale(same, "deconvolution"), _scale(same, "attribution")
        pictures |= {f"{name}/{part}": getattr(one, part) for part in ("pixels", "deconvolution", "attribution")}
        frame = drawings.Mark(colour="yellow", box=seen)
        size = f"{seen[3] - seen[1]} x {seen[2] - seen[0]} pixels"
        grey, colours = f"black to white: ±{_number(deconvolution)}", f"blue to orange: ±{_number(attribution)}"
        shown += [
            _panel(one, f"{name}/pixels", "Image", f"activation {_number(one.unit.activation)}", marks=(frame,)),
            _panel(one, f"{name}/pixels", "Input patch", size, part=seen),
            _panel(one, f"{name}/deconvolution", "Deconvolution", grey, part=seen, scale=deconvolution),
            _panel(
                one, f"{name}/attribution", "Integrated gradients", colours, part=seen, scale=attribution,
                colours="signed",
            ),
        ]  # fmt: skip
    return shown, pictures


def _panel(one: UnitProjection, picture: str, label: str, words: str, **more: Any) -> drawings.GridPicture:
    said = f"layer {one.unit.layer.number}, map {one.unit.map}"
    return drawings.GridPicture(picture=picture, label=label, lines=(said, words), **more)


def _scale(same: Sequence[UnitProjection], what: Literal["deconvolution", "attribution"]) -> float:
    """The strength drawn at full in the pictures of one layer.

    The 99.5th percentile of the magnitude of all pixels in the receptive fields of the layer's units, so that a single
    pixel does not dim all others; 1 where nothing answers, so that it is drawn empty.
    """
    patches = []
    for one in same:
        left, top, right, bottom = one.window
        patches.append(np.abs(getattr(one, what)[top:bottom, left:right]).ravel())
    strengths = np.concatenate(patches)
    return float(np.percentile(strengths, 99.5)) or float(strengths.max()) or 1.0


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"


def _kinds(spec: ModelSpec, shown: Shown) -> tuple[Kind, ...]:
    """The images that go through layers of the network alone."""
    if spec.fusion == "none":
        return ("second",) if shown == "elastogram" else ("first",)
    return () if spec.fusion == "early" else ("first", "second")


def _of_kind(pixels: NDArray[np.uint8], kind: Kind) -> NDArray[np.uint8]:
    chosen = pixels[..., CHANNELS[kind]]
    return np.ascontiguousarray(chosen[..., 0] if kind == "first" else chosen)


def _strongest(network: nn.Module, spec: ModelSpec, pixels: NDArray[np.uint8], layer: int) -> UnitProjection | None:
    units = strongest_units(network, spec, pixels, layer=find_layer(network, layer), count=1)
    return project_units(network, spec, pixels, units)[0] if units else None
