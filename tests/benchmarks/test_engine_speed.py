"""What one evaluation and one run cost, beside diffusers and beside the bare sampler loop."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
import torch

from diffviz import paths
from diffviz.domain.cards import Card, find_cards
from diffviz.domain.frames import Frame
from diffviz.domain.messages import RunInputs
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.sampling import Ddim
from diffviz.domain.store import Budget, FrameStore
from diffviz.engine.denoiser import denoiser, visit
from diffviz.engine.engine import LocalEngine
from diffviz.engine.samplers import ddim
from diffviz.theory.forward import START, normals
from diffviz.theory.processes import VariancePreserving
from diffviz.theory.schedules import NoiseSchedule, visits
from tests.benchmarks.conftest import Table
from tests.benchmarks.ddim import best_apart, reference
from tests.benchmarks.figures import best_seconds, median_seconds

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]

CPU = torch.device("cpu")
NO_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
DEVICES = ["cpu", pytest.param("cuda", marks=[pytest.mark.gpu, NO_CUDA])]
BATCHES = (1, 16)


@pytest.fixture(scope="module")
def cards() -> dict[str, Card]:
    return find_cards([paths.models()])[0]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("batch", BATCHES)
def test_one_step_beside_diffusers(cards: dict[str, Card], table: Table, batch: int, device: str) -> None:
    ours = LocalEngine(cards, device).models.net(cards["fashion-ddpm"])
    theirs = reference(28).to(device)
    x = torch.randn(batch, 1, 28, 28, device=device)
    t = torch.full((batch,), 500.0, device=device)
    y = torch.zeros(batch, dtype=torch.long, device=device)

    @torch.inference_mode()
    def run(call: Any) -> None:
        call()
        if device == "cuda":
            torch.cuda.synchronize()

    mine, other = median_seconds(lambda: run(lambda: ours(x, t, y)), lambda: run(lambda: theirs(x, 500)))
    table.add(f"one evaluation, batch {batch}, {device}", f"{1e3 * mine:.1f} ms")
    table.add(f"  over UNet2DModel ({1e3 * other:.1f} ms)", f"{mine / other:.2f}", "at most 0.25", mine / other <= 0.25)
    assert mine / other <= 0.25


@pytest.mark.parametrize("batch", BATCHES)
def test_keeping_every_frame_beside_the_bare_loop(cards: dict[str, Card], table: Table, batch: int) -> None:
    card = cards["fashion-ddpm"]
    engine = LocalEngine(cards, "cpu")
    request = ReverseRequest(model=card.id, samples=batch, steps=50, sampler=Ddim(0.0))
    assert card.schedule is not None
    schedule = NoiseSchedule.from_settings(card.schedule)
    path = [visit(VariancePreserving(schedule), t) for t in visits(schedule.timesteps, 50, "trailing")]
    labels = torch.tensor([i % len(card.classes) for i in range(batch)])
    denoise = denoiser(engine.models.net(card), card.prediction, labels, len(card.classes))
    x = torch.from_numpy(normals(request.seed, batch, START, card.shape))

    def bare() -> None:
        for _ in ddim(denoise, x, path, Ddim(0.0), lambda _: x):
            pass

    def kept() -> None:
        store = FrameStore(Budget())
        for frame in engine.frames(request, RunInputs()):
            assert isinstance(frame, Frame)
            store.append(frame)
        store.clear()

    alone, whole = best_seconds(bare, kept)
    kept_cost = whole / alone
    table.add(f"50 steps with every frame kept, batch {batch}", f"{1e3 * whole:.0f} ms")
    table.add(f"  over the bare loop ({1e3 * alone:.0f} ms)", f"{kept_cost:.3f}", "at most 1.05", kept_cost <= 1.05)
    assert kept_cost <= 1.05


@pytest.mark.parametrize("batch", BATCHES)
def test_ddim_with_frames_beside_ddim_pipeline(table: Table, batch: int) -> None:
    mine, other = best_apart(batch)
    table.add(f"DDIM 20 steps, every frame kept, batch {batch}", f"{1e3 * mine:.0f} ms")
    table.add(f"  over DDIMPipeline without ({1e3 * other:.0f} ms)", f"{mine / other:.3f}", "below 1", mine < other)
    assert mine < other


def test_share_of_the_machines_rate(cards: dict[str, Card], table: Table) -> None:
    from torch.utils.flop_counter import FlopCounterMode

    net = LocalEngine(cards, "cpu").models.net(cards["fashion-ddpm"])
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    for batch in BATCHES:
        x, t = torch.randn(batch, 1, 28, 28), torch.full((batch,), 500.0)
        y = torch.zeros(batch, dtype=torch.long)
        with torch.inference_mode(), FlopCounterMode(display=False) as counter:
            net(x, t, y)
        with torch.inference_mode():
            ours, matrix = median_seconds(partial(net, x, t, y), partial(torch.matmul, a, b))
        rate, peak = counter.get_total_flops() / ours, 2 * 1024**3 / matrix
        table.add(f"GFLOP/s of an evaluation, batch {batch}", f"{rate / 1e9:.0f}")
        table.add(f"  of a float32 matrix product's {peak / 1e9:.0f}", f"{rate / peak:.2f}", "aim 0.5 at batch 16")
        assert np.isfinite(rate)
