"""Heat maps between the model and those who look: kept, drawn, and with the scale of their colours said.

A model may state a scale, so that the colours of all its maps mean the same. One that states none leaves each map on a
scale of its own, and then two pictures must not be compared by their colours: who sees a map is told so.
"""

import io
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from thyrosight.explain import shared_scale
from thyrosight.imaging import Box
from thyrosight.inference import HeatMap

OWN_SCALE: Final = "this picture's own"
"""Rule of the scale beside a result whose map has a scale of its own."""
_OF_ONE_RUN: Final = "of this run"
"""How the rule ends in results that were stored before `OWN_SCALE` was said."""


def comparable(body: Mapping[str, Any]) -> bool | None:
    """Whether the colours of a result's map mean the same in other pictures; None where there is no map.

    >>> comparable({"scale_rule": OWN_SCALE}), comparable({"scale_rule": "99th percentile of the maxima of 80 maps"})
    (False, True)
    >>> comparable({"scale_rule": "99th percentile of the maxima of 1 maps of this run"}), comparable({})
    (False, None)
    """
    rule = str(body.get("scale_rule", ""))
    return None if not rule else rule != OWN_SCALE and not rule.endswith(_OF_ONE_RUN)


def packed_heat(heat: HeatMap) -> bytes:
    """A heat map as bytes, for objects that are made from it later."""
    stream = io.BytesIO()
    window = [heat.window.left, heat.window.top, heat.window.right, heat.window.bottom]
    scale = np.nan if heat.scale is None else heat.scale
    np.savez_compressed(
        stream, values=heat.values.astype(np.float32), scale=scale, window=window, method=np.array(heat.method)
    )
    return stream.getvalue()


def unpacked_heat(content: bytes, body: Mapping[str, Any]) -> HeatMap:
    """The heat map that `packed_heat` wrote, of the result `body`; without a scale where it has only its own."""
    with np.load(io.BytesIO(content), allow_pickle=False) as stored:
        scale = float(stored["scale"])
        return HeatMap(
            values=stored["values"],
            scale=scale if comparable(body) and not np.isnan(scale) else None,
            window=Box(*(int(edge) for edge in stored["window"])),
            method=str(stored["method"]),
        )


def drawn_heat(heat: HeatMap) -> bytes:
    """A heat map as a PNG of the frame's size, transparent where there is no heat, to be laid over the frame."""
    from thyrosight.explain.heat_drawing import strength, strength_colours  # brings matplotlib, which no request needs

    colours, alpha = strength_colours(strength(heat.values, scale=_scale(heat)))
    pixels: NDArray[np.uint8] = np.dstack([colours, alpha * 255]).round().astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(stream, format="PNG", compress_level=4)
    return stream.getvalue()


def over(pixels: NDArray[np.uint8], heat: HeatMap) -> NDArray[np.uint8]:
    """A frame under its heat map."""
    from thyrosight.explain import overlay

    return overlay(pixels, heat.values, scale=_scale(heat))


def _scale(heat: HeatMap) -> float:
    return shared_scale(heat.values[None]) if heat.scale is None else heat.scale
