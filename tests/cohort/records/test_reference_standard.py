"""The reference standard: which diagnoses are confirmed, which contradict their label, and what cannot be read."""

from typing import Any

import pandas as pd
import pytest

from thyrosight.cohort import Cohort
from thyrosight.cohort.records.options import ReferenceOptions
from thyrosight.cohort.records.reference_standard import confirmed_only
from thyrosight.errors import CohortError


def _cohort(*rows: dict[str, Any]) -> Cohort:
    table = pd.DataFrame([{"label": "benign", "label_source": "pathology", "image": "none.png", **row} for row in rows])
    return Cohort(table=table.assign(group=table["key"], patient_id=table["key"]), name="made-up", source="made-up")


REFERENCES = [
    ({"surgery": "malignant", "bethesda": "III"}, "malignant", ""),
    ({"surgery": "benign", "bethesda": "VI"}, "benign", ""),  # surgery decides
    ({"surgery": None, "bethesda": "Bethesda II"}, "benign", ""),
    ({"surgery": "", "bethesda": "6"}, "malignant", ""),
    ({"surgery": None, "bethesda": "IV"}, "benign", "diagnosis not confirmed: Bethesda IV without surgery"),
    ({"surgery": None, "bethesda": None}, "benign", "diagnosis not confirmed: neither surgery nor cytology"),
    ({"surgery": None, "bethesda": "VI"}, "benign", "the label contradicts the reference standard (Bethesda VI)"),
]


@pytest.mark.parametrize(("record", "label", "reason"), REFERENCES)
def test_the_reference_standard_of_the_paper(record: dict[str, Any], label: str, reason: str) -> None:
    kept = {"key": "kept", "patient_id": "1", "label": "malignant", "surgery": "malignant", "bethesda": "V"}
    rows = [{"key": "a", "patient_id": "2", "label": label, **record}, kept]
    confirmed = confirmed_only(_cohort(*rows), ReferenceOptions())
    assert [item.reason for item in confirmed.cohort.exclusions] == ([reason] if reason else [])


def test_reference_columns_that_are_required_or_unreadable_are_named() -> None:
    rows = [{"key": "a"}, {"key": "b"}]
    with pytest.raises(CohortError, match="neither a column surgery nor bethesda"):
        confirmed_only(_cohort(*rows), ReferenceOptions(rule="required"))
    with pytest.raises(CohortError, match="a, column bethesda: 'vii' is no Bethesda category"):
        confirmed_only(_cohort(*(row | {"bethesda": "VII"} for row in rows)), ReferenceOptions())
    plain = confirmed_only(_cohort(*rows), ReferenceOptions())
    assert not plain.checked
    assert "pathology" in plain.sentence
