"""Training of a denoising network: one t, one noise and one prediction an image (Ho et al. 2020, algorithm 1).

At which times a network is trained, with which α, σ and weight, on each kind of process.

Training of a small network on points in the plane: fresh ones at every step (Ho et al. 2020, algorithm 1).
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from diffviz.domain import planar, sampling, settings, tagged, training
from diffviz.domain.errors import NotAChoice
from diffviz.engine import nets
from diffviz.engine.datasets import TrainingSet, load, to_unit
from diffviz.engine.nets.unet import SIGMA_DATA, Mlp, MlpConfig, UNetConfig
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
        self.times = times_of(request.schedule)
        self.config = UNetConfig(
            self.data.shape[0], len(self.data.classes), 2, widths, request.depth, clock=self.times.clock
        )
        self.times.check(request.prediction)
        self._labels = torch.from_numpy(self.data.labels)

    def net(self) -> nn.Module:
        """A fresh network, the same for the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            return channels_last(nets.NETS[self.times.net].make(self.config))

    def loss(self, net: nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """Mean squared error of the prediction on the batch after `seen` images (Ho et al. 2020, eq. 14), weighted."""
        at = batch_indices(self.request.seed, seen, self.request.batch, len(self.data))
        x0 = torch.from_numpy(to_unit(self.data.images[at]))
        y = self._dropped(self._labels[torch.from_numpy(at)], generator)
        t = self.times.drawn(len(x0), generator)
        eps = torch.randn(x0.shape, generator=generator)  # on the CPU, so that devices agree
        alpha, sigma = (part[:, None, None, None] for part in self.times.at(t))
        target = target_of(self.request.prediction, x0, eps, alpha, sigma)
        device = next(net.parameters()).device
        x, t, y, target = (part.to(device) for part in (alpha * x0 + sigma * eps, t, y, target))
        out = net(x, t, y if self.data.classes else None)
        return self.times.weighted(out, target, sigma.to(device))

    def decay(self) -> float:
        """Decay of the moving average of the weights."""
        return self.request.ema

    def card(self) -> dict[str, Any]:
        """What the card says of this model, without its weights and its quality."""
        request = self.request
        architecture = {"net": self.times.net, **dataclasses.asdict(self.config)}
        schedule = tagged.described(sampling.PROCESSES, request.schedule)
        return {"prediction": request.prediction, "schedule": schedule, "architecture": architecture}

    def _dropped(self, labels: Tensor, generator: torch.Generator) -> Tensor:
        none = torch.rand(len(labels), generator=generator) < self.request.label_dropout
        return torch.where(none, len(self.data.classes), labels)


class Times(ABC):
    """The times at which a network is trained.

    `net` is the network that suits the process, `clock` how much larger than t it is told, and `predictions` what it
    can be asked for.
    """

    net, clock = "unet", 1.0
    predictions: tuple[str, ...] = tuple(training.PREDICTIONS)

    @abstractmethod
    def drawn(self, n: int, generator: torch.Generator) -> Tensor:
        """One time each (N,), float, stratified over the batch."""

    @abstractmethod
    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        """α and σ (N,) at times `t` (N,)."""

    def weighted(self, out: Tensor, target: Tensor, sigma: Tensor) -> Tensor:
        """Mean squared error of `out` (N, …), each weighted by what its σ (N, 1, …) weighs."""
        del sigma
        return F.mse_loss(out, target)

    def check(self, prediction: str) -> None:
        """Raise `NotAChoice` where a network on this process cannot be asked for `prediction`."""
        if prediction not in self.predictions:
            raise NotAChoice("prediction", prediction, self.predictions)


class WholeTimes(Times):
    """Timesteps 1 … T of a noise schedule, each as often as any other, all of one weight (Ho et al. 2020, eq. 14)."""

    def __init__(self, settings: sampling.ProcessSettings) -> None:
        schedule = schedules.NoiseSchedule.from_settings(settings)
        self.last = schedule.timesteps
        self._alpha = torch.tensor(schedule.alpha, dtype=torch.float32)
        self._sigma = torch.tensor(schedule.sigma, dtype=torch.float32)

    def drawn(self, n: int, generator: torch.Generator) -> Tensor:
        return (stratified(n, generator) * self.last).long().clamp(max=self.last - 1).float() + 1

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return self._alpha[t.long()], self._sigma[t.long()]


class FlowTimes(Times):
    """Times of 0 … 1, evenly (Lipman et al. 2023, eq. 23; Liu et al. 2023, eq. 1)."""

    clock = 1000.0

    def drawn(self, n: int, generator: torch.Generator) -> Tensor:
        return 1 - stratified(n, generator)  # 0 is left out: there is nothing to say there

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return 1 - t, t


class Deviations(Times):
    """σ = t of a log-normal distribution, weighted so that every σ counts alike at first.

    Karras et al. 2022, table 1: ln σ ~ N(−1.2, 1.2²), λ = (σ² + σ_data²) / (σ σ_data)².
    """

    net, clock, predictions = "edm", 1000.0, ("x0",)
    mean, std = -1.2, 1.2

    def __init__(self, largest: float) -> None:
        self.largest = largest

    def drawn(self, n: int, generator: torch.Generator) -> Tensor:
        normal: Tensor = torch.special.ndtri(stratified(n, generator).clamp(1e-6, 1 - 1e-6))
        return (self.mean + self.std * normal).exp().clamp(max=self.largest)

    def at(self, t: Tensor) -> tuple[Tensor, Tensor]:
        return torch.ones_like(t), t

    def weighted(self, out: Tensor, target: Tensor, sigma: Tensor) -> Tensor:
        weight = (sigma**2 + SIGMA_DATA**2) / (sigma * SIGMA_DATA) ** 2
        return (weight * (out - target) ** 2).mean()


def times_of(process: sampling.ProcessSettings) -> Times:
    """The times that a network on `process` is trained at."""
    match process:
        case sampling.Flow():
            return FlowTimes()
        case sampling.VarianceExploding(sigma_max=largest):
            return Deviations(largest)
        case _:
            return WholeTimes(process)


def stratified(n: int, generator: torch.Generator) -> Tensor:
    """One number in each of `n` equal parts of 0 … 1, in random order."""
    return (torch.randperm(n, generator=generator) + torch.rand(n, generator=generator)) / n


def load_data(request: training.TrainDiffusion) -> TrainingSet:
    """The training data that `request` names."""
    return load(Path(request.data), "train", request.size)


def target_of(prediction: str, x0: Tensor, eps: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
    """What a network of `prediction`, a key of `PREDICTIONS`, is to say of α x_0 + σ ε."""
    match prediction:
        case "eps":
            return eps
        case "x0":
            return x0
        case "v":
            return alpha * eps - sigma * x0  # Salimans & Ho 2022, appendix D
        case "u":
            return eps - x0  # Lipman et al. 2023, eq. 23, with time the other way round
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
        self.times = WholeTimes(request.schedule)
        mixture = gan_distributions.mixture_of(request.points)
        self._means, self._stds, self._weights = map(torch.tensor, (mixture.means, mixture.stds, mixture.weights))

    def net(self) -> Mlp:
        """A fresh network, the same for the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            return Mlp(self.config)

    def loss(self, net: nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """Mean squared error of the prediction on fresh points (Ho et al. 2020, eq. 14)."""
        del seen
        n = self.request.batch
        x0 = self._drawn(n, generator)
        t = torch.randint(1, self.times.last + 1, (n,), generator=generator)
        eps = torch.randn(x0.shape, generator=generator)  # on the CPU, so that devices agree
        alpha, sigma = (part[:, None] for part in self.times.at(t))
        wanted = target_of(self.request.prediction, x0, eps, alpha, sigma)
        device = next(net.parameters()).device
        x, t, wanted = (part.to(device) for part in (alpha * x0 + sigma * eps, t.float(), wanted))
        return F.mse_loss(net(x, t), wanted)

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
