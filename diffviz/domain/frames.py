"""Frames: one instant of a run as read-only numpy arrays. Never a tensor, never a Qt object.

File-backed memory for frames that do not fit: one file without a name, which vanishes with its last user.
"""

from __future__ import annotations

import dataclasses
import math
import mmap
import tempfile
import weakref
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from diffviz.domain.arrays import F32


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One instant of a run. `position` is where it stands on the run's axis, which is called `axis`.

    Each subclass declares its fields: floats, numpy arrays, or None for what this run does not have (a field is None in
    all frames of a run or in none).
    """

    axis: ClassVar[str] = "t"

    position: float

    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """The fields that are arrays, by name."""
        values = ((f.name, getattr(self, f.name)) for f in dataclasses.fields(self))
        return {name: value for name, value in values if isinstance(value, np.ndarray)}

    @property
    def estimate(self) -> F32 | None:
        """x̂0, what a network makes of x_t; None where none looks on, and for frames that are no noisy pictures."""
        return None

    @property
    def nbytes(self) -> int:
        """Bytes that the arrays take."""
        return sum(array.nbytes for array in self.arrays().values())

    def check(self) -> None:
        """Raises ValueError where a field is not what its class declares: another process can have made it."""
        cls: Any = type(self)
        for name, number, optional in _declared(cls):
            value = getattr(self, name)
            fits = (
                type(value) in (float, int) if number else isinstance(value, np.ndarray) and value.dtype.kind in "fiub"
            )
            if not (fits or (optional and value is None)):
                raise ValueError(f"{type(self).__name__}.{name} is {type(value).__name__}")
        if not math.isfinite(self.position):
            raise ValueError("a frame stands nowhere")


@cache
def _declared(cls: Any) -> tuple[tuple[str, bool, bool], ...]:
    """Of each field of `cls`: its name, whether it is a number (else an array), and whether it can be None."""
    declared = ((field.name, str(field.type)) for field in dataclasses.fields(cls))
    return tuple((name, kind.startswith(("float", "int")), kind.endswith("None")) for name, kind in declared)


@dataclass(frozen=True, slots=True, eq=False)
class ForwardFrame(Frame):
    """One time t of the forward process q.

    Image arrays are read-only float32 of shape (N, C, H, W); data range [-1, 1] except the noise. `alpha` and `sigma`
    are those of the process, √ᾱ_t and √(1 − ᾱ_t) of a noise schedule, so x = alpha · x_0 + sigma · noise. For the
    Markov chain `noise` is the chain's combined noise ε̄_t and `step_noise` the ε_t of this one step; for the closed
    form `noise` is the one fixed ε and `step_noise` is None. `beta` is β_t, None for a process without β.
    With a model, `eps_hat` and `x0_hat` are its estimates and `loss` (N,) is the mean squared error of ε̂ against
    `noise` (Ho et al. 2020, eq. 14). At t = 0 nothing has been added: `noise` is 0 for the chain and the loss is nan.
    """

    alpha: float
    sigma: float
    x: F32
    noise: F32
    beta: float | None = None
    step_noise: F32 | None = None
    x0_hat: F32 | None = None
    eps_hat: F32 | None = None
    loss: F32 | None = None

    @property
    def estimate(self) -> F32 | None:
        """x̂0 of the network that looks on."""
        return self.x0_hat


@dataclass(frozen=True, slots=True, eq=False)
class ReverseFrame(Frame):
    """One visited time t of a reverse run.

    Arrays are read-only float32 of shape (N, C, H, W). `alpha` and `sigma` are those of the process at t, so
    x = alpha · x0 + sigma · eps holds, with x0 clipped or not. `x0` and `eps` are the estimates at this t, from the
    network; at t = 0 there is none: x0 is x and eps is 0. `std` is the σ of the noise that the step from t to the next
    visited t adds, 0 at t = 0.
    """

    alpha: float
    sigma: float
    std: float
    x: F32
    x0: F32
    eps: F32

    @property
    def estimate(self) -> F32 | None:
        """x̂0 of the network that denoises."""
        return self.x0


@dataclass(frozen=True, slots=True, eq=False)
class PathFrame(Frame):
    """One point of a path through latent spaces; `position` is the fraction of the path, 0 to 1.

    Arrays are read-only float32 with one row for each of the request's models. `x` (M, C, H, W) are the decoders'
    means, `z` (M, D) the points, padded with nan where a model has fewer dimensions, `norm` (M,) is ‖z‖, `sharpness`
    (M,) that of x, `nearest` (M,) the distance to the nearest real image in the classifier's features (None without
    classifier or images) and `cycle` (M,) is ‖E(D(z)) − z‖.
    """

    axis: ClassVar[str] = "s"

    x: F32
    z: F32
    norm: F32
    sharpness: F32
    cycle: F32
    nearest: F32 | None = None


@dataclass(frozen=True, slots=True, eq=False)
class TrainingFrame(Frame):
    """Progress of a training; `position` is the number of images seen.

    `target` and `images_per_second` are 0 until they are known.
    """

    loss: float
    learning_rate: float
    images_per_second: float
    seconds: float
    target: float


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """Opaque bytes (safetensors) that a family yields at keyframes and can start from, taken at `position`."""

    position: float
    data: bytes


FILE_BYTES = 256 << 20
ALIGNMENT = 64
ZEROS = bytes(1 << 20)


class SpillFile:
    """A file in `folder` that blocks of memory are cut from, `size` bytes in all.

    One file for many blocks: each mapping takes a file descriptor, of which a process may have as few as 256.
    Raises OSError where the folder cannot be made or written.
    """

    def __init__(self, folder: Path, size: int = FILE_BYTES) -> None:
        self._used = 0
        folder.mkdir(parents=True, exist_ok=True)
        self._file = tempfile.TemporaryFile(dir=folder, prefix="frames-")  # noqa: SIM115  (the finalizer closes it)
        weakref.finalize(self, self._file.close)
        with _named(folder):
            self._file.truncate(size)
            self._map = memoryview(mmap.mmap(self._file.fileno(), size))
        self._folder = folder

    @property
    def size(self) -> int:
        """Bytes of it."""
        return len(self._map)

    def cut(self, nbytes: int) -> memoryview | None:
        """The next `nbytes`, all 0, or None where that many are not left. Raises OSError where the disk is full."""
        start = -(-self._used // ALIGNMENT) * ALIGNMENT
        if start + nbytes > len(self._map):
            return None
        with _named(self._folder):
            self._reserve(start, nbytes)
        self._used = start + nbytes
        return self._map[start : self._used]

    def _reserve(self, start: int, nbytes: int) -> None:
        """Have the disk give the room now: memory over a full one would end the process (SIGBUS) when written."""
        self._file.seek(start)
        for done in range(0, nbytes, len(ZEROS)):
            self._file.write(ZEROS[: nbytes - done])
        self._file.flush()


@contextmanager
def _named(folder: Path) -> Iterator[None]:
    """Let an error of the system say where it was."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
