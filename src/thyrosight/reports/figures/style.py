"""One look for all figures: sizes, type and colours that can be told apart by everyone, on light, dark and paper."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import StringIO
from typing import Any, TypeVar

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from thyrosight.languages import columns_of, current_language, wrapped
from thyrosight.reports.figures.fonts import han_fonts

T = TypeVar("T")

INK = "#1b2430"
MUTED = "#5b6775"
GRID = "#dfe3e8"
PAPER = "#fefefe"
BENIGN = "#2f6fa8"
MALIGNANT = "#c4451c"
SERIES = ("#0072b2", "#d98a00", "#009e73", "#cc79a7", "#56b4e9", "#7a6a2f", "#8a4fbf", "#3d3d3d")
"""After Okabe and Ito: distinct with every common colour vision deficiency; line styles and markers differ as well."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1.5, 1.5)), (0, (6, 2, 1.5, 2)), (0, (3, 1)), "-", (0, (5, 2)), "--")
MARKERS = ("o", "s", "D", "^", "v", "P", "X", "*")

THEME = {
    INK: ("ink", "#e6eaf0"),
    MUTED: ("muted", "#a5b1bf"),
    GRID: ("grid", "#333d4a"),
    PAPER: ("paper", "#171c23"),
    BENIGN: ("benign", "#6db3f2"),
    MALIGNANT: ("malignant", "#ff8c5a"),
} | {
    light: (f"series-{place}", dark)
    for place, (light, dark) in enumerate(
        zip(
            SERIES,
            ("#4aa3df", "#f0b040", "#3cc79c", "#f5b5d8", "#9fd3f5", "#c8b468", "#bd8ff0", "#b9c0c9"),
            strict=True,
        )
    )
}
"""Each colour's name as a CSS variable, and what it becomes on a dark page."""

FULL_WIDTH, HALF_WIDTH = 9.6, 4.7
"""Figure widths in inches (96 CSS pixels each): across the page, and two side by side."""

_SETTINGS: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.labelcolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.facecolor": "none",
    "axes.titlecolor": INK,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "text.color": INK,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "xtick.labelsize": 9.5,
    "ytick.labelsize": 9.5,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "svg.fonttype": "none",
    "svg.hashsalt": "thyrosight",
}


@contextmanager
def page_style() -> Iterator[None]:
    """The common settings, whatever the user's matplotlib is set to; his own come back afterwards."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_settings())
        yield


def _settings() -> dict[Any, Any]:
    """The settings, with a font that has the characters of the language that is spoken."""
    han = han_fonts() if current_language() == "zh" else ()
    return _SETTINGS | ({"font.family": [*_SETTINGS["font.sans-serif"], *han]} if han else {})


def new_figure(width: float, height: float, **grid: Any) -> tuple[Figure, Any]:
    """An empty figure of the given size in inches and its axes; `grid` goes to `Figure.subplots`."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots(**grid)


def cycled(choices: Sequence[T], place: int) -> T:
    """The colour, dash or marker of a series; they begin anew after the last.

    >>> cycled(["a", "b"], 2)
    'a'
    """
    return choices[place % len(choices)]


def square_axes(axes: Axes, *, diagonal: bool = True) -> None:
    """Axes from 0 to 1 in both directions, with a dashed diagonal."""
    if diagonal:
        axes.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, linestyle=(0, (4, 3)))
    ticks = [0, 0.2, 0.4, 0.6, 0.8, 1]
    axes.set(xlim=(-0.01, 1.01), ylim=(-0.01, 1.01), xticks=ticks, yticks=ticks, aspect="equal")


def name_places(axes: Axes, names: Sequence[str], *, letters: int = 12) -> None:
    """Names at 0, 1, 2 ... on x; those of more `letters` are broken, so that neighbours do not touch."""
    axes.set_xticks(range(len(names)), [_broken(name, letters) for name in names])
    axes.grid(visible=False, axis="x")
    axes.tick_params(axis="x", length=0)


def _broken(name: str, letters: int) -> str:
    if columns_of(name) <= letters:
        return name
    if "（" in name:
        return name.replace("（", "\n（", 1)
    return "\n".join(wrapped(name, letters)) if columns_of(name) > len(name) else name.replace(" ", "\n", 1)


def add_note(figure: Figure, note: str) -> None:
    """Small print at the foot of a figure, in a strip that the layout keeps free."""
    if note:
        figure.set_figheight(figure.get_figheight() + 0.3)
        figure.set_layout_engine("constrained", rect=(0, 0.03, 1, 0.97))
        figure.text(0.995, 0.0, note, fontsize=6.5, color=MUTED, ha="right", va="bottom")


def to_svg(figure: Figure, *, title: str) -> str:
    """A figure as an SVG element for a page: text stays text, colours are CSS variables, identifiers stay apart.

    Args:
        figure: made by a function of `thyrosight.reports.figures`.
        title: what the figure shows, for those who cannot see it.
    """
    stream = StringIO()
    with matplotlib.rc_context(_settings()):
        canvas: Any = FigureCanvasSVG(figure)
        canvas.print_svg(stream, metadata={"Date": None, "Creator": None})  # `savefig` draws twice, once to lay out
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    prefix = f"f{hashlib.sha256((title + text).encode()).hexdigest()[:8]}-"
    text = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', text)
    text = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', text)
    text = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", text)
    for colour, (name, _) in THEME.items():
        text = text.replace(colour, f"var(--{name})")
    width = figure.get_figwidth()
    head = f'<svg role="img" aria-label="{_attribute(title)}" style="width:100%;max-width:{width * 96:.0f}px"'
    text = re.sub(r' (width|height)="[\d.]+pt"', "", text, count=2)
    return text.replace("<svg", head, 1).strip()


def _attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
