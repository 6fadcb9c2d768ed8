"""Session files that are written and read only when a test lets them: so orders of events can be tried."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from diffviz.domain.export_settings import Progress, unwatched
from diffviz.export import archive
from diffviz.export.archive import SavedSession


class Gate:
    """Holds writes and reads of session files until `open` is called; a cancel goes through. `written` has them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.written: list[Path] = []
        self._opened = threading.Event()
        self._write, self._read = archive.write, archive.read
        monkeypatch.setattr(archive, "write", self._gated_write)
        monkeypatch.setattr(archive, "read", self._gated_read)

    def open(self) -> None:
        """Let everything through from now on."""
        self._opened.set()

    def shut(self) -> None:
        """Hold what comes from now on."""
        self._opened.clear()

    def _gated_write(self, saved: SavedSession, path: Path, progress: Progress = unwatched) -> None:
        while not self._opened.wait(0.002):
            progress(0, 1)
        self._write(saved, path, progress)
        self.written.append(path)

    def _gated_read(self, path: Path) -> SavedSession:
        assert self._opened.wait(20)
        return self._read(path)
