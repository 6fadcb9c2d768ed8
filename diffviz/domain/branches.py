"""Branches: runs that go on from a frame of another one."""

from __future__ import annotations

import dataclasses
from typing import TypeVar

from diffviz.domain.planar import PlanarRequest
from diffviz.domain.requests import ReverseRequest, Step
from diffviz.domain.samplers import Ddim

R = TypeVar("R", ReverseRequest, PlanarRequest)


def branch(request: R, at: float, sample: int | None) -> R:
    """The run that goes on from `request` at timestep `at` with other noise, of one sample or of all.

    A sampler that draws no noise would go on as before whatever the seed: it branches as DDIM with η = 1.
    """
    sampler = request.sampler if request.sampler.noise else Ddim(eta=1.0)
    return dataclasses.replace(request, start=Step(request, at, sample), seed=request.seed + 1, sampler=sampler)
