"""Several kinds of study: each is found by its name, and folders from before there were several are still good."""

import json
import shutil
from pathlib import Path

import pytest

from thyrosight.errors import CohortError, OutputError, RecipeError
from thyrosight.reports.writers import WRITERS
from thyrosight.studies import (
    KINDS,
    Recipe,
    RecipeBase,
    ResultBase,
    StudyResult,
    find_kind,
    load_recipe,
    load_result,
    run_study,
    shipped_recipes,
)


@pytest.mark.parametrize("name", list(KINDS))
def test_a_kind_has_its_classes_its_run_its_report_and_a_shipped_recipe(name: str) -> None:
    kind = find_kind(name)
    assert issubclass(kind.recipe_class, RecipeBase)
    assert issubclass(kind.result_class, ResultBase)
    assert kind.recipe_class.model_fields["study"].default == name
    assert kind.result_class.model_fields["kind"].default == name
    assert callable(kind.run_function)
    assert name in WRITERS
    recipes = [load_recipe(recipe) for recipe in shipped_recipes()]
    assert any(isinstance(recipe, kind.recipe_class) and recipe.network_names for recipe in recipes)


def test_an_unknown_kind_names_the_known_ones() -> None:
    with pytest.raises(RecipeError, match=r"Recipe demo, study: there is no kind of study 'compare'; known are compar"):
        load_recipe("demo", settings=["study=compare"])


def test_keys_of_one_kind_are_unknown_to_another() -> None:
    with pytest.raises(RecipeError, match="sizes: unknown key"):
        load_recipe("demo", settings=["sizes.unit=cm"])


def test_a_result_from_before_there_were_kinds_is_a_comparison(study: tuple[StudyResult, Path], tmp_path: Path) -> None:
    result, folder = study
    value = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    assert value.pop("kind") == "comparison"
    (tmp_path / "results.json").write_text(json.dumps(value), encoding="utf-8")
    assert load_result(tmp_path) == result


def test_a_folder_from_before_there_were_kinds_is_taken_up_again(
    study: tuple[StudyResult, Path], phantoms: Path, recipe: Recipe, tmp_path: Path
) -> None:
    """As the first version wrote it: no `study`, no `balance`, and no such field in the identity of a unit."""
    result, folder = study
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    mark = copy / "study.json"
    value = json.loads(mark.read_text(encoding="utf-8"))
    del value["recipe"]["study"], value["recipe"]["training"]["balance"]
    mark.write_text(json.dumps(value), encoding="utf-8")
    before = {path: path.stat().st_mtime_ns for path in copy.rglob("unit.json")}
    again = run_study(recipe, phantoms, copy)
    assert {path: path.stat().st_mtime_ns for path in copy.rglob("unit.json")} == before, "nothing was trained again"
    assert isinstance(again, StudyResult)
    assert again.networks == result.networks
    value["recipe"]["training"]["epochs"] = 7
    mark.write_text(json.dumps(value), encoding="utf-8")
    with pytest.raises(OutputError, match=r"training\.epochs"):
        run_study(recipe, phantoms, copy)


def test_a_folder_without_a_result_says_so(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="holds no finished study"):
        load_result(tmp_path)
    (tmp_path / "results.json").write_text('{"kind": "comparison"}', encoding="utf-8")
    with pytest.raises(CohortError, match="cannot be read"):
        load_result(tmp_path)
