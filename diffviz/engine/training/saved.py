"""Checkpoints as safetensors: tensors by name and JSON in the metadata. Never pickle."""

import json
import struct
from collections.abc import Mapping
from typing import Any

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

KEY = "diffviz"


def pack(tensors: Mapping[str, Tensor], state: Mapping[str, Any]) -> bytes:
    """`tensors` (copied to the CPU) and `state` (plain JSON) as the bytes of one safetensors file."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return safetensors.torch.save(plain, {KEY: json.dumps(state)})


def unpack(data: bytes) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """What `pack` packed. Raises ValueError for anything else."""
    try:
        tensors = safetensors.torch.load(data)
        (size,) = struct.unpack("<Q", data[:8])
        state = json.loads(json.loads(data[8 : 8 + size])["__metadata__"][KEY])
    except (SafetensorError, struct.error, KeyError, ValueError) as error:
        raise ValueError(f"not a checkpoint: {error}") from error
    return tensors, dict(state)


def part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose name starts with `prefix` and a dot, without it."""
    return {name[len(prefix) + 1 :]: t for name, t in tensors.items() if name.startswith(prefix + ".")}


def prefixed(prefix: str, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """`tensors` with `prefix` and a dot before each name."""
    return {f"{prefix}.{name}": tensor for name, tensor in tensors.items()}
