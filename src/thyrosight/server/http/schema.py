"""The bases of bodies and answers: strict, and without unknown keys."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[UUID, Field(strict=False)]
"""An identifier in a strict body: JSON has text for it."""


class Body(BaseModel):
    """What a request sends: nothing is converted (`false` is no number), and unknown keys are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", str_max_length=100_000)


class Answer(BaseModel):
    """What a route answers."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())
