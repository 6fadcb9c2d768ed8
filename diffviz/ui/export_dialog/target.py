"""Where an export goes: a suggested name, the file dialog, what is wrong with a name, what is remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtWidgets import QFileDialog, QWidget

from diffviz import paths
from diffviz.domain.cards import Card
from diffviz.domain.export_settings import FORMATS as LABELS
from diffviz.domain.export_settings import PICTURED, ExportSettings
from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.export.formats import FORMATS
from diffviz.families import family_of
from diffviz.families.panes import export_panes_of, shown_panes
from diffviz.session.run import Run

FOLDER, FORMAT, INSIDE = "export_folder", "export_format", "export_metadata"


class Remembers(Protocol):
    """Where the last folder, format and the wish for settings inside are kept, under the names above."""

    def __getitem__(self, name: str) -> Any: ...
    def __setitem__(self, name: str, value: Any) -> None: ...


def folder_of(preferences: Remembers) -> Path:
    """The folder of the last export, while it is there."""
    home = paths.home() or Path.cwd()
    kept = Path(preferences[FOLDER] or home)
    return kept if paths.exists(kept) and kept.is_dir() else home


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


def choose_file(parent: QWidget, suggestion: Path, format_: str) -> Path | None:
    """Ask for the file or folder to write; None where the person thought better of it."""
    suffix = FORMATS[format_].suffix
    kind = f"{tr(LABELS[format_])} (*{suffix})" if suffix else tr("Folders (*)")
    title = tr("Export to") if suffix else tr("Export into a new folder")
    dialog = QFileDialog(parent, title, str(suggestion.parent), kind)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    dialog.selectFile(suggestion.name)
    accepted = dialog.exec()
    found = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(found[0]) if accepted and found else None


def wrong_name(path: Path, format_: str) -> str:
    """What is wrong with the name `path` for a file of that format; empty where nothing is."""
    suffix = FORMATS[format_].suffix
    if not suffix or path.suffix.lower() == suffix:
        return ""
    return tr("The name {name} does not end in {suffix}: choose one that does.").format(name=path.name, suffix=suffix)


def name_for(request: Request, card: Card | None) -> str:
    """A name for the file that says which run it shows."""
    return family_of(request).file_name(request, card)
