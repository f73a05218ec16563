"""Both trainings: what they are shown, what they learn from, and that a broken one goes on as if it had not been."""

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from thyrosight.default_models.finder import FinderOptions, batches_of, mask_loss, train_finder, training_set
from thyrosight.default_models.finder_views import near
from thyrosight.default_models.finding import finder_network
from thyrosight.default_models.fitting import STATE, WEIGHTS
from thyrosight.default_models.pack import load
from thyrosight.default_models.risk import (
    PATHOLOGY,
    TIRADS,
    Examples,
    RiskOptions,
    answer_loss,
    near_view,
    train_risk,
)
from thyrosight.default_models.views import whole
from thyrosight.errors import CohortError

FINDER = FinderOptions(
    size=32, epochs=2, batch=4, ddti_per_epoch=6, busi_per_epoch=4, tn5000_per_epoch=4, weights="none", rate=1e-3
)
RISK = RiskOptions(size=32, epochs=2, batch=4, ddti_per_epoch=4, weights="none", style=0.5)
TRAINED = FINDER.model_copy(update={"ddti_per_epoch": 4, "busi_per_epoch": 2, "tn5000_per_epoch": 2})
"""Two steps in each epoch, which take longer than all else."""
RISK_TRAINED = RISK.model_copy(update={"batch": 6})


class KilledError(Exception):
    """Stands for a process that is killed."""


def _stopping_at(step: int) -> object:
    def progress(what: str, done: int, total: int) -> None:
        if what.startswith("Training") and done == step:
            raise KilledError

    return progress


def test_a_killed_training_gives_the_weights_of_one_that_was_not(packs: Path, tmp_path: Path) -> None:
    whole_run, broken = tmp_path / "whole", tmp_path / "broken"
    losses = train_finder(packs, whole_run, TRAINED)
    with pytest.raises(KilledError):
        train_finder(packs, broken, TRAINED, progress=_stopping_at(3))  # type: ignore[arg-type]
    assert (broken / STATE).is_file()
    assert train_finder(packs, broken, TRAINED) == losses
    assert (broken / WEIGHTS).read_bytes() == (whole_run / WEIGHTS).read_bytes()


def test_a_killed_training_of_the_risk_model_goes_on_too_and_a_start_is_taken_over(packs: Path, tmp_path: Path) -> None:
    losses = train_risk(packs, tmp_path / "whole", RISK_TRAINED)
    with pytest.raises(KilledError):
        train_risk(packs, tmp_path / "broken", RISK_TRAINED, progress=_stopping_at(3))  # type: ignore[arg-type]
    assert (tmp_path / "broken" / STATE).is_file()
    assert train_risk(packs, tmp_path / "broken", RISK_TRAINED) == losses
    first, second = (load_file(tmp_path / name / WEIGHTS) for name in ("whole", "broken"))
    assert all(torch.equal(first[name], second[name]) for name in first)
    start = tmp_path / "whole" / WEIGHTS
    train_risk(packs, tmp_path / "next", RISK_TRAINED.model_copy(update={"epochs": 1, "rate": 1e-12}), start=start)
    held = load_file(tmp_path / "next" / WEIGHTS)
    assert torch.allclose(held["classifier.weight"], first["classifier.weight"], atol=1e-9)


def test_the_fold_and_part_valid_are_never_shown(packs: Path) -> None:
    pack = load(packs / "tn5000.npz")
    shown = {str(key) for frames, _ in training_set(packs, FINDER) for key in frames.pack.key}
    examples = Examples(packs, RISK)
    hidden = {
        str(key)
        for key, fold, note in zip(pack.key, pack.fold, pack.note, strict=True)
        if fold == 0 or note.startswith("part=valid")
    }
    assert hidden and not hidden & {str(key) for key in examples.tn5000.key}
    assert not {key for key in shown if key.isdecimal()} & hidden
    ddti = load(packs / "ddti.npz")
    assert not {str(key) for key in ddti.key[ddti.fold == 0]} & shown


def test_batches_of_one_epoch_are_the_same_again_and_of_another_are_not(packs: Path) -> None:
    kinds = training_set(packs, FINDER)
    first, again, later = (next(batches_of(kinds, FINDER, epoch)) for epoch in (0, 0, 1))
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))
    assert not torch.equal(first[0], later[0])
    pictures, masks, unknown, thyroid, other = first
    assert pictures.shape == (4, 3, 32, 32) and masks.shape == unknown.shape == (4, 1, 32, 32)
    assert thyroid.shape == other.shape == (4, 1, 2, 2)
    assert (thyroid + other <= 1.01).all() and thyroid.max() > 0 and other.max() > 0
    assert pictures.min() >= -127 / 128 and pictures.max() <= 1
    assert masks.min() >= 0 and masks.max() <= 1


def test_breasts_show_no_thyroid_and_sectors_are_shown_where_they_are_asked_for(packs: Path) -> None:
    kinds = training_set(packs, FINDER)
    assert [frames.thyroid for frames, _ in kinds] == [
        not str(frames.pack.note[0]).startswith("class=") for frames, _ in kinds
    ]
    assert {frames.thyroid for frames, _ in kinds} == {True, False}
    dark = []
    for chance in (0.0, 1.0):
        options = FINDER.model_copy(update={"sector": chance, "mosaic": 0.0, "strength": 0.0, "zoom": (0.6, 0.7)})
        pictures = torch.cat([batch[0] for batch in batches_of(kinds, options, 0)])
        dark.append(float((pictures < -126 / 128).float().mean()))
    assert dark[1] > dark[0] + 0.05


def test_what_is_unknown_teaches_nothing() -> None:
    masks = torch.zeros(2, 1, 8, 8)
    masks[:, :, :4] = 1
    unknown = torch.zeros_like(masks)
    unknown[:, :, 4:] = 1
    logits = torch.randn(2, 1, 8, 8, generator=torch.Generator().manual_seed(0)).requires_grad_()
    mask_loss(logits, masks, unknown).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert not logits.grad[:, :, 4:].any() and logits.grad[:, :, :4].all()


def test_a_frame_without_a_nodule_is_judged_by_its_pixels_alone() -> None:
    masks, unknown = torch.zeros(1, 1, 8, 8), torch.zeros(1, 1, 8, 8)
    assert mask_loss(torch.full((1, 1, 8, 8), -20.0), masks, unknown) < 1e-6
    assert mask_loss(torch.full((1, 1, 8, 8), 5.0), masks, unknown) > 4


def test_each_label_teaches_its_own_answer() -> None:
    logits = torch.zeros(2, 2, requires_grad=True)
    source = torch.tensor([PATHOLOGY, TIRADS])
    answer_loss(logits, torch.tensor([1.0, 0.1]), source, torch.tensor([1.0, 0.5])).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert logits.grad[0, PATHOLOGY] < 0 and logits.grad[1, TIRADS] > 0
    assert logits.grad[0, TIRADS] == 0 and logits.grad[1, PATHOLOGY] == 0


def test_boxes_come_from_outlines_first_then_from_the_finder(packs: Path) -> None:
    box = np.array([10.0, 20.0, 60.0, 80.0])
    examples = Examples(packs, RISK, {str(key): box for key in load(packs / "tn5000.npz").key})
    pack = examples.tn5000
    drawn, plain = (int(np.flatnonzero(pack.outlined == wanted)[0]) for wanted in (True, False))
    assert not np.array_equal(examples._box(pack, drawn), box)
    assert np.array_equal(examples._box(pack, plain), box)
    assert Examples(packs, RISK)._box(pack, plain) is None


@pytest.mark.parametrize("context", [0.5, 1.8, 3.0, 50.0])
def test_a_window_near_a_nodule_is_a_third_of_the_scan_area_to_all_of_it(context: float) -> None:
    extent, box = np.array([300, 384]), np.array([100.0, 90.0, 220.0, 160.0])
    view = near_view(extent, box, context)
    assert 128 <= view.width <= 384 and view.width == pytest.approx(view.height)
    assert (view.left + view.right, view.top + view.bottom) == (320, 250)
    if 128 < context * 120 < 384:
        assert view.width == pytest.approx(context * 120)


def test_a_window_near_a_mask_holds_its_middle() -> None:
    mask = np.zeros((384, 384), dtype=bool)
    mask[100:140, 200:280] = True
    for seed in range(10):
        view = near(mask, whole(np.array([300, 384])), np.random.default_rng(seed))
        assert view.left < 240 < view.right and view.top < 120 < view.bottom
        assert 384 / 5 <= view.width <= 384


def test_the_answer_for_tissue_shapes_the_encoder_and_is_no_part_of_the_finder(packs: Path, tmp_path: Path) -> None:
    plain, shaped = (
        TRAINED.model_copy(update={"tissue": weight, "epochs": 1, "frozen_blocks": 0}) for weight in (0.0, 5.0)
    )
    for seed, (name, options) in enumerate((("plain", plain), ("shaped", shaped), ("again", shaped))):
        torch.manual_seed(seed)  # chance of others must not reach it
        train_finder(packs, tmp_path / name, options)
    first, second, again = (load_file(tmp_path / name / WEIGHTS) for name in ("plain", "shaped", "again"))
    assert first.keys() == second.keys() and all(torch.equal(second[name], again[name]) for name in second)
    finder_network(tmp_path / "shaped" / WEIGHTS)
    deepest = [name for name in first if name.startswith("encoder.body.blocks.6") and name.endswith("conv_pw.weight")]
    assert deepest and not any(torch.equal(first[name], second[name]) for name in deepest)


def test_too_few_frames_for_a_batch_are_refused_in_one_sentence(packs: Path, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="fewer frames to learn from than one batch takes"):
        train_finder(packs, tmp_path, FINDER.model_copy(update={"batch": 500}))
