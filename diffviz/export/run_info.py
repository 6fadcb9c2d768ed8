"""What files say of a run: its record and how it travels, and what else is known of it.

What is known of a run beside its frames, for files that show it: plots, names of samples, record.

How a record travels inside a file of each kind. An empty record is no tag at all.

A run as a command for a shell and as a Python program: either computes the same frames.
"""

from __future__ import annotations

import dataclasses
import re
import shlex
import struct
import textwrap
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from html import escape
from typing import Any

import numpy as np
from PIL import Image

from diffviz import __version__, paths
from diffviz.domain import axis_scale, errors, export_settings, ideal
from diffviz.domain.arrays import F64, U8
from diffviz.domain.cards import Card
from diffviz.domain.frames import Frame
from diffviz.domain.plots import Plot, PlotData, drawable
from diffviz.domain.provenance import LIMIT, MOST_BESIDE, Record, encoded, images_of, models_of, packed, record_of
from diffviz.domain.requests import Request
from diffviz.domain.sample_rows import SampleRows
from diffviz.families import family_of, family_of_frame, plan_of, process_of
from diffviz.theory.processes import schedule_in
from diffviz.theory.shared_time import SharedTime


@dataclass(frozen=True, slots=True, eq=False)
class RunInfo:
    """`plots` over the run's axis; `names` of its samples (already translated); `record` to open it again.

    `knee` is that of the axis: see `AxisScale`. Where the process does not preserve the variance, it `spreads` x_t.
    `beside` are runs that are shown beside it, under whose titles its own `title` stands then. `before` are the frames
    of the runs that it goes on from, the oldest first, up to its own.
    """

    plots: tuple[Plot, ...] = ()
    names: tuple[str, ...] = ()
    record: Record | None = None
    knee: float = 0.0
    spreads: bool = False
    title: str = ""
    beside: tuple[RunBeside, ...] = ()
    before: tuple[Frame, ...] = ()


@dataclass(frozen=True, eq=False)
class RunBeside:
    """A run that is shown beside another: its `frames`, at least one, and what is known `about` it.

    `tie` leads from the axis of the other run to its own, None where both measure the same.
    """

    frames: Sequence[Frame]
    about: RunInfo
    tie: SharedTime | None = None

    def at(self, position: float) -> Frame:
        """Its frame nearest to what stands at `position` on the other run's axis."""
        there = self.tie.there(position) if self.tie else position
        return self.frames[int(np.abs(self._positions - there).argmin())]

    @cached_property
    def _positions(self) -> F64:
        return np.array([frame.position for frame in self.frames])


NOTHING = RunInfo()


def entitled(about: RunInfo, title: str, own: str = "") -> RunInfo:
    """`about` with the `title` of a run that stands beside others; the record keeps one of a person's `own`."""
    record = dataclasses.replace(about.record, title=own) if about.record is not None else None
    return dataclasses.replace(about, title=title, record=record)


def with_beside(about: RunInfo, others: Sequence[RunBeside]) -> RunInfo:
    """`about` with `others` shown beside its run, whose file carries the records of all of them."""
    if about.record is None:
        return dataclasses.replace(about, beside=tuple(others))
    records = tuple(other.about.record for other in others if other.about.record is not None)
    return dataclasses.replace(
        about, beside=tuple(others), record=dataclasses.replace(about.record, beside=records[:MOST_BESIDE])
    )


def about_of(request: Request, images: Mapping[str, U8], cards: Mapping[str, Card], device: str = "") -> RunInfo:
    """What is known of the run of `request`; `images` are pictures by SHA-256, `device` the kind that computed it."""
    names, record = family_of(request).sample_names(request, cards), record_of(request, images, cards, device)
    try:
        process, plan = process_of(request, cards), plan_of(request, cards)
    except errors.DiffvizError:
        return RunInfo((), names, record)
    plots = drawable(family_of(request).plots(PlotData(process, positions=plan.positions)))
    spreads = process is not None and schedule_in(process) is None
    return RunInfo(plots, names, record, axis_scale.scale_of(plan).knee, spreads)


def rows_of(about: RunInfo, shape: tuple[int, ...]) -> SampleRows | None:
    """Which samples, of `shape` (N, C, H, W), are of one picture, with these pictures where the record has them."""
    record = about.record
    rows = family_of(record.request).rows(record.request) if record else None
    return rows.with_values(record.images, shape[1:]) if record and rows and rows.count == shape[0] else None


def with_figures(about: RunInfo, frames: Sequence[Frame]) -> RunInfo:
    """`about` with the plots of what `frames` carry: figures along a path, of a training, a bound or a score.

    So it is with those of the runs beside.
    """
    if about.beside:
        others = (dataclasses.replace(each, about=with_figures(each.about, each.frames)) for each in about.beside)
        about = dataclasses.replace(about, beside=tuple(others))
    family = family_of_frame(type(frames[0])) if frames else None
    if family is None or family.reader is None:
        return about
    reader, known = family.reader(), {plot.key for plot in about.plots}
    for frame in sorted(frames, key=lambda frame: frame.position):
        reader.take(frame)
    found = drawable(family.plots(PlotData(figures=reader.figures, models=about.names)))
    return dataclasses.replace(about, plots=(*about.plots, *(plot for plot in found if plot.key not in known)))


KEYWORD = "diffviz"
BLOCK = 255
NAMESPACE = "tag:diffviz,2026:run"
UUID = bytes.fromhex("5f1d2c6a0b7e4d0e9a43646966667669")
NAME = "diffviz:run"
OPENING, CLOSING = f"<{NAME}>", f"</{NAME}>"
EXIF, USER_COMMENT, ASCII = 0x8769, 0x9286, b"ASCII\0\0\0"
MOST_EXIF = 60_000
MOST_COMMENT = 16_000
MOST_PACKED = 1_000_000
"""Bytes that a packed text of a PNG may have: Pillow opens no file with a larger one."""


def text_of(about: RunInfo, settings: export_settings.ExportSettings) -> str:
    """What is to be written into the file, ASCII; empty where nothing is known or wanted, or too long to be read."""
    text = encoded(about.record) if about.record is not None and settings.metadata else ""
    return text if len(text) <= LIMIT else ""


def png_chunk(kind: bytes, data: bytes) -> bytes:
    """One chunk of a PNG file: length, kind, data, checksum."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_chunks(text: str) -> bytes:
    """The program's name, and the record as international text (PNG, section 11.3.3.4).

    A short one is there twice more, where programs look that write a picture anew: as the comment, which goes on into
    GIF and JPEG, and in Exif.
    """
    if not text:
        return b""
    chunks = [(b"tEXt", b"Software\0diffviz " + __version__.encode())]
    if len(text) > MOST_PACKED:
        chunks.append((b"iTXt", KEYWORD.encode() + b"\0\0\0\0\0" + text.encode()))
    else:
        packed = zlib.compress(text.encode(), 9)
        chunks.append((b"iTXt", KEYWORD.encode() + b"\0\x01\0\0\0" + packed))
    if block := exif(text):
        chunks += [(b"zTXt", b"comment\0\0" + packed), (b"eXIf", block)]
    return b"".join(png_chunk(kind, data) for kind, data in chunks)


def exif(text: str) -> bytes:
    """A block of Exif with the record as user comment: programs that drop other texts often keep it.

    It is ended by a zero byte. Empty for a record that is too long for the Exif of a JPEG file.
    """
    if not text or len(text) > MOST_EXIF:
        return b""
    block = Image.Exif()
    block[EXIF] = {USER_COMMENT: ASCII + text.encode("ascii") + b"\0"}
    return block.tobytes().removeprefix(b"Exif\0\0")


def gif_comment(text: str) -> bytes:
    """Comment extension (GIF89a, section 24) in blocks of 255 bytes."""
    if not text:
        return b""
    data = text.encode("ascii")
    blocks = (data[i : i + BLOCK] for i in range(0, len(data), BLOCK))
    return b"\x21\xfe" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def xmp(text: str) -> bytes:
    """An XMP packet with the record as one property."""
    if not text:
        return b""
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:diffviz="{NAMESPACE}">{OPENING}{escape(text, quote=False)}{CLOSING}'
        "</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode("ascii")


def mp4_box(text: str) -> bytes:
    """A box of a kind of its own (ISO 14496-12, section 11.1), which players pass over."""
    if not text:
        return b""
    data = UUID + zlib.compress(text.encode(), 9)
    return struct.pack(">I4s", 8 + len(data), b"uuid") + data


def mp4_comment(text: str) -> list[str]:
    """Options by which ffmpeg writes the record as the film's comment, which other programs keep; a long one not."""
    return ["-metadata", f"comment={text}"] if text and len(text) <= MOST_COMMENT else []


def svg_with(document: str, text: str) -> str:
    """The SVG `document` with the record as the first element of metadata."""
    if not text:
        return document
    inside = f'<metadata xmlns:diffviz="{NAMESPACE}">{OPENING}{escape(text, quote=False)}{CLOSING}</metadata>'
    start = document.index(">", document.index("<svg")) + 1
    return f"{document[:start]}\n {inside}{document[start:]}"


def pdf_with(document: bytes, text: str) -> bytes:
    """The PDF `document` with the record as its metadata, added as an update (ISO 32000-1, sections 7.5.6 and 14.3).

    The document has a table of references, and a catalogue without metadata.
    """
    if not text:
        return document
    packet, before = xmp(text), int(document[document.rindex(b"startxref") :].split()[1])
    size, root = (int(n) for n in re.findall(rb"/(?:Size|Root) (\d+)", document[before:]))
    trailer = document[before:].partition(b"trailer")[2]
    start = document.index(b"\n%d 0 obj" % root) + 1
    catalogue = document[start : document.index(b">>\nendobj", start)] + b"/Metadata %d 0 R >>\nendobj\n" % size
    head = b"%d 0 obj\n<< /Type /Metadata /Subtype /XML /Length %d >>\nstream\n" % (size, len(packet))
    parts = [document, head + packet + b"\nendstream\nendobj\n", catalogue]
    at = [sum(map(len, parts[:n])) for n in (1, 2, 3)]
    entries = b"".join(b"%d 1\n%010d 00000 n \n" % both for both in ((root, at[1]), (size, at[0])))
    info = re.sub(rb"/Size \d+", b"/Size %d /Prev %d" % (size + 1, before), trailer[: trailer.index(b">>")])
    return b"".join((*parts, b"xref\n", entries, b"trailer", info, b">>\nstartxref\n%d\n%%%%EOF\n" % at[2]))


FILM, TABLE = "out.gif", "out.csv"
IMPORTS = (
    "from diffviz import paths",
    "from diffviz.domain.frames import Frame",
    "from diffviz.domain.ideal import known_cards",
    "from diffviz.domain.messages import RunInputs",
)

FOLDER_IMPORTS = (
    "from dataclasses import replace",
    "from pathlib import Path",
    "from diffviz.domain.cards import read_card",
)


def command_of(record: Record, cards: Mapping[str, Card], out: str = "") -> str:
    """A `diffviz export` command for the run of `record`, for a POSIX shell; it writes `out`, or what suits the run.

    What has no option (pictures of one's own, a run that continues another) goes into it as the record itself. A model
    that is not in the folders of models is named by its own folder.
    """
    request = record.request
    family = family_of(request)
    out = out or (FILM if family.panes else TABLE)
    words = family.command(request, cards)
    elsewhere = _elsewhere(record, cards)
    if words is None:
        more = [word for card in elsewhere.values() for word in ("--model", str(card.folder))]
        said = ["again", encoded(record), out, *more]
    else:
        said = [words[0], out, *words[1:]]
        for i in [i for i, word in enumerate(said) if word in ("--model", "--beside")]:
            said[i + 1] = str(elsewhere[said[i + 1]].folder) if said[i + 1] in elsewhere else said[i + 1]
    return shlex.join(["diffviz", "export", *said])


def python_of(record: Record, cards: Mapping[str, Card]) -> str:
    """A Python program that computes the frames of the run of `record` into the list `frames`."""
    request, names = record.request, images_of(record.request)
    elsewhere = _elsewhere(record, cards)
    images = "".join(f"    {name!r}: unpacked({name!r}, {packed(record.images[name])!r}),\n" for name in names)
    lines = [
        *IMPORTS,
        *(FOLDER_IMPORTS if elsewhere else []),
        *(["from diffviz.domain.provenance import PictureWire, unpacked"] if names else []),
        *_imports(request),
        "from diffviz.engine.engine import LocalEngine",
        "",
        f"request = {request!r}",
        f"images = {{\n{images}}}" if names else "images = {}",
        "cards, _ = known_cards(paths.model_roots())",
        *(f"cards[{m!r}] = replace(read_card(Path({str(c.folder)!r})), id={m!r})" for m, c in elsewhere.items()),
        "engine = LocalEngine(cards)",
        "frames = [item for item in engine.frames(request, RunInputs(images)) if isinstance(item, Frame)]",
        textwrap.dedent(
            """\
            for frame in frames:
                print(frame.position, {name: array.shape for name, array in frame.arrays().items()})
            """
        ),
    ]
    return "\n".join(lines)


def _elsewhere(record: Record, cards: Mapping[str, Card]) -> dict[str, Card]:
    """Models of `record`, by id, that a program which is started does not find under that id in its folders."""
    used = {model: cards[model] for model in models_of(record.request) if model in cards}
    roots = {root.resolve() for root in paths.model_roots()}
    return {
        model: card
        for model, card in used.items()
        if not ideal.is_ideal(card) and (card.folder.name != model or card.folder.parent.resolve() not in roots)
    }


def _imports(request: Request) -> Iterator[str]:
    """One line for each module of the classes that the request's own text names."""
    modules: dict[str, set[str]] = {}
    for part in _parts(request):
        modules.setdefault(type(part).__module__, set()).add(type(part).__name__)
    for module, names in sorted(modules.items()):
        yield f"from {module} import {', '.join(sorted(names))}"


def _parts(value: Any) -> Iterator[Any]:
    if dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from _parts(getattr(value, field.name))
