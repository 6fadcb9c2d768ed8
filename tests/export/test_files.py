"""Files read back: what was drawn is what stands there."""

from __future__ import annotations

import dataclasses
import itertools
import re
import struct
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz.domain.errors import NotAScale, NothingToExport, OutOfRange
from diffviz.domain.export_settings import FIGURES, ExportSettings, speeds
from diffviz.domain.frame_times import delays, seconds
from diffviz.domain.frames import Frame, ReverseFrame
from diffviz.domain.sentences import sentence
from diffviz.export import films
from diffviz.export.formats import FORMATS, export
from diffviz.export.frame_layout import FramePictureSource, page_of
from diffviz.export.panes import canvas_of
from tests.export.runs import clean, forward_run, reverse_run

GIF = ExportSettings(scale=2, fps=10)
ALL = ExportSettings(scale=2, panes=("x", "x0", "eps"))


def pictures(
    frames: Sequence[Frame], settings: ExportSettings
) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
    return list(FramePictureSource(frames, page_of(frames, settings)))


def frames_of(path: Path) -> Iterator[Image.Image]:
    with Image.open(path) as image:
        for frame in ImageSequence.Iterator(image):
            yield frame.convert("RGB")


def write(tmp_path: Path, frames: Sequence[Frame], settings: ExportSettings, name: str = "out") -> Path:
    path = tmp_path / name
    export(frames, path, settings)
    return path


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_holds_the_frame_exactly(tmp_path: Path, channels: int) -> None:
    settings = ExportSettings(format="png", scale=3, at=21.0, panes=("x", "eps"))
    frames = reverse_run(channels=channels)
    with Image.open(write(tmp_path, frames, settings)) as image:
        assert image.format == "PNG"
        assert np.array_equal(np.asarray(image), pictures(frames, settings)[2])


def test_a_grey_gif_loses_nothing(tmp_path: Path) -> None:
    frames = reverse_run()
    read = list(frames_of(write(tmp_path, frames, ALL)))
    drawn = pictures(frames, ALL)
    assert len(read) == len(drawn)
    for image, picture in zip(read, drawn, strict=True):
        assert np.array_equal(np.asarray(image), np.repeat(picture[..., None], 3, axis=2))


def test_a_gif_is_in_the_order_of_the_run(tmp_path: Path) -> None:
    for frames in (reverse_run(), forward_run()):
        first = next(frames_of(write(tmp_path, frames, GIF)))
        assert np.array_equal(np.asarray(first)[..., 0], pictures(frames, GIF)[0])


def test_a_gif_has_rate_holds_loop_and_size(tmp_path: Path) -> None:
    settings = ExportSettings(scale=2, fps=10, hold_first=0.5, hold=2.0)
    frames = reverse_run()
    with Image.open(write(tmp_path, frames, settings)) as image:
        assert image.size == canvas_of(frames, settings).size
        assert image.info["loop"] == 0
        durations = [frame.info["duration"] for frame in ImageSequence.Iterator(image)]
    assert durations == [600, 100, 100, 100, 2100]


def test_a_gif_can_play_once(tmp_path: Path) -> None:
    with Image.open(write(tmp_path, reverse_run(), ExportSettings(scale=1, loop=False))) as image:
        assert "loop" not in image.info


@pytest.mark.parametrize("format_", ["gif", "apng", "webp", "mp4"])
@pytest.mark.parametrize("fps", [0.1, 1.0, 7.0, 24.0, 30.0, 50.0, 60.0])
def test_delays_keep_the_frame_rate(format_: str, fps: float) -> None:
    settings = ExportSettings(format=format_, fps=min(fps, speeds(ExportSettings(format=format_)).high))
    settings = dataclasses.replace(settings, hold=0, hold_first=0)
    times = delays(100, settings)
    assert min(times) >= (2 if format_ == "gif" else 1)
    assert seconds(100, settings) == pytest.approx(100 / settings.fps, abs=0.01)


@pytest.mark.parametrize(("channels", "own"), [(1, 0), (3, 4)])
def test_a_gif_of_greys_has_one_palette_and_one_of_colours_has_one_a_frame(
    tmp_path: Path, channels: int, own: int
) -> None:
    data = write(tmp_path, reverse_run(channels=channels), ALL).read_bytes()
    assert data[10] == 0xF7  # a global palette of 256 colours
    descriptors = list(image_descriptors(data))
    assert len(descriptors) == 5
    assert sum(flags & 0x87 == 0x87 for flags in descriptors) == own


@pytest.mark.parametrize("order", ["run", "reversed"])
def test_a_still_pane_of_a_gif_stays_still(tmp_path: Path, order: str) -> None:
    """2,304 colours beside noise that takes them: they are chosen once, and no pixel of them changes again."""
    y, x = np.mgrid[0:48, 0:48].astype(np.float32)
    x0 = (np.stack([x * 5, y * 5, (x + y) * 2])[None] / 127.5 - 1).astype(np.float32)
    noise = np.random.default_rng(0).standard_normal(x0.shape).astype(np.float32)
    mixed = [(x0 + 0.1 * t * noise).astype(np.float32) for t in range(9)]
    frames = [ReverseFrame(float(t), 1.0, 0.1 * t, 0.0, x, x0, noise) for t, x in enumerate(mixed)]
    settings = ExportSettings(scale=2, panes=("x0", "x"), order=order)
    read = [np.asarray(frame, np.int16)[:, :96] for frame in frames_of(write(tmp_path, frames, settings))]
    assert len(read) == 9
    assert all(np.array_equal(before, after) for before, after in itertools.pairwise(read))
    assert np.abs(read[0] - pictures(frames, settings)[0][:, :96]).mean() < 5


def test_what_hardly_changes_is_drawn_anew_only_where_that_brings_it_nearer(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    x = rng.uniform(-1, 1, (1, 3, 24, 24)).astype(np.float32)
    frames: list[Frame] = [
        ReverseFrame(
            float(t), 1.0, 0.0, 0.0, x + np.float32(0.004 * t) * rng.standard_normal(x.shape, np.float32), x, x
        )
        for t in range(8)
    ]
    read = [np.asarray(f, np.int32) for f in frames_of(write(tmp_path, frames, ExportSettings(scale=1)))]
    meant = [picture.astype(np.int32) for picture in pictures(frames, ExportSettings(scale=1))]
    errors = [((shown - true) ** 2).sum(-1) for shown, true in zip(read, meant, strict=True)]
    for i in range(1, len(read)):
        stayed = ((read[i - 1] - meant[i]) ** 2).sum(-1)
        assert (errors[i] <= stayed).all()


@pytest.mark.parametrize("channels", [1, 3])
def test_a_gif_holds_only_what_changes(tmp_path: Path, channels: int) -> None:
    still = reverse_run(2, channels=channels)[-1]
    assert isinstance(still, ReverseFrame)
    changed = clean(channels=channels).copy()
    changed[0, :, 2:4, 1:3] *= -1
    frames: list[Frame] = [still, still, dataclasses.replace(still, x=changed), still]
    settings = ExportSettings(scale=3, hold=0, hold_first=0, fps=10)
    path = write(tmp_path, frames, settings)
    drawn = pictures(frames, settings)
    with Image.open(path) as image:
        for i, picture in enumerate(drawn):
            image.seek(i)
            assert image.info["duration"] == 100
            exact = picture if channels == 3 else np.repeat(picture[..., None], 3, 2)
            assert np.array_equal(np.asarray(image.convert("RGB")), exact)
        with pytest.raises(EOFError):
            image.seek(len(drawn))
    places = [struct.unpack("<4H", d) for d in re.findall(rb"\x2c(.{8})[\x00\x87]", path.read_bytes(), re.DOTALL)]
    assert (0, 0, 1, 1) in places
    assert (3, 6, 6, 6) in places


def image_descriptors(data: bytes) -> Iterator[int]:
    """The flags of each image descriptor (GIF89a, section 20)."""
    at = 13 + 3 * 256
    while data[at] != 0x3B:
        extension = data[at] == 0x21
        if not extension:
            assert data[at] == 0x2C
            yield data[at + 9]
            at += 3 * 256 if data[at + 9] & 0x80 else 0
        at += 2 if extension else 11
        while data[at]:
            at += 1 + data[at]
        at += 1
    assert at == len(data) - 1


def test_the_palette_of_colour_serves_the_clean_images(tmp_path: Path) -> None:
    """Pastel images beside 40 frames of noise: the palette must not be spent on the noise."""
    x0 = np.clip(np.random.default_rng(0).normal([[[0.6]], [[0.2]], [[-0.4]]], 0.05, (4, 3, 16, 16)), -1, 1)
    noise = np.random.default_rng(1).standard_normal(x0.shape)
    frames = []
    for frame, t in zip(reverse_run(41), range(40, -1, -1), strict=True):
        x = ((1 - t / 40) * x0 + t / 40 * noise).astype(np.float32)
        frames.append(type(frame)(float(t), 1.0, 0.0, 0.0, x, x, noise.astype(np.float32)))  # type: ignore[call-arg]
    settings = ExportSettings(scale=1, panes=("x", "eps"))
    read = list(frames_of(write(tmp_path, frames, settings)))
    drawn = pictures(frames, settings)
    data = slice(0, 33)
    error = np.abs(np.asarray(read[-1], np.int16) - drawn[-1])[:, data]
    assert error.mean() < 4
    gaps = np.asarray(read[0])[:, 33:37]
    assert np.array_equal(gaps, drawn[0][:, 33:37])


def test_a_colour_gif_of_few_colours_is_exact(tmp_path: Path) -> None:
    x = np.ones((1, 3, 4, 4), np.float32)
    frames = [type(f)(f.position, 1.0, 0.0, 0.0, x, x, x) for f in reverse_run(3)]  # type: ignore[call-arg]
    read = list(frames_of(write(tmp_path, frames, ExportSettings(scale=1))))
    assert np.array_equal(np.asarray(read[0]), np.full((4, 4, 3), 255))


def test_a_sequence_has_every_frame_in_order(tmp_path: Path) -> None:
    settings = ExportSettings(format="sequence", scale=1)
    frames = reverse_run(11)
    folder = write(tmp_path, frames, settings)
    names = sorted(path.name for path in folder.iterdir())
    assert names == [f"frame_{i:04}.png" for i in range(11)]
    for name, picture in zip(names, pictures(frames, settings), strict=True):
        with Image.open(folder / name) as image:
            assert np.array_equal(np.asarray(image), picture)


def test_every_nth_within_a_range(tmp_path: Path) -> None:
    settings = ExportSettings(format="sequence", scale=1, low=10, high=70, every=4)
    folder = write(tmp_path, reverse_run(11), settings)
    assert len(list(folder.iterdir())) == 3  # t = 70, 30 and the last one, 10


def test_progress_counts_frames(tmp_path: Path) -> None:
    for settings in (GIF, ExportSettings(format="sequence", scale=1), ExportSettings(format="png", scale=1)):
        seen: list[tuple[int, int]] = []
        export(reverse_run(), tmp_path / settings.format, settings, lambda done, of: seen.append((done, of)))  # noqa: B023
        total = 1 if settings.format == "png" else 5
        assert seen == [(i, total) for i in range(total + 1)]


def test_what_is_not_there_cannot_be_exported(tmp_path: Path) -> None:
    for frames, settings in (([], GIF), (reverse_run(), ExportSettings(low=41)), ([], ExportSettings(format="png"))):
        with pytest.raises(NothingToExport):
            export(frames, tmp_path / "out", settings)
    assert list(tmp_path.iterdir()) == []


def test_settings_out_of_bounds_are_refused(tmp_path: Path) -> None:
    for format_, fps in (("gif", 51), ("apng", 61), ("webp", 61), ("mp4", 61)):
        with pytest.raises(OutOfRange) as error:
            export(reverse_run(), tmp_path / "out", ExportSettings(format=format_, fps=fps))
        assert error.value.high == fps - 1
        assert ("20 ms" in sentence(error.value)) == (format_ == "gif")


@pytest.mark.parametrize("format_", ["gif", "png"])
def test_a_picture_larger_than_a_file_holds_is_refused(tmp_path: Path, format_: str) -> None:
    frames = reverse_run(2, samples=1, size=1100)
    with pytest.raises(NotAScale) as error:
        export(frames, tmp_path / "out", ExportSettings(format=format_, scale=64))
    assert error.value.pixels == 1100 * 64 > error.value.limit
    assert list(tmp_path.iterdir()) == []


def test_a_gif_is_at_most_65535_pixels_wide() -> None:
    assert struct.pack("<H", films.GIF_LIMIT) == b"\xff\xff"


@pytest.mark.parametrize("format_", [name for name in FORMATS if name not in {"png", "sheet"} | FIGURES])
def test_a_thousand_frames_stream(tmp_path: Path, format_: str) -> None:
    """The peak of memory does not depend on how many frames are written."""
    if FORMATS[format_].missing():
        pytest.skip(FORMATS[format_].missing())
    few, many = reverse_run(30, samples=4, size=16), reverse_run(1, samples=4, size=16) * 301
    settings = ExportSettings(format=format_, scale=4, hold=0, hold_first=0)
    of_all = len(few) * int(np.prod(page_of(few, settings).size))
    peak(tmp_path, few, settings)
    assert peak(tmp_path, many, settings) < peak(tmp_path, few, settings) + of_all


def peak(tmp_path: Path, frames: Sequence[Frame], settings: ExportSettings) -> int:
    tracemalloc.start()
    try:
        export(frames, tmp_path / f"out{FORMATS[settings.format].suffix}", settings)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_pictures_are_drawn_one_at_a_time(tmp_path: Path) -> None:
    drawn = itertools.count()
    done: list[tuple[int, int]] = []

    class Counting(list[Frame]):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                next(drawn)
                yield frame

    frames = reverse_run(8)
    made = FramePictureSource(Counting(frames), page_of(frames, GIF))
    films.write_gif(made, tmp_path / "o.gif", GIF, lambda i, _: done.append((i, next(drawn))))
    # each report comes before the next picture is drawn: the counter went up by one picture and one report
    assert [count for _, count in done] == [0, *(2 * i for i in range(1, 9))]
