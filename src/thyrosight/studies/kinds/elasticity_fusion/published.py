"""What Table VII of Qin et al. quotes: results on other patients, kept apart from everything that is measured here."""

from typing import NamedTuple


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
