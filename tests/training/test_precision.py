"""Which precision a machine trains with, and what stays in 32 bits within bf16."""

import warnings
from collections.abc import Iterator

import pytest
import torch
from torch import nn

from thyrosight.errors import ThyroSightWarning
from thyrosight.training.options import FitOptions
from thyrosight.training.precision import (
    depthwise_in_float32,
    fastest_precision,
    processor_has_bf16,
    warn_if_slow,
)


@pytest.fixture(autouse=True)
def _asked_anew() -> Iterator[None]:
    """Let each test ask the machine that it makes up, and leave none of its answers."""
    for function in (fastest_precision, processor_has_bf16):
        function.cache_clear()
    yield
    for function in (fastest_precision, processor_has_bf16):
        function.cache_clear()


def _processor(monkeypatch: pytest.MonkeyPatch, **capabilities: bool | str) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities, raising=False)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize("unit", ["avx512_bf16", "amx_bf16", "bf16"])
def test_a_processor_with_units_for_bf16_uses_them(monkeypatch: pytest.MonkeyPatch, unit: str) -> None:
    _processor(monkeypatch, avx2=True, **{unit: True})
    assert fastest_precision("auto") == fastest_precision("cpu") == "bf16"
    assert FitOptions().settled().precision == "bf16"
    assert FitOptions().identity()["precision"] == "bf16"


def test_a_processor_without_them_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    _processor(monkeypatch, avx2=True, avx512_f=True, avx512_bf16=False, amx_bf16=False)
    assert fastest_precision("auto") == "32"
    assert FitOptions().identity() == FitOptions(precision="32").identity()


@pytest.mark.parametrize(
    ("name", "amx", "precision"),
    [("Intel Xeon", False, "32"), ("Intel Xeon", True, "bf16"), ("AMD EPYC", False, "bf16"), ("", False, "bf16")],
)
def test_units_that_slow_a_training_down_are_not_used(
    monkeypatch: pytest.MonkeyPatch, name: str, amx: bool, precision: str
) -> None:
    _processor(monkeypatch, avx512_bf16=True, amx_bf16=amx, cpu_name=name)
    assert fastest_precision("cpu") == precision
    with warnings.catch_warnings(record=True, action="always") as caught:
        warn_if_slow("bf16", "cpu")
    slow = "bf16 on this machine takes up to 1.6 times as long as with 32, because it has slow units for bf16"
    assert [slow in str(one.message) for one in caught] == [True] * (precision == "32")


def test_a_gpu_without_units_is_not_taken_for_its_processor(monkeypatch: pytest.MonkeyPatch) -> None:
    _processor(monkeypatch, amx_bf16=True)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: False)
    with pytest.warns(ThyroSightWarning, match="because it has no units for bf16"):
        warn_if_slow("bf16", "gpu")


def test_without_the_library_that_uses_the_units_it_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    _processor(monkeypatch, amx_bf16=True)
    monkeypatch.setattr(torch.backends.mkldnn, "is_available", lambda: False)
    assert fastest_precision("cpu") == "32"


def test_an_old_torch_that_cannot_tell_counts_as_without(monkeypatch: pytest.MonkeyPatch) -> None:
    _processor(monkeypatch)
    monkeypatch.delattr(torch.cpu, "get_capabilities")
    assert fastest_precision("cpu") == "32"


@pytest.mark.parametrize(("able", "precision"), [(True, "bf16"), (False, "32")])
def test_a_gpu_decides_where_it_trains(monkeypatch: pytest.MonkeyPatch, able: bool, precision: str) -> None:
    _processor(monkeypatch, amx_bf16=not able)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: able and not including_emulation)
    assert fastest_precision("auto") == fastest_precision("gpu") == precision
    assert fastest_precision("cpu") != precision


def test_what_was_asked_for_in_so_many_words_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    _processor(monkeypatch, amx_bf16=True)
    assert FitOptions(precision="32").settled().precision == "32"
    _processor(monkeypatch)
    assert FitOptions(precision="bf16").identity()["precision"] == "bf16"


def test_bf16_without_units_warns_once_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _processor(monkeypatch, avx2=True)
    with pytest.warns(ThyroSightWarning, match="about 13 times as long as with 32") as caught:
        warn_if_slow("bf16", "auto")
    assert len(caught) == 1
    with warnings.catch_warnings(action="error"):
        warn_if_slow("32", "auto")
        fastest_precision.cache_clear()
        processor_has_bf16.cache_clear()
        _processor(monkeypatch, avx512_bf16=True)
        warn_if_slow("bf16", "auto")


SLOW = [nn.Conv2d(4, 4, 3, stride=2, groups=4), nn.Conv2d(4, 4, 5, groups=4)]
FAST = [nn.Conv2d(4, 4, 3, groups=4), nn.Conv2d(4, 4, 5, groups=2), nn.Conv2d(4, 4, 5, stride=2), nn.Conv2d(1, 4, 5)]


@pytest.mark.parametrize("convolution", FAST)
def test_convolutions_that_gain_from_bf16_have_it(convolution: nn.Conv2d) -> None:
    with (
        depthwise_in_float32(convolution, torch.device("cpu"), "bf16"),
        torch.autocast("cpu", torch.bfloat16),
    ):
        assert convolution(torch.rand(2, convolution.in_channels, 8, 8)).dtype == torch.bfloat16


@pytest.mark.parametrize("convolution", SLOW)
def test_convolutions_that_bf16_slows_down_stay_in_32_bits_on_a_processor(convolution: nn.Conv2d) -> None:
    network = nn.Sequential(nn.Conv2d(4, 4, 1), convolution)
    images = torch.rand(2, 4, 8, 8)

    def kinds(precision: str, device: str = "cpu") -> list[torch.dtype]:
        with (
            depthwise_in_float32(network, torch.device(device), precision),
            torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"),
        ):
            first = network[0](images)
            return [first.dtype, network[1](first).dtype]

    assert kinds("bf16") == [torch.bfloat16, torch.float32]
    assert kinds("32") == [torch.float32, torch.float32]
    assert kinds("bf16", device="cuda") == [torch.bfloat16, torch.bfloat16]
    with torch.autocast("cpu", torch.bfloat16):
        assert network(images).dtype == torch.bfloat16  # as before, once training has ended
    assert "forward" not in vars(network[1])
