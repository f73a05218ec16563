"""Words of societies and data sets, real tables, and what is wrong with a cell."""

import csv
from pathlib import Path

import pytest

from thyrosight.tirads import (
    COLUMNS,
    NO_FOCI,
    VOCABULARIES,
    Composition,
    Echogenicity,
    Extension,
    Focus,
    Margin,
    Nodule,
    Shape,
    TiradsError,
    read_nodule,
    read_size_mm,
)


def test_empty_means_unknown() -> None:
    assert read_nodule({}) == Nodule()
    assert read_nodule(dict.fromkeys(COLUMNS, "unknown") | {"size_mm": float("nan")}) == Nodule()
    assert read_nodule({"composition": None, "margin": "  "}) == Nodule()
    assert read_nodule({"calcification": None}) != read_nodule({"calcification": "none"})


def test_a_coarse_word_stands_for_all_its_terms() -> None:
    nodule = read_nodule({"composition": "Mixed", "margin": "lobulated", "echogenicity": "iso-hyperechoic"})
    assert nodule.composition == {Composition.PREDOMINANTLY_CYSTIC, Composition.PREDOMINANTLY_SOLID}
    assert nodule.margin == {Margin.MACROLOBULATED, Margin.MICROLOBULATED}
    assert nodule.echogenicity == {Echogenicity.HYPERECHOIC, Echogenicity.ISOECHOIC}


def test_several_calcifications() -> None:
    nodule = read_nodule({"calcification": "macrocalcification; Punctate echogenic foci"})
    assert nodule.foci == {frozenset({Focus.MACROCALCIFICATION, Focus.PUNCTATE})}
    assert read_nodule({"calcification": "none"}).foci == {NO_FOCI}
    with pytest.raises(TiradsError, match="says both none and a calcification"):
        read_nodule({"calcification": "none+micro"})


def test_the_margin_tells_of_extension_only_where_the_vocabulary_has_it_among_its_margins() -> None:
    assert read_nodule({"margin": "smooth"}).extension == {Extension.ABSENT}
    assert read_nodule({"margin": "well-defined"}, vocabulary="ddti").extension == set(Extension)
    ete = read_nodule({"margin": "ETE"}, vocabulary="inception")
    assert ete.extension == {Extension.PRESENT} and ete.margin == set(Margin)
    assert read_nodule({"margin": "smooth", "extrathyroidal_extension": "present"}).extension == {Extension.PRESENT}


def test_all_unknown_words_are_named_with_place_and_allowed_words() -> None:
    with pytest.raises(TiradsError) as caught:
        read_nodule({"composition": "solidd", "margin": "fuzzy", "size_mm": "1,2"}, where="a.csv, row 7")
    told = str(caught.value).split("\n")
    assert told[:3] == [
        "a.csv, row 7: composition: 'solidd' is not a known word; did you mean 'solid'?",
        "a.csv, row 7: margin: 'fuzzy' is not a known word.",
        "a.csv, row 7: size_mm: '1,2' is not a number of millimetres; write it without the unit.",
    ]
    assert told[3].startswith("Allowed for composition: 'almost completely cystic', ")
    assert told[4].startswith("Allowed for margin: ") and "'ill defined'" in told[4] and len(told) == 5


@pytest.mark.parametrize("cell", ["0", "0.05", "-4", "250", "inf", "nan"])
def test_impossible_sizes_are_refused(cell: str) -> None:
    with pytest.raises(TiradsError, match=r"outside 0\.1 to 200; check the value and its unit"):
        read_size_mm(cell)


def test_every_term_of_the_lexicon_can_be_written() -> None:
    for kind, column in (
        (Composition, "composition"), (Echogenicity, "echogenicity"), (Margin, "margin"), (Focus, "calcification"),
        (Shape, "shape"), (Extension, "extrathyroidal_extension"),
    ):  # fmt: skip
        for term in kind:
            nodule = read_nodule({column: term.value})
            assert nodule != Nodule()
    for vocabulary in VOCABULARIES.values():
        assert set(vocabulary.words) == set(COLUMNS)


def test_a_strict_vocabulary_refuses_foreign_words() -> None:
    with pytest.raises(TiradsError, match="'halo' is not a known word"):
        read_nodule({"margin": "halo"}, vocabulary="ddti")
    with pytest.raises(TiradsError, match="has no words for it; leave the cell empty"):
        read_nodule({"shape": "taller"}, vocabulary="ddti")
    with pytest.raises(TiradsError, match="no vocabulary 'acr'"):
        read_nodule({}, vocabulary="acr")


def test_the_inception_papers_levels() -> None:
    """Every level of its table 2 can be read."""
    levels = {
        "composition": ["Solid", "Cystic", "Spongiform"],
        "echogenicity": ["Hyperechoic", "Isoechoic", "Hypoechoic", "Markedly hypoechoic"],
        "calcification": ["Micro", "Macro", "Comet-tail", "None"],
        "margin": ["Smooth", "Irregular", "Lobulated", "Ill-defined", "Halo", "ETE"],
        "shape": ["Wider", "Taller"],
    }
    for column, words in levels.items():
        for word in words:
            assert read_nodule({column: word}, vocabulary="inception") != Nodule()


def test_every_row_of_ddti_can_be_read(real_data: Path) -> None:
    with (real_data / "ddti" / "labels.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == 595
    nodules = [
        read_nodule(
            row | {"margin": row["margins"], "calcification": row["calcifications"]},
            vocabulary="ddti",
            where=row["image"],
        )
        for row in rows
    ]
    # counts as they stand in the file
    assert sum(item.composition == {Composition.SOLID} for item in nodules) == 197
    assert sum(item.foci == {frozenset({Focus.PUNCTATE})} for item in nodules) == 258
    assert sum(item.foci == {NO_FOCI} for item in nodules) == 164
    assert sum(item.margin == {Margin.IRREGULAR} for item in nodules) == 26
    assert sum(len(item.echogenicity) > 1 for item in nodules) == 258
    assert all(item.shape == set(Shape) and item.extension == set(Extension) for item in nodules)
