"""The languages of reports and manuscripts: messages of translators, and finished English text put into them.

Text is written in English where it is made. A finished text is taken apart again into the messages it was made of, and
put together in the other language; the guide "Reports in Chinese and Spanish" says why.
"""

from thyrosight.languages.catalogue import (
    HTML_CODES,
    LANGUAGES,
    Catalogue,
    catalogue_of,
    filled,
    read_catalogue,
    require_language,
)
from thyrosight.languages.current import current_language, one_after_another, say, set_in_current, speaking
from thyrosight.languages.translator import Translation, Translator, translator
from thyrosight.languages.typography import capitalised, set_in
from thyrosight.languages.wrapping import columns_of, pieces_of, wrapped

__all__ = [
    "HTML_CODES",
    "LANGUAGES",
    "Catalogue",
    "Translation",
    "Translator",
    "capitalised",
    "catalogue_of",
    "columns_of",
    "current_language",
    "filled",
    "one_after_another",
    "pieces_of",
    "read_catalogue",
    "require_language",
    "say",
    "set_in",
    "set_in_current",
    "speaking",
    "translator",
    "wrapped",
]
