"""Films: GIF, written frame by frame, and MP4, encoded by ffmpeg.

GIF (CompuServe 1990, version 89a), written frame by frame: of each what changes, with colours of its own.

MP4 (H.264), encoded by an ffmpeg that is found on the system or comes with the extra `mp4`.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from diffviz import paths
from diffviz.domain import atomic, errors
from diffviz.domain.arrays import F64, U8
from diffviz.domain.export_settings import ExportSettings, Progress
from diffviz.domain.frame_times import delays
from diffviz.domain.text import tr
from diffviz.export.colours import Colours, Indexed
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.run_info import gif_comment, mp4_box, mp4_comment, text_of

GIF_LIMIT = 65535


def write_gif(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total = len(pictures)
    with atomic.replacing(path) as file:
        progress(0, total)
        colours, first = Colours(pictures.page, pictures.frames), None
        for i, (frame, delay) in enumerate(zip(pictures.frames, delays(total, settings), strict=True)):
            indexed = colours.of(frame)
            if first is None:
                first = indexed.table
                file.write(_header(pictures.page.size, first, settings.loop))
                file.write(gif_comment(text_of(pictures.about, settings)))
            file.write(_control(min(delay, GIF_LIMIT), indexed.clear) + _image(indexed, first))
            progress(i + 1, total)
        file.write(b";")


def _header(size: tuple[int, int], table: U8, loop: bool) -> bytes:
    """Signature, logical screen with a palette of 256 colours (flags 0xF7), and the request to repeat for ever."""
    screen = b"GIF89a" + struct.pack("<HHBBB", *size, 0xF7, 0, 0) + table.tobytes()
    forever = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
    return screen + forever if loop else screen


def _control(delay: int, clear: int | None) -> bytes:
    """Graphic control extension: leave the picture in place, show it for `delay` hundredths of a second.

    Pixels of the colour `clear` are not drawn.
    """
    flags = 1 << 2 | (clear is not None)
    return struct.pack("<BBBBHBB", 0x21, 0xF9, 4, flags, delay, clear or 0, 0)


def _image(indexed: Indexed, known: U8) -> bytes:
    """The part of the picture that changes: its place, its palette (flags 0x87) unless it is `known`, its indices."""
    top, bottom, left, right = _bounds(~indexed.kept)
    indices = np.ascontiguousarray(indexed.indices[top:bottom, left:right])
    own = b"" if (indexed.table == known).all() else indexed.table.tobytes()
    descriptor = struct.pack("<BHHHHB", 0x2C, left, top, right - left, bottom - top, 0x87 if own else 0)
    return descriptor + own + b"\x08" + Image.fromarray(indices).tobytes("gif", "L") + b"\0"


def _bounds(changed: NDArray[np.bool_]) -> tuple[int, int, int, int]:
    """First and last row and column, the last ones excluded, of what is `changed`; one pixel where nothing is."""
    rows, columns = np.flatnonzero(changed.any(1)), np.flatnonzero(changed.any(0))
    if not len(rows):
        return 0, 1, 0, 1
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


MP4_LIMIT = 8192
SECONDS = 20
INSTALLERS = {"win32": "winget install ffmpeg", "darwin": "brew install ffmpeg"}
ENCODERS = {"libx264": ("-crf", "12", "-preset", "fast"), "libopenh264": ("-b:v", "8M"), "mpeg4": ("-q:v", "2")}


def write_mp4(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as a film; a frame that is held is written as often as it takes."""
    ffmpeg, total = find_ffmpeg(), len(pictures)
    if not ffmpeg:
        raise errors.ExportFailed(path, "other", missing())
    times = delays(total, settings)
    with atomic.replacing_by(path) as temporary:
        temporary.touch(exist_ok=False)  # what the file system refuses is known before anything is encoded
        progress(0, total)
        with _encoding(_command(ffmpeg, pictures, settings, temporary), path) as pipe:
            for i, (picture, times_shown) in enumerate(zip(pictures, times, strict=True)):
                for _ in range(times_shown):
                    pipe.write(picture.tobytes())
                progress(i + 1, total)
        with temporary.open("ab") as file:
            file.write(mp4_box(text_of(pictures.about, settings)))


def missing() -> str:
    """Why films cannot be written here; empty where they can."""
    if find_ffmpeg():
        return ""
    words = tr("it needs ffmpeg, which is not here; “{command}” installs it, then start diffviz again")
    return words.format(command=how_to_install())


def how_to_install() -> str:
    """The command by which an ffmpeg is usually got: the bundle has none, as good encoders are under the GPL."""
    if not paths.bundled():
        return 'pip install "diffviz[mp4]"'
    return INSTALLERS.get(sys.platform, "sudo apt install ffmpeg")


def find_ffmpeg() -> str:
    """The ffmpeg on the search path, or the one of the package imageio-ffmpeg; empty where there is none."""
    return shutil.which("ffmpeg") or _of_the_package()


@lru_cache(maxsize=1)
def _of_the_package() -> str:
    if importlib.util.find_spec("imageio_ffmpeg") is None:
        return ""
    import imageio_ffmpeg

    with suppress(RuntimeError):
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    return ""


@lru_cache(maxsize=4)
def encoder_of(ffmpeg: str) -> str:
    """The best of `ENCODERS` that `ffmpeg` has."""
    listed = subprocess.run(
        [ffmpeg, "-hide_banner", "-encoders"], capture_output=True, timeout=SECONDS, check=False
    ).stdout.decode(errors="replace")
    return next((name for name in ENCODERS if f" {name} " in listed), "mpeg4")


def _command(ffmpeg: str, pictures: FramePictureSource, settings: ExportSettings, out: Path) -> list[str]:
    """Raw pictures from standard input, the size made even as the colours' half resolution asks.

    Their colours are those of BT.709, and the film says so: players guess otherwise, and not all of them the same.
    """
    width, height = pictures.page.size
    encoder = encoder_of(ffmpeg)
    pixels = "gray" if pictures.page.grey else "rgb24"
    return [
        *(ffmpeg, "-hide_banner", "-loglevel", "error", "-nostdin", "-y"),
        *("-f", "rawvideo", "-pix_fmt", pixels, "-video_size", f"{width}x{height}"),
        *("-framerate", f"{settings.fps:g}", "-i", "pipe:0"),
        *("-vf", "pad=ceil(iw/2)*2:ceil(ih/2)*2:0:0:black,scale=out_color_matrix=bt709:out_range=tv"),
        *("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"),
        *("-c:v", encoder, *ENCODERS[encoder]),
        *mp4_comment(text_of(pictures.about, settings)),
        *("-pix_fmt", "yuv420p", "-movflags", "+faststart", "-metadata", "encoder=diffviz", "-f", "mp4", str(out)),
    ]


LUMA = np.array([0.2126, 0.7152, 0.0722])
"""Shares of red, green and blue in the brightness (ITU-R BT.709)."""
BLUE, RED = 1.8556, 1.5748
"""How far the differences of blue and of red from the brightness reach, from end to end."""


def filmed(picture: U8) -> U8:
    """What a film keeps of `picture`, uint8 (H, W[, 3]), before it is compressed: BT.709 in its levels of 16 to 235.

    The size is even, and colours are the means of 2 × 2 pixels.
    """
    even = np.pad(picture, [(0, side % 2) for side in picture.shape[:2]] + [(0, 0)] * (picture.ndim - 2))
    if picture.ndim == 2:
        return _levels(np.rint(even * (219 / 255)) * (255 / 219))
    rgb = even.astype(np.float64)
    luma = rgb @ LUMA
    bright = np.rint(luma * (219 / 255)) * (255 / 219)
    blue, red = (_halved((rgb[..., i] - luma) / reach) * reach for i, reach in ((2, BLUE), (0, RED)))
    green = -(LUMA[2] * blue + LUMA[0] * red) / LUMA[1]
    return _levels(bright[..., None] + np.stack([red, green, blue], -1))


def _halved(chroma: F64) -> F64:
    """The means of 2 × 2 of `chroma` in the 224 levels of a film, each on its four pixels."""
    height, width = chroma.shape
    mean = chroma.reshape(height // 2, 2, width // 2, 2).mean((1, 3))
    kept: F64 = (np.rint(mean * (224 / 255)) * (255 / 224)).repeat(2, 0).repeat(2, 1)
    return kept


def _levels(values: F64) -> U8:
    rounded: U8 = np.rint(np.clip(values, 0, 255)).astype(np.uint8)
    return rounded


@contextmanager
def _encoding(command: list[str], path: Path) -> Iterator[IO[bytes]]:
    """The pipe into a running encoder, which has succeeded when the block ends; it is killed on any exception."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stderr is not None
    try:
        yield process.stdin
        process.stdin.close()
        words = process.stderr.read().decode(errors="replace")
        if process.wait():
            raise _failure(path, words)
    except BrokenPipeError:
        raise _failure(path, process.stderr.read().decode(errors="replace")) from None
    finally:
        process.kill()
        process.wait()
        with suppress(OSError):
            process.stdin.close()
        process.stderr.close()


def _failure(path: Path, words: str) -> Exception:
    if os.strerror(errno.ENOSPC) in words:
        return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    lines = words.strip().splitlines()
    return errors.ExportFailed(path, "other", lines[-1] if lines else tr("ffmpeg ended without a word"))
