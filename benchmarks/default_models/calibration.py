"""Calibrate a risk model on the folds it left out, and say how the calibration holds elsewhere.

    python -m default_models.calibration ANSWERS_LEFT_OUT.csv [OTHER_ANSWERS.csv ...]

The files are those that `measure_risk` writes. The calibrator is Platt's, on the mean of the answers for the whole
scan area and for windows near the box. The expected calibration error of the calibrator's own collection is taken out
of fold (five folds of groups), so that it does not flatter.
"""

import csv
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from thyrosight.default_models.pack import folds
from thyrosight.statistics import calibration_error, calibration_slope, fit_calibrator, operating_point


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model answered: truth, group and probability before calibration, per frame."""

    truth: NDArray[np.int64]
    group: NDArray[np.str_]
    probability: NDArray[np.float64]


def read_answers(path: Path) -> Answers:
    """Read the answers of `measure_risk`."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    logits = np.array([(float(row["whole"]) + float(row["near"])) / 2 for row in rows])
    truth = np.array([int(row["label"]) for row in rows])
    return Answers(truth, np.array([row["group"] for row in rows]), 1 / (1 + np.exp(-logits)))


def left_out_risk(answers: Answers) -> NDArray[np.float64]:
    """Risk of each frame by a calibrator that was fitted on the other folds."""
    fold, risk = folds(answers.group, seed=1), np.zeros(len(answers.truth))
    for number in range(5):
        others = fold != number
        calibrator = fit_calibrator(answers.truth[others], answers.probability[others])
        risk[~others] = calibrator.apply(answers.probability[~others])
    return risk


def describe(name: str, answers: Answers, risk: NDArray[np.float64]) -> None:
    """Print the calibration of risks; the AUC of risks from several calibrators would mean nothing."""
    slope = calibration_slope(answers.truth, risk, cluster=answers.group)
    print(f"{name}: ECE {calibration_error(answers.truth, risk, cluster=answers.group)}")
    print(f"{name}: slope {slope.slope}; intercept in the large {slope.intercept_in_the_large}")


def main(own: str, *others: str) -> None:
    """Print calibration, operating points, and what becomes of both in other collections."""
    answers = read_answers(Path(own))
    describe(Path(own).stem, answers, left_out_risk(answers))
    calibrator = fit_calibrator(answers.truth, answers.probability)
    print("calibrator:", calibrator.to_dict())
    risk = calibrator.apply(answers.probability)
    for rule in ("sensitivity>=0.95", "youden"):
        print(rule, operating_point(answers.truth, risk, rule=rule, cluster=answers.group))
    for other in others:
        elsewhere = read_answers(Path(other))
        describe(Path(other).stem, elsewhere, calibrator.apply(elsewhere.probability))
        describe(f"{Path(other).stem}, recalibrated out of fold", elsewhere, left_out_risk(elsewhere))


if __name__ == "__main__":
    main(*sys.argv[1:])
