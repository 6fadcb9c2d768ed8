"""A cancel that reaches into an evaluation of a network, where it may take long."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from diffviz.domain.errors import Interrupted

SHORT_FLOPS = 1e11  # well under a second on any machine that runs this


class Interruptible:
    """Asks `cancelled` before every evaluation of `net`, and inside of one that may be long; raises `Interrupted`.

    Hooks on every block cost a small network a twentieth of its time: they are there for long evaluations only.
    """

    def __init__(self, net: nn.Module, cancelled: Callable[[], bool]) -> None:
        self._blocks = [module for module in net.modules() if module is not net and next(module.children(), None)]
        self._weights = sum(weight.numel() for weight in net.parameters())
        self._inside: list[RemovableHandle] = []
        self._cancelled = cancelled
        net.register_forward_pre_hook(self._before)

    def _before(self, _net: nn.Module, inputs: tuple[Any, ...]) -> None:
        self._stop_if_cancelled()
        long = flops(self._weights, inputs[0]) > SHORT_FLOPS
        if long and not self._inside:
            self._inside = [block.register_forward_pre_hook(self._stop_if_cancelled) for block in self._blocks]
        elif not long and self._inside:
            for handle in self._inside:
                handle.remove()
            self._inside = []

    def _stop_if_cancelled(self, *_: Any) -> None:
        if self._cancelled():
            raise Interrupted


def flops(weights: int, x: Tensor) -> float:
    """At most what a convolutional network of so many weights takes for images `x` (N, C, H, W).

    Every weight is used once at every pixel. Infinite for an input that is no image: its output may be one of any size.
    """
    return 2.0 * weights * len(x) * x.shape[-2] * x.shape[-1] if x.ndim == 4 else float("inf")
