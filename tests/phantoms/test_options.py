"""Options of phantom cohorts: what they change, and what they must leave alone."""

import csv
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from thyrosight.cohort import open_cohort
from thyrosight.errors import OutputError
from thyrosight.phantoms import (
    LIKE,
    PhantomImage,
    PhantomOptions,
    SimulatedReader,
    make_phantom_cohort,
    options_like,
    phantom_images,
)
from thyrosight.tirads import read_category

EVERYTHING = replace(options_like("micronodule"), tirads="kwak-2011", network=options_like("inception-margin").network)


def nodules(options: PhantomOptions, count: int = 1500) -> list[PhantomImage]:
    images = islice(phantom_images(4, options), count)
    return list({(image.patient, image.nodule): image for image in images}.values())


def test_options_leave_patients_features_and_labels_alone() -> None:
    plain = {(i.patient, i.nodule): i for i in nodules(PhantomOptions())}
    for image in nodules(EVERYTHING, 600):
        if (image.patient, image.nodule) in plain:
            other = plain[image.patient, image.nodule]
            assert (image.features, image.label, image.risk, image.age, image.sex) == (
                other.features, other.label, other.risk, other.age, other.sex,
            )  # fmt: skip


def test_a_share_of_nodules_is_small_and_some_are_very_small() -> None:
    images = nodules(PhantomOptions(small_share=0.5, one_image_each=True))
    sizes = np.array([image.scene(4).size_mm() for image in images[:120]])
    assert 0.45 < (sizes < 10).mean() < 0.75  # half are redrawn, and about a fifth are small anyway
    assert (sizes <= 5).sum() > 10 and sizes.min() > 2.5
    redrawn = [image for image in images if image.size_mm <= 5]
    assert 0.3 < np.mean([image.label == "malignant" for image in redrawn]) < 0.6  # size bears on nothing


def test_external_patients_come_from_other_sites() -> None:
    images = nodules(PhantomOptions(external_share=0.3))
    setting = {image.site.name: dict(image.recorded)["setting"] for image in images}
    assert setting == {"site A": "internal", "site B": "internal", "site C": "external", "site D": "external"}
    share = np.mean([dict(image.recorded)["setting"] == "external" for image in images])
    assert abs(share - 0.3) < 4 * np.sqrt(0.3 * 0.7 / len(images))
    by_patient: dict[int, set[str]] = {}
    for image in images:
        by_patient.setdefault(image.patient, set()).add(image.site.name)
    assert all(len(sites) == 1 for sites in by_patient.values())


def test_one_image_each() -> None:
    images = list(islice(phantom_images(4, PhantomOptions(one_image_each=True)), 500))
    assert len({(image.patient, image.nodule) for image in images}) == len(images) == len({i.key for i in images})
    assert any(image.nodule == 2 for image in images)


def test_the_reference_standard_confirms_the_label_or_says_that_it_does_not() -> None:
    images = nodules(PhantomOptions(reference_standard=True, unconfirmed_share=0.1))
    unconfirmed = corrected = 0
    for image in images:
        row = dict(image.recorded)
        by_cytology = {"II": "benign", "VI": "malignant"}.get(row["bethesda"])
        confirmed = row["surgery"] or by_cytology
        unconfirmed += confirmed is None
        corrected += bool(row["surgery"] and by_cytology and row["surgery"] != by_cytology)
        assert confirmed in (None, image.label)
    assert abs(unconfirmed / len(images) - 0.1) < 4 * np.sqrt(0.1 * 0.9 / len(images))
    assert corrected > 0  # surgery overrules cytology now and then


def test_missing_sizes_and_recorded_categories(tmp_path: Path) -> None:
    options = PhantomOptions(missing_sizes=0.5, tirads="kwak")
    manifest = make_phantom_cohort(tmp_path / "p", n=8, seed=4, options=options)
    rows = list(csv.DictReader(manifest.open(encoding="utf-8")))
    assert 0 < sum(row["size_mm"] == "" for row in rows) < 8
    assert all(read_category("kwak", row["tirads"]) for row in rows)
    assert open_cohort(manifest).table["size_mm"].isna().any()


def test_a_cohort_with_everything_is_read_described_and_resumed(tmp_path: Path) -> None:
    manifest = make_phantom_cohort(tmp_path / "p", n=3, seed=4, options=EVERYTHING)
    cohort = open_cohort(manifest)
    assert {"reader:A", "reader:B", "reader:C", "composition:C", "surgery", "bethesda", "setting"} <= set(cohort.table)
    found = json.loads((tmp_path / "p" / "phantom.json").read_text(encoding="utf-8"))
    assert [reader["auc"] for reader in found["readers"]][:2] == [0.72, 0.82]
    assert found["external_sites"] == ["site C", "site D"] and found["options"]["small_share"] == 0.45
    before = manifest.read_bytes()
    make_phantom_cohort(tmp_path / "p", n=3, seed=4, options=EVERYTHING)
    assert manifest.read_bytes() == before
    with pytest.raises(OutputError, match="holds phantoms of other options"):
        make_phantom_cohort(tmp_path / "p", n=3, seed=4)
    assert manifest.read_bytes() == before


def test_every_ready_made_choice_works() -> None:
    for name in LIKE:
        assert len(list(islice(phantom_images(1, options_like(name)), 5))) == 5
    with pytest.raises(OutputError, match="no phantoms like 'lymph'; choose from standard, micronodule"):
        options_like("lymph")


@pytest.mark.parametrize("name", ["small_share", "external_share", "unconfirmed_share", "missing_sizes"])
def test_impossible_shares(name: str) -> None:
    with pytest.raises(OutputError, match=f"{name} of a phantom cohort should be 0 to 1, got 1.5"):
        options_like("standard", **{name: 1.5})


def test_two_readers_of_one_name_and_unknown_systems() -> None:
    with pytest.raises(OutputError, match="Two simulated readers are named 'A'"):
        PhantomOptions(readers=(SimulatedReader("A", auc=0.7), SimulatedReader("A", auc=0.8)))
    with pytest.raises(OutputError, match="There is no system 'tyrads'"):
        PhantomOptions(tirads="tyrads")
