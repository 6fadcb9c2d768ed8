"""A worker process that opens damaged files, one after another, and says how each ended; and the process that asks.

A worker is watched from within (memory, what is executed, what is written elsewhere) and from without (time, its end).
"""

from __future__ import annotations

import faulthandler
import multiprocessing
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Any, Self

from diffviz.domain.errors import DiffvizError
from diffviz.domain.sentences import sentence
from tests.torture import opening
from tests.torture.readers import MEGABYTE, Reader
from tests.torture.samples import Files

CPU_SECONDS, IDLE_SECONDS, POLL_SECONDS = 10.0, 40.0, 0.25
"""A case hangs that takes so much of the processor, or waits so long; to be kept from it by other work is no fault."""
START_SECONDS = 300.0
MOST_ADDRESSES = 3 << 30
"""Bytes of addresses above what a worker begins with: a hostile file cannot take the machine's memory."""
LONGEST_SENTENCE, LONGEST_STACK = 2000, 8000
LOG = "log"
RUNNING = "R"
"""The system's letter for a process that runs or waits for the processor."""
SWIFT = Path("/dev/shm")
OPENED, REFUSED = "opened", "refused"
TRACEBACK, CRASH, HANG, MEMORY, EXECUTED, SPEECHLESS = "TRACEBACK", "CRASH", "HANG", "MEMORY", "EXECUTED", "SPEECHLESS"
GOOD = frozenset({OPENED, REFUSED})
FORBIDDEN = (
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "subprocess.Popen",
    "socket.connect",
    "pickle.find_class",
)
WRITING = ("os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "shutil.rmtree", "os.chmod")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a case ended: `kind`, where (one line), and the traceback where there is one."""

    kind: str
    where: str = ""
    details: str = ""

    @property
    def good(self) -> bool:
        """Whether the file was opened, or refused in words."""
        return self.kind in GOOD


class Worker:
    """Opens files by `reader` in a process of its own, which is made anew where it dies or hangs.

    Raises ValueError where that cannot open its own good files.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._folder = Path(tempfile.mkdtemp(prefix="diffviz-case-", dir=SWIFT if SWIFT.is_dir() else None))
        self._start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def open(self, files: Files, target: str) -> Verdict:
        """Let the worker open `target` among `files`."""
        self._connection.send((dict(files), target))
        began, used = self._cpu(), 0.0
        woken = monotonic()
        while not self._connection.poll(POLL_SECONDS):
            if not self._process.is_alive():
                break
            before, used = used, self._cpu() - began
            woken = monotonic() if used > before or self._state() == RUNNING else woken
            if used > CPU_SECONDS or monotonic() - woken > IDLE_SECONDS:
                return self._hangs()
        try:
            verdict: Verdict = self._connection.recv()
        except (EOFError, ConnectionResetError):
            self._process.join()
            code = self._process.exitcode
            self._start()
            return Verdict(CRASH, f"exit code {code}")
        return verdict

    def _hangs(self) -> Verdict:
        """Let the worker say where it is, and end it."""
        os.kill(self._process.pid or 0, signal.SIGUSR1)
        self._process.join(POLL_SECONDS)
        stack = (self._folder / LOG).read_text(encoding="utf-8", errors="replace")[-LONGEST_STACK:]
        self._start()
        return Verdict(HANG, f"more than {CPU_SECONDS:.0f} s", stack)

    def _start(self) -> None:
        self._stop()
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._reader, self._folder))
        self._process.start()
        theirs.close()
        if not self._connection.poll(START_SECONDS):
            raise TimeoutError("the worker did not start")
        refused: list[Verdict] = self._connection.recv()
        if refused:
            raise ValueError(f"good files were not opened: {refused}")

    def _stop(self) -> None:
        process = getattr(self, "_process", None)
        if process is not None:
            self._connection.close()
            process.kill()
            process.join()

    def _cpu(self) -> float:
        """Seconds of processor time that the worker has used."""
        fields = self._stat()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else 0.0

    def _state(self) -> str:
        return "".join(self._stat()[:1])

    def _stat(self) -> list[str]:
        """What the system says of the worker behind its name; nothing where it is no more."""
        try:
            return Path(f"/proc/{self._process.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            return []


def _serve(connection: Connection, reader: Reader, folder: Path) -> None:
    """In the worker: open a good file of each sample, then whatever comes."""
    os.environ["DIFFVIZ_HOME"] = f"{folder}/home"
    sys.dont_write_bytecode = True
    log = (folder / LOG).open("wb")
    os.dup2(log.fileno(), 1)
    os.dup2(log.fileno(), 2)
    faulthandler.register(signal.SIGUSR1, log)
    opening.cards()
    judge = Judge(folder, reader.open, reader.memory)
    good = [sample for sample in reader.samples() if sample.target in sample.files]
    verdicts = [judge.open(sample.files, sample.target) for sample in good]
    judge.begin()
    connection.send([verdict for verdict in verdicts if verdict.kind != OPENED])
    while True:
        try:
            files, target = connection.recv()
        except EOFError:
            return
        connection.send(judge.open(files, target))


class Judge:
    """Opens files with `opens` in `folder`/case and watches what happens meanwhile; `memory` is what it may take."""

    def __init__(self, folder: Path, opens: Callable[[Path], None], memory: int) -> None:
        self._folder, self._case, self._opens, self._memory = folder, folder / "case", opens, memory
        self._own = (str(folder), "/dev/", tempfile.gettempdir() + "/tmp")
        self._base, self._watching, self._seen = 0, False, ""
        sys.addaudithook(self._on_audit)

    def begin(self) -> None:
        """All that is needed has been loaded: from here on memory counts."""
        addresses = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (addresses + MOST_ADDRESSES, addresses + MOST_ADDRESSES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        self._base = _status("VmRSS")
        self._there = sorted(path.name for path in self._folder.iterdir())

    def open(self, files: Files, target: str) -> Verdict:
        """Write `files`, open `target`, and judge."""
        shutil.rmtree(self._case, ignore_errors=True)
        for name, data in files.items():
            path = self._case / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        _reset_peak()
        self._seen, self._watching = "", bool(self._base)
        try:
            verdict = self._tried(self._case / target)
        finally:
            self._watching = False
        return self._checked(verdict) if self._base else verdict

    def _tried(self, path: Path) -> Verdict:
        try:
            self._opens(path)
        except DiffvizError as error:
            return _in_words(error)
        except Exception as error:
            return Verdict(TRACEBACK, _where(error), traceback.format_exc())
        return Verdict(OPENED)

    def _checked(self, verdict: Verdict) -> Verdict:
        """`verdict`, or what is worse than it."""
        if self._seen:
            return Verdict(EXECUTED, self._seen)
        there = sorted(path.name for path in self._folder.iterdir())
        if set(there) - set(self._there):
            return Verdict(EXECUTED, f"written: {set(there) - set(self._there)}")
        taken = _status("VmHWM") - self._base
        if taken > self._memory:
            return Verdict(MEMORY, f"more than {self._memory // MEGABYTE} MB", f"{taken // MEGABYTE} MB, {verdict}")
        return verdict

    def _on_audit(self, event: str, args: tuple[Any, ...]) -> None:
        if not self._watching or self._seen:
            return
        if event.startswith(FORBIDDEN):
            self._seen = f"{event} {str(args)[:100]}"
        elif event == "open" and isinstance(args[0], str) and _writes(args[1], args[2]) and self._outside(args[0]):
            self._seen = f"written: {args[0]}"
        elif event.startswith(WRITING) and self._outside(str(args[0])):
            self._seen = f"{event} {args[0]}"

    def _outside(self, path: str) -> bool:
        """Whether `path` is none of the case's; temporary files without a name are anybody's."""
        return not str(Path.cwd() / path).startswith(self._own)


def _writes(mode: str | None, flags: int) -> bool:
    return any(c in mode for c in "wax+") if isinstance(mode, str) else bool(flags & (os.O_WRONLY | os.O_RDWR))


def _in_words(error: DiffvizError) -> Verdict:
    """Refused, if there is a sentence for it that a person can read."""
    try:
        said = sentence(error)
        said.encode("utf-8")
    except Exception as second:
        return Verdict(SPEECHLESS, _where(second), traceback.format_exc())
    if not said.strip() or len(said) > LONGEST_SENTENCE:
        return Verdict(SPEECHLESS, f"{type(error).__name__}, empty or too long", said[:LONGEST_SENTENCE])
    return Verdict(REFUSED)


def _where(error: BaseException) -> str:
    """The kind of `error` and the innermost line of the program that it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "/diffviz/" in f.filename] or frames
    last = ours[-1]
    return f"{type(error).__name__} in {last.filename.rpartition('/diffviz/')[2]}, {last.name}"


def _status(field: str) -> int:
    """A field of the process's status in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(field + ":"):
            return int(line.split()[1]) << 10
    return 0


def _reset_peak() -> None:
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:  # the peak is then that of the whole process: it is judged more strictly
        return
