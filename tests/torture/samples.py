"""Good files of every kind that the program reads, small ones, and the damage that suits each."""

from __future__ import annotations

import gzip
import io
import json
import platform
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import features

from diffviz.domain import objective, planar, requests, sampling
from diffviz.domain.frames import Checkpoint, Frame, PathFrame, ReverseFrame
from diffviz.domain.gan import GanRequest
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.provenance import Record, encoded
from diffviz.domain.requests import ForwardRequest, Image, ReverseRequest, Step, digest
from diffviz.domain.training import TrainDiffusion, TrainPlanar
from diffviz.export import archive, run_info
from diffviz.export.archive import SavedRun, SavedSession
from diffviz.families import plan_of
from tests.torture.cards import CARDS, SHAPE, known
from tests.torture.damage import archives, arrays, chunks, documents, lines, octets

Files = Mapping[str, bytes]
Damaged = st.SearchStrategy[bytes]
SIDE = 6
PIXELS = np.arange(16, dtype=np.uint8).reshape(4, 4)


@dataclass(frozen=True)
class Sample:
    """Good `files` by their names in a folder; the one named `target` is what `damage` yields."""

    files: Files
    target: str
    damage: Damaged


def records() -> tuple[bytes, ...]:
    """Records of runs of every family, as JSON."""
    name = digest(PIXELS)
    start = Image((name,), PIXELS.shape)
    forward = ForwardRequest(start=start, schedule=sampling.Linear(40), seed=9)
    reverse = ReverseRequest(model="toy", start=Step(forward, 20.0), steps=4, sampler=sampling.Ddpm())
    all_ = (
        forward,
        reverse,
        ReverseRequest(model="ideal-toys", process=sampling.Linear(40)),
        PathRequest(model="vae", anchors=(Anchor(image=name), Anchor(codes=((0.0, 1.0),))), start=start),
        GanRequest(steps=20, every=5),
        planar.PlanarRequest(steps=4, particles=5),
        objective.ObjectiveRequest(model="toy", start=Image((name,), (4, 4))),
        TrainDiffusion(data="somewhere"),
        TrainPlanar(),
    )
    versions = {"diffviz": "0.1.0", "torch": "2.13.0"}
    made = (Record(request, {name: PIXELS}, {"toy": "00ff"}, "cpu", versions) for request in all_)
    return tuple(encoded(record).encode() for record in made)


def of_record(container: Callable[[bytes], bytes], bytewise: Callable[[bytes], Damaged], name: str) -> Iterable[Sample]:
    """A file that carries a record: damaged as a file of its kind, or whole with a damaged record inside."""
    texts = records()
    good = container(texts[0])
    inside = st.sampled_from(texts).flatmap(documents.damaged).map(container)
    yield Sample({name: good}, name, st.one_of(bytewise(good), inside))


def png(text: bytes) -> bytes:
    """A PNG file with the record `text`."""
    good = _saved("PNG")
    body = run_info.KEYWORD.encode() + b"\0\x01\0\0\0" + zlib.compress(text, 1)
    return good[:33] + run_info.png_chunk(b"iTXt", body) + good[33:]


def gif(text: bytes) -> bytes:
    """A GIF file with the record `text`."""
    parts = (text[i : i + 255] for i in range(0, len(text), 255))
    comment = b"\x21\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0"
    good = _saved("GIF")
    at = 13 + (3 * 2 ** ((good[10] & 7) + 1) if good[10] & 0x80 else 0)
    return good[:at] + comment + good[at:]


def jpeg(text: bytes) -> bytes:
    """A JPEG file with the record `text` as its comment, as far as that fits into one."""
    return _saved("JPEG", comment=text[:65533])


def webp(text: bytes) -> bytes:
    """A WebP file with the record `text`."""
    buffer = io.BytesIO()
    _picture("RGB").save(buffer, "WEBP", lossless=True, xmp=_xml(text))
    return buffer.getvalue()


def mp4(text: bytes) -> bytes:
    """The boxes of an MP4 file around the record `text`."""
    inner = ((b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41"), (b"moov", bytes(64)), (b"mdat", bytes(64)))
    all_ = (*inner, (b"uuid", run_info.UUID + zlib.compress(text, 1)))
    return b"".join(struct.pack(">I4s", 8 + len(body), kind) + body for kind, body in all_)


def npz(text: bytes) -> bytes:
    """An NPZ file with the record `text`."""
    buffer = io.BytesIO()
    np.savez(buffer, x_t=np.zeros((2, 3), np.float32))
    with zipfile.ZipFile(buffer, "a") as archive_:
        archive_.writestr("diffviz.json", text)
    return buffer.getvalue()


def csv(text: bytes) -> bytes:
    """A table with the record `text` in its first line."""
    return b"# diffviz: " + text + b"\nt,loss\n0,1.5\n"


def svg(text: bytes) -> bytes:
    """A drawing with the record `text` in its metadata."""
    return b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">' + _xml(text) + b"</svg>"


def pdf(text: bytes) -> bytes:
    """An empty document with the record `text` as its metadata."""
    body = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    tables = b"xref\n0 1\ntrailer\n<< /Size 2 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)
    return run_info.pdf_with(body + tables, "record").replace(b"record", _escaped(text))


def _xml(text: bytes) -> bytes:
    return run_info.OPENING.encode() + _escaped(text) + run_info.CLOSING.encode()


def _escaped(text: bytes) -> bytes:
    return text.replace(b"&", b"&amp;").replace(b"<", b"&lt;")


def _picture(mode: str, side: int = SIDE) -> Pillow.Image:
    values = np.random.default_rng(3).integers(0, 256, (side, side, 4), dtype=np.uint8)
    return Pillow.fromarray(values, "RGBA").convert(mode)


def _saved(kind: str, mode: str = "L", **options: object) -> bytes:
    buffer = io.BytesIO()
    _picture(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def pictures() -> Iterable[Sample]:
    """Pictures of every format and mode."""
    turned = Pillow.Exif()
    turned[0x0112] = 6
    others = [Pillow.new("P", (SIDE, SIDE), i) for i in range(3)]
    made: dict[str, bytes] = {
        **{f"{mode}.png": _saved("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")},
        "wide.png": _wide("PNG", np.uint16),
        "wide.tif": _wide("TIFF", np.uint16),
        "real.tif": _wide("TIFF", np.float32),
        "exif.jpg": _saved("JPEG", "RGB", exif=turned),
        "grey.jpg": _saved("JPEG", "L", progressive=True),
        "cmyk.jpg": _saved("JPEG", "CMYK"),
        "film.gif": _saved("GIF", "P", save_all=True, append_images=others, transparency=0),
        "film.webp": _saved("WEBP", "RGBA", save_all=True, append_images=[_picture("RGBA")]),
        "film.png": _saved("PNG", "RGBA", save_all=True, append_images=[_picture("RGBA")]),
        **{
            f"{name}.tif": _saved("TIFF", "RGB", compression=name)
            for name in ("raw", "tiff_lzw", "jpeg", "tiff_deflate")
        },
        "map.bmp": _saved("BMP", "P"),
        "grey.pgm": _saved("PPM", "L"),
        "some.ico": _saved("ICO", "RGBA"),
    }
    if features.check("avif"):
        made["some.avif"] = _saved("AVIF", "RGB")
    for name, data in made.items():
        kinds = {".png": chunks.png, ".gif": chunks.gif, ".webp": chunks.riff, ".avif": chunks.boxes}
        yield Sample({name: data}, name, kinds.get(Path(name).suffix, octets.damaged)(data))


def _wide(kind: str, dtype: type[np.generic]) -> bytes:
    buffer = io.BytesIO()
    Pillow.fromarray(np.arange(SIDE * SIDE).reshape(SIDE, SIDE).astype(dtype) * 100).save(buffer, kind)
    return buffer.getvalue()


def data_idx() -> Iterable[Sample]:
    """A folder of IDX files, gzipped or not, and what is said of it."""
    images, labels = np.arange(20 * 64, dtype=np.uint8).reshape(20, 8, 8), np.arange(20, dtype=np.uint8) % 4
    about = json.dumps({"name": "toys", "classes": list("abcd"), "source": "made up", "licence": "MIT"}).encode()
    files = {"train-images-idx3-ubyte": _idx(images), "train-labels-idx1-ubyte": _idx(labels), "dataset.json": about}
    for name in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte"):
        yield Sample(files, name, arrays.idx(files[name]))
        packed = {n: d for n, d in files.items() if n != name}
        squeezed = gzip.compress(files[name], 1)
        damage = st.one_of(arrays.idx(files[name]).map(gzip.compress), octets.damaged(squeezed))
        yield Sample(packed, f"{name}.gz", damage)
    yield Sample(files, "dataset.json", documents.damaged(about))


def _idx(values: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    return struct.pack(f">HBB{values.ndim}I", 0, 8, values.ndim, *values.shape) + values.tobytes()


def data_npz() -> Iterable[Sample]:
    """NPZ files of images with labels, without them, and under other names."""
    images, labels = np.arange(20 * 64, dtype=np.uint8).reshape(20, 8, 8), np.arange(20) % 4
    colour = np.stack([images] * 3, -1)
    for fields in (
        {"images": images, "labels": labels},
        {"images": colour, "labels": labels[:, None]},
        {"x_train": images / np.float32(255), "y_train": np.eye(4)[labels]},
    ):
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **fields)
        yield Sample({"data.npz": buffer.getvalue()}, "data.npz", archives.damaged(buffer.getvalue()))


def data_folder() -> Iterable[Sample]:
    """A folder of pictures in class folders."""
    files = {f"{name}/{i}.png": _saved("PNG", mode) for name, mode in (("a", "L"), ("b", "RGB")) for i in range(2)}
    files["a/2.jpg"] = _saved("JPEG", "RGB")
    yield Sample(files, "a/0.png", chunks.png(files["a/0.png"]))
    yield Sample(files, "b/1.png", chunks.png(files["b/1.png"]))
    yield Sample(files, "a/2.jpg", octets.damaged(files["a/2.jpg"]))


def sessions() -> Iterable[Sample]:
    """A session file with runs of several families, their tree, keyframes and a picture."""
    data = session_bytes()
    yield Sample({"s.diffviz": data}, "s.diffviz", archives.damaged(data))


def recoveries() -> Iterable[Sample]:
    """Recovery files, their locks, and names that nobody gave."""
    data = session_bytes()
    name = "20260101-000000-99999"
    lock = f"99999\ndiffviz\n{platform.node()}\n".encode() + bytes(40)
    files = {f"{name}.diffviz": data, "20250101-000000-1.seen.diffviz": data}
    yield Sample(files, f"{name}.diffviz", archives.damaged(data))
    yield Sample({**files, f"{name}.lock": lock}, f"{name}.lock", octets.damaged(lock))


def settings() -> Iterable[Sample]:
    """The settings of a person who has used the program."""
    text = (
        b"[General]\nlanguage=ko\ntheme=dark\ndevice=cpu\nbudget_mb=512\nmirrored=true\ndrawer=false\nmodel=fashion-ddpm\n"
        b'export_format=gif\nexport_metadata=true\nrecent=/tmp/a.diffviz\\n/tmp/b.png\ninstruments="equations,step"\n\n'
        b"[layout]\nwindow=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0\\x3\\0\\0\\0\\0\\0\\0)\ndiffusion=@ByteArray(\\0\\0\\0\\xff\\0)\n"
    )
    yield Sample({"diffviz.ini": text}, "diffviz.ini", lines.damaged(text))


def cards() -> Iterable[Sample]:
    """Cards of every family, without their weights."""
    for name, card in CARDS.items():
        text = json.dumps(dict(card), indent=2).encode()
        yield Sample({f"{name}/card.json": text}, f"{name}/card.json", documents.damaged(text))


def session_bytes() -> bytes:
    """A session file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.diffviz"
        archive.write(_session(), path)
        return path.read_bytes()


def _session() -> SavedSession:
    cards_, name = known(), digest(PIXELS)
    forward = ForwardRequest(start=Image((name,), (4, 4)), schedule=sampling.Linear(40))
    reverse = ReverseRequest(model="toy", steps=4, samples=2)
    child = ReverseRequest(model="toy", start=Step(reverse, 20.0), steps=2)
    path = PathRequest(model="vae", anchors=(Anchor(codes=((0.0, 1.0),)), Anchor(codes=((1.0, 0.0),))), frames=3)
    made: tuple[tuple[requests.Request, str, int | None, tuple[Checkpoint, ...]], ...] = (
        (forward, "diffusion/forward", None, ()),
        (reverse, "diffusion/reverse", None, (Checkpoint(20.0, _keyframe()),)),
        (child, "diffusion/reverse", 1, ()),
        (path, "vae/path", None, ()),
        (GanRequest(steps=20, every=5), "gan/training", None, (Checkpoint(0.0, _keyframe()),)),
    )
    runs = tuple(
        SavedRun(Record(r, {name: PIXELS}, {"toy": "00ff"}), slot, "finished", parent, _frames(r, cards_), checkpoints)
        for r, slot, parent, checkpoints in made
    )
    return SavedSession(runs, 1, 20.0, 2)


def _frames(request: requests.Request, cards_: Mapping[str, object]) -> list[Frame]:
    if isinstance(request, ReverseRequest):
        x = np.zeros((request.samples, *SHAPE), np.float32)
        positions = plan_of(request, cards_).positions  # type: ignore[arg-type]
        return [ReverseFrame(t, 1.0, 0.0, 0.0, x + t, x, x) for t in positions]
    if isinstance(request, PathRequest):
        x, one = np.zeros((1, *SHAPE), np.float32), np.ones(1, np.float32)
        return [PathFrame(s, x, np.ones((1, 2), np.float32), one, one, one) for s in (0.0, 0.5, 1.0)]
    return []


def _keyframe() -> bytes:
    header = json.dumps({"w": {"dtype": "F32", "shape": [4], "data_offsets": [0, 16]}, "__metadata__": {"step": "5"}})
    return struct.pack("<Q", len(header)) + header.encode() + bytes(16)
