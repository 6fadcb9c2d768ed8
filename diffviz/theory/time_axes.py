"""What the axis of a run of diffusion can be spread by: t, log-SNR, σ, or the steps of the run.

Positions stay times t. Which way noise lies stays the same too: log-SNR falls where t rises.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.axis_scale import AxisScale, Scale, TabledScale, scale_of
from diffviz.domain.requests import Plan
from diffviz.domain.text import mark as _
from diffviz.theory.processes import Process
from diffviz.theory.shared_time import course

TIME, LOG_SNR, SIGMA, STEP = "t", "log_snr", "sigma", "step"
TIME_AXES: Mapping[str, str] = MappingProxyType(
    {TIME: _("the time t"), LOG_SNR: _("log-SNR"), SIGMA: _("σ, the deviation of the noise"), STEP: _("the steps")}
)
"""What they are called, by their key in the settings."""
SYMBOLS: Mapping[str, str] = MappingProxyType({TIME: "t", LOG_SNR: "log SNR", SIGMA: "σ_t", STEP: _("step")})
"""What stands at the axis, in the notation of `diffviz.domain.text`."""
END = 0.04
"""Share of the length of an end where log-SNR is infinite, or where a run has no step."""
RAMP = 1e-6
"""By how much t itself spreads the axis: σ hardly grows any more where there is hardly any signal left."""


def time_axis(key: str, process: Process | None, plan: Plan) -> Scale:
    """The axis of a run of `plan` on `process` spread by `key`, of `TIME_AXES`; the same object for the same run.

    A run without a process has its own axis only. Where noise grows over decades, σ is t, which has its axis.
    """
    if process is None or key == TIME:
        return scale_of(plan)
    return _axis(key, process, plan.low, plan.high, plan.positions, scale_of(plan))


@lru_cache(maxsize=32)
def _axis(key: str, process: Process, low: float, high: float, positions: tuple[float, ...], own: AxisScale) -> Scale:
    if key == STEP:
        return _by_steps(low, high, positions)
    if key == SIGMA:
        return own if own.knee else _by_sigma(process, positions)
    return _by_log_snr(process, positions)


def _by_sigma(process: Process, positions: tuple[float, ...]) -> TabledScale:
    known = course(process, positions)
    spots = (known.sigma - known.sigma[0]) / (known.sigma[-1] - known.sigma[0])
    return TabledScale(known.t, _ramped(spots), known.sigma)


def _by_log_snr(process: Process, positions: tuple[float, ...]) -> TabledScale:
    """From the smallest time that is visited beyond 0, and to the largest below one without signal."""
    first = min((t for t in positions if t > 0), default=process.least)
    first = min(first, process.least)
    last = process.T if math.isfinite(process.log_snr(process.T)) else process.T - first
    inner = course(process, (*positions, first, last)).t
    at = np.unique([first, *inner[(inner > first) & (inner < last)], last])
    values = np.array([process.log_snr(float(t)) for t in at])
    spots = (values[0] - values) / (values[0] - values[-1])
    end = (process.T, -math.inf) if last < process.T else None
    values, at, spots = _with_ends(values, at, spots, (0.0, math.inf), end)
    return TabledScale(at, _ramped(spots), values)


def _by_steps(low: float, high: float, positions: tuple[float, ...]) -> TabledScale:
    """Frame after frame at one distance; what is beyond them, where a run is a branch, is a short end."""
    at, forward = np.array(sorted(positions), np.float64), positions[-1] >= positions[0]
    spots = np.linspace(0.0, 1.0, len(at)) if len(at) > 1 else np.array([float(at[0] > low)])
    values = np.arange(len(at), dtype=np.float64)
    begin, end = ((low, math.nan) if at[0] > low else None, (high, math.nan) if at[-1] < high else None)
    values, at, spots = _with_ends(values if forward else values[::-1], at, spots, begin, end)
    return TabledScale(at, spots, values, whole=True)


def _with_ends(
    values: F64, at: F64, spots: F64, begin: tuple[float, float] | None, end: tuple[float, float] | None
) -> tuple[F64, F64, F64]:
    """The nodes with one more before and behind them: the position and the value of an end of the axis."""
    first, last = END if begin else 0.0, 1 - END if end else 1.0
    spots = first + spots * (last - first)
    if begin:
        at, values, spots = np.array([begin[0], *at]), np.array([begin[1], *values]), np.array([0.0, *spots])
    if end:
        at, values, spots = np.array([*at, end[0]]), np.array([*values, end[1]]), np.array([*spots, 1.0])
    return values, at, spots


def _ramped(spots: F64) -> F64:
    """`spots`, which ascend, so that no two are the same."""
    return np.asarray((1 - RAMP) * spots + RAMP * np.linspace(0.0, 1.0, len(spots)))
