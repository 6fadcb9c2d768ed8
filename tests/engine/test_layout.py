"""Weights laid out and found in another way compute the same."""

import torch

from diffviz.engine.nets.unet import UNet, UNetConfig
from diffviz.engine.tensors import channels_last, direct


def network() -> UNet:
    torch.manual_seed(0)
    net = UNet(UNetConfig(classes=3, widths=(8, 16), depth=1, heads=2)).eval().requires_grad_(False)
    for weight in net.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.05)
    return net


def test_the_same_is_computed() -> None:
    x, t, y = torch.randn(2, 1, 12, 12), torch.tensor([1.0, 50.0]), torch.tensor([0, 3])
    before = network()(x, t, y)
    assert before.any()
    torch.testing.assert_close(channels_last(network())(x, t, y), before)
    torch.testing.assert_close(direct(network())(x, t, y), before, rtol=0, atol=0)


def test_a_weight_changed_in_place_is_seen() -> None:
    x, t = torch.randn(1, 1, 12, 12), torch.ones(1)
    net = direct(network())
    before = net(x, t)
    net.load_state_dict({name: 2 * weight for name, weight in net.state_dict().items()})
    assert not torch.equal(net(x, t), before)


def test_weights_are_saved_once() -> None:
    assert direct(network()).state_dict().keys() == network().state_dict().keys()
    assert len(list(direct(network()).parameters())) == len(list(network().parameters()))
