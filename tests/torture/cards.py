"""Cards of toy models of every family, as they stand in card.json."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from diffviz.domain.cards import Card, read_card

SHAPE = (1, 4, 4)
_COMMON: Mapping[str, Any] = MappingProxyType(
    {
        "version": 1,
        "name": "Toy",
        "shape": list(SHAPE),
        "classes": ["a", "b"],
        "parameters": 1000,
        "dataset": {"name": "toys", "images": 20, "source": "made up", "licence": "MIT"},
        "training": {"images_seen": 1000, "seconds": 2.5},
        "quality": {"fid": 1.5},
        "licence": "MIT",
        "weights": {"file": "weights.safetensors", "sha256": ""},
    }
)
_VAE = {"net": "vae", "kind": "vae", "channels": 1, "height": 4, "width": 4, "latent": 2}
CARDS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "toy": {
            **_COMMON,
            "family": "diffusion",
            "prediction": "eps",
            "schedule": {"name": "linear", "timesteps": 40},
            "architecture": {"net": "unet", "channels": 1, "classes": 2, "widths": [8, 16], "depth": 1, "heads": 2},
        },
        "vae": {
            **_COMMON,
            "family": "vae",
            "beta": 1.0,
            "likelihood": {"name": "gaussian"},
            "architecture": _VAE,
        },
        "ae": {**_COMMON, "family": "ae", "architecture": {**_VAE, "kind": "ae"}},
        "gan": {**_COMMON, "family": "gan", "classes": [], "architecture": {"net": "generator", "latent": 8}},
        "classifier": {**_COMMON, "family": "classifier", "architecture": {"net": "classifier", "widths": [8, 8, 8]}},
    }
)


def known() -> dict[str, Card]:
    """These cards as the program reads them, by their ids."""
    with tempfile.TemporaryDirectory() as root:
        for name, card in CARDS.items():
            folder = Path(root) / name
            folder.mkdir()
            (folder / "card.json").write_text(json.dumps(dict(card)), encoding="utf-8")
        return {name: read_card(Path(root) / name) for name in CARDS}
