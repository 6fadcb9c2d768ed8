"""Session files: what was put in comes out, without pickle; what does not fit is refused."""

from __future__ import annotations

import json
import pickle
import random
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from diffviz.domain.bookmarks import Bookmark
from diffviz.domain.errors import Interrupted, NoRunInside
from diffviz.domain.frames import Frame
from diffviz.domain.provenance import NESTED, Record, encoded
from diffviz.domain.requests import DEEPEST, Noise, ReverseRequest, Step, ancestry
from diffviz.export import archive
from diffviz.export.archive import SavedRun, SavedSession
from diffviz.export.reading import read_record
from tests.export.runs import about_run, forward_run, reverse_run


def saved() -> SavedSession:
    record = about_run().record
    assert record is not None
    child = Record(ReverseRequest(model="toy", start=Step(record.request, 3.0)), record.images, {"toy": "1"})
    runs = (
        SavedRun(record, "diffusion/forward", "finished", None, forward_run()),
        SavedRun(child, "diffusion/reverse", "cancelled", 0, reverse_run(3)),
        SavedRun(Record(ReverseRequest(model="toy")), "diffusion/reverse", "failed"),
    )
    return SavedSession(runs, 1, 2.5)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    out = tmp_path / "s.diffviz"
    archive.write(saved(), out)
    return out


def same(one: Frame, other: Frame) -> bool:
    arrays = one.arrays().items()
    return one.position == other.position and all(np.array_equal(a, other.arrays()[name]) for name, a in arrays)


def test_runs_their_tree_their_frames_and_the_cursor_come_back(path: Path) -> None:
    put, got = saved(), archive.read(path)
    assert (got.shown, got.cursor) == (1, 2.5)
    for a, b in zip(put.runs, got.runs, strict=True):
        assert (a.slot, a.status, a.parent) == (b.slot, b.status, b.parent)
        assert a.record.request == b.record.request
        assert list(a.record.images) == list(b.record.images)
        assert len(a.frames) == len(b.frames)
        assert [type(f) for f in a.frames] == [type(f) for f in b.frames]
        assert all(map(same, a.frames, b.frames))


def test_the_run_on_the_screen_can_be_read_like_that_of_any_export(path: Path) -> None:
    assert read_record(path).request == saved().runs[1].record.request


def test_a_session_without_runs_is_one(tmp_path: Path) -> None:
    archive.write(SavedSession((), None, 0.0), tmp_path / "s.diffviz")
    assert archive.read(tmp_path / "s.diffviz").runs == ()


def test_nothing_in_it_is_unpickled(path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return pytest.fail, ("unpickled",)

    change(path, "runs/0/x.npy", pickle.dumps(Trap()))
    with pytest.raises(NoRunInside):
        list(archive.read(path).runs[0].frames)
    objects = np.array([{}], dtype=object)
    np.save(path.parent / "o.npy", objects, allow_pickle=True)
    change(path, "runs/0/x.npy", (path.parent / "o.npy").read_bytes())
    with pytest.raises(NoRunInside):
        list(archive.read(path).runs[0].frames)


def change(path: Path, member: str, data: bytes) -> None:
    """Replace one member of an archive."""
    with zipfile.ZipFile(path) as old:
        kept = {name: old.read(name) for name in old.namelist() if name != member}
    with zipfile.ZipFile(path, "w") as new:
        for name, content in {**kept, member: data}.items():
            new.writestr(name, content)


@pytest.mark.parametrize(
    "wrong",
    [
        {"runs": [{}] * 300},
        {"shown": 7},
        {"cursor": "x"},
        {"runs": "many"},
        None,
    ],
)
def test_what_does_not_check_is_refused(path: Path, wrong: dict[str, object] | None) -> None:
    with zipfile.ZipFile(path) as file:
        raw = json.loads(file.read("diffviz.json"))
    raw["session"] = {**raw["session"], **wrong} if wrong else None
    change(path, "diffviz.json", json.dumps(raw).encode())
    with pytest.raises(NoRunInside):
        archive.read(path)


def test_frames_of_the_wrong_number_or_size_are_refused(path: Path) -> None:
    with zipfile.ZipFile(path) as file:
        short = file.read("runs/0/x.npy")[:-50]
        other = file.read("runs/1/x.npy")
    for data in (short, other, b""):
        change(path, "runs/0/x.npy", data)
        with pytest.raises(NoRunInside):
            list(archive.read(path).runs[0].frames)


@pytest.mark.parametrize(("name", "other"), [("alpha", "x"), ("x", "alpha")])
def test_a_number_that_is_an_array_and_an_array_that_is_a_number_are_refused(path: Path, name: str, other: str) -> None:
    with zipfile.ZipFile(path) as file:
        data = file.read(f"runs/0/{other}.npy")
    change(path, f"runs/0/{name}.npy", data)
    with pytest.raises(NoRunInside):
        list(archive.read(path).runs[0].frames)


def test_a_file_with_any_damage_is_no_crash(path: Path) -> None:
    data, dice = path.read_bytes(), random.Random(1)
    for _ in range(60):
        damaged = bytearray(data)
        for _ in range(4):
            damaged[dice.randrange(len(data))] = dice.randrange(256)
        path.write_bytes(damaged[: dice.randrange(len(data))] if dice.random() < 0.3 else damaged)
        try:
            for run in archive.read(path).runs:
                list(run.frames)
        except NoRunInside:
            continue


def test_a_cancelled_save_keeps_the_old_file(path: Path) -> None:
    before = path.read_bytes()

    def cancel(done: int, _total: int) -> None:
        if done == 2:
            raise Interrupted

    with pytest.raises(Interrupted):
        archive.write(saved(), path, cancel)
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


def test_progress_counts_every_frame_once(tmp_path: Path) -> None:
    seen: list[int] = []
    archive.write(saved(), tmp_path / "s.diffviz", lambda done, _total: seen.append(done))
    assert seen[-1] == 7
    assert max(seen) == 7


def line_of(count: int) -> SavedSession:
    """Runs each of which continues the one before it."""
    requests = [ReverseRequest(model="toy")]
    while len(requests) < count:
        requests.append(ReverseRequest(model="toy", seed=len(requests), start=Step(requests[-1], 500.0)))
    parents = (None, *range(count - 1))
    runs = [SavedRun(Record(one), "lab", "finished", of) for one, of in zip(requests, parents, strict=True)]
    return SavedSession(tuple(runs), count - 1, 0.0)


@pytest.mark.parametrize("count", [NESTED, NESTED + 1, DEEPEST])
def test_a_long_line_of_runs_comes_back_and_its_file_is_small(tmp_path: Path, count: int) -> None:
    put, path = line_of(count), tmp_path / "long.diffviz"
    archive.write(put, path)
    got = archive.read(path)
    for a, b in zip(put.runs, got.runs, strict=True):
        assert [replace(r, start=Noise()) for r in ancestry(a.record.request)] == [
            replace(r, start=Noise()) for r in ancestry(b.record.request)
        ]
        assert len({hash(a.record.request), hash(b.record.request)}) == 1
    assert read_record(path).request.seed == count - 1
    assert path.stat().st_size < 100_000


def test_a_record_of_a_line_that_older_versions_read_is_written_as_they_read_it() -> None:
    texts = [json.loads(encoded(line_of(count).runs[-1].record)) for count in (NESTED, NESTED + 1)]
    assert [text["diffviz"] for text in texts] == [1, 2]
    assert "requests" not in texts[0]


def test_hundreds_of_runs_come_back(tmp_path: Path) -> None:
    one = SavedRun(Record(ReverseRequest(model="toy")), "diffusion/reverse", "failed")
    archive.write(SavedSession((one,) * 1000, 0, 0.0), tmp_path / "many.diffviz")
    assert len(archive.read(tmp_path / "many.diffviz").runs) == 1000


def test_bookmarks_come_back_and_older_programs_pass_them_over(tmp_path: Path) -> None:
    marks = (Bookmark(10.0), Bookmark(20.0, "the shirt appears"))
    one = replace(saved().runs[0], bookmarks=marks)
    path = tmp_path / "runs.diffviz"
    archive.write(SavedSession((one,), 0, 1.0), path)
    assert archive.read(path).runs[0].bookmarks == marks
    with zipfile.ZipFile(path) as file:
        raw = json.loads(file.read("diffviz.json"))
    [run] = raw["session"]["runs"]
    assert run["bookmarks"] == [{"position": 10.0, "name": ""}, {"position": 20.0, "name": "the shirt appears"}]
    archive.write(saved(), tmp_path / "without.diffviz")
    with zipfile.ZipFile(tmp_path / "without.diffviz") as file:
        before = json.loads(file.read("diffviz.json"))
    assert raw.get("format") == before.get("format"), "nothing that an older program needs is another"


@pytest.mark.parametrize(
    "marks",
    [
        [{"position": "x"}],
        [{"name": "nowhere"}],
        [{"position": None}],
        [{"position": 1.0, "name": "two\nlines"}],
        {"position": 1.0},
        [{"position": 1.0}] * 1000,
    ],
)
def test_bookmarks_of_a_stranger_are_refused_where_they_are_none(tmp_path: Path, marks: object) -> None:
    path = tmp_path / "runs.diffviz"
    archive.write(saved(), path)
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist()}
    raw = json.loads(members["diffviz.json"])
    raw["session"]["runs"][0]["bookmarks"] = marks
    with zipfile.ZipFile(path, "w") as file:
        for name, data in {**members, "diffviz.json": json.dumps(raw).encode()}.items():
            file.writestr(name, data)
    with pytest.raises(NoRunInside):
        archive.read(path)
