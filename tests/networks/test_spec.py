"""Specification of a network: it survives JSON and cannot be changed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from thyrosight.networks import ModelSpec, create

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@given(st.integers(1, 5000), st.sampled_from([None, 0.0, 0.5]))
def test_a_spec_survives_json(size: int, dropout: float | None) -> None:
    spec = ModelSpec(architecture="tiny", input_size=size, mean=MEAN, std=STD, dropout=dropout)
    assert ModelSpec.model_validate_json(spec.model_dump_json()) == spec


def test_a_spec_cannot_be_changed_or_extended() -> None:
    _, spec = create("tiny")
    with pytest.raises(ValidationError):
        spec.input_size = 3  # type: ignore[misc]
    with pytest.raises(ValidationError):
        ModelSpec.model_validate({**spec.model_dump(), "code": "print(1)"})
