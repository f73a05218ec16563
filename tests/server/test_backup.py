"""Backup and restore, into the same kind of database and into the other."""

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.server.conftest import PASSWORD, Station, Time
from tests.server.pictures import ultrasound
from tests.server.reader_study import design, read_all
from tests.server.test_nodules import nodule_in, opinion
from tests.server.test_reports import drafted, sign
from thyrosight.server.accounts import Passwords
from thyrosight.server.app import create_app
from thyrosight.server.backup import BackupError, back_up, restore
from thyrosight.server.database import Database, head
from thyrosight.server.database.tables import Base
from thyrosight.server.services import open_services
from thyrosight.server.settings import ServerSettings


@pytest.fixture(scope="session")
def archive(station: Station, tmp_path_factory: pytest.TempPathFactory) -> Path:
    image, nodule = nodule_in(station, ultrasound(1, study="70"))
    opinion(station, nodule["id"])
    for _ in range(3):  # each but the first supersedes the one before
        assert sign(station, drafted(station, nodule["study_id"])).status_code == 200
    reading = design(station, cases=2)
    reading.open()
    read_all(reading, reading.readers["R01"])
    path = tmp_path_factory.mktemp("backup") / "all.tar"
    done = back_up(station.services.database, station.services.store, path)
    assert done.files >= 1
    assert image["id"]
    return path


def rows_of(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.engine.connect() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=_alike)
            for table in Base.metadata.sorted_tables
        }


def _alike(row: tuple[object, ...]) -> str:
    """A row as text that does not depend on the order in which the parts of its JSON stand."""
    return json.dumps(row, sort_keys=True, default=repr)


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_a_restored_workstation_is_the_same(
    station: Station, archive: Path, into: str, fresh_url: Callable[[str], str], tmp_path: Path
) -> None:
    url = fresh_url(into)
    database = Database(url)
    done = restore(archive, database, tmp_path / "data")
    with station.services.database.read() as session:
        assert done.head == head(session)
    assert rows_of(database) == rows_of(station.services.database)
    database.close()
    services = open_services(
        ServerSettings(data=tmp_path / "data", database=url),
        clock=Time(station.time()),
        passwords=Passwords(memory_cost=64),
    )
    other = Station(services, station.time, create_app(services), station.portal)
    client = other.browser("clinician", password=PASSWORD)
    for study in client.get("/api/v1/studies").json()["items"]:
        for image in client.get(f"/api/v1/studies/{study['id']}").json()["items"]:
            assert client.get(f"/api/v1/images/{image['id']}/frames/0").status_code == 200
    services.close()


@pytest.mark.parametrize("into", ["sqlite", "postgresql"])
def test_rows_come_back_in_whatever_order_they_were_written(
    archive: Path, into: str, ready_url: Callable[[str], str], tmp_path: Path
) -> None:
    """A report may stand before the one that it supersedes."""
    turned, name = tmp_path / "turned.tar", "tables/reports.jsonl"
    with tarfile.open(archive) as given, tarfile.open(turned, "w") as made:
        contents = {one.name: given.extractfile(one).read() for one in given.getmembers()}  # type: ignore[union-attr]
        lines = contents[name].splitlines(keepends=True)
        assert sum(json.loads(line)["supersedes"] is not None for line in lines) >= 2
        contents[name] = b"".join(reversed(lines))
        manifest = json.loads(contents["manifest.json"])
        manifest["files"][name] = hashlib.sha256(contents[name]).hexdigest()
        contents["manifest.json"] = json.dumps(manifest).encode()
        for own, content in contents.items():
            head_of = tarfile.TarInfo(own)
            head_of.size = len(content)
            made.addfile(head_of, io.BytesIO(content))
    databases = [Database(ready_url(into)) for _ in range(2)]
    for number, (path, database) in enumerate(zip((archive, turned), databases, strict=True)):
        restore(path, database, tmp_path / str(number))
    assert rows_of(databases[0]) == rows_of(databases[1])
    for database in databases:
        database.close()


def test_a_place_that_is_not_empty_is_left_alone(
    station: Station, archive: Path, ready_url: Callable[[str], str], tmp_path: Path
) -> None:
    with pytest.raises(BackupError, match="not empty"):
        restore(archive, station.services.database, tmp_path / "data")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "notes.txt").write_text("x")
    with pytest.raises(BackupError, match="not empty"):
        restore(archive, Database(ready_url("sqlite")), tmp_path / "other")


def test_damaged_and_foreign_archives_are_refused(
    archive: Path, ready_url: Callable[[str], str], tmp_path: Path
) -> None:
    damaged = tmp_path / "damaged.tar"
    content = bytearray(archive.read_bytes())
    place = content.find(b'"password"')
    content[place + 1 : place + 9] = b"passwort"
    damaged.write_bytes(content)
    foreign = tmp_path / "foreign.tar"
    with tarfile.open(foreign, "w") as made:
        made.add(__file__, "manifest.json")
    short = tmp_path / "short.tar"
    short.write_bytes(archive.read_bytes()[:2000])
    for number, path in enumerate((damaged, foreign, short, Path(__file__))):
        with pytest.raises(BackupError):
            restore(path, Database(ready_url("sqlite")), tmp_path / str(number))


def test_a_backup_is_whole_or_not_there(station: Station, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(tmp_path / "x.tar"))

    monkeypatch.setattr(tarfile.TarFile, "addfile", full)
    with pytest.raises(Exception, match="disk is full"):
        back_up(station.services.database, station.services.store, tmp_path / "x.tar")
    assert not list(tmp_path.iterdir())
    shutil.rmtree(tmp_path)
