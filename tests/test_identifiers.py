"""Names of patients: which name nobody, and which are one in several forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thyrosight.identifiers import names_in, names_nobody, plain_form

NOBODY = ["", " ", "NA", "N/A", "nan", "None", "null", "-", "--", "—", "?", "???", "xxx", "unknown", "Unbekannt",
          "k.A.", "s/d", "不详", "无", "anonymous", "not known", "#N/A"]  # fmt: skip


@pytest.mark.parametrize("cell", NOBODY)
def test_names_of_nobody(cell: str):
    assert names_nobody(cell) and names_nobody(f" {cell.upper()} ")


@pytest.mark.parametrize("cell", ["0", "1", "Nadia", "NA12", "P-1", "ab", "Noah", "王", "0E5", "K-17"])
def test_names_of_somebody(cell: str):
    assert not names_nobody(cell)


def test_names_that_differ_only_in_form_and_names_that_do_not():
    assert len({plain_form(name) for name in ("1", "01", "001", "1.0", " 1", "1,0")}) == 1
    assert len({plain_form(name) for name in ("pt-a", "PT-A", "Pt-a ", "pt_a")}) == 1
    assert plain_form("P007") == plain_form("p7") and plain_form("2020-0012") == plain_form("2020/12")
    apart = ("1", "10", "1.1", "1.10", "11", "0E5", "1E5", "a", "ab", "a-b", "0")
    assert len({plain_form(name) for name in apart}) == len(apart)


@given(
    st.lists(st.sampled_from(["1", "01", "1.0", "2", "02", "a", "A", "-", "NA", "b"])),
    st.sampled_from(["merge", "keep"]),
)
def test_merging_never_joins_what_differs_and_keeping_changes_nothing(cells, policy):
    found = names_in(cells, policy=policy)
    for one in cells:
        assert (found.of(one) == "") == names_nobody(one)
        for other in cells:
            if found.of(one) and found.of(one) == found.of(other):
                assert one == other or (policy == "merge" and plain_form(one) == plain_form(other))
    assert bool(found.notes("patient_id")) == bool(found.nobody or found.alike)
