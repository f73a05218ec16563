"""The bases of bodies and answers: strict, and without unknown keys."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from thyrosight.server.http.storable import require_storable

Id = Annotated[UUID, Field(strict=False)]
"""An identifier in a strict body: JSON has text for it."""


class Body(BaseModel):
    """Body of a request: nothing is converted (`false` is no number), and unknown keys are refused.

    A value that cannot be kept is refused wherever it stands, also where a field takes any JSON."""

    model_config = ConfigDict(strict=True, extra="forbid", str_max_length=100_000, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, body: Any) -> Any:
        return require_storable(body)


class Answer(BaseModel):
    """Answer of a route."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())
