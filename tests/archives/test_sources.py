"""Work lists from tables as people save them."""

from pathlib import Path

import pytest

from thyrosight.archives.sources import list_rows
from thyrosight.errors import ImageError, ThyroSightWarning


def test_a_table_from_a_spreadsheet(tmp_path: Path) -> None:
    table = tmp_path / "list.csv"
    table.write_bytes("sep=;\r\nimage;box;病例\r\n甲.png;1,2,3,4;1.10\r\nb.png;#N/A;1.1\r\nc.png\r\n".encode("gb18030"))
    with pytest.warns(ThyroSightWarning, match="it was read as GB18030"):
        rows = list(list_rows([str(table)], keep=["病例"]))
    assert rows == [
        {"image": str(tmp_path / "甲.png"), "box": "1,2,3,4", "given_病例": "1.10"},
        {"image": str(tmp_path / "b.png"), "given_病例": "1.1"},
        {"image": str(tmp_path / "c.png")},
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the column 'image' is missing"),
        ("image,image\na,b\n", "two columns named 'image'"),
        ("image\na.png,b.png\n", "row 2 has 2 cells, but the header has 1"),
    ],
)
def test_what_is_no_work_list_gets_one_sentence(tmp_path: Path, text: str, said: str) -> None:
    table = tmp_path / "list.csv"
    table.write_text(text, encoding="utf-8")
    with pytest.raises(ImageError, match=said):
        list(list_rows([str(table)]))
