"""Odds of a wrong call by sonographic feature: the regressions of Table 3 of Guan et al. 2019."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.errors import StatisticsError
from thyrosight.parts import Part
from thyrosight.statistics import (
    LogisticRegression,
    OddsRatio,
    adjust_p_values,
    logistic_regression,
)


class Contrast(Part):
    """How a feature enters the regressions.

    Either `against` names the levels that every other level is held against (Guan: margin against smooth), or
    `together` the levels that are held against all others (Guan: hypoechoic, markedly or not, against the rest).
    """

    against: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    name: str = ""
    """What the levels of `together` are called."""


PAPER_CONTRASTS = {
    "composition": Contrast(together=("solid",), name="solid"),
    "echogenicity": Contrast(together=("hypoechoic", "markedly hypoechoic"), name="hypoechoic"),
    "calcification": Contrast(against=("none",)),
    "margin": Contrast(against=("smooth",)),
    "shape": Contrast(together=("taller than wide",), name="taller than wide"),
}
"""As the counts of the paper's Table 3 show."""


class Odds(Part):
    """An odds ratio of a wrong call. Without limits: separated."""

    value: float | None
    low: float | None
    high: float | None
    p: float | None
    p_corrected: float | None
    method: str


class OddsRow(Part):
    """One row of Table 3."""

    feature: str
    level: str
    reference: str
    n: int
    wrong: int
    n_reference: int
    wrong_reference: int
    univariate: Odds | None
    multivariate: Odds | None


def corrected_odds(rows: list[OddsRow]) -> list[OddsRow]:
    """Holm over all rows, the univariate and the multivariate column each."""
    for column in ("univariate", "multivariate"):
        cells: list[Odds | None] = [getattr(row, column) for row in rows]
        p_values = [cell.p for cell in cells if cell is not None and cell.p is not None]
        corrected = iter(adjust_p_values(p_values, method="holm").tolist() if p_values else [])
        rows = [
            row.model_copy(update={column: cell.model_copy(update={"p_corrected": next(corrected)})})
            if cell is not None and cell.p is not None
            else row
            for row, cell in zip(rows, cells, strict=True)
        ]
    return rows


@dataclass(frozen=True, eq=False)
class ErrorRegression:
    """Table 3: logistic regressions of a wrong call on the features."""

    data: pd.DataFrame
    contrasts: Mapping[str, Contrast]
    clustered: bool
    confidence: float
    problems: list[str]

    def table(self, enter_at: float) -> tuple[list[OddsRow], list[str], int]:
        """Rows, the features of the multivariate regression, and its images."""
        coded = {feature: self._coded(feature) for feature in self.contrasts}
        alone: dict[tuple[str, str], Odds] = {}
        for feature in self.contrasts:
            alone |= self._fit([feature], coded, what=feature)
        entered = [
            feature
            for feature in self.contrasts
            if any(odds.p is not None and odds.p < enter_at for (name, _), odds in alone.items() if name == feature)
        ]
        together: dict[tuple[str, str], Odds] = {}
        complete = int(np.all([coded[f].notna() for f in entered], axis=0).sum()) if entered else 0
        if len(entered) > 1:
            together = self._fit(entered, coded, what="the multivariate regression")
        rows = [row for feature in self.contrasts for row in self._rows(feature, coded[feature], alone, together)]
        return rows, entered, complete

    def _coded(self, feature: str) -> "pd.Series[Any]":
        """The level of each image as the contrast tells it apart."""
        contrast, values = self.contrasts[feature], self.data[feature]
        if contrast.together:
            name = contrast.name or " or ".join(contrast.together)
            chosen = values.isin(contrast.together)
            return pd.Series(np.where(chosen, name, _REST), index=values.index, dtype=object).where(values.notna())
        base = " or ".join(contrast.against)
        return values.where(~values.isin(contrast.against), base)

    def _reference(self, feature: str, coded: "pd.Series[Any]") -> str:
        """The level others are held against: the contrast's, or the most frequent one where no image has that."""
        wanted = _REST if self.contrasts[feature].together else " or ".join(self.contrasts[feature].against)
        levels = coded.value_counts()
        if wanted in levels.index or levels.empty:
            return wanted
        return str(levels.index[0])

    def _fit(
        self, features: Sequence[str], coded: Mapping[str, "pd.Series[Any]"], *, what: str
    ) -> dict[tuple[str, str], Odds]:
        known = np.all([coded[feature].notna() for feature in features], axis=0)
        part = self.data[known]
        predictors = {feature: coded[feature][known].to_numpy(dtype=str) for feature in features}
        reference = {feature: self._reference(feature, coded[feature][known]) for feature in features}
        try:
            fitted = self._regress(part["wrong"].to_numpy(), predictors, reference, part["group"].to_numpy(dtype=str))
        except StatisticsError as error:
            self.problems.append(f"No odds ratios of {what}: {error}")
            return {}
        return {(ratio.predictor, str(ratio.level)): _odds(ratio) for ratio in fitted.odds_ratios}

    def _regress(
        self,
        wrong: NDArray[np.int64],
        predictors: Mapping[str, NDArray[Any]],
        reference: Mapping[str, str],
        group: NDArray[Any],
    ) -> LogisticRegression:
        """GEE where groups hold several images, plain otherwise; Firth's penalty where features separate the calls."""
        plain = logistic_regression(wrong, predictors, reference=reference, confidence=self.confidence)
        if plain.separated:
            return logistic_regression(
                wrong, predictors, reference=reference, penalty="firth", confidence=self.confidence
            )
        if self.clustered and len(set(group.tolist())) < len(group):
            return logistic_regression(
                wrong, predictors, reference=reference, cluster=group, confidence=self.confidence
            )
        return plain

    def _rows(
        self,
        feature: str,
        coded: "pd.Series[Any]",
        alone: Mapping[tuple[str, str], Odds],
        together: Mapping[tuple[str, str], Odds],
    ) -> list[OddsRow]:
        reference = self._reference(feature, coded[coded.notna()])
        wrong = self.data["wrong"]
        base = coded == reference
        levels = [str(level) for level in coded.value_counts().index if level != reference]
        return [
            OddsRow(
                feature=feature,
                level=level,
                reference=reference,
                n=int((coded == level).sum()),
                wrong=int(wrong[coded == level].sum()),
                n_reference=int(base.sum()),
                wrong_reference=int(wrong[base].sum()),
                univariate=alone.get((feature, level)),
                multivariate=together.get((feature, level)),
            )
            for level in levels
        ]


_REST = "any other"


def _odds(ratio: OddsRatio) -> Odds:
    def number(value: float) -> float | None:
        return float(value) if np.isfinite(value) else None

    estimate = ratio.estimate
    return Odds(
        value=number(estimate.value),
        low=number(estimate.low),
        high=number(estimate.high),
        p=number(ratio.p),
        p_corrected=None,
        method=estimate.method,
    )
