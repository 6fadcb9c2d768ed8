"""Training of a denoising network: one t, one noise and one prediction an image (Ho et al. 2020, algorithm 1).

Training of a small network on points in the plane: fresh ones at every step (Ho et al. 2020, algorithm 1).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from diffviz.domain import planar, sampling, settings, tagged, training
from diffviz.engine.datasets import TrainingSet, load, to_unit
from diffviz.engine.nets.unet import Mlp, MlpConfig, UNet, UNetConfig
from diffviz.engine.tensors import channels_last
from diffviz.engine.training import batch_indices
from diffviz.theory import gan_distributions, schedules


class DiffusionTask:
    """What is particular to training a diffusion model: its network, its loss and its card."""

    family = "diffusion"

    def __init__(self, request: training.TrainDiffusion, data: TrainingSet | None = None) -> None:
        self.request = request
        self.data = data or load_data(request)
        widths = tuple(request.width * 2 ** min(level, 3) for level in range(request.levels))
        self.config = UNetConfig(self.data.shape[0], len(self.data.classes), 2, widths, request.depth)
        schedule = schedules.NoiseSchedule.from_settings(request.schedule)
        self.timesteps = schedule.timesteps
        self._alpha = torch.tensor(schedule.alpha, dtype=torch.float32)
        self._sigma = torch.tensor(schedule.sigma, dtype=torch.float32)
        self._labels = torch.from_numpy(self.data.labels)

    def net(self) -> UNet:
        """A fresh network, the same for the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            return channels_last(UNet(self.config))

    def loss(self, net: torch.nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """Mean squared error of the prediction on the batch after `seen` images (Ho et al. 2020, eq. 14)."""
        at = batch_indices(self.request.seed, seen, self.request.batch, len(self.data))
        x0 = torch.from_numpy(to_unit(self.data.images[at]))
        y = self._dropped(self._labels[torch.from_numpy(at)], generator)
        t = self._timesteps(len(x0), generator)
        eps = torch.randn(x0.shape, generator=generator)  # on the CPU, so that devices agree
        alpha, sigma = self._alpha[t][:, None, None, None], self._sigma[t][:, None, None, None]
        target = target_of(self.request.prediction, x0, eps, alpha, sigma)
        device = next(net.parameters()).device
        x, t, y, target = (part.to(device) for part in (alpha * x0 + sigma * eps, t.float(), y, target))
        return torch.nn.functional.mse_loss(net(x, t, y if self.data.classes else None), target)

    def decay(self) -> float:
        """Decay of the moving average of the weights."""
        return self.request.ema

    def card(self) -> dict[str, Any]:
        """What the card says of this model, without its weights and its quality."""
        request = self.request
        architecture = {"net": "unet", **dataclasses.asdict(self.config)}
        schedule = tagged.described(sampling.SCHEDULES, request.schedule)
        return {"prediction": request.prediction, "schedule": schedule, "architecture": architecture}

    def _timesteps(self, n: int, generator: torch.Generator) -> Tensor:
        """One t in 1 … T an image, stratified over the batch."""
        places = (torch.randperm(n, generator=generator) + torch.rand(n, generator=generator)) / n
        return (places * self.timesteps).long().clamp(max=self.timesteps - 1) + 1

    def _dropped(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        none = torch.rand(len(labels), generator=generator) < self.request.label_dropout
        return torch.where(none, len(self.data.classes), labels)


def load_data(request: training.TrainDiffusion) -> TrainingSet:
    """The training data that `request` names."""
    return load(Path(request.data), "train", request.size)


def target_of(prediction: str, x0: Tensor, eps: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """What a network of `prediction` ("eps", "v", "x0") is to say of α x_0 + σ ε."""
    match prediction:
        case "eps":
            return eps
        case "x0":
            return x0
        case "v":
            return alpha * eps - sigma * x0  # Salimans & Ho 2022, appendix D
        case _:
            raise ValueError(f"unknown prediction {prediction!r}")


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

    family = planar.FAMILY

    def __init__(self, request: training.TrainPlanar) -> None:
        self.request = request
        self.data = PointBatches(planar.PLANAR_LABELS[settings.variant_key(planar.PLANAR_DATA, request.points)])
        self.config = MlpConfig(request.width, request.depth)
        schedule = schedules.NoiseSchedule.from_settings(request.schedule)
        self.timesteps = schedule.timesteps
        self._alpha = torch.tensor(schedule.alpha, dtype=torch.float32)
        self._sigma = torch.tensor(schedule.sigma, dtype=torch.float32)
        mixture = gan_distributions.mixture_of(request.points)
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
            "schedule": tagged.described(sampling.SCHEDULES, request.schedule),
            "architecture": {"net": "mlp", **dataclasses.asdict(self.config)},
            "dataset": {"name": self.data.name, "licence": self.data.licence, "points": tagged.to_json(request.points)},
        }

    def _drawn(self, n: int, generator: torch.Generator) -> Tensor:
        which = torch.multinomial(self._weights, n, replacement=True, generator=generator)
        noise = torch.randn(n, 2, generator=generator)
        return (self._means[which] + self._stds[which, None] * noise).float()
