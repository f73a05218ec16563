"""An image on which a study's model can be tried honestly."""

from pathlib import Path
from typing import Any

import pandas as pd

from thyrosight.cohort import Cohort, Split
from thyrosight.errors import CohortError
from thyrosight.studies.result import Result


def unseen_image(result: Result, folder: Path) -> "pd.Series[Any]":
    """The row of the first test image of the division whose model was bundled: the model never saw its group.

    Raises:
        CohortError: the study left no model.
    """
    if result.model is None:
        raise CohortError(f"{folder} holds no model; run the study to its end.")
    table = pd.read_csv(folder / "cohort.csv", dtype={"key": str, "group": str, "patient_id": str})
    cohort = Cohort(table=table, name=str(result.facts.cohort.get("name", "")), source=str(folder))
    test = Split.load(folder / "splits.json").rows(cohort, result.model.division, "test")
    row: pd.Series[Any] = test.iloc[0]
    return row
