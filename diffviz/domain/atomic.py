"""Files that are there whole or not at all: written beside their target, then moved over it.

Temporary files beside the file that they will take the place of, and those that a killed program has left.

Two names exchanged in one step, where the system can.
"""

from __future__ import annotations

import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from diffviz.domain.errors import ExportFailed
from diffviz.domain.text import tr

PATTERN = ".diffviz-*.part"
NAME = re.compile(r"\.diffviz-(\d+)-[0-9a-f]+\.part")
STALE_SECONDS = 3600.0


def beside(folder: Path) -> Path:
    """A new name in `folder`, so that the move over the target is one step; short, so that long names stay possible.

    What a program that was killed there has left is removed first. Nothing is raised.
    """
    sweep(folder)
    return folder / f".diffviz-{os.getpid()}-{secrets.token_hex(6)}.part"


def sweep(folder: Path, now: float | None = None) -> None:
    """Remove temporary files and folders of ours from `folder` that nobody has written to for an hour.

    Those of a program that runs here stay: a clock that was set makes everything old at once.
    """
    before = (time.time() if now is None else now) - STALE_SECONDS
    with suppress(OSError):
        for path in folder.glob(PATTERN):
            if path.lstat().st_mtime < before and not _in_use(path.name):
                _remove(path)


def _in_use(name: str) -> bool:
    """Whether the process that made the temporary file `name` runs, as far as can be found out."""
    found = NAME.fullmatch(name)
    return found is not None and _runs(int(found[1]))


def _runs(process: int) -> bool:
    if sys.platform == "win32" or process == os.getpid():  # there a file that is open cannot be removed anyhow
        return process == os.getpid()
    try:
        os.kill(process, 0)  # asks only
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


HERE = -100  # AT_FDCWD: paths are as they are
EXCHANGE = 2  # RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS


def exchanged(one: Path, other: Path) -> bool:
    """Let `one` and `other` name what the other named, at once; False where that cannot be: nothing has changed then.

    File systems that know no such step and libraries without the call are as good as a refusal.
    """
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        return _called("renameat2", HERE, names[0], HERE, names[1], EXCHANGE)
    return sys.platform == "darwin" and _called("renamex_np", *names, EXCHANGE)


def _called(name: str, *arguments: int | bytes) -> bool:
    call = getattr(ctypes.CDLL(None), name, None)
    return call is not None and call(*arguments) == 0


NUMBERED = re.compile(r"frame_\d+\.png")
KINDS: Mapping[int, str] = MappingProxyType(
    {
        **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "permission"),
        **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "full"),
    }
)
NO_WAY = frozenset({errno.ENOENT, errno.ENOTDIR})
_asked: ContextVar[Callable[[], None]] = ContextVar("asked", default=lambda: None)


@contextmanager
def asking(last: Callable[[], None]) -> Iterator[None]:
    """In the block `last` is called before what was written takes its place; what it raises leaves the old one there.

    A write that was given up while the disk did not answer so changes nothing when the disk comes back.
    """
    token = _asked.set(last)
    try:
        yield
    finally:
        _asked.reset(token)


def go_on() -> None:
    """Between two steps of work that writes no file: raise what `asking` raises around it."""
    _asked.get()()


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write, which takes the place of `path` when the block ends without an exception.

    Otherwise it vanishes and `path` stays as it was. Raises `ExportFailed` for what the file system refuses.
    """
    with replacing_by(path) as temporary, temporary.open("xb") as file:
        yield file


def write_whole(path: Path, data: bytes) -> None:
    """Write `data` to `path`: at every moment the file is the old one or the new one. Raises `ExportFailed`."""
    with replacing(path) as file:
        file.write(data)


@contextmanager
def replacing_by(path: Path) -> Iterator[Path]:
    """The name of a file for another program to write, which then takes the place of `path` as in `replacing`."""
    with _explained(path):
        target = _target(path)
        if target.exists() and not target.is_file():
            raise ExportFailed(path, "other", tr("it is not an ordinary file"))
        temporary = beside(target.parent)
        try:
            yield temporary
            _flush(temporary)
            _asked.get()()
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _sync(target.parent)


@contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """An empty folder to fill, which becomes `path` when the block ends without an exception.

    A folder that is there is replaced only where it is empty or holds nothing but numbered frames; otherwise
    `ExportFailed` is raised, as for what the file system refuses, and nothing is changed.
    """
    with _explained(path):
        target = _target(path)
        _check_replaceable(path, target)
        temporary = beside(target.parent)
        try:
            temporary.mkdir()
            yield temporary
            _sync(temporary)
            _asked.get()()
            _check_replaceable(path, target)
            _swap(temporary, target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        _sync(target.parent)


def check_target(path: Path) -> None:
    """Find out now whether the folder of `path` takes new files. Raises `ExportFailed`."""
    with _explained(path):
        target = _target(path)
        target.exists()  # raises for a name that no file can have
        temporary = beside(target.parent)
        temporary.touch(exist_ok=False)
        temporary.unlink()


def check_folder(path: Path) -> None:
    """Find out now whether the folder `path` can be made, or takes new files where it is there.

    Nothing is left behind. Raises `ExportFailed`.
    """
    with _explained(path):
        if path.exists() and not path.is_dir():
            raise ExportFailed(path, "other", tr("it is a file, not a folder"))
        folder = _nearest(path)
    with _explained(path, folder):
        temporary = beside(folder)
        temporary.mkdir()
        temporary.rmdir()


def check_room(path: Path, needed: int) -> None:
    """Find out now whether the disk of the folder `path` takes `needed` more bytes. Raises `ExportFailed`."""
    folder = _nearest(path)
    with _explained(path, folder):
        there = _reserved(beside(folder), needed)
    if not there:
        raise ExportFailed(path, "no-room", f"{max(1, round(needed / 1e6)):,} MB")


def _nearest(path: Path) -> Path:
    """The folder `path`, or the nearest one above it that is there."""
    return next(part for part in (path, *path.absolute().parents) if part.exists())


def _reserved(temporary: Path, size: int) -> bool:
    """Whether a file of `size` bytes finds room: made for a moment, or where a system cannot do that, reckoned."""
    if not hasattr(os, "posix_fallocate"):
        return shutil.disk_usage(temporary.parent).free >= size
    try:
        with temporary.open("xb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, size))
    except OSError as error:
        if KINDS.get(error.errno or 0) != "full":
            raise
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def write_synced(path: Path, data: bytes) -> None:
    """Write `data` to the new file `path` and wait until it is on the disk."""
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _target(path: Path) -> Path:
    # a link keeps its place: what it leads to is replaced
    return Path(os.path.realpath(path))


def _check_replaceable(path: Path, target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise ExportFailed(path, "other", tr("it is a file, not a folder"))
    if target.is_dir() and any(not NUMBERED.fullmatch(entry.name) for entry in target.iterdir()):
        raise ExportFailed(path, "other", tr("the folder holds other files; choose a new or an empty one"))


def _swap(temporary: Path, target: Path) -> None:
    """Put `temporary` in the place of `target`; the old folder goes once the new one stands."""
    if not target.exists():
        temporary.rename(target)
        return
    if exchanged(temporary, target):
        shutil.rmtree(temporary, ignore_errors=True)
        return
    old = beside(target.parent)
    target.rename(old)
    try:
        temporary.rename(target)
    except BaseException:
        old.rename(target)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _flush(path: Path) -> None:
    """Wait until the content of `path` is on the disk."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(folder: Path) -> None:
    """Make names in `folder` durable where the system can; a file that stands is not given up for it."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _explained(path: Path, folder: Path | None = None) -> Iterator[None]:
    """What the file system refuses in the block, said of `path`, which lies in `folder`."""
    try:
        yield
    except OSError as error:
        kind = _kind(folder or _target(path).parent, error.errno or 0)
        raise ExportFailed(path, kind, error.strerror or str(error)) from error


def _kind(folder: Path, code: int) -> str:
    """What kind of failure error `code` of the system is in `folder`."""
    return _no_way(folder) if code in NO_WAY else KINDS.get(code, "other")


def _no_way(folder: Path) -> str:
    """Why nothing can be made in `folder`. Systems use the same codes for several reasons: look which it is."""
    if folder.is_dir():
        return "no-new-files"
    below = any(part.exists() and not part.is_dir() for part in (folder, *folder.parents))
    return "below-a-file" if below else "missing-folder"
