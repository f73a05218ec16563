"""Recognising a source."""

import pytest

from thyrosight.cohort import kinds, open_cohort
from thyrosight.errors import CohortError


def test_an_unknown_folder_says_what_was_looked_for(tmp_path):
    with pytest.raises(CohortError) as caught:
        open_cohort(tmp_path)
    for kind in kinds():
        assert f"  {kind}: " in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "said"), [("folder", r"Did you mean folders\?"), ("dicom", "There is no cohort kind 'dicom'; choose")]
)
def test_an_unknown_kind_is_corrected(tmp_path, kind, said):
    with pytest.raises(CohortError, match=said):
        open_cohort(tmp_path, kind=kind)


def test_a_missing_path_is_said_to_be_missing(tmp_path):
    with pytest.raises(CohortError, match="no such file or folder"):
        open_cohort(tmp_path / "nowhere")
