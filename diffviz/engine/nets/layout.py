"""How weights lie in memory, and how they are found."""

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


def direct(net: N) -> N:
    """`net` with its weights, buffers and layers as plain attributes; changed in place, for evaluation only.

    A module finds them through `__getattr__`, which for one small image is a twentieth of the whole time. Weights that
    are replaced afterwards (by `to` another device, say) are not seen.
    """
    for module in net.modules():
        weights, buffers = module.named_parameters(recurse=False), module.named_buffers(recurse=False)
        vars(module).update(weights, **dict(buffers), **dict(module.named_children()))
    return net
