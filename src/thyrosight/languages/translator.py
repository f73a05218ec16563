"""A finished English text in another language: taken apart into the messages it was made of, and filled in anew.

A message such as "{0} of {n1} images" stands for every text that it may have become. Its values are texts themselves
and are put into the language in the same way; of several ways to read a text the first one counts that leaves nothing
in English, else the one that leaves the fewest letters. Numbers, names of networks, files and code stay as they are.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache, cached_property
from itertools import islice
from typing import Final, NamedTuple

from thyrosight.languages.catalogue import Catalogue, Template, filled, read_catalogue
from thyrosight.languages.pieces import Joined, balanced, is_name, taken_apart, whole
from thyrosight.languages.typography import cased_like, ended_like, set_in

_WAYS: Final = 60
"""Ways to fit one message to a text that are tried."""
_LONG: Final = 12
"""Letters of fixed text from which on a message is not met by chance."""
_CLAUSES: Final = (": ", "; ", ". ")
_SENTENCES: Final = 4
"""Sentences of one message that are looked for within a longer text."""
_KEPT: Final = 20_000
"""Translations that a translator keeps at most; else a server would keep every file name that it ever saw."""
_DOCUMENTS: Final = 8
"""Sets of own words whose translations are kept: a document is written in several forms in turn."""
_LISTS: Final = frozenset(("{0} and {1}",))
"""Messages that are lists, which are read as such."""
_BREAKS: Final = " ,;:.()/\n`“”"
"""Characters beside which two neighbouring values may part."""
_ADDED: Final = re.compile(r" \(|[,;.] |\n|$")
"""How a text begins that is added to another one."""
_WORD: Final = re.compile(r"(?<![^\W_])[^\W\d_]+(?![^\W_])")
"""A word between spaces and marks."""
_NUMBER: Final = re.compile(r"[-+±\N{MINUS SIGN}]?[\d.,]*\d(?:e[+-]?\d+)?|nan|inf")


class Translation(NamedTuple):
    """A text in the language, and what of it is still in English."""

    text: str
    left: tuple[str, ...] = ()

    @property
    def cost(self) -> int:
        """Letters that are still English."""
        return sum(map(len, self.left))


class Translator:
    """Puts texts into one language; a text that comes again is not read again."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._known: dict[str, Translation] = {}
        self._knowing: dict[frozenset[str], Translator] = {}

    def __call__(self, text: str) -> str:
        """The text in the language; what is not known stays as it is.

        >>> translator("es")("Labels of unstated origin: whether pathology confirmed them is not known.")
        'Etiquetas de origen no declarado: se desconoce si la anatomía patológica las confirmó.'
        """
        return self.translate(text).text

    def knowing(self, names: Collection[str]) -> "Translator":
        """A translator for which these texts are names: somebody's own words, which stay as they were written.

        >>> translator("es").knowing(["benign"])("benign"), translator("es")("benign")
        ('benign', 'benigno')
        """
        own = frozenset(name for name in names if name)
        if not own:
            return self
        found = self._knowing.get(own)
        if found is None:
            kept = tuple(item for item in self.catalogue.templates if not item.words or not item.words <= own)
            messages = {**self.catalogue.messages, **{name: name for name in own}}
            found = Translator(replace(self.catalogue, messages=messages, templates=kept))
            if len(self._knowing) >= _DOCUMENTS:
                self._knowing.clear()
            self._knowing[own] = found
        return found

    def translate(self, text: str) -> Translation:
        """The text in the language, and the pieces that no message is known for."""
        if self.catalogue.language == "en":
            return Translation(text)
        if len(self._known) > _KEPT:
            self._known.clear()
        found = self._best(text)
        return found._replace(text=set_in(self.catalogue.language, found.text))

    @cached_property
    def _by_word(self) -> dict[str, list[int]]:
        """Places of messages with values in their order, by the longest word of each, in small letters."""
        found: dict[str, list[int]] = {}
        for place, item in enumerate(self.catalogue.templates):
            if item.message in _LISTS:
                continue
            words = [word for part in item.parts for word in _WORD.findall(part)]
            found.setdefault(max(words, key=len, default="").lower(), []).append(place)
        return found

    def _that_may_fit(self, text: str, *, several: bool) -> Iterator[Template]:
        """Messages whose fixed texts stand in a text, the longest first; only such as may be several sentences."""
        words = {"", *(word.lower() for word in _WORD.findall(text))}
        for place in sorted(place for word in words for place in self._by_word.get(word, ())):
            item = self.catalogue.templates[place]
            if (item.spans or not several) and all(part in text for part in item.parts[1:]):
                yield item

    def _best(self, text: str) -> Translation:
        if text not in self._known:
            self._known[text] = Translation(text, (text,))  # while it is being looked for
            self._known[text] = self._found(text)
        return self._known[text]

    def _found(self, text: str) -> Translation:
        bare = text.strip()
        if bare != text:
            before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
            inside = self._best(bare)
            return inside._replace(text=f"{before}{inside.text}{after}") if bare else Translation(text)
        exact = self._exact(text)
        if exact is not None or is_name(text):
            return Translation(text if exact is None else exact)
        if not any(character.isspace() for character in text):
            return Translation(text, (text,))
        ways = [Translation(text, (text,))]
        for way in self._ways(text):
            if way.cost == 0:
                return way
            ways.append(way)
        return min(ways, key=lambda way: way.cost)

    def _exact(self, text: str) -> str | None:
        """A message that is the whole text, but for the case of its first letter and its full stop."""
        core = text.removesuffix(".")
        for wanted in (core, core[:1].lower() + core[1:], core[:1].upper() + core[1:]):
            for message in (wanted, f"{wanted}.") if text == core else (f"{wanted}.", wanted):
                said = self.catalogue.messages.get(message)
                if said is not None:
                    return cased_like(text, message, ended_like(text, said))
        return None

    def _ways(self, text: str) -> Iterator[Translation]:
        """Ways to read a text: as sentences, as a message, as a list or clauses, and as a message whose values are.

        Where a short message and a list both fit, as in "2 benign, 3 malignant images", the list is meant.
        """
        parted = [self._kept_together(joined) for joined in taken_apart(text, sentences=True)]
        yield from map(self._joined, parted)
        fitting = list(self._that_may_fit(text, several=bool(parted)))
        yield from self._as_messages(fitting, text, marks=(", ", *_CLAUSES))
        yield from self._as_messages([item for item in fitting if item.letters >= _LONG], text, marks=_CLAUSES)
        yield from map(self._joined, taken_apart(text, sentences=False))
        yield from self._as_messages(fitting, text, marks=())

    def _kept_together(self, joined: Joined) -> Joined:
        """Join sentences that are one message together into one piece."""
        if "sentence" not in joined.joints:
            return joined
        parts, found = joined.parts, list[str]()
        while parts:
            lengths = range(min(len(parts), _SENTENCES), 1, -1)
            length = next((n for n in lengths if self._exact(" ".join(parts[:n])) is not None), 1)
            found.append(" ".join(parts[:length]))
            parts = parts[length:]
        return Joined(tuple(found), ("sentence",) * (len(found) - 1))

    def _as_messages(self, among: Sequence[Template], text: str, *, marks: Sequence[str]) -> Iterator[Translation]:
        """The text as each message that fits it with values that hold none of the marks."""
        for item in among:
            way = self._filled(item, text, marks=marks)
            if way is not None:
                yield way

    def _joined(self, joined: Joined) -> Translation:
        parts = [self._best(part) for part in joined.parts]
        left = tuple(piece for part in parts for piece in part.left)
        return Translation(joined.together([part.text for part in parts], self.catalogue.language), left)

    def _filled(self, item: Template, text: str, *, marks: Sequence[str]) -> Translation | None:
        """The best fit of a message to a text, with its full stop or without; None where it does not fit."""
        best: Translation | None = None
        for core in _cores(item, text):
            for values in islice(fits(item, core), _WAYS):
                if not all(whole(value, marks=marks) for value in values):
                    continue
                found = [self._best(value) for value in values]
                left = tuple(piece for value in found for piece in value.left)
                if best is None or sum(map(len, left)) < best.cost:
                    said = filled(item.said, {n: value.text for n, value in zip(item.order, found, strict=True)})
                    said = ended_like(text, said) if core != text else said
                    best = Translation(cased_like(text, item.message, said), left)
                    if not left:
                        return best
        return best


def _cores(item: Template, text: str) -> Iterator[str]:
    """A text, and the text without its full stop; first the one that does not put the stop into a value."""
    if not text.endswith("."):
        yield text
    elif item.parts[-1] or item.spans:
        yield text
        yield text[:-1]
    else:
        yield text[:-1]
        yield text


def fits(item: Template, text: str) -> Iterator[tuple[str, ...]]:
    """The values with which a message becomes the text; its first letter may be of either case.

    >>> from thyrosight.languages.catalogue import template
    >>> list(fits(template("{0} of {1}", ""), "3 of 4 of 5"))
    [('3', '4 of 5'), ('3 of 4', '5')]
    >>> list(fits(template("{0} of {n1}", ""), "3 of 4 of 5"))
    [('3 of 4', '5')]
    """
    first, *others = item.parts
    head = text[: len(first)]
    if head == first or head[:1].lower() + head[1:] == first[:1].lower() + first[1:]:
        yield from _Fit(others, item.numeric, text).values(len(first))


class _Fit:
    """Values before each of `parts` in a text, from left to right, whose brackets are closed within them."""

    def __init__(self, parts: Sequence[str], numeric: Sequence[bool], text: str) -> None:
        self._parts, self._numeric, self._text = parts, numeric, text
        self._fruitless: set[tuple[int, int]] = set()

    def values(self, start: int, part: int = 0) -> Iterator[tuple[str, ...]]:
        """Values from a place of the text on, the first of them before the given part."""
        if part == len(self._parts):
            if start == len(self._text):
                yield ()
            return
        if (start, part) in self._fruitless:
            return
        fixed, found = self._parts[part], False
        for place in _places(fixed, self._text, start, last=part == len(self._parts) - 1):
            value = self._text[start:place]
            if (not self._numeric[part] or _NUMBER.fullmatch(value)) and balanced(value):
                for values in self.values(place + len(fixed), part + 1):
                    found = True
                    yield (value, *values)
        if not found:
            self._fruitless.add((start, part))


def _places(part: str, text: str, start: int, *, last: bool) -> Iterator[int]:
    """Where a fixed text stands from a place on; where nothing stands between two values, every place at which words
    part, first those before a bracket or a mark."""
    if last:
        if text.endswith(part, start):
            yield len(text) - len(part)
        return
    if not part:
        yield from sorted(_partings(text, start), key=lambda place: not _ADDED.match(text, place))
        return
    place = text.find(part, start)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def _partings(text: str, start: int) -> Iterator[int]:
    """Places at which words part from a place on, with it and the end."""
    for place in range(start, len(text) + 1):
        if place in (start, len(text)) or text[place - 1] in _BREAKS or text[place] in _BREAKS:
            yield place


@cache
def translator(language: str) -> Translator:
    """The translator of a language.

    Raises:
        LanguageError: there are no messages in that language.
    """
    return Translator(read_catalogue(language))
