"""Which sonographic features go with right and wrong calls: Tables 2 and 3 of Guan et al. 2019, on any predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    AssociationTest,
    LogisticRegression,
    OddsRatio,
    adjust_p_values,
    chi_square_test,
    clustered_association_test,
    fisher_exact_test,
    logistic_regression,
)
from thyrosight.studies.base import Part
from thyrosight.studies.inception_margin.descriptors import FEATURES


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


class LevelCount(Part):
    """Calls of the images with one level of a feature."""

    level: str
    n: int
    right: int
    wrong: int


class FeatureTest(Part):
    """One feature in one class of the truth: a block of Table 2.

    `p` is the test that fits: between clusters where patients (or groups) hold several images, else Fisher's exact test
    where fewer than 5 are expected in a cell, else chi-square. `p_chi_square` is what the paper prints: Pearson's,
    uncorrected, images taken as independent.
    """

    feature: str
    label: str
    levels: list[LevelCount]
    unknown: int
    """Images of the class whose level is not known; they are in no row."""
    p: float | None
    p_corrected: float | None
    p_chi_square: float | None
    method: str
    note: str


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


class FeatureErrors(Part):
    """Which features go with errors.

    Attributes:
        images: of how many.
        wrong: wrong calls among them.
        groups: patients or groups they come from.
        tests: Table 2, per class and feature.
        odds: Table 3.
        entered: features of the multivariate regression.
        multivariate_n: images in it: those with all of these features known.
        problems: what could not be computed, and why.
        notes: how it was computed.
    """

    images: int
    wrong: int
    groups: int
    tests: list[FeatureTest]
    odds: list[OddsRow]
    entered: list[str]
    multivariate_n: int
    problems: list[str]
    notes: list[str]


def feature_errors(
    table: pd.DataFrame,
    *,
    contrasts: Mapping[str, Contrast] | None = None,
    enter_at: float = 0.05,
    confidence: float = 0.95,
) -> FeatureErrors:
    """Relate every described feature to right and wrong calls.

    Args:
        table: one row per image: `truth` and `predicted` (0 or 1), `group` (patient), and the columns of
            `read_descriptors` (levels as text; empty where unknown).
        contrasts: how features enter the regressions; the paper's where not given.
        enter_at: a feature enters the multivariate regression if the uncorrected P value of any of its odds ratios is
            below this.
        confidence: of the intervals.

    Raises:
        StatisticsError: the table is empty.
    """
    if table.empty:
        raise StatisticsError("There is no prediction to relate to features.")
    wrong = (table["truth"] != table["predicted"]).to_numpy(dtype=int)
    data = table.assign(wrong=wrong)
    described = [feature for feature in FEATURES if feature in data and data[feature].notna().any()]
    clustered = data["group"].nunique() < len(data)
    problems: list[str] = []
    tests = [
        _test(data[data["truth"] == truth], feature, label=label, clustered=clustered)
        for truth, label in ((1, "malignant"), (0, "benign"))
        for feature in described
    ]
    rules = {**PAPER_CONTRASTS, **(contrasts or {})}
    regression = _Regression(data, {f: rules[f] for f in described}, clustered, confidence, problems)
    odds, entered, complete = regression.table(enter_at)
    return FeatureErrors(
        images=len(data),
        wrong=int(wrong.sum()),
        groups=int(data["group"].nunique()),
        tests=_corrected_tests(tests),
        odds=_corrected_odds(odds),
        entered=entered,
        multivariate_n=complete,
        problems=problems,
        notes=_notes(clustered, enter_at),
    )


def _notes(clustered: bool, enter_at: float) -> list[str]:
    independent = (
        "patients (or groups of near-duplicates) hold several images, so tests take the variance between them; where a "
        "level separates right from wrong, Firth's penalty is used instead, which takes images as independent"
        if clustered
        else "every image comes from another patient (or group), so images are independent"
    )
    return [
        f"Independence: {independent}.",
        "P values are corrected by Holm over all tests of one table; the paper corrects none, and its chi-square P "
        "values stand beside them.",
        f"Multivariate: features with an uncorrected univariate P below {enter_at:g}, images with all of them known. "
        "Choosing features by their P value makes the second P value too small.",
    ]


def _test(part: pd.DataFrame, feature: str, *, label: str, clustered: bool) -> FeatureTest:
    known = part[part[feature].notna()]
    levels = [
        LevelCount(level=str(name), n=len(rows), right=int((1 - rows["wrong"]).sum()), wrong=int(rows["wrong"].sum()))
        for name, rows in known.groupby(feature, sort=True)
    ]
    levels.sort(key=lambda item: -item.n)
    p = p_chi = None
    method, note = "", ""
    try:
        counts = [(item.right, item.wrong) for item in levels]
        chi = chi_square_test(counts)
        p_chi = chi.p
        chosen = _chosen_test(known, feature, counts, chi=chi, clustered=clustered)
        p, method, note = chosen.p, chosen.method, chosen.note
    except StatisticsError:
        errors = sum(item.wrong for item in levels)
        note = (
            "no image is described"
            if not levels
            else "one level only" if len(levels) == 1 else "no wrong call" if errors == 0 else "no right call"
        )  # fmt: skip
        note = f"not tested: {note}"
    return FeatureTest(
        feature=feature,
        label=label,
        levels=levels,
        unknown=len(part) - len(known),
        p=p,
        p_corrected=None,
        p_chi_square=p_chi,
        method=method,
        note=note,
    )


def _chosen_test(
    known: pd.DataFrame, feature: str, counts: Sequence[tuple[int, int]], *, chi: AssociationTest, clustered: bool
) -> AssociationTest:
    """The test that fits the data."""
    if clustered and known["group"].nunique() < len(known):
        return clustered_association_test(
            known[feature].to_numpy(dtype=str), known["wrong"].to_numpy(), cluster=known["group"].to_numpy(dtype=str)
        )
    return fisher_exact_test(counts) if chi.note else chi


def _corrected_tests(tests: Sequence[FeatureTest]) -> list[FeatureTest]:
    tested = [test for test in tests if test.p is not None]
    corrected = iter(adjust_p_values([test.p or 0.0 for test in tested], method="holm").tolist() if tested else [])
    return [test.model_copy(update={"p_corrected": next(corrected)}) if test.p is not None else test for test in tests]


def _corrected_odds(rows: list[OddsRow]) -> list[OddsRow]:
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
class _Regression:
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
