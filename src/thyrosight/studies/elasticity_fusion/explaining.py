"""Figures 3 and 7: what layers of the main method answer to, and examples of right and wrong calls."""

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

from thyrosight.cohort import nodule_box
from thyrosight.errors import NetworkError
from thyrosight.explain import UnitProjection, find_layer, network_of_image, project_units, strongest_units
from thyrosight.imaging import read_frame
from thyrosight.imaging.pairs import CHANNELS, Kind, PairPreparation, PreparedPair
from thyrosight.networks import ModelSpec, build, load_weights
from thyrosight.studies.elasticity_fusion.judging import Network
from thyrosight.studies.elasticity_fusion.pairing import COLUMN, has_second
from thyrosight.studies.elasticity_fusion.recipe import ElasticityFusionRecipe, Input
from thyrosight.studies.elasticity_fusion.result import CallExample, Projection
from thyrosight.studies.elasticity_fusion.trials import WEIGHTS, Setup

Pictures = dict[str, NDArray[Any]]
_MOST_IMAGES = 200
"""Images of the validation fold among which the strongest response is looked for."""
Call = Literal["true positive", "true negative", "false negative", "false positive"]
CALLS: tuple[tuple[Call, bool, bool], ...] = (
    ("true positive", True, True),
    ("true negative", False, False),
    ("false negative", True, False),
    ("false positive", False, True),
)
"""Each call with the truth and what was predicted."""


@dataclass(eq=False)
class Explained:
    """What is shown of the main method.

    Attributes:
        calls: examples, four kinds of call in turn.
        projections: of the layers asked for.
        note: what the projections are of.
        pictures: the pixels, by the names that the report looks for.
        unfinished: what could not be shown, and why.
    """

    calls: list[CallExample] = field(default_factory=list)
    projections: list[Projection] = field(default_factory=list)
    note: str = ""
    pictures: Pictures = field(default_factory=dict)
    unfinished: list[str] = field(default_factory=list)


def explain(setup: Setup, main: Network) -> Explained:
    """Examples and projections of the main method's network of the first division."""
    found = Explained()
    _add_calls(found, setup, main)
    if setup.recipe.explain.layers:
        _add_projections(found, setup, main)
    return found


def prepare_row(row: "pd.Series[Any]", pair: PairPreparation, recipe: ElasticityFusionRecipe) -> PreparedPair:
    """One pair of the cohort, prepared."""
    second = read_frame(row[COLUMN]) if recipe.second.source == "elastogram" and row[COLUMN] else None
    return pair.prepare(read_frame(row["image"]), second, box=nodule_box(row))


def _add_calls(found: Explained, setup: Setup, main: Network) -> None:
    """Of each kind of call the images whose risk is farthest on that side: the surest right and the worst wrong."""
    test = main.tested[0].judged.part("test")
    rows = {str(row["key"]): row for _, row in setup.cohort.table.iterrows()}
    pair = setup.recipe.pair(main.config.head)
    for call, truth, predicted in CALLS:
        some = test[(test["truth"] == truth) & (test["predicted"] == predicted)]
        some = some.sort_values(["risk", "key"], ascending=[not predicted, True])
        for _, item in some.head(setup.recipe.explain.examples).iterrows():
            key = str(item["key"])
            found.calls.append(CallExample(key=key, label=item["label"], call=call, risk=float(item["risk"])))
            found.pictures[f"{key}/pair"] = prepare_row(rows[key], pair, setup.recipe).pixels


def _add_projections(found: Explained, setup: Setup, main: Network) -> None:
    weights = main.tested[0].folder / WEIGHTS
    if not weights.exists():
        found.unfinished.append("Figure 3 was left out: the trained weights of the main method are not in its folder.")
        return
    spec = main.tested[0].spec
    network = build(spec)
    load_weights(network, weights)
    rows = _validation_pairs(setup, main)
    # Networks with the heads spp and gap take any size; one size is needed to compare images with one another.
    pair = setup.recipe.pair("own")
    pixels = np.stack([prepare_row(row, pair, setup.recipe).pixels for _, row in rows.iterrows()])
    kinds = _kinds(spec, main.config.input)
    if not kinds:
        found.unfinished.append("Figure 3 was left out: early fusion joins the images before the first layer.")
    for kind in kinds:
        body, alone = network_of_image(network.eval(), spec, kind)
        for layer in setup.recipe.explain.layers:
            try:
                projection = _strongest(body, alone, _of_kind(pixels, kind), layer)
            except NetworkError as error:
                found.unfinished.append(f"Figure 3, layer {layer}: {error}")
                continue
            if projection is None:
                found.unfinished.append(f"Figure 3, layer {layer}: no unit answers to any validation image.")
                continue
            _note(found, projection, rows.iloc[projection.unit.image], kind)
    found.note = (
        f"the strongest response of each layer in {len(rows)} validation images of {main.config.division}, main method"
    )


def _validation_pairs(setup: Setup, main: Network) -> pd.DataFrame:
    rows = setup.split.rows(setup.cohort, main.config.division, "validation")
    return rows[has_second(rows, setup.recipe.second)].head(_MOST_IMAGES).reset_index(drop=True)


def _kinds(spec: ModelSpec, shown: Input) -> tuple[Kind, ...]:
    """Which images go through layers of the network alone."""
    if spec.fusion == "none":
        return ("second",) if shown == "elastogram" else ("first",)
    return () if spec.fusion == "early" else ("first", "second")


def _of_kind(pixels: NDArray[np.uint8], kind: Kind) -> NDArray[np.uint8]:
    shown = pixels[..., CHANNELS[kind]]
    return np.ascontiguousarray(shown[..., 0] if kind == "first" else shown)


def _strongest(network: nn.Module, spec: ModelSpec, pixels: NDArray[np.uint8], layer: int) -> UnitProjection | None:
    units = strongest_units(network, spec, pixels, layer=find_layer(network, layer), count=1)
    return project_units(network, spec, pixels, units)[0] if units else None


def _note(found: Explained, projection: UnitProjection, row: "pd.Series[Any]", kind: Kind) -> None:
    unit, place = projection.unit, f"projection/{len(found.projections)}"
    found.projections.append(
        Projection(
            key=str(row["key"]),
            label=str(row["label"]),
            image=kind,
            layer=unit.layer.number,
            layer_name=unit.layer.name,
            map=unit.map,
            row=unit.row,
            column=unit.column,
            activation=unit.activation,
            blurred_activation=projection.blurred_activation,
            gap=projection.gap,
            window=projection.window,
        )
    )
    found.pictures[f"{place}/pixels"] = projection.pixels
    found.pictures[f"{place}/deconvolution"] = projection.deconvolution
    found.pictures[f"{place}/attribution"] = projection.attribution
