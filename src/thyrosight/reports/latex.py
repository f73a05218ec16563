"""A manuscript as LaTeX: long tables that keep to the page, figures as PDF, references that need no further program."""

from collections.abc import Iterator
from unicodedata import east_asian_width

from thyrosight.documents import Cell, Figure, Section, Table, cells, notes
from thyrosight.documents.bibtex import bibtex
from thyrosight.documents.latex import latex
from thyrosight.documents.manuscript import Manuscript, typeset
from thyrosight.documents.references import split_keys
from thyrosight.documents.table_layout import PORTRAIT_MM, layout, lines
from thyrosight.languages import one_after_another
from thyrosight.reports.document import caption

_PREAMBLE = r"""\documentclass[11pt,a4paper]{article}
\usepackage{iftex}
\ifPDFTeX
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \usepackage{mathptmx,courier}
\else
  \usepackage{fontspec}
\fi
%(chinese)s\usepackage[%(side)s,top=22mm,bottom=22mm]{geometry}
\usepackage{graphicx,booktabs,longtable,array,pdflscape,xcolor,caption,setspace}
\usepackage[hidelinks]{hyperref}
\captionsetup{hypcap=false,labelfont=bf,labelsep=period,font=small,justification=raggedright,singlelinecheck=false}
\newcommand{\towrite}[1]{\textcolor{red!75!black}{[#1]}}
\newcommand{\needroom}[1]{\par\ifdim\pagegoal<\maxdimen\dimen0=\pagegoal\advance\dimen0-\pagetotal\relax
  \ifdim\dimen0<#1\relax\clearpage\fi\fi}
\graphicspath{{../figures/}}
\setlength{\parindent}{0pt}\setlength{\parskip}{6pt}\setlength{\tabcolsep}{3pt}\setlength{\LTleft}{0pt}
\sloppy
"""
_LAST_OF_PDFLATEX = 0x17F
"""Code of the last letter that pdflatex sets with its Latin fonts."""
_POINTS = {
    9.0: r"\fontsize{9}{11}\selectfont",
    8.0: r"\fontsize{8}{10}\selectfont",
    7.0: r"\fontsize{7}{8.5}\selectfont",
}


def manuscript_latex(manuscript: Manuscript, *, figures: dict[str, tuple[str, float]]) -> str:
    """The LaTeX source of a manuscript, for pdflatex, xelatex or lualatex; with Chinese letters for the latter two.

    Args:
        manuscript: its data.
        figures: of each figure by its name the file without ending, in `../figures`, and its width in millimetres.
    """
    return _Source(manuscript, figures).text()


def bibliography(manuscript: Manuscript) -> str:
    """The references as BibTeX."""
    return "\n\n".join(bibtex(item.key, item.text) for item in manuscript.references) + "\n"


class _Source:
    """The parts of a source, in their order."""

    def __init__(self, manuscript: Manuscript, figures: dict[str, tuple[str, float]]) -> None:
        self.manuscript, self.figures, self.labels = manuscript, figures, manuscript.labels()

    def text(self) -> str:
        own = self.manuscript
        body = [
            r"\begin{document}",
            rf"{{\LARGE\bfseries\raggedright {latex(own.title)}\par}}\bigskip",
            *(f"{self.spans(text)}\n" for text in own.front),
            r"\onehalfspacing",
            *(line for part in own.sections for line in self.section(part)),
            r"\singlespacing",
            *self.references(),
            *self.tables(),
            *self.drawn(),
            r"\end{document}",
        ]
        text = "\n".join(body) + "\n"
        chinese = own.language.startswith("zh") or any(east_asian_width(letter) == "W" for letter in text)
        foreign = chinese or any(ord(letter) > _LAST_OF_PDFLATEX for letter in text)
        engine = "xelatex" if foreign else "pdflatex (or xelatex)"
        side = f"left={(210 - PORTRAIT_MM) / 2:g}mm,right={(210 - PORTRAIT_MM) / 2:g}mm"
        preamble = _PREAMBLE % {"chinese": "\\usepackage[UTF8,scheme=plain]{ctex}\n" if chinese else "", "side": side}
        names = own.names
        words = [
            rf"\renewcommand{{\tablename}}{{{latex(names.table)}}}",
            rf"\renewcommand{{\figurename}}{{{latex(names.figure)}}}",
            rf"\renewcommand{{\thetable}}{{{own.prefix}\arabic{{table}}}}",
            rf"\renewcommand{{\thefigure}}{{{own.prefix}\arabic{{figure}}}}",
        ]
        return f"% Compile twice with {engine}.\n{preamble}" + "\n".join(words) + f"\n{text}"

    def section(self, part: Section) -> Iterator[str]:
        yield rf"\section*{{{latex(part.title)}}}"
        for block in part.blocks:
            if block.block == "text":
                yield f"{self.spans(block.text)}\n"
            elif block.block == "heading":
                yield rf"\subsection*{{{latex(block.text)}}}"
            elif block.block == "items":
                kind = "enumerate" if block.numbered else "itemize"
                yield from (rf"\begin{{{kind}}}", *(rf"\item {self.spans(text)}" for text in block.texts))
                yield rf"\end{{{kind}}}"
            elif block.block == "facts":
                yield from (rf"\textbf{{{latex(name)}}}: {self.spans(text)}\par" for name, text in block.rows)
            elif block.block == "code":
                yield from (
                    r"{\footnotesize\ttfamily\raggedright\setlength{\parskip}{0pt}",
                    *map(_code, block.text.split("\n")),
                )
                yield r"\par}"

    def spans(self, text: str) -> str:
        """Text with its marks as commands."""
        parts = []
        for span in self.manuscript.spans(text):
            if span.kind == "text":
                parts.append(latex(typeset(span.text)))
            elif span.kind == "code":
                parts.append(rf"\texttt{{{_breakable(span.text)}}}")
            elif span.kind == "gap":
                parts.append(rf"\towrite{{{latex(span.text)}}}")
            elif span.kind == "cite":
                parts.append(rf"~\cite{{{','.join(split_keys(span.text))}}}")
            elif span.text in self.labels:
                word = self.labels[span.text].partition(" ")[0]
                parts.append(rf"{latex(word)}~\ref{{{span.text}}}")
            else:
                parts.append(latex(self.manuscript.elsewhere[span.text]))
        return "".join(parts)

    def references(self) -> Iterator[str]:
        if not self.manuscript.references:
            return
        yield rf"\renewcommand{{\refname}}{{{latex(self.manuscript.names.references)}}}"
        yield r"% references.bib holds the same: \bibliographystyle{unsrt}\bibliography{references} reads it."
        yield rf"\begin{{thebibliography}}{{{len(self.manuscript.references)}}}"
        yield from (rf"\bibitem{{{item.key}}} {latex(item.text)}" for item in self.manuscript.references)
        yield r"\end{thebibliography}"

    def tables(self) -> Iterator[str]:
        if self.manuscript.tables:
            yield r"\clearpage"
            yield rf"\section*{{{latex(self.manuscript.names.tables)}}}"
        for table in self.manuscript.tables:
            found = layout(table)
            yield from ([r"\begin{landscape}"] if found.landscape else [])
            yield from self.table(table)
            yield from ([r"\end{landscape}"] if found.landscape else [])

    def table(self, table: Table) -> Iterator[str]:
        """A long table with the widths of its layout, its header on every page, and its notes below."""
        found, shown = layout(table), table.shown
        places = "".join(
            rf">{{\{'raggedright' if column.kind == 'text' or column is shown[0] else 'raggedleft'}\arraybackslash}}"
            rf"p{{{width - 2.2:.1f}mm}}"
            for column, width in zip(shown, found.widths_mm, strict=True)
        )
        head = " & ".join(rf"\textbf{{{latex(column.title)}}}" for column in shown) + r" \\"
        height = 60 + 1.25 * found.points * sum(max(len(lines(cell)) for cell in row) for row in cells(table) if row)
        yield rf"\needroom{{{min(height, 400 if found.landscape else 600):.0f}pt}}"
        yield "{" + _POINTS[found.points]
        yield rf"\begin{{longtable}}{{{places}}}"
        yield rf"\caption{{{self.spans(table.caption)}}}\label{{table:{table.name}}}\\"
        yield from (r"\toprule", head, r"\midrule", r"\endfirsthead")
        yield rf"\multicolumn{{{len(shown)}}}{{l}}{{({latex(self.manuscript.names.continued)})}}\\"
        yield from (r"\toprule", head, r"\midrule", r"\endhead", r"\bottomrule", r"\endfoot")
        for place, row in enumerate(cells(table)):
            yield " & ".join(_cell(cell, bold=place == table.strong) for cell in row) + r" \\"
        yield r"\end{longtable}}"
        below = one_after_another([self.spans(text) for text in notes(table, self.manuscript.source)])
        yield rf"{{\footnotesize {below}\par}}\bigskip"

    def drawn(self) -> Iterator[str]:
        if self.manuscript.figures:
            yield r"\clearpage"
            yield rf"\section*{{{latex(self.manuscript.names.figures)}}}"
        for figure in self.manuscript.figures:
            yield from self.figure(figure)

    def figure(self, figure: Figure) -> Iterator[str]:
        yield r"\begin{center}\begin{minipage}{\linewidth}\centering"
        if figure.name in self.figures:
            file, width = self.figures[figure.name]
            yield (rf"\includegraphics[width={min(width, PORTRAIT_MM):g}mm,height=195mm,keepaspectratio]{{{file}}}")
        said = self.spans(caption(figure, self.manuscript.source))
        yield rf"\captionof{{figure}}{{{said}}}\label{{figure:{figure.name}}}"
        yield r"\end{minipage}\end{center}"


def _cell(cell: Cell, *, bold: bool) -> str:
    written = r"\newline ".join(latex(typeset(line)) for line in lines(cell))
    if bold and written:
        return rf"\textbf{{{written}}}"
    return f"{{}}{written}" if written.startswith("[") else written  # else the end of the row above would read it


def _code(line: str) -> str:
    """A line of code whose leading spaces stay."""
    kept = len(line) - len(line.lstrip(" "))
    return "~" * kept + _breakable(line.lstrip(" ")) + r"\\" if line.strip() else r"\strut\\"


def _breakable(text: str) -> str:
    """Code that may be broken after slashes and in long hashes."""
    return latex(text).replace("/", r"/\allowbreak ").replace(r"\_", r"\_\allowbreak ")
