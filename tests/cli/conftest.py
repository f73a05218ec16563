"""Fixtures of the commands' tests."""

from functools import cache

import typer.main
import typer.testing

# The parameters of all commands are read anew at each call of an application, of which tests make hundreds.
typer.main.get_command = typer.testing._get_command = cache(typer.main.get_command)
