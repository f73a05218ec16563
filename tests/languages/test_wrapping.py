"""Lines keep to their width in every language, and lose nothing."""

from hypothesis import given
from hypothesis import strategies as st

from thyrosight.languages import columns_of, wrapped


@given(st.text(alphabet="结节恶性，。（）ab 12", max_size=80), st.integers(6, 40))
def test_lines_keep_to_their_width_and_hold_every_letter(text: str, columns: int) -> None:
    lines = wrapped(text, columns)
    assert "".join("".join(lines).split()) == "".join(text.split())
    longest = max((columns_of(word) for word in text.split()), default=0)
    assert all(columns_of(line) <= max(columns, longest) for line in lines)


def test_no_line_begins_with_a_mark_that_ends_one() -> None:
    assert wrapped("结节，恶性。良性", 4) == ["结", "节，", "恶", "性。", "良性"]
