"""Tables of text: separators, rows as a spreadsheet counts them, cells left as they are."""

from pathlib import Path

import pytest

from thyrosight.errors import StatisticsError
from thyrosight.tables import MISSING_WORDS, TextTable, is_missing, read_table


def _read(folder: Path, text: str, **options: str) -> TextTable:
    path = folder / "table.csv"
    path.write_bytes(text.encode("utf-8"))
    return read_table(path, error=StatisticsError, **options)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_and_line_ends(tmp_path: Path, separator: str, end: str) -> None:
    text = end.join(separator.join(row) for row in (("case", "score"), ("1.10", "7"), ("1.1", "8"))) + end
    found = _read(tmp_path, text)
    assert found.header == ("case", "score") and found.separator == separator
    assert found.rows == ((2, ("1.10", "7")), (3, ("1.1", "8")))


@pytest.mark.parametrize("line", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_that_names_the_separator_is_no_header(tmp_path: Path, line: str) -> None:
    # One column is named with commas: without the line, the comma would win.
    found = _read(tmp_path, f"{line}\r\nscore;a,b,c\r\n0,5;1\r\n")
    assert found.header == ("score", "a,b,c") and found.rows == ((2, ("0,5", "1")),)


def test_a_separator_within_quotes_does_not_count(tmp_path: Path) -> None:
    assert _read(tmp_path, '"a, b, c";d\n1;2\n').header == ("a, b, c", "d")


def test_rows_are_counted_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    found = _read(tmp_path, '\na,b\n"two\nlines",1\n\n3,4\n')
    assert found.rows == ((3, ("two\nlines", "1")), (5, ("3", "4")))


def test_chinese_text_from_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes("病例,诊断\n1,恶性\n".encode("gb18030"))
    found = read_table(path, error=StatisticsError)
    assert found.header == ("病例", "诊断") and found.rows == ((2, ("1", "恶性")),)
    assert "GB18030" in found.notes[0]
    assert read_table(path, error=StatisticsError, encoding="gb18030").notes == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("a,a\n1,2\n", "two columns named 'a'"),
        ("a,b\n1,2,3\n", "row 2 has 3 cells, but the header has 2"),
    ],
)
def test_what_is_no_table_gets_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(StatisticsError, match=said):
        _read(tmp_path, text)


def test_columns_without_names(tmp_path: Path) -> None:
    assert _read(tmp_path, "a,,c\n1,2,3\n").header == ("a", "column 2", "c")
    found = read_table(tmp_path / "table.csv", error=StatisticsError, header=False)
    assert found.header == ("0", "1", "2") and len(found.rows) == 2


def test_missing_words() -> None:
    assert all(word == word.lower() for word in MISSING_WORDS)
    assert all(map(is_missing, ["#N/A", "#DIV/0!", "NULL", "n/a", "NaN", " ", "."]))
    assert not any(map(is_missing, ["-", "+", "0", "none", "no", "N", "A"]))
