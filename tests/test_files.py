"""Writing files whole, as CSV, and hashing."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thyrosight.files import csv_text, sha256_of_bytes, sha256_of_file, write_csv

ROWS = [
    {"image": "a.png", "size_mm": 7.1, "box": "1,2,3,4", "note": 'said "solid"\nand round'},
    {"image": "b.png", "size_mm": float("nan"), "count": 3, "known": True, "note": None},
]


def test_a_csv_file_reads_back_as_it_was_written(tmp_path: Path) -> None:
    write_csv(tmp_path / "rows.csv", ROWS)
    table = pd.read_csv(tmp_path / "rows.csv")
    assert list(table.columns) == ["image", "size_mm", "box", "note", "count", "known"]
    assert table["note"][0] == 'said "solid"\nand round'
    assert table["box"][0] == "1,2,3,4"
    assert table.isna()["size_mm"].tolist() == [False, True]
    assert (tmp_path / "rows.csv").read_bytes().count(b"\r") == 0


def test_the_text_is_that_of_pandas() -> None:
    columns = ["image", "size_mm", "box", "note", "known"]
    table = pd.DataFrame(ROWS, columns=columns)
    assert csv_text(table.to_dict("records"), columns) == table.to_csv(index=False, lineterminator="\n")


def test_numbers_of_numpy_are_written_as_numbers() -> None:
    row = {"a": np.float64(1 / 3), "b": np.int64(4), "c": np.float32("nan")}
    assert csv_text([row]) == "a,b,c\n0.3333333333333333,4,\n"
    assert csv_text([row], digits=9) == "a,b,c\n0.333333333,4,\n"


def test_a_cell_outside_the_columns_is_refused_and_nothing_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="patient_name"):
        write_csv(tmp_path / "rows.csv", [{"image": "a.png", "patient_name": "Doe"}], ["image"])
    assert list(tmp_path.iterdir()) == []


def test_the_hash_of_parts_is_that_of_the_whole_and_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"thyrosight")
    known = hashlib.sha256(b"thyrosight").hexdigest()
    assert sha256_of_bytes([b"thyro", b"", b"sight"]) == sha256_of_file(tmp_path / "file") == known
