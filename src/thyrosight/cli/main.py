"""The `thyrosight` command: mounts the command groups and turns errors into one line each."""

import errno
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from thyrosight import __version__

_GROUPS = {
    "cohort": "What is in a cohort, what is wrong with it, duplicates, splits and public data sets.",
    "dicom": "Show DICOM files, and take identifiers out of them and of pictures.",
    "models": "List the networks that recipes can name; describe, export and recalibrate trained models.",
    "pacs": "Results as DICOM objects; find, fetch and store in DICOMweb archives.",
    "reader-study": "Design reader studies: orders, protocol, instructions, power; readings for other programs.",
    "serve": "The workstation in the browser: worklist, viewer, second reader, reports.",
    "stats": "Statistics of diagnostic and reader studies on tables.",
    "study": "List, show and run studies.",
}
_COMMANDS = ("demo", "info", "node", "phantom", "predict", "segment", "tirads")
_OF_TORCH = frozenset(
    {"captum", "huggingface_hub", "lightning_fabric", "onnx", "onnxscript", "timm", "torch", "torchvision"}
)
"""Packages of the extra `torch`; inference does without them."""
_OF_DICOM = frozenset({"highdicom", "pydicom", "pynetdicom"})

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)
"""Errors of a disk that may meet any line that writes."""

_show_other = warnings.showwarning

app = typer.Typer(
    name="thyrosight",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Computer-aided diagnosis on thyroid and neck ultrasound. For research use only, not for diagnosis.",
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"thyrosight {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the full traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of every command; `--debug` is read in `main` because it concerns what happens after a command failed."""


def _mount() -> None:
    for name, help_text in _GROUPS.items():
        app.add_typer(import_module(f"thyrosight.cli.{name.replace('-', '_')}").app, name=name, help=help_text)
    for name in _COMMANDS:
        app.command(name)(getattr(import_module(f"thyrosight.cli.{name}"), name))


_mount()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 on success, 2 on an error the user can act on, 130 on Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    sys.exit(_run(words))


def _run(words: list[str]) -> int:
    """Run one command and return its exit code."""
    from thyrosight.errors import ThyroSightError

    warnings.showwarning = _show_warning
    debug = "--debug" in words or bool(os.environ.get("THYROSIGHT_DEBUG"))
    words = ["--debug", *(word for word in words if word != "--debug")] if "--debug" in words else words
    try:
        app(args=words, standalone_mode=True)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except ThyroSightError as error:
        if debug:
            raise
        typer.echo(str(error), err=True)
        return 2
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if debug or package not in _OF_TORCH:
            raise
        typer.echo(
            f"This needs PyTorch, and the package {package} is not installed; install it with "
            "pip install 'thyrosight[torch]'.",
            err=True,
        )
        return 2
    except OSError as error:
        if debug or error.errno not in _NO_ROOM:
            raise
        from thyrosight.files import output_error

        typer.echo(str(output_error(Path(error.filename or "a file"), error)), err=True)
        return 2
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing is lost: the same command again goes on where this one stopped.", err=True)
        return 130
    return 0


def _show_warning(message: Warning | str, category: type[Warning], *place: Any, **more: Any) -> None:
    """Print a warning of ours as its sentence, none of the DICOM libraries, and any other as Python does.

    The libraries quote values out of headers, which may name patients; what matters in a header is said by ourselves.
    """
    from thyrosight.errors import ThyroSightWarning

    if issubclass(category, ThyroSightWarning):
        typer.echo(str(message), err=True)
    elif not _OF_DICOM & set(Path(str(place[0] if place else "")).parts) or os.environ.get("THYROSIGHT_DEBUG"):
        _show_other(message, category, *place, **more)


if __name__ == "__main__":
    main()
