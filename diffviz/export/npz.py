"""NPZ: every field of the frames as a named array, written frame by frame."""

from __future__ import annotations

import dataclasses
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.lib import format as npy

from diffviz.domain.arrays import F64
from diffviz.domain.atomic import replacing
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frames import ForwardFrame, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanFrame
from diffviz.export.metadata import text_of
from diffviz.export.run_info import RunInfo

MEMBER = "diffviz.json"
NAMES: Mapping[type[Frame], Mapping[str, str]] = MappingProxyType(
    {
        ReverseFrame: {
            "position": "t",
            "alpha": "sqrt_alpha_bar",
            "sigma": "sqrt_one_minus_alpha_bar",
            "x": "x_t",
            "x0": "x0_hat",
            "eps": "eps_hat",
        },
        ForwardFrame: {
            "position": "t",
            "alpha": "sqrt_alpha_bar",
            "sigma": "sqrt_one_minus_alpha_bar",
            "x": "x_t",
        },
        PathFrame: {"position": "s"},
        GanFrame: {"position": "step"},
    }
)


def write(frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo) -> None:
    """Write the fields of `frames` to `path`, numbers as (n,) and pictures as (n, N, C, H, W), and ᾱ.

    Of a process without β, α and σ are called so and there is no ᾱ.
    """
    names, preserving = NAMES.get(type(frames[0]), {}), all(plot.key != "alpha_sigma" for plot in about.plots)
    if not preserving:
        names = {**names, "alpha": "alpha", "sigma": "sigma"}
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        fields, numbers = arrays_of(frames[0]), numbers_of(frames)
        total, done = len(frames) * max(1, len(fields)), 0
        progress(0, total)
        for name, values in numbers.items():
            put(archive, names.get(name, name), [values], values.shape)
        if "alpha" in numbers and preserving:
            put(archive, "alpha_bar", [numbers["alpha"] ** 2], numbers["alpha"].shape)
        for name in fields:
            shape = (len(frames), *frames[0].arrays()[name].shape)
            put(
                archive,
                names.get(name, name),
                (f.arrays()[name] for f in frames),
                shape,
                _counting(progress, done, total),
            )
            done += len(frames)
        if text := text_of(about, settings):
            archive.writestr(zipfile.ZipInfo(MEMBER), text, zipfile.ZIP_DEFLATED)
        if not fields:
            progress(total, total)


def put(
    archive: zipfile.ZipFile,
    name: str,
    parts: Any,
    shape: tuple[int, ...],
    each: Callable[[int], None] = lambda _: None,
) -> None:
    """Add the array `name` of `shape`, whose `parts` follow each other; `each` is told how many are written."""
    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
        for i, part in enumerate(parts):
            array = np.ascontiguousarray(part)
            if i == 0:
                head = {"descr": npy.dtype_to_descr(array.dtype), "fortran_order": False, "shape": shape}
                npy.write_array_header_2_0(member, head)
            member.write(array.tobytes())
            each(i + 1)


def arrays_of(frame: Frame) -> tuple[str, ...]:
    """Names of the fields of `frame` that are arrays."""
    return tuple(frame.arrays())


def numbers_of(frames: Sequence[Frame]) -> dict[str, F64]:
    """The fields of `frames` that are numbers, each as (n,)."""
    names = [f.name for f in dataclasses.fields(frames[0]) if isinstance(getattr(frames[0], f.name), float | int)]
    return {name: np.array([getattr(frame, name) for frame in frames], np.float64) for name in names}


def _counting(progress: Progress, before: int, total: int) -> Callable[[int], None]:
    return lambda done: progress(before + done, total)
