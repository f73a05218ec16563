"""Progress in images: parts are done when their file is there, seen before or not."""

from pathlib import Path

from thyrosight.archives.watching import Images


def test_parts_count_when_they_are_written(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    sizes = {"part-000001": 10, "part-000002": 10, "part-000003": 4}
    watch = Images(lambda _, done, total: seen.append((done, total)), tmp_path, sizes, 34)
    watch("part-000001, assessing", 5, 10)
    watch("part-000001, assessing", 20, 20)  # frames of loops; assessed, and not yet written
    (tmp_path / "part-000002.parquet").touch()  # so quick that nobody saw it at work
    watch("Trials", 1, 3)
    (tmp_path / "part-000001.parquet").touch()
    watch("part-000001, assessing", 0, 0)
    watch("part-000003, starting", 0, 0)
    watch.look()
    assert seen == [(10, 34), (15, 34), (19, 34), (29, 34), (30, 34)]
