"""Which cohorts a study of fusion refuses, with one sentence each."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from thyrosight.cohort import Cohort, open_cohort, with_groups
from thyrosight.errors import CohortError, NetworkError, SplitError
from thyrosight.phantoms.elastography import make_elastography_cohort
from thyrosight.progress import silent
from thyrosight.studies import load_recipe, run_study
from thyrosight.studies.analyses.pairs import check_pairs
from thyrosight.studies.kinds.elasticity_fusion.recipe import Recipe, SecondImage

from .conftest import SETTINGS, write_pairs

IGNORE = SecondImage(registration="ignore")


def test_a_cohort_without_elastograms_is_told_where_they_come_from(grouped: Cohort) -> None:
    without = replace(grouped, table=grouped.table.drop(columns="elastogram"))
    with pytest.raises(CohortError, match=r"it has no column elastogram.*thyrosight cohort split-panels"):
        check_pairs(without, IGNORE, progress=silent)
    empty = replace(grouped, table=grouped.table.assign(elastogram=np.nan))
    with pytest.raises(CohortError, match="no elastogram is named in its column"):
        check_pairs(empty, IGNORE, progress=silent)
    check_pairs(without, SecondImage(source="image"), progress=silent)


def test_elastograms_of_another_size_or_two_nodules_are_all_named_at_once(tmp_path: Path) -> None:
    path = write_pairs(tmp_path)
    Image.fromarray(np.full((90, 120, 3), 200, dtype=np.uint8)).save(tmp_path / "p05_1-elastogram.png")
    Image.fromarray(np.full((100, 121, 3), 200, dtype=np.uint8)).save(tmp_path / "p06_2-elastogram.png")
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    table.loc[table["key"] == "p08_1", "elastogram"] = "p09_1-elastogram.png"
    table.to_csv(path, index=False)
    with pytest.raises(CohortError) as raised:
        check_pairs(with_groups(open_cohort(path), progress=silent), IGNORE, progress=silent)
    text = str(raised.value)
    assert "3 problems must be corrected" in text
    assert "p05_1, column elastogram: the elastogram has 120 x 90 pixels, its image 120 x 100" in text
    assert "p06_2" in text
    assert "belongs to images of several nodules (p08_1, p09_1)" in text


def test_an_elastogram_of_another_nodule_is_found_by_its_texture(tmp_path: Path) -> None:
    path = make_elastography_cohort(tmp_path / "phantoms", n=3, seed=2)
    cohort = with_groups(open_cohort(path), progress=silent)
    check_pairs(cohort, SecondImage(), progress=silent)
    table = cohort.table.copy()
    sizes = [Image.open(name).size for name in table["elastogram"]]
    # A foreign elastogram of the right size: the texture alone can tell.
    Image.open(table["elastogram"][1]).resize(sizes[0]).save(tmp_path / "foreign.png")
    table.loc[0, "elastogram"] = str(tmp_path / "foreign.png")
    with pytest.raises(CohortError, match=rf"{table['key'][0]}, column elastogram"):
        check_pairs(replace(cohort, table=table), SecondImage(), progress=silent)


def test_too_few_patients_for_the_folds(grouped: Cohort, tmp_path: Path) -> None:
    recipe = load_recipe("elasticity-fusion-small", settings=[*SETTINGS, "split.folds=40"])
    with pytest.raises(SplitError, match="too few for a test part and 40 folds"):
        run_study(recipe, grouped, tmp_path / "out")


def test_a_fold_whose_pairs_are_of_one_class_is_refused(grouped: Cohort, fusion_recipe: Recipe, tmp_path: Path) -> None:
    table = grouped.table.copy()
    table.loc[table["label"] == "malignant", "elastogram"] = np.nan
    table.loc[table.index[0], "elastogram"] = grouped.table["elastogram"].dropna().iloc[0]
    one = replace(grouped, table=table)
    with pytest.raises(SplitError, match="pairs of an image and an elastogram are needed of both classes"):
        run_study(fusion_recipe, one, tmp_path / "out")


def test_more_frozen_layers_than_there_are(grouped: Cohort, tmp_path: Path) -> None:
    recipe = load_recipe("elasticity-fusion-small", settings=[*SETTINGS, "freeze.depths=[0, 9]"])
    with pytest.raises(NetworkError, match="4 convolution layers, and 9 are to be frozen"):
        run_study(recipe, grouped, tmp_path / "out")
