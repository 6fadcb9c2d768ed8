"""What the engine keeps on a device: networks, what their images are compared with, the GANs that it trains."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import torch

from diffviz.domain.cards import Card
from diffviz.domain.latent import FAMILIES
from diffviz.domain.store import Budget
from diffviz.engine import devices
from diffviz.engine.incremental_answer import IncrementalAnswer
from diffviz.engine.models import Models

if TYPE_CHECKING:
    from diffviz.engine.families.exact import Exact
    from diffviz.engine.families.gan.family import Gans
    from diffviz.engine.families.references import References


class DeviceContext:
    """All that belongs to the device of `kind`; each part is made when it is first needed.

    What is kept of past steps counts against `budget`. Raises `DeviceUnavailable`. A run goes on with the bench that
    it began with.
    """

    def __init__(self, cards: Mapping[str, Card], kind: str, cancelled: Callable[[], bool], budget: Budget) -> None:
        self.models = Models(cards, devices.choose(kind), cancelled)
        self.parts = IncrementalAnswer()
        self._budget = budget

    @cached_property
    def references(self) -> References:
        """Pictures to compare with."""
        from diffviz.engine.families.references import References

        return References(self.models)

    @cached_property
    def gans(self) -> Gans:
        """The GANs trained lately."""
        from diffviz.engine.families.gan.family import Gans
        from diffviz.engine.features.recognition import counting

        models = self.models
        return Gans(models.device, models.cancelled, lambda dataset: counting(dataset, models), self._budget)

    @cached_property
    def exact(self) -> Exact:
        """The ideal denoiser's answers."""
        from diffviz.engine.families.exact import Exact

        return Exact()

    def close(self) -> None:
        """Give back the memory that counts against the budget: another bench takes its place."""
        if "gans" in self.__dict__:
            self.gans.close()

    def evaluate_once(self, card: Card) -> None:
        """Load what a view of the model of `card` needs first, and let its network compute once."""
        if card.family == "diffusion":
            with torch.inference_mode():
                x = torch.zeros(1, *card.shape, device=self.models.device)
                self.models.net(card)(x, torch.ones(1, device=self.models.device), None)
        elif card.family in FAMILIES:
            from diffviz.engine.families.autoencoder import autoencoder

            autoencoder(card.id, self.models)
            self.references.real(card)
