"""Whole or not at all: whatever goes wrong, nothing that existed is lost and nothing half done stays."""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from diffviz.domain import atomic
from diffviz.domain.errors import ExportFailed, Interrupted
from diffviz.domain.export_settings import FIGURES, ExportSettings
from diffviz.export.formats import FORMATS as TABLE
from diffviz.export.formats import export
from tests.export.runs import about_run, reverse_run

FORMATS = [name for name, kind in TABLE.items() if not kind.missing()]
OLD = b"what was there"


def settings(format_: str) -> ExportSettings:
    return ExportSettings(format=format_, scale=1)


def old_target(tmp_path: Path, format_: str) -> Path:
    path = tmp_path / "target"
    if format_ == "sequence":
        path.mkdir()
        (path / "frame_0000.png").write_bytes(OLD)
    else:
        path.write_bytes(OLD)
    return path


def content(path: Path) -> bytes:
    return (path / "frame_0000.png" if path.is_dir() else path).read_bytes()


@pytest.mark.parametrize("format_", FORMATS)
def test_a_target_is_replaced_and_nothing_else_is_left(tmp_path: Path, format_: str) -> None:
    path = old_target(tmp_path, format_)
    export(reverse_run(), path, settings(format_), about=about_run())
    assert content(path) != OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("at", [0, 1])
@pytest.mark.parametrize("format_", FORMATS)
def test_a_cancel_keeps_what_was_there(tmp_path: Path, format_: str, at: int) -> None:
    path = old_target(tmp_path, format_)

    def cancel(done: int, total: int) -> None:
        if done == at:
            raise Interrupted

    with pytest.raises(Interrupted):
        export(reverse_run(), path, settings(format_), cancel, about_run())
    assert content(path) == OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.EACCES, "permission"),
        (errno.EPERM, "permission"),
        (errno.EROFS, "permission"),
        (errno.ENOSPC, "full"),
        (errno.EDQUOT, "full"),
        (errno.ENOENT, "no-new-files"),  # its folder is there
        (errno.EIO, "other"),
    ],
)
@pytest.mark.parametrize("call", ["fsync", "open", "replace"])
def test_what_the_system_refuses_has_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, kind: str, call: str
) -> None:
    path = old_target(tmp_path, "gif")
    monkeypatch.setattr(os if call == "fsync" else Path, call, refusing(code))
    with pytest.raises(ExportFailed) as error:
        export(reverse_run(), path, settings("gif"))
    monkeypatch.undo()
    assert (error.value.kind, error.value.path) == (kind, path)
    assert error.value.reason == os.strerror(code)
    assert content(path) == OLD
    assert list(tmp_path.iterdir()) == [path]


def refusing(code: int) -> Callable[..., None]:
    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(code, os.strerror(code))

    return refuse


@pytest.mark.parametrize("call", ["mkdir", "open", "rename"])
def test_a_sequence_that_fails_keeps_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    path = old_target(tmp_path, "sequence")
    monkeypatch.setattr(atomic, "exchanged", lambda *_: False)
    monkeypatch.setattr(Path, call, refusing(errno.ENOSPC))
    with pytest.raises(ExportFailed) as error:
        export(reverse_run(), path, settings("sequence"))
    monkeypatch.undo()
    assert error.value.kind == "full"
    assert content(path) == OLD
    assert list(tmp_path.iterdir()) == [path]


def test_a_move_that_fails_half_way_puts_the_old_sequence_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old_target(tmp_path, "sequence")
    rename, calls = Path.rename, []
    monkeypatch.setattr(atomic, "exchanged", lambda *_: False)

    def second_fails(self: Path, target: Path) -> Path:
        calls.append(target)
        if len(calls) == 2:
            raise OSError(errno.EACCES, "no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", second_fails)
    with pytest.raises(ExportFailed):
        export(reverse_run(), path, settings("sequence"))
    assert content(path) == OLD
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_called_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = old_target(tmp_path, "gif")
    full = Path("/dev/full").open("wb", buffering=0)  # noqa: SIM115
    monkeypatch.setattr(Path, "open", lambda *_args: full)
    with pytest.raises(ExportFailed) as error:
        export(reverse_run(), path, settings("gif"))
    monkeypatch.undo()
    assert error.value.kind == "full"
    assert content(path) == OLD


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    ("parent", "kind"),
    [
        ("nowhere", "missing-folder"),
        ("nowhere/deeper", "missing-folder"),
        ("file", "below-a-file"),
        ("file/deeper", "below-a-file"),
    ],
)
def test_a_folder_that_is_missing_is_told_from_a_file(tmp_path: Path, format_: str, parent: str, kind: str) -> None:
    (tmp_path / "file").write_bytes(OLD)
    with pytest.raises(ExportFailed) as error:
        export(reverse_run(), tmp_path / parent / "out", settings(format_), about=about_run())
    assert error.value.kind == kind
    assert (tmp_path / "file").read_bytes() == OLD


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs /proc, where no file can be made")
def test_a_folder_that_takes_no_files_is_not_called_missing() -> None:
    for check in (atomic.check_target, lambda path: export(reverse_run(), path, settings("gif"))):
        with pytest.raises(ExportFailed) as error:
            check(Path("/proc/out.gif"))
        assert error.value.kind == "no-new-files"


@pytest.mark.parametrize("format_", FORMATS)
def test_a_name_too_long_is_refused(tmp_path: Path, format_: str) -> None:
    with pytest.raises(ExportFailed) as error:
        export(reverse_run(), tmp_path / ("x" * 300), settings(format_), about=about_run())
    assert error.value.kind == "other"
    assert list(tmp_path.iterdir()) == []


def test_a_long_name_that_is_allowed_works(tmp_path: Path) -> None:
    export(reverse_run(), tmp_path / ("x" * 251 + ".gif"), settings("gif"))


def test_a_folder_of_a_persons_own_is_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    own = tmp_path / "target" / "thesis.tex"
    own.write_bytes(OLD)
    for format_ in FORMATS:
        with pytest.raises(ExportFailed):
            export(reverse_run(), tmp_path / "target", settings(format_), about=about_run())
    assert own.read_bytes() == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_a_file_is_not_replaced_by_a_folder(tmp_path: Path) -> None:
    path = old_target(tmp_path, "gif")
    with pytest.raises(ExportFailed):
        export(reverse_run(), path, settings("sequence"))
    assert content(path) == OLD


def test_a_device_is_not_replaced() -> None:
    with pytest.raises(ExportFailed):
        export(reverse_run(), Path(os.devnull), settings("gif"))
    assert not Path(os.devnull).is_file()


def test_a_shorter_sequence_leaves_no_frame_of_the_longer_one(tmp_path: Path) -> None:
    for count in (7, 3):
        export(reverse_run(count), tmp_path / "frames", settings("sequence"))
    assert len(list((tmp_path / "frames").iterdir())) == 3


def test_a_link_keeps_its_place(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    real, link = tmp_path / "elsewhere" / "real.gif", tmp_path / "link.gif"
    real.write_bytes(OLD)
    link.symlink_to(real)
    export(reverse_run(), link, settings("gif"))
    assert link.is_symlink()
    assert real.read_bytes().startswith(b"GIF89a")


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_a_new_file_has_ordinary_permissions(tmp_path: Path) -> None:
    export(reverse_run(), tmp_path / "o.gif", settings("gif"))
    (tmp_path / "plain").touch()
    assert (tmp_path / "o.gif").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_target_can_be_tried_beforehand(tmp_path: Path) -> None:
    path = old_target(tmp_path, "gif")
    atomic.check_target(path)
    with pytest.raises(ExportFailed):
        atomic.check_target(tmp_path / "nowhere" / "o.gif")
    assert content(path) == OLD
    assert list(tmp_path.iterdir()) == [path]


KILLED = """
import sys, threading
from pathlib import Path
from diffviz.domain.export_settings import ExportSettings
from diffviz.export.formats import export
from tests.export.runs import about_run, reverse_run
frames, about = reverse_run(40, 4, 3, 16), about_run()
started = []
def tell(done, total):
    if not started:
        started.append(print("writing", flush=True))
while True:
    export(frames, Path(sys.argv[1]), ExportSettings(format=sys.argv[2], scale=2), tell, about)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize("format_", [name for name in FORMATS if name not in FIGURES])
def test_killed_at_a_random_moment_the_target_is_the_old_file_or_the_new_one(tmp_path: Path, format_: str) -> None:
    """A process that writes the same file again and again is killed: what stands there is whole."""
    path = tmp_path / f"target{TABLE[format_].suffix}"
    settings_ = ExportSettings(format=format_, scale=2)
    export(reverse_run(40, 4, 3, 16), path, settings_, about=about_run())
    whole = bytes_of(path)
    child = subprocess.Popen([sys.executable, "-c", KILLED, str(path), format_], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.readline()
    time.sleep(random.Random(format_).uniform(0, 0.3))  # the moment is what is tried, nothing is waited for
    child.kill()
    assert child.wait() == -signal.SIGKILL
    child.stdout.close()
    assert bytes_of(path) == whole or not path.exists()
    if format_ != "sequence":
        assert path.exists()


def bytes_of(path: Path) -> dict[str, bytes]:
    """Names and contents of a file, or of the files in a folder."""
    files = sorted(path.iterdir()) if path.is_dir() else [path] if path.exists() else []
    return {file.name: file.read_bytes() for file in files}
