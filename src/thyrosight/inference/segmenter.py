"""The segmenter: outlines the lesions of new images with the model of a bundle."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, InstanceOf

from thyrosight.errors import BundleError, ThyroSightError
from thyrosight.imaging import Box, Frame, PreparedImage
from thyrosight.imaging.scan_area import scan_area_of
from thyrosight.inference.assessment import ModelResult, Refusal
from thyrosight.inference.bundle import Bundle, MaskPoint
from thyrosight.inference.familiarity import UNLIKE
from thyrosight.inference.gate import NO_NODULE_FOUND, check_input
from thyrosight.inference.outlines import Outline, outline_and_clean, sure_lesions
from thyrosight.inference.pipeline import in_batches, one_at_a_time, threads_for
from thyrosight.inference.ready import Request
from thyrosight.inference.session import Outputs
from thyrosight.inference.views import with_mirrored
from thyrosight.progress import Progress

_Ready = tuple[Frame, PreparedImage]
"""A frame, and how it was prepared."""


class Segmentation(ModelResult):
    """The lesions that a model outlines in one image.

    Attributes:
        frame_number: position in a file of several frames, from 0.
        rows, columns: of the image.
        lesions: the largest first; none where the model marks nothing.
        mask_point: the threshold on the probability of a pixel.
        mask: bool `(rows, columns)` of these lesions; not part of the JSON form.
        quality_flags: properties of the image that make the result less reliable; see `QUALITY_FLAGS`.
        notes: how the image was read and prepared, where that matters.
    """

    frame_number: int = 0
    rows: int
    columns: int
    lesions: tuple[Outline, ...]
    mask_point: MaskPoint
    mask: InstanceOf[np.ndarray] = Field(exclude=True, repr=False)
    quality_flags: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class Segmenter:
    """Outlines lesions with the network and preparation of one bundle.

    Args:
        bundle: of a network that draws masks.
        checked: whether images are checked for what makes results less reliable; False where a model that judges the
            lesions checks the same images.

    Raises:
        BundleError: the bundle's network draws no masks.
    """

    def __init__(self, bundle: Bundle, *, checked: bool = True) -> None:
        point = bundle.info.masks
        if point is None or not bundle.session.capabilities.outlines:
            raise BundleError(
                f"The model {bundle.folder} ({bundle.title}) classifies and draws no outlines; name one that was "
                "trained for segmentation."
            )
        self.bundle, self._point, self._checked = bundle, point, checked

    def segment(self, image: Path | str | Frame, *, box: Box | None = None) -> Segmentation:
        """Outline the lesions of one image.

        Args:
            image: a file or frame.
            box: the nodule, which a model of nodule crops needs; others make no use of it.

        Raises:
            ThyroSightError: the image cannot be read, or the box lies outside it.
        """
        return self._segment([self._ready(Request(image, box))])[0]

    def segment_many(
        self,
        images: Iterable[Path | str | Frame | Request],
        *,
        batch_size: int = 8,
        progress: Progress | None = None,
    ) -> Iterator[Segmentation | Refusal]:
        """Outline images in the given order; one that cannot be used becomes a `Refusal` and the rest goes on."""
        total = len(images) if isinstance(images, Sequence) else None
        requests = (item if isinstance(item, Request) else Request(item) for item in images)
        lane = None if total == 1 else self.bundle.session.lane()
        run = one_at_a_time(lane)

        def work(request: Request) -> Segmentation | _Ready | Refusal:
            try:
                frame, prepared = self._ready(request)
            except ThyroSightError as error:
                return Refusal(image=request.name, reason=str(error))
            found = run(self._shown(prepared))
            return (frame, prepared) if found is None else self._results([(frame, prepared)], found)[0]

        done = 0
        for results in in_batches(work, requests, batch_size=batch_size, workers=threads_for(lane)):
            ready = [item for item in results if isinstance(item, tuple)]
            drawn = iter(self._segment(ready) if ready else [])
            for item in results:
                yield next(drawn) if isinstance(item, tuple) else item
            done += len(results)
            if progress is not None:
                progress("Outlining", done, total or done)

    def _ready(self, request: Request) -> _Ready:
        frame, preparation = request.read(), self.bundle.info.preparation
        box = request.box if preparation.crop == "nodule" else None
        return frame, preparation.prepare(frame, box=box)

    def _segment(self, ready: Sequence[_Ready]) -> list[Segmentation]:
        """Run the network on one batch."""
        return self._results(
            ready, self.bundle.session.run(np.concatenate([self._shown(prepared) for _, prepared in ready]))
        )

    def _shown(self, prepared: PreparedImage) -> NDArray[np.uint8]:
        """The image, and its mirror image where the model wants both."""
        return with_mirrored(self.bundle.info.views, prepared.pixels[None])

    def _results(self, ready: Sequence[_Ready], found: Outputs) -> list[Segmentation]:
        assert found.mask_logits is not None  # such sessions are refused at the start
        from scipy.special import expit  # takes longer to import than a classifier takes to start

        masks = expit(_upright(found.mask_logits) if self.bundle.info.views.mirrored else found.mask_logits)
        return [
            self._result(frame, prepared, mask, self._raised(prepared, found, number))
            for number, ((frame, prepared), mask) in enumerate(zip(ready, masks, strict=True))
        ]

    def _raised(self, prepared: PreparedImage, found: Outputs, number: int) -> tuple[str, ...]:
        """The flag of an image that is unlike those of the training, by its features as it is, not mirrored."""
        info = self.bundle.info
        if info.familiarity is None:
            return ()
        if found.features is None or found.features.shape[1] != info.familiarity.channels:
            raise BundleError(
                f"The network of {self.bundle.folder} does not give the {info.familiarity.channels} features that its "
                f"`familiarity` reads; write it again with `thyrosight models export {self.bundle.folder}`."
            )
        features = found.features[number * (2 if info.views.mirrored else 1)]
        return (UNLIKE,) if info.familiarity.is_unlike(features, prepared.pixels) else ()

    def _result(
        self, frame: Frame, prepared: PreparedImage, probability: NDArray[np.float32], raised: tuple[str, ...]
    ) -> Segmentation:
        info = self.bundle.info
        of_frame = prepared.to_frame(probability, (frame.rows, frame.columns))
        lesions, mask = outline_and_clean(self._marked(of_frame, frame), frame, probability=of_frame)
        return Segmentation(
            image=frame.source,
            frame_number=frame.frame_number,
            rows=frame.rows,
            columns=frame.columns,
            lesions=lesions,
            mask_point=self._point,
            mask=mask,
            quality_flags=(*raised, *(check_input(frame, prepared, info.preparation) if self._checked else ())),
            notes=prepared.notes,
            **Segmentation.facts_of(self.bundle),
        )

    def _marked(self, probability: NDArray[np.float32], frame: Frame) -> NDArray[np.bool_]:
        """The pixels of lesions: those above the threshold, without lesions that count as none."""
        point, preparation = self._point, self.bundle.info.preparation
        area = (scan_area_of(frame).box if preparation.scan_area else frame.box).area
        return sure_lesions(
            probability,
            threshold=point.threshold,
            least_pixels=point.least_share * area,
            least_probability=point.least_probability,
        )


def _upright(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The mean of each image's logits and those of its mirror image, turned back."""
    mean: NDArray[np.float32] = (logits[::2] + np.flip(logits[1::2], axis=2)) * np.float32(0.5)
    return mean


def find_nodules(
    segmenter: Segmenter,
    requests: Sequence[Request],
    *,
    loops: Collection[str] = (),
    progress: Progress | None = None,
) -> tuple[list[Request], list[Refusal]]:
    """Find the nodules of requests without a box; each lesion becomes a request with its box, outline and origin.

    A still image in which nothing is found stays a request without a box, and its origin says so. Of each frame of a
    loop the largest lesion is taken; frames without one are left out.

    Args:
        segmenter: finds them.
        requests: those with a box stay as they are.
        loops: names of images that are loops.
        progress: called as the work goes on.

    Raises:
        BundleError: the segmenter was trained on crops of nodules, which have to be found first.
    """
    if segmenter.bundle.info.preparation.crop == "nodule":
        raise BundleError(
            f"The model {segmenter.bundle.folder} outlines nodules in crops around them and cannot find them; name one "
            "that was trained on whole images (crop: scan area)."
        )
    results = segmenter.segment_many([one for one in requests if one.box is None], progress=progress)
    found: list[Request] = []
    refusals: list[Refusal] = []
    empty_loops: dict[str, bool] = {}
    for request in requests:
        if request.box is not None:
            found.append(request)
            continue
        result = next(results)
        if isinstance(result, Refusal):
            refusals.append(result)
        elif result.image in loops:
            found += _nodules(request, result, most=1)
            empty_loops[result.image] = empty_loops.get(result.image, True) and not result.lesions
        else:
            origin = f"no nodule box: {result.model} found no lesion"
            nothing = replace(request, origin=origin, flags=(NO_NODULE_FOUND, *_handed_on(result)))
            found += _nodules(request, result) or [nothing]
    reason = "no lesion was found in any of the frames that were chosen; give a box"
    refusals += [Refusal(image=name, reason=f"{name}: {reason}.") for name, empty in empty_loops.items() if empty]
    return found, refusals


def _nodules(request: Request, result: Segmentation, *, most: int | None = None) -> list[Request]:
    count = len(result.lesions)
    which = "" if count == 1 else f"; {{}} of {count} lesions, by area"
    origin = f"found by segmentation, not drawn by a reader ({result.model}, {result.model_hash[:12]}{which})"
    return [
        replace(
            request,
            box=lesion.box,
            contour=lesion.polygon,
            origin=origin.replace("{}", str(number)),
            flags=_handed_on(result),
        )
        for number, lesion in enumerate(result.lesions[:most], start=1)
    ]


def _handed_on(result: Segmentation) -> tuple[str, ...]:
    """The flag that the finder alone can raise; the model that judges the nodules raises the others."""
    return tuple(flag for flag in result.quality_flags if flag == UNLIKE)
