"""Reader studies of every design beside benchmarks/reader_study.R, which works them out by another route."""

import math
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from thyrosight.statistics import compare_readers

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "reader_study.R"
Places = npt.NDArray[np.int64]
Kept = Callable[[Places, Places, Places], npt.NDArray[np.bool_]]
TRIPLES = ("012", "013", "024", "035", "045", "125", "134", "145", "234", "235")
DESIGNS: dict[str, tuple[str, int, int, int, Kept]] = {
    "all": ("factorial", 2, 4, 40, lambda t, r, c: t >= 0),
    "one arm": ("factorial", 1, 4, 40, lambda t, r, c: t >= 0),
    "own cases": ("cases nested in readers", 2, 4, 120, lambda t, r, c: r == c // 2 % 4),
    "cases of each test": ("cases nested in tests", 2, 4, 80, lambda t, r, c: t == c // 2 % 2),
    "readers of each test": ("readers nested in tests", 2, 7, 40, lambda t, r, c: (r < 4) == (t == 0)),
    "two blocks": ("split-plot: readers and cases in blocks", 2, 5, 80, lambda t, r, c: r % 2 == c // 2 % 2),
    "some missing": (
        "unbalanced: readers read parts of the cases", 2, 4, 60, lambda t, r, c: (t + 2 * r + 3 * (c // 2)) % 5 > 0
    ),
    "balanced incomplete blocks": (
        "unbalanced: readers read parts of the cases", 2, 6, 80,
        lambda t, r, c: np.array([str(one) in TRIPLES[case // 2 % 10] for one, case in zip(r, c, strict=True)]),
    ),
}  # fmt: skip
"""Design as it is named, numbers of tests, readers and cases, and which readings there are."""


def _study(name: str) -> dict[str, npt.NDArray[np.generic]]:
    _, tests, readers, cases, kept = DESIGNS[name]
    rng = np.random.default_rng(8)
    t, r, c = (one.ravel() for one in np.indices((tests, readers, cases)))
    truth = c % 2
    rating = truth + 0.3 * t * truth + rng.normal(size=cases)[c] + 0.3 * rng.normal(size=readers)[r] * truth
    rating = np.round(2 * (rating + rng.normal(size=c.size)))
    there = kept(t, r, c)
    columns = {"test": t, "reader": r, "case": c, "truth": truth, "rating": rating}
    return {name: column[there] for name, column in columns.items()}


def _told(study: dict[str, npt.NDArray[np.generic]], path: Path) -> dict[tuple[str, str], list[float]]:
    """Results of R, by kind of reader and quantity."""
    cases = dict(zip(study["case"].tolist(), study["truth"].tolist(), strict=True))
    rows = ["readerID,caseID,modalityID,score", *(f"truth,c{case},truth,{label}" for case, label in cases.items())]
    read = zip(*(study[name].tolist() for name in ("reader", "case", "test", "rating")), strict=True)
    rows += [f"r{reader},c{case},t{test},{rating}" for reader, case, test, rating in read]
    path.write_text("\n".join(rows), encoding="utf-8")
    lines = subprocess.run(["Rscript", SCRIPT, path], check=True, capture_output=True, text=True).stdout.splitlines()
    words = [line.split() for line in lines if not line.startswith("arms")]
    return {(one[0], one[1]): [math.inf if word == "Inf" else float(word) for word in one[2:]] for one in words}


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="there is no R on this machine")
@pytest.mark.parametrize("name", DESIGNS)
def test_another_program_finds_the_same(name: str, tmp_path: Path) -> None:
    study = _study(name)
    told = _told(study, tmp_path / "imrmc.csv")
    for kind in ("random", "fixed"):
        found = compare_readers(
            study, test="test", reader="reader", case="case", truth="truth", rating="rating", readers=kind,
            missing="analyse",
        )  # fmt: skip
        assert found.design == DESIGNS[name][0]
        for test, mean in zip(found.tests, found.test_estimates, strict=True):
            assert [mean.value, mean.se] == pytest.approx(told[kind, f"t{test}"][:2], abs=1e-10)
        if not found.differences:
            continue
        value, error, freedom, p = told[kind, "difference"]
        apart = found.differences[0]
        assert [-apart.estimate.value, apart.estimate.se, apart.p] == pytest.approx([value, error, p], abs=1e-10)
        assert apart.df == pytest.approx(freedom, rel=1e-9)
