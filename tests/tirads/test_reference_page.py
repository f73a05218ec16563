"""The reference page: its examples run, and its tables say what the code does."""

import csv
import doctest
from collections.abc import Iterator
from pathlib import Path

import pytest

from thyrosight.tirads import (
    VOCABULARIES,
    Composition,
    Echogenicity,
    Extension,
    Focus,
    Margin,
    Points,
    Shape,
    SizeRule,
    System,
    read_coded_nodule,
    systems,
)

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "tirads.md"

FEATURES = {
    "composition": Composition,
    "echogenicity": Echogenicity,
    "margin": Margin,
    "calcification": Focus,
    "shape": Shape,
    "extrathyroidal_extension": Extension,
}


def _size(rule: SizeRule | None) -> str:
    if rule is None:
        return "-"
    return "any size" if rule.millimetres == 0 else str(rule)


def category_rows(system: System) -> Iterator[str]:
    """One line of the page for each category."""
    for item in system.categories:
        sizes = (
            [_size(item.fna), _size(item.optional_fna), _size(item.follow_up)] if item.stated else ["not stated"] * 3
        )
        yield f"| {item.name} | {item.title} | {item.risk or 'not stated'} | {' | '.join(sizes)} | {item.advice} |"


def point_rows(system: System) -> Iterator[str]:
    """One line for each number of points, most first."""
    if not isinstance(system.rule, Points):
        return
    for worth in sorted(set(system.rule.points.values()), reverse=True):
        terms = ", ".join(term.value for term, points in system.rule.points.items() if points == worth)
        yield f"| {worth} | {terms} |"


def word_rows() -> Iterator[str]:
    """One line for each term of the lexicon with the words that mean it, and it alone, in each vocabulary."""
    for feature, terms in FEATURES.items():
        for term in terms:
            cells = [", ".join(_words(name, feature, term)) or "-" for name in ("thyrosight", "ddti", "inception")]
            yield f"| {term.value} | {' | '.join(cells)} |"


def _words(vocabulary: str, feature: str, term: object) -> list[str]:
    words = VOCABULARIES[vocabulary].words[feature]
    return sorted(word for word, meant in words.items() if meant == {term})


def coarse_rows() -> Iterator[str]:
    """One line for each word that stands for several terms or for none."""
    for feature in FEATURES:
        for name in ("thyrosight", "ddti", "inception"):
            for word, meant in sorted(VOCABULARIES[name].words[feature].items()):
                if len(meant) != 1:
                    yield f"| {feature} | {name} | {word} | {' or '.join(sorted(meant)) or 'no focus'} |"


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_its_examples_run() -> None:
    found = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.attempted > 5 and found.failed == 0


@pytest.mark.parametrize("system", systems().values(), ids=lambda item: item.key)
def test_it_shows_every_system_as_it_is_encoded(system: System, page: str) -> None:
    lines = page.split("\n")
    section = page[page.index(f"### {system.title}") :].split("\n### ", maxsplit=1)[0]
    plain = " ".join(section.split())
    for text in (system.source, system.checked, *system.readings):
        assert " ".join(text.split()) in plain
    for row in (*category_rows(system), *point_rows(system)):
        assert row in lines


def test_it_maps_every_word(page: str) -> None:
    lines = page.split("\n")
    for row in (*word_rows(), *coarse_rows()):
        assert row in lines


def _listed(page: str, after: str) -> list[int]:
    """The row numbers in the first block behind a heading or sentence."""
    block = page[page.index(after) :].split("```", maxsplit=2)[1]
    rows: list[int] = []
    for part in block.replace("\n", " ").split(","):
        first, _, last = part.strip().partition("-")
        rows += range(int(first), int(last or first) + 1)
    return rows


def test_it_lists_the_rows_that_contradict_themselves(page: str, real_data: Path) -> None:
    with (real_data / "readers" / "thyroid_readers.csv").open(encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream))
    contradictions = [read_coded_nodule(row).contradictions for row in table]
    unnamed = [number for number, found in enumerate(contradictions, 2) if any("is 0" in text for text in found)]
    assert _listed(page, "### Rows that contradict themselves") == unnamed and len(unnamed) == 197
    assert [number for number, found in enumerate(contradictions, 2) if any("is 1" in text for text in found)] == [728]
    zero = [
        number
        for number, row in enumerate(table, 2)
        if row["composition"] == "0" and row["echogenicity"] != "0" and row["tirads_points"] == "0"
    ]
    assert _listed(page, "In 94 rows the bare sum") == zero and len(zero) == 94
