"""A path through latent spaces as a run of frames, and one VAE or AE with its likelihood.

A path through the latent spaces of one or two models as a run of frames.

One VAE or AE with its likelihood: numpy in, numpy out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from diffviz.domain import cards
from diffviz.domain import likelihoods as names
from diffviz.domain.arrays import F32, F64, U8
from diffviz.domain.errors import ImagesMissing, ImageWrongSize, ModelNotFound, NotFinite
from diffviz.domain.frames import PathFrame
from diffviz.domain.latent import FAMILIES, Anchor, PathRequest
from diffviz.domain.messages import Later, RunInputs
from diffviz.engine import device_context, features, training_tasks, zoo
from diffviz.engine.families.forward import unit
from diffviz.engine.likelihoods import Likelihood, likelihood
from diffviz.engine.nets.generators import Vae
from diffviz.engine.tensors import array, tensor
from diffviz.theory import latent, statistics

CHUNK = 256


@dataclass(frozen=True, slots=True, eq=False)
class Autoencoder:
    """A network and what its outputs mean. An AE's likelihood is taken to be a Gaussian: its outputs are its means."""

    card: cards.Card
    net: Vae
    p: Likelihood
    device: torch.device

    @staticmethod
    def of(card: cards.Card, net: torch.nn.Module, device: torch.device) -> Autoencoder:
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
        return training_tasks.scale_of(self.net, torch.zeros((), device=self.device))

    def _chunks(self, values: F32) -> Iterator[Tensor]:
        return (tensor(values[i : i + CHUNK], self.device) for i in range(0, max(1, len(values)), CHUNK))


def autoencoder(name: str, models: zoo.Models) -> Autoencoder:
    """The autoencoder called `name`. Raises `ModelNotFound`, for a model of another family too."""
    card = cards.card_of(name, models.cards)
    if card.family not in FAMILIES:
        raise ModelNotFound(name, tuple(c.id for c in models.cards.values() if c.family in FAMILIES))
    return Autoencoder.of(card, models.net(card), models.device)


BATCH = 16


def run(request: PathRequest, materials: RunInputs, bench: device_context.DeviceContext) -> Iterator[PathFrame | Later]:
    """The frames of `request`. Raises what is wrong with its pictures, its models or the device."""
    with device_context.explained(bench.models.device, BATCH):
        models = [autoencoder(name, bench.models) for name in request.models]
        yield from frames(request, materials, models, bench.references.real(models[0].card))


def frames(
    request: PathRequest, materials: RunInputs, models: Sequence[Autoencoder], real: features.RealImages | None
) -> Iterator[PathFrame | Later]:
    """The points of the path in order, `BATCH` of them decoded at once; `real` gives distances to real images.

    Raises `NotFinite` at the first whose image is not made of numbers.

    Where these have not been seen yet, that is done first, a `Later` after each part.
    """
    if real is not None:
        yield from real.seeing()
    anchors = [points_of(request, materials, i, model) for i, model in enumerate(models)]
    positions = latent.shares(request.frames)
    paths = [latent.along(points, request.curve, positions).astype(np.float32) for points in anchors]
    for start in range(0, len(positions), BATCH):
        at = slice(start, start + BATCH)
        looks = [_look(model, path[at], real) for model, path in zip(models, paths, strict=True)]
        for i, share in enumerate(positions[at]):
            if not all(np.isfinite(look["x"][i]).all() for look in looks):
                raise NotFinite(share, "path")
            yield _frame(share, [{name: v[i] for name, v in look.items()} for look in looks])


def points_of(request: PathRequest, materials: RunInputs, index: int, model: Autoencoder) -> list[F32]:
    """The anchors' latent points (D,) under model `index` of the request."""
    return [_point(anchor, materials, index, model) for anchor in request.anchors]


def _point(anchor: Anchor, materials: RunInputs, index: int, model: Autoencoder) -> F32:
    if anchor.codes:
        return np.asarray(anchor.codes[index], np.float32)
    if anchor.image not in materials.images:
        raise ImagesMissing(1)
    [code] = model.encode(model.unit(materials.images[anchor.image][None]))[0]
    return np.asarray(code, np.float32)


def _look(model: Autoencoder, z: F32, real: features.RealImages | None) -> dict[str, F32]:
    """All fields of a part of the path, each with one row for a point."""
    x = model.mean(z)
    again = model.encode(x)[0]
    fields = {
        "x": x,
        "z": z,
        "norm": np.linalg.norm(z, axis=1),
        "sharpness": statistics.sharpness(x),
        "cycle": np.linalg.norm(again - z, axis=1),
    }
    return fields if real is None else {**fields, "nearest": real.distances(x)}


def _frame(share: float, looks: list[dict[str, F32]]) -> PathFrame:
    longest = max(len(look["z"]) for look in looks)
    rows = [{**look, "z": np.pad(look["z"], (0, longest - len(look["z"])), constant_values=np.nan)} for look in looks]
    return PathFrame(share, **{name: _fixed(np.stack([row[name] for row in rows])) for name in rows[0]})


def _fixed(values: NDArray[np.floating]) -> F32:
    fixed = np.ascontiguousarray(values, np.float32)
    fixed.flags.writeable = False
    return fixed
