"""Objectives of discriminators and generators as functions of D's raw outputs, each returning one value a sample.

A GAN in training: networks, optimisers and position; every step follows from the state and (seed, step) alone.
"""

from __future__ import annotations

import copy
import math
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

import torch
import torch.nn.functional as F
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from diffviz.domain import errors, frames
from diffviz.domain.gan import GanRequest, planar
from diffviz.domain.serialization import BROKEN, convert, decode, encode
from diffviz.engine.families import gan_data
from diffviz.engine.families.gan_data import ImageSource, PointSource, generator
from diffviz.engine.nets.generators import Gan, GanConfig, load_plain, plain_name, plain_state
from diffviz.engine.training_state import header_of, tensors

PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class Loss:
    """L_D of real and of generated samples (with the target for real ones), L_G of generated ones, and D's outputs.

    `threshold` is the output, as shown, above which D says "real"; None where it has to be fitted. `shown` maps raw
    outputs to what is shown: a probability, or themselves.
    """

    real: Callable[[Tensor, float], Tensor]
    fake: Callable[[Tensor], Tensor]
    g: Callable[[Tensor], Tensor]
    threshold: float | None
    shown: Callable[[Tensor], Tensor]
    penalty: float = 0.0


def _log_real(logits: Tensor, target: float) -> Tensor:
    """−target · log D − (1 − target) · log(1 − D); a target below 1 is one-sided smoothing."""
    return target * F.softplus(-logits) + (1 - target) * F.softplus(logits)


def _same(values: Tensor) -> Tensor:
    return values


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        # −log D, −log(1 − D); G: −log D (Goodfellow et al. 2014, section 3)
        "non_saturating": Loss(_log_real, F.softplus, lambda f: F.softplus(-f), 0.5, torch.sigmoid),
        # G: log(1 − D), whose gradient vanishes where D is sure (eq. 1)
        "saturating": Loss(_log_real, F.softplus, lambda f: -F.softplus(f), 0.5, torch.sigmoid),
        # Mao et al. 2017, eq. 9
        "least_squares": Loss(
            lambda r, _: 0.5 * (r - 1) ** 2, lambda f: 0.5 * f**2, lambda f: 0.5 * (f - 1) ** 2, 0.5, _same
        ),
        # Lim & Ye 2017
        "hinge": Loss(lambda r, _: F.relu(1 - r), lambda f: F.relu(1 + f), lambda f: -f, 0.0, _same),
        # Gulrajani et al. 2017, eq. 3
        "wasserstein": Loss(lambda r, _: -r, lambda f: f, lambda f: -f, None, _same, PENALTY),
    }
)


def r1(d: nn.Module, x: Tensor) -> Tensor:
    """½ E ‖∇D‖² on real `x`, without its weight γ (Mescheder et al. 2018, eq. 9)."""
    x = x.detach().requires_grad_()
    [gradient] = torch.autograd.grad(d(x).sum(), x, create_graph=True)
    return 0.5 * (gradient**2).flatten(1).sum(1).mean()


def gradient_penalty(d: nn.Module, real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """E (‖∇D‖ − 1)² between `real` and `fake`, at `share` (N, 1, …) of the way (Gulrajani et al. 2017, eq. 3)."""
    between = torch.lerp(real, fake, share).requires_grad_()
    [gradient] = torch.autograd.grad(d(between).sum(), between, create_graph=True)
    # a root has no gradient at 0, where a critic that is constant stands
    return ((gradient.flatten(1).square().sum(1) + 1e-12).sqrt() - 1).square().mean()


BETA2 = 0.99
KIND, VERSION = "diffviz gan", 1
Losses = tuple[float | None, ...]
NOTHING, UPDATED_D, UPDATED_G = 0, 1, 2


class Trainer:
    """Networks `g` and `d` after `position` steps: n after n whole ones, n + ½ after the next updates of D.

    `average` is the moving average of G that samples are drawn with; G itself where there is none.
    """

    def __init__(self, request: GanRequest, source: PointSource | ImageSource, device: torch.device) -> None:
        self.device = torch.device("cpu") if planar(request) else device
        self.position, self.updated = 0.0, NOTHING
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(request.seed)
            net = Gan(config_of(request, source.shape)).to(self.device)
        self.g, self.d = net.g, net.d
        self._adopt(request, source)

    def become(self, request: GanRequest, source: PointSource | ImageSource) -> None:
        """Go on with the settings of `request` from here; weights and moments stay."""
        before, losses = self.state(), (self.losses_d, self.losses_g)
        net = Gan(config_of(request, source.shape)).to(self.device)
        self.g, self.d = net.g, net.d
        self._adopt(request, source)
        self._take(before)
        self.losses_d.extend(losses[0])
        self.losses_g.extend(losses[1])

    def _adopt(self, request: GanRequest, source: PointSource | ImageSource) -> None:
        self.request, self.source = request, source
        self.average = copy.deepcopy(self.g).requires_grad_(False).eval() if request.ema > 0 else self.g
        self.loss: Loss = LOSSES[request.loss]
        self._g, self._d = list(self.g.parameters()), list(self.d.parameters())
        self._adam_d = _adam(self._d, request.d_rate, request.beta1)
        self._adam_g = _adam(self._g, request.g_rate, request.beta1) if self._g else None
        self.losses_d: deque[float] = deque([torch.nan] * request.every, request.every)
        self.losses_g: deque[float] = deque([torch.nan] * request.every, request.every)

    def half(self) -> None:
        """The updates of D, or where these are done the one of G."""
        if self.position == int(self.position):
            self._update_d()
            self.updated = UPDATED_D
        else:
            self._update_g()
            self.updated = UPDATED_G
        self.position += 0.5

    def run_to(self, position: float) -> Iterator[None]:
        """Train up to `position`; gives the caller a turn after every step."""
        while self.position < position:
            self.half()
            yield

    def latents(self, count: int, random: torch.Generator) -> Tensor:
        """What G makes samples of: z ~ N(0, I), or draws of the data where G starts from these."""
        if self.request.generator == "network":
            return torch.randn(count, self._latent, generator=random).to(self.device)
        return self.source.batch(count, random).to(self.device)

    @property
    def _latent(self) -> int:
        return config_of(self.request, self.source.shape).latent

    def _random(self, part: int, turn: int = 0) -> torch.Generator:
        """Random values for `part` of the step being computed, in D's `turn` or in that of G."""
        return generator(self.request.seed, int(self.position), (turn << 4) | part)

    def _update_d(self) -> None:
        for turn in range(self.request.d_steps):
            real = self.source.batch(self.request.batch, self._random(gan_data.REAL, turn)).to(self.device)
            with torch.no_grad():
                fake = self.g(self.latents(self.request.batch, self._random(gan_data.LATENT, turn)))
            loss = self._loss_d(real, fake)
            total = loss + self._penalty(real, fake, turn)
            _step(self._adam_d, self._d, total)
        self.losses_d.append(self._finite(loss))

    def _finite(self, loss: Tensor) -> float:
        """The value of `loss`. Raises `Diverged` where it is none."""
        value = loss.item()
        if not math.isfinite(value):
            raise errors.Diverged(self.position)
        return value

    def _loss_d(self, real: Tensor, fake: Tensor) -> Tensor:
        out_real, out_fake = self.d(torch.cat([real, fake])).flatten().chunk(2)
        return (self.loss.real(out_real, 1 - self._smoothing) + self.loss.fake(out_fake)).mean()

    @property
    def _smoothing(self) -> float:
        return self.request.smoothing if self.request.loss in ("saturating", "non_saturating") else 0.0

    def _penalty(self, real: Tensor, fake: Tensor, turn: int) -> Tensor | float:
        penalty: Tensor | float = self.request.r1 * r1(self.d, real) if self.request.r1 > 0 else 0.0
        if self.loss.penalty > 0:
            share = torch.rand(len(real), *[1] * (real.ndim - 1), generator=self._random(gan_data.MIX, turn))
            penalty += self.loss.penalty * gradient_penalty(self.d, real, fake, share.to(self.device))
        return penalty

    def _update_g(self) -> None:
        z = self.latents(self.request.batch, self._random(gan_data.LATENT, gan_data.G_TURN))
        if self._adam_g is None:
            with torch.no_grad():
                self.losses_g.append(self.loss.g(self.d(self.g(z)).flatten()).mean().item())
            return
        loss = self.loss.g(self.d(self.g(z)).flatten()).mean()
        _step(self._adam_g, self._g, loss)
        self.losses_g.append(self._finite(loss))
        self._follow()

    @torch.no_grad()
    def _follow(self) -> None:
        """Move the average towards G; early in the training it follows more closely."""
        if self.average is self.g:
            return
        steps = int(self.position) + 1
        decay = min(self.request.ema, (1 + steps) / (10 + steps))
        torch._foreach_lerp_(tensors(self.average), tensors(self.g), 1 - decay)
        for average, value in zip(self.average.buffers(), self.g.buffers(), strict=True):
            average.copy_(torch.lerp(average, value, 1 - decay) if value.is_floating_point() else value)

    def checkpoint(self) -> frames.Checkpoint:
        """Everything needed to continue exactly, at this position."""
        about = {"format": f"{KIND} {VERSION}", "position": encode([self.position, self.updated])}
        about["losses"] = encode([list(self.losses_d), list(self.losses_g)])
        flat = {name: value.detach().cpu().contiguous().clone() for name, value in self.state().items()}
        return frames.Checkpoint(self.position, save(flat, about))

    def restore(self, checkpoint: frames.Checkpoint) -> None:
        """Stand where `checkpoint` was taken. Raises ValueError for what is not one of such networks."""
        try:
            about = header_of(checkpoint.data, KIND, VERSION)
            position, updated = convert(decode(about["position"]), tuple[float, int])
            losses_d, losses_g = convert(decode(about["losses"]), tuple[Losses, Losses])
            self._take(load(checkpoint.data))
        except (*BROKEN, SafetensorError) as error:
            raise ValueError(f"not a checkpoint of such a GAN: {error}") from error
        self.position, self.updated = position, updated
        self.losses_d.extend(math.nan if loss is None else loss for loss in losses_d)
        self.losses_g.extend(math.nan if loss is None else loss for loss in losses_g)

    def state(self) -> dict[str, Tensor]:
        """All tensors of the state, by name."""
        found = {f"g.{n}": t for n, t in self.g.state_dict().items()}
        found |= {f"d.{n}": t for n, t in plain_state(self.d).items()}
        if self.average is not self.g:
            found |= {f"ema.{n}": t for n, t in self.average.state_dict().items()}
        for name, p, adam in self._moments():
            found |= {f"{name}.{n}": t for n, t in adam.state[p].items()}
        return found

    def _moments(self) -> Iterator[tuple[str, nn.Parameter, torch.optim.Adam]]:
        """Each parameter with its name in the state, and its optimiser."""
        for part, net, adam in (("adam_d", self.d, self._adam_d), ("adam_g", self.g, self._adam_g)):
            if adam is not None:
                yield from ((f"{part}.{plain_name(name)}", p, adam) for name, p in net.named_parameters())

    def _take(self, tensors: dict[str, Tensor]) -> None:
        self.g.load_state_dict(_part(tensors, "g."))
        load_plain(self.d, _part(tensors, "d."))
        if self.average is not self.g:
            self.average.load_state_dict(_part(tensors, "ema.") or _part(tensors, "g."))
        for name, p, adam in self._moments():
            moments = _part(tensors, f"{name}.")
            if moments:
                adam.state[p] = {n: _like(p, t) if t.ndim else t.clone() for n, t in moments.items()}


def config_of(request: GanRequest, shape: tuple[int, ...]) -> GanConfig:
    """Networks of `request` for samples of `shape`."""
    kind = request.generator if planar(request) else "network"
    return GanConfig(shape, request.capacity, kind, request.spectral_norm)


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on one thread: for such small networks others mostly wait, and sums keep their order on any machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _adam(parameters: list[nn.Parameter], rate: float, beta1: float) -> torch.optim.Adam:
    return torch.optim.Adam(parameters, lr=rate, betas=(beta1, BETA2), fused=True)


def _step(adam: torch.optim.Adam, parameters: list[nn.Parameter], loss: Tensor) -> None:
    """One step on the gradient of `loss` with respect to `parameters` alone."""
    for p, gradient in zip(parameters, torch.autograd.grad(loss, parameters), strict=True):
        p.grad = gradient
    adam.step()


def _like(p: Tensor, moment: Tensor) -> Tensor:
    """`moment` in memory of its own laid out as that of `p`, as the fused optimiser needs it."""
    return torch.empty_like(p).copy_(moment).detach()


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
