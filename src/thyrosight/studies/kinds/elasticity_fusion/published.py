"""Results on other patients that Table VII of Qin et al. quotes, kept apart from everything that is measured here."""

from typing import NamedTuple

import pandas as pd

from thyrosight.documents import Row, Table, columns
from thyrosight.studies.kinds.elasticity_fusion.tables import MEASURES, Line


class PublishedResult(NamedTuple):
    """One published result.

    Attributes:
        reference: who, and where the paper quotes it.
        tested: test images, with (malignant / benign) where they are stated.
        measures: accuracy, sensitivity, specificity and AUC in per cent; None where not stated.
    """

    reference: str
    tested: str
    measures: tuple[float | None, float | None, float | None, float | None]


_NOT_STATED = "not stated"
PUBLISHED = (
    PublishedResult("Published: Wu et al. 2016 [12]", _NOT_STATED, (84.74, 92.31, 76.00, 91.03)),
    PublishedResult("Published: Li et al. 2019 [15]", "3734", (89.80, 93.40, 86.10, 94.70)),
    PublishedResult("Published: Wang et al. 2018 [16]", "400 (200 / 200)", (88.25, 90.00, 86.50, 92.86)),
    PublishedResult("Published: Liu et al. 2017 [19]", "103", (93.10, 90.80, 94.50, 97.70)),
    PublishedResult("Published: Zhu et al. 2017 [20]", "240 (200 / 40)", (93.75, 93.96, 92.68, None)),
)
PROPOSED = PublishedResult(
    "Published: Qin et al., late fusion with SPP", "248 (133 / 115)", (94.70, 92.77, 97.96, 98.77)
)


def published_table(main: Line, tested: pd.DataFrame) -> Table:
    """Table VII: published results, and beside them the main method of this run with its test images."""
    rows: list[Row] = []
    for item in (*PUBLISHED, PROPOSED):
        values = zip(MEASURES, item.measures, strict=True)
        known = {name: value / 100 for name, value in values if value is not None}
        rows.append({"title": item.reference, "tested": item.tested, **known})
    malignant, benign = (int((tested["label"] == label).sum()) for label in ("malignant", "benign"))
    own: Row = {"title": f"This run: {main.title}", "tested": f"{len(tested)} ({malignant} / {benign})"}
    rows.append(own | {name: main.mean.get(name) for name in MEASURES})
    return Table(
        name="published",
        caption="Published results (the paper's Table VII): other patients, not comparable",
        columns=(
            *columns("text", {"title": "Method", "tested": "Test images (malignant / benign)"}),
            *columns("percent", MEASURES, digits=2),
        ),
        rows=tuple(rows),
        notes=(
            "Published figures were measured on other patients with other labels and without intervals; they stand "
            "here for the record, and no difference to them means anything. The paper heads two columns “Sensitivity”; "
            "the second is specificity. Last row:",
        ),
        strong=len(rows) - 1,
    )
