"""Training of a small network on points in the plane: fresh ones at every step (Ho et al. 2020, algorithm 1)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from diffviz.domain.planar import FAMILY, PLANAR_DATA, PLANAR_LABELS
from diffviz.domain.schedules import SCHEDULES
from diffviz.domain.settings import variant_key
from diffviz.domain.tagged import described, to_json
from diffviz.domain.training import TrainPlanar
from diffviz.engine.nets.mlp import Mlp, MlpConfig
from diffviz.engine.training.diffusion import target_of
from diffviz.theory.gan.distributions import mixture_of
from diffviz.theory.schedules import NoiseSchedule


@dataclass(frozen=True, slots=True)
class PointBatches:
    """What a card says of the density that points are drawn from."""

    name: str
    source: str = "drawn while training"
    licence: str = "MIT"
    classes: tuple[str, ...] = ()
    shape: tuple[int, int, int] = (1, 1, 2)

    def __len__(self) -> int:
        return 0


class PlanarTask:
    """What is particular to training a network for points in the plane."""

    family = FAMILY

    def __init__(self, request: TrainPlanar) -> None:
        self.request = request
        self.data = PointBatches(PLANAR_LABELS[variant_key(PLANAR_DATA, request.points)])
        self.config = MlpConfig(request.width, request.depth)
        schedule = NoiseSchedule.from_settings(request.schedule)
        self.timesteps = schedule.timesteps
        self._alpha = torch.tensor(schedule.alpha, dtype=torch.float32)
        self._sigma = torch.tensor(schedule.sigma, dtype=torch.float32)
        mixture = mixture_of(request.points)
        self._means, self._stds, self._weights = map(torch.tensor, (mixture.means, mixture.stds, mixture.weights))

    def net(self) -> Mlp:
        """A fresh network, the same for the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            return Mlp(self.config)

    def loss(self, net: torch.nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """Mean squared error of the prediction on fresh points (Ho et al. 2020, eq. 14)."""
        del seen
        n = self.request.batch
        x0 = self._drawn(n, generator)
        t = torch.randint(1, self.timesteps + 1, (n,), generator=generator)
        eps = torch.randn(x0.shape, generator=generator)  # on the CPU, so that devices agree
        alpha, sigma = self._alpha[t, None], self._sigma[t, None]
        wanted = target_of(self.request.prediction, x0, eps, alpha, sigma)
        device = next(net.parameters()).device
        x, t, wanted = (part.to(device) for part in (alpha * x0 + sigma * eps, t.float(), wanted))
        return torch.nn.functional.mse_loss(net(x, t), wanted)

    def decay(self) -> float:
        """Decay of the moving average of the weights."""
        return self.request.ema

    def card(self) -> dict[str, Any]:
        """What the card says of this model, without its weights and its quality."""
        request = self.request
        return {
            "prediction": request.prediction,
            "schedule": described(SCHEDULES, request.schedule),
            "architecture": {"net": "mlp", **dataclasses.asdict(self.config)},
            "dataset": {"name": self.data.name, "licence": self.data.licence, "points": to_json(request.points)},
        }

    def _drawn(self, n: int, generator: torch.Generator) -> Tensor:
        which = torch.multinomial(self._weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, 2, generator=generator)
        return (self._means[which] + self._stds[which, None] * noise).float()
