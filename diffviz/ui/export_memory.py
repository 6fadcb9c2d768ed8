"""What is remembered from one export to the next: the folder, the format, and whether settings are put inside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from diffviz import paths
from diffviz.domain.export import PICTURED, ExportSettings
from diffviz.domain.export_panes import export_panes_of, shown_panes
from diffviz.export.formats import FORMATS
from diffviz.session.run import Run

FOLDER, FORMAT, INSIDE = "export_folder", "export_format", "export_metadata"


class Remembers(Protocol):
    """Where the last folder, format and the wish for settings inside are kept, under the names above."""

    def __getitem__(self, name: str) -> Any: ...
    def __setitem__(self, name: str, value: Any) -> None: ...


def folder_of(preferences: Remembers) -> Path:
    """The folder of the last export, while it is there."""
    kept = Path(preferences[FOLDER] or Path.home())
    return kept if paths.exists(kept) and kept.is_dir() else Path.home()


def settings_for(run: Run, cursor: float, preferences: Remembers) -> ExportSettings:
    """What an export of `run` begins with: as the last one was left, for the frame at `cursor` and the whole axis."""
    kept = str(preferences[FORMAT])
    known = kept if kept in FORMATS and not FORMATS[kept].missing() else "gif"
    inside = bool(preferences[INSIDE])
    made = ExportSettings(format=known, at=cursor, low=run.plan.low, high=run.plan.high, metadata=inside)
    if not export_panes_of((run.store[0],)):
        return replace(made, panes=(), format="csv" if known in PICTURED else known)
    return replace(made, panes=tuple(pane.key for pane in shown_panes((run.store[0],), made)))


def remember(folder: Path, settings: ExportSettings, preferences: Remembers) -> None:
    """Keep what the next export begins with."""
    preferences[FOLDER] = str(folder)
    preferences[FORMAT] = settings.format
    preferences[INSIDE] = settings.metadata
