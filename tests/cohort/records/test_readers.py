"""Readers: words of a system as ranks, categories that follow from descriptors, and what cannot be used."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from thyrosight.cohort.records.options import ReaderOptions
from thyrosight.cohort.records.readers import Reading, read_by_all, read_readers
from thyrosight.errors import CohortError


def _table(count: int, **columns: Any) -> pd.DataFrame:
    return pd.DataFrame({"key": [f"n{i}" for i in range(count)], **columns})


def _readings(table: pd.DataFrame, **options: Any) -> list[Reading]:
    return read_readers(table, ReaderOptions.model_validate(options), label_sources=["pathology"])[0]


def test_words_of_a_system_become_ranks_and_foreign_words_are_counted() -> None:
    table = _table(5, **{"reader:A": ["4a", "5", "TI-RADS 3", "4C", "lovely"]})
    (reading,) = _readings(table)
    assert reading.ranks.tolist()[:4] == [3, 6, 2, 5]
    assert np.isnan(reading.ranks.iloc[4])
    assert any("'lovely'" in note for note in reading.notes)
    with pytest.raises(CohortError, match="no column reader:B; readers' columns: reader:A"):
        _readings(table, columns=["B"])


def test_categories_from_descriptors_name_what_they_cannot_tell() -> None:
    full = {"composition": "solid", "echogenicity": "hypoechoic", "margin": "smooth", "calcification": "none",
            "shape": "wider than tall"}  # fmt: skip
    rows = [full, full | {"calcification": "microcalcification"}, full | {"shape": None}, full | {"margin": "wooly"}]
    table = _table(4).join(pd.DataFrame(rows))
    (reading,) = _readings(table, computed="acr")
    assert reading.categories.tolist() == ["TR4", "TR5", "", ""]
    assert any("1 nodules have descriptors that cannot be read" in note and "wooly" in note for note in reading.notes)
    assert any("1 of 4 nodules have no certain category" in note for note in reading.notes)
    (highest,) = _readings(table, computed=[{"system": "acr", "uncertain": "highest"}])
    assert highest.categories.tolist() == ["TR4", "TR5", "TR5", ""]


def test_recorded_tirads_is_never_compared_where_labels_come_from_it() -> None:
    table = _table(4, tirads=["2", "5", "3", "4a"])
    readings, notes = read_readers(table, ReaderOptions(), label_sources=["TI-RADS"])
    assert readings == []
    assert "their AUC would be 1 by definition" in notes[0]
    assert [reading.name for reading in _readings(table)] == ["Recorded TI-RADS"]


def test_many_numbers_are_ratings_and_those_who_read_nothing_are_left_out() -> None:
    table = _table(20, **{"reader:A": [str(i / 3) for i in range(20)], "reader:B": [""] * 20})
    readings, notes = read_readers(table, ReaderOptions(), label_sources=["pathology"])
    assert [(reading.name, reading.order) for reading in readings] == [("Reader A", ())]
    assert notes == ["Reader B: no category could be used. 20 of 20 nodules were not read"]


def test_only_what_every_reader_judged_is_shared() -> None:
    table = _table(4, **{"reader:A": ["2", "3", "", "4"], "reader:B": ["", "3", "3", "5"]})
    assert read_by_all(_readings(table), table)["key"].tolist() == ["n1", "n3"]
