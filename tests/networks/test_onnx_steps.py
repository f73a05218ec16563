"""Networks are broken down for ONNX without a search where that gives the same, and by torch where it would not."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn
from torch.export import ExportedProgram, default_decompositions, export

from tests.known_graphs import KnownGraphs
from thyrosight.networks import create, onnx_file, to_input
from thyrosight.networks.onnx_file import write_onnx
from thyrosight.networks.onnx_steps import break_down


class Residual(nn.Module):
    """Norms, a sum in place and a mean, as ResNet has them."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.norm = nn.Conv2d(3, 3, 3, padding=1), nn.BatchNorm2d(3)
        self.norm.running_mean, self.norm.running_var = torch.tensor([0.1, -0.2, 0.3]), torch.tensor([0.5, 1.5, 2.0])
        self.mean = nn.AdaptiveAvgPool2d(1)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        found = self.norm(self.first(images))
        found += images
        means: torch.Tensor = self.mean(nn.functional.relu(found, inplace=True).to(torch.float64))
        return means


class LastNorm(nn.Module):
    """A norm is its last step, and its outputs are that and the same again."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(3)

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = self.norm(images)
        return found, found.detach()


class SeenElsewhere(nn.Module):
    """Steps in place whose memory another step has seen: `ahead` is what they leave there, not what was."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        values = nn.functional.relu(images)
        ahead = values.view(-1)
        values = nn.functional.relu(values, inplace=True)
        values += images
        return ahead + images.view(-1)


class PartOfAWhole(nn.Module):
    """A sum in place in one half of the channels, whose memory is that of the whole."""

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        whole = nn.functional.relu(images)
        first, _ = whole.split([1, 2], dim=1)
        first += images[:, :1]
        return whole


def program_of(network: nn.Module) -> tuple[ExportedProgram, torch.Tensor]:
    images = torch.randn(2, 3, 5, 5, generator=torch.Generator().manual_seed(1))
    return export(network.eval().requires_grad_(False), (images,)), images


def test_steps_that_onnx_does_not_know_are_replaced_by_those_that_give_the_same() -> None:
    program, images = program_of(Residual())
    before = program.module()(images)
    break_down(program)
    names = {str(step.target) for step in program.graph.nodes if step.op == "call_function"}
    assert {"aten.add.Tensor", "aten.relu.default", "aten.mean.dim", "aten._to_copy.default"} <= names
    assert not names & {"aten.add_.Tensor", "aten.relu_.default", "aten.batch_norm.default"}
    assert program.run_decompositions(default_decompositions()) is not None
    torch.testing.assert_close(program.module()(images), before, rtol=0, atol=0)


def test_nothing_is_searched_for_where_every_step_is_known() -> None:
    program, _ = program_of(Residual())
    break_down(program)
    assert program.run_decompositions({}) is program


@pytest.mark.parametrize("network", [SeenElsewhere(), PartOfAWhole()], ids=["seen elsewhere", "part of a whole"])
def test_a_sum_in_place_that_another_step_sees_is_left_to_torch(network: nn.Module) -> None:
    program, images = program_of(network)
    expected = network(images)
    break_down(program)
    searched = program.run_decompositions({})
    assert searched is not program
    torch.testing.assert_close(searched.module()(images), expected)


def test_outputs_keep_their_names() -> None:
    program, images = program_of(LastNorm())
    names = program.graph_signature.user_outputs
    break_down(program)
    (output,) = (step for step in program.graph.nodes if step.op == "output")
    assert tuple(step.name for step in output.args[0]) == names
    found = program.run_decompositions(default_decompositions()).module()(images)
    torch.testing.assert_close(found, LastNorm().eval()(images))


def test_where_a_step_of_ours_is_not_taken_torch_breaks_the_network_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = []

    def unknown(program: ExportedProgram) -> None:
        tried.append(program)
        program.run_decompositions = lambda *_, **__: program  # type: ignore[method-assign]

    network, spec = create("tiny", input_size=32)
    network.eval().requires_grad_(False)
    monkeypatch.setattr(onnx_file, "_KNOWN", KnownGraphs(tmp_path, tmp_path))
    monkeypatch.setattr(onnx_file, "break_down", unknown)
    write_onnx(network, spec, tmp_path / "model.onnx")
    assert len(tried) == 1
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32), dtype=np.uint8)
    logits = onnxruntime.InferenceSession(tmp_path / "model.onnx").run(["logits"], {"pixels": pixels})[0]
    np.testing.assert_allclose(logits, network(to_input(pixels, spec)), atol=1e-6)
