"""The columns: documented, and their words corrected."""

from pathlib import Path

from thyrosight.cohort import COLUMNS
from thyrosight.cohort.columns import closest


def test_every_column_stands_in_the_reference():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "cohort-columns.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert rows == {*COLUMNS, "reader:<name>"}
    for name, rule in COLUMNS.items():
        for word in rule.allowed:
            assert f"`{word}`" in page, (name, word)


def test_a_word_is_corrected_only_to_one_it_resembles():
    assert closest(" Benigne", ("benign", "malignant")) == "benign"
    assert closest("cancer", ("benign", "malignant")) is None
