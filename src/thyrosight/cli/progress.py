"""Progress bars on standard error, so that standard output stays clean for results."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

ProgressCallback = Callable[[str, int, int], None]


@contextmanager
def progress_bars() -> Iterator[ProgressCallback]:
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
def _bars(console: "Console") -> Iterator[ProgressCallback]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=30), MofNCompleteColumn(), TimeRemainingColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True) as progress:

        def update(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done, total=total)
            if done >= total:
                progress.remove_task(tasks.pop(what))

        yield update


def _lines(console: "Console") -> ProgressCallback:
    last: dict[str, int] = {}

    def update(what: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if last.get(what) != tenth:
            last[what] = tenth
            console.print(f"{what}: {done}/{total}", highlight=False)
        if done >= total:
            last.pop(what, None)

    return update
