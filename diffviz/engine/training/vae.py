"""Training of a VAE by its negative ELBO, with one draw of z an image (Kingma & Welling 2014, eq. 7).

The same network as an AE is trained by its squared error.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from diffviz.domain.likelihoods import LIKELIHOODS
from diffviz.domain.tagged import described
from diffviz.domain.training import TrainVae
from diffviz.engine.datasets import TrainingSet, load, to_unit
from diffviz.engine.likelihoods import Likelihood, likelihood
from diffviz.engine.nets.layout import channels_last
from diffviz.engine.nets.vae import Vae, VaeConfig
from diffviz.engine.training.loop import batch_indices


class VaeTask:
    """What is particular to training a VAE or an AE: its network, its loss and its card."""

    def __init__(self, request: TrainVae, data: TrainingSet | None = None) -> None:
        self.request = request
        self.data = data or load(Path(request.data), "train", request.size)
        self.likelihood = likelihood(request.likelihood)
        channels, height, width = self.data.shape
        variational = request.kind == "vae"
        self.config = VaeConfig(
            kind=request.kind,
            channels=channels,
            height=height,
            width=width,
            latent=request.latent,
            features=request.width,
            outputs=self.likelihood.outputs if variational else 1,
            scaled=variational and self.likelihood.scaled,
        )

    @property
    def family(self) -> str:
        """Family of the card: "vae" or "ae"."""
        return self.request.kind

    def net(self) -> Vae:
        """A fresh network, the same for the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            return channels_last(Vae(self.config))

    def loss(self, net: torch.nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """The objective on the batch after `seen` images: nats per value of a pixel, for an AE its squared error."""
        assert isinstance(net, Vae), "this task trains its own network"
        at = batch_indices(self.request.seed, seen, self.request.batch, len(self.data))
        x = torch.from_numpy(to_unit(self.data.images[at])).to(next(net.parameters()).device)
        if self.request.kind == "ae":
            return F.mse_loss(net(x)[:, 0], x)
        eps = torch.randn((len(x), self.config.latent), generator=generator).to(x.device)  # so that devices agree
        return negative_elbo(net, self.likelihood, x, eps, self.request.beta)

    def decay(self) -> float:
        """Decay of the moving average of the weights."""
        return self.request.ema

    def card(self) -> dict[str, Any]:
        """What the card says of this model, without its weights and its quality."""
        card: dict[str, Any] = {"architecture": {"net": "vae", **dataclasses.asdict(self.config)}}
        if self.request.kind == "vae":
            card |= {"likelihood": described(LIKELIHOODS, self.request.likelihood), "beta": self.request.beta}
        return card


def negative_elbo(net: Vae, p: Likelihood, x: Tensor, eps: Tensor, beta: float) -> Tensor:
    """−log p(x | z) + β KL(q(z | x) ‖ N(0, I)) at z = μ + σ ε, in nats per value of a pixel, mean over the batch."""
    mu, log_var = net.encode(x)
    z = mu + torch.exp(0.5 * log_var) * eps  # the reparameterisation: gradients flow through μ and σ
    error = -p.objective(net.decode(z), scale_of(net, x), x).mean()
    return error + beta * kl(mu, log_var).sum(1).mean() / x[0].numel()


def kl(mu: Tensor, log_var: Tensor) -> Tensor:
    """KL(N(μ, σ²) ‖ N(0, 1)) of every dimension (Kingma & Welling 2014, appendix B)."""
    return 0.5 * (mu**2 + log_var.exp() - 1 - log_var)


def scale_of(net: Vae, like: Tensor) -> Tensor:
    """The log of the one learnt scale, 0 where the likelihood has none."""
    return net.log_scale if net.log_scale is not None else torch.zeros((), device=like.device)
