"""The command line as a user meets it, in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def run(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "thyrosight", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=cwd, encoding="utf-8")


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom thyrosight.cli.main import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "heavy = {'torch', 'pandas', 'numpy', 'scipy', 'matplotlib', 'pydantic'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    for name in ("cohort", "study", "stats", "predict", "phantom", "models", "info", "demo"):
        assert name in done.stdout
    assert "research use only" in done.stdout.lower()


def test_an_error_is_one_line_with_code_2_and_a_traceback_only_under_debug(tmp_path: Path) -> None:
    words = ("study", "run", "no-such-recipe", "--cohort", str(tmp_path), "--out", str(tmp_path / "out"))
    plain = run(*words)
    assert plain.returncode == 2
    assert plain.stdout == ""
    assert len(plain.stderr.strip().splitlines()) == 1
    assert "no-such-recipe" in plain.stderr
    debug = run("--debug", *words)
    assert debug.returncode != 0
    assert "Traceback" in debug.stderr
    assert not (tmp_path / "out").exists()


def test_a_warning_of_ours_is_one_line() -> None:
    code = (
        "import warnings, thyrosight.cli.main as shell\nfrom thyrosight.errors import ThyroSightWarning\n"
        "both = (ThyroSightWarning, UserWarning)\n"
        "shell.app.command('slow')(lambda: [warnings.warn('Slow.', kind) for kind in both])\n"
        "shell.main(['slow'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.stderr.splitlines()[0] == "Slow."
    assert "UserWarning: Slow." in done.stderr


def test_a_full_disk_is_a_sentence_whatever_met_it() -> None:
    code = (
        "import thyrosight.cli.main as shell\ndef fill(): raise OSError(28, 'No space left on device')\n"
        "shell.app.command('fill')(fill)\nshell.main(['fill'])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 2
    assert done.stderr == (
        "Could not write a file: the disk is full; free some space and run the same command again.\n"
    )


@pytest.mark.parametrize("words", [("study", "rum"), ("study", "run"), ("predict",), ("--nonsense",)])
def test_wrong_usage_exits_with_2(words: tuple[str, ...]) -> None:
    assert run(*words).returncode == 2


def test_info_and_models_as_json() -> None:
    info = json.loads(run("info", "--json").stdout)
    assert info["thyrosight"]
    assert info["precision auto"] in ("32", "bf16")
    assert "torch" in info
    listed = json.loads(run("models", "--json").stdout)
    assert [row["model"] for row in listed["models"]] == ["default-risk", "default-finder"]
    networks = {row["network"]: row for row in listed["networks"]}
    assert {"resnet18", "alexnet", "inception_v3", "vgg16", "efficientnet_lite0"} <= networks.keys()
    assert networks["efficientnet_lite0"]["licence"].startswith("Apache-2.0")


def test_a_shown_recipe_can_be_run_as_an_own_file(tmp_path: Path) -> None:
    shown = run("study", "show", "resnet18-focal", "--set", "training.epochs=7")
    own = tmp_path / "own.yaml"
    own.write_text(shown.stdout, encoding="utf-8")
    again = run("study", "show", str(own))
    assert again.stdout == shown.stdout
    assert "epochs: 7" in again.stdout
