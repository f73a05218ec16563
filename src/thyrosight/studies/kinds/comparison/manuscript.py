"""Outline of a manuscript on a comparison of networks."""

from thyrosight.studies.outline import Outline
from thyrosight.studies.quoting import p_words, quoted, rows_said
from thyrosight.studies.result import Result

_MEASURES = ("auc", "recall", "specificity")


def outline(result: Result) -> Outline:
    """Networks side by side, how the others stand to the main one, and where that one looked."""
    means, pooled = result.table("means"), result.table("pooled")
    main = str(means.rows[0]["title"])
    measured = tuple(rows_said(means, _MEASURES, begin="On the test parts, as a mean over the divisions, "))
    compared = []
    for row in result.table("comparisons").rows if "comparisons" in result.document.names() else ():
        p = p_words(row.get("p_corrected", row.get("p")))
        compared.append(
            f"The AUC of {row['title']} minus that of {main} was "
            f"{quoted(result.table('comparisons'), row, 'difference')}{f'; {p}' if p else ''} ({{table:comparisons}}); "
            f"verdict: {row['verdict']}."
        )
    together = tuple(rows_said(pooled, ("auc",), begin="With the test predictions of all divisions pooled, "))
    return Outline(
        purpose=f"To compare {main} with other networks in telling malignant from benign nodules on ultrasound."
        if len(means.rows) > 1
        else f"To measure how well {main} tells malignant from benign nodules on ultrasound.",
        tables=("cohort", "means", "comparisons", "pooled"),
        figures=("flow", "roc", "calibration", "heat-maps"),
        networks=(
            "Heat maps were made by Grad-CAM [selvaraju2017] of the malignant output at the last convolutional stage.",
        )
        if "regions" in result.document.names()
        else (),
        results=(
            ("Cohort", ("The cohort is described in {table:cohort}, and who was left out in {figure:flow}.",)),
            (
                "Performance",
                (" ".join(measured), " ".join(compared), f"{' '.join(together)} ROC curves: {{figure:roc}}."),
            ),
        ),
        abstract=(*measured, *compared),
    )
