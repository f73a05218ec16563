"""Flow charts of cohorts: a box is drawn where images are left out, and its counts add up."""

import pandas as pd

from thyrosight.cohort import Cohort, Exclusion, Narrowing, flow_chart_steps


def _cohort() -> Cohort:
    labels = ["benign", "malignant"] * 3
    table = pd.DataFrame({"key": list("abcdef"), "label": labels, "label_source": "pathology", "image": "none.png"})
    return Cohort(table=table.assign(patient_id=table["key"], group=table["key"]), name="made-up", source="made-up")


def test_boxes_stand_before_what_is_left_out_and_only_there() -> None:
    kept = Narrowing(_cohort().without(Exclusion.of("black", ["a"])))
    keys = kept.cohort.table["key"]
    kept.leave_out({"nobody": keys == "z"}, box="Images that are not drawn")
    kept.leave_out({"small": keys.isin(["b", "c"]), "none": keys == "z", "large": keys == "e"}, box="Images lit")
    assert kept.cohort.table["key"].tolist() == ["d", "f"]
    assert [(step.text, step.n, step.excluded) for step in kept.steps] == [
        ("Images in made-up", 6, (("black", 1),)),
        ("Images lit", 5, (("small", 2), ("large", 1))),
    ]
    assert [item.reason for item in kept.cohort.exclusions] == ["black", "small", "large"]


def test_the_last_box_counts_the_classes() -> None:
    first, last = flow_chart_steps(_cohort().without(Exclusion.of("black", ["a", "b", "c"])))
    assert (first.n, first.excluded) == (6, (("black", 3),))
    assert (last.n, last.text) == (3, "Images used: 1 benign, 2 malignant (labels: pathology)")
