"""Progress bars on standard error, so that standard output stays clean for results."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from thyrosight.progress import Progress

if TYPE_CHECKING:
    from rich.console import Console


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Give a function `(what, done, total)` that draws one bar for each distinct `what`.

    A bar disappears when it is full. Where standard error is not a terminal (a log file, a scheduler), a line is
    written when a task starts and each time another tenth of it is done, so that logs stay short.
    """
    from rich.console import Console

    console = Console(stderr=True)
    if console.is_terminal:
        with _bars(console) as callback:
            yield callback
    else:
        yield _lines(console)


@contextmanager
def _bars(console: "Console") -> Iterator[Progress]:
    from rich import progress as bars

    description, remaining = bars.TextColumn("{task.description}"), bars.TimeRemainingColumn()
    columns = (description, bars.BarColumn(bar_width=30), bars.MofNCompleteColumn(), remaining)
    tasks: dict[str, bars.TaskID] = {}
    with bars.Progress(*columns, console=console, transient=True) as progress:

        def update(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)
            if done >= total:
                progress.remove_task(tasks.pop(what))

        yield update


def _lines(console: "Console") -> Progress:
    last: dict[str, int] = {}

    def update(what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if last.get(what) != tenth:
            last[what] = tenth
            console.print(f"{what}: {done}/{total}", highlight=False)
        if done >= total:
            last.pop(what, None)

    return update
