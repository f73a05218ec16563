"""Notes on components below 0: said for each, and only then."""

from dataclasses import replace

import numpy as np
import pytest

from thyrosight.statistics.readers.design import SPLIT_PLOT, UNBALANCED, ReaderStudy
from thyrosight.statistics.readers.model import effects
from thyrosight.statistics.readers.notes import distribution_name, notes_on_design, notes_on_negative

VALUES = np.array([[0.8, 0.7, 0.9], [0.9, 0.9, 0.9]])
# Two readers of the same cases vary against each other: covariance 2 is -0.0005, covariances 1 and 3 are 0.
OPPOSED = np.eye(6) * 0.004 - np.kron(np.eye(2), np.full((3, 3), 0.0005))


@pytest.mark.parametrize(
    ("readers", "said"),
    [("random", "it counts as 0 in differences"), ("fixed", "with fixed readers it counts as it is in differences")],
)
def test_each_negative_estimate_has_its_sentence(readers: str, said: str) -> None:
    model = effects(VALUES, OPPOSED, readers=readers, cases="random")
    notes = notes_on_negative(model, ["A", "B"], readers=readers, cases="random")
    assert [note.split(" is ")[0] for note in notes] == [
        "Covariance 2", "Covariance 2 of A alone", "Covariance 2 of B alone", "Covariance 2 less covariance 3",
    ]  # fmt: skip
    assert "-0.0005" in notes[0] and said in notes[3]


def test_readers_that_differ_less_than_chance() -> None:
    matrix = np.full((6, 6), 0.001) + np.eye(6) * 0.05
    model = effects(VALUES, matrix, readers="random", cases="random")
    # MS(R) = MS(TR) = 0.005 by hand. Readers: (0.005 - 0.005) / 2 - 0.001 + 0.001 = 0, without a note.
    # Tests by readers: 0.005 - 0.051 + 0.001 = -0.045.
    (said,) = notes_on_negative(model, ["A", "B"], readers="random", cases="random")
    assert "tests by readers is estimated as -0.045" in said


def test_ordinary_studies_have_no_notes() -> None:
    same = np.full((3, 3), 0.0015) + np.diag([0.0025] * 3)
    other = np.full((3, 3), 0.001) + np.diag([0.0001] * 3)
    values = VALUES + np.array([0.2, 0, -0.2])
    model = effects(values, np.block([[same, other], [other, same]]), readers="random", cases="random")
    assert notes_on_negative(model, ["A", "B"], readers="random", cases="random") == ()


def test_distributions_are_named() -> None:
    assert distribution_name("fixed", "random") == "normal distribution"
    assert "mean square" in distribution_name("random", "fixed")


def test_designs_say_what_is_estimated() -> None:
    rating = np.zeros((2, 4, 6))
    study = ReaderStudy(
        ratings=rating, truth=np.array([0, 1] * 3), cluster=None, tests=("A", "B"), readers=tuple("abcd"),
        design="factorial",
    )  # fmt: skip
    assert notes_on_design(study) == ()
    rating[0, 1, :2] = np.nan
    (said,) = notes_on_design(replace(study, design=UNBALANCED))
    assert "2 of 48 readings are missing: a reader has read 4 to 6 of 6 cases" in said
    (said,) = notes_on_design(replace(study, design=SPLIT_PLOT, reader_block=np.array([0, 0, 0, 1])))
    assert said.startswith("2 blocks of 1 to 3 readers") and "with 2 degrees of freedom" in said
