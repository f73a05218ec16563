"""The paper's figures beside those of a study: every figure as printed, in the unit of its column."""

from pathlib import Path

import pytest

from thyrosight.documents import Column, Distribution, Measure, Share, Table, columns, section
from thyrosight.studies import load_recipe
from thyrosight.studies.published import PublishedPaper, beside_the_paper, published_papers, published_table

PAPER = PublishedPaper.model_validate(
    {
        "name": "Doe 2020",
        "cites": "Doe et al.",
        "notes": ["A note."],
        "tables": [
            {
                "table": "means",
                "item": "Table 1",
                "rows": [
                    {"where": {"network": "a*"}, "figures": {"auc": 0.9, "sensitivity": 80.0, "age": 40}},
                    {"where": {"network": "b"}, "but_not": {"title": "B"}, "figures": {"auc": 0.5, "sensitivity": 50}},
                ],
            }
        ],
    }
)


def study_table(name: str = "means") -> Table:
    return Table(
        name=name,
        caption="Means",
        columns=(
            Column(key="network", hidden=True),
            Column(key="title", title="Network"),
            Column(key="auc", title="AUC", kind="area"),
            Column(key="sensitivity", title="Sensitivity, %", kind="percent"),
            *columns("summary", {"age": "Age", "women": "Women"}),
        ),
        rows=(
            {
                "network": "a1", "title": "A", "auc": Measure(value=0.85, low=0.8, high=0.95),
                "sensitivity": Measure(value=0.7, low=0.6, high=0.79), "age": Distribution(n=3, mean=45.0),
                "women": Share(n=1, of=2),
            },
            {"network": "b", "title": "B", "auc": Measure(value=0.6)},
        ),
    )  # fmt: skip


def test_values_differences_and_whether_the_interval_holds_the_papers() -> None:
    table = published_table(study_table(), PAPER.tables[0], PAPER)
    assert table is not None
    found = {row["title"]: (row["paper"], row["difference"], row["holds"]) for row in table.rows}
    assert found == {
        "A: AUC": (0.9, "\N{MINUS SIGN}0.050", "yes"),
        "A: Sensitivity, %": (0.8, "\N{MINUS SIGN}10.0 points", "no"),
        "A: Age": (40, "+5", "no interval"),
    }
    assert [row["printed"] for row in table.rows] == ["0.9", "80", "40"]
    assert table.at(title="A: AUC", column="here") == Measure(value=0.85, low=0.8, high=0.95)
    assert table.notes[-2:] == ("A note.", "Figures of the paper without a counterpart in this table: 2.")
    assert table.name == "means-published"


def test_rows_are_named_by_their_cells_where_the_paper_says_so() -> None:
    named = PAPER.tables[0].model_copy(update={"named": "{network} of {title}"})
    table = published_table(study_table(), named, PAPER)
    assert table is not None
    assert table.rows[0]["title"] == "A1 of A: AUC"
    numbers = study_table().model_copy(
        update={
            "columns": tuple(
                one.model_copy(update={"hidden": one.hidden or one.kind == "text"}) for one in study_table().columns
            )
        }
    )
    bare = published_table(numbers, PAPER.tables[0], PAPER)
    assert bare is not None and bare.rows[0]["title"] == "Means: AUC"


@pytest.mark.parametrize(
    ("low", "high", "holds"),
    [(0.85, None, "yes"), (0.95, None, "no"), (None, 0.95, "yes"), (None, None, "no interval")],
)
def test_a_limit_that_is_not_there_is_none(low: float | None, high: float | None, holds: str) -> None:
    row = {"network": "a", "title": "A", "auc": Measure(value=0.9, low=low, high=high, method="a way", spread=0.1)}
    table = published_table(study_table().model_copy(update={"rows": (row,)}), PAPER.tables[0], PAPER)
    assert table is not None
    assert table.rows[0]["holds"] == holds
    assert table.methods() == []  # it stands under the study's own table


def test_a_table_without_counterparts_stands_alone() -> None:
    table = study_table().model_copy(update={"rows": ({"network": "c", "title": "C"},)})
    assert published_table(table, PAPER.tables[0], PAPER) is None


def test_the_table_follows_the_one_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("thyrosight.studies.published.published_papers", lambda: (PAPER,))
    parts = [section("Results", "A sentence.", study_table(), study_table("other"))]
    (told,) = beside_the_paper(parts, paper="Doe  et\nal., a journal")
    assert [block.table.name for block in told.blocks if block.block == "table"] == [
        "means",
        "means-published",
        "other",
    ]
    assert beside_the_paper(parts, paper="Roe et al.") == parts
    assert beside_the_paper(parts, paper="") == parts


@pytest.mark.parametrize(
    ("recipe", "paper"),
    [
        ("resnet18-focal", "The ResNet-18 paper"), ("micronodule", "The micronodule paper"),
        ("inception-margin", "Guan et al. 2019"), ("ynet-lymph-node", "Zhao et al. 2023"),
        ("lymph-node-class", "Zhao et al. 2023"), ("elasticity-fusion", "Qin et al. 2020"),
        ("elasticity-fusion-small", "Qin et al. 2020"),
    ],
)  # fmt: skip
def test_each_recipe_of_a_paper_finds_its_figures(recipe: str, paper: str) -> None:
    loaded = load_recipe(recipe)
    assert loaded.report.published
    assert [one.name for one in published_papers() if one.cites in " ".join(loaded.paper.split())] == [paper]


def test_a_second_view_is_not_held_against_elastograms() -> None:
    assert not load_recipe("elasticity-fusion-one-image").report.published


def test_figures_are_those_of_the_papers_own_arithmetic() -> None:
    # The counts behind the tables, as the page on the papers' arithmetic recomputes them.
    figures = {
        (paper.name, table.table, str(row.where)): row.figures
        for paper in published_papers()
        for table in paper.tables
        for row in table.rows
    }
    margin = figures["Guan et al. 2019", "table-1", "{'margin': 50.0}"]
    assert [margin[name] for name in ("accuracy", "sensitivity", "specificity")] == [
        round(100 * n / of, 1) for n, of in ((361, 399), (195, 209), (166, 190))
    ]
    calls = {key[2]: row["right"] for key, row in figures.items() if key[:2] == ("Guan et al. 2019", "table-2")}
    assert len(calls) == 35
    assert calls["{'label': 'benign', 'feature': 'calcification', 'level': 'none'}"] == round(100 * 161 / 184, 1)
    methods = [row for key, row in figures.items() if key[:2] == ("Qin et al. 2020", "methods")]
    assert len(methods) == 15
    assert methods[9] == {"accuracy": 94.70, "recall": 92.77, "specificity": 97.96, "auc": 98.77}


def test_no_file_of_figures_is_left_out() -> None:
    papers = Path(__file__).parents[2] / "src" / "thyrosight" / "studies" / "papers"
    assert len(published_papers()) == len(list(papers.glob("*.yaml"))) == 5
