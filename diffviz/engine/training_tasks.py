"""The tasks of training: which one trains which request, and those of classifiers, VAEs and AEs.

Training of the small classifier: cross-entropy on images shifted and mirrored a little.

Training of a VAE by its negative ELBO, with one draw of z an image (Kingma & Welling 2014, eq. 7).

The same network as an AE is trained by its squared error.

A GAN's training as a model folder: weights, card, and the run itself, thinned out, to be shown and continued.

Which task trains which request, as a run of frames.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from diffviz.domain import errors, settings, tagged
from diffviz.domain.arrays import F32, levels
from diffviz.domain.frames import Checkpoint, TrainingFrame
from diffviz.domain.gan import DATA, GanFrame, GanRequest, planar
from diffviz.domain.likelihoods import LIKELIHOODS
from diffviz.domain.text import mark
from diffviz.domain.training import TrainClassifier, TrainDiffusion, TrainPlanar, TrainRequest, TrainVae
from diffviz.engine import device_context, diffusion_training, tensors, zoo
from diffviz.engine.datasets import TrainingSet, load, to_unit
from diffviz.engine.datasets.part import check_least
from diffviz.engine.families.gan_data import ImageSource, source_of
from diffviz.engine.families.gan_trainer import BETA2, Trainer, config_of
from diffviz.engine.likelihoods import Likelihood, likelihood
from diffviz.engine.nets.generators import Vae, VaeConfig
from diffviz.engine.nets.unet import Classifier, ClassifierConfig
from diffviz.engine.training import Task, TrainingLoop, batch_indices
from diffviz.families.gan import frame_bytes

SHIFT = 2
SMALLEST = 8  # images are halved three times


class ClassifierTask:
    """What is particular to training the classifier."""

    family = "classifier"

    def __init__(self, request: TrainClassifier, data: TrainingSet | None = None) -> None:
        self.request = request
        self.data = data or load(Path(request.data), "train", request.size)
        if not self.data.classes:
            raise errors.DataUnsuitable(
                Path(request.data), mark("a classifier needs classes: put each class in a subfolder")
            )
        check_least(Path(request.data), self.data.shape, SMALLEST)
        width = request.width
        self.config = ClassifierConfig(self.data.shape[0], len(self.data.classes), (width, 2 * width, 3 * width))
        self._labels = torch.from_numpy(self.data.labels)

    def net(self) -> Classifier:
        """A fresh network, the same for the same seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.request.seed)
            return tensors.channels_last(Classifier(self.config))

    def loss(self, net: torch.nn.Module, seen: int, generator: torch.Generator) -> Tensor:
        """Cross-entropy with label smoothing 0.05 on the batch after `seen` images."""
        at = batch_indices(self.request.seed, seen, self.request.batch, len(self.data))
        device = next(net.parameters()).device
        x = shifted(torch.from_numpy(to_unit(self.data.images[at])), generator)
        x = x.to(device, memory_format=torch.channels_last)
        return F.cross_entropy(net(x), self._labels[torch.from_numpy(at)].to(device), label_smoothing=0.05)

    def decay(self) -> float:
        """Decay of the moving average of the weights."""
        return 0.99

    def card(self) -> dict[str, Any]:
        """What the card says of this model, without its weights and its quality."""
        return {"architecture": {"net": "classifier", **dataclasses.asdict(self.config)}}


def shifted(x: Tensor, generator: torch.Generator) -> Tensor:
    """Each image moved by up to `SHIFT` pixels in both directions; what comes in is the darkest value."""
    n, c, height, width = x.shape
    padded = F.pad(x, (SHIFT,) * 4, value=-1.0)
    windows = padded.unfold(2, height, 1).unfold(3, width, 1)  # (N, C, 2s+1, 2s+1, H, W)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, n), generator=generator)
    return windows[torch.arange(n), :, down, right].reshape(n, c, height, width)


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
            return tensors.channels_last(Vae(self.config))

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
            card |= {"likelihood": tagged.described(LIKELIHOODS, self.request.likelihood), "beta": self.request.beta}
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


CPU = torch.device("cpu")
MOST_FRAMES = 80
PLANE = (1, 1, 2)


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What came of a training of `request`: its frames and checkpoints so far, and the `seconds` that it took."""

    request: GanRequest
    frames: Sequence[GanFrame]
    checkpoints: Sequence[Checkpoint]
    seconds: float


def kept_bytes(request: GanRequest) -> int:
    """About what a training of `request` takes on a disk that keeps it: its model, and its run beside the last one."""
    trainer = Trainer(request, source_of(request), CPU)
    weights: int = sum(tensor.nbytes for tensor in trainer.state().values())
    moments: int = 2 * sum(p.nbytes for net in (trainer.g, trainer.d) for p in net.parameters())
    return weights + 2 * (2 * (weights + moments) + MOST_FRAMES * frame_bytes(request))


def model_of(recording: Recording, name: str, licence: str = "") -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Card, without quality, and weights (the G that samples are drawn with, and D) at the newest checkpoint."""
    request = recording.request
    source = source_of(request)
    trainer = Trainer(request, source, CPU)
    trainer.restore(recording.checkpoints[-1])
    weights = {f"g.{n}": t for n, t in trainer.average.state_dict().items()}
    weights |= {f"d.{n}": t for n, t in trainer.d.state_dict().items()}
    parts = (trainer.average, trainer.d)
    card = {
        "version": 1,
        "name": name,
        "family": "gan",
        "shape": list(PLANE if planar(request) else source.shape),
        "classes": [],
        "parameters": sum(p.numel() for part in parts for p in part.parameters()),
        "dataset": _dataset(source, request),
        "architecture": {"net": "gan", **asdict(config_of(request, source.shape))},
        "training": _history(recording, trainer),
        "quality": {},
        "licence": licence,
    }
    return card, weights


def thinned(frames: Sequence[GanFrame], most: int = MOST_FRAMES) -> tuple[GanFrame, ...]:
    """At most `most` of `frames`, about evenly, with the first and the last; their images in 256 grey levels."""
    step = max(1.0, (len(frames) - 1) / (most - 1))
    kept = sorted({min(len(frames) - 1, round(i * step)) for i in range(most)})
    return tuple(_in_levels(frames[i]) for i in kept)


def _in_levels(frame: GanFrame) -> GanFrame:
    if frame.surface is not None:
        return frame
    return dataclasses.replace(frame, real=_levels(frame.real), fake=_levels(frame.fake))


def _levels(images: F32) -> F32:
    """Images as a file of 8 bits would keep them: a quarter of the size, and no difference on a screen."""
    return levels(images).astype(np.float32) / np.float32(127.5) - np.float32(1)


def _dataset(source: Any, request: GanRequest) -> dict[str, Any]:
    if not isinstance(source, ImageSource):
        return {"name": settings.variant_key(DATA, request.data), "source": "a known density"}
    data = source.dataset
    return {"name": data.name, "source": data.source, "licence": data.licence, "images": len(data)}


def _history(recording: Recording, trainer: Trainer) -> dict[str, Any]:
    request, steps = recording.request, int(trainer.position)
    return {
        "steps": steps,
        "images_seen": steps * request.batch * request.d_steps,
        "seconds": round(recording.seconds, 1),
        "device": "cpu, 1 thread",
        "torch": torch.__version__,
        "optimiser": f"Adam, β₂ = {BETA2}",
        "request": tagged.to_json(request),
    }


def task_for(request: TrainRequest, data: TrainingSet | None = None) -> Task:
    """The task of `request` on `data`, which it reads where it is not given.

    Raises `DataUnsuitable`, or TypeError for a request without a task.
    """
    match request:
        case TrainDiffusion():
            return diffusion_training.DiffusionTask(request, data)
        case TrainClassifier():
            return ClassifierTask(request, data)
        case TrainVae():
            return VaeTask(request, data)
        case TrainPlanar():
            return diffusion_training.PlanarTask(request)
        case _:
            raise TypeError(f"{type(request).__name__} has no task")


def run(request: TrainRequest, models: zoo.Models) -> Iterator[TrainingFrame | Checkpoint]:
    """The progress of training a new model on the device of `models`."""
    with device_context.explained(models.device, request.batch):
        training = TrainingLoop(task_for(request), device=models.device)
        models.watch(training.state.net)
        yield from training.frames()
