"""Odds of a wrong call by sonographic feature: the regressions of Table 3 of Guan et al. 2019."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.documents import Column, Measure, Row, Share, Table, columns, hidden
from thyrosight.errors import StatisticsError
from thyrosight.statistics import LogisticRegression, OddsRatio, finite_odds_ratios
from thyrosight.studies.analyses.options import Contrast
from thyrosight.studies.measures import correct_rows

PAPER_CONTRASTS = {
    "composition": Contrast(together=("solid", "cystic")),
    "echogenicity": Contrast(together=("hypoechoic", "markedly hypoechoic"), name="hypoechoic"),
    "calcification": Contrast(against=("none",), merge=(("macrocalcification", "comet-tail artefact"),)),
    "margin": Contrast(against=("smooth",), merge=(("ill-defined", "halo"),)),
    "shape": Contrast(together=("taller than wide",), name="taller than wide"),
}
"""As the counts behind the paper's Table 3 show; the paper itself does not say which levels it merges."""


@dataclass(frozen=True, eq=False)
class ErrorRegression:
    """Table 3: logistic regressions of a wrong call on the features; none where `why_not` names a reason."""

    data: pd.DataFrame
    contrasts: Mapping[str, Contrast]
    clustered: bool
    confidence: float
    problems: list[str]
    why_not: str = ""

    def rows(self, enter_at: float) -> tuple[list[Row], list[str], int]:
        """Rows of `odds_table`, the features of the multivariate regression, and its images."""
        coded = {feature: self._coded(feature) for feature in self.contrasts}
        alone: _Found = {}
        if self.why_not:
            self.problems.append(f"There are no odds ratios: {self.why_not}.")
        for feature in () if self.why_not else self.contrasts:
            alone |= self._fit([feature], coded, what=feature)
        entered = [
            feature
            for feature in self.contrasts
            if any(odds.p < enter_at for (name, _), odds in alone.items() if name == feature)
        ]
        together: _Found = {}
        complete = int(np.all([coded[f].notna() for f in entered], axis=0).sum()) if entered else 0
        if len(entered) > 1:
            together = self._fit(entered, coded, what="the multivariate regression")
        rows = [row for feature in self.contrasts for row in self._rows(feature, coded[feature], alone, together)]
        for column in _COLUMNS:
            correct_rows(rows, f"{column}_p")
        return rows, entered, complete

    def _coded(self, feature: str) -> "pd.Series[Any]":
        """The level of each image as the contrast tells it apart."""
        contrast, values = self.contrasts[feature], self.data[feature]
        for group in contrast.merge:
            values = values.replace(dict.fromkeys(group, _joined(group, values)))
        if contrast.together:
            name = contrast.name or _joined(contrast.together, values)
            chosen = values.isin(contrast.together)
            return pd.Series(np.where(chosen, name, _REST), index=values.index, dtype=object).where(values.notna())
        return values.where(~values.isin(contrast.against), " or ".join(contrast.against))

    def merged(self) -> list[str]:
        """The names of levels that are counted as one, where more than one of them occurs."""
        return [
            name
            for feature, contrast in self.contrasts.items()
            for group in (*contrast.merge, contrast.together)
            if " or " in (name := _joined(group, self.data[feature]) if group else "")
        ]

    def _reference(self, feature: str, coded: "pd.Series[Any]") -> str:
        """The level others are held against: the contrast's, or the most frequent one where no image has that."""
        wanted = _REST if self.contrasts[feature].together else " or ".join(self.contrasts[feature].against)
        levels = coded.value_counts()
        if wanted in levels.index or levels.empty:
            return wanted
        return str(levels.index[0])

    def _fit(self, features: Sequence[str], coded: Mapping[str, "pd.Series[Any]"], *, what: str) -> "_Found":
        known = np.all([coded[feature].notna() for feature in features], axis=0)
        part = self.data[known]
        predictors = {feature: coded[feature][known].to_numpy(dtype=str) for feature in features}
        reference = {feature: self._reference(feature, coded[feature][known]) for feature in features}
        try:
            fitted = self._regress(part["wrong"].to_numpy(), predictors, reference, part["group"].to_numpy(dtype=str))
        except StatisticsError as error:
            self.problems.append(f"No odds ratios of {what}: {error}")
            return {}
        return {(ratio.predictor, str(ratio.level)): ratio for ratio in fitted.odds_ratios}

    def _regress(
        self,
        wrong: NDArray[np.int64],
        predictors: Mapping[str, NDArray[Any]],
        reference: Mapping[str, str],
        group: NDArray[Any],
    ) -> LogisticRegression:
        """GEE where groups hold several images, plain otherwise; Firth's penalty for the levels that separate alone."""
        several = self.clustered and len(set(group.tolist())) < len(group)
        return finite_odds_ratios(
            wrong, predictors, reference=reference, cluster=group if several else None, confidence=self.confidence
        )

    def _rows(self, feature: str, coded: "pd.Series[Any]", alone: "_Found", together: "_Found") -> list[Row]:
        reference = self._reference(feature, coded[coded.notna()])
        wrong = self.data["wrong"]
        against = _wrong(wrong[coded == reference])
        rows: list[Row] = []
        for level in (str(level) for level in coded.value_counts().index if level != reference):
            row: Row = {"feature": feature, "level": level, "title": f"{feature.capitalize()}: {level}"}
            row |= {"reference": reference, "wrong": _wrong(wrong[coded == level]), "wrong_reference": against}
            for column, found in zip(_COLUMNS, (alone, together), strict=True):
                if ratio := found.get((feature, level)):
                    row |= {column: Measure.of(ratio.estimate), f"{column}_p": ratio.to_dict()["p"]}
            rows.append(row)
        return rows


def _joined(levels: Sequence[str], values: "pd.Series[Any]") -> str:
    """The name of several levels as one: those that occur."""
    there = set(values.dropna().unique().tolist())
    return " or ".join([level for level in levels if level in there] or levels[:1])


_Found = dict[tuple[str, str], OddsRatio]
_REST = "any other"
_COLUMNS = ("univariate", "multivariate")


def _wrong(calls: "pd.Series[Any]") -> Share:
    return Share(n=int(calls.sum()), of=len(calls))


def odds_table(
    rows: Sequence[Row],
    *,
    entered: Sequence[str],
    enter_at: float,
    complete: int,
    notes: Sequence[str],
    why_not: str = "",
) -> Table:
    """Odds ratios of a wrong call (Table 3).

    Args:
        entered: features of the multivariate regression.
        enter_at: the uncorrected P value of their own regressions lies below.
        complete: images that have all of them recorded.
        why_not: why there is no regression at all.
    """
    by_firth = {
        str(row["title"])
        for row in rows
        if any("Firth" in cell.method for cell in row.values() if isinstance(cell, Measure))
    }
    firth = (
        f"Firth's penalty, images as independent, for these levels alone, as each has no wrong or no right call or "
        f"separates the calls with others: {'; '.join(sorted(by_firth))}."
    )
    together = (
        f"Multivariate: {', '.join(entered)}, {complete} images with all of them recorded. Each had an uncorrected "
        f"univariate P below {enter_at:g}; choosing features by their P value makes the second P value too small."
        if len(entered) > 1
        else f"Multivariate: none, as fewer than two features had an uncorrected univariate P below {enter_at:g}."
    )
    if why_not:
        together = f"There are no odds ratios: {why_not}."
    titles = {"univariate": "Odds ratio", "multivariate": "Multivariate odds ratio"}
    ratios = [
        [
            Column(key=key, title=title, kind="number", digits=3),
            *columns("p", {f"{key}_p": "P", f"{key}_p_corrected": "P corrected"}),
        ]
        for key, title in titles.items()
    ]
    return Table(
        name="table-3",
        caption="Features associated with a wrong call: logistic regressions",
        columns=(
            *hidden("feature", "level"),
            Column(key="title", title="Feature"),
            Column(key="wrong", title="Wrong", kind="fraction"),
            Column(key="reference", title="Against"),
            Column(key="wrong_reference", title="Wrong", kind="fraction"),
            *(column for group in ratios for column in group),
        ),
        rows=tuple(rows),
        notes=(*([firth] if by_firth else []), together, *notes),
    )
