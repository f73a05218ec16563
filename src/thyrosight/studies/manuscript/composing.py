"""The manuscript of a study and its supplement, composed as data from its result."""

import re
from collections.abc import Iterator, Sequence

import yaml

from thyrosight.documents import (
    REFERENCES,
    Block,
    Code,
    Figure,
    Heading,
    Items,
    Section,
    Table,
    drawings,
    section,
)
from thyrosight.documents.manuscript import Manuscript, Reference, cited_keys
from thyrosight.studies.base import RecipeBase, RecipeHead
from thyrosight.studies.guidelines import Checklist
from thyrosight.studies.guidelines.page import checklist_table, without_guidelines
from thyrosight.studies.kinds import find_outline, find_recipe
from thyrosight.studies.manuscript import methods
from thyrosight.studies.outline import Outline, manuscript_tables, parts_of
from thyrosight.studies.result import Result

PAPER = "paper"
"""Key of the paper that a study repeats, whose entry is the recipe's own text."""
_RESEARCH = "Research use only. What is reported here is no medical device and must not decide about a patient."
_THEIR_NUMBER = re.compile(r"\b(Table|Supplement) \w+\. | \((the paper's|paper:) (Table|Figure)s? [\w ,]+\)")
_THE_PAPER = re.compile(r"\b([Tt]he) paper\b")


def compose(result: Result, *, dictionary: Table) -> tuple[Manuscript, Manuscript]:
    """The manuscript and its supplement.

    Args:
        result: of the study.
        dictionary: the table of the cohort's columns, for the supplement.
    """
    result = without_guidelines(result)
    recipe = recipe_of(result)
    outline = find_outline(result.facts.kind)(result)
    main_tables, other_tables = _parted_tables(result, outline)
    main_figures, other_figures = _parted_figures(result, outline)
    main = Manuscript(
        title=result.document.title,
        front=_front(result),
        sections=_sections(result, recipe, outline, tables=main_tables),
        tables=tuple(main_tables),
        figures=tuple(main_figures),
        references=(),
        source=result.document.source,
    )
    supplement = Manuscript(
        title=f"Supplement: {result.document.title}",
        front=(_RESEARCH,),
        sections=_supplement(result),
        tables=(*other_tables, dictionary),
        figures=tuple(other_figures),
        references=(),
        source=result.document.source,
        prefix="S",
    )
    main = main.model_copy(update={"elsewhere": supplement.labels()})
    supplement = supplement.model_copy(update={"elsewhere": main.labels()})
    return _with_references(main, result), _with_references(supplement, result)


def compose_checklists(checklists: Sequence[Checklist], *, title: str) -> Manuscript:
    """The checklists of reporting guidelines as one document, a table each, to be completed and handed in."""
    return Manuscript(
        title=f"Reporting guidelines: {title}",
        front=(
            "What the study says on each item, and what remains to be written. Items are in our own words: read the "
            "publications before you submit.",
        ),
        sections=(),
        tables=tuple(checklist_table(each) for each in checklists),
        figures=(),
        references=(),
        source="",
    )


def recipe_of(result: Result) -> RecipeHead:
    """The recipe that the study ran, with all its defaults."""
    return find_recipe(result.facts.kind).model_validate(yaml.safe_load(result.facts.recipe_yaml))


def _front(result: Result) -> tuple[str, ...]:
    return (
        "[[to be written: authors, affiliations, corresponding author]]",
        f"{_RESEARCH} {result.document.source[:1].upper()}{result.document.source[1:]}.",
    )


def _methods(
    result: Result, recipe: RecipeHead, outline: Outline, *, tables: Sequence[Table]
) -> Sequence[tuple[str, tuple[str, ...]]]:
    """Materials and Methods by heading: those that the outline has, or those of a study that trains networks."""
    facts = result.facts
    if not isinstance(recipe, RecipeBase):
        return outline.methods
    return [
        ("Study design and data", methods.data(facts, recipe)),
        ("Reference standard", methods.reference_standard(facts)),
        ("Images and their preparation", methods.preparation(facts, recipe)),
        ("Division of the cohort", methods.divisions(facts, recipe)),
        ("Networks and training", (*methods.networks(result, recipe), *outline.networks)),
        ("Statistical analysis", methods.statistics(recipe, tables, *outline.statistics)),
        ("Software and reproduction", methods.software(result)),
    ]


def _sections(result: Result, recipe: RecipeHead, outline: Outline, *, tables: Sequence[Table]) -> tuple[Section, ...]:
    facts = result.facts
    parts = _methods(result, recipe, outline, tables=tables)
    after = f"The study repeats, with its own data, the design of an earlier paper [{PAPER}]." if facts.paper else ""
    introduction = (
        "[[to be written: what is known, what is not, and why the question matters]]",
        after,
        _purpose(outline),
    )
    return (
        section("Abstract", *_abstract(result, outline)),
        section("Introduction", *(text for text in introduction if text)),
        Section(title="Materials and Methods", blocks=tuple(_under_headings(parts))),
        Section(title="Results", blocks=tuple(_under_headings(outline.results))),
        Section(title="Discussion", blocks=tuple(_discussion(result))),
        section(
            "Declarations",
            "Ethics approval and consent: [[to be written]].",
            "Funding: [[to be written]].",
            "Conflicts of interest: [[to be written]].",
            "Contributions of the authors: [[to be written]].",
            "Data and code: [[to be written: whether images and labels can be had, and where]]. The software is "
            "ThyroSight; recipe, division, predictions and versions are in the reproduction folder.",
        ),
    )


def _purpose(outline: Outline) -> str:
    return f"The purpose of this study was {outline.purpose[:1].lower()}{outline.purpose[1:]}"


def _abstract(result: Result, outline: Outline) -> Iterator[str]:
    facts = result.facts
    patients = "" if facts.patients is None else f" of {facts.patients} patients"
    yield "Background: [[to be written: one sentence]]."
    yield f"Purpose: {outline.purpose}"
    yield outline.materials or (
        f"Materials and Methods: {facts.images} images{patients} ({facts.benign} labelled benign, {facts.malignant} "
        f"labelled malignant; source of the labels: {' and '.join(facts.label_sources)}) were divided "
        f"({facts.split_kind}) into parts for training, validation and test. [[to be written: period, hospitals]]"
    )
    yield f"Results: {' '.join(outline.abstract)}"
    yield "Conclusion: [[to be written: what follows, no more than the intervals allow]]."


def _discussion(result: Result) -> Iterator[Block]:
    yield from section("", "[[to be written: main finding, comparison with earlier work, what it may mean]]").blocks
    if result.document.limitations:
        yield from section(
            "",
            "This study has limitations, of which these follow from its data:",
            Items(texts=tuple(map(_earlier, result.document.limitations))),
        ).blocks
    if result.unfinished:
        many = len(result.unfinished) > 1
        yield from section(
            "",
            f"{len(result.unfinished)} {'steps' if many else 'step'} could not be done as the recipe asks for; the "
            f"supplement says which, and why.",
        ).blocks
    yield from section(
        "", "[[to be written: further limitations, for example of the choice of patients, and the conclusion]]"
    ).blocks


def _supplement(result: Result) -> tuple[Section, ...]:
    command = (Heading(text="Command"), Code(text=result.facts.command)) if result.facts.command else ()
    said = (
        (Items(texts=tuple(map(_earlier, result.unfinished))),)
        if result.unfinished
        else ("Everything that the recipe asks for was done.",)
    )
    return (
        section("What was not done", *said),
        section("Recipe with all defaults", *command, Code(text=result.facts.recipe_yaml)),
    )


def _under_headings(parts: Sequence[tuple[str, Sequence[str]]]) -> Iterator[Block]:
    for heading, texts in parts:
        yield from section("", Heading(text=heading), *(text for text in texts if text)).blocks


def _parted_tables(result: Result, outline: Outline) -> tuple[list[Table], list[Table]]:
    """Tables of the main text in the order of the outline, and all others."""
    every = [_own_numbers(table) for table in manuscript_tables(result)]
    chosen: list[Table] = []
    for name in outline.tables:
        parts = parts_of(every, name)
        chosen += parts[: outline.parts_of.get(name, len(parts))]
    return chosen, [table for table in every if table not in chosen]


def _own_numbers(table: Table) -> Table:
    """The table without the number that it has in the paper whose design is repeated."""
    return table.model_copy(update={"caption": _own_caption(table.caption), "notes": tuple(map(_earlier, table.notes))})


def _own_caption(text: str) -> str:
    """A caption without the number that the earlier paper gave to the like.

    >>> _own_caption("Subgroup > 5 mm, Table 2a. CNN against A"), _own_caption("ROC curves (the paper's Figure 5).")
    ('Subgroup > 5 mm, CNN against A', 'ROC curves.')
    """
    own = _THEIR_NUMBER.sub("", text)
    return _earlier(own[:1].upper() + own[1:])


def _earlier(text: str) -> str:
    """A text in which "the paper" is the one that the study repeats, not the one that it stands in.

    >>> _earlier("The paper has no tests.")
    'The earlier paper has no tests.'
    """
    return _THE_PAPER.sub(r"\1 earlier paper", text)


def _parted_figures(result: Result, outline: Outline) -> tuple[list[Figure], list[Figure]]:
    every = [
        item.model_copy(update={"caption": _own_caption(item.caption), "drawing": _without_name(item.drawing, result)})
        for item in result.document.figures()
    ]
    chosen: list[Figure] = []
    for start in outline.figures:
        chosen += [item for item in every if item.name.startswith(start) and item not in chosen][:1]
    return chosen, [item for item in every if item not in chosen]


def _without_name(drawing: drawings.Drawing, result: Result) -> drawings.Drawing:
    """A flow chart without the name of the cohort's folder, which says nothing to readers of a paper."""
    name = f" in {result.facts.cohort.get('name', '')}"
    if not isinstance(drawing, drawings.Flow):
        return drawing
    steps = [
        step.model_copy(update={"text": f"{step.text.removesuffix(name)} in the cohort"})
        if step.text.endswith(name)
        else step
        for step in drawing.steps
    ]
    return drawing.model_copy(update={"steps": tuple(steps)})


def _with_references(manuscript: Manuscript, result: Result) -> Manuscript:
    """The manuscript with the references that its text cites, in that order."""
    known = REFERENCES | ({PAPER: result.facts.paper} if result.facts.paper else {})
    keys = cited_keys(" ".join(manuscript.texts()), known)
    return manuscript.model_copy(update={"references": tuple(Reference(key=key, text=known[key]) for key in keys)})
