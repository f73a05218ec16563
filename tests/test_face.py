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


def test_completion_shows_these_calls_and_the_version_alone() -> None:
    # In a process of its own: here other tests have imported rooms, which Python makes names of the package.
    code = "import thyrosight; print(dir(thyrosight)); import thyrosight.studies; print(dir(thyrosight))"
    assert python(code) == f"{['__version__', *NAMES]}\n" * 2


def test_a_call_stays_a_call_whatever_was_imported() -> None:
    # A module of the same name would take the place of a call as soon as anything imports it.
    modules = ["thyrosight.assessing", "thyrosight.cli.predict", "thyrosight.studies"]
    code = (
        f"import importlib, thyrosight\nfor name in {modules}:\n    importlib.import_module(name)\n"
        f"    print([callable(getattr(thyrosight, name)) for name in {NAMES}])"
    )
    assert python(code) == f"{[True] * len(NAMES)}\n" * len(modules)


def test_other_names_are_refused() -> None:
    with pytest.raises(AttributeError, match="module 'thyrosight' has no attribute 'asses'"):
        thyrosight.asses  # type: ignore[attr-defined]  # noqa: B018
