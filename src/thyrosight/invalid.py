"""Errors in given values, in words that people read and translators know."""

from collections.abc import Mapping
from typing import Any, Final

_TEXT, _WHOLE, _NUMBER, _YES_OR_NO = (
    "expected text",
    "expected a whole number",
    "expected a number",
    "expected yes or no",
)
_LIST, _OBJECT, _IDENTIFIER = (
    "expected a list",
    "expected an object of names and values",
    "expected an identifier (UUID)",
)
_MOMENT: Final = "expected a date and time with a zone, such as 2026-01-31T08:00:00Z"
WORDS: Final[dict[str, str]] = {
    "missing": "this is required",
    "extra_forbidden": "this is not known",
    "json_invalid": "the body is not valid JSON",
    "string_type": _TEXT, "string_unicode": _TEXT,
    "string_too_short": "expected at least {min_length} characters",
    "string_too_long": "expected at most {max_length} characters",
    "string_pattern_mismatch": "expected the form `{pattern}`",
    "int_type": _WHOLE, "int_parsing": _WHOLE, "int_parsing_size": _WHOLE, "int_from_float": _WHOLE,
    "float_type": _NUMBER, "float_parsing": _NUMBER, "finite_number": _NUMBER,
    "greater_than": "expected more than {gt}", "greater_than_equal": "expected {ge} or more",
    "less_than": "expected less than {lt}", "less_than_equal": "expected {le} or less",
    "bool_type": _YES_OR_NO, "bool_parsing": _YES_OR_NO,
    "list_type": _LIST, "tuple_type": _LIST, "set_type": _LIST, "frozen_set_type": _LIST,
    "too_short": "expected at least {min_length} entries", "too_long": "expected at most {max_length} entries",
    "dict_type": _OBJECT, "model_type": _OBJECT, "model_attributes_type": _OBJECT,
    "literal_error": "expected {expected}", "enum": "expected {expected}",
    "union_tag_invalid": "expected one of {expected_tags}", "union_tag_not_found": "this says not what kind it is",
    "uuid_type": _IDENTIFIER, "uuid_parsing": _IDENTIFIER, "uuid_version": _IDENTIFIER,
    "datetime_type": _MOMENT, "datetime_parsing": _MOMENT, "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT, "timezone_aware": _MOMENT,
}  # fmt: skip
"""Words by the kind of a validation error; tests hold them against what requests, recipes and protocols can hold."""
SINGULAR: Final = {
    "string_too_short": "expected at least one character",
    "string_too_long": "expected one character at most",
    "too_short": "expected at least one entry",
    "too_long": "expected one entry at most",
}
"""The words where the limit is 1."""


def in_words(detail: Mapping[str, Any]) -> str:
    """Describe an error as the end of a sentence, without its full stop; errors of our own bring their words.

    >>> in_words({"type": "greater_than_equal", "ctx": {"ge": 0.1}, "msg": ""})
    'expected 0.1 or more'
    >>> in_words({"type": "string_too_short", "ctx": {"min_length": 1}, "msg": ""})
    'expected at least one character'
    """
    kind, context = detail["type"], detail.get("ctx") or {}
    if kind == "value_error":
        return str(context.get("error", detail["msg"])).rstrip(".")
    alone = 1 in (context.get("min_length"), context.get("max_length"))
    words = SINGULAR.get(kind, WORDS.get(kind, "")) if alone else WORDS.get(kind, "")
    plain = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
    return words.format(**plain) if words else str(detail["msg"])
