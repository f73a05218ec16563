"""The finder's bundle: trained weights in 16 bits, and the point from which on a find counts."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from torch import nn

from thyrosight.default_models.familiar import LEAST_SIZE, fit_familiarity
from thyrosight.default_models.familiar_images import images_left_out, learnt_images
from thyrosight.default_models.finder_figures import measure_finder
from thyrosight.default_models.finding import ARCHITECTURE
from thyrosight.default_models.left_out import Case, left_out_cases
from thyrosight.default_models.mask_point import choose_point, find_in
from thyrosight.default_models.origin import Origin, frames_trained_on, software
from thyrosight.imaging import Preparation, read_frame
from thyrosight.inference import Bundle, MaskPoint, save_bundle
from thyrosight.inference.familiarity import Familiarity
from thyrosight.inference.views import Views
from thyrosight.networks import create, load_weights, round_to_16_bits
from thyrosight.networks.spec import ModelSpec
from thyrosight.progress import Progress, silent

MOST_FALSE = 0.25
"""Finds per frame without a lesion that the chosen point may make on average."""

VIEWS = Views(mirrored=True)
_COMPARED = 8
"""Frames on which the exported network is compared with the trained one."""


def preparation_of(size: int) -> Preparation:
    """How the finder sees a frame."""
    return Preparation(crop="scan area", shape="square", size=size, contrast="stretch", colour="grey")


def save_finder(
    out: Path,
    *,
    data: Path,
    packs: Path,
    origin: Origin,
    most_false: float = MOST_FALSE,
    keys: Mapping[str, Collection[str]] | None = None,
    progress: Progress = silent,
) -> Bundle:
    """Build the finder's bundle from the weights of its last stage.

    The point from which on a find counts has the highest mean Dice on the outlined frames of DDTI and TN5000 that were
    left out of the training, with at most `most_false` finds per normal frame of BUSI left out.

    Its `familiarity` is fitted on the packs, and its limits chosen on frames left out; a network whose input is smaller
    than `LEAST_SIZE` has none.

    Args:
        out: the bundle's folder.
        data: the folder of the collections.
        packs: of their packs.
        origin: of the weights.
        most_false: see above.
        keys: frames left out, by collection, where that was not the fold of the options.
        progress: called as the work goes on.

    Raises:
        BundleError: nothing was left out of the training, or the bundle cannot be exported.
        OutputError: the folder cannot be written.
    """
    fold, size = origin.run.fold, origin.run.size
    network, spec = _network(origin, size)
    outlined = [
        *left_out_cases(data, packs, "ddti", fold=fold, keys=keys, outlined=True),
        *left_out_cases(data, packs, "tn5000", fold=fold, keys=keys, outlined=True),
    ]
    normal = [one for one in left_out_cases(data, packs, "busi", fold=fold, keys=keys) if one.normal]
    where = (
        f"frames left out of the training ({len(outlined)} outlined of DDTI and TN5000, {len(normal)} normal of BUSI)"
    )
    parts: dict[str, Any] = {
        "network": network,
        "spec": spec,
        "preparation": preparation_of(size),
        "views": VIEWS,
        "cohort": _cohort(origin, packs, [*outlined, *normal]),
        "software": software(),
    }
    with TemporaryDirectory() as folder:
        plain = save_bundle(Path(folder) / "finder", masks=MaskPoint(chosen_on=where), **parts)
        point = choose_point(find_in(plain, [*outlined, *normal], progress=progress), most_false=most_false)
        masks = MaskPoint(
            threshold=point.threshold,
            rule=f"highest mean Dice with at most {most_false:g} finds per normal frame",
            chosen_on=where,
            least_share=point.least_share,
            least_probability=point.least_probability,
        )
        trial = save_bundle(Path(folder) / "trial", masks=masks, **parts)
        metrics = measure_finder(trial, outlined, normal, progress=progress) | {
            "measured on": f"{where}; chosen there too"
        }
    return save_bundle(
        out,
        familiarity=_familiarity(network, packs, origin, keys=keys, progress=progress),
        masks=masks.model_copy(update={"dice": metrics["dice"]["value"]}),
        metrics=metrics,
        images=[preparation_of(size).prepare(read_frame(one.item.image)).pixels for one in outlined[:_COMPARED]],
        **parts,
    )


def _familiarity(
    network: nn.Module,
    packs: Path,
    origin: Origin,
    *,
    keys: Mapping[str, Collection[str]] | None,
    progress: Progress,
) -> Familiarity | None:
    fold, size = origin.run.fold, origin.run.size
    if size < LEAST_SIZE:
        return None
    learnt = learnt_images(packs, fold=fold, size=size, keys=keys)
    return fit_familiarity(network, learnt, images_left_out(packs, fold=fold, size=size, keys=keys), progress=progress)


def _network(origin: Origin, size: int) -> tuple[nn.Module, ModelSpec]:
    """The network with its weights rounded to 16 bits."""
    start = str(origin.stages[0].options.get("weights", "imagenet-if-present"))
    network, spec = create(ARCHITECTURE, weights=start, task="segmentation", input_size=size)
    load_weights(network, origin.run.weights)
    round_to_16_bits(network)
    return network.eval().requires_grad_(False), spec


def _cohort(origin: Origin, packs: Path, left_out: Sequence[Case]) -> dict[str, Any]:
    fold, taught = origin.run.fold, any(run.options.get("teacher") for run in origin.stages)
    return origin.cohort(
        "DDTI, TN5000 and BUSI",
        label_source="outlines by readers (DDTI, BUSI), ellipses between readers' callipers (TN5000)",
        label_policy="nodule or breast lesion against all else; frames of BUSI without a lesion are none",
        images={
            "train ddti": frames_trained_on(packs, "ddti", fold),
            "train busi": frames_trained_on(packs, "busi", fold),
            "train tn5000": frames_trained_on(packs, "tn5000", fold, outlined=not taught),
            **{f"left out {name}": count for name, count in Counter(case.collection for case in left_out).items()},
        },
    )
