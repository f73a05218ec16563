"""A model's calibration fitted anew on the cases of the hospital that uses it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from thyrosight.cohort import Cohort, nodule_box, open_cohort, with_groups
from thyrosight.documents import Measure
from thyrosight.errors import BundleError, CohortError
from thyrosight.inference import Bundle, OperatingPoint, Predictor, Refusal, Request, load_bundle, save_recalibrated
from thyrosight.progress import Progress, silent
from thyrosight.statistics import (
    Calibrator,
    Estimate,
    calibration_error,
    calibration_slope,
    fit_calibrator,
    operating_point,
)

LEAST_PATIENTS: Final[Mapping[str, int]] = {"temperature": 10, "platt": 20, "beta": 30, "isotonic": 100}
"""Patients (or groups) of each class that a method needs: ten for each of its parameters, as for any regression."""

_FOLDS: Final = 5


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers of a model on cases whose truth is known.

    Attributes:
        truth: 1 malignant, 0 benign, per image.
        probability: the network's, before calibration.
        group: patient, or group of patients that share images.
    """

    truth: NDArray[np.int64]
    probability: NDArray[np.float64]
    group: "NDArray[np.str_]"


@dataclass(frozen=True, eq=False)
class CalibrationMeasures:
    """How well risks agree with what was found, with 95 % intervals by group.

    Attributes:
        ece: expected calibration error; the mean distance between risk and frequency.
        slope: 1 is ideal; below 1 risks are too extreme.
        intercept: in the large; 0 is ideal, below 0 risks are too high on average.
    """

    ece: Estimate
    slope: Estimate
    intercept: Estimate

    def measures(self) -> dict[str, Any]:
        """For `bundle.json`."""
        found = {"ece": self.ece, "slope": self.slope, "intercept": self.intercept}
        return {name: Measure.of(item).model_dump(mode="json", exclude_none=True) for name, item in found.items()}


@dataclass(frozen=True, eq=False)
class Recalibration:
    """A model with the calibration of new cases.

    Attributes:
        bundle: the new one.
        before: the old calibration on all cases.
        after: the new one out of fold: each case by a calibrator that was fitted on other groups.
        images, malignant, groups: that were used.
        refusals: images that could not be used.
    """

    bundle: Bundle
    before: CalibrationMeasures
    after: CalibrationMeasures
    images: int
    malignant: int
    groups: int
    refusals: list[Refusal]


def recalibrate(
    model: Path | str | Bundle,
    cases: Path | str | Cohort,
    *,
    out: Path | str,
    method: str = "platt",
    rule: str | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Recalibration:
    """Fit calibration and threshold of a model on cases of one's own, and write a new bundle. For research use only.

    Weights, preparation and everything else stay; the new bundle names the hash of the old one, which is not changed.
    Patients, and patients that share near-duplicates, stay on one side of each fold.

    Args:
        model: the model, which tells classes apart.
        cases: images with labels that took no part in its training, as for `open_cohort`.
        out: the folder of the new bundle.
        method: "platt", "temperature", "beta" or "isotonic"; see `fit_calibrator`.
        rule: of the threshold, as for `operating_point`; the model's own where None.
        device: where the model runs.
        progress: called as the work goes on.

    Raises:
        BundleError: the model tells no classes apart, or `out` is its own folder.
        CohortError: these are the cases it was trained on, or there are too few patients of a class.
        ThyroSightError: the model or the table cannot be read, or the bundle cannot be written.
    """
    bundle = model if isinstance(model, Bundle) else load_bundle(model, device=device)
    if Path(out).resolve() == bundle.folder.resolve():
        raise BundleError(f"{out} is the model itself, which stays as it is; name another folder with --out.")
    predictor = Predictor(bundle)
    cohort = cases if isinstance(cases, Cohort) else open_cohort(cases)
    if cohort.digest() == bundle.info.cohort["digest"]:
        raise CohortError(
            f"{cohort.name} is the cohort that the model was trained on; calibration needs cases it has never seen."
        )
    _require_enough(cohort, method)
    cohort = with_groups(cohort, progress=progress)
    answers, refusals = answers_of(predictor, cohort, progress=progress)
    _require_enough(cohort, method, answers)
    before = measure(answers, bundle.calibrator.apply(answers.probability))
    after = measure(answers, out_of_fold(answers, method=method))
    calibrator = fit_calibrator(answers.truth, answers.probability, method=method)
    point = _threshold(answers, calibrator, rule=rule or bundle.info.operating_point.rule, where=cohort.name)
    images, malignant, groups = len(answers.truth), int(answers.truth.sum()), len(set(answers.group))
    new = save_recalibrated(
        bundle,
        out,
        calibration=calibrator.to_dict(),
        operating_point=point,
        record={
            "cohort": cohort.name,
            "digest": cohort.digest(),
            "label_source": " and ".join(cohort.label_sources),
            "split_kind": cohort.split_kind,
            "images": images,
            "malignant": malignant,
            "groups": groups,
            "before": before.measures(),
            "after": after.measures(),
        },
    )
    return Recalibration(new, before, after, images, malignant, groups, refusals)


def answers_of(predictor: Predictor, cohort: Cohort, *, progress: Progress) -> tuple[Answers, list[Refusal]]:
    """Answers of the model for every image of a cohort with groups, and the images that it cannot use."""
    requests = [
        Request(row["image"], nodule_box(row), elastogram=_elastogram(row.get("elastogram")))
        for _, row in cohort.table.iterrows()
    ]
    results = list(predictor.assess_many(requests, progress=progress))
    answered = np.array([not isinstance(result, Refusal) for result in results], dtype=bool)
    rows = cohort.table[answered]
    probability = [result.probability for result in results if not isinstance(result, Refusal)]
    answers = Answers(
        truth=(rows["label"] == "malignant").to_numpy().astype(np.int64),
        probability=np.array(probability, dtype=np.float64),
        group=rows["group"].to_numpy(dtype=str),
    )
    return answers, [result for result in results if isinstance(result, Refusal)]


def out_of_fold(answers: Answers, *, method: str, seed: int = 0) -> NDArray[np.float64]:
    """The risk of each case by a calibrator that was fitted on the cases of other groups."""
    from sklearn.model_selection import StratifiedGroupKFold

    risk = np.zeros(len(answers.truth))
    folds = StratifiedGroupKFold(_FOLDS, shuffle=True, random_state=seed)
    for others, own in folds.split(answers.probability, answers.truth, answers.group):
        calibrator = fit_calibrator(answers.truth[others], answers.probability[others], method=method)
        risk[own] = calibrator.apply(answers.probability[own])
    return risk


def measure(answers: Answers, risk: NDArray[np.float64]) -> CalibrationMeasures:
    """Calibration of risks, with intervals by group."""
    slope = calibration_slope(answers.truth, risk, cluster=answers.group)
    error = calibration_error(answers.truth, risk, cluster=answers.group)
    return CalibrationMeasures(error, slope.slope, slope.intercept_in_the_large)


def _threshold(answers: Answers, calibrator: Calibrator, *, rule: str, where: str) -> OperatingPoint:
    risk = calibrator.apply(answers.probability)
    found = operating_point(answers.truth, risk, rule=rule, cluster=answers.group)
    return OperatingPoint(
        threshold=found.threshold,
        rule=rule,
        chosen_on=f"cases of {where} that also fitted the calibration ({len(answers.truth)} images)",
        sensitivity=found.sensitivity.value,
        specificity=found.specificity.value,
    )


def _require_enough(cohort: Cohort, method: str, answers: Answers | None = None) -> None:
    """Refuse too few patients of a class: of the table before any work, or of the images that could be used."""
    if method not in LEAST_PATIENTS:
        raise CohortError(f"There is no calibration {method!r} to fit; choose {', '.join(LEAST_PATIENTS)}.")
    if answers is None:
        column = "patient_id" if cohort.split_kind == "patient-level" else "key"
        names, truth = cohort.table[column].to_numpy(dtype=str), (cohort.table["label"] == "malignant").to_numpy()
    else:
        names, truth = answers.group, answers.truth == 1
    counts = {"benign": len(set(names[~truth])), "malignant": len(set(names[truth]))}
    for label, count in counts.items():
        if count < LEAST_PATIENTS[method]:
            what = "patients" if cohort.split_kind == "patient-level" else "groups of images"
            raise CohortError(
                f"{cohort.name} has {count} {what} with {label} nodules; {method} calibration needs at least "
                f"{LEAST_PATIENTS[method]} of each class, so collect more cases."
            )


def _elastogram(cell: object) -> str | None:
    return cell if isinstance(cell, str) and cell else None
