"""The reference page: its examples run, and its tables say what the code does."""

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


def test_it_lists_the_rows_that_contradict_themselves(page: str, real_data: Path) -> None:
    import csv

    with (real_data / "readers" / "thyroid_readers.csv").open(encoding="utf-8", newline="") as stream:
        found = {number: read_coded_nodule(row).contradictions for number, row in enumerate(csv.DictReader(stream), 2)}
    listed = page[page.index("Rows that contradict themselves") :]
    block = listed[listed.index("```") + 3 : listed.index("```", listed.index("```") + 3)]
    rows: list[int] = []
    for part in block.replace("\n", " ").split(","):
        first, _, last = part.strip().partition("-")
        rows += range(int(first), int(last or first) + 1)
    assert rows == [number for number, reasons in found.items() if any("is 0" in reason for reason in reasons)]
    assert len(rows) == 197 and "row 728" in listed
