"""The example tables: the same rows at every call, and the shapes that their docstring promises."""

from thyrosight.statistics.examples import example_tables


def test_tables_are_the_same_at_every_call() -> None:
    assert example_tables() == example_tables()


def test_nodules_and_readings_have_the_promised_shapes() -> None:
    tables = example_tables()
    nodules, readings = tables["nodules"], tables["readings"]
    assert (len(nodules), len({row["patient_id"] for row in nodules})) == (240, 187)
    assert all(0 <= row["network"] <= 1 for row in nodules)
    assert {row["truth"] for row in nodules} == {"benign", "malignant"}
    cells = {(row["reader"], row["case"], row["test"]) for row in readings}
    assert len(cells) == len(readings) == 6 * 90 * 2
