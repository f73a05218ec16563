"""Who trains and who is tested: the rules, the flow chart's arithmetic, and data that does not fit them."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest

from thyrosight.cohort import Cohort
from thyrosight.documents import FlowStep
from thyrosight.errors import CohortError
from thyrosight.studies import load_recipe
from thyrosight.studies.kinds.micronodule.recipe import Recipe
from thyrosight.studies.kinds.micronodule.selection import Selection, select, select_external


def _recipe(*settings: str) -> Recipe:
    recipe = load_recipe("micronodule", settings=settings)
    assert isinstance(recipe, Recipe)
    return recipe


def _cohort(rows: list[dict[str, Any]]) -> Cohort:
    """A cohort without image files; each row names key, patient, label and what else matters."""
    table = pd.DataFrame(rows)
    defaults = {"nodule_id": "unknown", "label_source": "pathology", "image": "none.png"}
    for name, value in defaults.items():
        if name not in table:
            table[name] = value
    return Cohort(table=table.assign(group=table["patient_id"]), name="made-up", source="made-up")


def _patients(sizes: dict[str, float | None], **columns: Any) -> list[dict[str, Any]]:
    return [
        {"key": key, "patient_id": key, "label": "malignant" if place % 2 else "benign", "size_mm": size} | columns
        for place, (key, size) in enumerate(sizes.items())
    ]


def _flow(selection: Selection) -> list[FlowStep]:
    return selection.flow(_recipe(), selection.split)


def _adds_up(selection: Selection) -> None:
    """Each box of the flow chart is the one above less what stands beside the arrow."""
    flow = _flow(selection)
    for above, below in pairwise(flow):
        assert below.n == above.n - sum(count for _, count in above.excluded)


def test_the_rule_parts_exactly_at_ten_millimetres() -> None:
    sizes: dict[str, float | None] = {f"p{n}": size for n, size in enumerate([9.9, 9.99, 10.0, 10.01] * 4)}
    selection = select(_cohort(_patients(sizes)), _recipe())
    division = selection.split.divisions[0]
    assert {sizes[name] for name in division.test} == {9.9, 9.99}
    assert {sizes[name] for name in (*division.train, *division.validation)} == {10.0, 10.01}
    _adds_up(selection)


def test_a_patient_with_nodules_on_both_sides_is_tested_and_never_trained_on() -> None:
    rows = _patients({f"p{n}": 20.0 for n in range(8)}) + _patients({f"q{n}": 6.0 for n in range(4)})
    rows.append({"key": "q0-large", "patient_id": "q0", "label": "malignant", "size_mm": 30.0})
    selection = select(_cohort(rows), _recipe())
    assert "q0-large" not in set(selection.cohort.table["key"])
    assert any("who also have a smaller one" in reason for step in _flow(selection) for reason, _ in step.excluded)
    _adds_up(selection)


def test_all_images_of_a_nodule_have_its_largest_size_and_one_of_them_is_tested() -> None:
    rows = _patients({f"p{n}": 20.0 for n in range(8)}) + _patients({f"q{n}": 6.0 for n in range(4)})
    rows += [
        {"key": f"n{view}", "patient_id": "r", "nodule_id": "r1", "label": "benign", "size_mm": size}
        for view, size in enumerate([9.0, 8.0, None])
    ]
    selection = select(_cohort(rows), _recipe())
    tested = selection.split.rows(selection.cohort, selection.split.divisions[0], "test")
    assert [key for key in tested["key"] if str(key).startswith("n")] == ["n0"]
    assert tested.set_index("key").loc["n0", "nodule_mm"] == 9.0
    assert any(reason == "further images of the same nodule" and count == 2
               for step in _flow(selection) for reason, count in step.excluded)  # fmt: skip
    _adds_up(selection)
    every = select(_cohort(rows), _recipe("images_per_nodule=all"))
    assert len(every.cohort) == len(selection.cohort) + 2


def test_unknown_sizes_are_counted_and_left_out() -> None:
    rows = _patients({f"p{n}": 20.0 for n in range(8)}) + _patients({"a": 5.0, "b": None, "c": 7.0, "d": 4.0})
    selection = select(_cohort(rows), _recipe())
    assert ("size of the nodule not recorded", 1) in [item for step in _flow(selection) for item in step.excluded]
    _adds_up(selection)


def test_sizes_in_centimetres_are_named_and_can_be_read_as_such() -> None:
    rows = _patients({f"p{n}": 0.6 + 0.2 * n for n in range(12)})
    taken = select(_cohort(rows), _recipe())
    assert any("Sizes look like centimetres" in warning and "sizes.unit=cm" in warning for warning in taken.warnings)
    assert any("no nodule is of at least 10 mm" in warning for warning in taken.warnings)
    assert not taken.trainable
    read = select(_cohort(rows), _recipe("sizes.unit=cm"))
    assert read.trainable
    assert read.warnings == []
    mixed = rows + _patients({f"q{n}": 20.0 for n in range(20)})
    assert any(
        "may be centimetres among millimetres" in warning for warning in select(_cohort(mixed), _recipe()).warnings
    )


def test_nothing_on_one_side_is_named_and_the_rest_goes_on() -> None:
    large = select(_cohort(_patients({f"p{n}": 20.0 for n in range(12)})), _recipe())
    assert large.trainable
    assert any("no nodule is smaller than 10 mm" in warning for warning in large.warnings)
    small = select(_cohort(_patients({f"p{n}": 6.0 for n in range(12)})), _recipe())
    assert not small.trainable
    assert len(small.split.divisions[0].test) == 12
    one_class = [row | {"label": "malignant"} for row in _patients({f"p{n}": 20.0 for n in range(8)})]
    only = select(_cohort(one_class + _patients({f"q{n}": 6.0 for n in range(4)})), _recipe())
    assert not only.trainable
    assert any("No network was trained" in warning and "benign" in warning for warning in only.warnings)
    for selection in (large, small, only):
        _adds_up(selection)


def test_a_cohort_without_any_size_or_any_nodule_is_refused_with_what_to_do() -> None:
    rows = _patients({"a": None, "b": None})
    with pytest.raises(CohortError, match=r"records no size of any nodule .* --set sizes\.rule=none"):
        select(_cohort(rows), _recipe())
    unconfirmed = [row | {"bethesda": "III", "size_mm": 5.0} for row in rows]
    with pytest.raises(CohortError, match=r"no image is left .2 diagnosis not confirmed: Bethesda III"):
        select(_cohort(unconfirmed), _recipe())


def test_without_a_size_rule_an_ordinary_division_stands_in() -> None:
    rows = [row | {"size_mm": None} for row in _patients({f"p{n}": 1.0 for n in range(40)})]
    selection = select(_cohort(rows), _recipe("sizes.rule=none"))
    division = selection.split.divisions[0]
    assert len(division.test) == 12
    assert not set(division.train) & set(division.test)
    assert selection.split.method.startswith("hold-out once")
    _adds_up(selection)


def test_a_cohort_that_changes_gets_another_digest() -> None:
    rows = _patients({f"p{n}": 20.0 for n in range(8)}) + _patients({f"q{n}": 6.0 for n in range(4)})
    first = select(_cohort(rows), _recipe())
    fewer = replace(_cohort(rows[:-1]))
    assert first.split.cohort != select(fewer, _recipe()).split.cohort


def test_external_sets_follow_the_same_rules_and_their_boxes_add_up() -> None:
    rows = _patients({"a": 5.0, "b": 12.0, "c": None, "d": 9.9}, nodule_id="unknown")
    rows.append({"key": "a2", "patient_id": "a", "nodule_id": "n", "label": "benign", "size_mm": 4.0})
    rows[0]["nodule_id"] = "n"
    rows[3]["bethesda"] = "III"
    rows = [
        row if "bethesda" in row else {**row, "bethesda": "VI" if row["label"] == "malignant" else "II"} for row in rows
    ]
    found = select_external(_cohort(rows), _recipe())
    assert found.cohort.table["key"].tolist() == ["a"]
    assert [(step.text, step.n) for step in found.flow] == [
        ("Images in made-up", 5), ("Images with a confirmed diagnosis", 4), ("Images that follow the rules", 2),
        ("Nodules tested: 1 benign, 0 malignant", 1),
    ]  # fmt: skip
    assert [step.excluded for step in found.flow] == [
        (("diagnosis not confirmed: Bethesda III without surgery", 1),),
        (("size of the nodule not recorded", 1), ("nodules of at least 10 mm", 1)),
        (("further images of the same nodule", 1),),
        (),
    ]
    assert found.notes == [
        "made-up: diagnosis confirmed by surgical histology, else by Bethesda II or VI (Bethesda II: 3 images, "
        "Bethesda VI: 1 images)."
    ]
    whole = select_external(_cohort([{**row, "size_mm": None} for row in rows]), _recipe())
    assert len(whole.cohort) == 3
    assert whole.notes[0] == "made-up: no sizes are recorded, so nodules of all sizes were tested."


def test_what_could_not_train_is_a_box_of_its_own() -> None:
    rows = [row | {"label": "malignant"} for row in _patients({f"p{n}": 20.0 for n in range(8)})]
    rows += _patients({f"q{n}": 6.0 for n in range(4)})
    selection = select(_cohort(rows), _recipe())
    assert [(step.text, step.n) for step in _flow(selection)] == [
        ("Images in made-up", 12), ("Images that follow the rules", 12),
        ("Images of nodules whose patients stand on one side", 4), ("Images tested: 2 benign, 2 malignant", 4),
    ]  # fmt: skip
    _adds_up(selection)
