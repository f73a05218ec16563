"""Answer of an analysis: a sentence, tables and figures, and the methods."""

from collections.abc import Sequence
from typing import Any, Self

from pydantic import field_validator

from thyrosight.documents.document import Figure
from thyrosight.documents.measure import Frozen
from thyrosight.documents.references import citations
from thyrosight.documents.table import Table
from thyrosight.showing import Shown


class Answer(Shown, Frozen):
    """The answer of one analysis, ready to be printed or written.

    Attributes:
        title: the heading of a page.
        summary: the main result in one or two sentences.
        tables: the numbers.
        methods: sentences for the Methods section of a paper; `[key]` cites an entry of `REFERENCES`.
        result: everything as plain values, for programs.
        figures: each with its caption.

    Raises:
        KeyError: `methods` cites what `REFERENCES` does not hold.
    """

    title: str
    summary: str
    tables: tuple[Table, ...]
    methods: str
    result: dict[str, Any]
    figures: tuple[Figure, ...] = ()

    @field_validator("methods")
    @classmethod
    def _cites_what_is_known(cls, methods: str) -> str:
        citations(methods)
        return methods

    def with_notes(self, notes: Sequence[str]) -> Self:
        """The answer with sentences that must travel with its numbers, below the first table."""
        first, *rest = self.tables
        return self.model_copy(update={"tables": (first.model_copy(update={"notes": (*first.notes, *notes)}), *rest)})
