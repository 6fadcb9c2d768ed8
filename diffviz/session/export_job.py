"""An export on a thread of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject

from diffviz.domain.about import NOTHING, RunInfo
from diffviz.domain.export import ExportSettings
from diffviz.domain.frames import Frame
from diffviz.domain.store import FrameStore
from diffviz.export.formats import export
from diffviz.export.progress import Progress
from diffviz.session.job import FileTask


def snapshot(store: FrameStore) -> tuple[Frame, ...]:
    """The frames that `store` has now, for another thread to read. Called on the thread that appends to it.

    The frames are views: no pixel is copied. Reading them is safe while the store grows, since each row of its
    blocks is written once, before its frame can be had; and after the store was cleared, since a view keeps its
    block alive.
    """
    return tuple(store)


class ExportJob(FileTask):
    """Writes frames to a file off the calling thread; `about` is what is known of their run."""

    def __init__(
        self,
        frames: Sequence[Frame],
        path: Path,
        settings: ExportSettings,
        parent: QObject | None = None,
        about: RunInfo = NOTHING,
    ) -> None:
        def work(progress: Progress) -> None:
            export(frames, path, settings, progress, about)

        super().__init__(work, path, parent)
