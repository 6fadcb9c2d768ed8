"""Inbox: where a window takes files from a program that is started a second time.

Each window listens at a local socket of its own, in a folder that only its user may enter. A message is a list of
absolute paths, each ended by a zero byte, and one more zero byte; the window answers `READY` and acts on the `GO` that
follows, so that one which answers too late opens nothing. An empty list asks it to come to the front. What comes in is
only ever used as names of files to open.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QDeadlineTimer, QObject, QTimer, Signal, Slot
from PySide6.QtNetwork import QLocalServer, QLocalSocket

MOST_BYTES = 64 << 10
MOST_PATHS = 64
READY, GO = b"ready\n", b"go\n"
CLIENT_MILLISECONDS = 2000
ANSWER_MILLISECONDS = 3000
PREFIX = "window-"
GONE = (QLocalSocket.LocalSocketError.ConnectionRefusedError, QLocalSocket.LocalSocketError.ServerNotFoundError)


class Inbox(QObject):
    """Listens in `folder`; `listening` is False where that cannot be done, as with a folder that others may enter.

    Signals: `received(paths)`: files to open, none where the window is just to come to the front.
    """

    received = Signal(object)

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._on_connection)
        self._address = folder / f"{PREFIX}{os.getpid()}-{os.urandom(4).hex()}"
        self.listening = private(folder) and self._server.listen(_name(self._address))
        if self.listening and sys.platform == "win32":
            self._address.touch()  # the pipe itself is not in the folder

    def close(self) -> None:
        """Take no more."""
        self._server.close()
        with suppress(OSError):
            self._address.unlink(missing_ok=True)
            self._address.parent.rmdir()  # unless another window listens there

    @Slot()
    def _on_connection(self) -> None:
        while (socket := self._server.nextPendingConnection()) is not None:
            _Letter(socket, self)


class _Letter(QObject):
    """One message on its way in. It is dropped where it is too long, too slow, or not a list of paths."""

    def __init__(self, socket: QLocalSocket, inbox: Inbox) -> None:
        super().__init__(inbox)
        self._socket, self._inbox = socket, inbox
        self._data = b""
        self._paths: Sequence[Path] | None = None
        self._late = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_late)
        self._timer.start(CLIENT_MILLISECONDS)
        socket.readyRead.connect(self._on_bytes)
        socket.disconnected.connect(self._end)
        self._on_bytes()

    @Slot()
    def _on_bytes(self) -> None:
        self._data += bytes(self._socket.read(MOST_BYTES + 1 - len(self._data)).data())
        if len(self._data) > MOST_BYTES:
            self._drop()
        elif self._paths is not None:
            self._confirm(self._paths)
        elif complete(self._data):
            self._answer()

    def _answer(self) -> None:
        self._paths = paths_in(self._data)
        self._data = b""
        if self._paths is None:
            self._drop()
        else:
            self._socket.write(READY)
            self._socket.flush()

    def _confirm(self, paths: Sequence[Path]) -> None:
        whole = self._data == GO
        if whole or not GO.startswith(self._data):
            self._drop()
        if whole:
            self._inbox.received.emit(paths)

    @Slot()
    def _on_late(self) -> None:
        """Drop it, unless this window was too busy to read what has come: then it has the same time once more."""
        waited, self._late = self._late, True
        if waited or not self._socket.waitForReadyRead(0):
            self._drop()
        elif self._socket.state() == QLocalSocket.LocalSocketState.ConnectedState:
            self._timer.start()

    @Slot()
    def _drop(self) -> None:
        self._socket.abort()
        self._end()

    @Slot()
    def _end(self) -> None:
        self._timer.stop()
        self._socket.deleteLater()
        self.deleteLater()


def hand_over(paths: Sequence[Path], folder: Path, milliseconds: int = ANSWER_MILLISECONDS) -> bool:
    """Give `paths` to a window that listens in `folder`, the one opened last first; whether one took them.

    A window that does not answer within `milliseconds`, in all, is left alone; what a window that is no more has left
    in the folder is removed.
    """
    if not private(folder, make=False):
        return False
    deadline = QDeadlineTimer(milliseconds)
    return any(_given(letter(paths), address, deadline) for address in _addresses(folder))


def letter(paths: Sequence[Path]) -> bytes:
    """The message that asks for `paths` to be opened."""
    return b"".join(os.fsencode(path.absolute()) + b"\0" for path in paths) + b"\0"


def complete(data: bytes) -> bool:
    """Whether `data` is a whole message."""
    return data == b"\0" or data.endswith(b"\0\0")


def paths_in(data: bytes) -> tuple[Path, ...] | None:
    """The paths in the message `data`; None where it has something else, or too many."""
    try:
        paths = tuple(Path(os.fsdecode(part)) for part in data[:-1].split(b"\0")[:-1])
    except UnicodeDecodeError:
        return None
    return paths if len(paths) <= MOST_PATHS and all(path.is_absolute() for path in paths) else None


def private(folder: Path, *, make: bool = True) -> bool:
    """Whether `folder` is there, made where it is missing, and nobody but this user may enter it."""
    try:
        if make:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if sys.platform == "win32":
        return folder.is_dir()
    return found.st_mode & 0o170077 == 0o040000 and found.st_uid == os.getuid()


def _given(message: bytes, address: Path, deadline: QDeadlineTimer) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(_name(address))
    if not socket.waitForConnected(_left(deadline)):
        if socket.error() in GONE:
            with suppress(OSError):
                address.unlink(missing_ok=True)
        return False
    socket.write(message)
    answer = b""
    while len(answer) < len(READY) and socket.waitForReadyRead(_left(deadline)):
        answer += bytes(socket.read(len(READY)).data())
    if answer == READY:
        socket.write(GO)
        socket.waitForBytesWritten(_left(deadline))
        socket.disconnectFromServer()
    return answer == READY


def _addresses(folder: Path) -> Sequence[Path]:
    with suppress(OSError):
        return sorted(folder.glob(f"{PREFIX}*"), key=lambda path: path.lstat().st_mtime, reverse=True)
    return ()


def _left(deadline: QDeadlineTimer) -> int:
    return max(0, deadline.remainingTime())


def _name(address: Path) -> str:
    """What Qt calls `address`: a path, or on Windows the name of a pipe."""
    return f"diffviz-{address.name}" if sys.platform == "win32" else str(address)
