"""The pinned run's pictures under those of the shown one: one zoom, one sample in focus, one range for both."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot

from diffviz.ui.sample_viewer.grid import SampleGrid


class LinkedViewer(QObject):
    """Keeps zoom, pan and the sample in focus of `canvases` alike, as far as they show as many samples."""

    def __init__(self, canvases: Sequence[SampleGrid], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvases = canvases
        self._busy = False
        for canvas in canvases:
            canvas.view_changed.connect(self._on_view_changed)
            canvas.focus_changed.connect(self._on_focus_changed)

    def follow(self, leader: SampleGrid) -> None:
        """Let the others look at what `leader` looks at."""
        if self._busy:
            return
        self._busy = True
        for other in self._canvases:
            if other is not leader and other.picture and leader.picture and not other.isHidden():
                if leader.focus is None or leader.focus < other.picture.count:
                    other.set_focus_sample(leader.focus)
                if other.picture.size == leader.picture.size:
                    other.set_viewport(leader.viewport)
        self._busy = False

    @Slot()
    def _on_view_changed(self) -> None:
        self._follow_sender()

    @Slot(object)
    def _on_focus_changed(self, _sample: int | None) -> None:
        self._follow_sender()

    def _follow_sender(self) -> None:
        leader = self.sender()
        if isinstance(leader, SampleGrid) and leader.isVisible():
            self.follow(leader)
