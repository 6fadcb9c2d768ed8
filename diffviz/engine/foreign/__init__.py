"""Networks of diffusers as networks of this program. Only this package imports that library, and only when asked.

Classes come from a table; a configuration has been checked by then (`diffviz.domain.foreign`), weights are read from
safetensors alone, tensor by tensor into a network that has no memory of its own before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from diffviz.domain import declared, foreign, serialization, weights_file
from diffviz.domain.cards import Card
from diffviz.domain.errors import CardMismatch, ModelDamaged, PackageMissing
from diffviz.domain.messages import Later
from diffviz.domain.text import mark, tr

OLD_ATTENTION: Mapping[str, str] = MappingProxyType(
    {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
)
"""Layers of attention by the names that diffusers gave them before 0.13."""
Fault = Callable[[Mapping[str, Any], Mapping[str, Any]], str]


class IndexedUNet(nn.Module):
    """A `UNet2DModel` that is told the number of the timestep. What it says of the variance is left out."""

    def __init__(self, net: nn.Module, channels: int) -> None:
        super().__init__()
        self.net, self._channels = net, channels

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """What it predicts of `x` (N, C, H, W) at times `t` (N,) from 1 to T, for the classes `labels` (N,)."""
        times = t - 1  # diffusers counts timesteps from 0
        out: Tensor = self.net(x, times, class_labels=labels, return_dict=False)[0]
        return out[:, : self._channels]


ADAPTERS: Mapping[str, Callable[[nn.Module, Card], nn.Module]] = MappingProxyType(
    {declared.INDEX: lambda net, card: IndexedUNet(net, card.shape[0])}
)
"""What a network is told of t, and how it is asked."""


def loading(card: Card, device: torch.device, fault: Fault) -> Generator[Later, None, nn.Module]:
    """Load the network of `card` onto `device`, in float32; a `Later` for each part that is read, then the network.

    `fault(wanted, found)` says why tensors `found` cannot stand for those `wanted`. Raises `PackageMissing`,
    `ModelDamaged`, and `CardMismatch` where configuration and weights do not belong together.
    """
    net = _skeleton(card)
    paths = [card.folder / name for name in card.architecture["files"]]
    stored = {path: weights_file.read_header(path) for path in paths}
    names = {name: _present(name) for tensors in stored.values() for name in tensors}
    found = {names[name]: torch.empty(about.shape, device="meta") for f in stored.values() for name, about in f.items()}
    if why := fault(net.state_dict(), found):
        raise CardMismatch(paths[0], why)
    total = sum(about.nbytes for tensors in stored.values() for about in tensors.values())
    yield Later(0, total)
    _check_sum(card, paths[0])
    weights: dict[str, Tensor] = {}
    for done, name, tensor in _tensors(stored, device):
        weights[names[name]] = tensor
        yield Later(done, total)
    net.load_state_dict(weights, assign=True)
    net.eval()
    net.requires_grad_(False)
    return ADAPTERS[card.architecture["told"]](net, card)


def _skeleton(card: Card) -> nn.Module:
    """The network of `card` with shapes and no numbers."""
    config = dict(card.architecture["config"])
    try:
        with torch.device("meta"), _quiet():
            return _classes()[card.architecture["class"]](**config)
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError, ZeroDivisionError) as error:
        path = card.folder / foreign.CONFIG
        raise CardMismatch(path, tr("unknown architecture: {name}").format(name=str(error)[:200])) from error


def _classes() -> Mapping[str, Callable[..., nn.Module]]:
    """The networks of the installed diffusers that are opened, by name."""
    try:
        with _quiet():
            from diffusers.models.unets.unet_2d import UNet2DModel
    except ImportError as error:
        raise PackageMissing(foreign.NET, "models") from error
    return {foreign.UNET: UNet2DModel}


@contextmanager
def _quiet() -> Iterator[None]:
    """Let the library neither look for files on the network nor say on the terminal what it would rather have."""
    before = {name: os.environ.get(name) for name in ("HF_HUB_OFFLINE", "DIFFUSERS_VERBOSITY")}
    os.environ.update(HF_HUB_OFFLINE="1", DIFFUSERS_VERBOSITY="error")
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def _present(name: str) -> str:
    """`name` of a tensor as it is today."""
    head, dot, layer = name.rpartition(".")
    path, between, last = head.rpartition(".")
    old = "attentions" in path and last in OLD_ATTENTION
    return f"{path}{between}{OLD_ATTENTION[last]}{dot}{layer}" if old else name


def _tensors(
    stored: Mapping[Path, Mapping[str, weights_file.StoredTensor]], device: torch.device
) -> Iterator[tuple[int, str, Tensor]]:
    """Bytes read so far, name and numbers of each tensor in the files of `stored`. Raises `ModelDamaged`."""
    done = 0
    for path, tensors in stored.items():
        try:
            with safe_open(path, framework="pt") as file:
                for name, about in tensors.items():
                    tensor = file.get_tensor(name).to(device, torch.float32, copy=True)
                    if not bool(torch.isfinite(tensor).all()):
                        text = tr("{name} has numbers that are none (NaN or infinite)")
                        raise ModelDamaged(path, text.format(name=weights_file.name_words(name)))
                    done += about.nbytes
                    yield done, name, tensor
        except (SafetensorError, OSError) as error:
            raise ModelDamaged(path, str(error)) from error


def _check_sum(card: Card, path: Path) -> None:
    if not card.sha256:
        return
    with serialization.reading(path, ModelDamaged), serialization.opened(path) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != card.sha256:
            raise ModelDamaged(path, mark("it is another file than when the model was opened"))
