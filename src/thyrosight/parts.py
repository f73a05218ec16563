"""The base of everything that users choose: recipes and their parts, read as users mean them."""

from collections.abc import Iterator, Mapping
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, model_validator

_NOTHING = ("none", "null", "no", "off", "false")


class Part(BaseModel):
    """A piece of a recipe or a result: frozen, and unknown keys are refused.

    YAML and the command line turn some words into numbers and truth values (`32`, `no`, `null`). Where a field means a
    word, they become words again; where it may be left empty, words such as `none` leave it empty.

    >>> class Example(Part):
    ...     precision: Literal["32", "bf16"]
    ...     names: tuple[str, ...] = ()
    ...     calibration: Literal["none", "platt"] = "platt"
    ...     patience: int | None = 3
    >>> Example.model_validate({"precision": 32, "names": [2, "3a"], "calibration": False, "patience": "none"})
    Example(precision='32', names=('2', '3a'), calibration='none', patience=None)
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _read_as_meant(cls, value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        fields = cls.model_fields
        return {
            name: as_meant(given, fields[name].annotation) if name in fields else given for name, given in value.items()
        }


def as_meant(value: Any, annotation: Any) -> Any:
    """A value that YAML read, as a field of that type means it; unchanged where the field takes it as it is.

    >>> as_meant(32, Literal["32", "bf16"]), as_meant(3, str | int), as_meant({"a": [1]}, dict[str, tuple[str, ...]])
    ('32', 3, {'a': ['1']})
    """
    kinds = list(_alternatives(annotation))
    if isinstance(value, Mapping):
        inner = next((get_args(kind) for kind in kinds if get_origin(kind) in (dict, Mapping)), None)
        return (
            value
            if inner is None
            else {as_meant(key, inner[0]): as_meant(item, inner[1]) for key, item in value.items()}
        )
    if isinstance(value, list | tuple):
        inner = next((get_args(kind) for kind in kinds if get_origin(kind) in (tuple, list)), (Any,))
        members = [kind for kind in inner if kind is not Ellipsis]
        return [as_meant(item, members[place % len(members)]) for place, item in enumerate(value)]
    words = [word for kind in kinds if get_origin(kind) is Literal for word in get_args(kind)]
    if type(value) in kinds or (type(value) is int and float in kinds) or Any in kinds or value in words:
        return value
    return _scalar(value, kinds, words)


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in (Union, UnionType):
        for kind in get_args(annotation):
            yield from _alternatives(kind)
    else:
        yield annotation


def _scalar(value: Any, kinds: list[Any], words: list[Any]) -> Any:
    spellings = _spellings(value)
    found = next((word for word in spellings if word in words), None)
    if found is not None:
        return found
    nothing = _NOTHING[:2] if bool in kinds else _NOTHING
    if NoneType in kinds and spellings and spellings[0] in nothing:
        return None
    return spellings[0] if str in kinds and spellings and value is not None else value


def _spellings(value: Any) -> tuple[str, ...]:
    """How a value may have been written, the likeliest way first."""
    if value is None:
        return ("none", "null")
    if isinstance(value, bool):
        return ("yes", "true", "on") if value else ("no", "false", "off", "none")
    if isinstance(value, int | float):
        return (str(value), f"{value:g}")
    if isinstance(value, date):
        return (value.isoformat(),)
    if isinstance(value, str) and value.lower() in _NOTHING:
        return (value.lower(), "none")
    return ()
