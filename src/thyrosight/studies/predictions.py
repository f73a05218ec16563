"""What one network said of one division, kept as a table that a user can open."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from thyrosight.errors import CohortError
from thyrosight.files import write_atomically
from thyrosight.statistics import Calibrator, DivisionOutcome, fit_calibrator, operating_point
from thyrosight.studies.recipe import EvaluationOptions

RAW_COLUMNS = ("part", "key", "group", "label", "truth", "probability")


@dataclass(frozen=True, eq=False)
class DivisionPredictions:
    """Predictions of one network on the validation and the test part of one division.

    `table` has the columns part, key, group, label, truth (1 for malignant), probability (the network's own softmax
    output for malignant), risk (the calibrated probability) and predicted (1 where the risk reaches `threshold`).
    """

    table: pd.DataFrame
    calibrator: Calibrator
    threshold: float

    def part(self, name: str) -> pd.DataFrame:
        """The rows of one part."""
        return self.table[self.table["part"] == name].reset_index(drop=True)

    def tested(self) -> DivisionOutcome:
        """The test part in the form that the statistics take."""
        test = self.part("test")
        return DivisionOutcome(
            truth=test["truth"].tolist(),
            score=test["risk"].tolist(),
            predicted=test["predicted"].tolist(),
            cluster=test["group"].tolist(),
        )


def raw_table(part: str, rows: pd.DataFrame, probability: npt.NDArray[np.float64]) -> pd.DataFrame:
    """The predictions of one part before calibration."""
    return pd.DataFrame(
        {
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

    The test part plays no role in any choice.
    """
    chosen_on = raw[raw["part"] == "validation"]
    truth = chosen_on["truth"].to_numpy()
    calibrator = fit_calibrator(truth, chosen_on["probability"].to_numpy(), method=options.calibration)
    risk = np.asarray(calibrator.apply(raw["probability"].to_numpy()), dtype=float)
    threshold = operating_point(truth, risk[raw["part"] == "validation"], rule=options.operating_point).threshold
    table = raw.assign(risk=risk, predicted=(risk >= threshold).astype(int))
    return DivisionPredictions(table=table, calibrator=calibrator, threshold=float(threshold))


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write predictions as CSV."""
    with write_atomically(path) as temporary:
        table.to_csv(temporary, index=False, float_format="%.9g", lineterminator="\n")


def load_raw(path: Path) -> pd.DataFrame:
    """Read the uncalibrated predictions that an earlier run wrote.

    Raises:
        CohortError: the file cannot be read or lacks a column.
    """
    try:
        table = pd.read_csv(path, dtype={"key": str, "group": str})
    except (OSError, ValueError) as error:
        raise CohortError(f"{path} cannot be read ({error}); delete it and run the study again.") from error
    missing = [column for column in RAW_COLUMNS if column not in table.columns]
    if missing:
        raise CohortError(f"{path} lacks the column {missing[0]}; delete it and run the study again.")
    return table[list(RAW_COLUMNS)]
