"""What an export will be: where it goes, and how it will look.

Where an export goes: a suggested name, the file dialog, what is wrong with a name, what is remembered.

How an export will look, before it is written: its picture or what is in it, its size and its length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog, QLabel, QVBoxLayout, QWidget

from diffviz.domain import cards, errors, export_settings
from diffviz.domain.arrays import U8
from diffviz.domain.bookmarks import Span
from diffviz.domain.export_settings import ANIMATED, FIGURES, MOVING, PICTURED, ExportSettings, chosen, seconds
from diffviz.domain.requests import Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.export import plots, run_info
from diffviz.export.formats import FORMATS, contents_of, picture_of
from diffviz.families import export_panes_of, family_of, shown_panes
from diffviz.session.file_task import snapshot
from diffviz.session.folders import Remembers
from diffviz.session.run import Run
from diffviz.theory.shared_time import SharedTime
from diffviz.ui.widgets import pixmaps, qss

FORMAT, INSIDE = "export_format", "export_metadata"


def settings_for(run: Run, cursor: float, preferences: Remembers, chosen: Span | None = None) -> ExportSettings:
    """What an export of `run` begins with: as the last one was left, for the frame at `cursor` and the range `chosen`.

    Without such, for the whole axis.
    """
    kept = str(preferences[FORMAT])
    known = kept if kept in FORMATS and not FORMATS[kept].missing() else "gif"
    inside = bool(preferences[INSIDE])
    low, high = (chosen.low, chosen.high) if chosen else (run.plan.low, run.plan.high)
    made = ExportSettings(format=known, at=cursor, low=low, high=high, metadata=inside)
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
    found = dialog.selectedFiles()
    dialog.deleteLater()
    return Path(found[0]) if accepted and found else None


def wrong_name(path: Path, format_: str) -> str:
    """What is wrong with the name `path` for a file of that format; empty where nothing is."""
    suffix = FORMATS[format_].suffix
    if not suffix or path.suffix.lower() == suffix:
        return ""
    return tr("The name {name} does not end in {suffix}: choose one that does.").format(name=path.name, suffix=suffix)


def name_for(request: Request, card: cards.Card | None) -> str:
    """A name for the file that says which run it shows."""
    return family_of(request).file_name(request, card)


@dataclass(frozen=True, slots=True, eq=False)
class ComparedRun:
    """A run that can be shown beside the exported one, which may still be growing; `tie` leads to its axis."""

    letter: str
    run: Run
    about: run_info.RunInfo
    tie: SharedTime | None = None

    def beside(self) -> run_info.RunBeside:
        """As it is now."""
        return run_info.RunBeside(snapshot(self.run.store), self.about, self.tie)


ROOM = QSize(440, 330)
MOST_LINES = 12


class ExportPreview(QWidget):
    """What would be written of `run`, which may still be growing; an animation is shown at `cursor`."""

    def __init__(self, run: Run, cursor: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run, self._cursor = run, cursor
        self.picture = QLabel()
        self.picture.setFixedSize(ROOM)
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.picture.setAccessibleName(tr("Preview"))
        self.picture.setProperty("role", "picture")
        self.summary = QLabel()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(self.picture)
        column.addWidget(self.summary)
        column.addStretch(1)

    def describe(self, settings: ExportSettings, about: run_info.RunInfo) -> bool:
        """Show what `settings` ask for, or what is wrong with them; whether there is something to write."""
        if not len(self._run.store):
            self.picture.clear()
            return self._cannot(tr("This run was removed: close this, and export the one on the screen."))
        if not settings.panes and settings.format in PICTURED:
            return self._cannot(self._without_panes())
        at = settings.at if settings.format == "png" and settings.at is not None else self._cursor
        frames = snapshot(self._run.store)
        try:
            picture = picture_of(frames, self._run.store.nearest(at), settings, about)
        except errors.DiffvizError as error:
            return self._cannot(sentence(error))
        if picture is None:
            self._list(contents_of(frames, settings, about))
        else:
            self._show(picture)
        count = len(chosen(self._run.store.positions(), settings))
        self._say(" · ".join(self._figures(picture, count, settings)), "quiet")
        return count > 0

    def _figures(self, picture: U8 | None, count: int, settings: ExportSettings) -> list[str]:
        """Size, number of frames and length, as far as they apply."""
        parts = []
        if picture is not None and settings.format in FIGURES:
            parts += _measures(picture, settings)
        elif picture is not None:
            parts.append(_pixels(picture.shape[1], picture.shape[0]))
        if settings.format in MOVING or settings.format == "npz":
            parts.append(tr("{n} frames").format(n=f"{count:,}"))
        if settings.format in ANIMATED and count:
            parts.append(tr("{seconds:.1f} s").format(seconds=seconds(count, settings)))
        if not self._run.status.final:
            parts.append(tr("still being computed"))
        return parts

    def _without_panes(self) -> str:
        if export_panes_of((self._run.store[0],)):
            return tr("Choose at least one pane.")
        return tr("This run has no pictures: choose plots, arrays or curves.")

    def _cannot(self, text: str) -> bool:
        self._say(text, "error")
        return False

    def _say(self, text: str, role: str) -> None:
        self.summary.setText(text)
        qss.set_role(self.summary, role)

    def _show(self, picture: U8) -> None:
        pixmap = QPixmap.fromImage(pixmaps.qimage(picture))
        room = min(ROOM.width() / pixmap.width(), ROOM.height() / pixmap.height())
        if room >= 1:
            pixmap = pixmap.scaled(pixmap.size() * int(room))
        else:
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            pixmap = pixmap.scaled(ROOM, keep, smooth)
        self.picture.setPixmap(pixmap)

    def _list(self, contents: Sequence[tuple[str, str]]) -> None:
        """Names and sizes in place of a picture."""
        cell = "<td style='padding: 3px 10px'{}>{}</td>"
        rows = (cell.format("", name) + cell.format(" align='right'", size) for name, size in contents[:MOST_LINES])
        self.picture.setText(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")


def _measures(picture: U8, settings: ExportSettings) -> list[str]:
    """How large the figure is that `picture` is a preview of."""
    sides = plots.size_of(picture, settings)
    said = [tr("{width} × {height} mm").format(width=f"{round(sides[0], 1):g}", height=f"{round(sides[1], 1):g}")]
    if settings.format == "plot":
        said.append(_pixels(*(round(side / plots.MILLIMETRES * settings.dpi) for side in sides)))
    return said


def _pixels(width: int, height: int) -> str:
    return tr("{width} × {height} pixels").format(width=f"{width:,}", height=f"{height:,}")
