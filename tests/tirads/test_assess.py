"""Ranges where features are unknown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.tirads import Composition, Focus, Margin, Nodule, TiradsError, assess, read_nodule, systems
from thyrosight.tirads.lexicon import (
    ANY_COMPOSITION,
    ANY_ECHOGENICITY,
    ANY_EXTENSION,
    ANY_FOCI,
    ANY_MARGIN,
    ANY_SHAPE,
    Echogenicity,
    Extension,
    Shape,
)


def _some(values: frozenset) -> st.SearchStrategy[frozenset]:  # type: ignore[type-arg]
    ordered = sorted(values, key=str)
    return st.one_of(st.sampled_from([frozenset({item}) for item in ordered]), st.just(values))


NODULES = st.builds(
    Nodule,
    composition=_some(ANY_COMPOSITION | {Composition.HIDDEN}),
    echogenicity=_some(ANY_ECHOGENICITY),
    margin=_some(ANY_MARGIN),
    foci=_some(ANY_FOCI),
    shape=_some(ANY_SHAPE),
    extension=_some(ANY_EXTENSION),
    size_mm=st.one_of(st.none(), st.floats(0.1, 80)),
)


@given(nodule=NODULES, key=st.sampled_from(sorted(systems())))
def test_a_range_encloses_every_completion_and_touches_both_ends(nodule: Nodule, key: str) -> None:
    system, result = systems()[key], assess(key, nodule)
    verdicts = [system.rule.verdict(item) for item in nodule.completions()]
    ranks = [system.rank(name) for verdict in verdicts for name in verdict.categories]
    assert result.unclassifiable == sum(not verdict.categories for verdict in verdicts)
    assert (result.lowest_rank, result.highest_rank) == ((min(ranks), max(ranks)) if ranks else (None, None))
    reached = {name for verdict in verdicts for name in verdict.categories}
    assert set(result.categories) == reached
    actions = {system.category(name).action(nodule.size_mm) for name in reached} if nodule.size_mm else {None}
    assert set(result.actions) == (set() if None in actions else actions)  # all advice that is possible, and no other
    json.dumps(result.as_dict(), allow_nan=False)


@given(nodule=NODULES, key=st.sampled_from(sorted(systems())), data=st.data())
def test_learning_a_feature_never_widens_the_range(nodule: Nodule, key: str, data: st.DataObject) -> None:
    chosen = data.draw(st.sampled_from(nodule.completions()))
    informed = Nodule(
        frozenset({chosen.composition}), nodule.echogenicity, frozenset({chosen.margin}), nodule.foci, nodule.shape,
        nodule.extension,
    )  # fmt: skip
    wide, narrow = assess(key, nodule), assess(key, informed)
    if narrow.lowest_rank is not None and narrow.highest_rank is not None:
        assert wide.lowest_rank is not None and wide.highest_rank is not None
        assert wide.lowest_rank <= narrow.lowest_rank <= narrow.highest_rank <= wide.highest_rank


def test_nothing_known_is_the_whole_scale() -> None:
    for key, system in systems().items():
        result = assess(key, Nodule())
        first = 1 if key == "kwak-2011" else 0  # a count of features never gives Kwak's category 2
        assert (result.lowest, result.highest) == (system.categories[first].name, system.categories[-1].name)
        assert result.category is None and len(result.not_exactly_known) == 6


def test_an_unknown_feature_that_cannot_matter_leaves_one_category() -> None:
    # solid 2 + hypoechoic 2 + punctate 3 = 7 points: TR5 whatever margin and shape are
    nodule = read_nodule({"composition": "solid", "echogenicity": "hypoechoic", "calcification": "micro"})
    result = assess("acr", nodule)
    assert result.category == "TR5" and (result.lowest_points, result.highest_points) == (7, 13)
    assert assess("kwak", nodule).text() == "4c to 5"


def test_advice_is_given_where_every_category_agrees() -> None:
    nodule = read_nodule({"composition": "solid", "echogenicity": "hypoechoic", "size_mm": "30"})
    result = assess("acr", nodule)
    assert result.text() == "TR4 to TR5" and result.action == "FNA"
    small = read_nodule({"composition": "solid", "echogenicity": "hypoechoic", "size_mm": "12"})
    assert assess("acr", small).recommendation() == "ultrasound follow-up or fine-needle aspiration"
    assert assess("acr", Nodule()).recommendation() == "depends on the size, which is unknown"
    assert assess("kwak", small).recommendation() == "the source gives no advice by size"


def test_what_a_source_leaves_open_is_said() -> None:
    spongy = {"composition": "spongiform", "echogenicity": "isoechoic", "margin": "smooth", "shape": "wider"}
    nodule = read_nodule(spongy | {"calcification": "micro"})
    assert assess("eu", nodule).text() == "2 or 5" and assess("eu", nodule).categories == ("2", "5")
    assert "entirely spongiform" in assess("eu", nodule).notes[0]
    assert assess("ata", nodule).text() == "not classifiable" and assess("ata", nodule).category is None
    one_point = {"composition": "mixed", "echogenicity": "isoechoic", "margin": "smooth", "shape": "taller"}
    assert assess("ai", read_nodule(one_point | {"calcification": "none"})).text() == "TR1 to TR2"
    partly = read_nodule(one_point | {"shape": "wider", "calcification": "none"})
    assert assess("ata", partly).text() == "very low suspicion to low suspicion"
    assert assess("ata", partly).notes == ("whether the solid part lies eccentrically is not described",)


def test_a_partly_unclassifiable_range_has_no_single_category() -> None:
    solid = read_nodule({"composition": "solid", "margin": "irregular", "calcification": "none", "shape": "wider"})
    result = assess("ata", solid)
    assert result.text() == "high suspicion or not classifiable"
    assert result.category is None and result.action is None
    assert "2 of 4 fitting descriptions" in result.notes[0]


def test_a_contradictory_description_is_classified_as_stated_and_said_to_be_one() -> None:
    nodule = read_nodule({"composition": "solid", "echogenicity": "anechoic"})
    assert nodule.contradicts_itself()
    assert any("contradicts itself" in note for note in assess("acr", nodule).notes)
    assert not Nodule().contradicts_itself()


def test_unknown_words_leave_out_impossible_completions() -> None:
    cystic = Nodule(composition=frozenset({Composition.CYSTIC}))
    assert {item.echogenicity for item in cystic.completions()} == {Echogenicity.ANECHOIC}
    assert not any({Focus.RIM, Focus.BROKEN_RIM} <= item.foci for item in Nodule().completions())


def test_impossible_nodules_are_refused() -> None:
    with pytest.raises(TiradsError, match="at least one possible term of margin"):
        Nodule(margin=frozenset())
    with pytest.raises(TiradsError, match="positive number of millimetres, got -3"):
        Nodule(size_mm=-3)
    with pytest.raises(TiradsError, match="positive number"):
        Nodule(size_mm=float("nan"))


def test_terms_of_different_features_never_share_a_word() -> None:
    words = [term.value for kind in (Composition, Echogenicity, Margin, Focus, Shape, Extension) for term in kind]
    assert len(set(words)) == len(words)
