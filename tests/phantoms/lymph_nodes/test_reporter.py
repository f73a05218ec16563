"""The simulated original reports: what is meant is what the dictionary of keywords reads, as often as was asked for."""

from collections import Counter
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from thyrosight.cohort.records.report_dictionary import load_dictionary
from thyrosight.cohort.records.report_keywords import read_report
from thyrosight.errors import OutputError
from thyrosight.phantoms import LymphNodeOptions, SimulatedReporter, lymph_node_images
from thyrosight.phantoms.lymph_nodes.features import LEVELS
from thyrosight.phantoms.lymph_nodes.patients import LymphNodeImage
from thyrosight.phantoms.lymph_nodes.report_texts import SENTENCES, Language

Written = tuple[LymphNodeImage, str, str]


def write(count: int, reporter: SimulatedReporter, seed: int = 4) -> list[Written]:
    options = LymphNodeOptions(reporter=reporter)
    images = islice(lymph_node_images(seed), count)
    return [(image, *image.report(seed, options, axes_mm=image.axes_mm)) for image in images]


@pytest.fixture(scope="module")
def reports() -> list[Written]:
    return write(1500, SimulatedReporter())


def is_chinese(text: str) -> bool:
    return any("\u4e00" <= sign <= "\u9fff" for sign in text)


def is_english(text: str) -> bool:
    return "ode" in text  # of a node or lymph node


def test_keywords_read_what_the_reporter_meant(reports: list[Written]) -> None:
    words = load_dictionary()
    wrong = [(meant, text) for _, meant, text in reports if read_report(text, words).verdict != meant]
    assert wrong == []
    reasons = Counter(read_report(text, words).reason for _, meant, text in reports if meant == "undecided")
    assert set(reasons) == {"no text", "no keyword", "only negated keywords", "keywords of both classes"}


@pytest.mark.parametrize("language", list(SENTENCES))
def test_every_sentence_alone_says_what_it_should(language: Language) -> None:
    templates, words = SENTENCES[language], load_dictionary()
    for meant, texts in templates.conclusions.items():
        assert {read_report(text, words).verdict for text in texts} == {meant}
    assert {read_report(text, words).verdict for texts in templates.signs.values() for text in texts} == {"malignant"}
    assert set(templates.features) == {(name, level) for name, levels in LEVELS.items() for level in levels}
    for texts in templates.features.values():  # a description decides nothing
        assert {read_report(text, words).verdict for text in texts} == {"undecided"}


def test_sensitivity_and_specificity_are_those_of_the_paper(reports: list[Written]) -> None:
    for label, expected in (("malignant", 0.9514), ("benign", 0.343)):
        right = [meant == label for image, meant, _ in reports if image.label == label and meant != "undecided"]
        assert np.mean(right) == pytest.approx(expected, abs=4 * np.sqrt(expected * (1 - expected) / len(right)))


def test_a_chosen_reporter_is_obeyed() -> None:
    perfect = SimulatedReporter(sensitivity=1.0, specificity=1.0, undecided=0.0, english=1.0, both=0.0)
    written = write(80, perfect)
    assert all(meant == image.label and not is_chinese(text) for image, meant, text in written)
    mute = SimulatedReporter(undecided=1.0, empty=1.0)
    assert {text for _, _, text in write(20, mute)} == {""}


def test_languages_are_drawn_as_asked_for(reports: list[Written]) -> None:
    texts = [text for _, _, text in reports if text]
    shares = Counter((is_english(text), is_chinese(text)) for text in texts)
    assert set(shares) == {(True, False), (False, True), (True, True)}
    assert 0.03 < shares[True, True] / len(texts) < 0.1
    assert shares[True, False] / len(texts) == pytest.approx(0.47, abs=0.06)


def test_a_report_describes_its_node(reports: list[Written]) -> None:
    for image, _, text in reports[:200]:
        if text:
            assert f"level {image.neck_level}" in text or f"{image.neck_level}区" in text
            sides = {"left": ("left", "左"), "right": ("right", "右"), "middle": ("neck", "颈")}[image.neck_side]
            assert any(side in text.lower() for side in sides)
        if image.features.microcalcification == "absent":
            assert "Suspicious calcification" not in text and "内可疑钙化" not in text


def test_what_a_report_concludes_follows_the_label_alone() -> None:
    options = LymphNodeOptions()
    for image, meant, _ in write(60, SimulatedReporter()):
        round_one = replace(image, features=replace(image.features, hilum="lost", cystic_change="present"))
        assert round_one.report(4, options, axes_mm=(30.0, 10.0))[0] == meant


@pytest.mark.parametrize("change", [{"sensitivity": 1.2}, {"empty": -0.1}, {"english": 0.8, "both": 0.3}])
def test_impossible_shares_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(OutputError, match="simulated reporter should be"):
        SimulatedReporter(**change)
