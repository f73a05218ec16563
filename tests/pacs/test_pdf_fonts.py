"""Fonts of the PDF: which font draws a character, and right-to-left words as they are seen."""

import pytest
from reportlab.lib.styles import ParagraphStyle

from thyrosight.pacs.pdf_fonts import BOLD, SANS, markup, paragraph, register_fonts


def test_letters_of_european_scripts_need_no_other_font() -> None:
    for text in ("Müller", "Nguyễn", "Иванов", "Παπαδόπουλος", "12.5 mm ≤ 3 µm"):
        assert markup(text) == text


def test_signs_of_markup_are_text() -> None:
    assert markup("<b> & x") == "&lt;b&gt; &amp; x"


def test_east_asian_characters_are_marked_with_a_font_that_has_them() -> None:
    assert markup("Dr 山山") == 'Dr <font name="NotoSansCJK-05C">山山</font>'
    assert markup("王x") == '<font name="NotoSansCJK-073">王</font>x'
    assert markup("김").startswith('<font name="NotoSansCJK-0AE">')
    assert markup("𠮷").startswith('<font name="NotoSansCJK-20B">')


def test_a_character_that_no_font_has_stays_in_the_text() -> None:
    assert markup("ไทย") == "ไทย"


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Levi כהן שרה, 3", "Levi הרש ןהכ, 3"),
        ("שָׁלוֹם", "םוֹלשָׁ"),  # vowel points stay behind their letter
        ("محمد", "\ufeaa\ufee4\ufea4\ufee3"),  # joined forms: final dal, medial meem, medial hah, initial meem
    ],
)
def test_right_to_left_words_are_written_as_they_are_seen(text: str, seen: str) -> None:
    assert markup(text) == seen


def test_chinese_breaks_at_the_end_of_a_line_and_words_between_spaces() -> None:
    register_fonts()
    style = ParagraphStyle("text", fontName=SANS, fontSize=10, leading=12)
    _, height = paragraph("甲状腺大小形态正常包膜完整实质回声均匀" * 4, style).wrap(200, 1000)
    assert height >= 4 * 12  # 76 characters of 10 points in a width of 200
    assert paragraph("solid nodule", style).wrap(200, 1000)[1] == 12
    assert paragraph("Nodule 结节", ParagraphStyle("head", style, fontName=BOLD)).style.fontName == SANS  # drawn bold
