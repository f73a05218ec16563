"""From files to assessments and outlines: the one way for the shell, the DICOM node and a server."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from thyrosight.errors import ImageError
from thyrosight.explain import scale_rule, shared_scale
from thyrosight.explaining import explainer_of
from thyrosight.imaging import Box, Frame, read_frame
from thyrosight.inference import (
    Assessment,
    Bundle,
    HeatScale,
    LoopAssessment,
    Predictor,
    Refusal,
    Request,
    Segmentation,
    Segmenter,
    Source,
    export_bundle,
    find_nodules,
    find_requests,
    load_bundle,
    open_loops,
    over_loops,
)
from thyrosight.inference.loops import Frames
from thyrosight.inference.onnx_record import OnnxRecord
from thyrosight.inference.ready import make_ready
from thyrosight.inference.shipped import FINDER, RISK, shipped_model
from thyrosight.memory import give_back_freed_memory
from thyrosight.progress import Progress, silent
from thyrosight.showing import Shown

Model = Path | str | Bundle
"""The folder or zip file of a model, or the bundle that was loaded from it."""
OnHeatMap = Callable[[Assessment, Request, HeatScale], None]
"""Called with an assessment that holds its heat map, its request, and the scale on which all maps are drawn."""
OnOutline = Callable[[Segmentation, Request], None]
"""Called with the outlines of an image, which hold its mask, and its request."""


@dataclass(frozen=True, eq=False)
class Assessments(Shown):
    """The assessments of some images, in the order of the images. Iterating over it gives them one by one.

    Attributes:
        assessments: one for each nodule, or each image without a nodule box; of a loop one for each frame.
        loops: one for each nodule of each loop, over its frames.
        refusals: the images that could not be assessed, each with the reason in one sentence.
        heat_scale: on which all heat maps are drawn: the model's own, or one that these images share; None without
            heat maps.
        model: the bundle that assessed them.
    """

    assessments: list[Assessment]
    loops: list[LoopAssessment]
    refusals: list[Refusal]
    heat_scale: HeatScale | None
    model: Bundle

    def __iter__(self) -> Iterator[Assessment]:
        return iter(self.assessments)

    def __len__(self) -> int:
        return len(self.assessments)

    def with_frames(self) -> list[tuple[Assessment, Frame]]:
        """Each assessment with its frame, read again from its file.

        Raises:
            ImageError: an image was refused, or its file is gone.
        """
        if self.refusals:
            raise ImageError(self.refusals[0].reason)
        return [(one, read_frame(one.image, frame=one.frame_number)) for one in self.assessments]


@dataclass(frozen=True, eq=False)
class Segmentations(Shown):
    """The outlines of some images, in the order of the images.

    Attributes:
        segmentations: one for each image, of a loop one for each frame.
        loops: names of the images that are loops.
        refusals: the images that could not be outlined, each with the reason in one sentence.
        model: the bundle that outlined them.
    """

    segmentations: list[Segmentation]
    loops: frozenset[str]
    refusals: list[Refusal]
    model: Bundle


def assess(
    images: Source | Iterable[Source] = (),
    *,
    model: Model | None = None,
    box: Box | None = None,
    boxes: Path | str | None = None,
    elastogram: Path | str | Frame | None = None,
    segmenter: Model | None = None,
    frames: Frames = 8,
    explain: bool = False,
    on_heat_map: OnHeatMap | None = None,
    device: str = "auto",
    backend: str = "auto",
    threads: int | None = None,
    progress: Progress = silent,
) -> Assessments:
    """Assess the nodules of images: each gets a calibrated risk of malignancy. For research use only.

    An image that cannot be used is refused with the reason, and the others are assessed. Without a model, those that
    come with the package find the nodules and judge them.

    Args:
        images: files, folders, patterns such as "scans/*.png", frames in memory, or requests; DICOM files may be loops.
        model: the model that judges; None for the one that comes with the package, which then also looks for nodules
            where no box is given. Where many calls follow one another, load it once with `load_model`.
        box: the nodule, where a single image is named.
        boxes: a CSV table with the columns `image` and `box`, and perhaps `frame` and `elastogram`; see `read_boxes`.
        elastogram: of a single image, for models of pairs.
        segmenter: a model that finds the nodules where no box is given; every lesion it outlines is assessed.
        frames: of a loop, how many sharp frames that differ to choose, their numbers from 0, or "all".
        explain: keep a heat map with each assessment.
        on_heat_map: called with each assessment as it comes; heat maps are then not kept, so that memory stays bounded.
            Where the model states no heat scale, the images are assessed twice, first to find one that they share.
        device, backend, threads: device, engine and threads of models that are loaded here, as for `load_model`.
        progress: called as the work goes on.

    Raises:
        ThyroSightError: nothing was named, a model or a table cannot be read, or they do not fit one another.
    """
    requests, refusals = find_requests(images, box=box, boxes=boxes, elastogram=elastogram)
    if model is None:
        model, segmenter = shipped_model(RISK), segmenter or shipped_model(FINDER)
    bundle = _loaded(model, device, backend, threads)
    explainer, method = explainer_of(bundle)
    predictor = Predictor(bundle, explainer=explainer, method=method)
    requests, lengths, unopened = open_loops(requests, frames=frames, progress=progress)
    refusals += unopened
    if segmenter is not None and any(request.box is None for request in requests):
        finder = Segmenter(_loaded(segmenter, device, backend, threads), checked=False)
        requests, unfound = find_nodules(finder, requests, loops=lengths.keys(), progress=progress)
        refusals += unfound
    if on_heat_map is None:
        results = list(predictor.assess_many(requests, explain=explain, progress=progress))
        scale = _heat_scale(predictor, _highest(results)) if explain else None
    else:
        results, scale = _one_by_one(predictor, requests, on_heat_map, progress)
    assessments = [one for one in results if isinstance(one, Assessment)]
    refusals += [one for one in results if isinstance(one, Refusal)]
    return Assessments(
        assessments=assessments,
        loops=over_loops(assessments, lengths),
        refusals=list(dict.fromkeys(refusals)),  # frames of a loop may all be refused for one reason
        heat_scale=scale,
        model=predictor.bundle,
    )


def segment(
    images: Source | Iterable[Source] = (),
    *,
    model: Model | None = None,
    box: Box | None = None,
    boxes: Path | str | None = None,
    frames: Frames = 8,
    on_outline: OnOutline | None = None,
    device: str = "auto",
    backend: str = "auto",
    threads: int | None = None,
    progress: Progress = silent,
) -> Segmentations:
    """Outline the lesions of images, with area, axes and orientation. For research use only.

    Args:
        images, box, boxes, frames, device, backend, threads, progress: as for `assess`.
        model: a model that was trained to outline; None for the one that comes with the package.
        on_outline: called with each result as it comes; masks are then not kept, so that memory stays bounded.

    Raises:
        ThyroSightError: nothing was named, the model or a table cannot be read, or the model draws no outlines.
    """
    requests, refusals = find_requests(images, box=box, boxes=boxes)
    segmenter = Segmenter(_loaded(shipped_model(FINDER) if model is None else model, device, backend, threads))
    requests, lengths, unopened = open_loops(requests, frames=frames, progress=progress)
    refusals += unopened
    found: list[Segmentation] = []
    for request, result in zip(requests, segmenter.segment_many(requests, progress=progress), strict=True):
        if isinstance(result, Refusal):
            refusals.append(result)
        elif on_outline is None:
            found.append(result)
        else:
            on_outline(result, request)
            found.append(result.model_copy(update={"mask": result.mask[:0, :0]}))
    return Segmentations(found, frozenset(lengths), refusals, segmenter.bundle)


def load_model(path: Path | str, *, device: str = "auto", backend: str = "auto", threads: int | None = None) -> Bundle:
    """Load a model once, for many calls of `assess` or `segment`.

    Args:
        path: the folder `model` that a study wrote, a zip file of it, or the name of a model that comes with the
            package: "default-risk" or "default-finder".
        device: where it runs: "cpu", "cuda", "cuda:1", "mps", or "auto" for the fastest present.
        backend: the engine that runs it: "onnx", "openvino", "torch", or "auto": ONNX Runtime on a CPU, PyTorch on a
            GPU, as far as they are installed and the model was exported.
        threads: of a CPU; None for all that this process may use.

    Raises:
        BundleError: there is no model, it is damaged, or nothing installed can run it.
        NetworkError: this machine has no such device or backend.
    """
    return load_bundle(path, device=device, backend=backend, threads=threads)


def export_model(
    path: Path | str, images: Source | Iterable[Source] = (), *, boxes: Path | str | None = None
) -> OnnxRecord:
    """Write the network of a model as `model.onnx` beside its weights, and compare both on images.

    Args:
        path: the folder of the model.
        images, boxes: as for `assess`.

    Raises:
        ThyroSightError: the model or an image cannot be read, or the exported network gives other probabilities.
    """
    bundle = load_bundle(path, backend="torch")
    requests, refusals = find_requests(images, boxes=boxes)
    if refusals:
        raise ImageError(refusals[0].reason)
    return export_bundle(bundle, images=[make_ready(request, bundle).pixels for request in requests])


def _loaded(model: Model, device: str, backend: str, threads: int | None) -> Bundle:
    if isinstance(model, Bundle):
        return model
    give_back_freed_memory()  # of models that earlier calls loaded
    return load_model(model, device=device, backend=backend, threads=threads)


def _one_by_one(
    predictor: Predictor, requests: Sequence[Request], on_heat_map: OnHeatMap, progress: Progress
) -> tuple[list[Assessment | Refusal], HeatScale]:
    """Hand every assessment on with its heat map, and keep it without."""

    def finding(_: str, done: int, total: int) -> None:
        progress("Finding a shared heat scale", done, total)

    scale = predictor.bundle.info.heat_scale
    if scale is None:
        scale = _heat_scale(predictor, _highest(predictor.assess_many(requests, explain=True, progress=finding)))
    kept: list[Assessment | Refusal] = []
    results = predictor.assess_many(requests, explain=True, progress=progress)
    for request, result in zip(requests, results, strict=True):
        if isinstance(result, Assessment):
            on_heat_map(result, request, scale)
            kept.append(result.model_copy(update={"heat_map": None}))
        else:
            kept.append(result)
    return kept, scale


def _highest(results: Iterable[Assessment | Refusal]) -> list[float]:
    """The strongest heat of each map."""
    maps = (one.heat_map for one in results if isinstance(one, Assessment))
    return [float(heat.values.max()) for heat in maps if heat is not None]


def _heat_scale(predictor: Predictor, highest: Sequence[float]) -> HeatScale:
    """The scale that the model states, or else one that these images share."""
    own = predictor.bundle.info.heat_scale
    if own is not None:
        return own
    value = shared_scale(np.array(highest).reshape(-1, 1, 1))
    return HeatScale(value=value, rule=f"{scale_rule(len(highest))} of this run")
