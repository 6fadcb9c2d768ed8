"""Requests to train a model. A training is a run of frames like any other; its axis is the number of images seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated, ClassVar

from diffviz.domain import gan, likelihoods, planar, sampling
from diffviz.domain.requests import Request
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Usual, Variants, When
from diffviz.domain.text import mark as _

PRECISIONS: Mapping[str, str] = MappingProxyType({"float32": "float32", "bfloat16": "bfloat16"})
PREDICTIONS: Mapping[str, str] = MappingProxyType({"v": "v", "eps": "ε", "x0": "x_0", "u": "u"})
KINDS: Mapping[str, str] = MappingProxyType({"vae": "VAE", "ae": "AE"})
Prediction = Annotated[
    str,
    Label(_("Prediction")),
    OneOf(PREDICTIONS),
    Usual(lambda request: usual_prediction(request.schedule)),
    Help(
        _(
            "What the network is asked for: ε, v = α ε − σ x_0 (Salimans & Ho 2022), x_0, or u = ε − x_0, the velocity "
            "of flow (Lipman et al. 2023). Usually u for flow, x_0 for VE, there of a preconditioned network "
            "(Karras et al. 2022), v else."
        )
    ),
]
TrainingSchedule = Annotated[
    sampling.Schedule,
    Label(_("Schedule")),
    Variants(sampling.SCHEDULES, sampling.SCHEDULE_LABELS),
    Help(_("How much noise each step adds.")),
]
TrainingProcess = Annotated[
    sampling.ProcessSettings,
    Label(_("Schedule")),
    Variants(sampling.PROCESSES, sampling.PROCESS_LABELS),
    Help(_("How much noise each step adds.")),
]


def usual_prediction(process: sampling.ProcessSettings) -> str:
    """What a network on `process` is usually asked for, a key of `PREDICTIONS`."""
    match process:
        case sampling.Flow():
            return "u"
        case sampling.VarianceExploding():
            return "x0"
        case _:
            return "v"


Ema = Annotated[
    float, Label("EMA"), Bounds(0.0, 0.99999), Help(_("Decay of the moving average of the weights that is kept."))
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest(Request):
    """What every training has.

    `data` is what `diffviz.engine.datasets.load` reads: a folder of pictures (subfolders are classes), IDX or arrays.
    What holds it are checkpoints, which no session opens.
    """

    recorded: ClassVar[bool] = False

    data: str = ""
    images: Annotated[
        int, Label(_("Images")), Bounds(0, 10**10), Help(_("How many images to train on; 0 leaves it to --minutes."))
    ] = 0
    minutes: Annotated[
        float, Label(_("Minutes")), Bounds(0, 10**6), Help(_("About how long to train, where --images is 0."))
    ] = 30.0
    size: Annotated[
        int,
        Label(_("Size")),
        Bounds(0, 512),
        Help(_("Height and width that images are given; 0 keeps their size.")),
    ] = 0
    batch: Annotated[int, Label(_("Batch")), Bounds(1, 4096), Help(_("Images per training step."))] = 128
    learning_rate: Annotated[
        float,
        Label(_("Learning rate")),
        Bounds(1e-6, 1.0, log=True),
        Help(_("Of AdamW (Loshchilov & Hutter 2019); constant, then falling to 0 over the last part.")),
    ] = 2e-3
    decay: Annotated[
        float,
        Label(_("Decay")),
        Bounds(0.0, 1.0),
        Help(_("Share of the images at the end over which the rate falls to 0.")),
    ] = 0.5
    precision: Annotated[
        str,
        Label(_("Precision")),
        OneOf(PRECISIONS),
        Help(_("Of the products inside the network; weights stay float32. bfloat16 pays where the processor has it.")),
    ] = "float32"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainDiffusion(TrainRequest):
    """Train a denoising network, with classes dropped for guidance.

    Ho et al. 2020, algorithm 1; Ho & Salimans 2022. For flow, conditional flow matching (Lipman et al. 2023, eq. 23);
    for variance exploding, EDM's preconditioning, noise levels and weights (Karras et al. 2022, section 5).
    """

    schedule: TrainingProcess = field(default_factory=sampling.Cosine)
    prediction: Prediction = "v"
    label_dropout: Annotated[
        float, Label(_("Label dropout")), Bounds(0.0, 1.0), Help(_("How often the class is withheld, for guidance."))
    ] = 0.1
    ema: Ema = 0.999
    width: Annotated[
        int, Label(_("Width")), Bounds(8, 512, step=8), Help(_("Channels at the first size; a multiple of 8."))
    ] = 48
    levels: Annotated[
        int, Label(_("Levels")), Bounds(1, 6), Help(_("Sizes of the U-Net; each halves the one before."))
    ] = 2
    depth: Annotated[int, Label(_("Depth")), Bounds(1, 8), Help(_("Residual blocks per size and direction."))] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainClassifier(TrainRequest):
    """Train the small classifier that recognises samples and measures distances."""

    width: Annotated[int, Label(_("Width")), Bounds(8, 512), Help(_("Channels of the first stage."))] = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainVae(TrainRequest):
    """Train a variational autoencoder (Kingma & Welling 2014), or the same network as a plain autoencoder."""

    kind: Annotated[
        str,
        Label(_("Kind")),
        OneOf(KINDS),
        Help(_("vae: encoder to q(z | x), objective ELBO. ae: encoder to one code, objective squared error.")),
    ] = "vae"
    latent: Annotated[
        int, Label(_("Latent dimensions")), Bounds(1, 1024), Help(_("Length of z; 2 can be drawn as a map."))
    ] = 2
    likelihood: Annotated[
        likelihoods.Likelihood,
        Label(_("Likelihood")),
        Variants(likelihoods.LIKELIHOODS, likelihoods.LABELS),
        When(lambda r: r.kind == "vae"),
        Help(_("Distribution p(x | z) of the pixels that the decoder describes.")),
    ] = field(default_factory=likelihoods.OptimalGaussian)
    beta: Annotated[
        float,
        Label("β"),
        Bounds(0.0, 100.0),
        When(lambda r: r.kind == "vae"),
        Help(_("Weight of KL(q(z | x) ‖ p(z)): 1 is the ELBO, towards 0 it becomes an AE (Higgins et al. 2017).")),
    ] = 1.0
    ema: Ema = 0.999
    width: Annotated[int, Label(_("Width")), Bounds(4, 512), Help(_("Channels of the convolutions."))] = 48


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainPlanar(TrainRequest):
    """Train a small network on points in the plane, drawn fresh at every step; it needs no data."""

    points: Annotated[
        planar.PlanarData,
        Label(_("Points")),
        Variants(planar.PLANAR_DATA, planar.PLANAR_LABELS),
        Help(_("The distribution of the points.")),
    ] = field(default_factory=gan.Ring)
    schedule: TrainingSchedule = field(default_factory=sampling.Cosine)
    prediction: Prediction = "v"
    ema: Ema = 0.999
    width: Annotated[int, Label(_("Width")), Bounds(4, 4096), Help(_("Units of every hidden layer."))] = 128
    depth: Annotated[int, Label(_("Depth")), Bounds(1, 16), Help(_("Hidden layers."))] = 3
