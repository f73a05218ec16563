"""`import thyrosight` costs nothing and offers the calls that most work begins with."""

import inspect
import subprocess
import sys

import pytest

import thyrosight

NAMES = ["assess", "load_model", "open_cohort", "run_study", "write_report"]


def python(code: str) -> str:
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout


def test_the_package_alone_imports_no_numerical_library() -> None:
    heavy = "{'numpy', 'pandas', 'pydantic', 'scipy', 'torch'}"
    assert python(f"import sys, thyrosight; print({heavy} & sys.modules.keys(), thyrosight.__version__)") == (
        f"set() {thyrosight.__version__}\n"
    )


@pytest.mark.parametrize("name", NAMES)
def test_each_call_is_offered_and_documented(name: str) -> None:
    call = getattr(thyrosight, name)
    assert callable(call) and call.__name__ == name
    assert call.__doc__ and name in dir(thyrosight) and name in thyrosight.__all__
    signature = inspect.signature(call)
    assert signature.return_annotation is not inspect.Signature.empty
    assert all(one.annotation is not inspect.Parameter.empty for one in signature.parameters.values())


def test_calls_alone_are_names_of_the_package_and_stay_calls_whatever_was_imported() -> None:
    # In a process of its own: here other tests have imported rooms, which Python makes names of the package. Completion
    # shows the calls and the version alone. A module of a call's name would take its place as soon as anything imports
    # it.
    modules = ["thyrosight.studies", "thyrosight.assessing", "thyrosight.cli.predict"]
    code = (
        f"import importlib, thyrosight\nprint(dir(thyrosight))\nfor name in {modules}:\n"
        "    importlib.import_module(name)\n    print(dir(thyrosight))\n"
        f"    print([callable(getattr(thyrosight, name)) for name in {NAMES}])"
    )
    names, calls = f"{['__version__', *NAMES]}\n", f"{[True] * len(NAMES)}\n"
    assert python(code) == names + (names + calls) * len(modules)


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="module 'thyrosight' has no attribute 'asses'"):
        thyrosight.asses  # type: ignore[attr-defined]  # noqa: B018
