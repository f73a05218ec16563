"""Readings as they are analysed: one row for each reader, case and arm, with what is needed to compare them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import pandas as pd

from thyrosight.documents import Measure
from thyrosight.errors import StatisticsError
from thyrosight.statistics import ReaderComparison, compare_readers
from thyrosight.studies.base import Evaluation
from thyrosight.studies.verdicts import UNTOLD, few_groups, verdict

METRICS = {"auc": "AUC", "sensitivity": "Sensitivity", "specificity": "Specificity"}
"""Measures by which readers are compared, with printed names."""
ROWS = (
    "reader", "reader_group", "case", "group", "truth", "arm", "model", "session", "position", "rating", "called",
    "seconds", "model_score", "model_called", "marks",
)  # fmt: skip
"""Columns of every set of readings; further ones (`feature_*`, `q_*`, columns of the cases) may follow."""


@dataclass(frozen=True)
class ReaderOptions:
    """How readings are analysed.

    Attributes:
        evaluation: confidence, margin, bootstrap and seed.
        readers: "random" for readers like these, "fixed" for these alone.
        missing: what is done about missing readings, as in `thyrosight.statistics.compare_readers`.
    """

    evaluation: Evaluation
    readers: str = "random"
    missing: str = "analyse"


@dataclass(frozen=True, eq=False)
class ReadingSet:
    """Readings that are analysed, and how.

    Attributes:
        rows: one for each reader, case and arm, with the columns `ROWS`; cells that nobody filled in are missing.
            `rating` is what the area under the ROC curve is computed from, `called` 1 for a case that the reader acted
            on, `group` the patient (or the case, where patients are unknown).
        repeated: readings of cases that the reader had read before in the same arm, with the same columns.
        arms: names, the reference first.
        aided: those in which the answer of a model was shown.
        rating: what was rated, in words.
        action: which answer counts as called positive, in words; empty where none does.
        probability: whether the rating is a risk in per cent.
        sequential: whether the arms are two stages of one reading.
        clustered: whether a patient may have several cases.
        options: how all of it is analysed.
        frame: whether readings have to be compared with the rest of a larger table; names it, for captions.
    """

    rows: pd.DataFrame
    repeated: pd.DataFrame
    arms: tuple[str, ...]
    aided: tuple[str, ...]
    rating: str
    options: ReaderOptions
    action: str = ""
    probability: bool = False
    sequential: bool = False
    clustered: bool = False
    readers: tuple[str, ...] = field(default=())

    @property
    def evaluation(self) -> Evaluation:
        """Confidence, margin, bootstrap and seed."""
        return self.options.evaluation

    @property
    def reference(self) -> str:
        """The arm that the others are held against."""
        return self.arms[0]

    @property
    def cluster(self) -> str | None:
        """The column of patients, for functions of `thyrosight.statistics`; None where every case is its own."""
        return "group" if self.clustered else None

    @property
    def has_calls(self) -> bool:
        """Whether readers' actions are known."""
        return bool(self.action)

    def few(self, rows: pd.DataFrame | None = None) -> str:
        """Why there are too few patients for a P value; empty where there are enough."""
        return self._few if rows is None else few_groups(rows)

    @cached_property
    def _few(self) -> str:
        return few_groups(self.rows)

    def verdict(self, difference: Measure | None, *, p: object = None, rows: pd.DataFrame | None = None) -> str:
        """Judge a difference against the smallest one that matters; with too few patients there is no verdict.

        Args:
            p: corrected for the number of comparisons, where there are several.
            rows: that the difference is of, where they are not all.
        """
        if self.few(rows):
            return UNTOLD
        return verdict(difference, self.evaluation, p=p if isinstance(p, float) else None)

    def of_arm(self, arm: str) -> pd.DataFrame:
        """The readings of one arm."""
        return self._by_arm.get(arm, self.rows.iloc[:0])

    @cached_property
    def _by_arm(self) -> dict[str, pd.DataFrame]:
        return {str(arm): rows for arm, rows in self.rows.groupby("arm", sort=False)}

    def of_reader(self, arm: str, reader: str) -> pd.DataFrame:
        """The readings of one reader in one arm."""
        return self._by_reader.get((arm, reader), self.rows.iloc[:0])

    @cached_property
    def _by_reader(self) -> dict[tuple[str, str], pd.DataFrame]:
        return {(str(arm), str(reader)): rows for (arm, reader), rows in self.rows.groupby(["arm", "reader"])}

    def before(self, keys: Sequence[str]) -> pd.DataFrame:
        """The readings in the reference arm that readings in other arms are held against, one for each of `keys`.

        In a sequential design with several models the first stages of later sessions count as repeats; they belong to
        the second stages of the same task.
        """
        rows = self.of_arm(self.reference)
        if self.sequential:
            rows = pd.concat([rows, self.repeated[self.repeated["arm"] == self.reference]])
        return rows.drop_duplicates(list(keys))

    @property
    def pairing(self) -> list[str]:
        """The columns by which a reading finds the one without the model."""
        return ["reader", "case", "session", "position"] if self.sequential else ["reader", "case"]

    def only(self, rows: pd.DataFrame) -> "ReadingSet":
        """The same study with some of its readings, for a subgroup."""
        there = set(rows["reader"])
        return replace(self, rows=rows, readers=tuple(name for name in self.readers if name in there))

    def compared(
        self, metric: str, *, readers: str | None = None, missing: str | None = None, arms: Sequence[str] = ()
    ) -> ReaderComparison:
        """The study analysed by the method of Obuchowski and Rockette.

        Args:
            metric: one of `METRICS`.
            readers, missing: where they differ from the options.
            arms: which of them; all where none is named.

        Raises:
            StatisticsError: readings that allow no such analysis; says why.
        """
        rows = self.rows if not arms else self.rows[self.rows["arm"].isin(arms)]
        rating = "rating" if metric == "auc" else "called"
        if rating == "called" and not self.has_calls:
            raise StatisticsError("no reader's action is known")
        return compare_readers(
            _known(rows, rating),
            metric=metric,
            threshold=None if metric == "auc" else 0.5,
            test="arm",
            reader="reader",
            case="case",
            truth="truth",
            rating=rating,
            readers=readers or self.options.readers,
            cluster=self.cluster,
            missing=missing or self.options.missing,
            confidence=self.evaluation.confidence,
        )


def _known(rows: pd.DataFrame, rating: str) -> dict[str, Any]:
    """The columns of an analysis."""
    return {name: rows[name].to_numpy() for name in ("reader", "case", "group", "truth", "arm", rating)}
