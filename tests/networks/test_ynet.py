"""The parts of Y-Net: what each promises that another arrangement of the same layers would not."""

import torch

from thyrosight.networks.ynet import PyramidConvolution, PyramidPooling, Resolution, YNetEncoder


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
