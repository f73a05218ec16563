"""In which language a command answers."""

from typing import Annotated

import typer

Language = Annotated[
    str, typer.Option("--language", metavar="CODE", help="English (en), Chinese (zh) or Spanish (es).")
]
