"""Networks of diffusers as networks of this program. Only this package imports that library, and only when asked.

Classes come from a table; a configuration has been checked by then (`diffviz.domain.foreign`), weights are read from
safetensors alone, tensor by tensor into a network that has no memory of its own before.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
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
from diffviz.domain.sentences import sentence
from diffviz.domain.text import mark, tr

OLD_ATTENTION: Mapping[str, str] = MappingProxyType(
    {"query": "to_q", "key": "to_k", "value": "to_v", "proj_attn": "to_out.0"}
)
"""Layers of attention by the names that diffusers gave them before 0.13."""
NOT_NUMBERS = mark("there are numbers that are none (NaN or infinite) in {names}")
ALL_ZEROS = mark("nothing but zeros, as if never trained, is in {names}")
FEW = 3
Fault = Callable[[Mapping[str, Any], Mapping[str, Any]], str]


class AdaptedUNet(nn.Module):
    """A `UNet2DModel` asked as it was trained: what it is told of t and how its answer is read are in the subclass.

    What it says of the variance is left out.
    """

    def __init__(self, net: nn.Module, card: Card) -> None:
        super().__init__()
        self.net, self._channels = net, card.shape[0]
        least, _, data = card.architecture["sigmas"]
        self._least, self._data = float(least), float(data)

    def asked(self, x: Tensor, told: Tensor, labels: Tensor | None) -> Tensor:
        """Its answer (N, C, H, W) to `x` where it is `told` (N,), for the classes `labels` (N,)."""
        out: Tensor = self.net(x, told, class_labels=labels, return_dict=False)[0]
        return out[:, : self._channels]

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """What it predicts of `x` (N, C, H, W) at times `t` (N,), for the classes `labels` (N,)."""
        raise NotImplementedError


class IndexedUNet(AdaptedUNet):
    """It is told the number of the timestep."""

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """ε̂, v̂ or x̂0 at times `t` from 1 to T."""
        return self.asked(x, t - 1, labels)  # diffusers counts timesteps from 0


class FlowUNet(AdaptedUNet):
    """It is told t in thousandths and says the velocity."""

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """û = ε̂ − x̂0 at times `t` from 0 to 1."""
        return self.asked(x, 1000 * t, labels)


class ScoreUNet(AdaptedUNet):
    """It says the score −ε/σ of pictures in [0, 1], which are half as far apart (Song et al. 2021; Karras et al. 2022,
    eq. 213)."""

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """ε̂ at σ = `t`."""
        sigma = t / 2
        return -_wide(sigma) * self.asked((x + 1) / 2, sigma, labels)


class PreconditionedUNet(AdaptedUNet):
    """x̂0 = c_skip x + c_out F(c_in x; ln σ / 4) (Karras et al. 2022, table 1)."""

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """x̂0 at σ = `t`."""
        sigma, length = _wide(t), _wide((t**2 + self._data**2).sqrt())
        out = self.asked(x / length, 0.25 * t.log(), labels)
        return (self._data / length) ** 2 * x + sigma * self._data / length * out


class ConsistencyUNet(AdaptedUNet):
    """The same, but x itself at σ_min (Song et al. 2023, appendix C), told 250 ln σ."""

    def forward(self, x: Tensor, t: Tensor, labels: Tensor | None) -> Tensor:
        """The end of the path through x at σ = `t`."""
        beyond, length = _wide(t - self._least), _wide((t**2 + self._data**2).sqrt())
        out = self.asked(x / length, 250 * t.log(), labels)
        skip = self._data**2 / (beyond**2 + self._data**2)
        return skip * x + beyond * self._data / length * out


def _wide(values: Tensor) -> Tensor:
    return values[:, None, None, None]


ADAPTERS: Mapping[str, Callable[[nn.Module, Card], nn.Module]] = MappingProxyType(
    {
        declared.INDEX: IndexedUNet,
        declared.FLOW: FlowUNet,
        declared.SCORE: ScoreUNet,
        declared.EDM: PreconditionedUNet,
        declared.CONSISTENCY: ConsistencyUNet,
    }
)
"""What a network is told of t, and how it is asked."""


def loading(card: Card, device: torch.device, fault: Fault) -> Generator[Later, None, nn.Module]:
    """Load the network of `card` onto `device`, in float32; a `Later` for each part that is read, then the network.

    `fault(wanted, found)` says why tensors `found` cannot stand for those `wanted`. Raises `PackageMissing`,
    `ModelDamaged`, and `CardMismatch` where configuration and weights do not belong together.
    """
    net, stored = _skeleton(card), _stored(card)
    if why := fault(net.state_dict(), _shapes(stored)):
        raise CardMismatch(next(iter(stored)), why)
    total = sum(about.nbytes for tensors in stored.values() for about in tensors.values())
    yield Later(0, total)
    _check_sum(card, next(iter(stored)))
    weights: dict[str, Tensor] = {}
    for path, done, name, tensor in _tensors(stored, device):
        if not bool(torch.isfinite(tensor).all()):
            raise ModelDamaged(path, tr(NOT_NUMBERS).format(names=weights_file.name_words(name)))
        weights[_present(name)] = tensor
        yield Later(done, total)
    net.load_state_dict(weights, assign=True)
    net.eval()
    net.requires_grad_(False)
    return ADAPTERS[card.architecture["told"]](net, card)


def faults(card: Card, fault: Fault) -> Iterator[str]:
    """What is wrong with the weights of `card`, a sentence each; see `loading`."""
    try:
        stored = _stored(card)
        if why := fault(_skeleton(card).state_dict(), _shapes(stored)):
            yield sentence(CardMismatch(next(iter(stored)), why))
        broken: dict[str, list[str]] = {NOT_NUMBERS: [], ALL_ZEROS: []}
        for _, _, name, tensor in _tensors(stored, torch.device("cpu")):
            if not bool(torch.isfinite(tensor).all()):
                broken[NOT_NUMBERS].append(weights_file.name_words(name))
            elif name.endswith(".weight") and not bool(tensor.any()):
                broken[ALL_ZEROS].append(weights_file.name_words(name))
    except (ModelDamaged, CardMismatch, PackageMissing) as error:
        yield sentence(error)
        return
    yield from (tr(text).format(names=few(names)) + "." for text, names in broken.items() if names)


def few(names: Sequence[str]) -> str:
    """The first of `names`, and how many more there are."""
    shown, more = ", ".join(names[:FEW]), len(names) - FEW
    return tr("{names} and {n} more").format(names=shown, n=more) if more > 0 else shown


def _stored(card: Card) -> dict[Path, dict[str, weights_file.StoredTensor]]:
    return {path: weights_file.read_header(path) for name in card.architecture["files"] if (path := card.folder / name)}


def _shapes(stored: Mapping[Path, Mapping[str, weights_file.StoredTensor]]) -> dict[str, Tensor]:
    """The tensors by the names of today, without numbers."""
    all_of_them = [item for tensors in stored.values() for item in tensors.items()]
    return {_present(name): torch.empty(about.shape, device="meta") for name, about in all_of_them}


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
) -> Iterator[tuple[Path, int, str, Tensor]]:
    """File, bytes read so far, name and numbers of each tensor in the files of `stored`. Raises `ModelDamaged`."""
    done = 0
    for path, tensors in stored.items():
        try:
            with safe_open(path, framework="pt") as file:
                for name, about in tensors.items():
                    done += about.nbytes
                    yield path, done, name, file.get_tensor(name).to(device, torch.float32, copy=True)
        except (SafetensorError, OSError) as error:
            raise ModelDamaged(path, str(error)) from error


def _check_sum(card: Card, path: Path) -> None:
    if not card.sha256:
        return
    with serialization.reading(path, ModelDamaged), serialization.opened(path) as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != card.sha256:
            raise ModelDamaged(path, mark("it is another file than when the model was opened"))
