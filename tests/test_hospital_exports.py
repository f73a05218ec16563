"""From a hospital's spreadsheet to a manuscript: exports whose truth is known, mapped, planned, run and exported."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

import numpy as np
import pytest
from PIL import Image

from tests.quick_figures import quick_figures
from thyrosight.cli.main import main

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
LANGUAGES = ("german", "spanish", "chinese")


@pytest.fixture(scope="module")
def exports() -> ModuleType:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        return importlib.import_module("hospital_exports")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def made(exports: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exports of 90 pictures of speckle, in which malignant nodules are darker."""
    folder = tmp_path_factory.mktemp("hospitals")
    for label in ("benign", "malignant"):
        (folder / "images" / label).mkdir(parents=True)
        for place in range(45):
            random = np.random.default_rng([place, label == "malignant"])
            speckle = random.rayleigh(60, (14, 18)).repeat(6, axis=0).repeat(6, axis=1)
            speckle[20:60, 30:80] *= 0.8 if label == "benign" else 0.4
            picture = np.clip(speckle, 0, 255).astype(np.uint8)
            Image.fromarray(picture).save(folder / "images" / label / f"{label}-{place}.png")
    exports.write_exports(folder / "exports", exports.find_pictures(folder / "images", 90))
    return folder / "exports"


def run(*words: str | Path) -> int:
    """A command of ThyroSight, in this process."""
    try:
        return int(main([str(word) for word in words]) or 0)
    except SystemExit as stop:
        return int(stop.code or 0)


@pytest.fixture(scope="module")
def mapped(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cohort of each export, as the first command proposes it."""
    folder = tmp_path_factory.mktemp("mapped")
    for language in LANGUAGES:
        (table,) = (made / language).glob("*.xls*")
        assert run("cohort", "map", table, "--yes", "--out", folder / language) == 0
    return folder


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_truth_knows_every_image_once(made: Path, language: str) -> None:
    truth = json.loads((made / f"{language}-truth.json").read_text(encoding="utf-8"))
    named = [one["image"] for one in truth["rows"] + truth["excluded"]] + truth["no_row"]
    there = [path.relative_to(made / language).as_posix() for path in (made / language).rglob("*.*") if path.is_file()]
    assert sorted(named) == sorted(name for name in there if not name.endswith((".xls", ".xlsx")))
    assert len(named) == len(set(named)) == 90
    assert {row["label"] for row in truth["rows"]} == {"benign", "malignant"}
    assert {row["label_source"] for row in truth["rows"]} == {"pathology", "cytology"}
    assert len(truth["no_row"]) == 3 and truth["no_image"] and truth["personal"]


def test_the_score_counts_what_is_wrong(exports: ModuleType, made: Path, tmp_path: Path) -> None:
    truth = json.loads((made / "german-truth.json").read_text(encoding="utf-8"))
    rows = truth["rows"]

    def line(row: dict[str, str], **changes: str) -> str:
        new = row | changes
        where = (made / "german" / row["image"]).as_posix()
        return f"{where},{new['patient']},{new['label']},{new['label_source']},{new['size_mm']},{new['sex']}"

    def scored(*lines: str, note: str = "") -> str:
        head = "image,patient_id,label,label_source,size_mm,sex"
        (tmp_path / "cohort.csv").write_text("\n".join([head, *lines, note]), encoding="utf-8")
        return str(exports.score(made / "german", tmp_path))

    n, patients = len(rows), len({row["patient"] for row in rows})
    perfect = scored(*map(line, rows))
    assert perfect == (
        f"rows {n} of {n}, labels {n}, label sources {n}, sizes {n}, sexes {n}, patients {patients} of {patients}, "
        "wrong 0, persons in the output 0"
    )
    other = {"benign": "malignant", "malignant": "benign"}[rows[0]["label"]]
    assert f"is {rows[0]['label']}, not {other}" in scored(line(rows[0], label=other), *map(line, rows[1:]))
    ids = sorted({row["patient"] for row in rows})
    merged = {ids[1]: ids[0]}
    assert f"patients {patients - 2} of {patients}" in scored(
        *(line(row, patient=merged.get(row["patient"], row["patient"])) for row in rows)
    )
    torn = [line(row, patient=f"x{place}" if row is rows[-1] else row["patient"]) for place, row in enumerate(rows)]
    assert ("stands as" in scored(*torn)) == (sum(row["patient"] == rows[-1]["patient"] for row in rows) > 1)
    unsure = {**rows[0], "image": truth["excluded"][0]["image"]}
    assert "has the label" in scored(*map(line, rows), line(unsure))
    assert f"rows {n - 1} of {n}" in scored(*map(line, rows[1:]))
    assert f"person: {truth['personal'][1]}" in scored(*map(line, rows), note=f",{truth['personal'][1]},,,")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mapping_is_whole_and_nothing_in_it_is_wrong(
    exports: ModuleType, made: Path, mapped: Path, language: str
) -> None:
    found = exports.score(made / language, mapped / language)
    assert (found.wrong, found.persons) == ((), ())
    assert found.rows == found.labels == found.sources == found.sizes == found.sexes == found.expected
    assert found.whole == found.patients


@pytest.mark.filterwarnings("ignore")
def test_from_a_spanish_workbook_to_a_manuscript_in_four_commands(made: Path, mapped: Path, tmp_path: Path) -> None:
    truth = json.loads((made / "spanish-truth.json").read_text(encoding="utf-8"))
    cohort, plan, study, paper = mapped / "spanish", tmp_path / "plan", tmp_path / "run", tmp_path / "paper"
    small = ["split.repeats=1", "preparation.size=32", "training.epochs=1", "evaluation.bootstrap=200",
             "networks=[tiny]", "explain.images=4"]  # fmt: skip
    settings = [word for setting in small for word in ("--set", setting)]
    assert run("study", "plan", "demo", "--cohort", cohort, "--out", plan, *settings) == 0
    assert run("study", "run", "demo", "--cohort", cohort, "--out", study, *settings) == 0
    with quick_figures():
        assert run("study", "export", study, "--to", paper) == 0
    word = paper / "manuscript.docx"
    with ZipFile(word) as file:
        text = file.read("word/document.xml").decode("utf-8")
    assert f"{len(truth['rows'])} images" in text
    assert list(paper.rglob("*.pdf")) and list(paper.rglob("*.tex"))
    readable = [path for path in (*paper.rglob("*"), *plan.rglob("*"), *study.glob("*")) if path.is_file()]
    for path in readable:
        content = path.read_bytes()
        for person in truth["personal"]:
            assert person.encode() not in content, f"{person} stands in {path.name}"
