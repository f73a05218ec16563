"""Progress bars on standard error, so that standard output stays clean for results."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from thyrosight.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def progress_bars(language: str = "en") -> Iterator[Progress]:
    """Give a function `(what, done, total)` that draws one bar for each distinct `what`, named in a language.

    A bar disappears when it is full. Where standard error is not a terminal (a log file, a scheduler), a line is
    written when a task starts and each time another tenth of it is done, so that logs stay short.

    Raises:
        LanguageError: there are no messages in that language.
    """
    from rich.console import Console

    from thyrosight.languages import translator

    console, say = Console(stderr=True), translator(language)
    if console.is_terminal:
        with _bars(console, say) as callback:
            yield callback
    else:
        yield _lines(console, say)


def rate_text(rate: float) -> str:
    """Steps per second, or per minute where they are slow.

    >>> rate_text(61.3), rate_text(0.25)
    ('61.3/s', '15.0/min')
    """
    return f"{rate:.1f}/s" if rate >= 1 else f"{60 * rate:.1f}/min"


def pace_text(done: int, seconds: float, *, left: int) -> str:
    """The rate of work and the time that is left, for a line of a log; empty where there is nothing to tell.

    >>> pace_text(100, 10.0, left=6000), pace_text(0, 0.0, left=10), pace_text(5, 10.0, left=0)
    (', 10.0/s, 10.0 min left', '', ', 30.0/min')
    """
    from thyrosight.documents import duration

    if done <= 0 or seconds < 1:
        return ""
    remaining = f", {duration(left * seconds / done)} left" if left > 0 else ""
    return f", {rate_text(done / seconds)}{remaining}"


@contextmanager
def _bars(console: "Console", say: Callable[[str], str]) -> Iterator[Progress]:
    from rich import progress as bars
    from rich.text import Text

    class Rate(bars.ProgressColumn):
        """Steps per second."""

        def render(self, task: bars.Task) -> Text:
            return Text("" if task.speed is None else rate_text(task.speed), style="dim")

    description, remaining = bars.TextColumn("{task.description}"), bars.TimeRemainingColumn()
    columns = (description, bars.BarColumn(bar_width=30), bars.MofNCompleteColumn(), Rate(), remaining)
    tasks: dict[str, bars.TaskID] = {}
    with bars.Progress(*columns, console=console, transient=True) as progress:

        def update(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(say(what), total=total)
            progress.update(tasks[what], completed=done, total=total)
            if done >= total:
                progress.remove_task(tasks.pop(what))

        yield update


def _lines(console: "Console", say: Callable[[str], str]) -> Progress:
    last: dict[str, int] = {}
    begin: dict[str, tuple[int, float]] = {}

    def update(what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        first, since = begin.setdefault(what, (done, time.monotonic()))
        if last.get(what) != tenth:
            last[what] = tenth
            pace = pace_text(done - first, time.monotonic() - since, left=total - done)
            console.print(f"{say(what)}: {done}/{total}{say(pace)}", highlight=False)
        if done >= total:
            last.pop(what, None)
            begin.pop(what, None)

    return update
