"""Tables for a paper."""

from collections.abc import Sequence

from thyrosight.documents.cells import DASH, sentence
from thyrosight.documents.table import Table, cells, notes

_LONG = 28
"""Letters of a text from which on it is broken into lines."""
_LATEX = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$"} | {
    "<": "$<$",
    ">": "$>$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "\N{MULTIPLICATION SIGN}": r"$\times$",
    "→": r"$\rightarrow$",
    "²": r"$^2$",
    "µ": r"$\mu$",
    **{
        letter: rf"$\{name}$"
        for letter, name in zip(
            "αβγδκλμρσχΔ",
            ("alpha", "beta", "gamma", "delta", "kappa", "lambda", "mu", "rho", "sigma", "chi", "Delta"),
            strict=True,
        )
    },
    "\N{MINUS SIGN}": "$-$",
    "\N{NO-BREAK SPACE}": "~",
    "\N{EM SPACE}": r"\quad{}",
    "\N{HORIZONTAL ELLIPSIS}": r"\ldots{}",
    "\N{EM DASH}": "---",
    "\N{LEFT SINGLE QUOTATION MARK}": "`",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "“": "``",
    "”": "''",
    DASH: "--",
    **{character: "\\" + character for character in "&%$#_{}"},
}


def table_latex(tables: Sequence[Table], source: str = "") -> str:
    r"""The tables for a paper, in the style of `\usepackage{booktabs}`."""
    parts = ["% needs \\usepackage{booktabs}"]
    for table in tables:
        rows = [[item.line for item in row] for row in cells(table)]
        caption = " ".join(latex(text) for text in (sentence(table.caption), *notes(table, source)))
        parts += [r"\begin{table}[htbp]"]
        parts += [r"\centering\footnotesize\setlength{\tabcolsep}{4pt}", rf"\caption{{{caption}}}"]
        parts += [rf"\begin{{tabular}}{{{_layout(table, rows)}}}", r"\toprule"]
        parts += [" & ".join(latex(column.title) for column in table.shown) + r" \\", r"\midrule"]
        parts += [" & ".join(latex(text) for text in row) + r" \\" for row in rows]
        parts += [r"\bottomrule", r"\end{tabular}", r"\end{table}"]
    return "\n".join(parts) + "\n"


def _layout(table: Table, rows: Sequence[Sequence[str]]) -> str:
    """Texts to the left, in lines of a fixed width where they are long, so that the table keeps to the page."""
    parts = []
    for place, column in enumerate(table.shown):
        longest = max((len(row[place]) for row in rows), default=0)
        width = r"p{0.25\textwidth}" if longest > _LONG else "l"
        parts.append(width if column.kind == "text" else "r")
    return "".join(parts)


def latex(text: str) -> str:
    r"""Text with the characters that LaTeX reads otherwise.

    >>> latex("50 % < 0.5")
    '50 \\% $<$ 0.5'
    """
    return "".join(_LATEX.get(character, character) for character in text)
