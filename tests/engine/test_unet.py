"""The U-Net takes any image shape and any number of classes."""

import pytest
import torch

from diffviz.engine import nets
from diffviz.engine.nets.unet import UNet, UNetConfig, rates, sinusoids


def small(channels: int = 1, classes: int = 0, patch: int = 2, widths: tuple[int, ...] = (16, 32)) -> UNet:
    torch.manual_seed(0)
    net = UNet(UNetConfig(channels, classes, patch, widths, depth=1, heads=2))
    torch.nn.init.normal_(net.head[-1].weight)  # type: ignore[arg-type]
    return net.eval()


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 32, 32), (3, 48, 64), (1, 27, 30), (2, 5, 3)])
def test_output_has_the_shape_of_the_image(shape: tuple[int, int, int]) -> None:
    x = torch.randn(2, *shape)
    assert small(shape[0])(x, torch.tensor([3.0, 900.0])).shape == x.shape


@pytest.mark.parametrize("widths", [(16,), (16, 32), (16, 16, 32)])
def test_any_number_of_sizes(widths: tuple[int, ...]) -> None:
    net = small(widths=widths)
    assert net(torch.randn(1, 1, 28, 28), torch.ones(1)).shape == (1, 1, 28, 28)


def test_the_class_matters_and_no_label_is_the_null_label() -> None:
    net = small(classes=100)
    for block in (m for m in net.modules() if isinstance(m, torch.nn.Conv2d)):
        torch.nn.init.normal_(block.weight, std=0.05)
    x, t = torch.randn(2, 1, 16, 16), torch.full((2,), 10.0)
    null = net(x, t, torch.tensor([100, 100]))
    assert torch.equal(net(x, t), null)
    assert not torch.allclose(net(x, t, torch.tensor([0, 99])), null)


def test_samples_do_not_influence_each_other() -> None:
    net = small(classes=3)
    for block in (m for m in net.modules() if isinstance(m, torch.nn.Conv2d)):
        torch.nn.init.normal_(block.weight, std=0.05)
    x, t, y = torch.randn(4, 1, 28, 28), torch.tensor([1.0, 10.0, 500.0, 1000.0]), torch.tensor([0, 1, 2, 3])
    together = net(x, t, y)
    alone = torch.cat([net(x[i : i + 1], t[i : i + 1], y[i : i + 1]) for i in range(4)])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-4)


def test_a_fresh_network_predicts_zero() -> None:
    net = UNet(UNetConfig(1, 0, 2, (16,), 1, 2))
    assert not net(torch.randn(1, 1, 8, 8), torch.ones(1)).any()


def test_time_embedding_tells_timesteps_apart() -> None:
    embedded = sinusoids(torch.arange(0, 1001).float(), rates(32))
    distances = (embedded[1:] - embedded[:-1]).norm(dim=1)
    assert embedded.shape == (1001, 32)
    assert bool((distances > 1e-3).all())


def test_an_architecture_builds_the_network_it_came_from() -> None:
    net = nets.build(
        {"net": "unet", "channels": 3, "classes": 4, "patch": 1, "widths": [16, 24], "depth": 1, "heads": 2}
    )
    assert isinstance(net, UNet)
    assert net.config == UNetConfig(3, 4, 1, (16, 24), 1, 2)


@pytest.mark.parametrize(
    "architecture",
    [
        {"net": "none"},
        {},
        {"net": "unet", "unknown": 1},
        {"net": "unet", "widths": [8, 20]},
        {"net": "unet", "widths": []},
        {"net": "unet", "widths": [8 * 10**9]},
        {"net": "unet", "heads": 5},
        {"net": "unet", "heads": 0},
        {"net": "unet", "depth": 10**6},
        {"net": "unet", "patch": 0},
        {"net": "unet", "patch": "two"},
    ],
)
def test_what_is_not_an_architecture_is_refused(architecture: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        nets.build(architecture)
