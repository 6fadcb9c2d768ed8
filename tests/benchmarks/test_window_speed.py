"""How quickly the window answers: from slider to paint, from start to first picture, and what watching costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.benchmarks.conftest import Table

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]

CURSOR = 0.5
"""What a move of the cursor may take over the timeline's plots, in times of one over a kept picture of them."""


def measured(name: str) -> dict[str, float]:
    """Figures of `tests.benchmarks.window` from a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.window", name]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True, timeout=1100)
    assert done.returncode == 0, f"measuring {name} failed"
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_scrubbing_when_idle(table: Table) -> None:
    found = measured("scrubbing")
    idle, spilled = found["idle_worst"], found["spilled_worst"]
    table.add("slider to paint, idle, median", f"{found['idle_median']:.1f} ms")
    table.add("slider to paint, idle, 99th percentile", f"{idle:.1f} ms", "below 8 ms", idle < 8)
    table.add("slider to paint, frames in a file, median", f"{found['spilled_median']:.1f} ms")
    table.add("slider to paint, frames in a file, 99th percentile", f"{spilled:.1f} ms", "below 16 ms", spilled < 16)
    assert idle < 8
    assert spilled < 16


def test_scrubbing_while_sampling(table: Table) -> None:
    found = measured("sampling")
    worst, share = found["worst"], found["share"]
    table.add("slider to paint, while sampling, 99th percentile", f"{worst:.1f} ms", "below 16 ms", worst < 16)
    table.add("  sampling speed meanwhile, of its free speed", f"{share:.2f}", "at least 0.5", share >= 0.5)
    assert worst < 16
    assert share >= 0.5


def test_watching_a_run(table: Table) -> None:
    found = measured("watching")
    for samples in (1, 16):
        hidden, watched = found[f"hidden_{samples}"], found[f"watched_{samples}"]
        table.add(
            f"run of {samples}, views hidden, over the bare loop", f"{hidden:.3f}", "at most 1.05", hidden <= 1.05
        )
        table.add(f"run of {samples}, watched, over the bare loop", f"{watched:.3f}", "at most 1.25", watched <= 1.25)
    assert all(found[f"hidden_{samples}"] <= 1.05 for samples in (1, 16))
    assert all(found[f"watched_{samples}"] <= 1.25 for samples in (1, 16))


def test_the_latent_map(table: Table) -> None:
    found = measured("latent")
    worst = found["point_worst"]
    table.add("a latent point decoded and painted, median", f"{found['point_median']:.1f} ms")
    table.add("a latent point decoded and painted, 99th percentile", f"{worst:.1f} ms", "below 16 ms", worst < 16)
    table.add("path of 64 frames, two models, distances included", f"{found['path']:.0f} ms")
    table.add("codes of the 2,000 sample pictures", f"{found['map']:.0f} ms")
    assert worst < 16


def test_maps_and_planes(table: Table) -> None:
    found = measured("maps")
    for name, what, most in (
        ("plane", "a new frame of a GAN's plane: surface, 512 points, 256 arrows", 3),
        ("pan", "a map of 2,000 points, panned", 8),
        ("pointer", "the pointer over that map", 2),
    ):
        middle = found[f"{name}_median"]
        table.add(f"{what}, median", f"{middle:.2f} ms", f"at most {most} ms", middle <= most)
        table.add("  99th percentile", f"{found[f'{name}_worst']:.1f} ms")
    assert found["plane_median"] <= 3
    assert found["pan_median"] <= 8
    assert found["pointer_median"] <= 2


def test_training_a_gan(table: Table) -> None:
    found = measured("gan")
    steps, paints, held = found["steps"], found["paints"], found["held_up"]
    table.add("GAN in two dimensions, steps a second, watched", f"{steps:.0f}", "at least 300", steps >= 300)
    table.add("  paints of its stage a second meanwhile", f"{paints:.0f}", "at least 8", paints >= 8)
    table.add("  event loop held up while scrubbing, 99th percentile", f"{held:.1f} ms", "below 50 ms", held < 50)
    table.add("frames of 10,000 steps, one every 10", f"{found['frames']:.1f} MB")
    table.add("  keyframes of them", f"{found['keyframes']:.1f} MB", "at most 64 MB", found["keyframes"] <= 64)
    assert steps >= 300
    assert paints >= 8
    assert held < 50
    assert found["keyframes"] <= 64
    assert found["frames"] <= 1.1 * found["planned"] + 8


def test_the_process_of_its_own(table: Table) -> None:
    found = measured("child")
    kept = []
    for name, what in (("network", "denoised"), ("noise", "noised")):
        near, share = found[f"{name}_near"], found[f"{name}_far"] / found[f"{name}_near"]
        table.add(f"frames of 16 × 28 × 28 a second, {what}, from the thread", f"{near:.0f}")
        promised = ("at least 0.95", share >= 0.95) if name == "network" else ()  # the other computes almost nothing
        table.add("  from the process, over that", f"{share:.2f}", *promised)
        kept.append(not promised or share >= 0.95)
    for name, what in (("points", "in two dimensions"), ("pictures", "on pictures")):
        run, training = found[f"{name}_run"], found[f"{name}_training"]
        table.add(f"a run while a GAN {what} is trained, over alone", f"{run:.2f}", "at least 0.45", run >= 0.45)
        table.add("  that training, over alone", f"{training:.2f}", "at least 0.45", training >= 0.45)
        kept += [run >= 0.45, training >= 0.45]
    assert all(kept)


def test_scrubbing_with_all_instruments(table: Table) -> None:
    found = measured("instruments")
    for place in ("top", "middle", "foot"):
        worst = found[f"{place}_worst"]
        table.add(f"slider to paint, all instruments, {place}, median", f"{found[f'{place}_median']:.1f} ms")
        table.add(
            f"slider to paint, all instruments, {place}, 99th percentile", f"{worst:.1f} ms", "below 12 ms", worst < 12
        )
    assert all(found[f"{place}_worst"] < 12 for place in ("top", "middle", "foot"))


def test_the_cursor_over_the_timelines_plots(table: Table) -> None:
    found = measured("plots")
    cursor, times = found["cursor"], found["cursor"] / found["cursor_kept"]
    table.add("cursor over the timeline's plots, beside what else moves", f"{cursor:.2f} ms")
    table.add("  over a kept picture of them with a line", f"{times:.2f}", f"at most {CURSOR:.1f}", times <= CURSOR)
    assert times <= CURSOR


START = """
import gc, sys, time
began = time.perf_counter()
from diffviz.cli import main, window  # what the command does before there is a window
main.parser().parse_args([])
gc.disable()
window.leave_sources_unread()
from PySide6.QtCore import QElapsedTimer, QTimer
from PySide6.QtWidgets import QApplication
from diffviz.app import App
application = QApplication(sys.argv)
app = App(application, "cpu")
app.show()
app.window.repaint()
painted = time.perf_counter() - began
assert "torch" not in sys.modules
beats, clock = [], QElapsedTimer()
clock.start()
def beat():
    beats.append(clock.restart())
    if app.session.device is not None:
        application.quit()
timer = QTimer()
timer.timeout.connect(beat)
timer.start(5)
application.exec()
timer.stop()
app.close()
print(painted, max(beats))
"""


def test_start(table: Table, tmp_path: Path) -> None:
    env = {**os.environ, "DIFFVIZ_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    runs = [
        subprocess.run([sys.executable, "-c", START], check=True, capture_output=True, text=True, env=env, timeout=120)
        for _ in range(3)
    ]
    painted, freeze = (sorted(values)[1] for values in zip(*(map(float, r.stdout.split()) for r in runs), strict=True))
    table.add("start to painted window, without torch", f"{painted:.2f} s", "within 1 s", painted < 1)
    table.add("longest freeze while torch loads", f"{freeze:.0f} ms", "at most 500 ms", freeze <= 500)
    assert painted < 1
    assert freeze <= 500
