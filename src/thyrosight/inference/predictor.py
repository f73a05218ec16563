"""The predictor: assesses new images with the model of a bundle."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thyrosight.errors import BundleError, ThyroSightError
from thyrosight.imaging import Box, Frame, PreparedImage
from thyrosight.inference.assessment import GRAD_CAM, Assessment, HeatMap, Refusal
from thyrosight.inference.bundle import Bundle
from thyrosight.inference.engines import usable_cores
from thyrosight.inference.helpers import WORTH, Helpers, helpers_for
from thyrosight.inference.pipeline import in_batches, one_at_a_time, threads_for
from thyrosight.inference.ready import Ready, Request, make_ready
from thyrosight.inference.session import Outputs, Session, malignancy
from thyrosight.progress import Progress

Explainer = Callable[[Session, NDArray[np.uint8]], NDArray[np.float32]]
"""From a session and prepared pixels `(n, rows, columns[, 3 or 4])` to raw maps `(n, rows, columns)` of the malignant
class; of pairs, over the B-mode image.

`thyrosight.explaining.grad_cam` is one. It is an argument, because this room runs without explanations.
"""


@dataclass(frozen=True, eq=False)
class _Run:
    """An image that is ready, and the network's outputs where it has already run."""

    ready: Ready
    outputs: Outputs | None


class Predictor:
    """Assesses images with the network, preparation, calibration and operating point of one bundle.

    Args:
        bundle: from `load_bundle`.
        explainer: makes heat maps; without one, `explain=True` is refused.
        method: of the explainer.
        helpers: processes may be started that read and prepare many images; False where others use the cores.

    Raises:
        BundleError: the bundle's network draws outlines and tells no classes apart.
    """

    def __init__(
        self, bundle: Bundle, *, explainer: Explainer | None = None, method: str = GRAD_CAM, helpers: bool = True
    ) -> None:
        if not bundle.session.capabilities.classes:
            raise BundleError(
                f"The model {bundle.folder} ({bundle.title}) draws outlines and tells no classes apart; use it with "
                "`thyrosight segment`, or to find nodules for a classifier (--segmenter)."
            )
        self.bundle = bundle
        self.explainer, self.method, self._helpers = explainer, method, helpers

    def assess(
        self,
        image: Path | str | Frame,
        *,
        box: Box | None = None,
        elastogram: Path | str | Frame | None = None,
        explain: bool = False,
    ) -> Assessment:
        """Assess one image, or one nodule of it, or a pair of B-mode image and elastogram.

        Raises:
            ThyroSightError: the image cannot be read, the box lies outside it, the elastogram does not fit image or
                model, or there is no explainer.
        """
        request = Request(image, box, elastogram=elastogram)
        return self._assess([_Run(make_ready(request, self.bundle), None)], explain=explain)[0]

    def assess_many(
        self,
        images: Iterable[Path | str | Frame | Request],
        *,
        batch_size: int = 16,
        explain: bool = False,
        progress: Progress | None = None,
    ) -> Iterator[Assessment | Refusal]:
        """Assess images in the given order; one that cannot be used becomes a `Refusal` and the rest goes on.

        Two batches are in memory at a time, however many images there are: while the network works on one, the next is
        read. Where the engine runs single images fastest, several threads read, prepare and run one image each. Of a
        hundred images or more, processes of their own read and prepare them where cores are to spare.

        Args:
            images: paths, frames, or requests that name a nodule's box. Several requests may name one image.
            batch_size: images at a time.
            explain: add heat maps.
            progress: called after each batch; the total is known only if `images` has a length.
        """
        total = len(images) if isinstance(images, Sequence) else None
        requests = (item if isinstance(item, Request) else Request(item) for item in images)
        lane = None if explain or total == 1 else self.bundle.session.lane()
        run = one_at_a_time(lane)
        worth = self._helpers and not explain and (total or 0) >= WORTH
        count = helpers_for(lane, cores=usable_cores()) if worth else 0
        done = 0
        with Helpers(self.bundle, count=count) as helpers:

            def work(request: Request) -> _Run | Refusal:
                try:
                    ready = helpers.make_ready(request)
                except ThyroSightError as error:
                    return Refusal(image=request.name, reason=str(error))
                return _Run(ready, run(ready.views))

            workers = threads_for(lane, helpers=count)
            for results in in_batches(work, requests, batch_size=batch_size, workers=workers):
                found = [item for item in results if isinstance(item, _Run)]
                assessed = iter(self._assess(found, explain=explain) if found else [])
                for item in results:
                    yield item if isinstance(item, Refusal) else next(assessed)
                done += len(results)
                if progress is not None:
                    progress("Assessing", done, total or done)

    def _assess(self, found: "list[_Run]", *, explain: bool) -> list[Assessment]:
        """The assessments of one batch; networks that have not run yet are run on images of one shape at a time."""
        spec, ready = self.bundle.info.spec, [item.ready for item in found]
        probabilities = np.zeros(len(found))
        maps: list[HeatMap | None] = [None] * len(found)
        for group in _by_shape([item.pixels for item in ready]):
            probabilities[group] = malignancy(self._logits([found[index] for index in group]), spec)
            if explain:
                pixels = np.stack([ready[index].pixels for index in group])
                drawn = self._heat_maps([ready[index] for index in group], pixels)
                for index, heat_map in zip(group, drawn, strict=True):
                    maps[index] = heat_map
        risks = self.bundle.calibrator.apply(probabilities)
        return [
            self._assessment(item, probability=float(probability), risk=float(risk), heat_map=heat_map)
            for item, probability, risk, heat_map in zip(ready, probabilities, risks, maps, strict=True)
        ]

    def _logits(self, found: "list[_Run]") -> NDArray[np.float32]:
        """Logits of images of one shape, averaged over the windows of each; the network runs where it has not yet."""
        counts = [len(item.ready.views) for item in found]
        given = [item.outputs.logits for item in found if item.outputs is not None]
        logits = given or [self.bundle.session.run(np.concatenate([item.ready.views for item in found])).logits]
        values = np.concatenate([part for part in logits if part is not None])
        windows = np.split(values, np.cumsum(counts)[:-1])
        return np.stack([part[0] if len(part) == 1 else part.mean(axis=0) for part in windows])

    def _heat_maps(self, ready: list[Ready], pixels: NDArray[np.uint8]) -> list[HeatMap]:
        if self.explainer is None:
            raise BundleError(
                "Heat maps need an explainer; give one to the Predictor (thyrosight.explaining.grad_cam)."
            )
        raw, scale = self.explainer(self.bundle.session, pixels), self.bundle.info.heat_scale
        return [
            HeatMap(
                values=item.prepared.to_frame(heat, (item.frame.rows, item.frame.columns)),
                scale=None if scale is None else scale.value,
                window=item.prepared.window,
                method=self.method,
            )
            for item, heat in zip(ready, raw, strict=True)
        ]

    def _assessment(self, item: Ready, *, probability: float, risk: float, heat_map: HeatMap | None) -> Assessment:
        info = self.bundle.info
        request = item.request
        size, reason = size_of(item.frame, request.box)
        return Assessment(
            image=item.frame.source,
            elastogram=request.elastogram_name,
            frame_number=item.frame.frame_number,
            probability=probability,
            calibrated_risk=risk,
            label=info.operating_point.label(risk),
            box=request.box,
            box_origin=request.origin or _box_origin(request.box, item.prepared),
            contour=request.contour,
            size_mm=size,
            size_reason=reason,
            quality_flags=item.flags,
            notes=item.notes,
            heat_map=heat_map,
            **Assessment.facts_of(self.bundle),
        )


def _by_shape(images: Sequence[NDArray[np.uint8]]) -> list[list[int]]:
    """Indices of images of one shape together, each group in order.

    >>> _by_shape([np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8), np.zeros((2, 2), np.uint8)])
    [[0, 2], [1]]
    """
    groups: dict[tuple[int, ...], list[int]] = {}
    for index, image in enumerate(images):
        groups.setdefault(image.shape, []).append(index)
    return list(groups.values())


def size_of(frame: Frame, box: Box | None) -> tuple[tuple[float, float] | None, str]:
    """Height and width of a nodule's box in mm, or None, and why.

    >>> frame = Frame(np.zeros((50, 80), dtype=np.uint8), "a.png", (0.1, 0.2), "the user gave it")
    >>> size_of(frame, Box(10, 10, 40, 30))
    ((2.0, 6.0), 'the box times the pixel spacing; the user gave it')
    >>> size_of(frame, None)
    (None, 'no nodule box was given')
    """
    if box is None:
        return None, "no nodule box was given"
    spacing, reason = frame.spacing_at(box)
    if spacing is None:
        return None, reason
    rows, columns = spacing
    return (box.height * rows, box.width * columns), f"the box times the pixel spacing; {reason}"


def _box_origin(box: Box | None, prepared: PreparedImage) -> str:
    if box is not None:
        return "given with the image"
    missing = next((note for note in prepared.notes if note.startswith("no nodule box")), None)
    return missing or "no nodule box: the model does not need one"
