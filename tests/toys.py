"""Toys for tests: tiny networks with random weights, saved as real model folders, and a kind of run of its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
import pytest
import torch

from diffviz.domain import tagged
from diffviz.domain.arrays import F32, F64
from diffviz.domain.cards import Card, read_card
from diffviz.domain.frames import Frame
from diffviz.domain.likelihoods import LIKELIHOODS
from diffviz.domain.panes import ExportPane
from diffviz.domain.plots import ColumnReader, Plot, PlotData, Series
from diffviz.domain.requests import Plan, Request
from diffviz.domain.settings import Bounds, Help, Label
from diffviz.domain.tagged import named
from diffviz.engine.families import COMPUTED
from diffviz.engine.likelihoods import likelihood as made_of
from diffviz.engine.nets.generators import Vae, VaeConfig
from diffviz.engine.nets.unet import Classifier, ClassifierConfig, UNet, UNetConfig
from diffviz.engine.zoo import save_model
from diffviz.families import FAMILIES
from diffviz.families.family import Family

DATASET = "toys"


def save_diffusion(
    root: Path,
    name: str = "toy",
    shape: tuple[int, int, int] = (1, 12, 12),
    classes: int = 3,
    prediction: str = "v",
    timesteps: int = 100,
    dataset: str = DATASET,
) -> Card:
    """A tiny U-Net in folder `root`/`name`; its weights are random, its output layer too."""
    config = UNetConfig(channels=shape[0], classes=classes, widths=(8, 16), depth=1, heads=2)
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        net = UNet(config)
        for parameter in net.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.05)
        if net.label is not None:
            net.label.weight.mul_(4)
    card = _card(name, "diffusion", shape, classes) | {
        "dataset": {"name": dataset, "images": 0, "licence": "MIT"},
        "prediction": prediction,
        "schedule": {"name": "cosine", "timesteps": timesteps, "s": 0.008},
        "architecture": {"net": "unet", **dataclasses.asdict(config)},
    }
    save_model(root / name, card, net.state_dict())
    return read_card(root / name)


def save_vae(
    root: Path,
    name: str = "toy-vae",
    shape: tuple[int, int, int] = (1, 12, 12),
    latent: int = 2,
    kind: str = "vae",
    likelihood: dict[str, object] | None = None,
    dataset: str = DATASET,
) -> Card:
    """A tiny VAE or AE with random weights, the decoder's enlarged so that latents make a difference."""
    settings = likelihood or {"name": "gaussian"}
    p = made_of(named(LIKELIHOODS, settings))
    config = VaeConfig(kind, *shape, latent, 8, p.outputs if kind == "vae" else 1, p.scaled and kind == "vae")
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        torch.manual_seed(1)
        net = Vae(config)
        for weight in net.outwards.parameters():
            weight.mul_(3)
    card = _card(name, kind, shape, 3) | {"architecture": {"net": "vae", **dataclasses.asdict(config)}}
    card["dataset"] = {"name": dataset, "images": 0, "licence": "MIT"}
    if kind == "vae":
        card |= {"likelihood": settings, "beta": 1.0}
    save_model(root / name, card, net.state_dict())
    return read_card(root / name)


def save_classifier(
    root: Path,
    name: str = "toy-classifier",
    channels: int = 1,
    classes: int = 3,
    dataset: str = DATASET,
    side: int = 12,
) -> Card:
    """A tiny classifier of the same data set."""
    config = ClassifierConfig(channels=channels, classes=classes, widths=(8, 8, 8), features=8)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        net = Classifier(config)
    card = _card(name, "classifier", (channels, side, side), classes)
    card["dataset"] = {"name": dataset, "images": 0, "licence": "MIT"}
    card["architecture"] = {"net": "classifier", **dataclasses.asdict(config)}
    save_model(root / name, card, net.state_dict())
    return read_card(root / name)


def _card(name: str, family: str, shape: tuple[int, int, int], classes: int) -> dict[str, object]:
    return {
        "version": 1,
        "name": f"Toy {name}",
        "family": family,
        "shape": list(shape),
        "classes": [f"class {i}" for i in range(classes)],
        "dataset": {"name": DATASET, "images": 0, "licence": "MIT"},
        "training": {"images_seen": 0},
        "quality": {},
        "licence": "MIT",
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRequest(Request):
    """A toy kind of run: `walkers` points that walk at random from the middle for `steps` steps."""

    steps: Annotated[int, Label("Steps"), Bounds(1, 400), Help("How long they walk.")] = 30
    walkers: Annotated[int, Label("Walkers"), Bounds(1, 2000), Help("How many there are.")] = 200
    stride: Annotated[float, Label("Stride"), Bounds(0.01, 1.0), Help("How far a step goes.")] = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class WalkFrame(Frame):
    """After `position` steps: where the walkers are, how often they are where as pictures, and how far they have come.

    `points` (N, 2); `x` (4, 1, 16, 16) in −1 … 1, one picture for each quarter of them; `radii` (20,) shares of the
    walkers by their distance from the middle, and `spread` the root mean square of that distance.
    """

    axis: ClassVar[str] = "step"

    x: F32
    points: F32
    radii: F32
    spread: float


WALK_REACH = 4.0


def walk_frames(request: WalkRequest) -> Iterator[WalkFrame]:
    """The frames of a walk, the same for the same request."""
    rng, points = np.random.default_rng(request.seed), np.zeros((request.walkers, 2))
    for step in range(request.steps + 1):
        distance = np.linalg.norm(points, axis=1)
        radii = np.histogram(distance, 20, (0, WALK_REACH))[0] / len(points)
        spread = float(np.sqrt(np.mean(distance**2)))
        x = np.stack([_walk_picture(quarter) for quarter in np.array_split(points, 4)])
        f32 = np.float32
        yield WalkFrame(float(step), x.astype(f32), points.astype(f32), radii.astype(f32), spread)
        points = points + rng.normal(0, request.stride, points.shape)


def _walk_picture(points: F64) -> F64:
    """How many points there are in each of 16 × 16 cells, most as white."""
    edges = np.linspace(-WALK_REACH, WALK_REACH, 17)
    counts = np.histogram2d(points[:, 1], points[:, 0], (edges, edges))[0][::-1]
    return np.asarray(2 * counts / max(1.0, float(counts.max())) - 1, np.float64)[None]


def _walk_plan(request: WalkRequest, cards: Mapping[str, Card], parent: Plan | None) -> Plan:
    positions = tuple(float(n) for n in range(request.steps + 1))
    return Plan(0.0, float(request.steps), positions, 0, 4 * (4 * 256 + 2 * request.walkers + 20))


def _walk_reader() -> ColumnReader:
    return ColumnReader(("spread",), _spread)


def _spread(frame: Frame) -> tuple[float]:
    assert isinstance(frame, WalkFrame)
    return (frame.spread,)


def _walk_plots(data: PlotData) -> tuple[Plot, ...]:
    figures = _walk_reader().figures if data.figures is None else data.figures
    theory = np.sqrt(2 * figures.positions) * 0.2
    series = (
        Series(
            "spread",
            "r",
            "root mean square of the distance",
            "data",
            figures.positions,
            figures["spread"],
        ),
        Series("theory", "√(2n)", "what it is for steps of 0.2 each", "loss", figures.positions, theory, "dashed"),
    )
    return (Plot("spread", "r", series),)


def _walk_alike(shapes: Mapping[str, tuple[int, ...]]) -> bool:
    return shapes.get("x") == (4, 1, 16, 16) and len(shapes.get("points", ())) == 2 and shapes.get("radii") == (20,)


WALK = Family(
    name="walk",
    request=WalkRequest,
    frame=WalkFrame,
    title="Walk",
    plan=_walk_plan,
    frame_tag="WalkFrame",
    alike=_walk_alike,
    panes=(ExportPane("x", "where they are"),),
    plots=_walk_plots,
    reader=_walk_reader,
)


def add_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program know the toy kind of run: a row for what it is, one for how it is computed, a name in files."""
    monkeypatch.setitem(FAMILIES, WalkRequest, WALK)
    monkeypatch.setitem(COMPUTED, WalkRequest, lambda run: walk_frames(run.request))
    monkeypatch.setattr(tagged, "TAGS", {**tagged.TAGS, "WalkRequest": WalkRequest})
    monkeypatch.setattr(tagged, "TAG_OF", {**tagged.TAG_OF, WalkRequest: "WalkRequest"})
