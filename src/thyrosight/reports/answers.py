"""The answer of an analysis for the terminal, a spreadsheet, a program, a paper and a page."""

import json
from collections.abc import Callable
from typing import Final, NamedTuple

from thyrosight import __version__
from thyrosight.documents import Answer, Document, Figures, Items, citations, cited_in_latex, numbered, section
from thyrosight.documents.answer_translation import translated_answer
from thyrosight.documents.latex import latex
from thyrosight.documents.references import REFERENCES
from thyrosight.languages import current_language, one_after_another, say, set_in_current, speaking, translator, wrapped
from thyrosight.reports.document import render_document
from thyrosight.reports.statistics_tables import as_csv, as_latex, as_text


class Asked(NamedTuple):
    """Analysis that was asked for, by its command, and the table that it was asked of.

    Attributes:
        analysis: name of the command, such as "roc".
        file: name of the table, empty where the analysis needs none.
        rows: rows that were analysed.
        excluded: rows that were left out.
        notes: how the table was understood.
        group: of commands that the analysis belongs to.
        own: words of the table's author, which every language writes as they are.
    """

    analysis: str
    file: str = ""
    rows: int | None = None
    excluded: int = 0
    notes: tuple[str, ...] = ()
    group: str = "stats"
    own: frozenset[str] = frozenset()


def answer_text(answer: Answer, _asked: Asked) -> str:
    """The answer for a terminal: the main result, the tables, and what to write in the Methods section."""
    text, listed = numbered(methods(answer))
    references = [f"  {place}. {entry}" for place, entry in enumerate(listed, start=1)]
    below = [
        "",
        set_in_current(f"{say('For the Methods section')}:"),
        *_wrapped(text),
        *(line for entry in references for line in _wrapped(entry)),
    ]
    return "\n".join([*_wrapped(answer.summary), "", as_text(answer.tables).rstrip(), *below]) + "\n"


def answer_csv(answer: Answer, _asked: Asked) -> str:
    """All tables as one, a row per quantity, with full precision."""
    return as_csv(answer.tables)


def answer_json(answer: Answer, asked: Asked) -> str:
    """Answer as JSON, with its numbers as plain values."""
    text, references = numbered(methods(answer))
    head = {"analysis": asked.analysis, "thyrosight": __version__, "file": asked.file, "rows": asked.rows}
    body = {
        "excluded_rows": asked.excluded,
        "notes": [translator(current_language()).knowing(asked.own)(note) for note in asked.notes],
        "summary": answer.summary,
        "result": answer.result,
        "methods": text,
        "references": references,
    }
    return json.dumps(head | body, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def answer_latex(answer: Answer, _asked: Asked) -> str:
    r"""Tables, the sentences for the Methods section and their references (needs `\usepackage{booktabs}`)."""
    said = methods(answer)
    keys = citations(said)
    entries = [rf"\bibitem{{{key}}} {latex(REFERENCES[key])}" for key in keys]
    bibliography = [rf"\begin{{thebibliography}}{{{len(keys)}}}", *entries, r"\end{thebibliography}"] if keys else []
    marked = cited_in_latex(said)
    text = "".join(_latex_between_citations(marked))
    return (
        as_latex(answer.tables)
        + "\n".join(["", rf"\paragraph{{{say('Statistical analysis')}}}", text, "", *bibliography])
        + "\n"
    )


def answer_html(answer: Answer, asked: Asked) -> str:
    """A page that needs nothing else."""
    text, references = numbered(methods(answer))
    source = say("table {0}, {n1} rows", asked.file, asked.rows) if asked.file else ""
    command = f"thyrosight {asked.group} {asked.analysis}"
    several = len(answer.figures) > 1
    figures = Figures(items=answer.figures) if several else next(iter(answer.figures), None)
    parts = [
        section(say("Results"), figures, *answer.tables),
        section(
            say("For the Methods section"), text, Items(texts=tuple(references), numbered=True) if references else None
        ),
    ]
    document = Document(
        title=answer.title,
        subtitle=say("{0}, on {1}", command, source) if source else command,
        key_result=answer.summary,
        facts=(),
        sections=tuple(parts),
        source=source,
        language=current_language(),
    )
    return render_document(document, {}, numbers_from=_numbers_from(asked))


def _numbers_from(asked: Asked) -> str:
    if asked.group == "study":
        return "the cohort and the recipe"
    return f"{asked.file} in the same folder" if asked.file else "the options of the command"


def methods(answer: Answer) -> str:
    """The sentences for the Methods section, with the software."""
    return one_after_another([answer.methods, say("Computed with ThyroSight {0}.", __version__)])


_WRITTEN: Final[dict[str, Callable[[Answer, Asked], str]]] = {
    "text": answer_text,
    "csv": answer_csv,
    "json": answer_json,
    "latex": answer_latex,
    "html": answer_html,
}


def written(answer: Answer, asked: Asked, form: str, *, language: str = "en") -> str:
    """An answer as text; tables for programs (CSV) are English in every language.

    Args:
        answer: what was found, in English.
        asked: what was asked.
        form: "text", "csv", "json", "latex" or "html".
        language: one of `thyrosight.languages.LANGUAGES`.

    Raises:
        LanguageError: there are no answers in that language.
    """
    spoken = "en" if form == "csv" else language
    with speaking(spoken):
        return _WRITTEN[form](translated_answer(answer, spoken, own=asked.own), asked)


def _latex_between_citations(text: str) -> list[str]:
    r"""Text whose `\cite{...}` commands stay as they are."""
    first, *rest = text.split(r"~\cite{")
    parts = [latex(first)]
    for part in rest:
        keys, _, after = part.partition("}")
        parts += [rf"~\cite{{{keys}}}", latex(after)]
    return parts


def _wrapped(text: str, width: int = 100) -> list[str]:
    indent = " " * (len(text) - len(text.lstrip()))
    return wrapped(text.strip(), width, first=indent, further=indent + ("   " if indent else ""))
