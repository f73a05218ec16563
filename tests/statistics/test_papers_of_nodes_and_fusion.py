"""The printed numbers of the papers on lymph nodes, elasticity fusion and focal loss, recomputed from their counts."""

import numpy as np
import pytest

from tests.statistics.papers_page import numbers, tables_of_the_page
from thyrosight.statistics import chi_square_test, diagnostic_table

# Zhao et al., Table 3: sensitivity, specificity, accuracy, PPV, NPV in percent, then the likelihood ratios.
ZHAO = {
    "Y-Net, segmentation and classification": ((57.25, 87.08, 72.03, 81.87, 66.67), (4.43, 0.49)),
    "Y-Net, classification only": ((84.78, 80.23, 82.45, 79.35, 85.61), (4.29, 0.19)),
    "ultrasound reports": ((95.14, 34.30, 64.66, 59.02, 87.71), (1.45, 0.14)),
}


def test_rows_of_the_page_on_likelihood_ratios() -> None:
    rows = tables_of_the_page()["reader, sensitivity, specificity"]
    assert [row[0] for row in rows] == list(ZHAO)
    for reader, shares, positive, negative in rows:
        (sensitivity, specificity, *_), ratios = ZHAO[reader]
        assert numbers(shares) == [sensitivity, specificity]
        # Counts per 10,000 of each class stand for the printed percentages.
        tp, tn = round(100 * sensitivity), round(100 * specificity)
        counts = [tp, 10_000 - tp, 10_000 - tn, tn]
        table = diagnostic_table(np.repeat([1, 1, 0, 0], counts), np.repeat([1, 0, 1, 0], counts))
        assert (
            round(table.positive_likelihood_ratio.value, 2),
            round(table.negative_likelihood_ratio.value, 2),
        ) == ratios
        over, under, printed = numbers(positive)
        assert (over, under, printed) == (tp / 10_000, round(1 - tn / 10_000, 4), ratios[0])
        over, under, printed = numbers(negative)
        assert (over, under, printed) == (round(1 - tp / 10_000, 4), tn / 10_000, ratios[1])


def two_shares(percent: float, limit: int) -> list[tuple[int, int]]:
    """Counts of at most `limit` that are printed as a percentage with two digits: right, and in all."""
    near = [(round(percent * n / 100), n) for n in range(1, limit + 1)]
    return [(right, n) for right, n in near if abs(100 * right / n - percent) < 0.005001]


def nodes_behind(printed: tuple[float, ...], limit: int) -> list[tuple[int, int, int, int]]:
    """Counts of either class that give all five percentages: found, malignant, spared, benign."""
    sensitivity, specificity, accuracy, ppv, npv = printed
    return [
        (tp, malignant, tn, benign)
        for tp, malignant in two_shares(sensitivity, limit)
        for tn, benign in two_shares(specificity, limit)
        if abs(100 * (tp + tn) / (malignant + benign) - accuracy) < 0.005001
        and abs(100 * tp / (tp + benign - tn) - ppv) < 0.005001
        and abs(100 * tn / (tn + malignant - tp) - npv) < 0.005001
    ]


def test_the_rows_of_the_lymph_node_paper_are_not_of_its_test_set() -> None:
    first, second, third = (printed for printed, _ in ZHAO.values())
    assert 57.25 not in {round(100 * count / 240, 2) for count in range(241)}
    assert 87.08 not in {round(100 * count / 307, 2) for count in range(308)}
    assert nodes_behind(first, 500) == [(158, 276, 236, 271)]
    assert 276 + 271 == 547 == 240 + 307
    assert nodes_behind(second, 700) == []
    assert nodes_behind(third, 1600) == []
    assert round(100 * 158 / (236 + 35), 2) == 58.30  # sensitivity by the misprinted equation 3


def test_nodes_of_the_lymph_node_paper_add_up() -> None:
    malignant = [5, 0, 74, 60, 285, 263, 310, 273, 10, 11, 102, 105, 26]
    benign = [9, 5, 100, 122, 272, 348, 184, 328, 44, 33, 35, 49, 6]
    assert sum(malignant) == 519 + 1005 == 1284 + 240 == 1524
    assert sum(benign) == 409 + 1126 == 1228 + 307 == 1535
    assert chi_square_test([[519, 409], [1005, 1126]]).p < 0.001


# Qin et al.: accuracy, sensitivity, specificity in percent. Tables I and II, five networks each; V, layers frozen; VI.
TABLE_I = [
    (72.99, 73.68, 72.15), (70.11, 79.76, 61.11), (68.96, 70.00, 67.57), (66.09, 71.74, 64.63), (67.81, 75.51, 57.89),
]  # fmt: skip
TABLE_II = [
    (72.41, 66.29, 78.82), (70.69, 68.42, 73.42), (69.54, 64.21, 75.95), (68.29, 65.06, 71.43), (67.24, 64.58, 70.51),
]  # fmt: skip
TABLE_V = [
    (75.86, 75.00, 76.83), (77.01, 80.41, 72.73), (78.74, 82.35, 73.61), (79.31, 82.76, 75.86), (81.03, 75.82, 86.75),
    (83.91, 82.98, 85.00), (86.21, 90.10, 80.82), (82.76, 81.11, 84.52), (84.48, 81.25, 87.23), (81.61, 82.98, 80.00),
    (77.59, 73.53, 83.33), (77.01, 77.32, 76.62), (75.86, 76.24, 75.34), (73.56, 74.23, 72.73),
]  # fmt: skip
TABLE_VI = [
    (82.76, 86.14, 78.08), (85.06, 82.14, 87.78), (85.30, 83.05, 87.65), (86.21, 90.10, 80.82), (92.42, 92.31, 92.54),
    (87.93, 91.30, 84.15), (87.36, 86.17, 88.75), (87.90, 85.08, 90.96), (89.08, 91.21, 86.75), (94.70, 92.77, 97.96),
    (86.20, 86.52, 85.88), (84.48, 83.48, 86.44), (86.74, 87.36, 86.13), (87.93, 88.76, 87.06), (93.94, 93.24, 93.10),
]  # fmt: skip
Row = tuple[float, float, float]
Images = tuple[int, int, int, int]


def images_behind(printed: Row, total: int, *, cut: bool = False) -> list[Images]:
    """Counts of `total` images behind a row; with `cut` the accuracy's further digits were cut off, not rounded."""
    accuracy, sensitivity, specificity = printed
    found = []
    for malignant in range(1, total):
        tp, tn = round(sensitivity * malignant / 100), round(specificity * (total - malignant) / 100)
        shares = (100 * tp / malignant, 100 * tn / (total - malignant))
        exact = 100 * (tp + tn) / total
        fits = 0 <= exact - accuracy < 0.01 if cut else abs(exact - accuracy) < 0.005001
        if fits and all(abs(share - p) < 0.005001 for share, p in zip(shares, (sensitivity, specificity), strict=True)):
            found.append((tp, malignant, tn, total - malignant))
    return found


def test_rows_of_the_page_on_counts_of_the_fusion_paper() -> None:
    left = [*TABLE_I, *TABLE_II, *TABLE_V, *TABLE_VI]
    assert len(left) == 39
    rows = tables_of_the_page()["rows, images"]
    for (said, images, example, printed), cut in zip(rows, (False, True, False, False, False), strict=True):
        shown: Row = tuple(numbers(printed))  # type: ignore[assignment]
        assert shown in left
        counts = tuple(int(number) for number in numbers(example) if number == int(number))[-4:]
        if images:
            behind = {row: images_behind(row, int(images), cut=cut) for row in left}
            assert counts in behind[shown]
            fitting = [row for row in left if behind[row]]
        else:
            fitting = [row for row in left if not any(images_behind(row, n) for n in (132, 174, 347))]
        assert f"{len(fitting)}," == said.split()[0]
        left = [row for row in left if row not in fitting or not images]


def test_what_the_page_says_of_rows_that_fit_no_counts() -> None:
    rest = [
        row
        for row in (*TABLE_I, *TABLE_II, *TABLE_V, *TABLE_VI)
        if not any(images_behind(row, n) for n in (132, 174, 347)) and not images_behind(row, 174, cut=True)
    ]
    assert rest == [TABLE_I[3], TABLE_II[3], TABLE_VI[-1]]
    assert (round(100 * 54 / 83, 2), round(100 * 65 / 91, 2), round(100 * 119 / 174, 2)) == (65.06, 71.43, 68.39)
    # An accuracy is a mean of sensitivity and specificity, weighted by the classes.
    assert TABLE_VI[-1][0] > max(TABLE_VI[-1][1:])
    assert (round(100 * 69 / 74, 2), round(100 * 54 / 58, 2), round(100 * (69 + 54) / 132, 2)) == (93.24, 93.10, 93.18)
    assert images_behind(TABLE_V[0], 174) == [(69, 92, 63, 82)]
    assert images_behind(TABLE_V[10], 174) == [(75, 102, 60, 72)]


def test_patients_and_images_of_the_fusion_paper() -> None:
    assert 72.99 not in {round(100 * count / 248, 2) for count in range(249)}
    assert (27 + 23, 183 + 27 + 23, 908 + 248) == (50, 233, 1156)  # Table IV prints 40 for the patients tested


def test_precision_of_the_focal_loss_paper() -> None:
    recall, accuracy = 0.978, 0.984
    f1 = [2 * precision * recall / (precision + recall) for precision in (0.939, 0.997)]
    assert [round(value, 3) for value in f1] == [0.958, 0.987]
    errors = [1 - recall + recall * (1 / precision - 1) for precision in (0.939, 0.997)]
    assert round(errors[0], 3) == pytest.approx(0.086)
    assert [round(100 * (1 - accuracy) / each) for each in errors] == [19, 64]
    assert round(100 * 93 / 508) == 18
