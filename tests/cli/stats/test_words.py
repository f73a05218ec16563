"""The words of truths and calls: each pair settles itself, everything else is refused."""

import pytest

from thyrosight.cli.stats.words import as_binary
from thyrosight.errors import StatisticsError


def _binary(*values: str, positive: str | None = None) -> list[int]:
    return as_binary(values, positive=positive, where="a.csv", name="call")[0]


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("malignant", "benign"), ("cancer", "Benign"), ("positive", "negative"), ("POS", "neg"), ("pos", "negative"),
        ("+", "-"), ("yes", "no"), ("Y", "n"), ("TRUE", "FALSE"), ("恶性", "良性"), ("阳性", "阴性"),
        ("bösartig", "gutartig"),
    ],
)  # fmt: skip
def test_pairs_of_words(yes: str, no: str) -> None:
    assert _binary(yes, no, yes) == [1, 0, 1]
    assert _binary(no, no) == [0, 0]
    assert _binary("0", "1.0", "1") == [0, 1, 1]


@pytest.mark.parametrize(
    "labels",
    [
        ("pos", "positive"), ("pos", "benign"), ("benign", "no cancer", "malignant"), ("1", "benign"), ("1", "2"),
        ("양성", "악성"),  # in Korean the first means benign as well as positive
        ("PTC", "benign"),
    ],
)  # fmt: skip
def test_what_may_mean_two_things_is_refused(labels: tuple[str, ...]) -> None:
    with pytest.raises(StatisticsError, match=r"'call' should be 0 and 1, but it is .*; say which value is positive"):
        _binary(*labels)
    assert _binary(*labels, positive=labels[0]) == [1, *[0] * (len(labels) - 1)]


def test_the_positive_label_in_any_case_of_letters_but_the_exact_one_first() -> None:
    assert _binary("PTC", "benign", positive="ptc") == [1, 0]
    assert _binary("A", "a", positive="a") == [0, 1]
    with pytest.raises(StatisticsError, match=r"never is 'x' \(--positive\); it is 'A', 'a'"):
        _binary("A", "a", positive="x")
