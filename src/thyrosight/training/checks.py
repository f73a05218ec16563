"""Checks of images, network and options before training begins."""

import numpy as np

from thyrosight.errors import NetworkError
from thyrosight.networks import ModelSpec, fits
from thyrosight.networks.spec import LEAST_SIDE
from thyrosight.training.options import FitOptions
from thyrosight.training.paired import PairedSet
from thyrosight.training.prepared import PreparedSet
from thyrosight.training.segmentation_set import MaskedSet


def check_sets(spec: ModelSpec, train: PreparedSet, validation: PreparedSet, options: FitOptions) -> None:
    """Check that images, network and options fit each other.

    Raises:
        NetworkError: images do not fit the network, each other or the options; the error says what to do.
    """
    if len(train) < 2 or len(validation) < 1:
        raise NetworkError(
            f"Training needs at least 2 training images and 1 validation image, got {len(train)} and {len(validation)}."
        )
    shared = _images(train) & _images(validation)
    if shared:
        raise NetworkError(
            f"{len(shared)} images are in both the training and the validation part, for example {min(shared)}; "
            "correct the split."
        )
    for part in (train, validation):
        if isinstance(part, MaskedSet) != (spec.task != "classification"):
            have = "with" if isinstance(part, MaskedSet) else "without"
            raise NetworkError(
                f"A network for {spec.task} cannot learn from images {have} masks; prepare_masked_set makes those with "
                "masks, prepare_set those without."
            )
        if part.classes != spec.classes:
            raise NetworkError(f"The network tells apart {spec.classes}, the images are labelled {part.classes}.")
        _check_shapes(spec, part)
        _check_pairs(spec, part, options)
    _check_margins(train, options)


def _images(part: PreparedSet) -> set[str]:
    """Names of the images of a set; an image of a pair that is shown alone has the name of the pair."""
    return {key.removesuffix("#first").removesuffix("#second") for key in part.keys}


def _check_shapes(spec: ModelSpec, part: PreparedSet) -> None:
    for rows, columns in np.unique(part.sides, axis=0).tolist():
        if not fits((rows, columns), spec):
            also = "" if spec.head == "own" else f", or any sides from {LEAST_SIDE} on"
            raise NetworkError(
                f"{spec.architecture} was made for {spec.input_size} x {spec.input_size} pixels{also}, the images were "
                f"prepared at {rows} x {columns}; make both the same."
            )


def _check_pairs(spec: ModelSpec, part: PreparedSet, options: FitOptions) -> None:
    if isinstance(part, PairedSet) != (spec.fusion != "none"):
        have = "pairs of images" if isinstance(part, PairedSet) else "single images"
        raise NetworkError(
            f"A network with the fusion {spec.fusion!r} cannot learn from {have}; prepare_paired_set makes pairs, and "
            "its image('first') or image('second') the single images of one."
        )
    if not isinstance(part, PairedSet):
        if options.modality_dropout:
            raise NetworkError("modality_dropout hides one image of a pair, and these are single images; leave it 0.")
        return
    if spec.fusion == "early" and options.modality_dropout:
        raise NetworkError("Early fusion needs both images of a pair; leave modality_dropout 0, or use late fusion.")
    shown = part.shown.sum(axis=1)
    least = 2 if spec.fusion == "early" else 1
    if (shown < least).any():
        key = part.keys[int(np.argmax(shown < least))]
        raise NetworkError(
            f"{int((shown < least).sum())} pairs lack an image that the fusion {spec.fusion!r} needs, for example "
            f"{key}; leave them out, or use another fusion."
        )


def _check_margins(train: PreparedSet, options: FitOptions) -> None:
    """Check that the margins to draw lie within the prepared range."""
    drawn, wide = options.augmentation.margin_range, train.wide
    if drawn is None:
        return
    if wide is None or drawn[0] < wide.margins[0] or drawn[1] > wide.margins[1]:
        there = "none" if wide is None else f"those from {wide.margins[0]:g} to {wide.margins[1]:g}"
        raise NetworkError(
            f"Training is to draw margins from {drawn[0]:g} to {drawn[1]:g}, and {there} were prepared; "
            "prepare_set needs the same margins."
        )
