"""A program that is started again hands its files to the window that is open; what else comes in is dropped."""

from __future__ import annotations

import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from diffviz.session import inbox as module
from diffviz.session.inbox import Inbox, complete, hand_over, letter, paths_in

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the sockets of these tests are Unix's")


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A short path: that of a socket has at most 107 bytes."""
    return tmp_path_factory.mktemp("in") / "b"


@pytest.fixture
def inbox(folder: Path, qapp: object) -> Iterator[Inbox]:
    one = Inbox(folder)
    assert one.listening
    yield one
    one.close()
    assert not folder.exists()


def address(folder: Path) -> str:
    [found] = folder.iterdir()
    return str(found)


def started(folder: Path, *paths: str) -> subprocess.Popen[str]:
    """Another process that hands `paths` over, and prints whether they were taken."""
    code = (
        "import sys; from pathlib import Path; from diffviz.session.inbox import hand_over;"
        "print(hand_over([Path(p) for p in sys.argv[2:]], Path(sys.argv[1])))"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, str(folder), *paths], stdout=subprocess.PIPE, text=True, cwd=folder.parent
    )


@pytest.mark.parametrize("paths", [(), ("one.gif",), ("/two.png", "with\nline, ü.png")])
def test_files_are_handed_over(inbox: Inbox, folder: Path, qtbot: QtBot, paths: tuple[str, ...]) -> None:
    received: list[object] = []
    inbox.received.connect(received.append)
    with started(folder, *paths) as other:
        qtbot.waitUntil(lambda: bool(received), timeout=60_000)
        assert other.communicate()[0].strip() == "True"
    assert received == [tuple(folder.parent / path for path in paths)]


def test_nobody_else_may_come_in(inbox: Inbox, folder: Path) -> None:
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(address(folder)).stat().st_mode) & 0o077 == 0


def test_a_folder_that_others_may_enter_is_not_used(folder: Path, qapp: object) -> None:
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    assert not Inbox(folder).listening
    assert not hand_over([], folder)


def test_what_stands_where_the_folder_should_be_is_no_reason_to_stop(folder: Path, qapp: object) -> None:
    folder.write_text("not a folder")
    assert not Inbox(folder).listening
    assert not hand_over([], folder)


def test_what_a_killed_window_has_left_is_removed(folder: Path, qapp: object) -> None:
    folder.mkdir(mode=0o700)
    dead = socket.socket(socket.AF_UNIX)
    dead.bind(str(folder / "window-1-dead"))
    dead.listen()
    dead.close()
    assert not hand_over([], folder)
    assert list(folder.iterdir()) == []


def test_a_window_that_hangs_is_left_alone_and_opens_nothing_later(inbox: Inbox, folder: Path, qtbot: QtBot) -> None:
    """Nobody runs the event loop of `inbox` while it is asked."""
    assert not hand_over([Path("/late.gif")], folder, 200)
    with qtbot.assertNotEmitted(inbox.received, wait=300):
        pass
    assert Path(address(folder)).exists()


@pytest.mark.parametrize(
    "message",
    [
        b"relative.gif\0\0",
        b"/ok.gif\0relative\0\0",
        b"/x\0" * (module.MOST_PATHS + 1) + b"\0",
        b"/" + b"x" * (module.MOST_BYTES + 10) + b"\0\0",
    ],
    ids=["relative", "one-relative", "many", "long"],
)
def test_what_is_no_list_of_paths_is_dropped(inbox: Inbox, folder: Path, qtbot: QtBot, message: bytes) -> None:
    answers: list[bytes] = []

    def send() -> None:
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(address(folder))
            try:
                client.sendall(message)
                answers.append(client.recv(100))
            except OSError:
                answers.append(b"")

    client = threading.Thread(target=send)
    with qtbot.assertNotEmitted(inbox.received):
        client.start()
        qtbot.waitUntil(lambda: bool(answers))
    client.join()
    assert answers == [b""]


def test_what_has_come_while_the_window_was_busy_is_taken(inbox: Inbox, folder: Path, qtbot: QtBot) -> None:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(address(folder))
        qtbot.waitUntil(lambda: bool(inbox.findChildren(QTimer)))
        [timer] = inbox.findChildren(QTimer)
        client.sendall(letter([folder / "one.gif"]))
        timer.timeout.emit()
        assert client.recv(100) == b"ready\n"
        timer.timeout.emit()
        assert client.recv(100) == b"", "but it has to go on"


def test_one_that_says_nothing_is_let_go(
    inbox: Inbox, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CLIENT_MILLISECONDS", 50)
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(address(folder))
        client.setblocking(False)

        def gone() -> bool:
            try:
                return client.recv(1) == b""
            except BlockingIOError:
                return False

        qtbot.waitUntil(gone)


def test_messages() -> None:
    paths = (Path("/a b"), Path("/c"))
    assert paths_in(letter(paths)) == paths
    assert paths_in(letter(())) == ()
    assert complete(letter(paths))
    assert complete(letter(()))
    assert not complete(b"")
    assert not complete(letter(paths)[:-1])
