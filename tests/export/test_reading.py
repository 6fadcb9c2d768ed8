"""Records go into files of every kind and come out again; what a stranger's file holds is refused where it is wrong."""

from __future__ import annotations

import base64
import io
import json
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diffviz.domain.errors import NoRunInside
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.provenance import LIMIT, Record, decoded, encoded
from diffviz.domain.requests import Image, Noise, ReverseRequest, Step
from diffviz.export import reading, run_info
from diffviz.export.formats import FORMATS, export
from diffviz.export.reading import has_record, read_record
from tests.export.runs import about_run, reverse_run

FILES = [name for name, kind in FORMATS.items() if not kind.missing() and name != "sequence"]


def written(tmp_path: Path, format_: str, *, metadata: bool = True) -> Path:
    path = tmp_path / f"out{FORMATS[format_].suffix}"
    export(reverse_run(), path, ExportSettings(format=format_, scale=1, metadata=metadata), about=about_run())
    return path


@pytest.mark.parametrize("format_", FILES)
def test_the_run_comes_back_from_a_file_of_every_kind(tmp_path: Path, format_: str) -> None:
    put, got = about_run().record, read_record(written(tmp_path, format_))
    assert put is not None
    assert got.request == put.request
    assert {name: pixels.tolist() for name, pixels in got.images.items()} == {
        name: pixels.tolist() for name, pixels in put.images.items()
    }
    assert (got.models, got.device, got.versions) == (put.models, put.device, put.versions)


def test_every_frame_of_a_sequence_carries_the_run(tmp_path: Path) -> None:
    folder = written(tmp_path, "sequence")
    assert [read_record(path).request.seed for path in sorted(folder.iterdir())] == [9] * 5


@pytest.mark.parametrize("format_", FILES)
def test_a_setting_leaves_it_out(tmp_path: Path, format_: str) -> None:
    path = written(tmp_path, format_, metadata=False)
    assert not has_record(path)
    data = path.read_bytes()
    assert b"diffviz:run" not in data
    assert b"00ff" not in data
    with pytest.raises(NoRunInside):
        read_record(path)


@pytest.mark.parametrize("format_", [f for f in FILES if f not in ("mp4", "csv", "npz")])
def test_a_file_cut_short_is_no_crash(tmp_path: Path, format_: str) -> None:
    path = written(tmp_path, format_)
    data = path.read_bytes()
    for size in range(0, min(len(data), 1200), 7):
        path.write_bytes(data[:size])
        try:
            assert read_record(path).request.seed == 9
        except NoRunInside:
            continue


@given(
    data=st.binary(max_size=200),
    start=st.sampled_from([b"", *reading.KINDS, b"RIFF\xff\0\0\0WEBP", b"\0\0\0\x10ftypisom\0\0\0\0"]),
)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_are_no_crash(tmp_path: Path, data: bytes, start: bytes) -> None:
    path = tmp_path / "any"
    path.write_bytes(start + data)
    with pytest.raises(NoRunInside):
        read_record(path)


def valid() -> dict[str, object]:
    record = about_run().record
    assert record is not None
    value: dict[str, object] = json.loads(encoded(record))
    return value


BAD = {
    "another version": {"diffviz": 99},
    "no request": {"request": None},
    "a class that is none": {"request": {"type": "Popen"}},
    "a class that is no request": {"request": {"type": "Ddim", "eta": 0.0}},
    "out of bounds": {"request": {"type": "ReverseRequest", "steps": 10**9}},
    "a number that is text": {"request": {"type": "ReverseRequest", "steps": "50"}},
    "a truth for a number": {"request": {"type": "ReverseRequest", "steps": True}},
    "not a number": {"request": {"type": "ReverseRequest", "guidance": float("nan")}},
    "a start that is none": {"request": {"type": "ReverseRequest", "start": "noise"}},
    "a position without end": {
        "request": {
            "type": "ReverseRequest",
            "start": {"type": "Step", "of": {"type": "ForwardRequest"}, "at": float("inf")},
        }
    },
    "an argument that is none": {"request": {"type": "ReverseRequest", "shell": "rm"}},
    "too many pictures": {
        "request": {"type": "ForwardRequest", "start": {"type": "Image", "sha256": ["x"] * 65, "shape": [2, 2]}}
    },
}


@pytest.mark.parametrize("change", BAD.values(), ids=BAD.keys())
def test_what_does_not_check_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decoded(json.dumps({**valid(), **change}))


def test_pictures_are_checked() -> None:
    raw = valid()
    images = raw["images"]
    assert isinstance(images, dict)
    name = next(iter(images))
    bomb = zlib.compress(bytes(1 << 24), 9)
    for shape, data in (
        ([6, 6], zlib.compress(bytes(36))),  # other pixels than the name says
        ([6, 6], bomb),
        ([5000, 5000], zlib.compress(b"")),
        ([6, -6], zlib.compress(b"")),
        ([6, 6, 4], zlib.compress(bytes(144))),
        ([6, 6], b"no zlib"),
    ):
        raw["images"] = {name: {"shape": shape, "data": base64.b64encode(data).decode()}}
        with pytest.raises(ValueError, match="picture"):
            decoded(json.dumps(raw))
    raw["images"] = {name: 5}
    with pytest.raises(ValueError, match="images"):
        decoded(json.dumps(raw))


def test_nesting_without_end_is_refused() -> None:
    request: object = {"type": "ReverseRequest"}
    for _ in range(300):
        request = {"type": "ReverseRequest", "start": {"type": "Step", "of": request, "at": 1.0, "sample": None}}
    with pytest.raises(ValueError, match=r".+"):
        decoded(json.dumps({"diffviz": 1, "request": request}))
    with pytest.raises(ValueError, match="deep"):
        decoded('{"diffviz":1,"request":' + "[" * 100_000 + "]" * 100_000 + "}")


def test_what_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    packed = zlib.compress(b" " * (LIMIT + 10), 9)
    head = run_info.KEYWORD.encode() + b"\0\x01\x00\0\0"
    path = tmp_path / "bomb.png"
    path.write_bytes(reading.PNG + run_info.png_chunk(b"iTXt", head + packed))
    with pytest.raises(NoRunInside, match=r".*"):
        read_record(path)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("diffviz.json", b" " * (LIMIT + 10))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(NoRunInside) as error:
        read_record(path)
    assert "MB" in error.value.reason


def test_many_texts_that_unpack_without_end_are_refused_together(tmp_path: Path) -> None:
    packed = zlib.compress(bytes(LIMIT // 2), 9)
    path = tmp_path / "bombs.png"
    path.write_bytes(reading.PNG + run_info.png_chunk(b"zTXt", b"any\0\0" + packed) * 1000)
    with pytest.raises(NoRunInside) as error:
        read_record(path)
    assert "MB" in error.value.reason


@pytest.mark.parametrize("opening", [run_info.OPENING, f'{run_info.NAME}="', '{"diffviz"'])
def test_beginnings_without_end_take_no_time(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "o.svg"
    path.write_text("<svg" + opening * 200_000)
    with pytest.raises(NoRunInside):
        read_record(path)


def test_a_length_that_lies_is_no_crash(tmp_path: Path) -> None:
    path = tmp_path / "o.png"
    path.write_bytes(reading.PNG + struct.pack(">I4s", 0xFFFFFFFF, b"iTXt") + b"x")
    with pytest.raises(NoRunInside):
        read_record(path)


def test_a_continued_run_carries_the_pictures_of_its_parents() -> None:
    record = about_run().record
    assert record is not None
    child = Record(ReverseRequest(model="toy", start=Step(record.request, 3.0, 1)), record.images)
    again = decoded(encoded(child))
    assert again.request == child.request
    assert list(again.images) == list(record.images)
    assert isinstance(record.request.start, Image)
    assert isinstance(decoded(encoded(Record(ReverseRequest()))).request.start, Noise)
    assert np.array_equal(next(iter(again.images.values())), next(iter(record.images.values())))
