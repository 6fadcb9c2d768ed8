"""Pictures and animations without loss: PNG, numbered PNGs, animated PNG, WebP, and contact sheets.

PNG of one picture, and numbered PNGs in a folder: frame_0000.png, frame_0001.png, …

Animated PNG (PNG third edition, section 11.3.5), written frame by frame, without loss.

Animated WebP without loss (RIFF container of RFC 9649), written frame by frame.

Contact sheets: a grid of pictures with a name at every row and column.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageDraw

from diffviz.domain import errors, panes
from diffviz.domain.arrays import U8
from diffviz.domain.atomic import replacing, replacing_folder, write_synced
from diffviz.domain.export_settings import MEASURES, ExportSettings, Progress, sized
from diffviz.domain.frame_times import delays
from diffviz.domain.frames import Frame
from diffviz.domain.panes import ORIGINAL, ExportPane
from diffviz.domain.sample_rows import SampleRows
from diffviz.domain.text import tr
from diffviz.export import notes
from diffviz.export.comparison import UnlikeCanvas, joint_canvas, meeting
from diffviz.export.frame_layout import FramePictureSource
from diffviz.export.panes import Lettering, PaneCanvas, colour
from diffviz.export.run_info import RunInfo, exif, png_chunk, png_chunks, text_of, xmp

PNG_LIMIT = (1 << 31) - 1
HEAD = 33


def write_png(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write the only one of `pictures` to `path`."""
    (picture,) = pictures
    write_one(picture, path, text_of(pictures.about, settings), progress, dpi_of(settings))


def write_one(picture: U8, path: Path, text: str, progress: Progress, dpi: float | None = None) -> None:
    """Write `picture` with the record `text` to `path`; a program that prints it is told its `dpi`."""
    with replacing(path) as file:
        progress(0, 1)
        file.write(tagged(encoded(picture, dpi), text))
        progress(1, 1)


def dpi_of(settings: ExportSettings) -> float | None:
    """How many pixels make an inch, where a picture has a size in millimetres."""
    return settings.dpi if sized(settings) else None


def encoded(picture: U8, dpi: float | None = None) -> bytes:
    """`picture` as the bytes of a PNG file, without loss; `dpi` is how many pixels make an inch, where that is said."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, "PNG", **({} if dpi is None else {"dpi": (dpi, dpi)}))
    return buffer.getvalue()


def tagged(data: bytes, text: str) -> bytes:
    """The PNG file `data` with the record `text` behind its header."""
    return data[:HEAD] + png_chunks(text) + data[HEAD:]


DIGITS = 4
MOST_TEXT = 1 << 16


def write_sequence(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` into the folder `path`, in their order.

    Every file carries the record; a large one (pictures of one's own) only the first.
    """
    total, text = len(pictures), text_of(pictures.about, settings)
    digits = max(DIGITS, len(str(total - 1)))
    with replacing_folder(path) as folder:
        progress(0, total)
        for i, picture in enumerate(pictures):
            tag = text if i == 0 or len(text) <= MOST_TEXT else ""
            write_synced(folder / f"frame_{i:0{digits}}.png", tagged(encoded(picture, dpi_of(settings)), tag))
            progress(i + 1, total)


THOUSANDTHS = 1000
APNG_LONGEST = 65535
MOST_BEFORE = 1900
"""Bytes of texts before the first picture: where that begins later than at 2 kB, ffmpeg sees no other."""


def write_apng(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total, number = len(pictures), 0
    times, texts = delays(total, settings), png_chunks(text_of(pictures.about, settings))
    with replacing(path) as file:
        progress(0, total)
        for i, (picture, time) in enumerate(zip(pictures, times, strict=True)):
            data = encoded(picture)
            if i == 0:
                file.write(data[:HEAD] + png_chunk(b"acTL", struct.pack(">II", total, 0 if settings.loop else 1)))
                file.write(texts if len(texts) <= MOST_BEFORE else b"")
            file.write(_control(number, picture, time))
            file.write(_image(data, number + 1, first=i == 0))
            number += 1 if i == 0 else 2
            progress(i + 1, total)
        file.write(texts if len(texts) > MOST_BEFORE else b"")
        file.write(png_chunk(b"IEND", b""))


def _control(number: int, picture: U8, time: int) -> bytes:
    """Frame control: the whole picture, shown for `time` thousandths of a second, replacing the one before."""
    delay = (time, THOUSANDTHS) if time <= APNG_LONGEST else (round(time / 10), THOUSANDTHS // 10)
    size = picture.shape[1], picture.shape[0]
    return png_chunk(b"fcTL", struct.pack(">IIIIIHHBB", number, *size, 0, 0, *delay, 0, 0))


def _image(data: bytes, number: int, *, first: bool) -> bytes:
    """The image data of the PNG file `data`, as that of the first frame or as frame data number `number`."""
    content = b"".join(_contents(data, b"IDAT"))
    return png_chunk(b"IDAT", content) if first else png_chunk(b"fdAT", struct.pack(">I", number) + content)


def _contents(data: bytes, wanted: bytes) -> list[bytes]:
    """Contents of the chunks of kind `wanted` in the PNG file `data`."""
    found, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == wanted:
            found.append(data[at + 8 : at + 8 + length])
        at += 12 + length
    return found


WEBP_LIMIT = 16383
WEBP_LONGEST = (1 << 24) - 1
ANIMATION, XMP, EXIF = 1 << 1, 1 << 2, 1 << 3
EFFORT = 1


def write_webp(pictures: FramePictureSource, path: Path, settings: ExportSettings, progress: Progress) -> None:
    """Write `pictures` to `path` as an animation."""
    total, size = len(pictures), pictures.page.size
    packet, block = (make(text_of(pictures.about, settings)) for make in (xmp, exif))
    flags = ANIMATION | (XMP if packet else 0) | (EXIF if block else 0)
    times = delays(total, settings)
    with replacing(path) as file:
        progress(0, total)
        file.write(b"RIFF\0\0\0\0WEBP")
        file.write(_chunk(b"VP8X", struct.pack("<I", flags) + _size(size)))
        file.write(_chunk(b"ANIM", struct.pack("<IH", 0xFF000000, 0 if settings.loop else 1)))
        for i, (picture, time) in enumerate(zip(pictures, times, strict=True)):
            file.write(_frame(picture, size, min(time, WEBP_LONGEST)))
            progress(i + 1, total)
        for kind, data in ((b"EXIF", block), (b"XMP ", packet)):
            file.write(_chunk(kind, data) if data else b"")
        _close(file)


def _frame(picture: U8, size: tuple[int, int], time: int) -> bytes:
    """One frame at the top left, replacing what was there (flag 2: no blending)."""
    place = b"\0" * 6 + _size(size) + struct.pack("<I", time)[:3] + bytes([1 << 1])
    return _chunk(b"ANMF", place + _bitstream(picture))


def _bitstream(picture: U8) -> bytes:
    """The chunk of the image data of `picture`, compressed without loss."""
    buffer = io.BytesIO()
    Image.fromarray(picture).convert("RGB").save(buffer, "WEBP", lossless=True, quality=0, method=EFFORT)
    data = buffer.getvalue()
    return data[data.index(b"VP8L") :]


def _size(size: tuple[int, int]) -> bytes:
    """Width and height less one, 24 bits each."""
    return b"".join(struct.pack("<I", side - 1)[:3] for side in size)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _close(file: BinaryIO) -> None:
    """Write the length of the whole into the header."""
    end = file.tell()
    file.seek(4)
    file.write(struct.pack("<I", end - 8))
    file.seek(end)


MARGIN, GAP, GROUP = 16, 4, 20
LETTERS, LINE = 14, 26
CELL = 64
MOST_PIXELS = 1 << 27


@dataclass(frozen=True, slots=True, eq=False)
class ContactSheet:
    """Rows of cells, all uint8 of one shape (H, W) or (H, W, 3); `groups` name runs of columns of equal length.

    `note` stands below.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[U8, ...], ...]
    groups: tuple[str, ...] = ()
    note: str = ""


def write(frames: Sequence[Frame], path: Path, settings: ExportSettings, progress: Progress, about: RunInfo) -> None:
    """Write a sheet of `frames`, a row each, its columns the samples of every pane."""
    write_one(sheet_of(frames, settings, about), path, text_of(about, settings), progress)


def sheet_of(frames: Sequence[Frame], settings: ExportSettings, about: RunInfo) -> U8:
    """The sheet of `frames` as pixels. Raises `NotAScale` where it would be larger than a file holds."""
    canvas = joint_canvas(frames, settings, about)
    count = canvas.shape[0]
    named = about.names if len(about.names) == count else tuple(map(str, range(1, count + 1)))
    names = [name for pane in canvas.panes for name in (_names_in(canvas.rows, pane) if canvas.rows else named)]
    unlike = isinstance(canvas, UnlikeCanvas)
    titles = [about.title, *(other.about.title for other in about.beside)] if about.beside else []
    groups = titles if unlike else _pane_groups(canvas, titles)
    cells = tuple(tuple(image for pane in canvas.in_rows(frame) for image in pane) for frame in frames)
    rows = tuple(_row_name([panes.stamp(each) for each in canvas.frames_at(frame)]) for frame in frames)
    sheet = ContactSheet(rows, tuple(names), cells, tuple(groups), meeting(frames, about))
    em = settings.letters / MEASURES["screen"].letters
    return drawn(sheet, 1 if unlike else settings.scale or scale_of(canvas), settings.ground, em)


def _names_in(rows: SampleRows, pane: ExportPane) -> tuple[str, ...]:
    """What stands above the columns of `pane`: above the blank ones, where a picture has no noise, nothing."""
    return tuple("" if pane.noise and name == ORIGINAL.symbol else name for name in rows.short_names())


def _row_name(stamps: Sequence[str]) -> str:
    """Where the runs of a row stand: one place where that is that of all."""
    return stamps[0] if len(set(stamps)) == 1 else " | ".join(stamps)


def _pane_groups(canvas: PaneCanvas, titles: Sequence[str]) -> list[str]:
    """What stands above the samples of each pane: its name, and the title of its run where there are several."""
    starts = [left for left, _ in canvas.groups]
    runs = [sum(start <= left for start in starts) - 1 for _, left, _ in canvas.names]
    names = [tr(pane.label) for pane, _, _ in canvas.names]
    return [f"{titles[run]} · {name}" for run, name in zip(runs, names, strict=True)] if titles else names


def scale_of(canvas: PaneCanvas) -> int:
    """The whole number that brings a sample nearest to a comfortable size."""
    return max(1, round(CELL / max(canvas.shape[2:])))


def drawn(sheet: ContactSheet, scale: int, ground: str, em: float = 1.0) -> U8:
    """`sheet` as uint8 (height, width, 3), every pixel of a cell on `scale` × `scale`, letters `em` times the usual."""
    palette, letters, line = panes.PALETTES[ground], round(LETTERS * em), round(LINE * em)
    first = sheet.cells[0][0]
    cell = first.shape[1] * scale, first.shape[0] * scale
    left = MARGIN + max(round(Lettering(row, letters).width) for row in sheet.rows) + round(14 * em)
    top = MARGIN + line * (2 if sheet.groups else 1)
    xs = _lefts(sheet, left, cell[0])
    note = notes.wrapped(sheet.note, xs[-1] + cell[0] - MARGIN, letters)
    end = top + len(sheet.rows) * (cell[1] + GAP) - GAP
    size = _checked(xs[-1] + cell[0] + MARGIN, end + line * len(note) + MARGIN)
    image = Image.new("RGB", size, colour(palette, "ground"))
    draw = ImageDraw.Draw(image)
    for i, (name, row) in enumerate(zip(sheet.rows, sheet.cells, strict=True)):
        y = top + i * (cell[1] + GAP)
        Lettering(name, letters).paint(draw, MARGIN, y + cell[1] / 2 + letters * 0.35, colour(palette, "text"))
        for x, pixels in zip(xs, row, strict=True):
            image.paste(Image.fromarray(pixels.repeat(scale, 0).repeat(scale, 1)), (x, y))
    for x, name in zip(xs, _apart(sheet.columns, cell[0], letters), strict=True):
        words = _fitting(name, cell[0], letters)
        words.paint(draw, x + (cell[0] - words.width) / 2, top - round(9 * em), colour(palette, "quiet"))
    for i, name in enumerate(sheet.groups):
        x = xs[i * len(xs) // len(sheet.groups)]
        room = (cell[0] + GAP) * (len(xs) // len(sheet.groups)) - GAP
        notes.fitting(name, room, letters).paint(draw, x, MARGIN + letters, colour(palette, "text"))
    for i, text in enumerate(note, 1):
        Lettering(text, letters).paint(draw, MARGIN, end + line * i, colour(palette, "quiet"))
    return np.asarray(image, np.uint8)


def _checked(width: int, height: int) -> tuple[int, int]:
    if width * height > MOST_PIXELS:
        raise errors.NotAScale(max(width, height), MOST_PIXELS // min(width, height))
    return width, height


def _lefts(sheet: ContactSheet, left: int, width: int) -> list[int]:
    """Where each column begins; groups stand further apart."""
    each = len(sheet.columns) // max(1, len(sheet.groups))
    return [left + i * (width + GAP) + (i // each if sheet.groups else 0) * GROUP for i in range(len(sheet.columns))]


def _apart(names: Sequence[str], width: int, letters: int = LETTERS) -> list[str]:
    """`names`, without the words that all of them begin with where one is wider than `width`."""
    pairs = zip(min(names, default=""), max(names, default=""), strict=False)
    alike = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    begin = alike.rfind(" ") + 1
    wide = any(Lettering(name, letters - 4).width > width for name in names)
    return [name[begin:] for name in names] if wide and len(set(names)) > 1 else list(names)


def _fitting(name: str, width: int, letters: int = LETTERS) -> Lettering:
    """`name`, smaller or shortened where it is wider than its column."""
    sizes = (letters, letters - 2, letters - 4)
    size = next((size for size in sizes if Lettering(name, size).width <= width), sizes[-1])
    return notes.fitting(name, width, size, "Medium")
