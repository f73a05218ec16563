"""One way of writing each kind of value, for the page, the terminal, LaTeX and running text."""

from typing import NamedTuple

from thyrosight.documents.columns import Column, Kind, Value
from thyrosight.documents.measure import Distribution, Measure, Share
from thyrosight.languages import capitalised, current_language, say, set_in_current

DASH = "\N{EN DASH}"
UNDEFINED = "undefined"
_DIGITS: dict[Kind, int] = {"percent": 1, "rate": 1, "points": 1, "summary": 1}
"""Decimals; 3 for the other kinds."""


class Cell(NamedTuple):
    """A written value, and its interval and spread, which stand below it or behind it."""

    text: str
    interval: str = ""
    spread: str = ""

    @property
    def line(self) -> str:
        """All on one line.

        >>> Cell("0.812", "0.700 to 0.900").line
        '0.812 (0.700 to 0.900)'
        """
        behind = ", ".join(part for part in (self.interval, self.spread) if part)
        return f"{self.text} ({behind})" if behind else self.text

    @property
    def below(self) -> tuple[str, ...]:
        """Interval and spread, printed below the value."""
        return tuple(part for part in (self.interval, self.spread) if part)


def cell(column: Column, value: Value, *, applies: bool = True) -> Cell:
    """Write a value as its column has it.

    >>> cell(Column(key="auc", kind="area"), Measure(value=0.8123, low=0.7, high=0.9))
    Cell(text='0.812', interval='0.700–0.900', spread='')
    >>> cell(Column(key="d", kind="difference"), Measure(value=0.0123, low=-0.01, high=0.04)).line
    '+0.012 (-0.010 to +0.040)'
    >>> cell(Column(key="slope", kind="number", digits=2), Measure(value=0.9, low=-2.1, high=3.9)).line
    '0.90 (-2.10 to 3.90)'
    >>> cell(Column(key="auc", kind="area"), None).text, cell(Column(key="auc"), None, applies=False).text
    ('undefined', '–')
    >>> age = Distribution(n=9, mean=45, sd=12, low=30, high=70)
    >>> cell(Column(key="x", kind="summary"), age).line, cell(Column(key="x", kind="summary"), Share(n=1, of=4)).line
    ('45.0 ± 12.0 (30.0–70.0, n = 9)', '1 (25.0 %)')
    """
    if not applies:
        return Cell("" if column.blank else DASH)
    if isinstance(value, Measure):
        return _estimate(column, value)
    if isinstance(value, Share) and column.kind == "fraction":
        return Cell(say("{n0} of {n1}", value.n, value.of))
    if isinstance(value, Share):
        return Cell(str(value.n) if value.share is None else f"{value.n} ({write('percent', value.share)} %)")
    if isinstance(value, Distribution):
        return _distribution(column, value)
    return Cell(write(column.kind, value, digits=column.digits))


def _estimate(column: Column, measure: Measure) -> Cell:
    if measure.value is None:
        return Cell(say(UNDEFINED))

    def written(value: float) -> str:
        return write(column.kind, value, digits=column.digits)

    if column.kind == "rate":
        error = "" if measure.se is None else f" ({written(measure.se)})"
        return Cell(f"{written(measure.value)}{error}")
    interval = ""
    if measure.low is not None and measure.high is None:
        interval = say("above {n0}", written(measure.low))
    elif measure.low is not None and measure.high is not None and measure.low != measure.high:
        # Limits that are alike say that nothing varied, as with no error at all, and not that all is certain.
        limits = written(measure.low), written(measure.high)
        signed = column.kind in ("difference", "points") or measure.low < 0
        interval = say("{n0} to {n1}", *limits) if signed else DASH.join(limits)
    factor = 100 if column.kind in ("percent", "points") else 1
    spread = "" if measure.spread is None else f"± {factor * measure.spread:.{_digits(column)}f}"
    return Cell(written(measure.value), interval, spread)


def _distribution(column: Column, found: Distribution) -> Cell:
    digits = _digits(column)

    def span(low: float | None, high: float | None) -> str:
        return "" if low is None or high is None else f"{low:.{digits}f}{DASH}{high:.{digits}f}"

    quartiles = span(found.quartile_1, found.quartile_3)
    if column.kind == "quartiles":
        return Cell(quartiles or DASH, span(found.low, found.high))
    if column.kind == "median":
        return Cell(DASH if found.median is None else f"{found.median:.{digits}f}", quartiles)
    if found.mean is None:
        return Cell(str(found.n))
    sd = "" if found.sd is None else f" ± {found.sd:.{digits}f}"
    return Cell(f"{found.mean:.{digits}f}{sd}", span(found.low, found.high), f"n = {found.n}")


def _digits(column: Column) -> int:
    return _DIGITS.get(column.kind, 3) if column.digits is None else column.digits


def write(kind: Kind, value: str | bool | int | float | None, *, digits: int | None = None) -> str:
    """Write a plain value of a kind of column.

    >>> write("percent", 0.5), write("difference", 0.01), write("number", 12.345), write("count", 3)
    ('50.0', '+0.010', '12.3', '3')
    """
    if value is None:
        return {"p": p_text(None), "text": DASH}.get(kind, say(UNDEFINED))
    if isinstance(value, str) or kind in ("text", "count", "summary"):
        return str(value)
    if kind in ("p", "seconds"):
        return (p_text if kind == "p" else duration)(float(value))
    if kind == "number" and digits is None:
        return f"{value:#.3g}".rstrip(".")
    places = _DIGITS.get(kind, 3) if digits is None else digits
    sign = "+" if kind in ("difference", "points") else ""
    factor = 100 if kind in ("percent", "rate", "points") else 1
    return f"{factor * value:{sign}z.{places}f}"


def p_text(p: float | None) -> str:
    """A P value as printed.

    >>> p_text(0.0312), p_text(0.00002), p_text(1.0), p_text(None)
    ('0.031', '< 0.001', '1', 'not tested')
    """
    if p is None:
        return say("not tested")
    return "< 0.001" if p < 0.001 else f"{p:.3f}" if p < 0.9995 else "1"


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(0.2), duration(42.4), duration(150), duration(7300)
    ('< 1 s', '42 s', '2.5 min', '2.0 h')
    """
    if seconds < 0.5:
        return say("< {n0} s", "1")
    if seconds < 90:
        return say("{n0} s", f"{seconds:.0f}")
    if seconds < 5400:
        return say("{n0} min", f"{seconds / 60:.1f}")
    return say("{n0} h", f"{seconds / 3600:.1f}")


def with_interval(measure: Measure | None, kind: Kind = "area", *, digits: int | None = None) -> str:
    """An estimate and its interval in running text.

    >>> with_interval(Measure(value=0.8123, low=0.7, high=0.9)), with_interval(None)
    ('0.812 (0.700–0.900)', 'undefined')
    """
    if measure is None:
        return say(UNDEFINED)
    written = cell(Column(key="value", kind=kind, digits=digits), measure)
    return Cell(written.text, written.interval).line


def interval_with_level(measure: Measure, kind: Kind = "area", *, digits: int | None = None) -> str:
    """The interval of an estimate and its level; empty without one.

    >>> interval_with_level(Measure(value=0.8123, low=0.7, high=0.9), digits=2)
    '95 % interval 0.70 to 0.90'
    """
    if measure.low is None or measure.high is None:
        return ""
    limits = (write(kind, limit, digits=digits) for limit in (measure.low, measure.high))
    return say("{n0} % interval {n1} to {n2}", f"{100 * measure.confidence:g}", *limits)


def sentence(text: str) -> str:
    """A clause as a sentence.

    >>> sentence("labels: TI-RADS")
    'Labels: TI-RADS.'
    """
    clause = text.rstrip(".。")
    return set_in_current(f"{clause if current_language() == 'zh' else capitalised(clause)}.")
