"""A model's calibration fitted anew on one's own cases."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.special import expit, logit

from thyrosight.errors import BundleError, CohortError
from thyrosight.imaging import Preparation
from thyrosight.inference import OperatingPoint, load_bundle, save_bundle
from thyrosight.networks import create
from thyrosight.recalibrating import Answers, measure, out_of_fold, recalibrate
from thyrosight.reports import model_card


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network, spec = create("tiny", input_size=32, seed=1)
    return save_bundle(
        tmp_path_factory.mktemp("bundle") / "model",
        network=network,
        spec=spec,
        preparation=Preparation(size=32, crop="whole frame"),
        calibration={"method": "platt", "slope": 6.0, "intercept": 2.0},
        operating_point=OperatingPoint(threshold=0.3, rule="sensitivity>=0.95", chosen_on="validation part"),
        cohort={"name": "phantoms", "digest": "0", "label_source": "simulated", "split_kind": "patient-level"},
        images=[np.random.default_rng(0).integers(0, 200, (32, 32), dtype=np.uint8)],
        metrics={"auc": {"value": 0.75, "low": 0.6, "high": 0.9, "n": 40}, "accuracy": {"value": 0.7}},
    ).folder


def cases(folder: Path, patients: int, *, label_source: str = "pathology") -> Path:
    """Frames of noise, of which those of malignant patients are brighter on average; two frames of each patient."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    rows = []
    for number in range(2 * patients):
        malignant = (number // 2) % 2 == 1
        pixels = draw.normal(110 + 20 * malignant + 25 * draw.normal(), 25, (48, 48)).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        label = "malignant" if malignant else "benign"
        rows.append({"image": f"{number}.png", "label": label, "patient_id": number // 2, "label_source": label_source})
    pd.DataFrame(rows).to_csv(folder / "cohort.csv", index=False)
    return folder


def test_risks_that_are_too_extreme_and_too_high_are_repaired_out_of_fold():
    """Truth is drawn from known risks; the model states log odds twice as large, plus one."""
    draw = np.random.default_rng(1)
    true_risk = expit(draw.normal(0, 1.2, 1200))
    answers = Answers(
        truth=(draw.random(1200) < true_risk).astype(np.int64),
        probability=expit(2 * logit(true_risk) + 1),
        group=np.array([f"p{number // 3}" for number in range(1200)]),
    )
    before, after = measure(answers, answers.probability), measure(answers, out_of_fold(answers, method="platt"))
    assert before.slope.value == pytest.approx(0.5, abs=0.07)
    assert before.slope.high < 1 < after.slope.high
    assert after.slope.low < 1
    assert abs(after.intercept.value) < 0.15 < abs(before.intercept.value)
    assert after.ece.value < 0.05 < before.ece.value


def test_no_group_is_calibrated_by_its_own_cases():
    """One group is all wrong; a calibrator that had seen it would be drawn towards it."""
    truth = np.tile([0, 1], 100)
    group = np.array([f"p{number // 2}" for number in range(200)])
    probability = np.where(truth == 1, 0.8, 0.2)
    answers = Answers(truth, probability, group)
    risk = out_of_fold(answers, method="platt")
    turned = Answers(np.where(group == "p0", 1 - truth, truth), probability, group)
    assert np.array_equal(out_of_fold(turned, method="platt")[:2], risk[:2])


def test_the_new_model_keeps_the_weights_and_names_the_old_one(model, tmp_path):
    before = {file.name: file.read_bytes() for file in model.iterdir()}
    found = recalibrate(model, cases(tmp_path / "ours", 50), out=tmp_path / "new")
    old, new = load_bundle(model), load_bundle(tmp_path / "new")
    assert {file.name: file.read_bytes() for file in model.iterdir()} == before
    assert new.hash == found.bundle.hash != old.hash
    assert new.info.weights_sha256 == old.info.weights_sha256
    assert (tmp_path / "new" / "model.onnx").read_bytes() == before["model.onnx"]
    assert new.info.recalibration["parent"] == old.hash
    assert (found.images, found.malignant, found.groups) == (100, 50, 50)
    assert new.info.operating_point.rule == "sensitivity>=0.95"
    assert set(new.info.metrics) == {"auc"}  # accuracy was of the old threshold
    assert new.title == "Tiny CNN trained on phantoms, calibrated on ours (pathology)"
    assert found.after.ece.value < found.before.ece.value
    card = model_card(new.info, model_hash=new.hash)
    for fact in (
        f"the model with hash `{old.hash}`, whose weights it has",
        "Labels: simulated",
        "100 images (50 malignant, 50 groups) of ours",
        "- Label source: pathology",
        "| AUC | 0.750 | 0.600 to 0.900 | 40 |",
        f"| Expected calibration error | {found.before.ece.value:.3f} (",
    ):
        assert fact in card, fact
    assert "fitted anew" not in model_card(old.info, model_hash=old.hash)


@pytest.mark.parametrize(("patients", "method"), [(30, "platt"), (50, "beta")])
def test_too_few_patients_are_refused_in_one_sentence(model, tmp_path, patients, method):
    with pytest.raises(CohortError, match=rf"has {patients // 2} patients with benign nodules; {method} calibration"):
        recalibrate(model, cases(tmp_path / "ours", patients), out=tmp_path / "new", method=method)
    assert not (tmp_path / "new").exists()


def test_the_model_is_not_written_over(model, tmp_path):
    with pytest.raises(BundleError, match="stays as it is"):
        recalibrate(model, cases(tmp_path / "ours", 50), out=model)


def test_the_cases_of_its_training_are_refused(model, tmp_path):
    from thyrosight.cohort import open_cohort

    cohort = open_cohort(cases(tmp_path / "ours", 50))
    bundle = load_bundle(model)
    info = bundle.info.model_copy(update={"cohort": {**bundle.info.cohort, "digest": cohort.digest()}})
    with pytest.raises(CohortError, match="the cohort that the model was trained on"):
        recalibrate(type(bundle)(bundle.folder, info, bundle.session, bundle.hash), cohort, out=tmp_path / "new")
