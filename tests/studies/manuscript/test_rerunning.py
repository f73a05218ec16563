"""A study computed again: the same figures, or a sentence on what is not as it was."""

import json
import shutil
from pathlib import Path

import pytest

from thyrosight.documents import Measure
from thyrosight.errors import CohortError
from thyrosight.reports.manuscript import Export
from thyrosight.studies import Result
from thyrosight.studies.manuscript.reproduction import check_files, reproduction_folder
from thyrosight.studies.manuscript.rerunning import CLOSE, GONE, OTHER, SAME, compared, rerun


@pytest.fixture
def home(exported: Export, tmp_path: Path) -> Path:
    """A copy of the reproduction folder that may be damaged."""
    shutil.copytree(exported.folder / "reproduction", tmp_path / "reproduction")
    return tmp_path / "reproduction"


def test_the_same_comes_out(home: Path, study: tuple[Result, Path], tmp_path: Path) -> None:
    """The trials are those of the study itself, so that nothing is trained: reading and judging are done again."""
    shutil.copytree(study[1], tmp_path / "again")
    found = rerun(home.parent, out=tmp_path / "again")
    assert found.agrees
    assert {item.verdict for item in found.figures} == {SAME}
    assert found.same_predictions == found.predictions == 4
    assert "came out identical" in found.words()
    names = set(study[0].document.names())
    assert {item.table for item in found.figures} <= names
    assert "means" in {item.table for item in found.figures}
    lines = (tmp_path / "again" / "comparison.csv").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 1 + len(found.figures)


def test_figures_are_told_apart(study: tuple[Result, Path]) -> None:
    """A figure beyond the tolerance, one within, and one that is gone."""
    result = study[0]
    means = result.table("means")

    def changed(by: float) -> Result:
        first = means.rows[0]
        area = first["auc"]
        assert isinstance(area, Measure)
        assert area.value is not None
        other = area.model_copy(update={"value": area.value + by})
        table = means.model_copy(update={"rows": ({**first, "auc": other}, *means.rows[1:])})
        document = result.document.model_copy(update={"sections": (), "more": (table,)})
        return result.model_copy(update={"document": document})

    for by, verdict in ((0.0, SAME), (0.01, CLOSE), (0.05, OTHER)):
        figures = list(compared(result, changed(by), tolerance=0.02))
        told = {(item.table, item.row, item.column): item.verdict for item in figures}
        assert told["means", 1, "auc"] == verdict
        assert told["means", 1, "auc_low"] == SAME
        assert told["pooled", 1, "auc"] == GONE
    assert not any(item.column.startswith(("seconds", "time", "machine")) for item in figures)


def test_what_was_changed_is_named(home: Path, phantoms: Path, tmp_path: Path) -> None:
    predictions = next((home / "trials").rglob("predictions.csv"))
    whole = predictions.read_bytes()
    predictions.write_bytes(whole.replace(b"0.", b"0.1", 1))
    with pytest.raises(CohortError, match=r"predictions\.csv was changed since the export"):
        rerun(home)
    predictions.unlink()
    with pytest.raises(CohortError, match=r"predictions\.csv is missing"):
        check_files(home)
    predictions.write_bytes(whole)
    cohort = tmp_path / "cohort"
    shutil.copytree(phantoms.parent, cohort)
    image = next((cohort / "images").iterdir())
    image.write_bytes(next(path for path in (cohort / "images").iterdir() if path != image).read_bytes())
    with pytest.raises(CohortError, match=rf"The image {image.stem} .*its bytes differ"):
        rerun(home, cohort=cohort, out=tmp_path / "again")
    table = (cohort / "cohort.csv").read_text(encoding="utf-8").splitlines()
    (cohort / "cohort.csv").write_text("\n".join(table[:-1]), encoding="utf-8")
    with pytest.raises(CohortError, match=r"lacks the image|its bytes differ"):
        rerun(home, cohort=cohort, out=tmp_path / "again")
    assert not (tmp_path / "again").exists(), "nothing was run"


def test_a_cohort_that_is_gone_is_asked_for(home: Path, tmp_path: Path) -> None:
    hashes = json.loads((home / "hashes.json").read_text(encoding="utf-8"))
    for source, sentence in (("", "name it with --cohort"), (str(tmp_path / "gone"), "say with --cohort")):
        (home / "hashes.json").write_text(json.dumps({**hashes, "source": source}), encoding="utf-8")
        with pytest.raises(CohortError, match=sentence):
            rerun(home)
    for damage in ("{", "[]", json.dumps({**hashes, "format": 99})):
        (home / "hashes.json").write_text(damage, encoding="utf-8")
        with pytest.raises(CohortError, match=r"hashes\.json cannot be read"):
            check_files(home)
    with pytest.raises(CohortError, match="is no reproduction folder"):
        reproduction_folder(tmp_path / "elsewhere")
