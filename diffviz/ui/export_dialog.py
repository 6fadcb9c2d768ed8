"""The export dialog: what to write, how it will look, where to, how far it is, and the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QSize, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QImage, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.about import NOTHING, About
from diffviz.domain.cards import Card
from diffviz.domain.errors import DiffvizError
from diffviz.domain.export import ANIMATED, MOVING, PICTURED, ExportSettings
from diffviz.domain.export_frames import chosen
from diffviz.domain.export_panes import panes_of, shown_panes
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.export.formats import FORMATS
from diffviz.export.frame_figures import with_figures
from diffviz.export.gif import HUNDREDTHS, delays
from diffviz.export.panes import Pixels
from diffviz.export.plot import plot_scale
from diffviz.export.preview import contents_of, picture_of
from diffviz.session.export_job import ExportJob, snapshot
from diffviz.session.run import Run
from diffviz.ui.export_form import ExportForm
from diffviz.ui.export_target import choose_file, name_for, wrong_name

PREVIEW = QSize(440, 330)
FORM_WIDTH = 390
REFRESH_MILLISECONDS = 500
FOLDER, FORMAT, INSIDE = "export_folder", "export_format", "export_metadata"
MOST_LINES = 12


class Remembers(Protocol):
    """Where the last folder, format and the wish for settings inside are kept, under the names above."""

    def __getitem__(self, name: str) -> Any: ...
    def __setitem__(self, name: str, value: Any) -> None: ...


Chooser = Callable[[QWidget, Path, str], Path | None]


class ExportDialog(QDialog):
    """Exports `run`, of which at least one frame is there; it may still be growing. `choose` asks for the file."""

    def __init__(
        self,
        run: Run,
        cursor: float,
        cards: Mapping[str, Card],
        preferences: Remembers,
        parent: QWidget | None = None,
        choose: Chooser | None = None,
        about: About = NOTHING,
    ) -> None:
        super().__init__(parent)
        self._run, self._cursor, self._preferences, self._about = run, cursor, preferences, about
        self._choose = choose or choose_file
        self._card = cards.get(getattr(run.request, "model", None) or "")
        self.job: ExportJob | None = None
        self.written: Path | None = None
        axis = run.plan.low, run.plan.high
        plots = [plot.key for plot in with_figures(about, (run.store[0], run.store[-1])).plots]
        self.form = ExportForm(self._first(axis), panes_of((run.store[0],)), axis, plots, run.store[0].axis)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self._on_timeout)
        self._arrange()
        self.form.changed.connect(self._on_changed)
        self._on_changed()
        self._timer.start()

    def export(self) -> None:
        """Ask where to, and write what is there now."""
        path = self._choose(self, self._suggestion(), self.form.settings.format)
        if path is None:
            return
        wrong = wrong_name(path, self.form.settings.format)
        if wrong:
            self._say(wrong, "error")
            return
        self._remember(path.parent)
        self.job = ExportJob(snapshot(self._run.store), path, self.form.settings, self, self._about)
        self.job.progress.connect(self._on_progress)
        self.job.finished.connect(self._on_finished)
        self.job.failed.connect(self._on_failed)
        self.job.cancelled.connect(self._on_cancelled)
        self.written = None
        self._say("", "quiet")
        self.bar.setRange(0, 0)
        self._show_state()
        self.job.start()

    def reject(self) -> None:
        """Cancel the export that goes on, else close."""
        if self.job is not None:
            self.job.cancel()
        else:
            super().reject()

    def done(self, result: int) -> None:
        """Close; nothing goes on afterwards."""
        self._timer.stop()
        if self.job is not None:
            self.job.close()
            self.job = None
        super().done(result)
        if self.parent() is not None:
            self.deleteLater()

    def _arrange(self) -> None:
        self.setWindowTitle(tr("Export"))
        self.preview = QLabel()
        self.preview.setFixedSize(PREVIEW)
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setAccessibleName(tr("Preview"))
        self.preview.setProperty("role", "picture")
        self.summary = QLabel()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress of the export"))
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.preview)
        left.addWidget(self.summary)
        left.addStretch(1)
        right = QVBoxLayout()
        right.addWidget(self.form)
        right.addStretch(1)
        self.form.setFixedWidth(FORM_WIDTH)
        sides = QHBoxLayout()
        sides.setSpacing(24)
        sides.addLayout(left)
        sides.addLayout(right)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(12)
        column.addLayout(sides, 1)
        for widget in (self.bar, self.message):
            column.addWidget(widget)
        column.addLayout(self._buttons())

    def _first(self, axis: tuple[float, float]) -> ExportSettings:
        """What the form begins with: as it was left, for the frame at the cursor and the whole axis."""
        kept = str(self._preferences[FORMAT])
        known = kept if kept in FORMATS and not FORMATS[kept].missing() else "gif"
        made = ExportSettings(
            format=known, at=self._cursor, low=axis[0], high=axis[1], metadata=bool(self._preferences[INSIDE])
        )
        if not panes_of((self._run.store[0],)):
            return replace(made, panes=(), format="csv" if known in PICTURED else known)
        return replace(made, panes=tuple(pane.key for pane in shown_panes((self._run.store[0],), made)))

    def _remember(self, folder: Path) -> None:
        self._preferences[FOLDER] = str(folder)
        self._preferences[FORMAT] = self.form.settings.format
        self._preferences[INSIDE] = self.form.settings.metadata

    def _buttons(self) -> QHBoxLayout:
        self.show_button = _button(tr("Show in folder"), tr("Open the folder of the file"), self._on_show)
        self.open_button = _button(tr("Open"), tr("Open the file with its own program"), self._on_open)
        self.close_button = _button(tr("Close"), tr("Close without writing (Esc)"), self.reject)
        self.export_button = _button(tr("Export…"), tr("Choose a file and write it (Return)"), self.export)
        self.export_button.setProperty("role", "primary")
        self.export_button.setDefault(True)
        row = QHBoxLayout()
        for button in (self.show_button, self.open_button):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.close_button, self.export_button):
            row.addWidget(button)
        return row

    @Slot()
    def _on_changed(self) -> None:
        self._say("", "quiet")
        self.written = None
        self._describe()
        self._show_state()

    @Slot()
    def _on_timeout(self) -> None:
        if self.job is None and not self._run.status.final:
            self._describe()

    def _describe(self) -> None:
        """Show what would be written: picture, size, number of frames, length; or what is wrong with it."""
        settings, store = self.form.settings, self._run.store
        if not settings.panes and settings.format in PICTURED:
            nothing = tr("This run has no pictures: choose plots, arrays or curves.")
            self._cannot(tr("Choose at least one pane.") if self.form.panes else nothing)
            return
        at = settings.at if settings.format == "png" and settings.at is not None else self._cursor
        frames = snapshot(store)
        try:
            picture = picture_of(frames, store.nearest(at), settings, self._about)
        except DiffvizError as error:
            self._cannot(sentence(error))
            return
        if picture is None:
            self._list(contents_of(frames, settings, self._about))
        else:
            self._preview(picture)
        self._summarise(picture)

    def _summarise(self, picture: Pixels | None) -> None:
        settings, parts = self.form.settings, []
        count = len(chosen(self._run.store.positions(), settings))
        if picture is not None and settings.format != "svg":
            parts.append(self._size(picture))
        if settings.format in MOVING or settings.format == "npz":
            parts.append(tr("{n} frames").format(n=f"{count:,}"))
        if settings.format in ANIMATED and count:
            parts.append(tr("{seconds:.1f} s").format(seconds=sum(delays(count, settings)) / HUNDREDTHS))
        if not self._run.status.final:
            parts.append(tr("still being computed"))
        _dress(self.summary, " · ".join(parts), "quiet")
        self.export_button.setEnabled(count > 0)

    def _size(self, picture: Pixels) -> str:
        height, width = picture.shape[:2]
        if self.form.settings.format == "plot":
            scale = plot_scale(self.form.settings)
            height, width = height * scale, width * scale
        return tr("{width} × {height} pixels").format(width=f"{width:,}", height=f"{height:,}")

    def _list(self, contents: Sequence[tuple[str, str]]) -> None:
        """Names and sizes in place of a picture."""
        cell = "<td style='padding: 3px 10px'{}>{}</td>"
        rows = (cell.format("", name) + cell.format(" align='right'", size) for name, size in contents[:MOST_LINES])
        self.preview.setText(f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>")

    def _cannot(self, text: str) -> None:
        _dress(self.summary, text, "error")
        self.export_button.setEnabled(False)

    def _preview(self, picture: Pixels) -> None:
        pixmap = QPixmap.fromImage(_image(picture))
        room = min(PREVIEW.width() / pixmap.width(), PREVIEW.height() / pixmap.height())
        if room >= 1:
            pixmap = pixmap.scaled(pixmap.size() * int(room))
        else:
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            pixmap = pixmap.scaled(PREVIEW, keep, smooth)
        self.preview.setPixmap(pixmap)

    def _suggestion(self) -> Path:
        kept = Path(self._preferences[FOLDER] or Path.home())
        folder = kept if kept.is_dir() else Path.home()
        settings = self.form.settings
        axis = self._run.store[0].axis
        at = f"-{axis}{settings.at:g}" if settings.format == "png" and settings.at is not None else ""
        return folder / f"{name_for(self._run.request, self._card)}{at}{FORMATS[settings.format].suffix}"

    def _show_state(self) -> None:
        busy = self.job is not None
        self.form.setEnabled(not busy)
        self.bar.setVisible(busy)
        self.export_button.setVisible(not busy)
        self.close_button.setText(tr("Cancel") if busy else tr("Close"))
        self.close_button.setToolTip(tr("Stop writing; nothing is left behind (Esc)") if busy else tr("Close (Esc)"))
        for button in (self.show_button, self.open_button):
            button.setVisible(self.written is not None)

    def _say(self, text: str, role: str) -> None:
        _dress(self.message, text, role)
        self.message.setVisible(bool(text))

    def _ended(self, text: str, role: str) -> None:
        if self.job is not None:
            self.job.deleteLater()
            self.job = None
        self._say(text, role)
        self._show_state()

    @Slot(int, int)
    def _on_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    @Slot(object)
    def _on_finished(self, path: Path) -> None:
        self.written = path
        self._ended(tr("Written: {path}").format(path=path), "quiet")

    @Slot(object)
    def _on_failed(self, error: Exception) -> None:
        self._ended(sentence(error), "error")

    @Slot()
    def _on_cancelled(self) -> None:
        self._ended(tr("Cancelled; nothing was written."), "quiet")

    @Slot()
    def _on_show(self) -> None:
        if self.written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.written.parent)))

    @Slot()
    def _on_open(self) -> None:
        if self.written is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.written)))


def _image(picture: Pixels) -> QImage:
    height, width = picture.shape[:2]
    grey = picture.ndim == 2
    kind = QImage.Format.Format_Grayscale8 if grey else QImage.Format.Format_RGB888
    return QImage(picture.tobytes(), width, height, width * (1 if grey else 3), kind).copy()


def _dress(label: QLabel, text: str, role: str) -> None:
    label.setText(text)
    label.setProperty("role", role)
    label.style().polish(label)


def _button(text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(slot)
    return button
