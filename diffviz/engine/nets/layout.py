"""Memory layout of weights."""

from typing import TypeVar

import torch
from torch import nn

N = TypeVar("N", bound=nn.Module)


def channels_last(net: N) -> N:
    """`net` with its convolutions' weights laid out channels last, which convolves faster; changed in place."""
    for weight in net.parameters():
        if weight.ndim == 4:
            weight.data = weight.data.contiguous(memory_format=torch.channels_last)
    return net
