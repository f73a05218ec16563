"""Exports of three hospitals, made of phantoms: what they hold is known, and what is read of them is scored."""

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

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
    """The exports of 90 pictures; no pixel matters here."""
    folder = tmp_path_factory.mktemp("hospitals")
    for label in ("benign", "malignant"):
        (folder / "images" / label).mkdir(parents=True)
        for place in range(45):
            (folder / "images" / label / f"{label}{place}.png").write_bytes(f"{label} {place}".encode())
    exports.write_exports(folder / "exports", exports.find_pictures(folder / "images", 90))
    return folder / "exports"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_truth_knows_every_image_once(made: Path, language: str) -> None:
    truth = json.loads((made / f"{language}-truth.json").read_text(encoding="utf-8"))
    named = [one["image"] for one in truth["rows"] + truth["excluded"]] + truth["no_row"]
    there = [path.relative_to(made / language).as_posix() for path in (made / language).rglob("*.*") if path.is_file()]
    assert sorted(named) == sorted(name for name in there if not name.endswith((".xls", ".xlsx")))
    assert len(named) == len(set(named)) == 90
    assert {row["label"] for row in truth["rows"]} == {"benign", "malignant"}
    assert {row["label_source"] for row in truth["rows"]} == {"pathology", "cytology"}
    for row in truth["rows"]:
        assert (made / language / row["image"]).read_text(encoding="utf-8").startswith(row["label"])
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
