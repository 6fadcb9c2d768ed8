"""One VAE or AE with its likelihood: numpy in, numpy out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from diffviz.domain import likelihoods as names
from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.cards import Card, card_of
from diffviz.domain.errors import ImageWrongSize, ModelNotFound
from diffviz.domain.latent import FAMILIES
from diffviz.engine.families.forward import unit
from diffviz.engine.likelihoods import Likelihood, likelihood
from diffviz.engine.nets.vae import Vae
from diffviz.engine.tensors import array, tensor
from diffviz.engine.training.vae import scale_of
from diffviz.engine.zoo import Models

CHUNK = 256


@dataclass(frozen=True, slots=True, eq=False)
class Autoencoder:
    """A network and what its outputs mean. An AE's likelihood is taken to be a Gaussian: its outputs are its means."""

    card: Card
    net: Vae
    p: Likelihood
    device: torch.device

    @staticmethod
    def of(card: Card, net: torch.nn.Module, device: torch.device) -> Autoencoder:
        """The autoencoder of `card`, whose network is `net`."""
        assert isinstance(net, Vae), "a VAE's card describes a VAE"
        return Autoencoder(card, net, likelihood(card.likelihood or names.Gaussian()), device)

    @property
    def variational(self) -> bool:
        """Whether its encoder gives a distribution."""
        return self.card.family == "vae"

    @property
    def masses(self) -> bool:
        """Whether it gives grey levels probabilities, so that its ELBO can be compared with others."""
        return self.variational and self.p.log_mass is not None

    def unit(self, pixels: U8) -> F32:
        """Pictures uint8 (N, H, W) or (N, H, W, 3) as (N, C, H, W) of −1 … 1. Raises `ImageWrongSize`."""
        x = unit(pixels)
        if x.shape[1:] != self.card.shape:
            channels, height, width = self.card.shape
            raise ImageWrongSize(pixels.shape[1:], (height, width) if channels == 1 else (height, width, channels))
        return x

    @torch.inference_mode()
    def encode(self, x: F32) -> tuple[F32, F32]:
        """μ and σ of q(z | x), (N, D) each; an AE's σ is 0."""
        parts = [self.net.encode(part) for part in self._chunks(x)]
        mu, log_var = (torch.cat(values) for values in zip(*parts, strict=True))
        return array(mu), array(torch.exp(0.5 * log_var))

    @torch.inference_mode()
    def mean(self, z: F32) -> F32:
        """Mean of p(x | z), (N, C, H, W), of latents (N, D)."""
        return array(torch.cat([self.p.mean(self.net.decode(part), self._scale) for part in self._chunks(z)]))

    @torch.inference_mode()
    def both(self, z: F32, seed: int) -> tuple[F32, F32]:
        """Mean of p(x | z) and one draw from it; an AE has no p(x | z), its draw is its mean."""
        out = self.net.decode(tensor(z, self.device))
        mean = array(self.p.mean(out, self._scale))
        if not self.variational:
            return mean, mean
        generator = torch.Generator().manual_seed(seed)
        return mean, array(self.p.sample(out, self._scale, generator))

    def log_p(self, x: F32, z: F32) -> F64:
        """log p(x | z) in nats of one picture (C, H, W) at latents (N, D)."""
        return self.log_p_each(np.broadcast_to(x, (len(z), *x.shape)), z)

    @torch.inference_mode()
    def log_p_each(self, x: F32, z: F32) -> F64:
        """log p(x | z) in nats of pictures (N, C, H, W) at latents (N, D): of grey levels where it has masses."""
        of = self.p.log_mass or self.p.objective
        parts = []
        for some, latents in zip(self._chunks(x), self._chunks(z), strict=True):
            parts.append(of(self.net.decode(latents), self._scale, some).double().sum((1, 2, 3)))
        return np.asarray(torch.cat(parts).cpu().numpy(), np.float64)

    @property
    def _scale(self) -> Tensor:
        return scale_of(self.net, torch.zeros((), device=self.device))

    def _chunks(self, values: F32) -> Iterator[Tensor]:
        return (tensor(values[i : i + CHUNK], self.device) for i in range(0, max(1, len(values)), CHUNK))


def autoencoder(name: str, models: Models) -> Autoencoder:
    """The autoencoder called `name`. Raises `ModelNotFound`, for a model of another family too."""
    card = card_of(name, models.cards)
    if card.family not in FAMILIES:
        raise ModelNotFound(name, tuple(c.id for c in models.cards.values() if c.family in FAMILIES))
    return Autoencoder.of(card, models.net(card), models.device)
