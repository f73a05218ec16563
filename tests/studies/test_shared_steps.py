"""Steps that studies of every kind share: divisions, corrected differences, and what is written."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from thyrosight.cohort import Cohort, Split, open_cohort
from thyrosight.errors import SplitError
from thyrosight.statistics import DifferenceOverDivisions
from thyrosight.studies.divisions import study_split
from thyrosight.studies.kinds.comparison.recipe import Recipe
from thyrosight.studies.measures import compare_pairs, corrected
from thyrosight.studies.stored import write_arrays, write_table
from thyrosight.studies.workspace import Workspace


@pytest.fixture
def cohort(phantoms: Path) -> Cohort:
    found = open_cohort(phantoms)
    return replace(found, table=found.table.assign(group=found.table["patient_id"]))


@pytest.fixture
def workspace(tmp_path: Path, recipe: Recipe, cohort: Cohort) -> Workspace:
    return Workspace(tmp_path / "out", recipe, cohort=cohort.digest())


def test_p_values_are_corrected_over_what_is_compared_together() -> None:
    differences = [DifferenceOverDivisions(0.1, 0.0, 0.2, p, "bootstrap") for p in (0.01, 0.04, 0.03)]
    found = corrected(differences, over="3 rows")
    assert [item.p_corrected for item in found] == pytest.approx([0.03, 0.06, 0.06])
    assert [item.p for item in found] == [0.01, 0.04, 0.03]
    assert {item.difference.method for item in found} == {"bootstrap; P corrected by Holm over 3 rows"}


def test_nothing_to_compare_is_no_error(recipe: Recipe) -> None:
    assert compare_pairs([], measure="auc", over="0 rows", options=recipe.statistics) == []


def test_divisions_are_drawn_once_and_then_taken_from_the_folder(
    recipe: Recipe, cohort: Cohort, workspace: Workspace
) -> None:
    first = study_split(recipe.split, cohort, workspace, given=None, seed=1)
    assert study_split(recipe.split, cohort, workspace, given=None, seed=2) == first
    assert (workspace.folder / "cohort.csv").read_text().count("\n") == len(cohort.table) + 1


def test_the_users_divisions_go_before_those_of_an_earlier_run(
    recipe: Recipe, cohort: Cohort, workspace: Workspace, tmp_path: Path
) -> None:
    earlier = study_split(recipe.split, cohort, workspace, given=None, seed=1)
    other = Workspace(tmp_path / "other", recipe, cohort=cohort.digest())
    mine = study_split(recipe.split, cohort, other, given=None, seed=2)
    assert mine != earlier
    assert study_split(recipe.split, cohort, workspace, given=other.splits, seed=1) == mine
    assert Split.load(workspace.splits) == mine


def test_refused_divisions_are_not_kept(recipe: Recipe, cohort: Cohort, workspace: Workspace) -> None:
    def refuse(split: Split) -> None:
        raise SplitError(f"{len(split.divisions)} are too few")

    with pytest.raises(SplitError, match="2 are too few"):
        study_split(recipe.split, cohort, workspace, given=None, seed=1, check=refuse)
    assert not workspace.splits.exists()
    assert not (workspace.folder / "cohort.csv").exists()


def test_rows_and_arrays_are_written_as_they_are(tmp_path: Path) -> None:
    rows = pd.DataFrame([{"b": 1, "a": "x"}, {"b": 2, "c": 0.5}])
    write_table(rows, tmp_path / "tables" / "rows.csv", digits=None)
    assert (tmp_path / "tables" / "rows.csv").read_bytes() == b"b,a,c\n1,x,\n2,,0.5\n"
    write_arrays({"one/pixels": np.arange(3)}, tmp_path / "arrays.npz")
    with np.load(tmp_path / "arrays.npz", allow_pickle=False) as stored:
        assert stored.files == ["one/pixels"]
        assert stored["one/pixels"].tolist() == [0, 1, 2]
