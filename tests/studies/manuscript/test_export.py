"""The export of a study: what Word and LaTeX hold is what the tables hold, and figures are as journals take them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from PIL import Image

from tests.studies.reading import assert_latex_holds, assert_manuscript, assert_word_holds, composed
from thyrosight.documents.manuscript import typeset
from thyrosight.errors import CohortError, OutputError
from thyrosight.reports.manuscript import Export, export_study
from thyrosight.studies import Result


def test_the_text_says_what_the_tables_say(study: tuple[Result, Path]) -> None:
    main = assert_manuscript(*study, headings=("Cohort", "Performance"))
    assert [table.name for table in main.tables] == ["cohort", "means", "comparisons", "pooled"]
    area = study[0].table("means").rows[0]["auc"]
    texts = " ".join(main.texts())
    assert f"{area.value:.3f} (95 % CI, {area.low:.3f}" in texts
    for limitation in study[0].document.limitations:
        assert limitation in texts


def test_word_holds_every_cell(exported: Export, study: tuple[Result, Path]) -> None:
    main, supplement = composed(*study)
    word = assert_word_holds(main, exported.folder / "manuscript.docx")
    assert_word_holds(supplement, exported.folder / "supplement.docx")
    for grid in word.tables:
        assert grid.rows[0]._tr.find(f".//{qn('w:tblHeader')}") is not None, "the header repeats on every page"
    assert {part.orientation for part in word.sections} == {WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE}
    for part in word.sections:
        room = part.page_width - part.left_margin - part.right_margin
        assert room > 0
    fields = re.findall(
        r" (SEQ \w+|REF \w+|PAGE)", "".join(item.text or "" for item in word.element.iter(qn("w:instrText")))
    )
    assert fields.count("SEQ Table") == len(main.tables)
    assert fields.count("SEQ Figure") == len(main.figures)
    assert word.sections[0].footer.paragraphs[0].text == "Page 1"
    marks = {item.get(qn("w:name")) for item in word.element.iter(qn("w:bookmarkStart"))}
    assert {field.split()[1] for field in fields if field.startswith("REF")} <= marks
    pictures = [item.get("descr") for item in word.element.iter(qn("wp:docPr"))]
    assert pictures == [figure.caption for figure in main.figures], "each picture is described"


def test_latex_holds_every_number(exported: Export, study: tuple[Result, Path]) -> None:
    for paper, name in zip(composed(*study), ("manuscript", "supplement"), strict=True):
        source = (exported.folder / "latex" / f"{name}.tex").read_text(encoding="utf-8")
        assert_latex_holds(paper, source)
        assert set(re.findall(r"\\ref\{([^}]+)\}", source)) <= set(re.findall(r"\\label\{([^}]+)\}", source))
        cited = {key for keys in re.findall(r"\\cite\{([^}]+)\}", source) for key in keys.split(",")}
        assert cited == set(re.findall(r"\\bibitem\{([^}]+)\}", source))
        for file in re.findall(r"\\includegraphics\[[^]]*\]\{([^}]+)\}", source):
            assert (exported.folder / "figures" / file).is_file()


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no pdflatex on this machine")
@pytest.mark.parametrize("name", ["manuscript", "supplement"])
def test_latex_compiles_and_keeps_to_the_page(exported: Export, name: str, tmp_path: Path) -> None:
    shutil.copytree(exported.folder / "latex", tmp_path / "latex")
    (tmp_path / "figures").symlink_to(exported.folder / "figures")
    for _ in range(2):
        done = subprocess.run(
            ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"],
            cwd=tmp_path / "latex", capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout[-2000:]
    log = (tmp_path / "latex" / f"{name}.log").read_text(encoding="latin-1")
    assert "undefined" not in log
    assert not re.search(r"Overfull \\hbox \(\d{2,}", log), "nothing leaves the page by 10 points or more"


def test_figures_are_as_journals_take_them(exported: Export, study: tuple[Result, Path]) -> None:
    main, supplement = composed(*study)
    tiffs = sorted((exported.folder / "figures").glob("*.tiff"))
    assert len(tiffs) == len(main.figures) + len(supplement.figures)
    for path in tiffs:
        with Image.open(path) as image:
            assert tuple(map(round, image.info["dpi"])) == (300, 300)
            width = image.width / 300 * 25.4
            assert image.height / 300 * 25.4 < 240
        assert any(abs(width - wanted) < 0.2 for wanted in (88, 180)), path.name
        assert path.with_suffix(".pdf").is_file()
        assert path.with_suffix(".svg").is_file()


def test_what_only_authors_know_is_marked_and_listed(exported: Export) -> None:
    readme = (exported.folder / "README.md").read_text(encoding="utf-8")
    assert any("ethics" in gap for gap in exported.gaps)
    assert all(f"- {gap}" in readme for gap in exported.gaps)


def test_nothing_is_written_over(exported: Export, study: tuple[Result, Path]) -> None:
    before = exported.manuscript.read_bytes()
    with pytest.raises(OutputError, match="already holds something"):
        export_study(study[1], exported.folder)
    assert exported.manuscript.read_bytes() == before


def test_a_run_that_is_unfinished_or_damaged_is_named(study: tuple[Result, Path], tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="holds no finished study"):
        export_study(tmp_path, tmp_path / "paper")
    run = tmp_path / "run"
    shutil.copytree(study[1], run, ignore=shutil.ignore_patterns("cache", "model"))
    for name, change in (("results.json", "{"), ("cohort.csv", "key\n")):
        whole = (run / name).read_text(encoding="utf-8")
        (run / name).write_text(change, encoding="utf-8")
        with pytest.raises(CohortError, match=name):
            export_study(run, tmp_path / "paper")
        (run / name).write_text(whole, encoding="utf-8")
    (run / "splits.json").unlink()
    with pytest.raises(CohortError, match=r"splits\.json is missing"):
        export_study(run, tmp_path / "paper")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run"], "nothing half-written is left"


def test_the_dictionary_describes_every_column(exported: Export, study: tuple[Result, Path]) -> None:
    import pandas as pd

    rows = pd.read_csv(exported.folder / "data-dictionary.csv", keep_default_na=False)
    header = (study[1] / "cohort.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert list(rows["column"]) == header
    own = rows.set_index("column")
    assert own.loc["label", "values"] == f"“benign” ({study[0].facts.benign}), “malignant” ({study[0].facts.malignant})"
    assert own.loc["size_mm", "unit"] == "mm"
    assert set(rows["missing_of"].astype(int)) == {study[0].facts.images}


def test_hashes_name_every_file(exported: Export) -> None:
    home = exported.folder / "reproduction"
    hashes = json.loads((home / "hashes.json").read_text(encoding="utf-8"))
    there = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert set(hashes["files"]) == there - {"hashes.json"}
    assert len([name for name in hashes["images"] if "(" not in name]) == 60


def test_numbers_are_not_torn_from_their_units() -> None:
    assert typeset("P < 0.001, n = 91, 95 % CI, -0.150") == (
        "P\N{NO-BREAK SPACE}<\N{NO-BREAK SPACE}0.001, n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}91, "
        "95\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}CI, \N{MINUS SIGN}0.150"
    )
