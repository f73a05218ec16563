"""Files as users hand them over, damaged: each is read or refused with a sentence. What was once a fault stays here."""

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

from thyrosight.cohort import Split, open_cohort
from thyrosight.errors import CohortError, RecipeError, SplitError, StatisticsError
from thyrosight.files import parse_json
from thyrosight.settings import parse_setting, parse_yaml
from thyrosight.studies.loading import load_recipe

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
QUICK = ("png", "jpeg", "tiff", "xml-outlines", "csv-statistics", "csv-cohort", "json-split", "yaml-recipe")


@pytest.fixture(scope="module")
def running() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    yield importlib.import_module("fuzzing.running")
    sys.path.remove(str(BENCHMARKS))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", QUICK)
def test_damaged_files_are_read_or_refused(running: ModuleType, tmp_path: Path, kind: str) -> None:
    target = running.TARGETS[kind]
    sound = tmp_path / f"sound{target.suffix}"
    sound.write_bytes(target.samples()[0])
    assert running.outcome(target, sound) == "read"
    found = {}
    for seed in range(60):
        path = tmp_path / f"{seed}{target.suffix}"
        path.write_bytes(target.damaged(seed)[1])
        found[seed] = running.outcome(target, path)
    assert set(found.values()) == {"read", "refused"}, {seed: what for seed, what in found.items() if len(what) > 7}


def test_a_fault_is_counted_as_one(running: ModuleType, tmp_path: Path) -> None:
    def fail(error: Exception) -> str:
        def read(_path: Path) -> None:
            raise error

        return str(running.outcome(running.Target(".txt", list, read, ()), tmp_path))

    assert fail(KeyError("a")).startswith("KeyError")
    assert fail(StatisticsError("two\nlines")).startswith("unclear sentence")
    assert fail(CohortError("2 problems:\n  row 1\n  row 2")) == "refused"
    assert fail(StatisticsError("a b " * 300)).startswith("unclear sentence")


def _picture(path: Path) -> None:
    Image.new("L", (40, 40), 90).save(path)


def _case(folder: Path, content: bytes) -> Path:
    (folder / "1.xml").write_bytes(content)
    _picture(folder / "1_1.jpg")
    return folder


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b'<?xml version="1.0" encoding="UTF-99"?><case/>', "not valid XML"),
        (b'<?xml version="1.0" encoding="idna"?><case/>', "not valid XML"),
        (b"<a>" * 200_000, "not valid XML"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><case>&b;</case>".encode("utf-16"), "document type or entities"),
    ],
)
def test_xml_of_odd_encodings_and_depths(tmp_path: Path, content: bytes, says: str) -> None:
    with pytest.raises(CohortError, match=says):
        open_cohort(_case(tmp_path, content), kind="ddti-published")


def test_coordinates_and_numbers_of_400_digits(tmp_path: Path) -> None:
    svg = json.dumps([{"points": [{"x": 10**400, "y": 1}, {"x": 2, "y": 1}, {"x": 2, "y": 9}]}])
    text = f"<case><tirads>4a</tirads><age>4</age><mark><image>1</image><svg>{svg}</svg></mark></case>"
    (row,) = open_cohort(_case(tmp_path, text.encode()), kind="ddti-published").table.to_dict("records")
    assert row["age"] == 4 and row["box"] != row["box"]  # the outline is skipped, the frame is used


def _table(path: Path, *rows: str) -> Path:
    path.write_text("\n".join(["image,patient_id,label,label_source,age", *rows]), encoding="utf-8")
    return path


def test_numbers_in_other_digits_are_read_and_underscores_are_not(tmp_path: Path) -> None:
    for name in "ab":
        _picture(tmp_path / f"{name}.png")
    rows = "a.png,1,benign,pathology,４５", "b.png,2,malignant,pathology,٣"  # noqa: RUF001 (as typed in China and Arabia)
    assert open_cohort(_table(tmp_path / "cohort.csv", *rows)).table["age"].tolist() == [45, 3]
    with pytest.raises(CohortError, match="column age: '1_0'"):
        open_cohort(_table(tmp_path / "cohort.csv", "a.png,1,benign,pathology,1_0"))


def test_a_name_too_long_for_a_file_is_a_missing_file_and_short_in_the_sentence(tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="no such file") as caught:
        open_cohort(_table(tmp_path / "cohort.csv", f"{'a' * 70_000}.png,1,benign,pathology,4"))
    assert len(str(caught.value)) < 500 and "(7" in str(caught.value)


def test_a_row_without_an_image(tmp_path: Path) -> None:
    _picture(tmp_path / "a.png")
    with pytest.raises(CohortError, match="row 3, column image"):
        open_cohort(_table(tmp_path / "cohort.csv", "a.png,1,benign,pathology,4", ",2,malignant,pathology,5"))


@pytest.mark.parametrize("text", ["[" * 100_000, "9" * 5000, '{"format": ' * 2000])
def test_splits_too_deep_or_too_long(tmp_path: Path, text: str) -> None:
    path = tmp_path / "splits.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SplitError, match=r"splits\.json"):
        Split.load(path)


def test_json_says_what_is_wrong() -> None:
    with pytest.raises(ValueError, match="too deep"):
        parse_json("[" * 100_000)
    assert parse_json('{"a": [1, null]}') == {"a": [1, None]}


@pytest.mark.parametrize("text", ["a: &b [*b]", "a: &b {c: *b}", "[" * 700, "seed: 2001-99-99", f"seed: {'9' * 5000}"])
def test_recipes_that_hold_themselves_or_go_too_deep(text: str) -> None:
    with pytest.raises(RecipeError, match="Recipe r"):
        parse_yaml(text, "r")
    with pytest.raises(RecipeError, match="setting"):
        parse_setting(f"a={text.partition(': ')[2] or text}")


def test_a_recipe_with_thousands_of_problems_tells_the_first_twenty(tmp_path: Path) -> None:
    path = tmp_path / "r.yaml"
    nothing = "[" + ", ".join(["~"] * 5000) + "]"
    path.write_text(f"name: r\ntitle: R\nnetworks: {nothing}\nseed: {nothing}\n", encoding="utf-8")
    with pytest.raises(RecipeError, match="more problems") as caught:
        load_recipe(path)
    lines = str(caught.value).split("\n")
    assert len(lines) == 21 and max(map(len, lines)) < 500


def test_a_list_named_twice_is_no_circle() -> None:
    assert parse_yaml("a: &b [1]\nc: *b", "r") == {"a": [1], "c": [1]}
