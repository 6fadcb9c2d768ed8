"""GANs: the request to train one live, its frames, its queries. The axis is the training step."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, TypeVar

import numpy as np

from diffviz.domain import frames, messages
from diffviz.domain.arrays import F32
from diffviz.domain.requests import Noise, Request
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Option, Variants, When
from diffviz.domain.text import mark as _

GRID = 48
EXTENT = 3.0
MOST_DRAWN = 400
SHOWN_POINTS, SHOWN_IMAGES = 256, 36


@dataclass(frozen=True, slots=True)
class Ring:
    """Gaussians evenly on a circle of radius 2."""

    modes: Annotated[int, Label(_("Modes")), Bounds(1, 16), Help(_("How many Gaussians stand on the circle."))] = 8
    std: Annotated[
        float, Label(_("Spread")), Bounds(0.02, 1.0, step=0.02), Help(_("Standard deviation of every Gaussian."))
    ] = 0.15


@dataclass(frozen=True, slots=True)
class Lattice:
    """Gaussians on a square lattice from −2 to 2; with side 5 the "grid of 25"."""

    side: Annotated[int, Label(_("Side")), Bounds(2, 7), Help(_("How many Gaussians stand on one side."))] = 5
    std: Annotated[
        float, Label(_("Spread")), Bounds(0.02, 1.0, step=0.02), Help(_("Standard deviation of every Gaussian."))
    ] = 0.1


@dataclass(frozen=True, slots=True)
class Moons:
    """Two interleaved half circles, blurred by a Gaussian."""

    std: Annotated[
        float, Label(_("Spread")), Bounds(0.02, 1.0, step=0.02), Help(_("Standard deviation around the curve."))
    ] = 0.12


@dataclass(frozen=True, slots=True)
class SwissRoll:
    """A spiral, blurred by a Gaussian."""

    std: Annotated[
        float, Label(_("Spread")), Bounds(0.02, 1.0, step=0.02), Help(_("Standard deviation around the curve."))
    ] = 0.1


@dataclass(frozen=True, slots=True)
class Drawn:
    """A Gaussian at every point that was drawn with the mouse; points lie within ±`EXTENT`, at most 400."""

    points: tuple[tuple[float, float], ...] = ()
    std: Annotated[
        float, Label(_("Spread")), Bounds(0.02, 1.0, step=0.02), Help(_("Standard deviation around every point."))
    ] = 0.15


@dataclass(frozen=True, slots=True)
class Pictures:
    """Images of one of the bundled sample data sets, or of the folder `folder` in a training from the command line."""

    dataset: str = "fashion-mnist"
    folder: str = ""


Data = Ring | Lattice | Moons | SwissRoll | Drawn | Pictures

DATA: Mapping[str, type[Any]] = MappingProxyType(
    {"ring": Ring, "lattice": Lattice, "moons": Moons, "roll": SwissRoll, "drawn": Drawn, "pictures": Pictures}
)
DATA_LABELS: Mapping[str, str] = MappingProxyType(
    {
        "ring": _("Ring of Gaussians"),
        "lattice": _("Grid of Gaussians"),
        "moons": _("Two moons"),
        "roll": _("Swiss roll"),
        "drawn": _("Drawn by hand"),
        "pictures": _("Image set"),
    }
)

LOSSES: Mapping[str, str] = MappingProxyType(
    {
        "non_saturating": _("Non-saturating"),
        "saturating": _("Minimax (saturating)"),
        "least_squares": _("Least squares"),
        "hinge": _("Hinge"),
        "wasserstein": _("WGAN-GP"),
    }
)
GENERATORS: Mapping[str, str] = MappingProxyType(
    {
        "network": _("Network"),
        "exact": _("Draws from the data"),
        "residual": _("Exact at the start, then trained"),
    }
)


R = TypeVar("R", bound=Request)


def planar(request: GanRequest) -> bool:
    """Whether the data are points in two dimensions, whose density is known."""
    return not isinstance(request.data, Pictures)


@dataclass(frozen=True, slots=True, kw_only=True)
class GanRequest(Request):
    """Train a GAN (Goodfellow et al. 2014), watched step by step.

    `start` is `Noise` (fresh networks) or `Step(of, at)`: go on from a training step of another GAN run, with the same
    or other settings. Position n stands after n whole steps; one step is `d_steps` updates of D and one of G. A frame
    comes at the start, at every multiple of `every` and at the end, step `steps`; a run that is advanced by parts also
    makes a frame after the updates of D (at n + 1/2) and after that of G.
    """

    data: Annotated[
        Data, Label(_("Data")), Variants(DATA, DATA_LABELS), Help(_("The distribution that G is to learn."))
    ] = field(default_factory=Ring)
    generator: Annotated[
        str,
        Label(_("Generator")),
        OneOf(GENERATORS),
        When(planar),
        Help(_("A network; a perfect one that draws from the data and never learns; or one that starts perfect.")),
    ] = "network"
    loss: Annotated[
        str, Label(_("Loss")), OneOf(LOSSES), Help(_("What D and G minimise (Lucic et al. 2018, table 1)."))
    ] = "non_saturating"
    r1: Annotated[
        float,
        Label("R1"),
        Bounds(0.0, 100.0, step=0.1),
        Help(_("Weight γ of the penalty γ/2 ‖∇D‖² on real data (Mescheder et al. 2018); 0 is none.")),
    ] = 0.0
    spectral_norm: Annotated[
        bool,
        Label(_("Spectral norm")),
        Help(_("D's layers are divided by their largest singular value (Miyato 2018).")),
    ] = False
    smoothing: Annotated[
        float,
        Label(_("Label smoothing")),
        Bounds(0.0, 0.5, step=0.05),
        When(lambda r: r.loss in ("saturating", "non_saturating")),
        Help(_("D's target for real data is 1 minus this (Salimans et al. 2016).")),
    ] = 0.0
    g_rate: Annotated[
        float, Label(_("G learning rate")), Option("g-rate"), Bounds(1e-6, 1.0, log=True), Help(_("Of Adam."))
    ] = 1e-3
    d_rate: Annotated[
        float, Label(_("D learning rate")), Option("d-rate"), Bounds(1e-6, 1.0, log=True), Help(_("Of Adam."))
    ] = 1e-3
    d_steps: Annotated[
        int, Label(_("D steps per G step")), Option("d-steps"), Bounds(1, 50), Help(_("Updates of D before one of G."))
    ] = 1
    batch: Annotated[int, Label(_("Batch")), Bounds(2, 4096), Help(_("Real and generated samples per update."))] = 256
    capacity: Annotated[
        int, Label(_("Capacity")), Bounds(4, 512, step=4), Help(_("Width of both networks' layers."))
    ] = 64
    beta1: Annotated[
        float, Label("Adam β₁"), Bounds(0.0, 0.999, step=0.1), Help(_("Momentum; 0 to 0.5 is usual for GANs."))
    ] = 0.5
    ema: Annotated[
        float,
        Label("G-EMA"),
        Bounds(0.0, 0.9999),
        Help(_("Decay of the moving average of G's weights that samples are drawn with; 0 is G itself.")),
    ] = 0.0
    steps: Annotated[int, Label(_("Steps")), Bounds(1, 1_000_000), Help(_("The training step at which it ends."))] = (
        3000
    )
    every: Annotated[
        int, Label(_("Evaluate every")), Option("every"), Bounds(1, 1000), Help(_("Steps from frame to frame."))
    ] = 25


def unstarted(request: R) -> R:
    """The settings of `request` alone: as if it began with fresh networks."""
    return dataclasses.replace(request, start=Noise())


@dataclass(frozen=True, slots=True, eq=False)
class GanFrame(frames.Frame):
    """A GAN after `position` training steps, evaluated on fresh held-out real data and fresh samples.

    `loss_d`, `loss_g` (K,) are the losses of the last K = `every` steps, oldest first, nan where there was none.
    Accuracies are shares of the M evaluated samples of each kind; `low` and `high` end the 95 % interval of
    `accuracy`. `threshold` is D's output that parts real from generated (0.5, or fitted on a disjoint half for
    WGAN). `gradient` is the mean norm of ∂L_G/∂x at generated samples. `real` and `fake` (N, 2) or (N, C, H, W) are
    the samples shown, `d_real`, `d_fake` (N,) what D says of them: a probability, or the critic's value for losses
    that have none. `updated` is 1 after an update of D, 2 after one of G, 0 before any.

    In two dimensions: `surface` (GRID, GRID) is D over ±EXTENT (rows are y, from low to high), `density` the estimate
    of p_g there, `arrows` (N, 2) −∂L_G/∂x at `fake`, `tv` and `js` (bits) between data and that estimate,
    `best` = ½ (1 + tv) the best possible D's accuracy, `quality` the share of samples within 3 standard deviations of
    a mode, `covered` the modes that have samples, `per_mode` (modes,) the high-quality samples of each. On images
    `per_mode` counts classes as the classifier sees them, and the rest is nan or None.
    """

    axis: ClassVar[str] = "step"

    loss_d: F32
    loss_g: F32
    accuracy_real: float
    accuracy_fake: float
    accuracy: float
    low: float
    high: float
    threshold: float
    gradient: float
    updated: float
    real: F32
    fake: F32
    d_real: F32
    d_fake: F32
    tv: float
    js: float
    best: float
    quality: float
    covered: float
    per_mode: F32
    surface: F32 | None = None
    density: F32 | None = None
    arrows: F32 | None = None

    @property
    def covered_modes(self) -> float:
        """How many modes have samples; of images, how many classes."""
        return float((self.per_mode > 0).sum()) if np.isnan(self.covered) else self.covered


@dataclass(frozen=True, slots=True, eq=False)
class GanQuery(messages.Query):
    """Base of what is asked of the networks of the GAN run `request` as they stand at `at`, its newest frame or not."""

    request: GanRequest
    at: float

    @property
    def about(self) -> Request | None:
        """The training."""
        return self.request


@dataclass(frozen=True, slots=True, eq=False)
class AskD(GanQuery):
    """D(x) at `x`, float32 (N, 2) or (N, C, H, W). The answer is `Judged`.

    Where the networks of that step are no longer at hand they are trained again from `checkpoint`, a keyframe of the
    run at or before it, a slice with every question: until they are there the answer is `Replaying`. It is None where
    the way is too long. `key` names what was asked about and comes back in the answer.
    """

    x: F32
    checkpoint: frames.Checkpoint | None = None
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaying:
    """The networks that were asked about are `left` training steps away: ask again."""

    left: float


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What D says of what was asked about, float32 (N,), as `GanFrame.d_real`; `key` is that of the question."""

    d: F32
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class NearestReal(messages.Query):
    """The training picture nearest to each of `images` (N, C, H, W) in the classifier's features: is it memorised?

    Answer: `Neighbours`.
    """

    dataset: str
    images: F32
    key: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """Answer to `NearestReal`: `images` (N, C, H, W) in [-1, 1], `distance` (N,) in features.

    They are the nearest of `seen` of `count` training pictures: the classifier sees more of them for every answer.
    """

    images: F32
    distance: F32
    seen: int
    count: int
    key: tuple[object, ...] = ()
