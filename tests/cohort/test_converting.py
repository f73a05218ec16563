"""Writing a cohort and opening it again."""

import pandas as pd
import pytest

from thyrosight.cohort import flow_chart_steps, open_cohort, write_manifest
from thyrosight.errors import CohortError


@pytest.mark.parametrize("name", ["all.csv", "all.parquet"])
def test_what_is_written_opens_as_the_same_cohort(tmp_path, real_data, name):
    cohort = open_cohort(real_data / "ddti")
    again = open_cohort(write_manifest(cohort, tmp_path / name))
    assert again.digest() == cohort.digest()
    pd.testing.assert_frame_equal(again.table, cohort.table)
    assert again.exclusions == cohort.exclusions
    assert [(s.n, s.excluded) for s in flow_chart_steps(again)] == [(s.n, s.excluded) for s in flow_chart_steps(cohort)]


def test_paths_are_relative_so_that_a_folder_can_be_moved(tmp_path, picture):
    picture("old/frames/1.png")
    (tmp_path / "old" / "list.csv").write_text("image,label\nframes/1.png,benign\n", encoding="utf-8")
    write_manifest(open_cohort(tmp_path / "old" / "list.csv"), tmp_path / "old" / "cohort.csv")
    (tmp_path / "old").rename(tmp_path / "new")
    assert open_cohort(tmp_path / "new").table.loc[0, "image"] == str((tmp_path / "new/frames/1.png").resolve())


def test_another_suffix_is_refused_and_nothing_is_written(tmp_path, picture):
    picture("1.png")
    (tmp_path / "cohort.csv").write_text("image,label\n1.png,benign\n", encoding="utf-8")
    with pytest.raises(CohortError, match=r"\.csv or \.parquet"):
        write_manifest(open_cohort(tmp_path), tmp_path / "out.xlsx")
    assert not (tmp_path / "out.xlsx").exists()
