"""The result in plain words."""

import pytest

from thyrosight.reports.sentences import comparison_words, faithfulness, key_result, label_words, methods_rows
from thyrosight.studies import StudyResult


def with_auc(result: StudyResult, low: float, value: float, high: float) -> StudyResult:
    dump = result.model_dump()
    dump["networks"][0]["mean"]["auc"] |= {"value": value, "low": low, "high": high}
    return StudyResult.model_validate(dump)


def test_chance_is_named_when_the_interval_includes_it(result: StudyResult) -> None:
    assert "cannot be told from guessing" in key_result(with_auc(result, 0.48, 0.55, 0.62))
    assert "guessing" not in key_result(with_auc(result, 0.52, 0.58, 0.63))


def test_only_corrected_p_values_count(result: StudyResult) -> None:
    # In the made-up result every raw P is 0.03; corrected, only EfficientNet-Lite0 stays below 0.05.
    assert comparison_words(result) == (
        "EfficientNet-Lite0 did significantly better; AlexNet, Inception-v3 and VGG16 did not differ significantly "
        "(corrected for the number of comparators)."
    )


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("TI-RADS", "not pathology"),
        ("cytology", "not pathology"),
        ("simulated", "no patient is behind them"),
        ("unstated", "of unstated origin"),
    ],
)
def test_label_sources_are_spelled_out(result: StudyResult, source: str, words: str) -> None:
    assert words in label_words(result.model_copy(update={"label_sources": [source]}))


def test_methods_say_what_the_recipe_says(result: StudyResult) -> None:
    rows = dict(methods_rows(result))
    assert rows["Preparation"].startswith("nodule with 25 % margin, square, aspect ratio kept, 224 x 224 pixels")
    assert "Adam, learning rate 0.0001" in rows["Training"] and "focal loss (gamma 2.0" in rows["Training"]
    assert "stopped after 6 epochs" in rows["Training"]
    assert "Platt scaling" in rows["Evaluation"] and "Youden's index" in rows["Evaluation"]
    assert "Policy: TI-RADS 2 and 3 benign" in rows["Labels"]


def test_every_shipped_recipe_can_be_put_in_words(result: StudyResult) -> None:
    from thyrosight.studies import load_recipe, shipped_recipes

    for name in shipped_recipes():
        recipe = load_recipe(name)
        if recipe.study != "comparison":
            continue
        text = recipe.to_yaml()
        rows = dict(methods_rows(result.model_copy(update={"recipe_yaml": text})))
        assert {"Preparation", "Training", "Evaluation"} <= set(rows)
        assert "None" not in " ".join(rows.values())


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (-0.11, -0.05, "It fell: the maps point at what the network uses."),
        (-0.01, 0.02, "This does not show that the maps point at what the network uses; do not rely on them."),
        (0.01, 0.03, "It rose: the maps do not point at what the network uses; do not rely on them."),
    ],
)
def test_heat_maps_are_trusted_only_as_far_as_the_deletion_test_goes(
    result: StudyResult, low: float, high: float, verdict: str
) -> None:
    dump = result.model_dump()
    dump["explanations"]["deletion"] |= {"value": (low + high) / 2, "low": low, "high": high}
    text = faithfulness(StudyResult.model_validate(dump))
    assert text.endswith(verdict)
    assert text.startswith("Deletion test on 84 test images")
    assert faithfulness(result.model_copy(update={"explanations": None})) == ""
