"""The zoo: models as folders of `card.json` and safetensors weights, saved, loaded, and kept on a device.

Nothing is unpickled.

A cancel that reaches into an evaluation of a network, where it may take long.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from diffviz.domain.atomic import write_whole
from diffviz.domain.cards import CARD, Card
from diffviz.domain.errors import CardMismatch, DiffvizError, Interrupted, ModelDamaged, ModelNotFound
from diffviz.domain.ideal import is_ideal
from diffviz.domain.messages import Later
from diffviz.domain.sentences import sentence
from diffviz.domain.serialization import formatted, opened, read_bytes, reading
from diffviz.domain.text import mark, tr
from diffviz.engine import foreign
from diffviz.engine.denoiser import Denoiser, denoiser, ideal
from diffviz.engine.likelihoods import likelihood
from diffviz.engine.nets import build
from diffviz.engine.nets.generators import VaeConfig
from diffviz.engine.tensors import channels_last, direct

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


WEIGHTS = "weights.safetensors"
WRAPPERS = ("module.", "_orig_mod.")  # of torch's DataParallel and of what torch.compile makes
SLACK = 64 << 20


def load_net(card: Card) -> nn.Module:
    """The network of `card` with its weights, in evaluation mode, on the CPU; an ideal denoiser needs none.

    Raises `ModelDamaged` where the weights are missing, unreadable or not those the card names, and `CardMismatch`
    where the card's architecture does not fit them.
    """
    if is_ideal(card):
        return ideal(card)
    if card.foreign:
        return _last(foreign.loading(card, torch.device("cpu"), _fault))
    path = card.folder / card.weights
    try:
        net = build(card.architecture)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise CardMismatch(path, tr("unknown architecture: {name}").format(name=error)) from error
    _fit(net, _read(path, card, _most_bytes(net)), path)
    _check_shape(net, card, path)
    net.eval()
    net.requires_grad_(False)
    return net


def _last(parts: Generator[Later, None, nn.Module]) -> nn.Module:
    while True:
        try:
            next(parts)
        except StopIteration as end:
            net: nn.Module = end.value
            return net


def faults(card: Card) -> Iterator[str]:
    """What is wrong with the weights of `card`, a sentence each: all of it, as far as it can be told apart."""
    if card.foreign:
        yield from foreign.faults(card, _fault)
        return
    try:
        load_net(card)
    except DiffvizError as error:
        yield sentence(error)


def save_model(folder: Path, card: Mapping[str, Any], weights: Mapping[str, Tensor]) -> None:
    """Write `card` and `weights` to `folder`; the card gets the weights' name and checksum.

    Each file appears whole, and at every moment the folder is a model: over an old one, first comes a card that fits
    the old weights and the new. Raises OSError or `ExportFailed`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data = save({name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()})
    about = {"file": WEIGHTS, "sha256": hashlib.sha256(data).hexdigest()}
    if (folder / WEIGHTS).is_file():
        with opened(folder / WEIGHTS) as file:
            before = hashlib.file_digest(file, "sha256").hexdigest()
        save_card(folder, {**card, "weights": {**about, "before": before}})
    write_whole(folder / WEIGHTS, data)
    save_card(folder, {**card, "weights": about})


def save_card(folder: Path, card: Mapping[str, Any]) -> None:
    """Write `card` to `folder`. Bytes of a file name that were no text become question marks."""
    write_whole(folder / CARD, formatted(card).encode())


def _read(path: Path, card: Card, most_bytes: int) -> dict[str, Tensor]:
    with reading(path, ModelDamaged):
        data = read_bytes(path, most_bytes)
        if card.sha256 and hashlib.sha256(data).hexdigest() not in (card.sha256, card.before):
            raise ModelDamaged(path, mark("its checksum is not the one on its card"))
        try:
            return dict(sorted(load(data).items()))
        except SafetensorError as error:
            raise ModelDamaged(path, str(error)) from error


def _most_bytes(net: nn.Module) -> int:
    """What a file of weights for `net` can need: numbers of eight bytes, and `SLACK` for names and what is too much."""
    numbers: int = sum(tensor.numel() for tensor in net.state_dict().values())
    return SLACK + 8 * numbers


def _fit(net: nn.Module, tensors: Mapping[str, Tensor], path: Path) -> None:
    plain = _without_wrapper(tensors)
    if fault := _fault(net.state_dict(), plain):
        raise CardMismatch(path, fault)
    net.load_state_dict(plain)


def _without_wrapper(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`tensors` by their names in the network itself, where it was saved inside a wrapper."""
    found = dict(tensors)
    for prefix in WRAPPERS:
        if found and all(name.startswith(prefix) for name in found):
            return _without_wrapper({name.removeprefix(prefix): tensor for name, tensor in found.items()})
    return found


def _fault(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> str:
    """Why `found` cannot stand for the tensors `wanted`; empty where it can."""
    both = [name for name in wanted if name in found]
    for text, names in (
        (tr("it lacks {names}"), [name for name in wanted if name not in found]),
        (tr("the network has no {names}"), [name for name in found if name not in wanted]),
        (tr("of another shape: {names}"), [name for name in both if wanted[name].shape != found[name].shape]),
        (tr("no weights but whole numbers: {names}"), [n for n in both if _whole(found[n]) and not _whole(wanted[n])]),
    ):
        if names:
            return text.format(names=foreign.few(names))
    return ""


def _whole(tensor: Tensor) -> bool:
    return not tensor.is_floating_point()


def _check_shape(net: nn.Module, card: Card, path: Path) -> None:
    config = getattr(net, "config", None)
    channels, classes = getattr(config, "channels", card.shape[0]), getattr(config, "classes", len(card.classes))
    if channels != card.shape[0] or classes != len(card.classes):
        text = tr("{channels} channels and {classes} classes, but {wanted} and {known} on its card")
        raise CardMismatch(
            path, text.format(channels=channels, classes=classes, wanted=card.shape[0], known=len(card.classes))
        )
    if isinstance(config, VaeConfig):
        _check_vae(config, card, path)


def _check_vae(config: VaeConfig, card: Card, path: Path) -> None:
    size, kind = (config.channels, config.height, config.width), config.kind
    if size != card.shape or kind != card.family:
        text = tr("it is an {kind} of images {size}, on its card stand {family} and {shape}")
        shown = text.format(kind=kind.upper(), size=size, family=card.family.upper(), shape=card.shape)
        raise CardMismatch(path, shown)
    p = likelihood(card.likelihood) if card.likelihood else None
    if kind == "vae" and (p is None or (p.outputs, p.scaled) != (config.outputs, config.scaled)):
        raise CardMismatch(path, mark("its decoder does not describe the likelihood on its card"))


class Models:
    """Networks by the ids of `cards`, which come and go, loaded once.

    `cancelled` is asked between the blocks of a long evaluation.
    """

    def __init__(self, cards: Mapping[str, Card], device: torch.device, cancelled: Callable[[], bool]) -> None:
        self.cards, self.device, self.cancelled = cards, device, cancelled
        self._nets: dict[str, nn.Module] = {}

    def net(self, card: Card) -> nn.Module:
        """The network of `card`. Raises `ModelDamaged`, `CardMismatch`."""
        if is_ideal(card):  # it is as its request asks for it, and made in no time from pictures that are kept
            return load_net(card)
        if card.id not in self._nets:
            self._keep(card, load_net(card).to(self.device))
        return self._nets[card.id]

    def loading(self, card: Card) -> Iterator[Later]:
        """Load the network of `card` where that takes long: another program's that is not there yet."""
        if card.foreign and card.id not in self._nets:
            self._keep(card, (yield from foreign.loading(card, self.device, _fault)))

    def _keep(self, card: Card, net: nn.Module) -> None:
        net = direct(channels_last(net))
        self.watch(net)
        self._nets[card.id] = net

    def denoiser(self, card: Card, labels: Sequence[int | None], guidance: float = 1.0, *, clip: bool) -> Denoiser:
        """The denoiser of `card`; a conditional one is told of `labels`, one a sample, None for p(x)."""
        none = len(card.classes)
        asked = [none if y is None else y for y in labels] if card.conditional else []
        told = torch.tensor(asked, device=self.device) if asked else None
        return denoiser(self.net(card), card.prediction, told, none, guidance, clip)

    def classifier(self, dataset: str) -> Card:
        """Card of the classifier of `dataset`. Raises `ModelNotFound`."""
        wanted = dataset.casefold()
        for card in self.cards.values():
            if card.family == "classifier" and str(card.dataset.get("name")).casefold() == wanted:
                return card
        raise ModelNotFound(dataset)

    def forget(self, model: str) -> None:
        """Load the network of model id `model` anew when it is next asked for."""
        self._nets.pop(model, None)

    def watch(self, net: nn.Module) -> None:
        """Let a cancel reach into a long evaluation of `net`."""
        Interruptible(net, self.cancelled)
