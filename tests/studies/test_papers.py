"""The page that lists the tables and figures of the five papers: none is forgotten, and its count is right."""

import re
from collections import Counter

from tests.studies.items import PAGE, items
from thyrosight.studies.published import published_papers

COUNTS = {
    "The ResNet-18 paper": {"Table": 1, "Figure": 3},
    "The micronodule paper": {"Table": 7, "Figure": 3},
    "Guan et al. 2019": {"Table": 3, "Figure": 5},
    "Zhao et al. 2023": {"Table": 3, "Figure": 4},
    "Qin et al. 2020": {"Table": 7, "Figure": 7},
}
"""Tables (with those of supplements) and figures that the papers hold."""


def test_every_table_and_figure_is_listed_once() -> None:
    every = items()
    assert len({(item.paper, item.name) for item in every}) == len(every) == 43
    for paper, counts in COUNTS.items():
        assert Counter(item.name.split()[0] for item in items(paper)) == counts, paper
    assert set(COUNTS) == {paper.name for paper in published_papers()}


def test_the_page_counts_what_is_there() -> None:
    said = re.search(r"\*\*(\d+) of the (\d+) tables and figures\*\*", PAGE.read_text(encoding="utf-8"))
    assert said is not None
    assert [int(number) for number in said.groups()] == [sum(bool(item.places) for item in items()), 43]
