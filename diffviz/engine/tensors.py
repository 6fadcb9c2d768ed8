"""Where tensors become arrays and arrays tensors."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from diffviz.domain.arrays import F32


def array(tensor: Tensor) -> F32:
    """A read-only float32 copy of `tensor`, contiguous: `numpy()` alone would share a CPU tensor's memory."""
    values = np.array(tensor.detach().to("cpu", torch.float32).numpy(), np.float32, order="C")
    values.flags.writeable = False
    return values


def tensor(values: F32, device: torch.device) -> Tensor:
    """A copy of `values` on `device`."""
    return torch.from_numpy(np.array(values, np.float32)).to(device)
