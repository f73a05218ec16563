"""Tables for a paper."""

from collections.abc import Sequence

from thyrosight.documents.cells import DASH, sentence
from thyrosight.documents.table import Table, cells, notes

_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$"} | {
    "<": "$<$",
    ">": "$>$",
    DASH: "--",
    **{character: "\\" + character for character in "&%$#_{}"},
}


def table_latex(tables: Sequence[Table], source: str = "") -> str:
    r"""The tables for a paper, in the style of `\usepackage{booktabs}`."""
    parts = ["% needs \\usepackage{booktabs}"]
    for table in tables:
        layout = "".join("l" if column.kind == "text" else "r" for column in table.shown)
        caption = " ".join(latex(text) for text in (sentence(table.caption), *notes(table, source)))
        parts += [r"\begin{table}", rf"\caption{{{caption}}}", rf"\begin{{tabular}}{{{layout}}}", r"\toprule"]
        parts += [" & ".join(latex(column.title) for column in table.shown) + r" \\", r"\midrule"]
        parts += [" & ".join(latex(item.line) for item in row) + r" \\" for row in cells(table)]
        parts += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(parts) + "\n"


def latex(text: str) -> str:
    r"""Text with the characters that LaTeX reads otherwise.

    >>> latex("50 % < 0.5")
    '50 \\% $<$ 0.5'
    """
    return "".join(_LATEX.get(character, character) for character in text)
