"""Several kinds of study: each is found by its name, and keeps to itself."""

import json
import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from thyrosight.errors import CohortError, OutputError, RecipeError
from thyrosight.studies import (
    KINDS,
    RecipeBase,
    Result,
    find_kind,
    find_recipe,
    load_recipe,
    load_result,
    run_study,
    shipped_recipes,
)
from thyrosight.studies.kind import Kind
from thyrosight.studies.kinds.comparison.recipe import Recipe

TRAINED = [name for name in KINDS if issubclass(find_recipe(name), RecipeBase)]
"""Kinds that train networks on a cohort; the others read a table."""


def test_a_kind_that_trains_nothing_has_a_shipped_recipe_and_no_plan() -> None:
    assert [name for name in KINDS if name not in TRAINED] == ["reader-study"]
    assert load_recipe("reader-study") == find_recipe("reader-study")()
    with pytest.raises(ModuleNotFoundError):
        find_kind("reader-study")


@pytest.mark.parametrize("name", TRAINED)
def test_a_kind_has_a_recipe_a_plan_a_report_and_a_shipped_recipe(name: str) -> None:
    recipe = find_recipe(name)
    assert issubclass(recipe, RecipeBase)
    assert issubclass(find_kind(name), Kind)
    assert recipe.model_fields["study"].default == name
    recipes = [load_recipe(shipped) for shipped in shipped_recipes()]
    assert any(isinstance(shipped, recipe) and shipped.network_names for shipped in recipes)


def test_no_kind_imports_another() -> None:
    for kind in (entry.package for entry in KINDS.values()):
        folder = Path(find_spec(kind).origin or "").parent  # type: ignore[union-attr]
        text = "".join(file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
        named = set(re.findall(r"thyrosight\.studies\.kinds\.\w+", text))
        assert named == {kind}


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(RecipeError, match=r"Recipe demo, study: there is no kind of study 'compare'; known are compar"):
        load_recipe("demo", settings=["study=compare"])


def test_keys_of_one_kind_are_unknown_to_another() -> None:
    with pytest.raises(RecipeError, match="sizes: unknown key"):
        load_recipe("demo", settings=["sizes.unit=cm"])


def test_a_folder_of_an_earlier_recipe_is_taken_up_again(
    study: tuple[Result, Path], phantoms: Path, recipe: Recipe, tmp_path: Path
) -> None:
    """A recipe written before a field was there means its default."""
    result, folder = study
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    mark = copy / "study.json"
    value = json.loads(mark.read_text(encoding="utf-8"))
    del value["recipe"]["study"], value["recipe"]["training"]["balance"]
    mark.write_text(json.dumps(value), encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("trial.json")}
    again = run_study(recipe, phantoms, copy)
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("trial.json")} == before, "nothing was trained again"
    assert again.table("means") == result.table("means")
    value["recipe"]["training"]["epochs"] = 7
    mark.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(OutputError, match=r"training\.epochs"):
        run_study(recipe, phantoms, copy)


def test_a_folder_without_a_result_says_so(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="holds no finished study"):
        load_result(tmp_path)
    for text, sentence in (
        ('{"kind": "comparison"}', "another version of ThyroSight"),
        ('{"format": 2}', "cannot be read"),
        ('{"format": 2', "cannot be read"),
    ):
        (tmp_path / "results.json").write_text(text, encoding="utf-8")
        with pytest.raises(CohortError, match=sentence):
            load_result(tmp_path)
