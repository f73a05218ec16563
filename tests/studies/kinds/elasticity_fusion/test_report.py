"""The report of a study of fusion on made-up predictions: every table against stored ones, and what columns mean."""

from pathlib import Path

import pytest

from tests.studies.items import Item, assert_in_report, items
from tests.studies.kinds.elasticity_fusion.test_papers import PICTURED
from tests.studies.made_up import assert_golden, made_up_cohort, without_training
from thyrosight.documents import Measure
from thyrosight.studies import Result, load_recipe, run_study

SETTINGS = (
    "network={architecture: tiny, weights: none}",
    "split.folds=3",
    "split.test=0.4",
    "plain={networks: [tiny, vgg16_quarter], inputs: [b-mode, elastogram]}",
    "freeze={depths: [0, 1, 2], inputs: [b-mode, elastogram, early], chosen: best on validation}",
    "methods={heads: [own, spp], main: {head: spp, input: late}}",
    "second={source: image, preparation: {margin: {value: 1.0, unit: fraction}}}",
    "explain={layers: [], examples: 0}",
    "cost_epochs=2",
    "keep_activations_from=1",
    "evaluation.bootstrap=200",
)
__all__ = ["without_training"]


@pytest.fixture(scope="module")
def result(without_training: None, tmp_path_factory: pytest.TempPathFactory) -> Result:
    out = tmp_path_factory.mktemp("fusion") / "out"
    return run_study(load_recipe("elasticity-fusion-small", settings=SETTINGS), made_up_cohort(), out)


def test_every_table_is_what_it_was(result: Result) -> None:
    assert_golden(result, Path(__file__).with_name("golden.json"))


def value(cell: object) -> float:
    assert isinstance(cell, Measure) and cell.value is not None
    return cell.value


def test_differences_are_those_of_the_rows_and_limits_stand_in_order(result: Result) -> None:
    methods = result.table("methods")
    main = methods.row(title="Late fusion, SPP")
    assert "difference" not in main
    pairs = [(row, main) for row in methods.rows if row is not main]
    pairs += [(methods.row(title=row["title"]), methods.row(title=row["minus"])) for row in result.table("fusion").rows]
    compared = [row for row in methods.rows if "difference" in row] + list(result.table("fusion").rows)
    assert len(compared) == 9 + 4
    for (ours, theirs), row in zip(pairs, compared, strict=True):
        for name, column in (("auc", "difference"), ("accuracy", "accuracy_difference")):
            found = row[column]
            assert value(found) == pytest.approx(value(ours[name]) - value(theirs[name]))
            assert found.low <= found.value <= found.high  # type: ignore[union-attr,operator]
        assert row["p"] <= row["p_corrected"]  # type: ignore[operator]
    for row in result.table("hidden").rows:
        both = methods.row(network=row["network"])
        assert value(row["difference"]) == pytest.approx(value(row["auc"]) - value(both["auc"]))
    for shown in ("b-mode", "elastogram", "early"):
        table = result.table(f"depths-{shown}")
        assert table.strong is not None
        best = table.rows[table.strong]
        for row in table.rows:
            if row is not best:
                assert value(row["difference"]) == pytest.approx(value(row["auc"]) - value(best["auc"]))


def test_published_figures_stay_apart_from_this_run(result: Result) -> None:
    table = result.table("published")
    assert table.row(title="Published: Qin et al., late fusion with SPP")["accuracy"] == pytest.approx(0.947)
    assert "auc" not in table.row(title="Published: Zhu et al. 2017 [20]")
    own = table.rows[-1]
    assert own["title"] == "This run: Late fusion, SPP"
    assert own["auc"] == result.table("methods").row(title="Late fusion, SPP")["auc"]


@pytest.mark.parametrize("item", [item for item in items("Qin et al. 2020") if item.name not in PICTURED], ids=str)
def test_the_item_of_the_paper_is_in_the_report(item: Item, result: Result) -> None:
    assert_in_report(item, result)
