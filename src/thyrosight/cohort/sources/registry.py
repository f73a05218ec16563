"""The kinds of source, and the recognition of the kind of a path."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from thyrosight.cohort.columns import closest, in_words
from thyrosight.cohort.sources import busi, ddti, ddti_published, folders, manifest, tn3k, tn5000
from thyrosight.cohort.sources.base import PATIENTS, Option, Source
from thyrosight.errors import CohortError

# In the order in which they are tried: more specific layouts first.
SOURCES: Final[dict[str, Source]] = {
    module.SOURCE.name: module.SOURCE for module in (manifest, ddti, ddti_published, tn3k, tn5000, busi, folders)
}


def recognise(path: Path, *, kind: str | None = None) -> Source:
    """The kind of source at `path`, or the one that the user named.

    Raises:
        CohortError: the path does not exist, the kind is unknown, or no kind fits.
    """
    if kind is not None and kind not in SOURCES:
        meant = closest(kind, SOURCES)
        hint = f" Did you mean {meant}?" if meant else ""
        raise CohortError(f"There is no cohort kind {kind!r}; choose {in_words(SOURCES)}.{hint}")
    if not path.exists():
        raise CohortError(f"{path}: no such file or folder; check the path.")
    if kind is not None:
        return SOURCES[kind]
    for source in SOURCES.values():
        if source.recognises(path):
            return source
    looked = "\n".join(f"  {source.name}: {source.looks_for}" for source in SOURCES.values())
    raise CohortError(f"{path} is not a cohort of a known kind. What was looked for:\n{looked}")


def options_of(source: Source) -> dict[str, Option]:
    """The options of a source, and those that all sources have."""
    return {**source.options, "patients": PATIENTS}


def complete_options(source: Source, given: Mapping[str, Any]) -> dict[str, str]:
    """The options of a source with defaults filled in; `_` and `-` in their names mean the same.

    Raises:
        CohortError: the source does not have an option, or does not allow its value.
    """
    known = options_of(source)
    options = {name: option.default for name, option in known.items()}
    for name_as_given, value in given.items():
        name = name_as_given.replace("_", "-")
        if name not in known:
            raise CohortError(f"Cohort kind {source.name} has no option {name}; its options: {in_words(known)}.")
        allowed = known[name].allowed
        exact = {word.casefold(): word for word in allowed}
        text = str(value).strip()
        if allowed and text.casefold() not in exact:
            raise CohortError(f"Option {name}={text}: choose {in_words(allowed)}.")
        options[name] = exact.get(text.casefold(), text)
    return options
