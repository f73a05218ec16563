"""Text drawn into pictures has its letters, in every language, and keeps to its width."""

import pytest

from thyrosight.imaging.lettering import font_for, wrapped


@pytest.mark.parametrize("letters", ["ab", "ñÁ", "µ≥", "王结", "김희", "やマ"])
def test_a_font_has_the_letters_and_draws_no_boxes(letters: str) -> None:
    font = font_for(15, letters)
    first, second = (bytes(font.getmask(letter)) for letter in letters)
    missing = bytes(font.getmask("\U000e0fff"))
    assert len({first, second, missing}) == 3


def test_lines_keep_to_their_width() -> None:
    for text, joint in (("evidence for malignant " * 20, " "), ("提示恶性的证据，热图。" * 20, "")):
        font = font_for(12, text)
        lines = wrapped(text, 200, font)
        assert len(lines) > 5
        assert all(font.getlength(line) <= 200 for line in lines)
        assert joint.join(lines) == text.strip()
        assert not any(line[0] in "，。" for line in lines)
    assert wrapped("", 10, font_for(12)) == [""]
