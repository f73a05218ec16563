"""Guidelines as data: the numbers of the publications, and answers that there are."""

import re
from html import unescape

import pytest

from thyrosight.reports.document import render_document
from thyrosight.studies import Result
from thyrosight.studies.guidelines.guideline import NAMES, answer_of, load_guideline
from thyrosight.studies.guidelines.known import Known

PUBLISHED = {"tripod-ai": (27, 52), "claim": (44, 44), "stard-ai": (40, 48), "grras": (15, 15), "mrmc": (27, 27)}
"""Main items and rows of each checklist as published; that for reader studies is our own."""


@pytest.mark.parametrize("name", NAMES)
def test_items_are_numbered_as_published(name: str) -> None:
    guideline = load_guideline(name)
    numbers = [item.item for _, item in guideline.rows()]
    main = list(dict.fromkeys(int(re.sub(r"\D", "", number)) for number in numbers))
    assert (len(main), len(numbers)) == PUBLISHED[name]
    assert main == list(range(1, guideline.main_items + 1))
    assert len(set(numbers)) == len(numbers)
    for main_item in main:
        letters = [
            number.removeprefix(str(main_item)) for number in numbers if re.fullmatch(f"{main_item}[a-z]?", number)
        ]
        assert "".join(letters) in "abcdefghij", f"letters of item {main_item} follow one another"


@pytest.mark.parametrize("name", NAMES)
def test_what_remains_to_be_written_stands_beside_an_answer(name: str) -> None:
    assert [item.item for _, item in load_guideline(name).rows() if item.rest and not item.answer] == []


def test_every_answer_is_there_and_points_into_the_report(study: tuple[Result, object]) -> None:
    known = Known(study[0])
    titles = {part.title for part in known.document.sections} | {"Key result", "Limitations"}
    figures = len(list(known.document.figures()))
    for name in NAMES:
        for _, item in load_guideline(name).rows():
            found = answer_of(item.answer, known)
            if found is None:
                continue
            assert found.text.strip() == found.text and found.text, item.answer
            assert not re.search(r"\byouden\b|\bplatt\b|imagenet-if-present|\btrain:|\bresnet18\b", found.text), (
                found.text
            )
            for place in filter(None, found.place.split("; ")):
                title = re.sub(r",? ?(tables/.*|Figure \d+)$", "", place)
                assert title in titles or place.startswith("tables/"), (item.answer, place)
                for table in re.findall(r"tables/(\S+)\.csv", place):
                    assert table in known.document.names()
                for number in re.findall(r"Figure (\d+)", place):
                    assert 1 <= int(number) <= figures


def test_a_figure_is_named_by_its_number_on_the_page(study: tuple[Result, object]) -> None:
    """The summary shows a figure of a later section as Figure 1, which moves all before it by one."""
    known = Known(study[0])
    page = unescape(render_document(known.document, {}))
    for name in ("flow", "roc", "confusion"):
        figure = known.document.figure(name)
        number = known.figure(name).split("Figure ")[1]
        caption = re.search(rf'id="figure-{number}">.*?</b> (.*?)</figcaption>', page, re.DOTALL)
        assert figure and caption and caption[1].startswith(figure.caption), name


def test_readers_have_no_checklist_where_nobody_read(study: tuple[Result, object]) -> None:
    from thyrosight.studies.guidelines import checklists_of

    assert [checklist.name for checklist in checklists_of(study[0])] == ["tripod-ai", "claim", "stard-ai"]


def test_nothing_is_claimed_of_networks_that_were_not_trained(study: tuple[Result, object]) -> None:
    result = study[0]
    without = [table for table in result.document.more if table.name != "trials"]
    document = result.document.model_copy(update={"more": tuple(without)})
    known = Known(result.model_copy(update={"document": document, "model": None}))
    assert [answer_of(name, known) for name in ("technology", "development", "training", "predictions", "model")] == [
        None
    ] * 5


@pytest.mark.parametrize(
    ("filled", "words"),
    [
        ({}, "No nodule is marked in this cohort: of every image the whole scan area was taken"),
        ({"box": 20, "mask": 15}, "Nodules are marked in 20 of 60 images; of the others the whole scan area"),
    ],
)
def test_crops_are_claimed_only_where_nodules_are_marked(
    study: tuple[Result, object], filled: dict[str, int], words: str
) -> None:
    result = study[0]
    assert "whole scan area was taken" not in str(answer_of("preparation", Known(result)))
    facts = result.facts.model_copy(update={"cohort": {**result.facts.cohort, "filled": filled}})
    other = Known(result.model_copy(update={"facts": facts}))
    assert words in str(answer_of("preparation", other)) and words in str(answer_of("crop", other))
