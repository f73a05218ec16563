"""Simulated readers: the truth written down about them is the truth of what they write."""

from collections import Counter
from itertools import islice

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from thyrosight.errors import OutputError
from thyrosight.phantoms import PhantomOptions, SimulatedReader, phantom_images, population
from thyrosight.phantoms.readers import category_auc
from thyrosight.tirads import assess, category_rank, read_nodule

READERS = (
    SimulatedReader("sure", auc=0.9),
    SimulatedReader("weak", auc=0.6, skipped=0.2),
    SimulatedReader("acr", auc=0.8, system="acr"),
    SimulatedReader("sees", accuracy=0.8),
    SimulatedReader("sees kwak", accuracy=1.0, system="kwak"),
)


@pytest.fixture(scope="module")
def rows() -> list[tuple[bool, dict[str, str]]]:
    options = PhantomOptions(readers=READERS, one_image_each=True)
    return [(image.label == "malignant", dict(image.recorded)) for image in islice(phantom_images(2, options), 2500)]


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_written_auc_and_shares_are_those_of_what_is_drawn(
    reader: SimulatedReader, rows: list[tuple[bool, dict[str, str]]]
) -> None:
    read = [(truth, row[f"reader:{reader.name}"]) for truth, row in rows if row[f"reader:{reader.name}"]]
    assert abs(1 - len(read) / len(rows) - reader.skipped) < 4 * np.sqrt(0.2 * 0.8 / len(rows))
    truth = np.array([item for item, _ in read])
    ranks = np.array([category_rank(reader.system, category) for _, category in read])
    described = reader.describe(population())
    standard_error = np.sqrt(described["auc"] * (1 - described["auc"]) / min(truth.sum(), (~truth).sum()))
    assert (
        abs(roc_auc_score(truth, ranks) - described["auc"]) < 4 * standard_error
    )  # generous: Hanley and McNeil's bound
    for label, shares in ((False, described["share_of_benign"]), (True, described["share_of_malignant"])):
        counts = Counter(category for item, category in read if item == label)
        total = sum(counts.values())
        for category, share in zip(described["categories"], shares, strict=True):
            assert abs(counts[category] / total - share) < 4.5 * np.sqrt(max(share * (1 - share), 1e-4) / total)
    assert set(reader.categories) >= {category for _, category in read}


def test_a_chosen_auc_is_met_exactly() -> None:
    for auc in (0.5, 0.57, 0.75, 0.92):
        for system in ("k-tirads-2016", "kwak", "acr"):
            shares = SimulatedReader("x", auc=auc, system=system).shares(population())
            assert category_auc(shares) == pytest.approx(auc, abs=1e-9)
            assert shares.sum(axis=1) == pytest.approx([1, 1])


def test_recorded_descriptors_lead_to_the_recorded_category(rows: list[tuple[bool, dict[str, str]]]) -> None:
    for _, row in rows[:300]:
        words = {
            name: row[f"{name}:sees"] for name in ("composition", "echogenicity", "margin", "calcification", "shape")
        }
        words["margin"] = words["margin"].replace("lobulated", "microlobulated")
        assert assess("k-tirads-2016", read_nodule(words)).highest == row["reader:sees"]


def test_readers_of_one_case_agree_more_than_chance(rows: list[tuple[bool, dict[str, str]]]) -> None:
    benign = [row for truth, row in rows if not truth and row["reader:weak"]]
    sure = [category_rank("k-tirads-2016", row["reader:sure"]) for row in benign]
    weak = [category_rank("k-tirads-2016", row["reader:weak"]) for row in benign]
    assert 0.2 < np.corrcoef(sure, weak)[0, 1] < 0.4  # 0.4 between the scales, less between their categories


def test_all_images_of_a_nodule_have_one_reading() -> None:
    seen: dict[tuple[int, int], tuple[tuple[str, str], ...]] = {}
    for image in islice(phantom_images(2, PhantomOptions(readers=READERS)), 200):
        assert seen.setdefault((image.patient, image.nodule), image.recorded) == image.recorded


def test_a_reader_does_not_change_when_others_join() -> None:
    alone = islice(phantom_images(2, PhantomOptions(readers=READERS[:1])), 50)
    together = islice(phantom_images(2, PhantomOptions(readers=READERS[::-1])), 50)
    for one, all_of_them in zip(alone, together, strict=True):
        assert dict(one.recorded)["reader:sure"] == dict(all_of_them.recorded)["reader:sure"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "x"}, "needs either an AUC or an accuracy"),
        ({"name": "x", "auc": 0.8, "accuracy": 0.8}, "needs either an AUC or an accuracy"),
        ({"name": "x", "auc": 0.97}, r"is not between 0.5 and 0.922, the best possible one"),
        ({"name": "x", "auc": 0.4}, r"is not between 0.5 and 0.922"),
        ({"name": "x", "accuracy": 1.2}, "is not between 0 and 1"),
        ({"name": "x", "auc": 0.8, "skipped": 1.0}, "skipped nodules"),
        ({"name": "", "auc": 0.8}, "needs a name"),
        ({"name": "x", "auc": 0.8, "system": "k-tirads"}, "several editions"),
        ({"name": "x", "accuracy": 0.8, "system": "ata"}, "leaves nodules out; choose another system"),
    ],
)
def test_impossible_readers(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(OutputError, match=message):
        SimulatedReader(**arguments)  # type: ignore[arg-type]
