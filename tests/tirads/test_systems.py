"""Every system over its whole input space, and the examples and numbers that publications give."""

from itertools import pairwise, product

import pytest

from thyrosight.tirads import (
    Composition,
    Description,
    Echogenicity,
    Extension,
    Focus,
    Margin,
    Nodule,
    Points,
    Shape,
    System,
    TiradsError,
    assess,
    find_system,
    read_nodule,
    systems,
)
from thyrosight.tirads.lexicon import ANY_FOCI

SPACE = [
    Description(*values)
    for values in product(Composition, Echogenicity, Margin, sorted(ANY_FOCI, key=sorted), Shape, Extension)
]
COHERENT = [item for item in SPACE if item.is_coherent()]
PLAIN = {"margin": "smooth", "calcification": "none", "shape": "wider than tall"}


def known(description: Description) -> Nodule:
    return Nodule(
        composition=frozenset({description.composition}),
        echogenicity=frozenset({description.echogenicity}),
        margin=frozenset({description.margin}),
        foci=frozenset({description.foci}),
        shape=frozenset({description.shape}),
        extension=frozenset({description.extension}),
    )


def test_the_whole_space_is_what_arithmetic_says() -> None:
    # 6 compositions, 6 echogenicities, 5 margins, 2^5 sets of foci less the 2^3 with both kinds of rim, 2 shapes, 2
    assert len(SPACE) == 6 * 6 * 5 * (32 - 8) * 2 * 2 == 17_280


def test_eight_systems_with_source_and_rising_categories() -> None:
    assert set(systems()) == {
        "kwak-2011", "k-tirads-2016", "k-tirads-2021", "acr-2017", "eu-tirads-2017", "c-tirads-2020", "ata-2015",
        "ai-tirads-2019",
    }  # fmt: skip
    for system in systems().values():
        assert system.source and system.checked and system.readings
        names = [category.name for category in system.categories]
        assert len(set(names)) == len(names)
        assert [system.rank(name) for name in names] == list(range(1, len(names) + 1))


@pytest.mark.parametrize("system", systems().values(), ids=lambda item: item.key)
def test_a_rule_answers_every_description_with_its_own_categories(system: System) -> None:
    names = {category.name for category in system.categories}
    given = set()
    for description in SPACE:
        verdict = system.rule.verdict(description)
        assert set(verdict.categories) <= names
        assert len(verdict.categories) == 1 or verdict.reason  # two or no category are always explained
        assert (verdict.points is None) != isinstance(system.rule, Points)
        given |= set(verdict.categories)
    never = names - given
    assert never == ({"2"} if system.key == "kwak-2011" else set())


@pytest.mark.parametrize("key", sorted(systems()))
def test_a_suspicious_term_more_never_lowers_the_category(key: str) -> None:
    system = systems()[key]
    for item in COHERENT:
        if Focus.PUNCTATE in item.foci or item.shape is Shape.TALLER:
            continue
        before = system.rule.verdict(item).categories
        for worse in (
            Description(item.composition, item.echogenicity, item.margin, item.foci | {Focus.PUNCTATE}, item.shape,
                        item.extension),
            Description(item.composition, item.echogenicity, item.margin, item.foci, Shape.TALLER, item.extension),
        ):  # fmt: skip
            after = system.rule.verdict(worse).categories
            if before and after:
                assert system.rank(after[0]) >= system.rank(before[0])
                assert system.rank(after[-1]) >= system.rank(before[-1])


@pytest.mark.parametrize("system", systems().values(), ids=lambda item: item.key)
def test_levels_of_points_have_no_gap_and_rise(system: System) -> None:
    if not isinstance(system.rule, Points):
        return
    levels = system.rule.levels
    for (_, high, lower), (low, _, upper) in pairwise(levels):
        assert low == high + 1
        assert system.rank(upper[0]) >= system.rank(lower[0])
    sums = {system.rule.sum(item) for item in SPACE}
    assert levels[0][0] <= min(sums) and max(sums) <= levels[-1][1]


def test_highest_and_lowest_sums() -> None:
    def span(key: str) -> tuple[int, int]:
        rule = systems()[key].rule
        assert isinstance(rule, Points)
        sums = [rule.sum(item) for item in SPACE]
        return min(sums), max(sums)

    assert span("acr-2017") == (0, 2 + 3 + 3 + 3 + 1 + 2 + 3)
    assert span("ai-tirads-2019") == (0, 3 + 3 + 1 + 3 + 3)
    assert span("c-tirads-2020") == (-1, 5)
    assert span("kwak-2011") == (0, 5)


def test_ai_tirads_changes_eight_terms_of_which_six_become_zero() -> None:
    """As Wildman-Tobriner et al. 2019 count them in their abstract; terms that ACR scores together count once."""
    acr, ai = systems()["acr-2017"].rule, systems()["ai-tirads-2019"].rule
    assert isinstance(acr, Points) and isinstance(ai, Points)
    together = [
        {Composition.PREDOMINANTLY_CYSTIC, Composition.PREDOMINANTLY_SOLID},
        {Echogenicity.HYPERECHOIC, Echogenicity.ISOECHOIC},
        {Focus.RIM, Focus.BROKEN_RIM},
    ]
    changed = {
        frozenset(next((group for group in together if term in group), {term})): ai.points.get(term, 0)
        for term in {*acr.points, *ai.points}
        if acr.points.get(term, 0) != ai.points.get(term, 0)
    }
    assert len(changed) == 8
    assert sum(points == 0 for points in changed.values()) == 6


@pytest.mark.parametrize(
    ("words", "category"),
    [  # Rho et al., legends of figures 2 and 3; what a legend does not mention is left unknown
        (("predominantly solid", "mildly hypoechoic", "smooth", "none", "parallel"), "3"),
        (("solid", "hypoechoic", "irregular", "", "nonparallel"), "5"),
        (("solid", "mildly hypoechoic", "microlobulated", "", ""), "5"),
        (("predominantly solid", "isoechoic", "smooth", "none", "parallel"), "3"),
    ],
)
def test_worked_examples_of_rho(words: tuple[str, ...], category: str) -> None:
    features = ("composition", "echogenicity", "margin", "calcification", "shape")
    nodule = read_nodule(dict(zip(features, words, strict=True)))
    assert assess("k-tirads-2016", nodule).category == category


@pytest.mark.parametrize(
    ("composition", "echogenicity", "expected"),
    [  # Na et al. 2021, Ultrasonography, legend of figure 4: two nodules with a punctate focus under several systems
        ("solid", "isoechoic", {"acr": "TR4", "ata": None, "eu": "5", "k-tirads-2016": "4"}),
        ("predominantly solid", "mildly hypoechoic", {"ata": "high suspicion", "eu": "5", "k-tirads-2016": "4"}),
    ],
)
def test_worked_examples_of_na(composition: str, echogenicity: str, expected: dict[str, str | None]) -> None:
    nodule = read_nodule(
        PLAIN | {"composition": composition, "echogenicity": echogenicity, "calcification": "punctate"}
    )
    for system, category in expected.items():
        assert assess(system, nodule).category == category
    if expected["ata"] is None:
        assert assess("ata", nodule).text() == "not classifiable"


@pytest.mark.parametrize(
    ("record", "expected"),
    [  # categories by hand from the tables named in each system's source
        (
            {"composition": "solid", "echogenicity": "very hypoechoic", "margin": "irregular",
             "shape": "taller than wide", "calcification": "microcalcification"},
            {"kwak": "5", "k-tirads-2016": "5", "k-tirads-2021": "5", "acr": "TR5", "eu": "5", "c-tirads": "5",
             "ata": "high suspicion", "ai": "TR5"},
        ),
        (
            PLAIN | {"composition": "solid", "echogenicity": "hypoechoic"},
            {"kwak": "4b", "k-tirads-2016": "4", "k-tirads-2021": "4", "acr": "TR4", "eu": "4", "c-tirads": "4A",
             "ata": "intermediate suspicion", "ai": "TR4"},
        ),
        (
            PLAIN | {"composition": "solid", "echogenicity": "isoechoic"},
            {"kwak": "4a", "k-tirads-2016": "3", "k-tirads-2021": "3", "acr": "TR3", "eu": "3", "c-tirads": "4A",
             "ata": "low suspicion", "ai": "TR3"},
        ),
        (
            PLAIN | {"composition": "spongiform", "echogenicity": "isoechoic"},
            {"kwak": "3", "k-tirads-2016": "2", "k-tirads-2021": "2", "acr": "TR1", "eu": "2", "c-tirads": "3",
             "ata": "very low suspicion", "ai": "TR1"},
        ),
        (
            PLAIN | {"composition": "cystic", "echogenicity": "anechoic", "calcification": "comet-tail"},
            {"kwak": "3", "k-tirads-2016": "2", "k-tirads-2021": "2", "acr": "TR1", "eu": "2", "c-tirads": "2",
             "ata": "benign", "ai": "TR1"},
        ),
        (
            PLAIN | {"composition": "entirely calcified", "echogenicity": "cannot be determined",
                     "calcification": "macrocalcification"},
            {"k-tirads-2021": "4", "acr": "TR4", "ata": None, "eu": None, "k-tirads-2016": None},
        ),
    ],
)  # fmt: skip
def test_typical_nodules(record: dict[str, str], expected: dict[str, str | None]) -> None:
    nodule = read_nodule(record)
    for system, category in expected.items():
        assert assess(system, nodule).category == category, system


def test_korean_benign_patterns_with_a_suspicious_feature_rose_to_4_in_2016_and_stay_2_in_2021() -> None:
    for pattern in (
        {"composition": "spongiform", "calcification": "micro"},
        {"composition": "predominantly cystic", "calcification": "comet-tail+micro"},
    ):
        nodule = read_nodule(PLAIN | {"echogenicity": "isoechoic"} | pattern)
        assert assess("k-tirads-2016", nodule).category == "4"
        assert assess("k-tirads-2021", nodule).category == "2"
    dark = read_nodule(PLAIN | {"composition": "spongiform", "echogenicity": "hypoechoic"})
    assert assess("k-tirads-2021", dark).category == "3"


def test_c_tirads_counts_the_highest_of_several_foci_and_the_margin_once() -> None:
    solid = PLAIN | {"composition": "solid", "echogenicity": "isoechoic"}
    assert assess("c-tirads", read_nodule(solid | {"calcification": "comet-tail"})).points == 0
    assert assess("c-tirads", read_nodule(solid | {"calcification": "comet-tail+micro"})).points == 2
    both = solid | {"margin": "irregular", "extrathyroidal_extension": "present"}
    assert assess("c-tirads", read_nodule(both)).points == 2


def test_acr_extension_replaces_the_margin_and_foci_add_up() -> None:
    solid = {"composition": "solid", "echogenicity": "isoechoic", "shape": "wider"}
    both = read_nodule(
        solid | {"margin": "irregular", "extrathyroidal_extension": "present", "calcification": "micro+macro+rim"}
    )
    assert assess("acr", both).points == 2 + 1 + 3 + (3 + 1 + 2)


@pytest.mark.parametrize(
    ("system", "category_of", "sizes"),
    [
        ("acr", {"echogenicity": "isoechoic"}, {14.9: "none", 15: "follow-up", 24.9: "follow-up", 25: "FNA"}),
        ("acr", {"echogenicity": "hypoechoic"}, {9.9: "none", 10: "follow-up", 14.9: "follow-up", 15: "FNA"}),
        ("acr", {"echogenicity": "hypoechoic", "shape": "taller"}, {4.9: "none", 5: "follow-up", 10: "FNA"}),
        ("eu", {"echogenicity": "isoechoic"}, {20: "none", 20.1: "FNA"}),
        ("eu", {"echogenicity": "hypoechoic"}, {15: "none", 15.1: "FNA"}),
        ("eu", {"echogenicity": "hypoechoic", "shape": "taller"}, {10: "follow-up", 10.1: "FNA"}),
        ("ata", {"echogenicity": "isoechoic"}, {14.9: "follow-up", 15: "FNA"}),
        ("ata", {"echogenicity": "hypoechoic"}, {9.9: "follow-up", 10: "FNA"}),
        ("k-tirads-2016", {"echogenicity": "isoechoic"}, {14.9: "none", 15: "FNA"}),
        ("k-tirads-2016", {"echogenicity": "hypoechoic", "shape": "taller"}, {5: "none", 6: "FNA optional", 10: "FNA"}),
        ("k-tirads-2021", {"echogenicity": "isoechoic"}, {20: "follow-up", 20.1: "FNA"}),
        ("k-tirads-2021", {"echogenicity": "hypoechoic"}, {10: "follow-up", 10.1: "FNA optional", 15.1: "FNA"}),
        ("c-tirads", {"echogenicity": "isoechoic"}, {15: "none", 15.1: "FNA"}),
    ],
)  # fmt: skip
def test_advice_by_size_at_its_limits(system: str, category_of: dict[str, str], sizes: dict[float, str]) -> None:
    for size, action in sizes.items():
        nodule = read_nodule(PLAIN | {"composition": "solid", "size_mm": str(size)} | category_of)
        assert assess(system, nodule).action == action, size


@pytest.mark.parametrize("system", systems().values(), ids=lambda item: item.key)
def test_advice_never_weakens_as_a_nodule_grows(system: System) -> None:
    order = {None: -1, "none": 0, "follow-up": 1, "FNA optional": 2, "FNA": 3}
    for category in system.categories:
        actions = [order[category.action(tenth / 10)] for tenth in range(1, 600)]
        assert actions == sorted(actions)


def test_names_of_systems() -> None:
    assert find_system("ACR TI-RADS").key == "acr-2017"
    assert find_system("k_tirads_2021").key == "k-tirads-2021"
    with pytest.raises(TiradsError, match="several editions; choose k-tirads-2016 or k-tirads-2021"):
        find_system("k-tirads")
    with pytest.raises(TiradsError, match=r"There is no system 'eu-tirad-2017'; .*did you mean eu-tirads-2017"):
        find_system("eu-tirad-2017")
    with pytest.raises(TiradsError, match="There is no system ''"):
        find_system("")
