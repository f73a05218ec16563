"""Texts that the package ships as data for reports are translated: recipes, papers, the lexicon, guidelines."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import thyrosight
from thyrosight.cohort.mapping import known_fields
from thyrosight.cohort.records.descriptors import FEATURES
from thyrosight.languages import translator
from thyrosight.studies import load_recipe, shipped_recipes
from thyrosight.tirads import lexicon

PACKAGE = Path(thyrosight.__file__).parent

OF_SPREADSHEETS = (
    "histology decides; without it the diagnosis that is written in the table counts (source as the table says); "
    "without it cytology counts where it is benign (Bethesda II) or malignant (Bethesda VI); words that leave it open, "
    "and contradictions, give no label",
    "indeterminate cytology (Bethesda III), and no histology",
    "no label: the words leave it open",
    "two histologies that contradict each other",
    "label contradicts histology",
    "neither histology nor cytology",
    "histology not decisive (it names both benign and malignant)",
    "the words of the cytology are not understood, and no histology",
    "web page under a spreadsheet's name",
    "XML workbook of Excel 2003",
    "OpenDocument spreadsheet",
    "Excel workbook",
)
"""Words of the mapping of a hospital's table on labels, and on rows that are left out."""


def texts() -> Iterator[str]:
    yield from OF_SPREADSHEETS
    yield from (field.about for field in known_fields().values())
    for name in shipped_recipes():
        recipe = load_recipe(name)
        yield from filter(None, (recipe.title, recipe.paper))
    for file in sorted((PACKAGE / "studies" / "papers").glob("*.yaml")):
        paper = yaml.safe_load(file.read_text(encoding="utf-8"))
        yield from (paper["name"], *paper.get("notes", ()))
        for table in paper["tables"]:
            yield from (table["item"], *table.get("notes", ()))
    for file in sorted((PACKAGE / "studies" / "guidelines" / "items").glob("*.yaml")):
        guideline = yaml.safe_load(file.read_text(encoding="utf-8"))
        if "about" in guideline:
            yield from (guideline["name"], guideline["about"], *guideline["sections"])
            items = [item for part in guideline["sections"].values() for item in part]
            yield from filter(None, (item.get(name) for item in items for name in ("topic", "asks", "rest")))
        else:
            yield from filter(None, (saying.get(name) for saying in guideline.values() for name in ("text", "else")))
    kinds = (lexicon.Composition, lexicon.Echogenicity, lexicon.Margin, lexicon.Focus, lexicon.Shape, lexicon.Extension)
    yield from (str(term) for kind in kinds for term in kind)
    yield from (*lexicon.FEATURE_NAMES.values(), *FEATURES)


@pytest.mark.parametrize("language", ["zh", "es"])
def test_shipped_texts_are_translated(language: str) -> None:
    said = {text: translator(language).translate(text).left for text in texts()}
    assert len(said) > 60
    assert {text: left for text, left in said.items() if left} == {}
