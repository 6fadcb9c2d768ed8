"""Denoisers and a classifier: networks that a CPU is quick with.

A small class-conditional U-Net for diffusion, cheap enough for a CPU.

A pixel-unshuffle stem halves the image before the first convolution (28 → 14 → 7), so that no convolution works at
the full size; attention is at the smallest size only. Blocks follow Dhariwal & Nichol 2021, appendix A (scale-shift
conditioning).

A small fully connected network for diffusion in two dimensions.

A small convolutional classifier: it recognises samples and gives the features that distances are measured in.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GROUPS = 8
WIDEST = 8192


@dataclass(frozen=True, slots=True)
class UNetConfig:
    """Shape of the network.

    `widths` are the channels at each size, the first at 1/`patch` of the image's; every further one halves it.
    `classes` 0 is an unconditional network. Every width is a multiple of 8, the last one of `heads`. Times are told
    `clock` times as large as they are: sinusoids tell timesteps up to 1,000 apart. Raises ValueError for what is no
    such network.
    """

    channels: int = 1
    classes: int = 0
    patch: int = 2
    widths: tuple[int, ...] = (48, 96)
    depth: int = 2
    heads: int = 4
    clock: float = 1.0

    def __post_init__(self) -> None:
        if not self.widths or any(width % GROUPS or not GROUPS <= width <= WIDEST for width in self.widths):
            raise ValueError(f"widths are multiples of {GROUPS} up to {WIDEST}, not {self.widths}")
        if self.heads < 1 or self.widths[-1] % self.heads:
            raise ValueError(f"{self.heads} heads do not divide {self.widths[-1]} channels")
        for name, low, high in (("patch", 1, 16), ("depth", 1, 64), ("classes", 0, 1 << 20), ("clock", 1e-3, 1e6)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} lies between {low} and {high}, not {getattr(self, name)}")

    @property
    def multiple(self) -> int:
        """Height and width are padded to a multiple of this."""
        return self.patch << (len(self.widths) - 1)


class UNet(nn.Module):
    """Predicts ε, v, x_0 or u (as it was trained) from a noisy image, its timestep and its class."""

    ones: Tensor
    rates: Tensor

    def __init__(self, config: UNetConfig) -> None:
        super().__init__()
        self.config = config
        widths, stem = config.widths, config.channels * config.patch**2
        emb = 4 * widths[0]
        self.time = nn.Sequential(nn.Linear(widths[0], emb), nn.SiLU(), nn.Linear(emb, emb))
        self.label = nn.Embedding(config.classes + 1, emb) if config.classes else None
        self.stem = nn.Conv2d(stem, widths[0], 3, padding=1)
        self.down = nn.ModuleList()
        width = widths[0]
        for level, out in enumerate(widths):
            if level:
                self.down.append(nn.Conv2d(width, width, 3, stride=2, padding=1))
            for _ in range(config.depth):
                self.down.append(Block(width, out))
                width = out
        self.middle = nn.ModuleList([Block(width, width), Attention(width, config.heads), Block(width, width)])
        self.up = nn.ModuleList()
        for level, out in reversed(list(enumerate(widths))):
            for _ in range(config.depth):
                self.up.append(Block(width + out, out))
                width = out
            if level:
                self.up.append(Upsample(width))
        self.head = nn.Sequential(nn.GroupNorm(GROUPS, width), nn.SiLU(), zeroed(nn.Conv2d(width, stem, 3, padding=1)))
        self.film_sizes = [2 * block.width for block in self.modules() if isinstance(block, Block)]
        self.halves = [size // 2 for size in self.film_sizes for _ in range(2)]
        self.film = nn.Linear(emb, sum(self.film_sizes))
        ones = torch.cat([torch.cat([torch.ones(size // 2), torch.zeros(size // 2)]) for size in self.film_sizes])
        self.register_buffer("ones", ones, persistent=False)  # scales are learnt as differences from 1
        self.register_buffer("rates", rates(widths[0]), persistent=False)

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        """Prediction of the shape of `x`.

        `x` is (N, C, H, W) of any height and width, `t` (N,) in [0, T]; `y` (N,) holds class indices, `config.classes`
        being "none"; it may be left out for "none" everywhere.
        """
        height, width = x.shape[-2:]
        h = F.pixel_unshuffle(self._padded(x), self.config.patch)  # (N, C·p², H/p, W/p)
        h = self.stem(h.contiguous(memory_format=torch.channels_last))
        films = iter(self._films(t, y))
        skips = []
        for layer in self.down:
            if isinstance(layer, Block):
                h = layer(h, next(films), next(films))
                skips.append(h)
            else:
                h = layer(h)
        for layer in self.middle:
            h = layer(h, next(films), next(films)) if isinstance(layer, Block) else layer(h)
        for layer in self.up:
            if isinstance(layer, Block):
                h = layer(torch.cat([h, skips.pop()], 1), next(films), next(films))
            else:
                h = layer(h)
        out: Tensor = F.pixel_shuffle(self.head(h), self.config.patch)
        return out[..., :height, :width].contiguous()

    def _padded(self, x: Tensor) -> Tensor:
        bottom, right = (-side % self.config.multiple for side in x.shape[-2:])
        return F.pad(x, (0, right, 0, bottom), mode="replicate") if bottom or right else x

    def _films(self, t: Tensor, y: Tensor | None) -> tuple[Tensor, ...]:
        """Scale and shift of every block in turn, (N, width, 1, 1) each, in one matrix product."""
        emb: Tensor = self.time(sinusoids(self.config.clock * t, self.rates))
        if self.label is not None:
            none = torch.full(t.shape, self.config.classes, device=t.device)
            emb = emb + self.label(none if y is None else y)
        films: Tensor = (self.film(F.silu(emb)) + self.ones)[:, :, None, None]
        return torch.split(films, self.halves, 1)


SIGMA_DATA = 0.5
"""Deviation of the data that EDM's scales are made for (Karras et al. 2022, table 1)."""


class EdmUNet(UNet):
    """x̂0 on a process with α = 1 and t = σ: a U-Net whose input, output and clock are scaled by σ.

    Karras et al. 2022, eq. 7 and table 1: what goes in and what is learnt has variance 1 at every σ.
    """

    def forward(self, x: Tensor, t: Tensor, y: Tensor | None = None) -> Tensor:
        """x̂0 of the shape of `x` (N, C, H, W); `t` (N,) is σ > 0, `y` as for `UNet`."""
        sigma = t.to(x.dtype)[:, None, None, None]
        total = sigma**2 + SIGMA_DATA**2
        learnt = super().forward(x / total.sqrt(), t.log() / 4, y)
        return SIGMA_DATA**2 / total * x + SIGMA_DATA * sigma / total.sqrt() * learnt


class Block(nn.Module):
    """Residual block whose second half is scaled and shifted by what time and class say, (N, outputs, 1, 1) each."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.width = outputs
        self.norm1 = nn.GroupNorm(GROUPS, inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.norm2 = nn.GroupNorm(GROUPS, outputs)
        self.conv2 = zeroed(nn.Conv2d(outputs, outputs, 3, padding=1))
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else None

    def forward(self, x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        h = convolved(F.silu(normed(x, self.norm1)), self.conv1)
        h = torch.addcmul(shift, normed(h, self.norm2), scale)
        return (x if self.skip is None else convolved(x, self.skip)) + convolved(F.silu(h), self.conv2)


class Attention(nn.Module):
    """Self-attention over all pixels (Vaswani et al. 2017), residual."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.GroupNorm(GROUPS, width)
        self.qkv = nn.Conv2d(width, 3 * width, 1)
        self.out = zeroed(nn.Conv2d(width, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        n, c, height, width = x.shape
        qkv = convolved(normed(x, self.norm), self.qkv).reshape(n, 3, self.heads, c // self.heads, height * width)
        q, k, v = qkv.transpose(-1, -2).unbind(1)  # (N, heads, HW, C/heads) each
        h = F.scaled_dot_product_attention(q, k, v).transpose(-1, -2).reshape(n, c, height, width)
        return x + convolved(h, self.out)


class Upsample(nn.Module):
    """Nearest-neighbour doubling and a convolution."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return convolved(F.interpolate(x, scale_factor=2.0, mode="nearest"), self.conv)


def rates(width: int) -> Tensor:
    """Angular rates of the sinusoidal embedding (Vaswani et al. 2017, 3.5), (width / 2,): 1 down to 1/10,000."""
    return torch.exp(-math.log(10_000) * torch.arange(width // 2) / (width // 2))


def sinusoids(t: Tensor, rates: Tensor) -> Tensor:
    """Sinusoidal embedding of timesteps (Vaswani et al. 2017, 3.5): (N,) → (N, width)."""
    angles = t.float()[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], 1)


def convolved(x: Tensor, layer: nn.Conv2d) -> Tensor:
    """`layer` of `x`. Not called as a module, which would cost a small convolution a tenth of its time; so `normed`."""
    return torch.conv2d(x, layer.weight, layer.bias, layer.stride, layer.padding)


def normed(x: Tensor, layer: nn.GroupNorm) -> Tensor:
    """`layer` of `x`."""
    return torch.group_norm(x, layer.num_groups, layer.weight, layer.bias, layer.eps)


def zeroed(layer: nn.Conv2d) -> nn.Conv2d:
    """`layer` with its weights set to zero, so that a residual branch starts as the identity."""
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer


FREQUENCIES = 16
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class MlpConfig:
    """Shape of the network: `depth` hidden layers of `width`. Raises ValueError for what is no such network."""

    width: int = 128
    depth: int = 3
    dims: int = 2

    def __post_init__(self) -> None:
        for name, low, high in (("width", 4, 4096), ("depth", 1, 16), ("dims", 1, 64)):
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} lies between {low} and {high}, not {getattr(self, name)}")


class Mlp(nn.Module):
    """Predicts ε, v or x_0 (as it was trained) from noisy points and their timestep."""

    def __init__(self, config: MlpConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        before = config.dims + 2 * FREQUENCIES
        for _ in range(config.depth):
            layers += [nn.Linear(before, config.width), nn.SiLU()]
            before = config.width
        self.body = nn.Sequential(*layers, nn.Linear(before, config.dims))

    def forward(self, x: Tensor, t: Tensor, _labels: Tensor | None = None) -> Tensor:
        """Prediction (N, D) for points `x` (N, D) at timesteps `t` (N,)."""
        out: Tensor = self.body(torch.cat([x, embedded(t)], 1))
        return out


def embedded(t: Tensor) -> Tensor:
    """Sines and cosines (N, 2 · FREQUENCIES) of `t` (N,), periods from 2π to 2π · LONGEST (Vaswani et al. 2017)."""
    rates = torch.exp(-math.log(LONGEST) * torch.arange(FREQUENCIES, device=t.device) / (FREQUENCIES - 1))
    angles = t[:, None].float() * rates
    return torch.cat([angles.sin(), angles.cos()], 1)


@dataclass(frozen=True, slots=True)
class ClassifierConfig:
    """Shape of the network: channels of its three stages and length of its feature vector."""

    channels: int = 1
    classes: int = 10
    widths: tuple[int, ...] = (32, 64, 96)
    features: int = 64


class Classifier(nn.Module):
    """p(y | x) of an image: a discriminative model."""

    def __init__(self, config: ClassifierConfig) -> None:
        super().__init__()
        self.config = config
        layers: list[nn.Module] = []
        before = config.channels
        for width in config.widths:
            layers += [*_conv(before, width), *_conv(width, width), nn.MaxPool2d(2)]
            before = width
        self.body = nn.Sequential(*layers)
        self.embed = nn.Linear(before, config.features)
        self.out = nn.Linear(config.features, config.classes)

    def features(self, x: Tensor) -> Tensor:
        """Feature vectors (N, features) of images (N, C, H, W) in [-1, 1], before the last layer."""
        return F.silu(self.embed(self.body(x).mean((2, 3))))

    def forward(self, x: Tensor) -> Tensor:
        """Logits (N, classes) of images (N, C, H, W) in [-1, 1]."""
        out: Tensor = self.out(self.features(x))
        return out


def _conv(inputs: int, outputs: int) -> tuple[nn.Module, ...]:
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU()
