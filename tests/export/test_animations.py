"""APNG, WebP and MP4 read back; their order, their times, their ends."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence

from diffviz.domain.errors import ExportFailed, FormatUnavailable, Interrupted
from diffviz.domain.export_settings import ExportSettings
from diffviz.export import films
from diffviz.export.formats import FORMATS, export
from diffviz.export.frame_layout import FramePictureSource, page_of
from tests.export.runs import about_run, reverse_run

LOSSLESS = ["apng", "webp"]
needs_ffmpeg = pytest.mark.skipif(bool(films.missing()), reason="needs an ffmpeg")


def written(tmp_path: Path, settings: ExportSettings, channels: int = 1) -> Path:
    path = tmp_path / f"out{FORMATS[settings.format].suffix}"
    export(reverse_run(channels=channels), path, settings, about=about_run())
    return path


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("format_", LOSSLESS)
def test_every_pixel_of_every_frame_comes_back(tmp_path: Path, format_: str, channels: int) -> None:
    settings = ExportSettings(format=format_, scale=3, panes=("x", "eps"))
    frames = reverse_run(channels=channels)
    drawn = list(FramePictureSource(frames, page_of(frames, settings)))
    with Image.open(written(tmp_path, settings, channels)) as image:
        read = [np.asarray(frame.convert("RGB")) for frame in ImageSequence.Iterator(image)]
    assert len(read) == len(drawn) == 5
    for found, picture in zip(read, drawn, strict=True):
        assert np.array_equal(found, picture if picture.ndim == 3 else np.repeat(picture[..., None], 3, 2))


@pytest.mark.parametrize(("loop", "plays"), [(True, 0), (False, 1)])
@pytest.mark.parametrize("format_", LOSSLESS)
def test_rate_holds_and_loop(tmp_path: Path, format_: str, loop: bool, plays: int) -> None:
    settings = ExportSettings(format=format_, scale=1, fps=10, hold_first=0.5, hold=2, loop=loop)
    with Image.open(written(tmp_path, settings)) as image:
        assert image.info["loop"] == plays
        durations = []
        for i in range(5):
            image.seek(i)
            image.load()
            durations.append(image.info["duration"])
    assert durations == [600, 100, 100, 100, 2100]


@pytest.mark.parametrize("format_", LOSSLESS)
def test_sixty_frames_a_second_are_as_quick_as_they_are_called(tmp_path: Path, format_: str) -> None:
    settings = ExportSettings(format=format_, scale=1, fps=60, hold_first=0, hold=0)
    path = tmp_path / f"out{FORMATS[format_].suffix}"
    export(reverse_run(61), path, settings)
    with Image.open(path) as image:
        times = []
        for frame in ImageSequence.Iterator(image):
            frame.load()
            times.append(frame.info["duration"])
    assert set(times) == {16, 17}
    assert sum(times) == pytest.approx(61 * 1000 / 60, abs=1)


@pytest.mark.parametrize("format_", ["gif", *LOSSLESS])
def test_reversed_and_there_and_back(tmp_path: Path, format_: str) -> None:
    settings = ExportSettings(format=format_, scale=1, order="reversed", boomerang=True)
    frames = reverse_run()
    drawn = list(FramePictureSource(frames, page_of(frames, settings)))
    with Image.open(written(tmp_path, settings)) as image:
        read = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(image)]
    assert len(read) == 8  # four back, the last one once, and not again the one that the loop begins with
    for found, i in zip(read, (4, 3, 2, 1, 0, 1, 2, 3), strict=True):
        assert np.array_equal(found, drawn[i])


@needs_ffmpeg
def test_a_film_has_its_frames_and_its_length(tmp_path: Path) -> None:
    settings = ExportSettings(format="mp4", scale=5, fps=10, hold_first=0.5, hold=2)
    path = written(tmp_path, settings, 3)
    about = probe(path)
    duration = re.search(r"Duration: 00:00:(\d+\.\d+)", about)
    assert duration is not None
    assert float(duration[1]) == pytest.approx(5 / 10 + 0.5 + 2, abs=0.02)
    size = page_of(reverse_run(channels=3), settings).size
    assert f"{size[0] + size[0] % 2}x{size[1] + size[1] % 2}" in about


@needs_ffmpeg
def test_a_film_shows_what_was_drawn(tmp_path: Path) -> None:
    settings = ExportSettings(format="mp4", scale=16, fps=10, hold_first=0, hold=0)
    path = written(tmp_path, settings)
    frames = reverse_run()
    drawn = list(FramePictureSource(frames, page_of(frames, settings)))
    height, width = drawn[0].shape
    raw = subprocess.run(
        [films.find_ffmpeg(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "-"],
        capture_output=True,
        check=True,
    ).stdout
    read = np.frombuffer(raw, np.uint8).reshape(5, height + height % 2, width + width % 2)[:, :height, :width]
    for found, picture in zip(read, drawn, strict=True):
        assert np.abs(found.astype(int) - picture).mean() < 4


@needs_ffmpeg
def test_a_film_has_its_colours_and_says_in_which_way(tmp_path: Path) -> None:
    settings = ExportSettings(format="mp4", scale=16, fps=10, hold_first=0, hold=0)
    path = written(tmp_path, settings, 3)
    assert "bt709" in probe(path)
    drawn = next(iter(FramePictureSource(reverse_run(channels=3)[-1:], page_of(reverse_run(channels=3), settings))))
    command = [films.find_ffmpeg(), "-v", "error", "-i", str(path), "-vf", "scale=in_color_matrix=bt709"]
    raw = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    height, width = (side + side % 2 for side in drawn.shape[:2])
    last = np.frombuffer(raw, np.uint8).reshape(5, height, width, 3)[-1, : drawn.shape[0], : drawn.shape[1]]
    means = [picture[:96, :96].mean((0, 1)) for picture in (last.astype(float), drawn)]
    assert np.abs(means[0] - means[1]).max() < 3


def probe(path: Path) -> str:
    return subprocess.run([films.find_ffmpeg(), "-hide_banner", "-i", str(path)], capture_output=True, text=True).stderr


def test_without_ffmpeg_films_are_off_and_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "find_ffmpeg", lambda: "")
    assert "ffmpeg" in FORMATS["mp4"].missing()
    with pytest.raises(FormatUnavailable):
        written(tmp_path, ExportSettings(format="mp4"))
    assert list(tmp_path.iterdir()) == []


def test_the_bundle_does_not_send_people_to_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(films, "find_ffmpeg", lambda: "")
    assert "pip" in films.missing()
    monkeypatch.setattr(sys, "_MEIPASS", "/bundle", raising=False)
    assert "ffmpeg" in films.missing()
    assert "pip" not in films.missing()


@needs_ffmpeg
@pytest.mark.parametrize("words", ["No space left on device", "something else"])
def test_an_encoder_that_fails_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str) -> None:
    monkeypatch.setattr(films, "_command", lambda *_: ["sh", "-c", f"cat >/dev/null; echo '{words}' >&2; exit 1"])
    with pytest.raises(ExportFailed) as error:
        written(tmp_path, ExportSettings(format="mp4", scale=1))
    assert error.value.kind == ("full" if "space" in words else "other")
    assert list(tmp_path.iterdir()) == []


@needs_ffmpeg
def test_a_cancelled_film_leaves_no_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def remembering(*args: object, **more: object) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **more))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", remembering)
    films.encoder_of.cache_clear()

    def cancel(done: int, _total: int) -> None:
        if done == 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        export(reverse_run(), tmp_path / "o.mp4", ExportSettings(format="mp4"), cancel)
    assert started
    assert all(process.returncode is not None for process in started)
    assert list(tmp_path.iterdir()) == []
