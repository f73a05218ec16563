"""The guide "How to add a study" is a whole kind that runs."""

import re
import sys
from pathlib import Path

import pytest

from thyrosight.documents import Measure
from thyrosight.phantoms import make_phantom_cohort
from thyrosight.reports import write_report
from thyrosight.studies import KINDS, Result, load_result

GUIDE = Path(__file__).parents[2] / "docs" / "how-to" / "add-a-study.md"
SETTINGS = (
    "preparation.size=32",
    "split.repeats=2",
    "training.epochs=1",
    "training.precision=32",
    "evaluation.bootstrap=200",
    "repeats=2",
)


def files() -> dict[str, str]:
    """The blocks of code of the guide, by the file name in their first line."""
    blocks = re.findall(r"```(?:python|yaml)\n# (\S+)\n(.*?)```", GUIDE.read_text(encoding="utf-8"), flags=re.DOTALL)
    return dict(blocks)


def test_a_kind_needs_fewer_than_400_lines() -> None:
    kind = [text for name, text in files().items() if name.startswith("seeds/")]
    assert len(kind) == 3
    assert sum(text.count("\n") for text in kind) < 400


def test_the_guide_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in files().items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    make_phantom_cohort(tmp_path / "phantoms", n=50, seed=5)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(KINDS, "comparison", KINDS["comparison"])  # whatever the guide adds goes again
    exec(compile(files()["register.py"], "register.py", "exec"), {})
    try:
        found: dict[str, object] = {"SETTINGS": SETTINGS}
        exec(compile(files()["use.py"], "use.py", "exec"), found)
    finally:
        KINDS.pop("seeds")
        for name in [name for name in sys.modules if name.split(".")[0] == "seeds"]:
            del sys.modules[name]
    result = found["result"]
    assert isinstance(result, Result)
    assert load_result(tmp_path / "out") == result
    areas = [row["auc"] for row in result.table("seeds").rows]
    assert all(isinstance(area, Measure) and area.value is not None for area in areas)
    assert areas[0] != areas[1]
    assert re.search(
        r"trained 2 times on the same divisions, had mean AUCs from 0\.\d\d to", result.document.key_result
    )
    assert len(result.table("trials").rows) == 4
    assert (tmp_path / "out" / "model" / "bundle.json").exists()
    assert "One network from several seeds" in write_report(result, tmp_path / "out").read_text(encoding="utf-8")
