"""`thyrosight serve`: its commands on a data folder, and what it refuses to start with."""

from pathlib import Path

import pytest
from sqlalchemy import text

pytest.importorskip("fastapi", reason="the workstation is not installed: pip install 'thyrosight[server]'")

from thyrosight.cli.main import main
from thyrosight.server.database import Database, append, migrate


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["serve", *words])
    assert isinstance(ended.value.code, int)
    return ended.value.code


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder with three events."""
    folder = tmp_path / "data"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'thyrosight.sqlite'}")
    migrate(database)
    with database.write() as session:
        for number in range(3):
            append(session, who="ana", what="seen", object=f"study {number}")
    database.close()
    return folder


def test_the_audit_trail_is_verified_and_a_changed_row_is_named(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("verify-audit", "--data", str(data)) == 0
    assert "intact: 3 rows" in capsys.readouterr().out
    database = Database(f"sqlite:///{data / 'thyrosight.sqlite'}")
    with database.write() as session:
        session.execute(text("DROP TRIGGER audit_no_update"))
        session.execute(text("UPDATE audit SET who = 'eve' WHERE seq = 2"))
    database.close()
    assert run("verify-audit", "--data", str(data)) == 1
    assert "row 2 was changed" in capsys.readouterr().err


def test_a_backup_comes_back(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "all.tar"
    assert run("backup", str(archive), "--data", str(data)) == 0
    assert run("restore", str(archive), "--data", str(tmp_path / "new")) == 0
    told = capsys.readouterr().out.strip().splitlines()
    assert told[0].split("; ")[-1] == told[1].split("; ")[-1]  # the same end of the audit trail
    assert run("verify-audit", "--data", str(tmp_path / "new")) == 0
    assert run("restore", str(archive), "--data", str(tmp_path / "new")) == 2


def test_a_folder_that_holds_no_workstation_is_left_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["verify-audit"], ["backup", str(tmp_path / "x.tar")]):
        assert run(*command, "--data", str(tmp_path / "none")) == 2
        assert "holds no workstation" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--host", "0.0.0.0"], "unencrypted"),
        (["--prefix", "thyrosight"], "prefix"),
        (["--tls", "none.pem", "none.key"], "no such file"),
        (["--database", "mysql://x/y"], "PostgreSQL"),
        (["--peers", "none.yaml"], "no such file"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(
    tmp_path: Path, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("--data", str(tmp_path / "data"), *words) == 2
    assert sentence in capsys.readouterr().err
