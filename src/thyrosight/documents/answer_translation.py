"""The answer of an analysis in another language; what programs read of it stays as it is."""

from collections.abc import Collection

from thyrosight.documents.answer import Answer
from thyrosight.documents.translation import Say, figure_in_words_of, table_in_words_of
from thyrosight.languages import translator


def translated_answer(answer: Answer, language: str, *, own: Collection[str] = ()) -> Answer:
    """An English answer in a language.

    Args:
        answer: what was found.
        language: one of `thyrosight.languages.LANGUAGES`.
        own: words of the table's author, such as names of scores, which stay as they are.

    Raises:
        LanguageError: there are no messages in that language.
    """
    return answer_in_words_of(answer, translator(language).knowing(own))


def answer_in_words_of(answer: Answer, say: Say) -> Answer:
    """The answer with `say` done to every text that a reader sees; `result` is for programs."""
    return answer.model_copy(
        update={
            "title": say(answer.title),
            "summary": say(answer.summary),
            "methods": say(answer.methods),
            "tables": tuple(table_in_words_of(table, say) for table in answer.tables),
            "figures": tuple(figure_in_words_of(figure, say) for figure in answer.figures),
        }
    )
