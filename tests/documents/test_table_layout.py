"""Tables keep to the page, and no number is broken."""

from hypothesis import given
from hypothesis import strategies as st

from thyrosight.documents import Column, Measure, Table
from thyrosight.documents.table_layout import LANDSCAPE_MM, PORTRAIT_MM, layout

_TEXTS = st.text(alphabet="abc WM,.", min_size=0, max_size=300)


@given(st.integers(1, 16), st.integers(0, 5), _TEXTS)
def test_every_table_keeps_to_its_page(numbers: int, texts: int, long: str) -> None:
    columns = [Column(key=f"t{place}", title="Some heading") for place in range(texts)]
    columns += [Column(key=f"n{place}", title="Sensitivity, %", kind="percent") for place in range(numbers)]
    value = Measure(value=0.5, low=0.1, high=0.9, spread=0.1)
    row = {column.key: long if column.kind == "text" else value for column in columns}
    found = layout(Table(name="t", caption="", columns=tuple(columns), rows=(row,)))
    assert sum(found.widths_mm) <= (LANDSCAPE_MM if found.landscape else PORTRAIT_MM) + 1e-6
    assert all(width > 0 for width in found.widths_mm)


def test_few_columns_stand_upright_and_many_turn_the_page() -> None:
    def table(n: int) -> Table:
        columns = tuple(Column(key=f"c{place}", title="AUC", kind="area") for place in range(n))
        row = {column.key: Measure(value=0.8, low=0.7, high=0.9) for column in columns}
        return Table(name="t", caption="", columns=columns, rows=(row,))

    assert [layout(table(n)).landscape for n in (1, 4, 10)] == [False, False, True]
    assert layout(table(4)).points == 9


def test_chinese_is_broken_between_characters_so_that_a_page_need_not_be_turned() -> None:
    columns = tuple(Column(key=f"c{place}", title="含义") for place in range(5))
    rows = ({column.key: "图像的短名，在队列中唯一；缺失时由文件名生成。" for column in columns},)
    found = layout(Table(name="t", caption="", columns=columns, rows=rows))
    assert not found.landscape and found.points == 9
