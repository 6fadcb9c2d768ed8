"""Persistence: the session's file, the file that a crash leaves, and the guard that stands before the end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from diffviz.session.autosave import Autosave
from diffviz.session.close_guard import CloseGuard
from diffviz.session.file_task import hung
from diffviz.session.files import SessionFiles
from diffviz.session.preferences import Preferences
from diffviz.session.session import Session


class Persistence(QObject):
    """All that keeps the runs of `session`; it outlives the window. Recovery files are in `folder`."""

    def __init__(self, session: Session, folder: Path, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.files = SessionFiles(session, self)
        self.autosave = Autosave(session, folder, self)
        self.guard = CloseGuard(session, self.files, self.autosave, preferences, self)

    def close(self) -> bool:
        """End, keeping what is unsaved and was not given up for the next start; whether every thread has ended."""
        self.files.close()
        keep = bool(self._session.unsaved) and not self.guard.settled
        if keep:
            self.autosave.flush()
        self.autosave.close(keep=keep)
        return not hung()
