"""Which sonographic features go with right and wrong calls: Tables 2 and 3 of Guan et al. 2019, on any predictions."""

from collections.abc import Mapping, Sequence

import pandas as pd

from thyrosight.errors import StatisticsError
from thyrosight.parts import Part
from thyrosight.statistics import (
    AssociationTest,
    adjust_p_values,
    chi_square_test,
    clustered_association_test,
    fisher_exact_test,
)
from thyrosight.studies.inception_margin.descriptors import FEATURES
from thyrosight.studies.inception_margin.feature_odds import (
    PAPER_CONTRASTS,
    Contrast,
    ErrorRegression,
    OddsRow,
    corrected_odds,
)


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
    regression = ErrorRegression(data, {f: rules[f] for f in described}, clustered, confidence, problems)
    odds, entered, complete = regression.table(enter_at)
    return FeatureErrors(
        images=len(data),
        wrong=int(wrong.sum()),
        groups=int(data["group"].nunique()),
        tests=_corrected_tests(tests),
        odds=corrected_odds(odds),
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
