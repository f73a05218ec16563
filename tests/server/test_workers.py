"""The processes of the models when the server is killed, and their jobs afterwards."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.server.conftest import Station
from tests.server.judging import stand_in
from tests.server.pictures import ultrasound
from tests.server.test_nodules import nodule_in, opinion
from thyrosight.server.clock import utc_now
from thyrosight.server.database import Database, migrate
from thyrosight.server.database.tables import Job, StoredAssessment
from thyrosight.server.jobs import ModelTasks, claim, enqueue
from thyrosight.server.jobs.queue import LEASE, Claimed
from thyrosight.server.settings import ServerSettings

_ROOT = Path(__file__).parents[2]


class KilledError(BaseException):
    """End of a process, so that nothing of it goes on."""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no kill -9")
def test_a_process_ends_with_the_server_that_is_killed_and_another_takes_its_job(tmp_path: Path) -> None:
    database = Database(ServerSettings(tmp_path).url)
    migrate(database)
    with database.write() as session:
        job = enqueue(session, "find", {}, user_id=None, now=utc_now()).id
    command = [sys.executable, "-m", "tests.server.workers_at_work", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    assert server.stdout is not None
    assert server.stdout.readline() == "working\n"
    server.kill()
    # The process of the model holds the other end of this pipe: it is closed once that process is gone too.
    said, _ = server.communicate(timeout=30)
    assert said == ""

    assert claim(database, ["find"], now=utc_now()) is None  # its lease has not run out
    other = claim(database, ["find"], now=utc_now() + LEASE + timedelta(seconds=1))
    assert other is not None
    assert other.id == job
    database.close()


def test_a_job_whose_process_died_is_judged_by_another_and_stored_once(station: Station) -> None:
    _, nodule = nodule_in(station, ultrasound(1, study="4711"))
    assert opinion(station, nodule["id"]).status_code == 201
    services, seen = station.services, []

    def dies(job: Claimed) -> None:
        seen.append(job.id)
        raise KilledError

    def tasks() -> ModelTasks:
        return ModelTasks(services.database, services.store, services.models, services.clock)

    with stand_in():
        with pytest.raises(KilledError):
            tasks().work(begin=dies)
        assert not tasks().work()
        station.time.pass_by(seconds=LEASE.total_seconds() + 1)
        assert tasks().work(begin=lambda job: seen.append(job.id))
        assert not tasks().work()
    assert seen[0] == seen[1]
    with services.database.read() as session:
        assert session.get_one(Job, seen[0]).attempts == 2
        rows = session.scalars(select(StoredAssessment)).all()
        assert [row.state for row in rows if str(row.nodule_id) == nodule["id"]] == ["done"]
