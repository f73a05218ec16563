"""Names of the rules for a threshold."""

import subprocess
import sys

import pytest

from thyrosight.statistics import operating_point, rule_in_words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("youden", "Youden's index"),
        ("closest", "closest to the perfect corner"),
        ("cost", "lowest expected cost"),
        (" specificity >= 0.9 ", "specificity at least 0.9"),
        ("sensitivity>=1", "sensitivity at least 1"),
        ("on 12 nodules", "on 12 nodules"),
    ],
)
def test_rules_in_words(rule: str, words: str) -> None:
    assert rule_in_words(rule) == words


def test_a_result_names_its_rule_in_words() -> None:
    chosen = operating_point([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8], rule="sensitivity>=0.95", replicates=0)
    assert str(chosen).startswith("Sensitivity at least 0.95: threshold 0.225")


def test_the_words_need_no_scipy() -> None:
    code = "import sys; from thyrosight.statistics import rule_in_words; print('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout == "False\n"
