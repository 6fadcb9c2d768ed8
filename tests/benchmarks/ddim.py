"""DDIM over diffusers' UNet2DModel, by this engine or by diffusers' pipeline.

`python -m tests.benchmarks.ddim WHO BATCH` answers every line on stdin with the seconds of one run. Each has a process
of its own, as its users have: what one does to the memory of its process is neither the other's gain nor its loss.
"""

from __future__ import annotations

import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import torch
from torch import nn

STEPS, SIZE = 20, 32


def reference(size: int) -> nn.Module:
    """diffusers' UNet2DModel (32, 64, 64), two layers, attention, one channel; the same weights each time."""
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from diffusers import UNet2DModel

        make: Any = UNet2DModel
        net = make(
            sample_size=size,
            in_channels=1,
            out_channels=1,
            block_out_channels=(32, 64, 64),
            layers_per_block=2,
            down_block_types=("DownBlock2D", "AttnDownBlock2D", "AttnDownBlock2D"),
            up_block_types=("AttnUpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
            norm_num_groups=8,
        )
    module: nn.Module = net.eval().requires_grad_(False)
    return module


class Counted(nn.Module):
    """diffusers' network as net(x, t, y): timesteps 1 … T, where diffusers counts 0 … T − 1."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, x: torch.Tensor, t: torch.Tensor, y: torch.Tensor | None) -> torch.Tensor:
        out: torch.Tensor = self.net(x, t - 1).sample
        return out


def ours(batch: int) -> Callable[[], object]:
    """A run with every frame kept."""
    from diffviz.domain.requests import ReverseRequest
    from diffviz.domain.sampling import Ddim, Linear
    from diffviz.domain.store import Budget, FrameStore
    from diffviz.engine import keep_freed
    from diffviz.engine.denoiser import denoiser, visit
    from diffviz.engine.families import reverse
    from diffviz.theory.forward import START, normals
    from diffviz.theory.processes import VariancePreserving
    from diffviz.theory.schedules import NoiseSchedule, visits

    keep_freed()  # as the engine does
    schedule = NoiseSchedule.from_settings(Linear())
    path = [visit(VariancePreserving(schedule), t) for t in visits(1000, STEPS, "leading")]
    denoise = denoiser(Counted(reference(SIZE)), "eps", None)
    request = ReverseRequest(samples=batch, sampler=Ddim(0.0))
    x = normals(0, batch, START, (1, SIZE, SIZE))

    def run() -> None:
        store = FrameStore(Budget())
        for frame in reverse.frames(request, denoise, path, x, torch.device("cpu")):
            store.append(frame)
        store.clear()

    return run


def theirs(batch: int) -> Callable[[], object]:
    """diffusers' pipeline, which keeps no frame."""
    net = reference(SIZE)
    import diffusers

    library: Any = diffusers
    pipeline = library.DDIMPipeline(net, library.DDIMScheduler(num_train_timesteps=1000, clip_sample=True))
    pipeline.set_progress_bar_config(disable=True)

    def run() -> None:
        pipeline(
            batch_size=batch, num_inference_steps=STEPS, output_type="np", generator=torch.Generator().manual_seed(0)
        )

    return run


def best_apart(batch: int, repeats: int = 7) -> tuple[float, float]:
    """Least seconds of ours and theirs, each in its own process, taken in turns."""
    with ExitStack() as stack:
        children = [stack.enter_context(_child(who, batch)) for who in ("ours", "theirs")]
        taken = [[_asked(child) for child in children] for _ in range(repeats + 1)][1:]
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        return min(mine for mine, _ in taken), min(other for _, other in taken)


def _child(who: str, batch: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.benchmarks.ddim", who, str(batch)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _asked(child: subprocess.Popen[str]) -> float:
    assert child.stdin is not None
    assert child.stdout is not None
    child.stdin.write("\n")
    child.stdin.flush()
    return float(child.stdout.readline())


def main(who: str, batch: str) -> None:
    """Answer until stdin ends."""
    run = {"ours": ours, "theirs": theirs}[who](int(batch))
    for _ in sys.stdin:
        start = time.perf_counter()
        run()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
