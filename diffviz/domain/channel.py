"""Channel between two processes of the program: a pipe each way, and for frames a ring in memory of both.

Who writes to the ring waits while it is full, until what lies in it has been taken. Its memory has no name that could
stay behind (Windows, where it vanishes with its last user, aside), and no socket listens.
"""

from __future__ import annotations

import mmap
import os
import struct
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from diffviz.domain.wire import Codec

RING_BYTES = 32 << 20
HEAD_BYTES = 4096
ALIGNED = 64
HEAD = struct.Struct("<QQ")
"""Before every message: its length, and where in the ring it ends."""
LONGEST = 1 << 32
WAIT_SECONDS = 0.001
TAKEN, BUDGET = 0, slice(1, 4)
"""What the head of the ring counts: the bytes that were taken out; what `Budget.share` needs."""


class SharedRing:
    """Memory that one process writes to and the other reads from, a message after the other.

    A place is the number of bytes before it since the ring was made; each stands in one piece. `counts` int64 are
    shared numbers, each with one writer. `token` says to the other process where it is.
    """

    def __init__(self, block: mmap.mmap, token: str, handle: int | None = None) -> None:
        self.token, self.handle = token, handle
        self._block = block
        self.counts = np.frombuffer(block, np.int64, 8)
        self._data = memoryview(block)[HEAD_BYTES:]
        self.written = self._begun = 0
        self.given_up = threading.Event()

    @classmethod
    def made(cls, nbytes: int = RING_BYTES) -> SharedRing:
        """A new ring with room for `nbytes`. Raises OSError."""
        size = HEAD_BYTES + nbytes
        if sys.platform == "win32":
            name = f"diffviz-{os.getpid()}-{os.urandom(16).hex()}"
            return cls(mmap.mmap(-1, size, tagname=name), f"{name}:{size}")
        handle = _nameless(size)
        return cls(mmap.mmap(handle, size), f"{handle}:{size}", handle)

    @classmethod
    def found(cls, token: str) -> SharedRing:
        """The ring that another process says is at `token`. Raises OSError or ValueError."""
        name, _, size = token.rpartition(":")
        if sys.platform == "win32":
            return cls(mmap.mmap(-1, int(size), tagname=name), token)
        block = mmap.mmap(int(name), int(size))
        os.close(int(name))  # the memory stays as long as it is mapped
        return cls(block, token)

    def __len__(self) -> int:
        return len(self._data)

    def handed_over(self) -> None:
        """The other process has it: close the handle."""
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None

    def begin(self) -> None:
        """The next message begins: what comes before it will be taken."""
        self._begun = self.written

    def put(self, data: memoryview) -> int | None:
        """Copy `data` in, when there is room; its place. None where one message would fill it, or nobody reads."""
        size = len(self._data)
        place = self._place(data.nbytes)
        if place + data.nbytes - self._begun > size:
            return None
        while place + data.nbytes - int(self.counts[TAKEN]) > size:
            if self.given_up.wait(WAIT_SECONDS):
                return None
        at = place % size
        self._data[at : at + data.nbytes] = data
        self.written = place + data.nbytes
        return place

    def get(self, place: int, nbytes: int) -> memoryview:
        """What lies at `place`. Raises ValueError."""
        at = place % len(self._data)
        if min(place, nbytes) < 0 or at + nbytes > len(self._data):
            raise ValueError("outside of the shared memory")
        return self._data[at : at + nbytes]

    def take(self, until: int) -> None:
        """What lies before `until` is no longer needed."""
        self.counts[TAKEN] = max(until, int(self.counts[TAKEN]))

    def close(self) -> None:
        """Give the memory back, here."""
        self.handed_over()
        self.counts = np.zeros(8, np.int64)
        self._data.release()
        with suppress(BufferError):  # somebody still looks at it: then it goes with them
            self._block.close()

    def _place(self, nbytes: int) -> int:
        """Where the next `nbytes` go: at the beginning where nothing is in use, so that little memory is touched."""
        size = len(self._data)
        place = -(-self.written // ALIGNED) * ALIGNED
        if self.written == int(self.counts[TAKEN]) or place % size + nbytes > size:
            place = -(-self.written // size) * size
        return place


class Channel:
    """Messages in and out over the pipes `incoming` and `outgoing`, which stay their owner's.

    `written` is the ring for what goes out, `read` that for what comes in, if there are any. One thread sends and one
    receives.
    """

    def __init__(
        self,
        incoming: int,
        outgoing: int,
        *,
        written: SharedRing | None = None,
        read: SharedRing | None = None,
        more: Mapping[str, type[Any]] | None = None,
    ) -> None:
        self._incoming, self._outgoing = incoming, outgoing
        self._written = written
        self._out, self._in = Codec(written, more), Codec(read, more)
        self._room, self._end = len(read) if read else 0, 0

    def send(self, message: Any) -> None:
        """Send `message`. Raises OSError where nobody is there, TypeError for what cannot be sent."""
        if self._written:
            self._written.begin()
        data = self._out.encode(message)
        end = self._written.written if self._written else 0
        _write(self._outgoing, HEAD.pack(len(data), end) + data)

    def receive(self) -> tuple[Any, int] | None:
        """The next message, and where in the ring it ends; None where the other side is gone.

        Raises ValueError for what is none.
        """
        head = _read(self._incoming, HEAD.size)
        if head is None:
            return None
        length, end = HEAD.unpack(head)
        if length > LONGEST:
            raise ValueError("a message is too long")
        if not self._end <= end <= self._end + self._room:
            raise ValueError("a message ends outside of the shared memory")
        self._end = end
        data = _read(self._incoming, length)
        return None if data is None else (self._in.decode(data), end)


def _nameless(size: int) -> int:
    """A handle of `size` bytes of memory without a name; of a file without one where there is no such memory."""
    if hasattr(os, "memfd_create"):
        handle = os.memfd_create("diffviz")
        os.ftruncate(handle, size)
        return handle
    with tempfile.TemporaryFile(buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, size) if hasattr(os, "posix_fallocate") else file.truncate(size)
        return os.dup(file.fileno())


def _write(handle: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def _read(handle: int, count: int) -> bytearray | None:
    """The next `count` bytes, None where the pipe ends before."""
    found = bytearray()
    while len(found) < count:
        try:
            part = os.read(handle, min(count - len(found), 1 << 20))
        except OSError:
            part = b""
        if not part:
            return None
        found += part
    return found
