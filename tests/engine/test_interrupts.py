"""A cancel reaches into an evaluation, however long; a short one is asked once."""

import pytest
import torch
from torch import nn

from diffviz.domain.errors import Interrupted
from diffviz.engine import zoo
from diffviz.engine.zoo import Interruptible, flops


class Asked:
    """Counts how often it is asked, and says yes from the `after`th time on."""

    def __init__(self, after: int = 10**6) -> None:
        self.times, self.after = 0, after

    def __call__(self) -> bool:
        self.times += 1
        return self.times > self.after


def network() -> nn.Module:
    return nn.Sequential(*(nn.Sequential(nn.Conv2d(2, 2, 3, padding=1), nn.SiLU()) for _ in range(5)))


def test_a_short_evaluation_is_asked_once() -> None:
    net, asked = network(), Asked()
    Interruptible(net, asked)
    net(torch.zeros(1, 2, 8, 8))
    assert asked.times == 1


def test_a_long_evaluation_is_asked_before_every_block_and_a_short_one_after_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    net, asked = network(), Asked()
    weights = sum(weight.numel() for weight in net.parameters())
    monkeypatch.setattr(zoo, "SHORT_FLOPS", flops(weights, torch.zeros(1, 2, 8, 8)))
    Interruptible(net, asked)
    net(torch.zeros(2, 2, 8, 8))
    assert asked.times == 6
    net(torch.zeros(1, 2, 8, 8))
    assert asked.times == 7


def test_an_input_that_is_no_image_is_asked_throughout() -> None:
    net, asked = nn.Sequential(nn.Sequential(nn.Linear(2, 2))), Asked()
    Interruptible(net, asked)
    net(torch.zeros(1, 2))
    assert asked.times == 2


@pytest.mark.parametrize("after", [0, 3])
def test_a_cancel_raises_there(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    monkeypatch.setattr(zoo, "SHORT_FLOPS", 0)
    net, asked = network(), Asked(after)
    Interruptible(net, asked)
    with pytest.raises(Interrupted):
        net(torch.zeros(1, 2, 8, 8))
    assert asked.times == after + 1


def test_no_network_takes_more_than_its_bound() -> None:
    from torch.utils.flop_counter import FlopCounterMode

    net, x = network(), torch.zeros(3, 2, 8, 6)
    with FlopCounterMode(display=False) as counter:
        net(x)
    assert 0 < counter.get_total_flops() <= flops(sum(weight.numel() for weight in net.parameters()), x)
