"""A folder as diffusers writes it, as far as it is read before a run: no library, no numbers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

CONFIG = {
    "_class_name": "UNet2DModel",
    "sample_size": 8,
    "down_block_types": ["DownBlock2D", "AttnDownBlock2D"],
    "up_block_types": ["AttnUpBlock2D", "UpBlock2D"],
    "block_out_channels": [8, 16],
}
TENSOR = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
NETWORK = "unet/config.json"
WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
SCHEDULER = "scheduler/scheduler_config.json"
PARTS = {"unet": ["diffusers", "UNet2DModel"], "scheduler": ["diffusers", "DDPMScheduler"]}
PIPELINE = {"_class_name": "DDPMPipeline", **PARTS}


def stored(header: Any, body: bytes = bytes(8)) -> bytes:
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def write(folder: Path, name: str, value: Any) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(value if isinstance(value, bytes) else json.dumps(value).encode())


def pipeline(home: Path, **network: Any) -> Path:
    """A pipeline in `home` whose network has one tensor, which stands for all."""
    write(home, "model_index.json", PIPELINE)
    write(home, NETWORK, {**CONFIG, **network})
    write(home, SCHEDULER, {"_class_name": "DDPMScheduler", "beta_schedule": "sigmoid"})
    write(home, WEIGHTS, stored({"__metadata__": {"format": "pt"}, "conv_in.bias": TENSOR}))
    write(home, "README.md", b"---\nlicense: apache-2.0\ntags: [x]\n---\n# Tiny\n")
    return home
