"""The risk model's bundle: the answer by pathology as a classifier in 16 bits, calibrated on the fold left out."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from thyrosight.default_models.left_out import Case, left_out_cases
from thyrosight.default_models.origin import Origin, frames_trained_on, plain_figure, software
from thyrosight.default_models.pack import read_index
from thyrosight.default_models.risk import ARCHITECTURE, PATHOLOGY, risk_network
from thyrosight.imaging import Preparation
from thyrosight.inference import (
    Bundle,
    OperatingPoint,
    Predictor,
    Refusal,
    Request,
    Segmenter,
    find_nodules,
    save_bundle,
)
from thyrosight.inference.views import Views, prepare_views
from thyrosight.networks import create, find_architecture, load_weights, round_to_16_bits
from thyrosight.networks.spec import ModelSpec
from thyrosight.progress import Progress, silent
from thyrosight.recalibrating import Answers, measure, out_of_fold
from thyrosight.statistics import auc, fit_calibrator, operating_point

VIEWS: Final = Views(around=(1.8, 3.0), least=1 / 3, whole=False, mirrored=True)
RULES: Final = ("youden", "sensitivity>=0.95")
"""Rules of operating points; the bundle holds the first, its figures both."""

_CALIBRATION: Final = "platt"
_COMPARED: Final = 8
_NOT_YET: Final = OperatingPoint(threshold=0.5, rule="none yet", chosen_on="nothing")


def preparation_of(size: int) -> Preparation:
    """How the risk model sees a nodule; its windows are those of `VIEWS`."""
    return Preparation(crop="nodule", shape="square", size=size, contrast="stretch", padding="black")


def save_risk(
    out: Path, *, data: Path, packs: Path, origin: Origin, finder: Bundle, progress: Progress = silent
) -> Bundle:
    """Build the risk model's bundle from the weights of its last stage.

    Every frame of TN5000 that was left out of the training is assessed as a user's would be: the finder's largest
    nodule, or the scan area where it finds none. On these answers Platt's calibrator is fitted and the operating point
    chosen; AUC and, out of fold by groups, calibration are measured there.

    Args:
        out: the bundle's folder.
        data: the folder of the collections.
        packs: of their packs.
        origin: of the weights.
        finder: finds the nodules.
        progress: called as the work goes on.

    Raises:
        BundleError: nothing was left out of the training, or the bundle cannot be exported.
        OutputError: the folder cannot be written.
    """
    network, spec = shipped_network(origin)
    cases = left_out_cases(data, packs, "tn5000", fold=origin.run.fold)
    requests = largest_nodules(finder, cases, progress=progress)
    parts: dict[str, Any] = {
        "network": network,
        "spec": spec,
        "preparation": preparation_of(origin.run.size),
        "views": VIEWS,
        "cohort": _cohort(origin, packs, finder, left_out=len(cases)),
        "software": software(),
    }
    with TemporaryDirectory() as folder:
        nothing: dict[str, Any] = {"calibration": {"method": "none"}, "operating_point": _NOT_YET}
        plain = save_bundle(Path(folder) / "risk", **parts, **nothing)
        answers = answers_of(plain, cases, requests, progress=progress)
    calibrator = fit_calibrator(answers.truth, answers.probability, method=_CALIBRATION)
    risk = calibrator.apply(answers.probability)
    points = {rule: _point(answers, risk, rule) for rule in RULES}
    return save_bundle(
        out,
        calibration=calibrator.to_dict(),
        operating_point=points[RULES[0]],
        metrics=_figures(answers, points),
        images=_examples(requests[:_COMPARED], preparation_of(origin.run.size)),
        **parts,
    )


def shipped_network(origin: Origin) -> tuple[nn.Module, ModelSpec]:
    """The trained network with the classes benign and malignant in place of its two answers, rounded to 16 bits.

    The logit of benign is 0 and that of malignant the answer by pathology, so that the probability stays what it was.

    Raises:
        NetworkError: the weights are not those of the risk model.
    """
    trained = risk_network()
    load_weights(trained, origin.run.weights)
    options = origin.run.options
    network, spec = create(
        ARCHITECTURE,
        weights=str(origin.stages[0].options.get("weights", "imagenet-if-present")),
        input_size=origin.run.size,
        dropout=float(options.get("dropout", 0.3)),
    )
    (head,) = find_architecture(ARCHITECTURE).heads
    state = dict(trained.state_dict())
    for name in [name for name in state if name.split(".")[-2] == head]:
        own = state[name][PATHOLOGY]
        state[name] = torch.stack([torch.zeros_like(own), own])
    network.load_state_dict(state)
    round_to_16_bits(network)
    return network.eval().requires_grad_(False), spec


def largest_nodules(finder: Bundle, cases: Sequence[Case], *, progress: Progress = silent) -> list[Request]:
    """The request for each case: the largest nodule found, or the image alone where nothing was found or it failed."""
    asked = [Request(case.item.image, place=place) for place, case in enumerate(cases)]
    found, _ = find_nodules(Segmenter(finder, checked=False), asked, progress=progress)
    first: dict[int, Request] = {}
    for one in found:  # of each image the largest first
        first.setdefault(-1 if one.place is None else one.place, one)
    return [first.get(place, request) for place, request in enumerate(asked)]


def answers_of(
    bundle: Bundle, cases: Sequence[Case], requests: Sequence[Request], *, progress: Progress = silent
) -> Answers:
    """Truth, probability before calibration and group of each case that could be assessed."""
    results = list(Predictor(bundle).assess_many(list(requests), progress=progress))
    kept = [(case, one) for case, one in zip(cases, results, strict=True) if not isinstance(one, Refusal)]
    return Answers(
        truth=np.array([case.item.label for case, _ in kept]),
        probability=np.array([one.probability for _, one in kept]),
        group=np.array([case.group for case, _ in kept]),
    )


def _point(answers: Answers, risk: NDArray[np.float64], rule: str) -> OperatingPoint:
    found = operating_point(answers.truth, risk, rule=rule, cluster=answers.group)
    return OperatingPoint(
        threshold=found.threshold,
        rule=rule,
        chosen_on=f"{len(answers.truth)} frames of TN5000 left out of the training, which also fitted the calibration",
        sensitivity=found.sensitivity.value,
        specificity=found.specificity.value,
    )


def _figures(answers: Answers, points: Mapping[str, OperatingPoint]) -> dict[str, Any]:
    """Figures for the bundle, by group; calibration out of fold."""
    calibration = measure(answers, out_of_fold(answers, method=_CALIBRATION)).measures()
    return {
        "auc": plain_figure(auc(answers.truth, answers.probability, cluster=answers.group)),
        **calibration,
        "operating points": [point.model_dump(mode="json") for point in points.values()],
        "measured on": "frames of TN5000 left out of the training, on which calibration and threshold were chosen too; "
        "the finder's largest nodule; calibration out of fold by groups",
    }


def _examples(requests: Sequence[Request], preparation: Preparation) -> list[NDArray[np.uint8]]:
    """First windows as the network sees them, on which its exported form is compared with it."""
    return [prepare_views(VIEWS, preparation, one.read(), box=one.box)[1][0] for one in requests]


def _cohort(origin: Origin, packs: Path, finder: Bundle, *, left_out: int) -> dict[str, Any]:
    fold = origin.run.fold
    tirads = any(run.options.get("ddti_per_epoch") for run in origin.stages)
    images = {"train tn5000": frames_trained_on(packs, "tn5000", fold), "left out tn5000": left_out}
    if tirads:
        rated = [note.removeprefix("tirads=") for note in read_index(packs / "ddti.npz").note]
        images["train ddti, for the answer by TI-RADS"] = sum(1 for level in rated if level)
    return origin.cohort(
        "TN5000",
        label_source="pathology (TN5000)",
        label_policy="the risk is the answer learnt from pathology"
        + ("; a second answer learnt from TI-RADS of DDTI shaped the network and is not part of it" if tirads else ""),
        images=images,
    ) | {"finder": finder.hash}
