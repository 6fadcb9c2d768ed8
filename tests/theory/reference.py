"""Schedulers of diffusers, an independent library, computing in double precision."""

from typing import Any
from unittest import mock

import numpy as np
import torch
from diffusers import DDIMScheduler, DDPMScheduler

from diffviz.theory.schedules import NoiseSchedule


def scheduler(kind: type[Any], **config: Any) -> Any:
    """A scheduler whose tables, single precision by default, are float64; x̂0 is not clipped."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        with mock.patch.object(torch, "float32", torch.float64):
            made = kind(clip_sample=False, **config)
    finally:
        torch.set_default_dtype(before)
    assert made.alphas_cumprod.dtype == torch.float64
    return made


def ddpm(schedule: NoiseSchedule, **config: Any) -> Any:
    """DDPMScheduler with the β of `schedule`."""
    return scheduler(DDPMScheduler, **_betas(schedule), **config)


def ddim(schedule: NoiseSchedule, **config: Any) -> Any:
    """DDIMScheduler with the β of `schedule`."""
    return scheduler(DDIMScheduler, **_betas(schedule), **config)


def _betas(schedule: NoiseSchedule) -> dict[str, Any]:
    return {"trained_betas": np.array(schedule.beta[1:]), "num_train_timesteps": schedule.timesteps}
