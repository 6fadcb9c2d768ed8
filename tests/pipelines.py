"""Tiny pipelines that diffusers itself writes: random weights from a seed, nothing downloaded."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import diffusers
import torch

from diffviz.domain.declared import read_scheduler
from diffviz.domain.serialization import formatted

SIZE = 8


@cache
def unet(**settings: Any) -> Any:
    """A `UNet2DModel` of 8 × 8 pictures, about 40,000 weights; equal settings give the same one."""
    shape: dict[str, Any] = {"sample_size": SIZE, "in_channels": 3, "out_channels": 3, "layers_per_block": 1}
    blocks: dict[str, Any] = {
        "down_block_types": ("DownBlock2D", "AttnDownBlock2D"),
        "up_block_types": ("AttnUpBlock2D", "UpBlock2D"),
        "block_out_channels": (8, 16),
        "norm_num_groups": 4,
        "attention_head_dim": 8,
    }
    kind: Any = diffusers.UNet2DModel
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return kind(**{**shape, **blocks, **settings}).eval()


def scheduler(name: str = "DDPM", **settings: Any) -> Any:
    """The scheduler of diffusers of that name."""
    if name == "KarrasVe":
        from diffusers.schedulers.deprecated.scheduling_karras_ve import KarrasVeScheduler

        kind: Any = KarrasVeScheduler
        return kind(**settings)
    return getattr(diffusers, f"{name}Scheduler")(**settings)


def written(folder: Path, its: Any = None, **settings: Any) -> Path:
    """A pipeline of `unet(**settings)` and the scheduler `its` in `folder`, in the layout of today."""
    its = its or scheduler()
    unet(**settings).save_pretrained(folder / "unet", safe_serialization=True)
    its.save_pretrained(folder / "scheduler")
    parts = {"scheduler": ["diffusers", type(its).__name__], "unet": ["diffusers", "UNet2DModel"]}
    index = {"_class_name": "DDPMPipeline", "_diffusers_version": "0.42.0", **parts}
    (folder / "model_index.json").write_text(formatted(index), encoding="utf-8")
    return folder


def declared_by(its: Any, folder: Path) -> Any:
    """What this program reads of the configuration of the scheduler `its`, written into `folder`."""
    its.save_pretrained(folder)
    return read_scheduler(folder / "scheduler_config.json")
