"""Listed models say what was measured of them, also where too few patients gave no interval."""

from thyrosight.cli.models_shipped import measured


def test_the_main_figure_has_its_interval() -> None:
    auc = {"value": 0.8123, "low": 0.7, "high": 0.9, "n": 60}
    assert measured({"auc": auc}, None) == "AUC 0.812 (0.700 to 0.900; n = 60)"


def test_too_few_patients_give_a_figure_without_interval() -> None:
    auc = {"value": 0.8123, "low": None, "high": None, "n": 9}
    assert measured({"auc": auc}, None) == "AUC 0.812 (no interval; n = 9)"
