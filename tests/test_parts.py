"""Words that YAML took for numbers, truth values or nothing."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
import yaml
from pydantic import Field, ValidationError

from thyrosight.parts import Part, as_meant


class Inner(Part):
    word: str = ""


class Example(Part):
    word: str = ""
    choice: Literal["none", "32", "yes", "1.5"] = "none"
    version: Literal[1] = 1
    truth: bool = False
    maybe: bool | None = True
    number: float | None = 0.0
    weight: float | Literal["balanced"] | None = 1.0
    count: int | Literal["auto"] = 1
    words: tuple[str, ...] = ()
    pair: tuple[float, str] = (0, "")
    named: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    mixed: dict[str, str | int | float | bool] = Field(default_factory=dict)
    anything: dict[str, Any] = Field(default_factory=dict)
    bounded: Annotated[str, Field(max_length=3)] | None = None
    inner: tuple[Inner, ...] = ()


def read(text: str) -> Any:
    """The value of the one field that is written."""
    name = text.partition(":")[0]
    return getattr(Example.model_validate(yaml.safe_load(text)), name)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("word: 32", "32"),
        ("word: 1.5", "1.5"),
        ("word: no", "no"),
        ("word: yes", "yes"),
        ("word: 2020-03-01", "2020-03-01"),
        ("choice: 32", "32"),
        ("choice: 32.0", "32"),
        ("choice: 1.5", "1.5"),
        ("choice: yes", "yes"),
        ("choice: no", "none"),
        ("choice: off", "none"),
        ("choice: null", "none"),
        ("choice: 'No'", "none"),
        ("version: 1", 1),
        ("truth: yes", True),
        ("truth: 'off'", False),
        ("maybe: no", False),
        ("maybe: none", None),
        ("number: none", None),
        ("number: no", None),
        ("number: 0", 0.0),
        ("weight: 2", 2.0),
        ("weight: no", None),
        ("weight: balanced", "balanced"),
        ("count: 3", 3),
        ("words: [2, 3, 4a, no]", ("2", "3", "4a", "no")),
        ("pair: [1, 2]", (1.0, "2")),
        ("named: {1: [2, no], no: [3]}", {"1": ("2", "no"), "no": ("3",)}),
        ("mixed: {a: 1, b: 0.5, c: yes, d: x}", {"a": 1, "b": 0.5, "c": True, "d": "x"}),
        ("anything: {a: 1, b: {c: no}}", {"a": 1, "b": {"c": False}}),
        ("bounded: 12", "12"),
        ("bounded: null", None),
        ("inner: [{word: 7}]", (Inner(word="7"),)),
    ],
)
def test_it_is_read_as_the_field_means_it(text: str, meant: object) -> None:
    found = read(text)
    assert found == meant
    assert type(found) is type(meant)


@pytest.mark.parametrize("text", ["choice: 33", "word: null", "version: 2", "count: many", "nothing: 1"])
def test_what_a_field_does_not_mean_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        read(text)


def test_what_is_not_a_mapping_is_left_to_the_field() -> None:
    inner = Inner(word="a")
    assert Example(inner=(inner,)).inner[0] is inner
    with pytest.raises(ValidationError):
        Example.model_validate({"inner": [3]})


def test_dates_and_shares_are_written_as_they_are() -> None:
    assert as_meant(date(2020, 3, 1), str) == "2020-03-01"
    assert as_meant(0.25, str) == "0.25"
