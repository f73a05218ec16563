"""Tables that a study wrote come back as they were: names are no numbers, and NA is a name."""

from pathlib import Path

import pandas as pd

from thyrosight.studies.stored import read_cells, read_table, write_table


def test_names_come_back_as_they_were(tmp_path: Path) -> None:
    names = ["1.1", "1.10", "NA", "null"]
    table = pd.DataFrame({"key": names, "nodule_id": names, "group": names, "size_mm": [1.5, 2, None, 4]})
    write_table(table, tmp_path / "a.csv")
    found = read_cells(tmp_path / "a.csv")
    assert all(found[name].tolist() == names for name in ("key", "nodule_id", "group"))
    assert found["size_mm"].isna().tolist() == [False, False, True, False]
    assert read_table(tmp_path / "a.csv", ["key"])["key"].tolist() == names
