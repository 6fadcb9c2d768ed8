"""Requests: frozen plain data that says all that is needed to compute a run, seed and start included.

What is known of a run before it is computed.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, ClassVar

import numpy as np

from diffviz.domain import sampling
from diffviz.domain.arrays import U8, Part, nearest_index
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Option, Variants, When
from diffviz.domain.text import mark as _

MAX_SAMPLES = 64

PATHS: Mapping[str, str] = MappingProxyType({"chain": _("Markov chain"), "fixed": _("closed form, one ε")})

EACH = "each"
NO_CLASS = "none"

TRAIN, TEST = "train", "test"
PARTS: Mapping[str, str] = MappingProxyType({TRAIN: _("training set"), TEST: _("test set")})
"""Parts of the sample data."""
ALL_IMAGES = 10_000
IDEAL = "ideal-"
"""Ids of ideal denoisers begin so; the name of the data set follows."""


@dataclass(frozen=True, slots=True)
class Noise:
    """The run starts at pure noise x_T = σ_T n with n ~ N(0, I); where the variance is preserved, x_T is n."""


@dataclass(frozen=True, slots=True)
class Image:
    """The run starts at pictures, named by the SHA-256 of their pixels; the pixels travel beside the request.

    `shape` is that of every picture's pixels, (H, W) or (H, W, 3).
    """

    sha256: tuple[str, ...]
    shape: tuple[int, ...] = (28, 28)


@dataclass(frozen=True, slots=True)
class Step:
    """The run continues another one: it starts at the frame of run `of` nearest to position `at`.

    With `sample` set, every sample of the new run starts from that one sample of the parent; else sample i starts
    from the parent's sample i modulo the parent's number of samples.
    """

    of: Request
    at: float
    sample: int | None = None

    def __hash__(self) -> int:
        """Without the requests before, of which there may be more than Python's stack has room for."""
        return hash((type(self.of), self.at, self.sample))


Start = Noise | Image | Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Base of all requests. Equal requests compute equal runs. `recorded` says whether files hold what computes it."""

    recorded: ClassVar[bool] = True

    start: Start = field(default_factory=Noise)
    seed: Annotated[
        int, Label(_("Seed")), Bounds(0, 2**31 - 1), Help(_("Same seed, same settings: the same pictures."))
    ] = 42

    @property
    def ideal_set(self) -> DenoiserRequest | None:
        """The request itself where it has the settings of an ideal denoiser."""
        return None


def asks_ideal(request: Any) -> bool:
    """Whether the model of `request` is an ideal denoiser."""
    return str(request.model or "").startswith(IDEAL)


OF_NETWORK = _("a network runs on the process that it was trained on")
ONLY_IDEAL = _("only an ideal denoiser is exact for a set of pictures")
"""Why settings do not apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DenoiserRequest(Request):
    """Base of requests to a diffusion model. Its settings are those of an ideal denoiser; a network has been trained
    on its pictures and its noise schedule.

    `images` is how many pictures of `part` it knows, as evenly over the classes as can be; all there are where these
    are fewer.
    """

    part: Annotated[
        str,
        Label(_("Exact for")),
        OneOf(PARTS),
        Option("set"),
        When(asks_ideal, ONLY_IDEAL),
        Help(_("Which pictures x_0 is one of: some that the network was trained on, or some that it has not seen.")),
    ] = TRAIN
    images: Annotated[
        int,
        Label(_("Images")),
        Bounds(10, 60_000, log=True),
        Option("set-size"),
        When(asks_ideal, ONLY_IDEAL),
        Help(_("How many of these pictures x_0 is one of.")),
    ] = ALL_IMAGES
    process: Annotated[
        sampling.NetworkOr,
        Label(_("Process")),
        Variants(sampling.NETWORK_OR, sampling.NETWORK_OR_LABELS),
        Option("schedule"),
        When(asks_ideal, OF_NETWORK),
        Help(_("How much noise there is at each t: an ideal denoiser is exact for any process.")),
    ] = field(default_factory=sampling.OfNetwork)

    @property
    def ideal_set(self) -> DenoiserRequest | None:
        """The request itself."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class ForwardRequest(DenoiserRequest):
    """Noising images by a process, with or without a model looking at every x_t.

    `start` is an `Image`. With `model` (a model id) the schedule is the model's own and every frame carries ε̂ and x̂0.
    """

    start: Start = field(default_factory=lambda: Image(()))
    model: str | None = None
    schedule: Annotated[
        sampling.ProcessSettings,
        Label(_("Process")),
        Variants(sampling.PROCESSES, sampling.PROCESS_LABELS),
        When(lambda r: r.model is None, OF_NETWORK),
        Help(_("How much noise there is at each t.")),
    ] = field(default_factory=sampling.Cosine)
    path: Annotated[
        str,
        Label(_("Noise path")),
        OneOf(PATHS),
        Option("path"),
        Help(_("Markov chain: fresh ε_t at every step. Closed form, one ε: right marginals, not a path of the chain.")),
    ] = "chain"
    steps: Annotated[
        int,
        Label(_("Frames")),
        Bounds(1, 4000),
        Option("steps"),
        Help(_("How many times t are kept: evenly spaced, those of variance exploding as Karras et al. 2022 do.")),
    ] = 200
    label: Annotated[
        str | int,
        Label(_("Class")),
        Option("class"),
        When(lambda r: r.model is not None, _("there is no model to be told a class")),
        Help(_("What the model is told: a class, or none for p(x).")),
    ] = NO_CLASS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReverseRequest(DenoiserRequest):
    """Denoising with a trained model, from pure noise (`Noise`) or from a frame of another run (`Step`).

    `label` is a class index, `EACH` (sample i gets class i modulo the number of classes) or `NO_CLASS` for p(x).
    """

    model: str = ""
    sampler: sampling.Chosen = field(default_factory=sampling.Ddim)
    steps: Annotated[
        int,
        Label(_("Steps")),
        Bounds(1, 4000),
        Help(_("Number of timesteps visited from T on: one network evaluation each; with Heun and midpoint two.")),
    ] = 50
    spacing: sampling.Spacing = "trailing"
    label: Annotated[
        str | int, Label(_("Class")), Option("class"), Help(_("A class samples p(x | y), none samples p(x)."))
    ] = EACH
    guidance: Annotated[
        float,
        Label(_("Guidance")),
        Bounds(0.0, 20.0, step=0.25),
        Help(_("ε̂ = ε_u + s (ε_c − ε_u); s = 1 is none, other values do not sample p(x | y) (Ho & Salimans 2022).")),
    ] = 1.0
    samples: Annotated[
        int, Label(_("Samples")), Bounds(1, MAX_SAMPLES), Help(_("How many images are denoised at once."))
    ] = 16
    clip: Annotated[
        bool, Label(_("Clip x̂0")), Help(_("Keep the estimate of the clean image in the data range [−1, 1]."))
    ] = True
    every: Annotated[
        int,
        Label(_("Keep every")),
        Option("keep-every"),
        Bounds(1, 1000),
        Help(_("Which frames are kept: every n-th, and the last.")),
    ] = 1

    @property
    def without_beta(self) -> bool:
        """Whether it runs on a process without β, which only an ideal denoiser does."""
        return self.own_process is not None and sampling.without_beta(self.own_process)

    @property
    def own_process(self) -> sampling.NetworkOr | None:
        """The process that it chooses; None for a network, which has its own."""
        return self.process if asks_ideal(self) else None


DIRECTIONS = (ForwardRequest, ReverseRequest)
"""What the Diffusion lab shows: the two processes."""


def labels_of(label: str | int, samples: int, classes: int) -> tuple[int | None, ...]:
    """Class index of each sample, or None for p(x). Raises ValueError for a class that does not exist."""
    if label == NO_CLASS or classes == 0:
        return (None,) * samples
    if label == EACH:
        return tuple(i % classes for i in range(samples))
    if not isinstance(label, int) or not 0 <= label < classes:
        raise ValueError(f"class {label!r} is not one of 0 … {classes - 1}")
    return (label,) * samples


def digest(pixels: U8) -> str:
    """SHA-256 that names an image: of its shape and its uint8 pixels, (H, W) or (H, W, 3)."""
    head = "x".join(map(str, pixels.shape)).encode()
    return hashlib.sha256(head + b":" + np.ascontiguousarray(pixels).tobytes()).hexdigest()


DEEPEST = 160
"""Longest line of runs: no run continues more."""


def ancestry(request: Request) -> tuple[Request, ...]:
    """`request`, the request it continues, and so on to the root."""
    family = [request]
    while isinstance(start := family[-1].start, Step):
        family.append(start.of)
    return tuple(family)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a request will cost and where its frames will stand.

    `positions` are those of the frames in the order of computation; `low` and `high` are the ends of the axis;
    `evaluations` counts network evaluations of the whole batch (guidance takes two a step); `frame_bytes` is the size
    of one frame. With `between`, frames may also come between the planned positions, which then ascend: a training that
    is advanced by parts makes them.

    Where the axis is diffusion time, `schedule` describes the process in force, the request's own or its model's, and
    `visited` are the times that a sampler visits in falling order, of which `positions` may be a part.
    """

    low: float
    high: float
    positions: tuple[float, ...]
    evaluations: int
    frame_bytes: int
    between: bool = False
    schedule: sampling.ProcessSettings | None = None
    visited: tuple[float, ...] = ()

    @property
    def nbytes(self) -> int:
        """Bytes of all frames."""
        return self.frame_bytes * len(self.positions)

    def passed(self, newest: float, frames: int) -> int:
        """How many of the planned positions a run has come to that has `frames`, the newest one at `newest`."""
        return bisect_right(self.positions, newest) if self.between and frames else min(frames, len(self.positions))

    @property
    def direction(self) -> int:
        """+1 where the run goes towards larger positions, else -1."""
        return 1 if self.positions[-1] >= self.positions[0] else -1

    def nearest(self, position: float) -> float:
        """The planned position nearest to `position`."""
        ascending = self._ascending()
        return ascending[nearest_index(ascending, position)]

    def below(self, position: float) -> float | None:
        """The largest planned position below `position`; None where there is none."""
        ascending = self._ascending()
        at = ascending.bisected(position)
        return ascending[at - 1] if at else None

    def _ascending(self) -> Part[float]:
        return Part(self.positions, 0, len(self.positions), backwards=self.direction < 0)
