"""Marks, spaces and capitals as each language sets them."""

import re
from collections.abc import Callable
from functools import cache
from typing import Final

_HAN: Final = r"\u2e80-\u9fff\uf900-\ufaff\uff01-\uffee\u3000-\u303f"
_TIGHT: Final = rf"(?:[{_HAN}A-Za-z0-9(%“`]|[-+±\N{{MINUS SIGN}}]\d)"
"""Characters that follow a Chinese character without a space; signs between two values keep theirs."""
_FILE: Final = "xlsx?|xlsm|ods|csv|png|jpe?g|bmp|tiff?|dcm|docx|tex|pdf|html|json|yaml|md"
_WIDE: Final = {",": "，", ":": "：", ";": "；"}

_Set = str | Callable[[re.Match[str]], str]
_RULES: Final[dict[str, tuple[tuple[str, _Set], ...]]] = {
    # Stops and spaces that stand twice, spaces before a mark, per cent signs, and the commas of thousands.
    "es": (
        (r"(?<!\.)\.\.(?=$|\s)", "."),
        (r"(?<=\S) +(?=[,;](?:\s|$))", ""),
        (r"(?<=\S) {2,}(?=\S)", " "),
        (r"(?<=\d)%", " %"),
        (r"(?<![\d,.])\d{1,3}(?:,\d{3})+(?![\d,.])", lambda found: found[0].replace(",", "\N{NO-BREAK SPACE}")),
    ),
    # Per cent signs, stops, spaces around characters and behind marks, wide marks, and marks that stand twice.
    "zh": (
        (r"(?<=\d) +%", "%"),
        (rf"(?<=[{_HAN}])\.(?!\d|(?i:{_FILE})\b)|(?<=[)\w%”`])\.(?=$| ?[{_HAN}])", "。"),
        (rf"(?<=[{_HAN}]) +(?={_TIGHT})|(?<=[{_HAN}A-Za-z0-9)%”`]) +(?=[{_HAN}])", ""),
        ("(?<=[，。；：、（]) +", ""),
        (rf"(?<=[{_HAN}])([,:;]) ?|([,:;]) ?(?=[{_HAN}])", lambda found: _WIDE[found.group(1) or found.group(2)]),
        (r"([。；，：])[。.]", r"\1"),
    ),
}


@cache
def _rules(language: str) -> tuple[tuple[re.Pattern[str], _Set], ...]:
    """The rules of a language, made when they are first needed: that takes longer than to assess an image."""
    return tuple((re.compile(sign), set_so) for sign, set_so in _RULES[language])


def set_in(language: str, text: str) -> str:
    """A text with the marks and spaces of its language.

    >>> set_in("zh", "共 120 张图像, 恶性 50 %."), set_in("zh", "没有文件左叶.jpg."), set_in("es", "Una frase: 95%..")
    ('共120张图像，恶性50%。', '没有文件左叶.jpg。', 'Una frase: 95 %.')
    """
    if language not in _RULES or (language == "zh" and not re.search(f"[{_HAN}]", text)):
        return text
    # Code in a Spanish text keeps its commas and spaces.
    pieces = re.split("(`[^`]*`)", text) if language == "es" else [text]
    for sign, set_so in _rules(language):
        pieces[::2] = [sign.sub(set_so, piece) for piece in pieces[::2]]
    return "".join(pieces)


def capitalised(text: str) -> str:
    """A text that begins with a capital, where it begins with a letter that has one; signs such as χ² stay.

    >>> capitalised("índice de Youden"), capitalised("χ² of trend")
    ('Índice de Youden', 'χ² of trend')
    """
    return text if "\u0370" <= text[:1] <= "\u03ff" else text[:1].upper() + text[1:]


def cased_like(text: str, message: str, said: str) -> str:
    """A translation whose first letter is a capital, or is none, where the text differs in that from its message.

    >>> cased_like("Benign nodule", "benign nodule", "nódulo benigno")
    'Nódulo benigno'
    >>> cased_like("interval of an AUC", "Interval of an AUC", "AUC的区间")
    'AUC的区间'
    """
    own, wanted = message[:1], text[:1]
    if own == wanted or not said[:1].isascii() or (own == "{" and not wanted.isupper()):
        return said
    if said[1:2].isupper():  # an abbreviation, such as AUC
        return said
    return (said[:1].upper() if wanted.isupper() else said[:1].lower()) + said[1:]


def ended_like(text: str, said: str) -> str:
    """A translation with a full stop at its end where the text has one, and without one where it has none.

    >>> ended_like("A sentence.", "一句话"), ended_like("a clause", "Una frase.")
    ('一句话.', 'Una frase')
    """
    if text.endswith("."):
        return said if said.endswith((".", "。")) else f"{said}."
    return said.rstrip(".。")
