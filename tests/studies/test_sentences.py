"""The methods of a study in plain words."""

import pytest

from tests.reports.conftest import facts
from thyrosight.documents import Measure
from thyrosight.studies import load_recipe, shipped_recipes
from thyrosight.studies.analyses.heat_maps import faithfulness
from thyrosight.studies.sentences import label_words, methods_rows, preparation_words

OWN = ("preparation.crop=nodule", "preparation.margin={value: 0.25, unit: fraction}")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("TI-RADS", "not pathology"),
        ("cytology", "not pathology"),
        ("simulated", "no patient is behind them"),
        ("unstated", "of unstated origin"),
    ],
)
def test_label_sources_are_spelled_out(source: str, words: str) -> None:
    assert words in label_words(facts(label_sources=(source,)))


def test_methods_say_what_the_recipe_says() -> None:
    rows = dict(
        methods_rows(
            facts(recipe_yaml=load_recipe("resnet18-focal", settings=OWN).to_yaml()), ("Explanation", "Grad-CAM")
        )
    )
    assert rows["Preparation"].startswith("nodule with 25 % margin, square, aspect ratio kept, 224 x 224 pixels")
    own = preparation_words({"shape": "own", "size": 64, "colour": "rgb", "crop": "nodule", "padding": "black"})
    assert own.startswith("nodule, in the nodule's own shape, 64 x 64 pixels, in colour, padding black")
    assert "Adam, learning rate 0.0001" in rows["Training"] and "focal loss (gamma 2.0" in rows["Training"]
    assert "Platt scaling" in rows["Evaluation"] and "Youden's index" in rows["Evaluation"]
    assert "Policy: TI-RADS 2 and 3 benign" in rows["Labels"]
    assert list(rows)[-2:] == ["Explanation", "After the paper"]


@pytest.mark.parametrize("name", list(shipped_recipes()))
def test_every_shipped_recipe_can_be_put_in_words(name: str) -> None:
    rows = dict(methods_rows(facts(recipe_yaml=load_recipe(name).to_yaml())))
    expected = {"Labels"} if name == "reader-study" else {"Preparation", "Training", "Evaluation"}
    assert expected <= set(rows)
    assert "None" not in " ".join(rows.values())


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (
            -0.11,
            -0.06,
            "It fell by more than 0.05, the smallest effect that matters: the maps point at what",
        ),
        (-0.11, -0.04, "it cannot be told whether the maps point at what the network uses; do not rely on them."),
        (-0.0004, -0.0001, "what the maps point at makes no difference to the network; do not rely on them."),
        (0.06, 0.09, "It rose by more than 0.05: the maps do not point at what the network uses; do not rely on them."),
    ],
)
def test_heat_maps_are_trusted_only_as_far_as_the_deletion_test_goes(low: float, high: float, verdict: str) -> None:
    """-0.000 (-0.000 to -0.000) was told as "It fell: the maps point at what the network uses" before."""
    text = faithfulness(Measure(value=(low + high) / 2, low=low, high=high), images=84, effect=0.05)
    assert text.startswith("Deletion test on 84 test images")
    assert verdict in text and "-0.000" not in text
    assert faithfulness(Measure(value=None), images=84, effect=0.05) == ""
    assert "do not rely" in faithfulness(Measure(value=0.1, low=0.1, high=0.1), images=84, effect=0.05)
