"""Training as a whole: it learns, it repeats itself to the byte, it survives being killed, it says what is wrong."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from thyrosight.errors import BundleError, NetworkError, OutputError
from thyrosight.networks import ModelSpec, build, create, load_weights
from thyrosight.training import Augmentation, FitOptions, FitResult, LossOptions, PreparedSet, Stopwatch, fit
from thyrosight.training.precision import fastest_precision

_FILE = Path(__file__).with_name("killed_run.py")
_loaded = importlib.util.spec_from_file_location("killed_run", _FILE)
assert _loaded is not None
assert _loaded.loader is not None
run = importlib.util.module_from_spec(_loaded)
_loaded.loader.exec_module(run)

OPTIONS: FitOptions = run.OPTIONS


def _change(**fields: Any) -> FitOptions:
    return FitOptions.model_validate({**OPTIONS.model_dump(), **fields})


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> FitResult:
    """An uninterrupted run."""
    result: FitResult = run.train(tmp_path_factory.mktemp("whole"))
    return result


def _bytes(result: FitResult) -> bytes:
    return result.weights.read_bytes()


def _losses(result: FitResult) -> list[tuple[float, float, float | None]]:
    return [(e["train_loss"], e["validation_loss"], e["validation_auc"]) for e in result.history]


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(whole: FitResult, tmp_path: Path) -> None:
    torch.manual_seed(123)  # what the caller drew before must not matter
    again = run.train(tmp_path / "again")
    assert _bytes(again) == _bytes(whole)
    assert _losses(again) == _losses(whole)
    assert _bytes(run.train(tmp_path / "other", options=_change(seed=1))) != _bytes(whole)


@pytest.mark.timeout(1800)  # a new process imports PyTorch, which takes minutes on a machine with other work
def test_a_run_killed_in_mid_epoch_ends_with_the_same_bytes(whole: FitResult, tmp_path: Path) -> None:
    """A process of its own, killed for good (SIGKILL; TerminateProcess on Windows) in the third epoch."""
    threads = str(torch.get_num_threads())
    command = [sys.executable, str(_FILE), str(tmp_path), str(2 * run.STEPS + 3), threads]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "waiting\n", process.stderr.read()
        process.kill()
        process.wait()
        assert process.stderr.read() == ""  # Lightning kept quiet
    assert (tmp_path / "last.ckpt").exists()
    assert not (tmp_path / "weights.safetensors").exists()
    resumed = run.train(tmp_path)
    assert _bytes(resumed) == _bytes(whole)
    assert _losses(resumed) == _losses(whole)


@pytest.mark.parametrize("batch", [1, 2, 5, 6, 10, 13, 20, 21])
def test_an_interrupt_at_any_batch_changes_nothing(whole: FitResult, tmp_path: Path, batch: int) -> None:
    def stop(what: str, done: int, total: int) -> None:
        if done == batch:
            raise KeyboardInterrupt

    network, spec = create("tiny", input_size=16, dropout=0.5)
    train, validation = run.images(8 * run.STEPS, seed=0), run.images(16, seed=1)
    with pytest.raises(KeyboardInterrupt):
        fit(network, spec, train=train, validation=validation, options=OPTIONS, folder=tmp_path, progress=stop)
    assert _bytes(run.train(tmp_path)) == _bytes(whole)


@pytest.mark.parametrize("name", ["last.ckpt", "best.ckpt", "weights.safetensors", "training.json"])
def test_an_interrupt_while_a_file_is_written_changes_nothing(
    whole: FitResult, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is half written when it happens, at its second writing where there is one."""
    written: list[str] = []
    replace = Path.replace

    def interrupted(self: Path, target: Path) -> Path:
        written.append(Path(target).name)
        if name == Path(target).name and (written.count(name) == 2 or "weights" in name or "json" in name):
            raise KeyboardInterrupt
        return replace(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run.train(tmp_path)
    assert _bytes(run.train(tmp_path)) == _bytes(whole)


def test_a_finished_run_is_taken_over_at_once(whole: FitResult) -> None:
    seen: list[int] = []
    network, spec = create("tiny", input_size=16, dropout=0.5)
    train, validation = run.images(8 * run.STEPS, seed=0), run.images(16, seed=1)
    again = fit(
        network,
        spec,
        train=train,
        validation=validation,
        options=OPTIONS,
        folder=whole.weights.parent,
        progress=lambda *step: seen.append(step[1]),
    )
    assert again == whole
    assert seen == []
    expected = build(spec)
    load_weights(expected, whole.weights)
    for name, tensor in network.state_dict().items():
        assert torch.equal(tensor, expected.state_dict()[name])


def test_the_folder_holds_the_result_and_no_more(whole: FitResult) -> None:
    assert sorted(path.name for path in whole.weights.parent.iterdir()) == ["training.json", "weights.safetensors"]
    record = json.loads((whole.weights.parent / "training.json").read_text(encoding="utf-8"))
    assert record["history"] == whole.history
    assert [epoch["epoch"] for epoch in whole.history] == [1, 2, 3, 4]


def test_checkpoints_that_are_kept_load_without_code(tmp_path: Path) -> None:
    result = run.train(tmp_path, options=_change(keep_checkpoints=True))
    for name, epoch in (("last.ckpt", 4), ("best.ckpt", result.best_epoch)):
        content = torch.load(tmp_path / name, weights_only=True)
        assert content["epoch"] == epoch
        build(ModelSpec.model_validate(content["configuration"]["network"])).load_state_dict(content["network"])


def _easy(number: int, *, seed: int) -> PreparedSet:
    easy: PreparedSet = run.images(number, seed=seed)
    easy.store[easy.labels == 1, 4:9, 4:9] += 80
    return easy


@pytest.mark.parametrize("optimiser", ["adam", "adamw", "sgd"])
@pytest.mark.parametrize("precision", ["32", "bf16"])
def test_it_learns_what_can_be_learnt(tmp_path: Path, optimiser: str, precision: str) -> None:
    network, spec = create("tiny", input_size=16)
    options = FitOptions(
        epochs=6,
        batch_size=8,
        learning_rate=0.01 if optimiser == "sgd" else 5e-3,
        optimiser=optimiser,
        precision=precision,
        augmentation=Augmentation(shift=0, rotation_degrees=5),
        accelerator="cpu",
    )
    train, validation = _easy(64, seed=0), _easy(40, seed=1)
    result = fit(network, spec, train=train, validation=validation, options=options, folder=tmp_path)
    best = result.history[result.best_epoch - 1]
    assert best["validation_auc"] is not None
    assert best["validation_auc"] > 0.95
    assert result.history[-1]["train_loss"] < 0.7 * result.history[0]["train_loss"]
    assert next(network.parameters()).dtype == torch.float32


def test_the_kept_weights_are_those_of_the_best_epoch(tmp_path: Path) -> None:
    """Trained so hard that the last epoch is not the best: each choice reproduces its own epoch's validation loss."""
    from thyrosight.inference import predict_logits
    from thyrosight.training.losses import training_loss

    results = {}
    for keep in ("best", "last"):
        network, spec = create("tiny", input_size=16, seed=2)
        train, validation = run.images(40, seed=0), run.images(16, seed=1)
        options = _change(keep=keep, epochs=8, learning_rate=0.02, loss={"name": "focal"})
        result = fit(network, spec, train=train, validation=validation, options=options, folder=tmp_path / keep)
        logits = torch.from_numpy(predict_logits(network, spec, validation.pixels, batch_size=8))
        losses = training_loss(logits, torch.from_numpy(validation.labels), options.loss, weights=None)
        results[keep] = (float(losses.mean()), result)
    history = results["best"][1].history
    best = results["best"][1].best_epoch
    assert best < 8
    assert results["best"][0] == pytest.approx(history[best - 1]["validation_loss"], rel=1e-5)
    assert results["last"][0] == pytest.approx(history[-1]["validation_loss"], rel=1e-5)


def test_patience_ends_training_early_and_progress_still_ends(tmp_path: Path) -> None:
    """A learning rate that changes nothing: the first epoch stays the best but for chance; patience 1 must stop."""
    seen: list[tuple[int, int]] = []
    network, spec = create("tiny", input_size=16)
    result = fit(
        network,
        spec,
        train=run.images(16, seed=0),
        validation=PreparedSet.of(np.zeros((4, 16, 16), dtype=np.uint8), [0, 1, 0, 1], list("abcd")),
        options=FitOptions(epochs=50, batch_size=8, patience=3, learning_rate=1e-12, accelerator="cpu", precision="32"),
        folder=tmp_path,
        progress=lambda _, done, total: seen.append((done, total)),
    )
    assert len(result.history) < 50
    assert len(result.history) - result.best_epoch == 3
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen[:-1]] == sorted(done for done, _ in seen[:-1])


def test_inception_trains_with_its_auxiliary_head(tmp_path: Path) -> None:
    network, spec = create("inception_v3", input_size=75)
    before = network.AuxLogits.fc.weight.detach().clone()
    fit(
        network,
        spec,
        train=run.images(4, seed=0, size=75),
        validation=run.images(2, seed=1, size=75),
        options=FitOptions(epochs=1, batch_size=4, accelerator="cpu", precision="bf16"),
        folder=tmp_path,
    )
    assert not torch.equal(network.AuxLogits.fc.weight, before)


def test_stages_account_for_the_time_of_training(tmp_path: Path) -> None:
    watch = Stopwatch()
    network, spec = create("tiny", input_size=16)
    train, validation = run.images(40, seed=0), run.images(16, seed=1)
    options = _change(epochs=3)
    result = fit(network, spec, train=train, validation=validation, options=options, folder=tmp_path, stopwatch=watch)
    stages = ["transfer", "augmenting", "forward", "backward", "optimiser", "validation", "checkpoints"]
    assert sorted(watch.seconds) == sorted(stages)
    without_checkpoints = sum(watch.seconds.values()) - watch.seconds["checkpoints"]
    assert without_checkpoints <= sum(epoch["seconds"] for epoch in result.history)


def test_nothing_is_printed_or_left_behind(tmp_path: Path, capfd: pytest.CaptureFixture[str], recwarn: Any) -> None:
    run.train(tmp_path / "run", options=_change(epochs=1, precision="auto"))
    assert capfd.readouterr() == ("", "")
    assert [str(warning.message) for warning in recwarn.list] == []
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_it_says_with_which_precision_it_trained_and_goes_on_with_no_other(tmp_path: Path) -> None:
    result = run.train(tmp_path, options=_change(epochs=1, precision="auto"))
    assert result.precision == fastest_precision("cpu")
    assert run.train(tmp_path, options=_change(epochs=1, precision=result.precision)).history == result.history
    other = "bf16" if result.precision == "32" else "32"
    with pytest.raises(BundleError, match=rf"training\.precision is {result.precision} there and {other} now"):
        run.train(tmp_path, options=_change(epochs=1, precision=other))


def test_random_numbers_of_the_caller_are_left_alone(tmp_path: Path) -> None:
    torch.manual_seed(5)
    expected = torch.rand(2)
    torch.manual_seed(5)
    run.train(tmp_path, options=_change(epochs=1))
    assert torch.equal(torch.rand(2), expected)


# What can be wrong.


def _fit(tmp_path: Path, **changes: Any) -> FitResult:
    network, spec = create("tiny", input_size=16)
    arguments = {"train": run.images(16, seed=0), "validation": run.images(8, seed=1), "options": _change(epochs=1)}
    return fit(network, spec, folder=tmp_path, **{**arguments, **changes})


def test_a_folder_of_another_configuration_is_not_touched(whole: FitResult, tmp_path: Path) -> None:
    run.train(tmp_path, options=_change(epochs=1))
    before = (tmp_path / "weights.safetensors").read_bytes()
    with pytest.raises(BundleError, match=r"training\.epochs is 1 there and 4 now"):
        run.train(tmp_path)
    with pytest.raises(BundleError, match=r"training images is \w+\.\.\. there"):
        _fit(tmp_path)
    assert (tmp_path / "weights.safetensors").read_bytes() == before


def test_devices_do_not_belong_to_the_configuration(whole: FitResult) -> None:
    assert run.train(whole.weights.parent, options=_change(accelerator="auto", devices=1)) == whole


def test_damaged_results_are_named(tmp_path: Path) -> None:
    options = _change(epochs=1)
    result = run.train(tmp_path, options=options)
    content = result.weights.read_bytes()
    result.weights.write_bytes(content[:-1] + b"\0")
    with pytest.raises(BundleError, match=r"weights\.safetensors is damaged: its SHA-256 has changed"):
        run.train(tmp_path, options=options)
    (tmp_path / "training.json").write_text("{", encoding="utf-8")
    with pytest.raises(BundleError, match=r"training\.json is damaged"):
        run.train(tmp_path, options=options)


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "last.ckpt").write_bytes(b"not a checkpoint")
    with pytest.raises(BundleError, match=r"last\.ckpt is damaged; delete its folder to train anew"):
        run.train(tmp_path)


def test_divergence_is_said_and_leaves_no_result(tmp_path: Path) -> None:
    options = _change(epochs=3, learning_rate=1e30, optimiser="sgd")
    with pytest.raises(NetworkError, match=r"learning rate"):
        _fit(tmp_path, options=options)
    assert not (tmp_path / "weights.safetensors").exists()


def test_an_image_in_both_parts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"8 images are in both .* for example 0-0; correct the split"):
        _fit(tmp_path, validation=run.images(8, seed=0))


def test_images_of_another_size_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match=r"tiny was made for 16 x 16 pixels, the images were prepared at 20 x 20"):
        _fit(tmp_path, train=run.images(8, seed=0, size=20))


def test_too_few_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="at least 2 training images"):
        _fit(tmp_path, train=run.images(1, seed=0))


def test_machines_need_a_launcher_and_devices_must_exist(tmp_path: Path) -> None:
    with pytest.raises(NetworkError, match="same command started on each of them by torchrun"):
        _fit(tmp_path, options=_change(nodes=2))
    with pytest.raises(NetworkError, match="batch of 8 images cannot be shared by 5 processes; choose batch_size 10"):
        _fit(tmp_path, options=_change(devices=5))


@pytest.mark.parametrize("parameter", ["loss"])
def test_a_class_without_images_cannot_be_balanced(tmp_path: Path, parameter: str) -> None:
    one_class = PreparedSet.of(np.zeros((4, 16, 16), dtype=np.uint8), [1, 1, 1, 1])
    with pytest.raises(NetworkError, match="no training image"):
        _fit(tmp_path, train=one_class, options=_change(**{parameter: LossOptions(alpha="balanced").model_dump()}))


def test_a_file_in_the_way_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match="choose another folder"):
        _fit(tmp_path / "file" / "run")
