"""Where an export goes: a suggested name, the file dialog, what is wrong with a name, what is remembered."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget
from shiboken6 import isValid

from diffviz.domain import cards, export_settings
from diffviz.domain.bookmarks import Span
from diffviz.domain.export_settings import PICTURED, ExportSettings
from diffviz.domain.requests import Request
from diffviz.domain.settings import with_value
from diffviz.domain.text import tr
from diffviz.export.formats import FORMATS
from diffviz.families import export_panes_of, family_of, shown_panes
from diffviz.session.folders import Remembers
from diffviz.session.run import Run

MOST_ALIKE = 1000
FORMAT, INSIDE = "export_format", "export_metadata"


def settings_for(run: Run, cursor: float, preferences: Remembers, chosen: Span | None = None) -> ExportSettings:
    """What an export of `run` begins with: as the last one was left, for the frame at `cursor` and the range `chosen`.

    Without such, for the whole axis. Its letters are as much larger as those of the interface are.
    """
    kept = str(preferences[FORMAT])
    known = kept if kept in FORMATS and not FORMATS[kept].missing() else "gif"
    inside = bool(preferences[INSIDE])
    low, high = (chosen.low, chosen.high) if chosen else (run.plan.low, run.plan.high)
    begun = ExportSettings(format=known, at=cursor, low=low, high=high, metadata=inside)
    made = with_value(begun, ("interface",), preferences["scale"])
    if not export_panes_of((run.store[0],)):
        return replace(made, panes=(), format="csv" if known in PICTURED else known)
    return replace(made, panes=tuple(pane.key for pane in shown_panes((run.store[0],), made)))


def remember(settings: ExportSettings, preferences: Remembers) -> None:
    """Keep what the next export begins with."""
    preferences[FORMAT] = settings.format
    preferences[INSIDE] = settings.metadata


def choose_file(parent: QWidget, suggestion: Path, format_: str) -> Path | None:
    """Ask for the file or folder to write; None where the person thought better of it."""
    suffix = FORMATS[format_].suffix
    kind = f"{tr(export_settings.FORMATS[format_])} (*{suffix})" if suffix else tr("Folders (*)")
    title = tr("Export to") if suffix else tr("Export into a new folder")
    dialog = QFileDialog(parent, title, str(suggestion.parent), kind)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix.removeprefix("."))
    dialog.selectFile(suggestion.name)
    accepted = dialog.exec()
    if not isValid(dialog):  # the program ended meanwhile, and with it the dialog that asked
        return None
    found = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(found[0]) if accepted and found else None


def offered(path: Path) -> Path:
    """`path`, or a name like it for a folder, where one is there: the file dialog opens that, and does not replace it.

    Whether a file is to be replaced is asked there.
    """
    names = (path.with_name(f"{path.name}-{n}") for n in range(2, MOST_ALIKE))
    return path if path.suffix or not path.is_dir() else next((each for each in names if not each.exists()), path)


def wrong_name(path: Path, format_: str) -> str:
    """What is wrong with the name `path` for a file of that format; empty where nothing is."""
    suffix = FORMATS[format_].suffix
    if not suffix or path.suffix.lower() == suffix:
        return ""
    return tr("The name {name} does not end in {suffix}: choose one that does.").format(name=path.name, suffix=suffix)


def name_for(request: Request, card: cards.Card | None) -> str:
    """A name for the file that says which run it shows."""
    return family_of(request).file_name(request, card)
