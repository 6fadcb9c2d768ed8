"""The path that is being computed in the VAE lab, and the newest one that waits for its end."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from diffviz.domain.latent import PathRequest
from diffviz.session.run import Run
from diffviz.session.session import Session

SLOT = "vae/path"


class PathRuns(QObject):
    """Computes paths in one slot, each in place of the last; nothing is computed while it is not `active`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: PathRequest | None = None
        self.active = False
        session.runs_changed.connect(self._on_runs_changed)

    @property
    def run(self) -> Run | None:
        """The shown run, where it is a path."""
        run = self._session.a
        return run if run is not None and isinstance(run.request, PathRequest) else None

    def start(self, request: PathRequest) -> None:
        """Compute `request` in place of the last path."""
        self._session.start(request, SLOT, replace=True)

    def compute(self, request: PathRequest) -> None:
        """Compute `request`; while a path is being computed the newest waits, so that every path is seen whole."""
        if not self.active:
            return
        run = self.run
        if run is not None and run.slot == SLOT and not run.status.final:
            self._waiting = request
        else:
            self._waiting = None
            self.start(request)

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self.run
        if self._waiting is not None and self.active and (run is None or run.status.final):
            request, self._waiting = self._waiting, None
            self.start(request)
