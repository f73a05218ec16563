"""A text on a study, written once for a page and for Word."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from thyrosight.documents import (
    REFERENCES,
    Block,
    Document,
    Figure,
    Items,
    Section,
    TableBlock,
    Text,
    citations,
    numbered,
)
from thyrosight.documents.manuscript import Manuscript, Names, Reference
from thyrosight.documents.translation import Say, section_in_words_of
from thyrosight.languages import say, speaking, translator

_GAP = ("[[", "]]")


@dataclass(frozen=True)
class Writing:
    """A text with tables and figures in their places.

    Between double square brackets stands what only the people of the study can write; `[hillis2011]` cites.

    Attributes:
        title, subtitle: at the top.
        lead: the text in two or three sentences.
        facts: what must be known of the cases: label source, numbers.
        sections: the text.
        source: label source and size in one sentence, printed under every table and figure.
        own: words of the people of the study, which no language changes: titles, names, questions.
        language: that the text is in, one of `thyrosight.languages.LANGUAGES`.
    """

    title: str
    subtitle: str
    lead: str
    facts: tuple[str, ...]
    sections: tuple[Section, ...]
    source: str
    own: frozenset[str] = frozenset()
    language: str = "en"

    def in_language(self, language: str) -> "Writing":
        """The text, which is English, in a language.

        Raises:
            LanguageError: there are no texts in that language.
        """
        return replace(self.in_words_of(translator(language).knowing(self.own)), language=language)

    def in_words_of(self, say: Say) -> "Writing":
        """The text with `say` done to all that a reader sees."""
        return replace(
            self,
            title=say(self.title),
            subtitle=say(self.subtitle),
            lead=say(self.lead),
            facts=tuple(map(say, self.facts)),
            sections=tuple(section_in_words_of(part, say) for part in self.sections),
            source=say(self.source),
        )

    def page(self) -> Document:
        """For a page: gaps in square brackets, citations as numbers, references at the end."""
        sections, references = _with_numbers(self.sections)
        listed = (Section(title=self._said("References"), blocks=(Items(texts=tuple(references), numbered=True),)),)
        return Document(
            title=self.title,
            subtitle=self.subtitle,
            key_result=self.lead,
            facts=self.facts,
            sections=(*sections, *(listed if references else ())),
            source=self.source,
            language=self.language,
        )

    def _said(self, text: str) -> str:
        return translator(self.language)(text)

    def paper(self) -> Manuscript:
        """For Word: gaps in yellow, tables and figures behind the text."""
        blocks = [block for section in self.sections for block in section.blocks]
        keys = dict.fromkeys(key for text in _texts(self.sections) for key in citations(text))
        return Manuscript(
            title=self.title,
            front=(self.subtitle, self.lead, *self.facts, self._said("Research use only. Not for diagnosis.")),
            sections=tuple(
                section.model_copy(update={"blocks": tuple(self._for_word(block) for block in section.blocks)})
                for section in self.sections
            ),
            tables=tuple(block.table for block in blocks if isinstance(block, TableBlock)),
            figures=tuple(block for block in blocks if isinstance(block, Figure)),
            references=tuple(Reference(key=key, text=REFERENCES[key]) for key in keys),
            source=self.source,
            names=Names(**{name: self._said(word) for name, word in Names()}),
            language=self.language,
        )

    def _for_word(self, block: Block) -> Block:
        """A table or figure as the sentence that points to it."""
        if not isinstance(block, TableBlock | Figure):
            return block
        kind, found = ("figure", block) if isinstance(block, Figure) else ("table", block.table)
        with speaking(self.language):
            return Text(text=say("{0}: see {1}.", found.caption, f"{{{kind}:{found.name}}}"))


def _texts(sections: tuple[Section, ...]) -> Iterator[str]:
    """Every text that may cite or have gaps: paragraphs and lists."""
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Text):
                yield block.text
            elif isinstance(block, Items):
                yield from block.texts


def _with_numbers(sections: tuple[Section, ...]) -> tuple[tuple[Section, ...], list[str]]:
    """The sections with numbers for citations and single brackets for gaps, and the references."""
    mark = "\n\x1f\n"
    text, references = numbered(mark.join(_texts(sections)))
    parts = iter(text.replace(_GAP[0], "[").replace(_GAP[1], "]").split(mark))

    def drawn(block: Block) -> Block:
        if isinstance(block, Text):
            return Text(text=next(parts))
        if isinstance(block, Items):
            return block.model_copy(update={"texts": tuple(next(parts) for _ in block.texts)})
        return block

    return (
        tuple(section.model_copy(update={"blocks": tuple(map(drawn, section.blocks))}) for section in sections),
        list(references),
    )
