"""Records survive what other programs do to a file, and are found wherever these have put them."""

from __future__ import annotations

import io
import json
import struct
import subprocess
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageSequence
from PIL.PngImagePlugin import PngInfo

from diffviz.domain.errors import NoRunInside
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.provenance import Record, encoded
from diffviz.domain.requests import ForwardRequest, digest
from diffviz.domain.requests import Image as StartImage
from diffviz.export import films, reading, run_info
from diffviz.export.formats import FORMATS, export
from diffviz.export.reading import has_record, read_record
from diffviz.export.run_info import RunInfo
from tests.export.runs import about_run, reverse_run

Move = Callable[[Image.Image, Path], None]


def written(tmp_path: Path, format_: str) -> Path:
    path = tmp_path / f"out{FORMATS[format_].suffix}"
    export(reverse_run(channels=3), path, ExportSettings(format=format_, scale=2), about=about_run())
    return path


def record() -> str:
    made = about_run().record
    assert made is not None
    return encoded(made)


def assert_found(path: Path) -> None:
    made = about_run().record
    assert made is not None
    assert encoded(read_record(path)) == encoded(made)


def anew(image: Image.Image, path: Path) -> None:
    image.save(path, save_all=True)


def lossless(image: Image.Image, path: Path) -> None:
    image.load()
    image.save(path, save_all=True, lossless=True, xmp=image.info.get("xmp", b""))


def frame_by_frame(image: Image.Image, path: Path) -> None:
    first, *others = [frame.copy() for frame in ImageSequence.Iterator(image)]
    first.save(path, save_all=True, append_images=others, duration=40, loop=0)


def with_exif(image: Image.Image, path: Path) -> None:
    image.convert("RGB").save(path, exif=image.getexif())


def with_texts(image: Image.Image, path: Path) -> None:
    info = PngInfo()
    for key, value in image.info.items():
        if isinstance(value, str):
            info.add_text(str(key), str(value))
    image.save(path, pnginfo=info)


def with_packed_texts(image: Image.Image, path: Path) -> None:
    info = PngInfo()
    info.add_text("parameters", str(image.info["diffviz"]), zip=True)
    image.save(path, pnginfo=info)


MOVES: dict[str, tuple[str, Move, str]] = {
    "GIF anew": ("gif", anew, ".gif"),
    "GIF frame by frame": ("gif", frame_by_frame, ".gif"),
    "GIF to JPEG": ("gif", lambda image, path: image.convert("RGB").save(path), ".jpg"),
    "WebP anew without loss": ("webp", lossless, ".webp"),
    "WebP to a JPEG with Exif": ("webp", with_exif, ".jpg"),
    "WebP to a PNG with Exif": ("webp", with_exif, ".png"),
    "PNG with its texts": ("png", with_texts, ".png"),
    "PNG with packed texts": ("png", with_packed_texts, ".png"),
    "PNG with Exif": ("png", with_exif, ".png"),
    "PNG to a WebP with Exif": ("png", with_exif, ".webp"),
    "PNG to JPEG": ("png", lambda image, path: image.save(path), ".jpg"),
    "APNG to GIF": ("apng", anew, ".gif"),
    "APNG to a WebP with Exif": ("apng", with_exif, ".webp"),
}


@pytest.mark.parametrize(("format_", "move", "suffix"), MOVES.values(), ids=MOVES.keys())
def test_a_file_written_anew_by_pillow_keeps_its_run(tmp_path: Path, format_: str, move: Move, suffix: str) -> None:
    path = tmp_path / f"moved{suffix}"
    with Image.open(written(tmp_path, format_)) as image:
        move(image, path)
    assert_found(path)


@pytest.mark.skipif(bool(films.missing()), reason="needs an ffmpeg")
@pytest.mark.parametrize("format_", ["gif", "apng"])
@pytest.mark.parametrize("side", [6, 60])
def test_other_programs_see_every_frame_whatever_the_record(tmp_path: Path, format_: str, side: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (side, side), np.uint8)
    request = ForwardRequest(start=StartImage((digest(pixels),), pixels.shape))
    about = RunInfo(record=Record(request, {digest(pixels): pixels}))
    path = tmp_path / f"o.{format_}"
    export(reverse_run(), path, ExportSettings(format=format_, scale=2), about=about)
    command = [films.find_ffmpeg(), "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1"]
    raw = subprocess.run([*command[:-1], "-fps_mode", "passthrough", command[-1]], capture_output=True, check=True)
    with Image.open(path) as image:
        assert len(raw.stdout) == 5 * image.width * image.height
    assert read_record(path).request == request


@pytest.mark.skipif(bool(films.missing()), reason="needs an ffmpeg")
@pytest.mark.parametrize("options", [["-c", "copy"], ["-vf", "scale=32:-2"]])
def test_a_film_written_anew_by_ffmpeg_keeps_its_run(tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "moved.mp4"
    command = [films.find_ffmpeg(), "-v", "error", "-i", str(written(tmp_path, "mp4")), *options, str(path)]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    assert run_info.UUID not in path.read_bytes()
    assert_found(path)


def test_an_archive_written_anew_by_numpy_keeps_its_run(tmp_path: Path) -> None:
    with np.load(written(tmp_path, "npz")) as arrays:
        np.savez(tmp_path / "moved.npz", **{name: arrays[name] for name in arrays.files})
    assert_found(tmp_path / "moved.npz")


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    return reading.PNG + b"".join(run_info.png_chunk(kind, data) for kind, data in (*chunks, (b"IEND", b"")))


def raw_profile(kind: str, data: bytes) -> bytes:
    """As ImageMagick writes profiles: kind and number of bytes, then hexadecimal digits in lines."""
    digits = data.hex()
    lines = "\n".join(digits[i : i + 72] for i in range(0, len(digits), 72))
    return f"\n{kind}\n{len(data):8}\n{lines}\n".encode()


def by_others() -> dict[str, bytes]:
    text = record().encode()
    attribute = f"<rdf:Description diffviz:run='{record().replace('&', '&amp;')}'/>".encode()
    gif = b"GIF89a\x01\0\x01\0\0\0\0"
    picture = b"\x2c\0\0\0\0\x01\0\x01\0\x80" + bytes(6) + b"\x02\x02\x44\x01\0"
    xmp_trailer = b"\x01" + bytes(range(255, -1, -1)) + b"\0"
    return {
        "tEXt": png((b"tEXt", b"Comment\0" + text)),
        "tEXt behind the picture": png((b"IDAT", b"x"), (b"tEXt", b"diffviz\0" + text)),
        "zTXt": png((b"zTXt", b"diffviz\0\0" + zlib.compress(text))),
        "iTXt, not packed": png((b"iTXt", b"diffviz\0\0\0\0\0" + text)),
        "XMP in a PNG": png((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + run_info.xmp(record()))),
        "XMP as an attribute": png((b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + attribute)),
        "a raw profile": png(
            (b"zTXt", b"Raw profile type xmp\0\0" + zlib.compress(raw_profile("xmp", run_info.xmp(record()))))
        ),
        "a GIF's comment behind its picture": gif + picture + run_info.gif_comment(record()) + b";",
        "a GIF's second comment": gif + b"\x21\xfe\x02hi\0" + run_info.gif_comment(record()) + picture + b";",
        "XMP in a GIF": gif + b"\x21\xff\x0bXMP DataXMP" + run_info.xmp(record()) + xmp_trailer + picture + b";",
        "XMP in a JPEG": b"\xff\xd8" + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + run_info.xmp(record())),
        "a JPEG's comment": b"\xff\xd8" + segment(0xE0, b"JFIF\0") + segment(0xFE, text),
        "an SVG without a declaration": run_info.svg_with('<svg xmlns="x"></svg>', record()).encode(),
        "a table with a byte order mark": b"\xef\xbb\xbf# diffviz: " + text + b"\r\nt\r\n",
    }


def segment(kind: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


@pytest.mark.parametrize("name", by_others())
def test_a_record_is_found_where_other_programs_put_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / "any"
    path.write_bytes(by_others()[name])
    assert_found(path)


def test_what_is_behind_a_record_is_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / "o.gif"
    with Image.open(written(tmp_path, "gif")) as image:
        image.save(path, comment=image.info["comment"] + b"\nand more", save_all=True)
    assert_found(path)


def test_the_pictures_of_a_file_are_as_they_were(tmp_path: Path) -> None:
    """The Exif of a PNG or a WebP turns and changes nothing."""
    for format_ in ("png", "webp"):
        with Image.open(written(tmp_path, format_)) as image:
            exif = image.getexif()
            assert exif.get_ifd(run_info.EXIF)[run_info.USER_COMMENT].startswith(b"ASCII")
            assert 0x0112 not in exif  # orientation


def test_a_long_record_is_in_a_file_once(tmp_path: Path) -> None:
    long = json.dumps({"diffviz": 1, "images": "x" * run_info.MOST_EXIF})
    assert run_info.exif(long) == b""
    assert run_info.png_chunks(long).count(b"eXIf") == run_info.png_chunks(long).count(b"comment") == 0
    assert run_info.mp4_comment(long) == []


@pytest.mark.parametrize("format_", ["png", "apng", "gif", "webp"])
def test_a_file_with_many_pictures_of_ones_own_opens_everywhere(tmp_path: Path, format_: str) -> None:
    """Pillow refuses PNGs with a text that unpacks to more than a megabyte."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 256, (512, 512, 3), np.uint8) for _ in range(2)]
    names = tuple(map(digest, pictures))
    request = ForwardRequest(start=StartImage(names, pictures[0].shape))
    made = Record(request, dict(zip(names, pictures, strict=True)))
    assert len(encoded(made)) > 2_000_000
    path = tmp_path / f"o.{format_}"
    export(reverse_run(), path, ExportSettings(format=format_, scale=1), about=RunInfo(record=made))
    with Image.open(path) as image:
        image.load()
    assert encoded(read_record(path)) == encoded(made)


def test_the_folder_of_a_sequence_is_read(tmp_path: Path) -> None:
    folder = written(tmp_path, "sequence")
    (folder / "notes.txt").write_text("mine")
    assert has_record(folder)
    assert_found(folder)
    (folder / "frame_0000.png").unlink()
    assert_found(folder)


def test_a_folder_without_a_run_or_with_several_says_so(tmp_path: Path) -> None:
    folder = written(tmp_path, "sequence")
    other = io.BytesIO()
    Image.new("L", (4, 4)).save(other, "PNG")
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "picture.png").write_bytes(other.getvalue())
    assert not has_record(tmp_path / "empty")
    with pytest.raises(NoRunInside) as error:
        read_record(tmp_path / "empty")
    assert error.value.reason == ""
    text = record().replace('"seed":9', '"seed":10')
    assert text != record()
    (folder / "last.png").write_bytes(png((b"tEXt", b"diffviz\0" + text.encode())))
    with pytest.raises(NoRunInside) as error:
        read_record(folder)
    assert "different runs" in error.value.reason
