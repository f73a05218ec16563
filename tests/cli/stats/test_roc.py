"""The statistics commands as a user types them: numbers, formats, figures, and one clear sentence for each mistake."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from thyrosight.cli.stats import app
from thyrosight.errors import OutputError, StatisticsError, ThyroSightError
from thyrosight.statistics import auc, compare_auc

TRUTH = [0, 0, 1, 0, 1, 1, 0, 1]
SCORE = [0.1, 0.2, 0.3, 0.6, 0.7, 0.9, 0.25, 0.8]
OTHER = [0.2, 0.3, 0.1, 0.5, 0.6, 0.4, 0.7, 0.9]
PATIENTS = ["p1", "p1", "p2", "p3", "p3", "p4", "p5", "p6"]


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "scores.csv"
    rows = zip(PATIENTS, TRUTH, SCORE, OTHER, strict=True)
    lines = ["patient_id,label,score,other"]
    lines += [f"{p},{'malignant' if t else 'benign'},{s},{o}" for p, t, s, o in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def _run(*words: object) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _refusal(*words: object) -> str:
    """The sentence of the error that the command ends with."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert isinstance(result.exception, ThyroSightError), result.output
    return str(result.exception)


def test_auc_keeps_patients_together_and_says_so(table: Path) -> None:
    answer = json.loads(_run("roc", table, "--format", "json"))
    expected = auc(TRUTH, SCORE, cluster=PATIENTS)
    assert answer["result"]["score"]["value"] == expected.value
    assert answer["result"]["score"]["low"] == expected.low
    assert answer["result"]["score"]["clusters"] == 6
    assert any("patient_id" in note for note in answer["notes"])
    assert any("malignant was taken as positive" in note for note in answer["notes"])


def test_auc_of_independent_rows_on_request(table: Path) -> None:
    answer = json.loads(_run("roc", table, "--cluster", "none", "--score", "other", "--format", "json"))
    assert answer["result"]["other"]["low"] == auc(TRUTH, OTHER).low


def test_text_is_for_reading(table: Path) -> None:
    text = _run("roc", table)
    assert "Area under the ROC curve (95 % intervals)" in text
    assert f"{auc(TRUTH, SCORE).value:.3f}" in text
    assert "Rows of one patient_id were kept together" in text


def test_compare_auc(table: Path) -> None:
    header, *lines = table.read_text(encoding="utf-8").splitlines()
    patients = [f"{copy}{name}" for copy in "abcd" for name in PATIENTS]  # enough to be tested
    table.write_text("\n".join([header, *(f"{copy}{line}" for copy in "abcd" for line in lines)]), encoding="utf-8")
    rows = list(
        csv.DictReader(io.StringIO(_run("compare", table, "--score", "score", "--score", "other", "--format", "csv")))
    )
    expected = compare_auc(TRUTH * 4, SCORE * 4, OTHER * 4, cluster=patients)
    (row,) = [row for row in rows if row["quantity"] == "score - other"]
    assert float(row["value"]) == expected.difference
    assert float(row["p"]) == expected.p


def test_format_follows_the_suffix_and_figures_are_drawn(table: Path, tmp_path: Path) -> None:
    _run("roc", table, "--out", tmp_path / "a.json", "--figure", tmp_path / "a.svg")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))["analysis"] == "roc"
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").lstrip().startswith("<?xml")
    _run("roc", table, "--out", tmp_path / "a.tex")
    assert r"\toprule" in (tmp_path / "a.tex").read_text(encoding="utf-8")


def test_a_wrong_figure_leaves_nothing_behind(table: Path, tmp_path: Path) -> None:
    said = _refusal("roc", table, "--out", tmp_path / "a.csv", "--figure", tmp_path / "a.docx")
    assert "not as 'a.docx'" in said
    assert [path.name for path in tmp_path.iterdir()] == ["scores.csv"]


def test_semicolons_and_decimal_commas(tmp_path: Path) -> None:
    path = tmp_path / "deutsch.csv"
    rows = [f"{t};{str(s).replace('.', ',')}" for t, s in zip(TRUTH, SCORE, strict=True)]
    path.write_bytes(("Diagnosis;Score\r\n" + "\r\n".join(rows)).encode("cp1252"))
    answer = json.loads(_run("roc", path, "--format", "json"))
    assert answer["result"]["Score"]["value"] == auc(TRUTH, SCORE).value


def test_a_byte_order_mark_and_tabs(tmp_path: Path) -> None:
    path = tmp_path / "excel.txt"
    rows = [f"{t}\t{s}" for t, s in zip(TRUTH, SCORE, strict=True)]
    path.write_text("truth\tscore\n" + "\n".join(rows), encoding="utf-8-sig")
    assert f"{auc(TRUTH, SCORE).value:.3f}" in _run("roc", path)


def test_thousands_are_not_taken_for_decimals(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('truth,score\n0,"1,234"\n1,2\n', encoding="utf-8")
    assert "row 2: 'score' should be a number, got '1,234'" in _refusal("roc", path)


def test_missing_cells_are_refused_or_counted(table: Path) -> None:
    text = table.read_text(encoding="utf-8").replace("p4,malignant,0.9", "p4,malignant,")
    table.write_text(text, encoding="utf-8")
    said = _refusal("roc", table)
    assert "row 7: 'score' is empty (in 1 rows)" in said and "--drop-missing" in said
    answer = json.loads(_run("roc", table, "--drop-missing", "--format", "json"))
    assert (answer["excluded_rows"], answer["rows"]) == (1, 7)
    kept = [i for i in range(8) if i != 5]
    expected = auc([TRUTH[i] for i in kept], [SCORE[i] for i in kept], cluster=[PATIENTS[i] for i in kept])
    assert answer["result"]["score"]["value"] == expected.value


def test_unknown_column_lists_what_is_there_nearest_first(table: Path) -> None:
    said = _refusal("roc", table, "--score", "scores")
    assert "no column 'scores' (--score)" in said
    assert said.index("'score'") < said.index("'patient_id'")


def test_labels_that_are_not_plain_need_a_positive_value(table: Path) -> None:
    table.write_text(table.read_text(encoding="utf-8").replace("malignant", "PTC"), encoding="utf-8")
    said = _refusal("roc", table)
    assert "'PTC', 'benign'" in said and "--positive" in said
    assert json.loads(_run("roc", table, "--positive", "PTC", "--format", "json"))["result"]["score"]["n"] == 8
    assert "never is 'FTC'" in _refusal("roc", table, "--positive", "FTC")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"truth,score\n", "header but no rows"),
        (b"truth,truth\n1,0\n", "two columns named 'truth'"),
        (b"PK\x03\x04rest", "is a damaged workbook"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "not a text file"),
        (b"truth,score\n1,0.2,3\n0,1\n", "row 2 has 3 cells, but the header has 2"),
        (b"truth,score\n1,0.2\n\n0\n", "row 4 has 1 cells"),
        (b"a,b\n1,2\n", "name it with --truth; the columns are 'a', 'b'"),
        (b"truth,score\n1,high\n0,low\n", "row 2: 'score' should be a number, got 'high'"),
        (b"truth,score\n1,0.5\n1,0.6\n", "both 0 and 1"),
    ],
)
def test_bad_tables(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(StatisticsError, match=said):
        raise CliRunner().invoke(app, ["roc", str(path)]).exception or AssertionError


def test_no_such_file_and_a_place_that_cannot_be_written(table: Path, tmp_path: Path) -> None:
    assert "There is no file" in _refusal("roc", tmp_path / "nowhere.csv")
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError):
        raise (
            CliRunner().invoke(app, ["roc", str(table), "--out", str(tmp_path / "file" / "a.csv")]).exception
            or AssertionError
        )


def test_diagnose_a_call_as_the_micronodule_paper_has_it(tmp_path: Path) -> None:
    # Rho et al. 2023: the network called 290 of 323 malignant and 29 of 47 benign nodules malignant.
    path = tmp_path / "calls.csv"
    cells = [("malignant", "malignant", 290), ("malignant", "benign", 33), ("benign", "malignant", 29)]
    rows = [f"{t},{c}" for t, c, n in [*cells, ("benign", "benign", 18)] for _ in range(n)]
    path.write_text("label,predicted\n" + "\n".join(rows), encoding="utf-8")
    answer = json.loads(_run("diagnose", path, "--interval", "wald", "--prevalence", "0.1", "--format", "json"))
    found = answer["result"]["table"]
    assert (found["true_positive"], found["false_positive"]) == (290, 29)
    assert found["sensitivity"]["value"] == 290 / 323
    assert found["adjusted_ppv"]["value"] == pytest.approx(0.1 * 290 / 323 / (0.1 * 290 / 323 + 0.9 * 29 / 47))
    text = _run("diagnose", path, "--figure", tmp_path / "d.png")
    assert "positive predictive value" in text and "wrongly (FN)" in text
    assert (tmp_path / "d.png").exists()


def test_diagnose_a_score(table: Path) -> None:
    fixed = json.loads(_run("diagnose", table, "--threshold", "0.5", "--format", "json"))
    assert fixed["result"]["table"]["true_positive"] == 3
    assert fixed["result"]["table"]["sensitivity"]["clusters"] is not None
    chosen = json.loads(_run("diagnose", table, "--rule", "sensitivity>=0.95", "--format", "json"))
    assert chosen["result"]["table"]["sensitivity"]["value"] == 1
    assert any("optimistic" in note for note in chosen["notes"])
    assert "not both" in _refusal("diagnose", table, "--threshold", "0.5", "--rule", "youden")
    assert "--predicted" in _refusal("diagnose", table)


def test_van_dyke_as_published(real_data: Path, reference: Callable[[str], Any], tmp_path: Path) -> None:
    published = reference("vandyke_obuchowski_rockette")
    words = ("readers", real_data / "readers" / "vandyke.csv", "--figure", tmp_path / "forest.png")
    answer = json.loads(_run(*words, "--format", "json"))["result"]
    assert answer["differences"][0]["p"] == pytest.approx(published["p"], rel=1e-6)
    assert answer["tests"] == ["treatment 1", "treatment 2"]
    assert (tmp_path / "forest.png").read_bytes().startswith(b"\x89PNG")


def test_readers_without_a_test_and_against_a_network(real_data: Path) -> None:
    readers, model = (real_data / "readers" / name for name in ("thyroid_readers.csv", "thyroid_model.csv"))
    alone = json.loads(_run("readers", readers, "--rating", "tirads_points", "--format", "json"))["result"]
    assert (len(alone["readers"]), alone["cases"], alone["differences"]) == (8, 99, [])
    words = ("readers-against-system", readers, "--rating", "tirads_points", "--system", "prediction")
    answer = json.loads(_run(*words, "--system-file", model, "--format", "json"))["result"]
    assert answer["mean_reader"]["value"] == pytest.approx(alone["test_estimates"][0]["value"])
    assert answer["system"]["value"] == pytest.approx(13 / 15, abs=1e-9)
    assert answer["difference"]["value"] == pytest.approx(answer["mean_reader"]["value"] - answer["system"]["value"])


def test_cases_of_one_patient_are_kept_together_but_readings_of_one_case_are_no_cluster(tmp_path: Path) -> None:
    rating = [2, 3, 1, 4, 2, 5, 3, 1, 2, 4, 1, 3, 4, 2, 5, 4]
    header = "reader,patient_id,case,truth,rating\n"
    path = tmp_path / "readings.csv"
    for cases_per_patient, clusters in ((1, None), (2, 4)):
        rows = [f"{r},p{c // cases_per_patient},{c},{c % 2},{rating[8 * r + c]}" for r in range(2) for c in range(8)]
        path.write_text(header + "\n".join(rows), encoding="utf-8")
        answer = json.loads(_run("readers", path, "--format", "json"))
        assert answer["result"]["test_estimates"][0]["clusters"] == clusters


def test_a_case_that_the_system_did_not_score(tmp_path: Path) -> None:
    readings = tmp_path / "readings.csv"
    readings.write_text("reader,case,truth,rating\n1,a,0,2\n1,b,1,3\n2,a,0,1\n2,b,1,4\n", encoding="utf-8")
    scores = tmp_path / "scores.csv"
    scores.write_text("case,risk\na,0.2\n", encoding="utf-8")
    said = _refusal("readers-against-system", readings, "--system", "risk", "--system-file", scores)
    assert "no row for case 'b'" in said


def test_categories_of_the_micronodule_paper(tmp_path: Path) -> None:
    # Rho et al. 2023, Table 1: the network's categories, malignant of all.
    counts = {"2": (1, 3), "3": (2, 5), "4": (36, 49), "5": (284, 313)}
    rows = [f"{c},{int(i < m)}" for c, (m, n) in counts.items() for i in range(n)]
    path = tmp_path / "categories.csv"
    path.write_text("category,malignant\n" + "\n".join(rows), encoding="utf-8")
    answer = json.loads(_run("categorise", path, "--format", "json", "--figure", tmp_path / "c.pdf"))["result"]
    assert round(answer["aic"], 1) == 264.8
    assert [round(100 * rate["value"], 1) for rate in answer["malignancy_rate"]] == [33.3, 40.0, 73.5, 90.7]
    assert "4 (36 of 49 malignant)" in _run("categorise", path)
    wider = json.loads(_run("categorise", path, "--order", "1,2,3,4,5", "--format", "json"))["result"]
    assert wider["total"] == [0, 3, 5, 49, 313]


def test_two_systems_of_categories(tmp_path: Path) -> None:
    path = tmp_path / "two.csv"
    rows = [f"{t},{1 + 2 * t + (i % 3 == 0)},{1 + i % 3}" for i, t in enumerate(TRUTH * 3)]
    path.write_text("truth,good,poor\n" + "\n".join(rows), encoding="utf-8")
    answer = json.loads(_run("categorise", path, "--category", "good", "--category", "poor", "--format", "json"))
    assert answer["result"]["aic_difference"]["value"] < 0
    assert "a is good, b is poor." in answer["notes"]


def test_categories_keep_patients_together(real_data: Path) -> None:
    table = real_data / "tables" / "nodules_shengjing.csv"
    words = ("categorise", table, "--truth", "mal", "--category", "echo_strength", "--format", "json")
    answer = json.loads(_run(*words, "--cluster", "id"))["result"]
    assert (answer["clusters"], answer["malignancy_rate"][4]["clusters"]) == (724, 681)
    assert answer["linear_trend"]["statistic"] == pytest.approx(24.758814401937112)  # GEE of statsmodels
    assert json.loads(_run(*words))["result"]["clusters"] == 724  # a column id whose values repeat names patients
    assert json.loads(_run(*words, "--cluster", "none"))["result"]["clusters"] is None
    text = _run(*words[:-2], "--cluster", "id")
    assert "1232 nodules of 724 patients" in text and "AIC takes nodules as independent" in " ".join(text.split())


def test_repeated_cases_are_pointed_out(real_data: Path) -> None:
    text = _run("categorise", real_data / "readers" / "thyroid_readers.csv", "--category", "tirads_grade")
    assert "792 rows hold 99 different values of case" in " ".join(text.split())


def test_help_names_every_command() -> None:
    text = _run("--help")
    for name in ("roc", "diagnose", "paired", "compare", "readers", "readers-against-system", "categorise"):
        assert name in text
