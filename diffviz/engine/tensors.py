"""Tensors: from arrays and to arrays, and how weights lie in memory.

Where tensors become arrays and arrays tensors.

How weights lie in memory, and how they are found.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from diffviz.domain.arrays import F32


def array(tensor: Tensor) -> F32:
    """A read-only float32 copy of `tensor`, contiguous: `numpy()` alone would share a CPU tensor's memory."""
    values = np.array(tensor.detach().to("cpu", torch.float32).numpy(), np.float32, order="C")
    values.flags.writeable = False
    return values


def tensor(values: F32, device: torch.device) -> Tensor:
    """A copy of `values` on `device`."""
    return torch.from_numpy(np.array(values, np.float32)).to(device)


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
