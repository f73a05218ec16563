"""A quick stand-in for the models, with answers of the right form; one test runs the real ones."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import numpy as np

from thyrosight.imaging import Box
from thyrosight.inference import RESEARCH_USE, Assessment, HeatMap, HeatScale, OperatingPoint, Request
from thyrosight.server.jobs import Models


@dataclass(frozen=True)
class _Lesion:
    box: Box
    polygon: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class _Found:
    """As `Assessments` and `Segmentations` of the package."""

    assessments: list[Assessment]
    refusals: list[Any]
    heat_scale: HeatScale
    segmentations: list[Any]
    lesions: tuple[_Lesion, ...] = ()


def judged(requests: list[Request], **_: object) -> _Found:
    """A risk that depends on the box alone."""
    request = requests[0]
    assert request.box is not None
    frame = request.read()
    heat = np.zeros((frame.rows, frame.columns), np.float32)
    heat[request.box.top : request.box.bottom, request.box.left : request.box.right] = 1.5
    size, reason = frame.spacing_at(request.box)
    height, width = size or (1.0, 1.0)
    assessment = Assessment(
        image=request.name,
        model="Stand-in",
        model_hash="0" * 64,
        split_kind="no",
        research_use=RESEARCH_USE,
        label_source="none",
        operating_point=OperatingPoint(threshold=0.5, rule="set by hand", chosen_on="no data"),
        label="benign",
        frame_number=request.frame or 0,
        probability=0.25,
        calibrated_risk=0.25,
        calibration="platt",
        box=request.box,
        box_origin=request.origin or "the user",
        contour=request.contour,
        size_mm=None if size is None else (request.box.height * height, request.box.width * width),
        size_reason=reason,
        heat_map=HeatMap(heat, None, request.box),
    )
    return _Found([assessment], [], HeatScale(value=2.0, rule="set by hand"), [])


def outlined(requests: list[Request], **_: object) -> _Found:
    """One lesion."""
    lesion = _Lesion(Box(30, 40, 60, 70), ((30.0, 40.0), (60.0, 40.0), (60.0, 70.0), (30.0, 70.0)))
    found = _Found([], [], HeatScale(value=1.0, rule=""), [], (lesion,))
    return _Found([], [], HeatScale(value=1.0, rule=""), [found])


@contextmanager
def stand_in() -> Iterator[None]:
    """Models that need no time."""
    with (
        patch("thyrosight.server.jobs.tasks.assess", judged),
        patch("thyrosight.server.jobs.tasks.segment", outlined),
        patch.object(Models, "judge", None),
        patch.object(Models, "finder", object()),
    ):
        yield
