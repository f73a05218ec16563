"""Parts on disk: whole or not at all, and named when they are not."""

from pathlib import Path

import pyarrow as pa
import pytest

from thyrosight.archives.parts import DamagedPartError, read_columns, read_facts, write_part
from thyrosight.archives.worklist import read_items, write_work_list
from thyrosight.errors import OutputError

SCHEMA = pa.schema([("item", pa.int64()), ("image", pa.string())])
ROWS = [{"item": number, "image": f"{number * 7919 % 10007}"} for number in range(5000)]


def test_a_part_comes_back_with_its_facts(tmp_path: Path) -> None:
    path = tmp_path / "part-000000.parquet"
    write_part(path, ROWS, SCHEMA, {"model": "Tiny", "items": 5000})
    assert read_facts(path) == {"model": "Tiny", "items": 5000}
    assert read_columns(path).to_pylist() == ROWS and read_columns(path, ["item"]).column_names == ["item"]
    assert [found.name for found in tmp_path.iterdir()] == [path.name]


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource", reason="limits of file size are those of Unix")
    path = tmp_path / "part-000000.parquet"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(OutputError, match=r"Could not write .*part-000000.parquet: "):
            write_part(path, ROWS, SCHEMA, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no table at all, but long enough", None])
def test_what_is_no_part_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "part-000000.parquet"
    write_part(path, ROWS, SCHEMA, {"digest": "a"})
    path.write_bytes(path.read_bytes()[:-1] if content is None else content)
    for read in (read_facts, read_columns):
        with pytest.raises(DamagedPartError, match="is damaged; delete it and run the same command again"):
            read(path)
    path.unlink()
    with pytest.raises(OutputError, match="cannot be opened"):
        read_facts(path)


def test_a_work_list_is_written_once_and_numbers_all_its_rows(tmp_path: Path) -> None:
    rows = [{"image": f"{number}.png", "given_id": str(number)} for number in range(7)]
    work = write_work_list(rows, tmp_path, part_rows=3, keep=["id"])
    assert (work.rows, [work.rows_of(number) for number in range(3)]) == (7, [3, 3, 1])
    (last,) = read_items(tmp_path, 2, digest=work.digests[2])
    assert (last.number, last.cells["image"], last.cells["given_id"], last.cells["box"]) == (6, "6.png", "6", "")
    stamp = (tmp_path / "part-000001.parquet").stat().st_mtime_ns
    assert write_work_list(rows, tmp_path, part_rows=3, keep=["id"], known=work.digests) == work
    assert (tmp_path / "part-000001.parquet").stat().st_mtime_ns == stamp
    with pytest.raises(OutputError, match="is of another work list"):
        read_items(tmp_path, 1, digest=work.digests[0])
    for other in (rows[:6], [*rows, {"image": "8.png"}], [*rows[:3], {"image": "x"}, *rows[4:]]):
        with pytest.raises(OutputError, match="The work list is another"):
            write_work_list(other, tmp_path, part_rows=3, keep=["id"], known=work.digests)
    with pytest.raises(OutputError, match="The work list is empty"):
        write_work_list([], tmp_path / "none", part_rows=3)
