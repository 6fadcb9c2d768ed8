"""GIF against Pillow's own `save_all` and imageio: error against the true frames, banding, flicker, processor time."""

from __future__ import annotations

import dataclasses
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz.domain.arrays import F32, U8
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.frames import Frame, ReverseFrame
from diffviz.export.formats import export
from diffviz.export.frame_layout import FramePictureSource, page_of
from tests.benchmarks.conftest import Table
from tests.export.runs import about_run

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1200)]

FRAMES, SAMPLES, SIDE = 1000, 4, 32
FEW = 100
SETTINGS = ExportSettings(panes=("x",), scale=6, fps=20, hold=0, hold_first=0)
WITH_A_STILL_PANE = dataclasses.replace(SETTINGS, panes=("x0", "x"))
Writer = Callable[[Path], None]


def clean() -> F32:
    """Colour pictures with soft gradients, an object with an edge, and the ramp that bands show on first."""
    y, x = np.mgrid[0:SIDE, 0:SIDE].astype(np.float32) / (SIDE - 1)
    pictures = [np.stack([2 * x - 1, 2 * y - 1, 1 - 2 * x])]  # the ramp
    rng = np.random.default_rng(0)
    for i in range(1, SAMPLES):
        a = rng.uniform(0.5, 2.0, (3, 3))
        waves = [np.sin(a[c, 0] * 3 * x + i) * np.cos(a[c, 1] * 3 * y - i) * min(1.0, a[c, 2]) for c in range(3)]
        disc = ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.1)[None]
        pictures.append(np.where(disc, -np.stack(waves), np.stack(waves)))
    clipped: F32 = np.clip(np.stack(pictures), -1, 1).astype(np.float32)
    return clipped


def frames_of(x0: F32, count: int) -> list[Frame]:
    """A run from noise to `x0`, one noise for all t."""
    noise = np.random.default_rng(1).standard_normal(x0.shape).astype(np.float32)
    made: list[Frame] = []
    for i in reversed(range(count)):
        alpha = np.float32(np.cos(i / count * np.pi / 2))
        x = alpha * x0 + np.float32((1 - float(alpha) ** 2) ** 0.5) * noise
        made.append(ReverseFrame(float(i), float(alpha), 0.0, 0.0, x, x0, noise))
    return made


def by_pillow(pictures: Sequence[U8] | FramePictureSource) -> Writer:
    def write(path: Path) -> None:
        first, *rest = (Image.fromarray(picture) for picture in pictures)
        first.save(path, "GIF", save_all=True, append_images=rest, duration=50, loop=0)

    return write


def by_imageio(pictures: Sequence[U8] | FramePictureSource) -> Writer:
    def write(path: Path) -> None:
        imageio.imwrite(path, list(pictures), extension=".gif", duration=50, loop=0)

    return write


def errors(path: Path, pictures: FramePictureSource) -> tuple[float, float, float]:
    """Mean absolute error of all frames and of the clean last one, and the largest step on its ramp."""
    per_frame: list[float] = []
    last: U8 = np.zeros((1, 1, 3), np.uint8)
    with Image.open(path) as image:
        for frame, picture in zip(shown(image), pictures, strict=True):
            true = picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2)
            per_frame.append(float(np.abs(frame.astype(np.int16) - true).mean()))
            last = frame
    return (
        float(np.mean(per_frame)),
        per_frame[-1],
        largest_step(last[: SIDE * SETTINGS.scale, : SIDE * SETTINGS.scale]),
    )


def shown(image: Image.Image) -> Iterator[U8]:
    """Every frame as it is shown; one that lasts longer because it did not change is counted as often."""
    for frame in ImageSequence.Iterator(image):
        pixels = np.asarray(frame.convert("RGB"))
        for _ in range(max(1, round(frame.info.get("duration", 50) / 50))):
            yield pixels


def largest_step(ramp: U8) -> float:
    """How hard the edges of a ramp's bands are: the largest step between neighbouring pixels, in levels."""
    scale = SETTINGS.scale
    small = ramp[::scale, ::scale].astype(np.int16)
    return float(max(np.abs(np.diff(small, axis=axis)).max() for axis in (0, 1)))


def timed(write: Writer, path: Path) -> float:
    """Seconds of the processor: what other programs do meanwhile does not count."""
    start = time.process_time()
    write(path)
    return time.process_time() - start


@pytest.mark.parametrize("kind", ["colour", "grey"])
def test_a_gif_errs_less_than_the_others_and_takes_no_longer(tmp_path: Path, table: Table, kind: str) -> None:
    x0 = clean() if kind == "colour" else clean()[:, :1]
    frames = frames_of(x0, FRAMES)
    pictures = FramePictureSource(frames, page_of(frames, SETTINGS))
    writers: dict[str, Writer] = {
        "diffviz": lambda path: export(frames, path, SETTINGS),
        "Pillow": by_pillow(pictures),
        "imageio": by_imageio(pictures),
    }
    found: dict[str, tuple[float, float, float, float]] = {}
    for name, write in writers.items():
        path = tmp_path / f"{name}.gif"
        seconds = timed(write, path)
        found[name] = (*errors(path, pictures), seconds)
        size = path.stat().st_size / 1e6
        mean, end, step, _ = found[name]
        figures = f"{mean:.2f} · {end:.2f} · {step:.0f} · {seconds:.1f} s · {size:.0f} MB"
        table.add(f"GIF, {FRAMES} frames in {kind}, {name}: error, last, step on the ramp, time", figures)
    ours = found["diffviz"]
    for name in ("Pillow", "imageio"):
        other = found[name]
        assert ours[0] <= other[0]
        assert ours[1] <= other[1]
        assert ours[2] <= other[2]
        assert ours[3] <= other[3]


def test_plots_below_a_film_are_drawn_once(tmp_path: Path, table: Table) -> None:
    """Where their cursor were no line over a figure that is kept, each frame would take as long as all others."""
    frames = [dataclasses.replace(frame, position=frame.position / FEW * 40) for frame in frames_of(clean(), FEW)]
    about, seconds = about_run(), {}
    for name, keys in (("without", ()), ("with", ("beta", "alpha_bar", "snr"))):
        settings = dataclasses.replace(SETTINGS, caption=True, plots=keys)
        export(frames[:2], tmp_path / "first.gif", settings, about=about)  # with what is imported
        seconds[name] = timed(lambda path, s=settings: export(frames, path, s, about=about), tmp_path / f"{name}.gif")  # type: ignore[misc]
        table.add(f"GIF, {FEW} frames with captions, {name} plots", f"{seconds[name]:.2f} s")
    assert seconds["with"] < 1.3 * seconds["without"]


@pytest.mark.parametrize("order", ["run", "reversed"])
def test_a_still_pane_stays_still(tmp_path: Path, table: Table, order: str) -> None:
    """The clean pictures beside those that noise leaves, or takes: how much the former change from frame to frame."""
    settings = dataclasses.replace(WITH_A_STILL_PANE, order=order)
    frames = frames_of(clean(), FEW)
    drawn = FramePictureSource(frames[::-1] if order == "reversed" else frames, page_of(frames, settings))
    writers: dict[str, Writer] = {
        "diffviz": lambda path: export(frames, path, settings),
        "Pillow": by_pillow(drawn),
        "imageio": by_imageio(drawn),
    }
    found: dict[str, tuple[float, float]] = {}
    for name, write in writers.items():
        path = tmp_path / f"{name}.gif"
        write(path)
        found[name] = still_pane(path, drawn)
        figures = f"{found[name][0]:.2f} · {found[name][1]:.2f} · {path.stat().st_size / 1e6:.1f} MB"
        table.add(f"GIF, still pane, {order}, {name}: change from frame to frame, error, size", figures)
    assert found["diffviz"][0] == 0
    for name in ("Pillow", "imageio"):
        assert found["diffviz"][1] <= found[name][1]


def still_pane(path: Path, drawn: FramePictureSource) -> tuple[float, float]:
    """Mean absolute change of the first pane from frame to frame, and its mean absolute error, in levels."""
    width = drawn.page.canvas.pane_size[0]
    true = next(iter(drawn))[:, :width].astype(np.int16)
    with Image.open(path) as image:
        panes = [frame[:, :width].astype(np.int16) for frame in shown(image)]
    changes = [np.abs(after - before).mean() for before, after in itertools.pairwise(panes)]
    return float(np.mean(changes)), float(np.mean([np.abs(pane - true).mean() for pane in panes]))
