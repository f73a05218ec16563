"""Features and errors: the tables of the paper, known effects, clusters, and what cannot be computed."""

from itertools import islice

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from thyrosight.cohort.records.descriptors import read_descriptors
from thyrosight.documents import Share
from thyrosight.phantoms import options_like, phantom_images
from thyrosight.studies.analyses.feature_errors import feature_errors
from thyrosight.studies.analyses.options import Contrast

# Guan et al. 2019, Table 2: (right, wrong) among carcinomas and among benign nodules. The benign row without
# calcification is misprinted as 166 and 24, the class's totals; its n of 184 leaves 161 and 23.
PAPER = {
    "composition": {"solid": ((194, 14), (108, 20)), "cystic": ((0, 0), (1, 0)), "spongiform": ((1, 0), (57, 4))},
    "echogenicity": {
        "hyperechoic": ((0, 0), (3, 0)),
        "isoechoic": ((12, 3), (86, 11)),
        "hypoechoic": ((182, 11), (69, 12)),
        "markedly hypoechoic": ((1, 0), (8, 1)),
    },
    "calcification": {
        "micro": ((89, 3), (1, 0)),
        "macro": ((10, 1), (2, 0)),
        "comet-tail": ((6, 0), (2, 1)),
        "none": ((90, 10), (161, 23)),
    },
    "margin": {
        "smooth": ((13, 4), (111, 13)),
        "irregular": ((24, 0), (1, 0)),
        "lobulated": ((6, 0), (7, 2)),
        "ill-defined": ((104, 5), (46, 8)),
        "halo": ((3, 1), (1, 1)),
        "ETE": ((45, 4), (0, 0)),
    },
    "shape": {"wider": ((102, 12), (165, 23)), "taller": ((93, 2), (1, 1))},
}
PRINTED_P = {
    ("composition", "malignant"): 0.788, ("echogenicity", "malignant"): 0.099, ("calcification", "malignant"): 0.260,
    ("margin", "malignant"): 0.024, ("shape", "malignant"): 0.015, ("composition", "benign"): 0.200,
    ("echogenicity", "benign"): 0.814, ("calcification", "benign"): 0.659, ("margin", "benign"): 0.383,
    ("shape", "benign"): 0.110,
}  # fmt: skip
PRINTED_ODDS = {
    "solid or cystic": (1.627, 0.556, 4.760, 0.374), "hypoechoic": (0.666, 0.331, 1.338, 0.254),
    "microcalcification": (0.254, 0.076, 0.847, 0.026),
    "macrocalcification or comet-tail artefact": (0.761, 0.170, 3.403, 0.720),
    "taller than wide": (0.243, 0.073, 0.810, 0.021),
}  # fmt: skip
PRINTED_MARGINS = {
    "extrathyroidal extension": (0.648, 0.207, 2.030, 0.457),
    "ill-defined or halo": (0.710, 0.341, 1.479, 0.361),
    "lobulated": (1.122, 0.233, 5.408, 0.886),
}


def paper_cohort(*, leave_out: tuple[str, ...] = ()) -> pd.DataFrame:
    """The paper's 399 images once per feature, with that feature alone known: only its margins were printed."""
    rows = []
    for feature, levels in PAPER.items():
        for level, counts in levels.items():
            if level in leave_out:
                continue
            for truth, (right, wrong) in zip((1, 0), counts, strict=True):
                rows += [{feature: level, "truth": truth, "predicted": truth}] * right
                rows += [{feature: level, "truth": truth, "predicted": 1 - truth}] * wrong
    table = pd.DataFrame(rows).assign(key=[f"{number}" for number in range(len(rows))])
    read = read_descriptors(table)
    assert read.problems == ()
    levels = read.table.drop(columns="key")
    return pd.concat([table[["key", "truth", "predicted"]], levels], axis=1).assign(group=table["key"])


def test_table_2_of_the_paper() -> None:
    table = paper_cohort()
    found = feature_errors(table)
    assert (len(table), found.wrong) == (5 * 399, 5 * 38)
    tests = {(test["feature"], test["label"]): test for test in found.tests}
    assert {key: round(float(str(test["p_chi_square"])), 3) for key, test in tests.items()} == PRINTED_P
    rows = [row for row in found.calls["malignant"].rows if row["feature"] == "margin" and "right" in row]
    assert [(row["level"], row["n"], row["right"], row["wrong"]) for row in rows][:2] == [
        ("ill-defined", 109, Share(n=104, of=109), Share(n=5, of=109)),
        ("extrathyroidal extension", 49, Share(n=45, of=49), Share(n=4, of=49)),
    ]
    # Few are expected in cells of this table, so that Fisher's test is the one that fits; R's fisher.test agrees.
    margin = tests["margin", "malignant"]
    assert margin["method"] == "Fisher's exact test"
    assert margin["p"] == pytest.approx(0.0343, abs=5e-5)
    assert tests["shape", "malignant"]["method"] == "Pearson chi-square"
    assert all(test["p_corrected"] >= test["p"] for test in found.tests)  # type: ignore[operator]


def test_every_row_of_table_3_of_the_paper_by_the_default_contrasts() -> None:
    """The printed figures rest on counts of Table 2 with rare levels merged, which the paper does not say.

    They are the cystic nodule with the solid ones, comet tails with macrocalcification, halos with ill-defined margins.
    Irregular margins had no error among 25 and leave the other margins as they are printed.
    """
    found = feature_errors(paper_cohort())
    printed = {**PRINTED_ODDS, **PRINTED_MARGINS}
    for level, figures in printed.items():
        row = found.odds.row(level=level)
        odds = row["univariate"]
        found_odds = (odds.value, odds.low, odds.high, row["univariate_p"])  # type: ignore[union-attr]
        assert found_odds == pytest.approx(figures, abs=6e-4), level
        assert odds.method == "logistic regression"  # type: ignore[union-attr]
    assert {row["level"] for row in found.odds.rows} == {*printed, "irregular"}
    row = found.odds.row(level="lobulated")
    assert (row["reference"], row["wrong_reference"]) == ("smooth", Share(n=17, of=141))
    assert found.entered == ("calcification", "shape")
    # No image of this table has both.
    (note,) = [note for note in found.odds.notes if note.startswith("Multivariate")]
    assert note.startswith("Multivariate: calcification, shape, 0 images with all of them recorded.")
    assert any("multivariate" in problem for problem in found.problems)
    assert (
        "Counted as one level: solid or cystic; hypoechoic or markedly hypoechoic; macrocalcification or comet-tail "
        "artefact; ill-defined or halo."
    ) in found.odds.notes


def test_levels_are_merged_as_the_recipe_says() -> None:
    """Without the paper's merging Table 2 gives other odds ratios: those of its levels apart."""
    apart = {
        "composition": Contrast(together=("solid",)),
        "calcification": Contrast(against=("none",)),
        "margin": Contrast(against=("smooth",)),
    }
    odds = feature_errors(paper_cohort(), contrasts=apart).odds
    # Of the counts themselves: (34 x 59) / (302 x 4), (1 x 251) / (12 x 33), (13 x 124) / (150 x 17).
    expected = {"solid": 1.661, "macrocalcification": 0.634, "ill-defined": 0.632}
    assert {level: odds.at(level=level, column="univariate").value for level in expected} == pytest.approx(
        expected, abs=6e-4
    )
    one = {"margin": Contrast(against=("smooth",), merge=(("irregular", "lobulated", "halo"),))}
    row = feature_errors(paper_cohort(), contrasts=one).odds.row(level="irregular or lobulated or halo")
    assert row["wrong"] == Share(n=4, of=46)
    # A merged level is named after the levels that occur.
    without = feature_errors(paper_cohort(leave_out=("halo",))).odds
    assert without.row(level="ill-defined")["wrong"] == Share(n=13, of=163)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"against": ["smooth"], "together": ["halo"]}, "not both"),
        ({"merge": [["halo"]]}, "two levels at least"),
        ({"merge": [["halo", "smooth"], ["halo", "lobulated"]]}, "'halo' stands twice"),
        ({"against": ["smooth"], "merge": [["halo", "smooth"]]}, "'smooth' stands in `merge` and in"),
    ],
)
def test_contrasts_that_cannot_be_meant_are_refused(fields: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Contrast.model_validate(fields)


@pytest.mark.parametrize("clustered", [False, True])
def test_one_separated_level_alone_takes_firths_penalty(clustered: bool) -> None:
    """The paper prints an odds ratio of 0 for irregular margins; Firth's penalty gives one with an interval."""
    table = paper_cohort()
    if clustered:
        table["group"] = (np.arange(len(table)) // 2).astype(str)
    odds = feature_errors(table).odds
    irregular = odds.at(level="irregular", column="univariate")
    assert "Firth" in irregular.method
    assert (irregular.value, irregular.low, irregular.high) == pytest.approx((0.139, 0.001, 1.088), abs=6e-4)
    for level in ("extrathyroidal extension", "ill-defined or halo", "lobulated"):
        method = odds.at(level=level, column="univariate").method
        assert method.startswith("logistic GEE" if clustered else "logistic regression")
        assert "Firth" not in method
    assert odds.notes[0].startswith("Firth's penalty, images as independent, for these levels alone")
    assert odds.notes[0].endswith(": Margin: irregular.")


def _simulated(n: int, *, per_group: int, seed: int) -> pd.DataFrame:
    """Errors more frequent with ill-defined margins (odds ratio e^1.5), less with taller shape (e^-1.2)."""
    generator = np.random.default_rng(seed)
    margin = generator.choice(["smooth", "ill-defined"], n)
    shape = generator.choice(["wider than tall", "taller than wide"], n)
    other = generator.choice(["solid", "spongiform"], n)
    group = np.arange(n) // per_group
    log_odds = -1.2 + 1.5 * (margin == "ill-defined") - 1.2 * (shape == "taller than wide")
    wrong = generator.random(n) < 1 / (1 + np.exp(-log_odds))
    truth = generator.integers(0, 2, n)
    predicted = np.where(wrong, 1 - truth, truth)
    return pd.DataFrame(
        {"truth": truth, "predicted": predicted, "group": group.astype(str), "margin": margin, "shape": shape,
         "composition": other}
    )  # fmt: skip


@pytest.mark.parametrize("per_group", [1, 3])
def test_known_effects_are_found_with_their_signs(per_group: int) -> None:
    found = feature_errors(_simulated(900, per_group=per_group, seed=1))
    assert found.entered == ("margin", "shape")
    (note,) = [note for note in found.odds.notes if note.startswith("Multivariate")]
    assert note.startswith(
        "Multivariate: margin, shape, 900 images with all of them recorded. Each had an uncorrected "
    )
    for level, effect in (("ill-defined", 1.5), ("taller than wide", -1.2)):
        odds = found.odds.at(level=level, column="multivariate")
        assert odds.low < np.exp(effect) < odds.high
        assert ("GEE" in odds.method) == (per_group > 1)
    assert "multivariate" not in found.odds.row(level="solid")
    between = {test["method"] for test in found.tests}
    assert between == ({"Pearson chi-square"} if per_group == 1 else {"score test, variance between clusters"})


def test_what_cannot_be_tested_is_said_and_the_rest_is_done() -> None:
    table = _simulated(60, per_group=1, seed=2)
    table.loc[table["truth"] == 1, "margin"] = "smooth"
    table.loc[table["truth"] == 0, "predicted"] = 0
    table["shape"] = None
    found = feature_errors(table)
    tests = {(test["feature"], test["label"]): test for test in found.tests}
    assert ("shape", "benign") not in tests
    assert tests["margin", "malignant"]["note"] == "not tested: one level only"
    assert tests["margin", "benign"]["note"] == "not tested: no wrong call"
    assert "Composition, margin: not tested: no wrong call." in found.calls["benign"].notes
    assert "p" in tests["composition", "malignant"] and "p" not in tests["margin", "benign"]


def test_no_wrong_call_at_all() -> None:
    table = _simulated(40, per_group=1, seed=3)
    found = feature_errors(table.assign(predicted=table["truth"]))
    assert found.wrong == 0
    assert not any("p" in test for test in found.tests)
    assert not any("univariate" in row for row in found.odds.rows)
    assert len(found.problems) == 3


def test_a_network_at_chance_has_no_odds_of_errors() -> None:
    """Where all are called malignant, each benign nodule is an error, and its features were said to go with errors."""
    table = _simulated(60, per_group=1, seed=2).assign(predicted=1)
    assert any("univariate" in row for row in feature_errors(table).odds.rows)
    found = feature_errors(table, at_chance=True)
    assert found.odds.rows and not any("univariate" in row or "univariate_p" in row for row in found.odds.rows)
    assert found.problems == ("There are no odds ratios: the network cannot be told from guessing.",)
    assert [note for note in found.odds.notes if "odds" in note or " P " in note] == list(found.problems)


def test_unknown_spellings_are_named_and_counted() -> None:
    cohort = pd.DataFrame(
        {
            "key": list("abcd"),
            "margin": ["well-defined", "fuzzy", "fuzzy", float("nan")],
            "calcification": ["micro", "non", "macro;micro", "unknown"],
            "echogenicity": ["hypoechogenicity", "Hypo-echoic", "isoechoic", "hypoechoic"],
        }
    )
    read = read_descriptors(cohort)
    assert read.table["margin"].tolist() == ["smooth", None, None, None]
    assert read.table["calcification"].tolist() == [
        "microcalcification", "none", "macrocalcification + microcalcification", None,
    ]  # fmt: skip
    assert [problem.split(" is not")[0] for problem in read.problems] == [
        "echogenicity: 'Hypo-echoic' (1 image, for example b)", "margin: 'fuzzy' (2 images, for example b)",
    ]  # fmt: skip
    assert read.absent == ("composition", "shape")


def test_known_effects_of_features_on_a_networks_errors_are_recovered() -> None:
    """2,000 phantoms with a simulated network whose errors follow the paper's odds ratios: 0.254 and 0.243."""
    options = options_like("inception-margin")
    assert options.network is not None
    rows = []
    for image in islice(phantom_images(3, options), 2000):
        recorded, features = dict(image.recorded), image.features
        rows.append(
            {
                "key": image.key, "group": str(image.patient), "truth": int(image.label == "malignant"),
                "predicted": int(float(recorded["simulated_probability"]) > 0.5),
                "composition": features.composition, "echogenicity": features.echogenicity,
                "margin": features.margin, "calcification": features.calcification, "shape": features.shape,
            }
        )  # fmt: skip
    table = pd.DataFrame(rows)
    levels = read_descriptors(table)
    assert levels.problems == ()
    errors = feature_errors(table[["key", "group", "truth", "predicted"]].merge(levels.table, on="key"))
    for level, effect in (("microcalcification", 0.254), ("taller than wide", 0.243)):
        odds = errors.odds.at(level=level, column="univariate")
        assert odds.low < effect < odds.high
    shapes = [row for calls in errors.calls.values() for row in calls.rows if row["feature"] == "shape"]
    assert sum(row["n"] for row in shapes if row["level"]) == 2000  # type: ignore[misc]
