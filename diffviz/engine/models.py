"""The networks of cards, on one device."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import nn

from diffviz.domain.cards import Card
from diffviz.domain.errors import ModelNotFound
from diffviz.domain.ideal import is_ideal
from diffviz.engine.denoiser import Denoiser, denoiser
from diffviz.engine.interrupts import Interruptible
from diffviz.engine.nets.layout import channels_last, direct
from diffviz.engine.zoo import load_net


class Models:
    """Networks by the ids of their cards, loaded once. `cancelled` is asked between the blocks of a long evaluation."""

    def __init__(self, cards: Mapping[str, Card], device: torch.device, cancelled: Callable[[], bool]) -> None:
        self.cards, self.device, self.cancelled = cards, device, cancelled
        self._nets: dict[str, nn.Module] = {}

    def net(self, card: Card) -> nn.Module:
        """The network of `card`. Raises `ModelDamaged`, `CardMismatch`."""
        if is_ideal(card):  # it is as its request asks for it, and made in no time from pictures that are kept
            return load_net(card)
        if card.id not in self._nets:
            net = direct(channels_last(load_net(card).to(self.device)))
            self.watch(net)
            self._nets[card.id] = net
        return self._nets[card.id]

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

    def watch(self, net: nn.Module) -> None:
        """Let a cancel reach into a long evaluation of `net`."""
        Interruptible(net, self.cancelled)
