"""Splits: whole groups, every image once, balanced labels, the same for the same seed."""

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from thyrosight.cohort import split_by_image, split_folds, split_holdout, split_test_and_folds
from thyrosight.errors import SplitError


@st.composite
def cohorts(draw):
    """Patients and labels of 15 to 60 patients with one to five images; labels mostly by patient, sometimes mixed."""
    random = np.random.default_rng(draw(st.integers(0, 10_000)))
    count = draw(st.integers(15, 60))
    patients, labels = [], []
    for patient in range(count):
        images = int(random.integers(1, 6))
        own = "malignant" if patient % 3 == 0 else "benign"
        patients += [f"p{patient}"] * images
        labels += [own, *(own if random.random() < 0.9 else "benign" for _ in range(images - 1))]
    return patients, labels


@settings(max_examples=25, deadline=None)
@given(cohort=cohorts(), seed=st.integers(0, 99))
def test_holdout_keeps_groups_whole_and_uses_every_image_once(make_cohort, cohort, seed):
    cohort = make_cohort(*cohort)
    split = split_holdout(cohort, seed=seed, repeats=2)
    split.check(cohort)
    for division in split.divisions:
        parts = [split.rows(cohort, division, part) for part in ("train", "validation", "test")]
        keys = [key for rows in parts for key in rows["key"]]
        assert sorted(keys) == sorted(cohort.table["key"])
        patients = [set(rows["patient_id"]) for rows in parts]
        assert not (patients[0] & patients[1] or patients[0] & patients[2] or patients[1] & patients[2])


@settings(max_examples=25, deadline=None)
@given(cohort=cohorts(), seed=st.integers(0, 99))
def test_shares_lie_within_one_group_of_what_was_asked(make_cohort, cohort, seed):
    cohort = make_cohort(*cohort)
    split = split_holdout(cohort, seed=seed, test=0.3, validation=0.0)
    test = split.rows(cohort, "division-01", "test")
    for label in ("benign", "malignant"):
        of_label = cohort.table["label"] == label
        largest = cohort.table[of_label].groupby("patient_id").size().max()
        assert abs((test["label"] == label).sum() - 0.3 * of_label.sum()) <= largest + 1


@settings(max_examples=15, deadline=None)
@given(cohort=cohorts(), folds=st.integers(2, 4))
def test_folds_test_every_image_exactly_once(make_cohort, cohort, folds):
    cohort = make_cohort(*cohort)
    try:
        split = split_folds(cohort, folds=folds)
        split.check(cohort)
    except SplitError as refused:  # so few patients that a validation part has one class: said, and not this test's
        assert "both classes are needed" in str(refused)
        reject()
    tested = [key for division in split.divisions for key in split.rows(cohort, division, "test")["key"]]
    assert sorted(tested) == sorted(cohort.table["key"])


@settings(max_examples=15, deadline=None)
@given(cohort=cohorts(), folds=st.integers(2, 3))
def test_one_test_part_stands_beside_folds_that_validate_the_rest_once(make_cohort, cohort, folds):
    cohort = make_cohort(*cohort)
    try:
        split = split_test_and_folds(cohort, folds=folds, test=0.25)
        split.check(cohort)
    except SplitError as refused:
        assert "both classes are needed" in str(refused)
        reject()
    (tested,) = {division.test for division in split.divisions}
    validated = [group for division in split.divisions for group in division.validation]
    assert sorted([*validated, *tested]) == sorted(split.groups)


def test_too_few_patients_for_folds_and_a_test_part_are_named(make_cohort):
    cohort = make_cohort([str(number) for number in range(12)], ["benign", "malignant"] * 6)
    with pytest.raises(SplitError, match="too few for a test part and 10 folds"):
        split_test_and_folds(cohort)


def test_the_validation_part_is_taken_from_the_training_part_only(make_cohort):
    cohort = make_cohort([str(number) for number in range(200)], ["benign", "malignant"] * 100)
    with_, without = (split_holdout(cohort, validation=share, seed=5) for share in (0.2, 0.0))
    one, two = with_.divisions[0], without.divisions[0]
    assert set(one.test) == set(two.test)
    assert set(one.train) | set(one.validation) == set(two.train)
    assert (len(one.test), len(one.validation), len(one.train)) == (60, 28, 112)


def test_the_same_seed_gives_the_same_split_and_another_seed_another(make_cohort):
    cohort = make_cohort([str(number // 2) for number in range(120)], ["benign", "malignant", "benign"] * 40)
    assert split_holdout(cohort, seed=3) == split_holdout(cohort, seed=3)
    assert split_holdout(cohort, seed=3).divisions != split_holdout(cohort, seed=4).divisions
    repeated = split_holdout(cohort, seed=3, repeats=3)
    assert len({division.test for division in repeated.divisions}) == 3


def test_further_columns_are_balanced_too(make_cohort):
    random = np.random.default_rng(0)
    count = 400
    labels = ["malignant" if random.random() < 0.3 else "benign" for _ in range(count)]
    site = ["rare" if random.random() < 0.1 else "common" for _ in range(count)]
    ages = [float(random.integers(20, 80)) for _ in range(count)]
    cohort = make_cohort([str(number) for number in range(count)], labels, site=site, age=ages)
    split = split_holdout(cohort, stratify=("label", "site", "age"))
    for part, share in (("test", 0.3), ("train", 0.595), ("validation", 0.105)):
        rows = split.rows(cohort, "division-01", part)
        assert abs((rows["site"] == "rare").mean() - np.mean([s == "rare" for s in site])) < 0.03
        assert abs(rows["age"].mean() - np.mean(ages)) < 2.5
        assert abs(len(rows) / count - share) < 0.02


def test_no_part_collects_the_large_groups(make_cohort):
    sizes = [8] * 30 + [1] * 240
    patients = [f"p{number}" for number, size in enumerate(sizes) for _ in range(size)]
    labels = ["malignant" if number % 2 else "benign" for number, size in enumerate(sizes) for _ in range(size)]
    split = split_holdout(make_cohort(patients, labels), validation=0.0)
    large = {f"p{number}" for number in range(30)}
    assert 8 <= len(large & set(split.divisions[0].test)) <= 10  # 30 % of 30


@pytest.mark.parametrize(
    ("patients", "labels", "draw", "said"),
    [
        (
            ["1", "2", "3"],
            ["benign", "malignant", "benign"],
            lambda c: split_folds(c, folds=5),
            "has 3 patients, fewer",
        ),
        (["1"] * 4, ["benign"] * 4, split_holdout, "has no malignant image"),
        (
            [str(n) for n in range(9)],
            ["benign"] * 8 + ["malignant"],
            split_holdout,
            "has 1 patients .or groups. with malignant images, too few for training, validation and test parts",
        ),
        (["1", "2"], ["benign", "malignant"], lambda c: split_holdout(c, test=1.0), "The test share is 1"),
        (["1", "2"], ["benign", "malignant"], lambda c: split_holdout(c, test=0.0), "more than 0 and less than 1"),
        (["1", "2"], ["benign", "malignant"], lambda c: split_holdout(c, repeats=0), "at least one division"),
        (["1", "2"], ["benign", "malignant"], lambda c: split_folds(c, folds=1), "at least 2"),
        (
            [str(n) for n in range(20)],
            ["benign", "malignant"] * 10,
            lambda c: split_holdout(c, stratify=("lable",)),
            "Cannot stratify by 'lable': the cohort has no such column. Did you mean label",
        ),
    ],
)
def test_what_cannot_be_divided_gets_one_sentence(make_cohort, patients, labels, draw, said):
    with pytest.raises(SplitError, match=said):
        draw(make_cohort(patients, labels))


def test_a_cohort_without_groups_is_refused(make_cohort):
    cohort = make_cohort(["1", "2"], ["benign", "malignant"])
    bare = type(cohort)(table=cohort.table.drop(columns="group"), name="bare", source="bare")
    with pytest.raises(SplitError, match="has no groups yet; call with_groups"):
        split_holdout(bare)


def test_a_split_by_image_leaks_says_so_and_is_refused(make_cohort):
    cohort = make_cohort([str(number // 4) for number in range(80)], ["benign"] * 40 + ["malignant"] * 40)
    split = split_by_image(cohort)
    assert split.kind == "image-level, groups ignored"
    train, test = (set(split.rows(cohort, "division-01", part)["patient_id"]) for part in ("train", "test"))
    assert train & test
    with pytest.raises(SplitError, match="ignores patients and near-duplicates on purpose"):
        split.check(cohort)
    split.check(cohort, allow_leak=True)
