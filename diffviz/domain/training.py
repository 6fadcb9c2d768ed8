"""Requests to train a model: what a card later says about how it was trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Annotated

from diffviz.domain import schedules
from diffviz.domain.requests import Request
from diffviz.domain.settings import Bounds, Help, Label, OneOf, Variants
from diffviz.domain.text import mark as _

PREDICTIONS: Mapping[str, str] = MappingProxyType({"v": "v", "eps": "ε", "x0": "x_0"})
NO_TARGET = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Train(Request):
    """Base of trainings: how long, and at what pace. The seed fixes weights, data order and noise.

    With `images` 0 the target is found by measuring: as many images as fit into `minutes`.
    """

    images: Annotated[
        int, Label(_("Images")), Bounds(0, 1_000_000_000), Help(_("How many images training sees, repeats counted."))
    ] = NO_TARGET
    minutes: Annotated[
        float, Label(_("Minutes")), Bounds(0.0, 100_000.0), Help(_("How long to train where no number of images is given."))
    ] = 30.0
    batch: Annotated[
        int, Label(_("Batch")), Bounds(1, 4096), Help(_("Images per step; a smaller batch needs less memory."))
    ] = 128
    learning_rate: Annotated[
        float, Label(_("Learning rate")), Bounds(1e-7, 1.0, log=True), Help(_("Highest step size of AdamW."))
    ] = 2e-3
    weight_decay: Annotated[
        float, Label(_("Weight decay")), Bounds(0.0, 1.0), Help(_("How strongly AdamW pulls weights to zero."))
    ] = 0.01
    warm_up: Annotated[
        int, Label(_("Warm-up")), Bounds(0, 10_000_000), Help(_("Images over which the learning rate rises at the start."))
    ] = 20_000
    hold: Annotated[
        float,
        Label(_("Hold")),
        Bounds(0.0, 1.0),
        Help(_("Share of the training after which the learning rate begins to fall.")),
    ] = 0.55
    checkpoint_every: Annotated[
        int, Label(_("Checkpoint every")), Bounds(1, 1_000_000_000), Help(_("Images between two checkpoints."))
    ] = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainDiffusion(Train):
    """Training a diffusion model, class-conditional where the data has classes."""

    prediction: Annotated[
        str, Label(_("Prediction")), OneOf(PREDICTIONS), Help(_("What the network predicts (Salimans & Ho 2022)."))
    ] = "v"
    schedule: Annotated[
        schedules.Schedule,
        Label(_("Schedule")),
        Variants(schedules.SCHEDULES, schedules.LABELS),
        Help(_("How much noise each step adds.")),
    ] = field(default_factory=schedules.Cosine)
    label_dropout: Annotated[
        float,
        Label(_("Label dropout")),
        Bounds(0.0, 1.0),
        Help(_("Share of images shown without their class, so that guidance works (Ho & Salimans 2022).")),
    ] = 0.1
    ema: Annotated[
        float, Label(_("EMA decay")), Bounds(0.0, 0.99999), Help(_("Decay of the running average of the weights that is kept."))
    ] = 0.999
    widths: tuple[int, ...] = (48, 96)
    depth: Annotated[int, Label(_("Depth")), Bounds(1, 8), Help(_("Blocks of the network at each size."))] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainClassifier(Train):
    """Training the classifier that recognises samples and gives the features that distances are measured in."""

    hold: float = 0.2
    shift: Annotated[
        int, Label(_("Shift")), Bounds(0, 16), Help(_("Training images are moved by up to this many pixels."))
    ] = 2
    widths: tuple[int, ...] = (32, 64, 96)
    features: Annotated[int, Label(_("Features")), Bounds(2, 1024), Help(_("Length of the feature vector."))] = 64
