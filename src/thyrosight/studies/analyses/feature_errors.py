"""Sonographic features that go with right and wrong calls: Tables 2 and 3 of Guan et al. 2019, on any predictions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from thyrosight.cohort.records.descriptors import FEATURES
from thyrosight.documents import Column, Row, Share, Table, columns, hidden, sentence
from thyrosight.errors import StatisticsError
from thyrosight.statistics import (
    LEAST_GROUPS,
    AssociationTest,
    chi_square_test,
    clustered_association_test,
    fisher_exact_test,
)
from thyrosight.studies.analyses.feature_odds import PAPER_CONTRASTS, ErrorRegression, odds_table
from thyrosight.studies.analyses.options import Contrast
from thyrosight.studies.measures import correct_rows
from thyrosight.studies.verdicts import few_groups

_CLASSES = ((1, "malignant"), (0, "benign"))
_INDENT = "\N{EM SPACE}"


@dataclass(frozen=True, eq=False)
class FeatureErrors:
    """The features that go with errors.

    Attributes:
        wrong: number of wrong calls.
        calls: per class each level of each feature with right and wrong calls. `p` is the test that fits: between
            clusters where patients (or groups) hold several images, else Fisher's exact test where fewer than 5 are
            expected in a cell, else chi-square. `p_chi_square` is what the paper prints: Pearson's, uncorrected,
            images taken as independent.
        odds: odds of a wrong call, from regressions on one feature and on several.
        entered: features of the multivariate regression.
    """

    wrong: int
    calls: Mapping[str, Table]
    odds: Table
    entered: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def tests(self) -> list[Row]:
        """The row of each test, in both classes."""
        return [row for table in self.calls.values() for row in table.rows if row["level"] == ""]

    @property
    def words(self) -> str:
        """Which features go with errors, in one sentence."""
        corrected = {f"{test['feature']} ({test['label']})": test.get("p_corrected") for test in self.tests}
        low = [name for name, p in corrected.items() if isinstance(p, float) and p < 0.05]
        if not any(isinstance(p, float) for p in corrected.values()):
            return "Whether features go with errors was not tested."
        if low:
            return f"Errors go with {', '.join(low)} (corrected P below 0.05)."
        tested = sum(isinstance(p, float) for p in corrected.values())
        return f"No recorded feature is shown to go with errors once {tested} tests are corrected for."


def feature_errors(
    table: pd.DataFrame,
    *,
    contrasts: Mapping[str, Contrast] | None = None,
    enter_at: float = 0.05,
    confidence: float = 0.95,
    at_chance: bool = False,
) -> FeatureErrors:
    """Relate every described feature to right and wrong calls.

    Args:
        table: one row per image: `truth` and `predicted` (0 or 1), `group` (patient), and the columns of
            `read_descriptors` (levels as text; empty where unknown).
        contrasts: how features enter the regressions; the paper's where not given.
        enter_at: a feature enters the multivariate regression if the uncorrected P value of any of its odds ratios is
            below this.
        at_chance: whether the network cannot be told from guessing. Features that go with the class then go with its
            errors, as where it calls all alike: there are no odds ratios.

    Raises:
        StatisticsError: the table is empty.
    """
    if table.empty:
        raise StatisticsError("There is no prediction to relate to features.")
    wrong = (table["truth"] != table["predicted"]).to_numpy(dtype=int)
    data = table.assign(wrong=wrong)
    described = [feature for feature in FEATURES if feature in data and data[feature].notna().any()]
    clustered = data["group"].nunique() < len(data)
    blocks = [
        (label, _test(data[data["truth"] == truth], feature, label=label, clustered=clustered))
        for truth, label in _CLASSES
        for feature in described
    ]
    correct_rows([rows[0] for _, rows in blocks])
    rules = {**PAPER_CONTRASTS, **(contrasts or {})}
    problems: list[str] = []
    why_not = "the network cannot be told from guessing" if at_chance else few_groups(data)
    regression = ErrorRegression(data, {f: rules[f] for f in described}, clustered, confidence, problems, why_not)
    rows, entered, complete = regression.rows(enter_at)
    tests = [block[0] for _, block in blocks]
    return FeatureErrors(
        wrong=int(wrong.sum()),
        calls={
            label: _calls_table([row for own, block in blocks if own == label for row in block], tests, label=label)
            for _, label in _CLASSES
        },
        odds=odds_table(
            rows,
            entered=entered,
            enter_at=enter_at,
            complete=complete,
            notes=_notes(clustered, regression),
            why_not=regression.why_not,
        ),
        entered=tuple(entered),
        problems=tuple(problems),
    )


def _notes(clustered: bool, regression: ErrorRegression) -> list[str]:
    """How the odds ratios were obtained, as far as there are any, and which levels were counted as one."""
    merged = regression.merged()
    counted = [f"Counted as one level: {'; '.join(merged)}."] if merged else []
    if regression.why_not:
        return counted
    independent = (
        "patients (or groups of near-duplicates) hold several images, so tests take the variance between them; the "
        "odds ratio of a level that separates right from wrong, and no other, takes images as independent"
        if clustered
        else "every image comes from another patient (or group), so images are independent"
    )
    return [
        f"Independence: {independent}.",
        "P values are corrected by Holm over all tests of one table; the paper corrects none, and its chi-square P "
        "values stand beside them.",
        *counted,
    ]


def _test(part: pd.DataFrame, feature: str, *, label: str, clustered: bool) -> list[Row]:
    """The rows of one feature in one class: its test, its levels, and the images whose level is not known."""
    known = part[part[feature].notna()]
    few = _few(part)
    sizes = known[feature].astype(str).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    wrong = {level: int(known.loc[known[feature] == level, "wrong"].sum()) for level in sizes.index}
    head: Row = {"label": label, "feature": feature, "level": "", "title": feature.capitalize()}
    try:
        if few:
            raise StatisticsError(few)
        counts = [(int(n) - wrong[level], wrong[level]) for level, n in sizes.items()]
        chi = chi_square_test(counts)
        head["p_chi_square"] = chi.p
        chosen = _chosen_test(known, feature, counts, chi=chi, clustered=clustered)
        head |= {"p": chosen.p, "method": chosen.method, "note": chosen.note}
    except StatisticsError:
        head["note"] = f"not tested: {few or _why_not_tested(known, feature)}"
    rows = [head]
    for level, n in sizes.items():
        row: Row = {"label": label, "feature": feature, "level": str(level), "title": f"{_INDENT}{level}", "n": int(n)}
        of_level = {"right": int(n) - wrong[level], "wrong": wrong[level]}
        rows.append(row | {name: Share(n=count, of=int(n)) for name, count in of_level.items()})
    if len(known) < len(part):
        unknown: Row = {"label": label, "feature": feature, "level": "not recorded", "n": len(part) - len(known)}
        rows.append(unknown | {"title": f"{_INDENT}not recorded"})
    return rows


def _few(part: pd.DataFrame) -> str:
    """Why calls of one class bear no P value; empty where they do."""
    groups = int(part["group"].nunique())
    return f"{groups} groups, and a P value needs {LEAST_GROUPS}" if groups < LEAST_GROUPS else ""


def _why_not_tested(known: pd.DataFrame, feature: str) -> str:
    levels = known[feature].nunique()
    if levels < 2:
        return "one level only" if levels else "no image is described"
    return "no right call" if known["wrong"].any() else "no wrong call"


def _chosen_test(
    known: pd.DataFrame, feature: str, counts: Sequence[tuple[int, int]], *, chi: AssociationTest, clustered: bool
) -> AssociationTest:
    """The test that fits the data."""
    if clustered and known["group"].nunique() < len(known):
        return clustered_association_test(
            known[feature].to_numpy(dtype=str), known["wrong"].to_numpy(), cluster=known["group"].to_numpy(dtype=str)
        )
    return fisher_exact_test(counts) if chi.note else chi


def _untested(tests: Sequence[Row]) -> list[str]:
    """Features that were not tested, by reason."""
    reasons: dict[str, list[str]] = {}
    for test in tests:
        if "p" not in test:
            reasons.setdefault(str(test["note"]), []).append(str(test["feature"]))
    return [sentence(f"{', '.join(names)}: {reason}") for reason, names in reasons.items()]


def _calls_table(rows: Sequence[Row], tests: Sequence[Row], *, label: str) -> Table:
    """Each level of each feature in one class with right and wrong calls (half of Table 2)."""
    own = [test for test in tests if test["label"] == label]
    used: dict[str, list[str]] = {}
    for test in own:
        if "p" in test:
            used.setdefault(str(test["method"]), []).append(str(test["feature"]))
    words = "; ".join(f"{method}: {', '.join(names)}" for method, names in used.items())
    corrected = f"Corrected by Holm over the {sum('p' in test for test in tests)} tests of both classes."
    tested = (
        f"P: {words}. {corrected}",
        "P, chi-square: as the paper prints it, uncorrected and with every image taken as independent.",
    )
    return Table(
        name="table-2",
        caption=f"{label.capitalize()} nodules: features and right or wrong calls",
        columns=(
            *hidden("label", "feature", "level"),
            Column(key="title", title="Feature"),
            Column(key="n", title="n", kind="count", blank=True),
            *columns("summary", {"right": "Right", "wrong": "Wrong"}, blank=True),
            *columns("p", {"p": "P", "p_corrected": "P corrected", "p_chi_square": "P, chi-square"}, blank=True),
            *hidden("method", "note"),
        ),
        rows=tuple(rows),
        notes=(
            *(tested if used else ()),
            *_untested(own),
        ),
    )
