"""The predictions of one network on one division, kept as a table that a user can open."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.inference import NOT_CALIBRATED
from thyrosight.statistics import Calibrator, DivisionOutcome, fit_calibrator, operating_point
from thyrosight.studies.base import EvaluationOptions
from thyrosight.studies.stored import read_table

PREDICTIONS = "predictions.csv"
LEAST_VALIDATED = 5
"""Groups of each class that a validation part needs before it calibrates risks and chooses an operating point: two
parameters and a cut-off from fewer say more of those few patients than of the network."""
COLUMNS = ("view", "part", "key", "group", "label", "truth", "probability")


@dataclass(frozen=True, eq=False)
class DivisionPredictions:
    """Judged predictions of one network in one view of one division.

    `table` has the columns of `raw_table`, and besides risk (the probability after calibration) and predicted (1 where
    the risk reaches `threshold`). `chosen` tells whether the validation part was large enough to calibrate and choose
    the threshold; otherwise risks are the network's own and the threshold is one half.
    """

    table: pd.DataFrame
    calibrator: Calibrator
    threshold: float
    chosen: bool = True
    _parts: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    def part(self, name: str) -> pd.DataFrame:
        """The rows of one part."""
        if name not in self._parts:  # most tables of a study ask for it
            self._parts[name] = self.table[self.table["part"] == name].reset_index(drop=True)
        return self._parts[name].copy()

    def tested(self) -> DivisionOutcome:
        """The test part in the form that the statistics take."""
        return outcome_of(self.part("test"))

    def validated(self) -> DivisionOutcome:
        """The validation part with uncalibrated scores: calibration was fitted there."""
        rows = self.part("validation")
        return outcome_of(rows.assign(risk=rows["probability"]))

    def cut_off(self, rule: str) -> float | None:
        """Cut-off by another rule of `operating_point`, from the validation part; None where that part is too small."""
        rows = self.part("validation")
        return operating_point(rows["truth"], rows["risk"], rule=rule, replicates=0).threshold if self.chosen else None

    def apply(self, raw: pd.DataFrame) -> "DivisionPredictions":
        """Further raw predictions of the same network, with this calibration and this threshold."""
        risk = np.asarray(self.calibrator.apply(raw["probability"].to_numpy()), dtype=float)
        table = raw.assign(risk=risk, predicted=(risk >= self.threshold).astype(int))
        return replace(self, table=table)


def calibration_clause(judged: Sequence[DivisionPredictions]) -> str:
    """Whether risks are calibrated, for captions: only what a fit has been made for may be called so.

    Args:
        judged: predictions of each division.
    """
    fitted = sum(item.calibrator.method != NOT_CALIBRATED for item in judged)
    if fitted == len(judged):
        return "calibrated on the validation part"
    return f"calibrated in {fitted} of {len(judged)} divisions" if fitted else "not calibrated"


def outcome_of(rows: pd.DataFrame) -> DivisionOutcome:
    """Predictions in the form that the statistics take."""
    return DivisionOutcome(
        truth=rows["truth"].tolist(),
        score=rows["risk"].tolist(),
        predicted=rows["predicted"].tolist(),
        cluster=rows["group"].tolist(),
    )


def raw_table(
    part: str, rows: pd.DataFrame, probability: npt.NDArray[np.float64], *, view: str = "plain"
) -> pd.DataFrame:
    """Predictions of one part before calibration; `probability` of malignancy `(n,)` is in the order of `rows`."""
    return pd.DataFrame(
        {
            "view": view,
            "part": part,
            "key": rows["key"].to_numpy(),
            "group": rows["group"].astype(str).to_numpy(),
            "label": rows["label"].to_numpy(),
            "truth": (rows["label"] == "malignant").to_numpy(dtype=int),
            "probability": probability.astype(float),
        }
    )


def judge(raw: pd.DataFrame, *, options: EvaluationOptions) -> DivisionPredictions:
    """Calibrate on the validation part, choose the operating point there, and apply both to all parts.

    The test part plays no role in any choice. A validation part with fewer than `LEAST_VALIDATED` groups of a class
    chooses nothing: risks stay as they are, and the threshold is one half.

    Raises:
        StatisticsError: a validation part with one class only.
    """
    chosen_on = raw[raw["part"] == "validation"]
    truth = chosen_on["truth"].to_numpy()
    by_class = chosen_on.groupby("truth")["group"].nunique()
    if len(by_class) == 2 and by_class.min() < LEAST_VALIDATED:
        plain = fit_calibrator(truth, chosen_on["probability"].to_numpy(), method=NOT_CALIBRATED)
        empty = raw.head(0).assign(risk=[], predicted=[])
        return DivisionPredictions(table=empty, calibrator=plain, threshold=0.5, chosen=False).apply(raw)
    calibrator = fit_calibrator(truth, chosen_on["probability"].to_numpy(), method=options.calibration)
    risk = np.asarray(calibrator.apply(chosen_on["probability"].to_numpy()), dtype=float)
    threshold = operating_point(truth, risk, rule=options.operating_point, replicates=0).threshold
    empty = raw.head(0).assign(risk=[], predicted=[])
    return DivisionPredictions(table=empty, calibrator=calibrator, threshold=float(threshold)).apply(raw)


def load_raw(path: Path) -> pd.DataFrame:
    """Read the uncalibrated predictions that a trial wrote; raises CohortError where the file is damaged."""
    return read_table(path, COLUMNS)
