"""State of a training, to bytes and back, as safetensors: weights, their average, AdamW's moments and counters."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from diffviz.domain import frames, tagged, training
from diffviz.domain.serialization import BROKEN, Count, TooNew, Wire, check_version, convert, decode, encode

KIND = "diffviz training"
VERSION = 1
LARGEST_HEADER = 64 << 20
HEADER_BYTES = 1 << 16
MOMENTS = ("exp_avg", "exp_avg_sq")


class Counters(Wire):
    """How far a training is, as its checkpoint says."""

    seen: Count
    steps: Count
    seconds: float
    target: Count
    origin: dict[str, Any] | None = None


class Header(Wire, rename={"about": "__metadata__"}):
    """The header of a safetensors file, as far as it is read here."""

    about: dict[str, str]


class TrainState:
    """A network in training.

    `seen` counts images, `seconds` is the time spent, `target` the number of images to reach (0: not known yet).
    """

    def __init__(self, net: nn.Module, request: training.TrainRequest) -> None:
        self.net = net
        self.ema = copy.deepcopy(net).requires_grad_(False)
        self.request = request
        self.optimiser = torch.optim.AdamW(
            net.parameters(), lr=request.learning_rate, betas=(0.9, 0.99), weight_decay=0.01, fused=True
        )
        self.device = tensors(net)[0].device
        self.seen = 0
        self.steps = 0
        self.seconds = 0.0
        self.target = request.images
        self.origin: dict[str, Any] = {}

    def start_from(self, weights: Mapping[str, Tensor], origin: Mapping[str, Any]) -> None:
        """Begin with `weights` of the model that `origin` names. Raises RuntimeError where they do not fit."""
        self.net.load_state_dict(dict(weights))
        self.ema.load_state_dict(dict(weights))
        self.origin = dict(origin)

    def update(self, loss: Tensor, rate: float, decay: float, batch: int) -> None:
        """One step of AdamW on `loss` at `rate`, gradients clipped to norm 1, then the moving average."""
        self.optimiser.param_groups[0]["lr"] = rate
        self.optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimiser.step()
        self.steps += 1
        self.seen += batch
        self._average(min(decay, (1 + self.steps) / (10 + self.steps)))

    @property
    def checkpoint_bytes(self) -> int:
        """About what a checkpoint takes, once the optimiser has its two moments of every weight."""
        weights: int = sum(t.nbytes for t in self.net.state_dict().values())
        moments: int = 2 * sum(p.nbytes for p in self.net.parameters())
        return 2 * weights + moments + HEADER_BYTES

    def checkpoint(self) -> frames.Checkpoint:
        """Everything needed to continue exactly."""
        tensors = {f"net.{n}": t for n, t in self.net.state_dict().items()}
        tensors |= {f"ema.{n}": t for n, t in self.ema.state_dict().items()}
        for index, moments in self.optimiser.state_dict()["state"].items():
            tensors |= {f"adam.{index}.{name}": value for name, value in moments.items()}
        counters = Counters(
            seen=self.seen, steps=self.steps, seconds=self.seconds, target=self.target, origin=self.origin
        )
        metadata = {"format": f"{KIND} {VERSION}", "counters": encode(counters)}
        metadata["request"] = encode(tagged.to_json(self.request))
        flat = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
        return frames.Checkpoint(float(self.seen), save(flat, metadata))

    def restore(self, checkpoint: bytes) -> None:
        """Continue from `checkpoint`. Raises ValueError or RuntimeError for one that does not fit."""
        try:
            tensors = load(checkpoint)
        except SafetensorError as error:
            raise ValueError(f"not a training checkpoint: {error}") from error
        self.net.load_state_dict(_part(tensors, "net."))
        self.ema.load_state_dict(_part(tensors, "ema."))
        counters = read_metadata(checkpoint).counters
        self.seen, self.steps, self.seconds = counters.seen, counters.steps, counters.seconds
        self.target = self.target or counters.target
        self.origin = dict(counters.origin or {})
        self._restore_moments(_part(tensors, "adam."))

    def _restore_moments(self, flat: Mapping[str, Tensor]) -> None:
        for index, p in enumerate(self.net.parameters()):
            moments = _part(flat, f"{index}.")
            if moments:  # in the layout of the weights: the fused optimiser walks both in memory order
                if any(getattr(moments.get(n), "shape", None) != p.shape for n in MOMENTS) or "step" not in moments:
                    raise ValueError(f"not a training checkpoint: moments of weight {index} are missing")
                laid_out = {n: torch.empty_like(p).copy_(moments[n]).detach() for n in MOMENTS}
                self.optimiser.state[p] = {"step": moments["step"].to(self.device), **laid_out}

    @torch.no_grad()
    def _average(self, decay: float) -> None:
        mine, theirs = tensors(self.ema), tensors(self.net)
        torch._foreach_lerp_(mine, theirs, 1 - decay)
        for average, value in zip(self.ema.buffers(), self.net.buffers(), strict=True):
            average.copy_(value)


def tensors(net: nn.Module) -> list[Tensor]:
    """Parameters of `net`, in order."""
    return list(net.parameters())


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a checkpoint says beside its tensors."""

    counters: Counters
    request: Any


def read_metadata(checkpoint: bytes) -> Metadata:
    """Counters and request of a checkpoint. Raises ValueError for bytes that are not one, `TooNew` for a newer one."""
    try:
        about = header_of(checkpoint, KIND, VERSION)
        counters = convert(decode(about["counters"]), Counters)
        return Metadata(counters, tagged.from_json(decode(about["request"])))
    except TooNew:
        raise
    except BROKEN as error:
        raise ValueError(f"not a training checkpoint: {error}") from error


def header_of(checkpoint: bytes, kind: str, version: int) -> Mapping[str, str]:
    """The texts beside the tensors of a checkpoint, where it is of `kind` and of a format up to `version`.

    One without a format is the first of its kind. Raises ValueError, and `TooNew` for a newer one.
    """
    length = int.from_bytes(checkpoint[:8], "little")
    if length > min(LARGEST_HEADER, len(checkpoint) - 8):
        raise ValueError("not a checkpoint: it is cut short")
    about = convert(decode(checkpoint[8 : 8 + length]), Header).about
    found, _, number = about.get("format", f"{kind} 1").rpartition(" ")
    if found != kind or not number.isdecimal():
        raise ValueError("it is a checkpoint of another kind")
    check_version({"format": decode(number)}, "format", version)
    return about


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
