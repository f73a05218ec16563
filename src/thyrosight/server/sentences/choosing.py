"""Choice of the language of answers."""

from typing import Final

LANGUAGES: Final = {"en": "English", "es": "Español", "zh": "中文"}
"""The languages of the pages, by their names in themselves."""
LANGUAGE: Final = "thyrosight_language"
"""The cookie of the language that a user chose."""


def chosen_language(cookie: str, accepted: str) -> str:
    """The language of a page: the one that the user chose, else the first known one that the browser asks for.

    >>> chosen_language("", "de-DE, zh-CN;q=0.8, en;q=0.5"), chosen_language("es", "zh"), chosen_language("xx", "")
    ('zh', 'es', 'en')
    """
    if cookie in LANGUAGES:
        return cookie
    wishes: list[tuple[float, int, str]] = []
    for part in accepted.split(","):
        name, _, weight = part.strip().partition(";q=")
        code = name.split("-")[0].lower()
        if code in LANGUAGES:
            wishes.append((-_number(weight), len(wishes), code))
    return min(wishes)[2] if wishes else "en"


def _number(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
