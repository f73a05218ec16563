"""A manuscript in another language: text, tables, figures, and the words around them; references stay as published."""

from thyrosight.documents.manuscript import Manuscript, Names
from thyrosight.documents.translation import Say, figure_in_words_of, section_in_words_of, table_in_words_of
from thyrosight.languages import translator


def translated_papers(papers: tuple[Manuscript, Manuscript], language: str) -> tuple[Manuscript, Manuscript]:
    """A manuscript and its supplement in a language; what each calls the tables of the other follows.

    Raises:
        LanguageError: there are no messages in that language.
    """
    main, supplement = (translated_manuscript(paper, language) for paper in papers)
    return (
        main.model_copy(update={"elsewhere": supplement.labels()}),
        supplement.model_copy(update={"elsewhere": main.labels()}),
    )


def translated_manuscript(manuscript: Manuscript, language: str) -> Manuscript:
    """An English manuscript in a language; one that is in it already stays as it is.

    Raises:
        LanguageError: there are no messages in that language.
    """
    say = translator(language)
    if language == manuscript.language:
        return manuscript
    return manuscript_in_words_of(manuscript, say).model_copy(update={"language": language})


def manuscript_in_words_of(manuscript: Manuscript, say: Say) -> Manuscript:
    """A manuscript with `say` done to every text but the references."""
    names = {name: say(word) for name, word in manuscript.names}
    return manuscript.model_copy(
        update={
            "title": say(manuscript.title),
            "front": tuple(map(say, manuscript.front)),
            "sections": tuple(section_in_words_of(part, say) for part in manuscript.sections),
            "tables": tuple(table_in_words_of(table, say) for table in manuscript.tables),
            "figures": tuple(figure_in_words_of(figure, say) for figure in manuscript.figures),
            "source": say(manuscript.source),
            "names": Names(**names),
        }
    )
