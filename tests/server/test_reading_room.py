"""The reading room: orders, drafts, locks, the reveal, washout and pauses."""

from tests.server.conftest import Station
from tests.server.reader_study import design, following, read_all


def test_a_study_is_read_from_the_first_case_to_the_last(station: Station) -> None:
    study = design(station, cases=4, readers=2, practice=1)
    study.open()
    client = study.readers["R01"]
    room = client.get("/api/v1/reading").json()
    assert [(one["id"], one["state"], one["locked"], one["total"]) for one in room] == [(study.id, "open", 0, 5)]
    read = read_all(study, client)
    assert [one["number"] for one in read] == [1, 2, 3, 4, 5]
    assert [one["practice"] for one in read] == [True, False, False, False, False]
    ended = following(study, client)
    assert (ended["state"], ended["locked"], ended["total"]) == ("ended", 5, 5)
    progress = study.get("/progress")
    assert (progress["locked"], progress["total"]) == (5, 10)
