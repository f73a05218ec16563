"""The split file: round trip, and what an edited file is refused for."""

import json

import pytest

from thyrosight.cohort import Split, split_folds, split_holdout
from thyrosight.errors import SplitError


@pytest.fixture
def cohort(make_cohort):
    return make_cohort([f"p{number // 2}" for number in range(60)], ["benign", "benign", "malignant", "malignant"] * 15)


def edited(split, path, change):
    split.save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    return Split.load(path)


def move(content, *, take="test", put="train", keep=False):
    division = content["divisions"][0]
    group = division[take][0]
    division[put].append(group)
    if not keep:
        division[take].remove(group)


def test_a_saved_split_is_the_same_and_readable(cohort, tmp_path):
    split = split_holdout(cohort, repeats=2)
    split.save(tmp_path / "splits.json")
    assert Split.load(tmp_path / "splits.json") == split
    text = (tmp_path / "splits.json").read_text(encoding="utf-8")
    assert '        "p0",\n' in text  # one group per line, to be moved by hand


def test_moving_a_whole_group_by_hand_is_fine(cohort, tmp_path):
    split = edited(split_holdout(cohort), tmp_path / "s.json", move)
    split.check(cohort)


def test_a_group_on_both_sides_is_named(cohort, tmp_path):
    split = edited(split_holdout(cohort), tmp_path / "s.json", lambda content: move(content, keep=True))
    with pytest.raises(SplitError, match=r"division-01: group 'p\d+' stands in train and test; leave it in one part"):
        split.check(cohort)


def test_a_patient_divided_over_two_groups_is_found(cohort, tmp_path):
    def change(content):
        division = content["divisions"][0]
        group = division["test"][0]
        first, second = content["groups"].pop(group)
        content["groups"] |= {"one": [first], "two": [second]}
        division["test"].remove(group)
        division["test"].append("one")
        division["train"].append("two")

    split = edited(split_holdout(cohort), tmp_path / "s.json", change)
    with pytest.raises(SplitError, match=r"division-01: patient 'p\d+' stands in (train|test) \(image-\d+\) and"):
        split.check(cohort)


def test_near_duplicates_on_both_sides_are_found_though_patients_are_unknown(make_cohort):
    cohort = make_cohort(["unknown"] * 40, ["benign", "malignant"] * 20)
    split = split_holdout(cohort)
    test, train = split.rows(cohort, "division-01", "test"), split.rows(cohort, "division-01", "train")
    keys = cohort.table["key"]
    together = cohort.table["group"].where(~keys.isin([test["key"][0], train["key"][0]]), "the same frame")
    linked = type(cohort)(table=cohort.table.assign(group=together), name="linked", source="linked")
    with pytest.raises(SplitError, match="group of near-duplicates 'the same frame' stands in"):
        split.check(linked)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda c: c["divisions"][0].update(test=[]), "group .* stands in no part"),
        (lambda c: c["divisions"][0]["test"].append("nobody"), "division-01, test: there is no group 'nobody'"),
        (lambda c: c["groups"]["p0"].append("image-9999"), "an image the cohort does not have: 'image-9999'"),
        (lambda c: c["groups"]["p0"].append("image-0002"), "'image-0002' stands 2 times in the split's groups"),
        (lambda c: c["groups"]["p0"].pop(), r"lack image 'image-0001' of the cohort \(1 are lacking\)"),
        (lambda c: c["divisions"].append(c["divisions"][0]), "Two divisions of the split are called 'division-01'"),
        (lambda c: c.update(divisions=[]), "holds no division"),
    ],
)
def test_an_edited_split_that_no_longer_fits_is_refused(cohort, tmp_path, change, said):
    split = edited(split_holdout(cohort), tmp_path / "s.json", change)
    with pytest.raises(SplitError, match=said):
        split.check(cohort)


def test_a_part_of_one_class_is_refused(cohort, tmp_path):
    def change(content):
        division = content["divisions"][0]
        benign = [name for name in division["test"] if int(name[1:]) % 2 == 0]
        division["train"] += benign
        division["test"] = [name for name in division["test"] if name not in benign]

    split = edited(split_holdout(cohort), tmp_path / "s.json", change)
    with pytest.raises(SplitError, match=r"division-01: the test part holds only malignant images"):
        split.check(cohort)


def test_a_split_of_another_cohort_says_how_they_differ(cohort, make_cohort):
    split = split_folds(cohort, folds=3)
    other = make_cohort(
        [f"p{number // 2}" for number in range(64)], ["benign", "benign", "malignant", "malignant"] * 16
    )
    with pytest.raises(SplitError, match=r"belongs to another cohort .*4 images of the cohort are not in the split"):
        split.check(other)
    table = cohort.table.assign(label=cohort.table["label"].where(cohort.table["key"] != "image-0000", "malignant"))
    relabelled = type(cohort)(table=table, name="relabelled", source="x")
    with pytest.raises(SplitError, match="the same images, but another label or patient for some"):
        split.check(relabelled)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", r"line 1, column 2: not JSON"),
        ("[]", "is not a split"),
        ('{"format": 99}', "has layout 99, this version of ThyroSight reads 1"),
        ('{"format": 1, "cohort": 5}', "entry cohort"),
    ],
)
def test_a_file_that_is_no_split_names_the_place(tmp_path, text, said):
    (tmp_path / "s.json").write_text(text, encoding="utf-8")
    with pytest.raises(SplitError, match=said):
        Split.load(tmp_path / "s.json")


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(SplitError, match="no such file"):
        Split.load(tmp_path / "s.json")


def test_an_unknown_division_names_those_there_are(cohort):
    with pytest.raises(SplitError, match="no division 'fold-09' in the split; it has fold-01, fold-02 or fold-03"):
        split_folds(cohort, folds=3).rows(cohort, "fold-09", "test")
