"""Toy models for tests: tiny networks with random weights, saved as real model folders."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import torch

from diffviz.domain.cards import Card, read_card
from diffviz.domain.likelihoods import LIKELIHOODS
from diffviz.domain.tagged import named
from diffviz.engine.likelihoods import likelihood as made_of
from diffviz.engine.nets.classifier import Classifier, ClassifierConfig
from diffviz.engine.nets.unet import UNet, UNetConfig
from diffviz.engine.nets.vae import Vae, VaeConfig
from diffviz.engine.zoo import save_model

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
