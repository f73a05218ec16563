"""Published comparisons of networks with radiologists on thyroid nodules, kept apart from all that is measured here.

The paper's Table 4 lists such studies. These were read in their own abstracts or tables, not copied from there.
"""

from typing import NamedTuple

from thyrosight.documents import Column, Measure, Row, Table, columns
from thyrosight.studies.analyses.lesion_set import AnalysedSet
from thyrosight.studies.sentences import rule_words

_CAPTION = "Published comparisons with radiologists, on other nodules and with other readers"
_RATERS = ("network", "reader")
_KINDS = {"auc": "AUC", "sensitivity": "Sensitivity, %", "specificity": "Specificity, %"}


class PublishedComparison(NamedTuple):
    """One published study.

    Attributes:
        study: who, where and when.
        trained, tested: the nodules of training and test.
        auc, sensitivity, specificity: of network and radiologists as printed, several with the lowest and the highest;
            the last two in per cent. Empty where the abstract has none.
    """

    study: str
    trained: str
    tested: str
    auc: tuple[str, str] = ("", "")
    sensitivity: tuple[str, str] = ("", "")
    specificity: tuple[str, str] = ("", "")


PUBLISHED = (
    PublishedComparison("Ko et al., Head Neck 2019", "439 images", "150 images", ("0.835 to 0.850", "0.805 to 0.860")),
    PublishedComparison(
        "Lee et al., Sci Rep 2019", "not in the abstract", "150 images, 100 malignant",
        sensitivity=("94 to 98", "49 to 91"), specificity=("86 to 94", "52 to 96"),
    ),
    PublishedComparison("Park et al., Sci Rep 2019", "4919 nodules", "286 nodules"),
    PublishedComparison(
        "Guan et al., Ann Transl Med 2019", "2437 images", "399 images, 209 malignant",
        sensitivity=("93.3", "84.7"), specificity=("87.4", "97.9"),
    ),
    PublishedComparison("Koh et al., Sci Rep 2020", "13560 images", "634 images", ("0.932", "0.840")),
    PublishedComparison(
        "Youn et al., Sci Rep 2021", "not in the abstract", "202 nodules of indeterminate cytology, 116 malignant",
        ("0.666", "0.680 to 0.722"),
    ),
    PublishedComparison(
        "Rho et al., Sci Rep 2023", "13560 images of nodules from 10 mm", "370 nodules below 10 mm, 323 malignant",
        ("0.66", "0.57"), ("89.8", "87.3"), ("38.3", "25.5"),
    ),
)  # fmt: skip


def published_table(found: AnalysedSet, *, trained: int, rule: str) -> Table:
    """Published comparisons, and last this study's own: the main network and its first reader on one set.

    Args:
        trained: images that the network learnt from.
        rule: by which this study chose cut-offs.
    """
    rows: list[Row] = []
    for item in PUBLISHED:
        row: Row = {"study": item.study, "trained": item.trained, "tested": item.tested}
        for name in _KINDS:
            pair = zip(_RATERS, getattr(item, name), strict=True)
            row |= {f"{name}_{rater}": value for rater, value in pair if value}
        rows.append(row)
    rows.append({"study": "This study", **_own(found, trained)})
    return Table(
        name="published",
        caption=f"{_CAPTION} (the paper's Table 4)",
        columns=(
            *columns("text", {"study": "Study", "trained": "Trained on", "tested": "Tested on"}),
            *(
                Column(key=f"{name}_{rater}", title=f"{title}, {rater}")
                for name, title in _KINDS.items()
                for rater in _RATERS
            ),
        ),
        rows=tuple(rows),
        notes=(
            "Published figures were measured on other nodules with other labels and readers; they stand here for the "
            "record, and no difference to them means anything. Ranges: over several networks or readers. Park et al. "
            "found no difference between network and radiologists and state no figures in the abstract.",
            f"This study: main network and first reader, cut-offs chosen {rule_words(rule)}; their intervals stand "
            "above.",
        ),
        strong=len(rows) - 1,
    )


def _own(found: AnalysedSet, trained: int) -> Row:
    """The cells of this study; readers' ones where there is a reader."""
    nodules = found.item.nodules
    row: Row = {"trained": f"{trained} images", "tested": f"{len(nodules)} nodules, {nodules['truth'].sum()} malignant"}
    for table in list(found.whole.readers.values())[:1]:
        for name in _KINDS:
            for rater in _RATERS:
                row |= _cell(f"{name}_{rater}", table.row(quantity=name).get(rater), name)
    if not found.whole.readers:
        for name in _KINDS:
            row |= _cell(f"{name}_network", found.item.main.get(name), name)
    return row


def _cell(key: str, cell: object, name: str) -> Row:
    if not isinstance(cell, Measure) or cell.value is None:
        return {}
    return {key: f"{cell.value:.2f}" if name == "auc" else f"{100 * cell.value:.1f}"}
