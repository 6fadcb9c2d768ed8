"""Where networks run, and what torch's errors mean."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from diffviz.domain.errors import DeviceLost, DeviceUnavailable, OutOfMemory
from diffviz.domain.messages import Device

OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
LOST = ("cuda error", "cublas_status", "cudnn_status", "device-side assert", "mps backend")


def available() -> tuple[str, ...]:
    """Kinds of device there are, the preferred one first."""
    kinds = [("cuda", torch.cuda.is_available()), ("mps", torch.backends.mps.is_available()), ("cpu", True)]
    return tuple(kind for kind, there in kinds if there)


def exact() -> None:
    """Keep float32 products in float32: TF32 would change a CUDA device's answers by 1e-3."""
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False


def choose(kind: str) -> torch.device:
    """The device of `kind`, or the preferred one for "auto". Raises `DeviceUnavailable`."""
    kinds = available()
    exact()
    if kind == "auto":
        return torch.device(kinds[0])
    if kind not in kinds:
        raise DeviceUnavailable(kind, kinds)
    return torch.device(kind)


def describe(device: torch.device) -> Device:
    """What to tell a person about `device`."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine()
    return Device(device.type, name, torch.get_num_threads())


@contextmanager
def explained(device: torch.device, samples: int) -> Iterator[None]:
    """Turn torch's errors about memory and a lost device into `OutOfMemory` and `DeviceLost`; others pass."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise OutOfMemory(samples) from error
    except RuntimeError as error:
        raise explain(error, device, samples) from error


def explain(error: RuntimeError, device: torch.device, samples: int) -> Exception:
    """What `error`, raised while computing `samples` on `device`, means; itself where it means nothing known."""
    text = str(error).lower()
    if any(sign in text for sign in OUT_OF_MEMORY):
        return OutOfMemory(samples)
    if device.type != "cpu" and any(sign in text for sign in LOST):
        return DeviceLost(device.type, str(error).splitlines()[0])
    return error
