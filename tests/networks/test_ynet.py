"""The parts of Y-Net: what each promises that another arrangement of the same layers would not."""

import math

import torch

from thyrosight.networks import branch_sizes, create
from thyrosight.networks.ynet import (
    WIDTHS,
    PyramidBlock,
    PyramidConvolution,
    PyramidPooling,
    ResidualBlock,
    Resolution,
    YNetEncoder,
    YNetResidualDecoder,
)


def _features(channels: int, side: int = 24) -> torch.Tensor:
    return torch.randn(2, channels, side, side, generator=torch.Generator().manual_seed(3))


def test_the_four_scales_reach_one_to_four_pixels_far() -> None:
    """A single bright pixel is spread over 3 x 3 to 9 x 9 pixels by the four quarters of the channels."""
    layer = PyramidConvolution(32).eval()
    point = torch.zeros(1, 32, 24, 24)
    point[:, :, 12, 12] = 1
    with torch.inference_mode():
        quarters = layer(point).chunk(4, dim=1)
    for reach, quarter in enumerate(quarters, start=1):
        rows = quarter.abs().sum(dim=(0, 1, 3)).nonzero().flatten().tolist()
        assert (rows[0], rows[-1]) == (12 - reach, 12 + reach)


def test_scales_compete_for_each_channel() -> None:
    layer = PyramidConvolution(64)
    maps = torch.stack([scale(_features(64)) for scale in layer.scales], dim=1)
    weights = layer.weights(maps)
    assert weights.shape == (2, 4, 16)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(2, 16))
    # They depend on the image: channel attention, not constants.
    assert not torch.allclose(weights[0], weights[1])


def test_the_first_block_of_a_resolution_goes_past_the_last() -> None:
    """With everything but the first block silenced, its output still decides what comes out."""
    part = Resolution(32, 32, stride=1).eval()
    for parameter in part.rest.parameters():
        torch.nn.init.zeros_(parameter)
    part.rest[0].shortcut = torch.nn.Conv2d(32, 32, 1, bias=False)
    torch.nn.init.zeros_(part.rest[0].shortcut.weight)
    with torch.inference_mode():
        first = part.first(_features(32))
        assert part.rest(first).abs().max() == 0
        assert part(_features(32)).std() > 0


def test_encoder_halves_the_resolution_four_times() -> None:
    with torch.inference_mode():
        maps = YNetEncoder().eval()(torch.zeros(1, 3, 64, 96))
    assert [tuple(item.shape[1:]) for item in maps] == [(32, 32, 48), (64, 16, 24), (128, 8, 12), (256, 4, 6)]


def test_pooling_shows_every_pixel_a_field_of_a_third_of_the_image() -> None:
    pooling = PyramidPooling(32).eval()
    features = _features(32, side=36).requires_grad_()
    pooling(features)[0, :, 18, 18].sum().backward()
    assert features.grad is not None
    # The middle field of 3 x 3 pools a third of each side, where the convolution alone sees 3 pixels.
    rows = features.grad[0].abs().sum(dim=(0, 2)).nonzero().flatten()
    assert rows.max() - rows.min() >= 11


def _convolution(before: int, after: int, side: int, *, groups: int = 1, normalised: bool = True) -> int:
    """Weights of a convolution without bias, and two numbers a channel of the normalisation behind it."""
    return before // groups * after * side**2 + 2 * after * normalised


def _residual(before: int, after: int) -> int:
    shortcut = _convolution(before, after, 1, normalised=False)
    return _convolution(before, after, 3) + _convolution(after, after, 3) + shortcut


def _pyramid(channels: int) -> int:
    part = channels // 4
    hidden = max(part // 4, 4)
    scales = sum(
        _convolution(channels, part, side, groups=math.gcd(groups, part), normalised=False)
        for side, groups in ((3, 1), (5, 4), (7, 8), (9, 16))
    )
    attention = (part * hidden + hidden) + (hidden * part + part)
    return 2 * _convolution(channels, channels, 1) + scales + attention + 2 * channels


def _pooling(channels: int) -> int:
    return 4 * _convolution(channels, channels // 4, 1) + _convolution(2 * channels, channels, 3)


def test_parameters_of_both_decoders_are_those_counted_by_hand() -> None:
    steps = [(256, 128), (128, 64), (64, 32)]
    pooled = sum(_pooling(fine) for _, fine in steps) + 32 + 1  # and the mask
    plain = sum(_convolution(deep + fine, fine, 1) for deep, fine in steps) + pooled
    residual = sum(_residual(deep + fine, fine) + _pyramid(fine) for deep, fine in steps) + pooled
    assert (plain, residual) == (474_465, 1_437_609)
    for name, decoder in (("ynet", plain), ("ynet_residual", residual)):
        sizes = branch_sizes(create(name, input_size=32, task="joint")[1])
        assert sizes == {"encoder": 1_882_832, "decoder": decoder, "classifier": 256 * 128 + 128 + 128 * 2 + 2}


def test_each_join_of_the_residual_decoder_has_both_kinds_of_block() -> None:
    decoder = YNetResidualDecoder().eval()
    assert [[type(block) for block in join.children()] for join in decoder.joins] == [[ResidualBlock, PyramidBlock]] * 3
    maps = [torch.randn(2, width, 32 // 2**level, 48 // 2**level) for level, width in enumerate(WIDTHS)]
    with torch.inference_mode():
        assert decoder(maps).shape == (2, 1, 32, 48)
        for deep, fine, join in zip(maps[:0:-1], maps[-2::-1], decoder.joins, strict=True):
            joined = torch.randn(2, deep.shape[1] + fine.shape[1], *fine.shape[2:])
            assert join(joined).shape == fine.shape


def test_a_residual_block_lets_features_past() -> None:
    block = ResidualBlock(32, 32).eval()
    torch.nn.init.zeros_(block.path[1].weight)  # type: ignore[arg-type]
    with torch.inference_mode():
        torch.testing.assert_close(block(_features(32)), _features(32).relu())


def test_both_decoders_stand_on_one_encoder() -> None:
    plain, residual = (create(name, input_size=32, task="joint", seed=4)[0] for name in ("ynet", "ynet_residual"))
    own = residual.get_submodule("encoder").state_dict()
    assert all(torch.equal(own[key], tensor) for key, tensor in plain.get_submodule("encoder").state_dict().items())
