"""On a CUDA device: the same network gives the same answer as on the CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from diffviz.domain.frames import ReverseFrame
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import ReverseRequest
from diffviz.engine.engine import LocalEngine
from tests.toys import save_diffusion

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 48, 64)])
def test_cuda_agrees_with_the_cpu(tmp_path: Path, shape: tuple[int, int, int]) -> None:
    card = save_diffusion(tmp_path, shape=shape)
    request = ReverseRequest(model=card.id, samples=4, steps=1, clip=False)
    runs = []
    for device in ("cpu", "cuda"):
        frames = list(LocalEngine({card.id: card}, device).frames(request, RunInputs()))
        assert isinstance(frames[0], ReverseFrame)
        runs.append(frames[0])
    assert runs[0].x.tobytes() == runs[1].x.tobytes()
    np.testing.assert_allclose(runs[0].eps, runs[1].eps, atol=1e-3)
    np.testing.assert_allclose(runs[0].x0, runs[1].x0, atol=1e-3)
