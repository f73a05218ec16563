"""The protocol of a reader study: one document with a hash."""

import json
import re
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import ValidationError, model_validator

from thyrosight.errors import ReadingsError, RecipeError
from thyrosight.files import parse_json, sha256_of_json
from thyrosight.readings.fields import Arm, ProtocolFields
from thyrosight.readings.questions import DescriptorsQuestion, MarksQuestion, Question, YesNoQuestion
from thyrosight.readings.rules import require_coherent
from thyrosight.settings import explained, parse_yaml, read_yaml


class Protocol(ProtocolFields):
    """A reader study as it is planned; coherent, or it cannot be made. Keys as in `ProtocolFields`."""

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        require_coherent(self)
        return self

    def arm(self, name: str) -> Arm:
        """The arm of that name.

        Raises:
            KeyError: there is none.
        """
        return next(arm for arm in self.arms if arm.name == name) if name in self.arm_names else _none(name)

    def question(self, key: str) -> Question:
        """The question of that key.

        Raises:
            KeyError: there is none.
        """
        found = next((question for question in self.questions if question.key == key), None)
        return _none(key) if found is None else found

    def questions_in(self, arm: str) -> tuple[Question, ...]:
        """The questions that are asked in an arm."""
        return tuple(question for question in self.questions if not question.arms or arm in question.arms)

    @property
    def descriptors(self) -> DescriptorsQuestion | None:
        """The question of features; there is at most one."""
        return next((question for question in self.questions if isinstance(question, DescriptorsQuestion)), None)

    @property
    def marks(self) -> MarksQuestion | None:
        """The question of places; there is at most one."""
        return next((question for question in self.questions if isinstance(question, MarksQuestion)), None)

    @property
    def action_question(self) -> YesNoQuestion | None:
        """The question that asks for the action itself; None where it follows from another answer, or from none."""
        found = self.question(self.action) if isinstance(self.action, str) else None
        return found if isinstance(found, YesNoQuestion) else None

    @property
    def sha256(self) -> str:
        """Hash of the protocol; keys that say what holds without them do not alter it."""
        return sha256_of_json(self.model_dump(mode="json", exclude_defaults=True))

    def to_json(self) -> dict[str, Any]:
        """The protocol as plain values; `Protocol.model_validate` or `parse_protocol` reads them back."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def to_yaml(self) -> str:
        """The protocol as people read and edit it."""
        return yaml.safe_dump(self.to_json(), sort_keys=False, allow_unicode=True, width=110)


def template() -> str:
    """An example of a protocol in YAML, with a comment for each key."""
    return files("thyrosight.readings").joinpath("template.yaml").read_text(encoding="utf-8")


def _none(name: str) -> Any:
    raise KeyError(name)


def read_protocol(path: Path) -> Protocol:
    """Read a protocol from a file in YAML or JSON.

    Raises:
        ReadingsError: it cannot be read, or a key is unknown, missing or wrong; one sentence for each.
    """
    try:
        text = read_yaml(path)
    except RecipeError as error:
        raise ReadingsError(str(error).replace("Recipe", "Protocol", 1)) from None
    return parse_protocol(text, path.name)


def parse_protocol(given: str | dict[str, Any], name: str = "protocol") -> Protocol:
    """A protocol from text in YAML or JSON, or from plain values.

    Args:
        given: the text or the values.
        name: names it in errors.

    Raises:
        ReadingsError: not YAML or JSON, or a key is unknown, missing or wrong; one sentence for each.
    """
    try:
        tree = _tree(given, name) if isinstance(given, str) else given
    except RecipeError as error:
        raise ReadingsError(str(error)) from None
    try:
        return Protocol.model_validate(tree)
    except ValidationError as error:
        told = str(explained(error, name, Protocol, what="Protocol"))
        raise ReadingsError(_with_keys(told, tree)) from None


_QUESTION = re.compile(r", questions\.(\d+)(\.[a-z-]+)?(\.\w+)?: ")
_KIND = re.compile(r"expected one of (.*), got \{'key': .*'kind': ('[^']*').*\}\.")


def _with_keys(told: str, tree: Any) -> str:
    """Sentences on questions with the questions' keys, not their numbers from 0."""

    def named(found: re.Match[str]) -> str:
        place = int(found[1])
        try:
            key = tree["questions"][place]["key"]
        except (LookupError, TypeError):
            key = f"question {place + 1}"
        return f", questions, {key}{(found[3] or '').replace('.', ', ')}: "

    return _KIND.sub(r"kind should be one of \1, got \2.", _QUESTION.sub(named, told))


def _tree(text: str, name: str) -> dict[str, Any]:
    """Keys and values; JSON is read as such, since YAML 1.1 does not read all of it alike."""
    if not text.lstrip().startswith("{"):
        return parse_yaml(text, name, what="Protocol")
    try:
        return dict(parse_json(text))
    except json.JSONDecodeError as error:
        raise ReadingsError(f"Protocol {name}, line {error.lineno}: not valid JSON ({error.msg}).") from None
    except ValueError as error:
        raise ReadingsError(f"Protocol {name}: not valid JSON ({error}).") from None
