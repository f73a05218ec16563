"""A table as HTML: words stay whole, but for those too long for a column."""

from thyrosight.documents import Column, Table, table_html


def test_words_are_broken_only_where_they_are_too_long_for_a_column() -> None:
    """Sensitivity and finished were broken before their last letter; a hash or the name of a file may be."""
    name = "predictions/division-01_64px_square_drawn.csv"
    columns = (Column(key="a", title="File"), Column(key="b", title="Status"))
    page = table_html(
        Table(name="t", caption="", columns=columns, rows=({"a": name, "b": "finished & <Sensitivity>"},))
    )
    assert "finished &amp; &lt;Sensitivity&gt;</td>" in page
    assert name not in page and name in page.replace("<wbr>", "")
