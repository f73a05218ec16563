"""A finished text is taken apart into its messages, and put together in the other language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.languages.reading import numbers
from thyrosight.errors import LanguageError
from thyrosight.languages import Translator, catalogue_of, current_language, say, speaking, translator

MESSAGES = {
    "{n0} of {n1} images": "{n1} imágenes, {n0}",
    "{n0} benign": "{n0} benignas",
    "{n0} malignant": "{n0} malignas",
    "mean AUC {0} over {1}{2}": "AUC medio {0} en {1}{2}",
    "{n0} divisions": "{n0} divisiones",
    "interval {n0} to {n1}": "intervalo de {n0} a {n1}",
    "; it varied by {n0}": "; varió {n0}",
    "Left out: {0}.": "Excluidas: {0}.",
    "the network": "la red",
    "{0} is better": "{0} es mejor",
    "Beside the paper: {0}": "Junto al artículo: {0}",
}


@pytest.fixture
def into_spanish() -> Translator:
    return Translator(catalogue_of("es", MESSAGES))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("3 of 12 images", "12 imágenes, 3"),
        (
            "mean AUC 0.81 (interval 0.7 to 0.9) over 3 divisions",
            "AUC medio 0.81 (intervalo de 0.7 a 0.9) en 3 divisiones",
        ),
        ("mean AUC 0.81 over 3 divisions; it varied by 0.02", "AUC medio 0.81 en 3 divisiones; varió 0.02"),
        ("15 benign and 9 malignant", "15 benignas y 9 malignas"),
        ("15 benign, 9 malignant", "15 benignas, 9 malignas"),
        ("Left out: 3 benign, 2 malignant.", "Excluidas: 3 benignas, 2 malignas."),
        ("The network is better.", "La red es mejor."),
        ("Beside the paper: 3 of 12 images", "Junto al artículo: 12 imágenes, 3"),
        ("The network is better. 3 of 12 images.", "La red es mejor. 12 imágenes, 3."),
        ("ResNet-18: mean AUC 0.81 over 2 divisions", "ResNet-18: AUC medio 0.81 en 2 divisiones"),
        ("", ""),
        ("0.812", "0.812"),
    ],
)
def test_texts_are_read_as_they_were_made(into_spanish: Translator, text: str, said: str) -> None:
    found = into_spanish.translate(text)
    assert (found.text, found.left) == (said, ())


def test_what_is_not_known_stays_and_is_named(into_spanish: Translator) -> None:
    found = into_spanish.translate("Hanoi clinic: 3 of 12 images; seen by nobody.")
    assert found.text == "Hanoi clinic: 12 imágenes, 3; seen by nobody."
    assert set(found.left) == {"Hanoi clinic", "seen by nobody"}


@given(st.text(alphabet="AUC andofimages,.;:()0123456789 \n", max_size=60))
def test_any_text_can_be_read_and_keeps_its_numbers(text: str) -> None:
    assert numbers(Translator(catalogue_of("es", MESSAGES)).translate(text).text) == numbers(text)


def test_a_long_text_of_a_user_is_read_in_time() -> None:
    text = ", ".join(f"ward {number} and its sites (north; south): open" for number in range(60))
    assert numbers(translator("zh")(text)) == numbers(text)


def test_a_language_that_is_not_there_is_named() -> None:
    with pytest.raises(LanguageError, match="There are no reports in the language 'fr'; choose one of en"):
        translator("fr")


def test_a_page_speaks_its_language_and_gives_back_the_one_before() -> None:
    with pytest.raises(ValueError, match="stop"), speaking("zh"):
        assert say("{n0} to {n1}", "0.1", "0.2") == "0.1至0.2"
        raise ValueError("stop")
    assert current_language() == "en" and say("{n0} to {n1}", 1, 2) == "1 to 2"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Research use only. Not for diagnosis.", "仅供研究使用，不得用于诊断。"),
        (
            "Few groups in the smallest test part: 15 benign and 9 malignant; intervals are wide and subgroups cannot"
            " be judged.",
            "最小的测试集的组数很少：良性15，恶性9；区间较宽，无法评价亚组。",
        ),
        (
            "Table 2a. CNN against Reader A (all nodules, n = 59)",
            "表2a\N{IDEOGRAPHIC SPACE}CNN与阅片者A比较（全部结节，n = 59）",
        ),
        (
            "site C: Reader B: 1 of 6 nodules were not read.",
            "site C：阅片者B：6个结节中1个未判读。",
        ),
        (
            "The paper prints sensitivity as TP / (TN + FP), which is no sensitivity; here it is TP / (TP + FN).",
            "论文的敏感度按TP / (TN + FP)计，并非敏感度；此处为TP / (TP + FN)。",
        ),
    ],
)
def test_sentences_of_reports_in_chinese(english: str, chinese: str) -> None:
    assert translator("zh")(english) == chinese
