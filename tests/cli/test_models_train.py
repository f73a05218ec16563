"""`thyrosight models train`: recipes are shown and mistakes are one line; the training itself is tested in its room."""

from pathlib import Path

import pytest
import yaml

from thyrosight.cli.main import main


def test_a_recipe_is_printed_with_the_settings_laid_over_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    arguments = ["models", "train", "default-risk", "--data", str(tmp_path), "--out", str(tmp_path / "out")]
    with pytest.raises(SystemExit) as done:
        main([*arguments, "--show", "--set", "seed=3"])
    assert done.value.code == 0
    printed = yaml.safe_load(capsys.readouterr().out)
    assert printed["seed"] == 3 and printed["stages"]["tirads"]["seed"] == 3
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("default-finder", [], "The collection tn5000 is missing"),
        ("default-finder", ["--set", "sede=1"], "sede: unknown key; did you mean seed?"),
        ("default-lesion", [], "There is no default model default-lesion; choose default-finder or default-risk."),
    ],
)
def test_mistakes_are_one_sentence_and_exit_with_2(
    name: str, settings: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    arguments = ["models", "train", name, "--data", str(tmp_path), "--out", str(tmp_path / "out"), *settings]
    with pytest.raises(SystemExit) as done:
        main(arguments)
    assert done.value.code == 2
    error = capsys.readouterr().err
    assert said in error and len(error.strip().splitlines()) == 1


def test_the_command_of_the_card_names_no_folder_of_this_machine(tmp_path: Path) -> None:
    from thyrosight.cli.models_train import _command

    command = _command("default-risk", ["seed=1"], tmp_path / "finder", [tmp_path / "a", tmp_path / "b"])
    given = "--finder FINDER --set seed=1 --weights a --weights b"
    assert command == f"thyrosight models train default-risk --data DATA --out OUT {given}"
