"""`thyrosight stats power`: every design, what is asked for at a terminal, and what is said without one."""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app, power
from thyrosight.errors import ThyroSightError


def _found(*words: object) -> dict[str, object]:
    result = CliRunner().invoke(app, ["power", *map(str, words), "--format", "json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    answer: dict[str, object] = json.loads(result.stdout)
    return answer


@pytest.mark.parametrize(
    ("words", "name", "value"),
    [
        (("auc", "--auc", 0.8), "positives", 13),  # pROC 1.18.0, power.roc.test: 12.74
        (("compare", "--auc", 0.8, "--auc-b", 0.9, "--correlation", 0.5), "positives", 77),
        (
            ("compare", "--auc", 0.85, "--auc-b", 0.85, "--correlation", 0.5, "--margin", 0.05, "--prevalence", 0.3),
            "positives",
            246,
        ),
        (("compare", "--auc", 0.87, "--auc-b", 0.85, "--correlation", 0.5, "--margin", 0.05), "positives", 149),
        (("sensitivity", "--sensitivity", 0.9, "--width", 0.1, "--prevalence", 0.3), "negatives", 329),
        (
            ("sensitivity", "--sensitivity", 0.9, "--specificity", 0.85, "--width", 0.1, "--prevalence", 0.2),
            "positives",
            141,
        ),
        (("paired", "--sensitivity", 0.8, "--sensitivity-b", 0.9, "--correlation", 0.25), "positives", 155),
        (
            ("paired", "--sensitivity", 0.9, "--sensitivity-b", 0.9, "--correlation", 0.3, "--margin", 0.1),
            "positives",
            121,
        ),
        (
            ("readers", "--difference", 0.05, "--readers", 8, "--components", "2e-4,8e-4,3.4e-4,3.4e-4,2.4e-4",
             "--pilot-cases", 114),
            "cases",
            131,
        ),
        (("kappa", "--kappa", 0.6, "--width", 0.2, "--prevalence", 0.3), "cases", 296),
        # pmsampsize 0.1.0 and pmvalsampsize 0.2.1.
        (("development", "--parameters", 24, "--prevalence", 0.174, "--cox-snell", 0.288), "patients", 662),
        (("validation", "--prevalence", 0.018, "--c-statistic", 0.8, "--predictor-mean", -5, "--predictor-sd", 2.5,
          "--ratio-width", 1, "--slope-width", 0.3), "patients", 4252),
    ],
)  # fmt: skip
def test_every_design(words: tuple[object, ...], name: str, value: int) -> None:
    answer = _found(*words)
    result = answer["result"]
    assert isinstance(result, dict) and result[name] == value
    assert str(value) in str(answer["summary"]) and answer["references"]


def test_patients_at_hand_give_their_power() -> None:
    answer = _found("auc", "--auc", 0.75, "--patients", 60)
    # pROC 1.18.0: power.roc.test(auc = 0.75, ncases = 30, ncontrols = 30, sig.level = 0.05).
    assert answer["result"] == pytest.approx(
        {"positives": 30, "negatives": 30, "power": 0.945743, "method": answer["result"]["method"]},  # type: ignore[index]
        abs=1e-5,
    )
    paired = _found("paired", "--sensitivity", 0.8, "--sensitivity-b", 0.9, "--correlation", 0.25, "--patients", 300)
    assert "the power to show" in str(paired["methods"])
    words = ("--difference", 0.05, "--readers", 6, "--components", "2e-4,8e-4,3.4e-4,3.4e-4,2.4e-4")
    readers = _found("readers", *words, "--pilot-cases", 114, "--patients", 200)
    assert readers["result"]["power"] == pytest.approx(0.847, abs=1e-3)  # type: ignore[index]
    assert "one-sided significance of 0.025" in str(
        _found("compare", "--auc", 0.8, "--auc-b", 0.8, "--correlation", 0.5, "--margin", 0.1)["methods"]
    )


def test_what_is_missing_is_asked_for_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def prompt(words: str, *, type: Callable[[str], object]) -> object:
        asked.append(words)
        return {"Design": "kappa", "Expected kappa": 0.6, "Full width of its interval": 0.2}[words]

    terminal = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(power, "sys", SimpleNamespace(stdin=terminal, stdout=terminal))
    monkeypatch.setattr(power.typer, "prompt", prompt)
    answer = _found("--prevalence", 0.3)
    assert answer["result"]["cases"] == 296  # type: ignore[index]
    assert asked == ["Design", "Expected kappa", "Full width of its interval"]


def test_mistakes_get_one_sentence() -> None:
    for words, said in (
        ([], "`stats power` needs a design: auc, compare, sensitivity"),
        (["paired", "--correlation", "0.2"], "`stats power paired` also needs --sensitivity (expected sensitivity"),
        (["development", "--parameters", "5"], "also needs --prevalence (share of patients with the outcome), --c-"),
        (["readers", "--difference", "0.1", "--readers", "4", "--components", "1,2", "--pilot-cases", "50"],
         "five numbers with commas"),
        (["validation", "--prevalence", "0.1", "--c-statistic", "0.8", "--predictor-sd", "1"], "go together"),
        (["auc", "--auc", "0.8", "--patients", "1"], "hold none of one kind"),
        (["auc", "--auc", "1.8"], "strictly between 0 and 1"),
        (["compare", "--auc", "0.8", "--auc-b", "0.7", "--correlation", "0", "--equivalence"], "goes with --margin"),
        (["auc", "--auc", "0.8", "--auc-b", "0.7"], "`stats power auc` has no use for --auc-b."),
    ):  # fmt: skip
        result = CliRunner().invoke(app, ["power", *words])
        assert isinstance(result.exception, ThyroSightError) and said in str(result.exception), result.output


def test_an_unknown_design_is_listed() -> None:
    result = CliRunner().invoke(app, ["power", "t-test"])
    assert result.exit_code == 2 and "development" in result.output
