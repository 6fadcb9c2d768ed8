"""The export dialog: what to write of which run, where to, how far it is, and the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QProgressBar, QPushButton, QVBoxLayout, QWidget
from shiboken6 import isValid

from diffviz.domain.bookmarks import Span
from diffviz.domain.cards import Card
from diffviz.domain.export_settings import ExportSettings
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.export.formats import FORMATS
from diffviz.export.run_info import NOTHING, RunInfo, with_figures
from diffviz.families import export_panes_of
from diffviz.session.file_task import Ending, ExportJob, Outcome, snapshot
from diffviz.session.folders import EXPORTS, Folders, Remembers
from diffviz.session.run import Lineup, Run
from diffviz.ui.export_dialog import form, output, preview
from diffviz.ui.export_dialog.line_up import ALONE, ExportCompany, LineUp
from diffviz.ui.widgets import controls, layout, qss

FORM_WIDTH = 390
REFRESH_MILLISECONDS = 500
LINES = 2
BESIDE = QSize(40, 150)  # margins, progress, message and buttons

Chooser = Callable[[QWidget, Path, str], Path | None]


class ExportDialog(QDialog):
    """Exports `run`, of which at least one frame is there; it may still be growing. `choose` asks for the file.

    `chosen` is the range that a person has chosen on its axis. Runs of `company` can be shown beside it; those of
    `lineup` are at first.
    """

    def __init__(
        self,
        run: Run,
        cursor: float,
        cards: Mapping[str, Card],
        preferences: Remembers,
        parent: QWidget | None = None,
        choose: Chooser | None = None,
        about: RunInfo = NOTHING,
        chosen: Span | None = None,
        *,
        company: ExportCompany = ALONE,
        lineup: Lineup = (),
    ) -> None:
        super().__init__(parent)
        self._run, self._preferences, self._about = run, preferences, about
        self.line_up = LineUp(run, company, lineup)
        self._accompanied = bool(company.candidates)
        self._choose = choose or output.choose_file
        self._card = cards.get(getattr(run.request, "model", None) or "")
        self.job: ExportJob | None = None
        self.written: Path | None = None
        self._chosen = chosen
        self.form = self._form(output.settings_for(run, cursor, preferences, chosen))
        self.preview = preview.ExportPreview(run, cursor)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MILLISECONDS)
        self._timer.timeout.connect(self._on_timeout)
        self._arrange()
        for part in (self.form, self.line_up):
            part.changed.connect(self._on_changed)
        self.preview.described.connect(self.export_button.setEnabled)
        self.preview.instead.connect(self.form.set_format)
        self._on_changed()
        self._timer.start()

    def export(self) -> None:
        """Ask where to, and write what is there now, or say that it is gone."""
        path = None if self._gone() else self._choose(self, self._suggestion(), self.form.settings.format)
        if not isValid(self):  # the program has ended meanwhile
            return
        if path is None or self._gone():  # it may go while the file is chosen
            self._describe()
            return
        wrong = output.wrong_name(path, self.form.settings.format)
        if wrong:
            self._say(wrong, "error")
            return
        output.remember(self.form.settings, self._preferences)
        self._run.lineup = self.line_up.lineup
        self.job = ExportJob(snapshot(self._run.store), path, self.form.settings, self, self._about_now())
        self.job.progress.connect(self._on_progress)
        self.job.ended.connect(self._on_ended)
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

    def showEvent(self, event: QShowEvent) -> None:
        """Take the room that it would rather have: Qt gives a dialog two thirds of a screen at most."""
        if not event.spontaneous():
            self.resize(self.sizeHint())
        super().showEvent(event)

    def done(self, result: int) -> None:
        """Close; nothing goes on afterwards."""
        self._timer.stop()
        self.preview.close_drawer()
        if self.job is not None:
            self.job.close()
            self.job = None
        super().done(result)
        if self.parent() is not None:
            self.deleteLater()

    def _form(self, settings: ExportSettings) -> form.ExportForm:
        first, last, plan = self._run.store[0], self._run.store[-1], self._run.plan
        plots = with_figures(self._about, (first, last)).plots
        ends = plan.low, plan.high
        panes, spreads = export_panes_of((first,)), self._run.spreads
        chosen, line_up = self._chosen, self.line_up if self._accompanied else None
        return form.ExportForm(
            settings, panes, ends, plots, first.axis, spreads=spreads, chosen=chosen, line_up=line_up
        )

    def _arrange(self) -> None:
        self.setWindowTitle(tr("Export"))
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.message.setFixedHeight(LINES * self.message.fontMetrics().lineSpacing())  # whatever is said, nothing moves
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.bar = QProgressBar()
        self.bar.setAccessibleName(tr("Progress of the export"))
        layout.keep_room(self.bar)
        right = QVBoxLayout()
        right.addWidget(self.form)
        right.addStretch(1)
        self.form.setFixedWidth(FORM_WIDTH)
        shown = QWidget()
        sides = QHBoxLayout(shown)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(24)
        sides.addWidget(self.preview)
        sides.addLayout(right)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 20, 20, 18)
        column.setSpacing(12)
        column.addWidget(layout.Fitting(shown, BESIDE), 1)
        for widget in (self.bar, self.message):
            column.addWidget(widget)
        column.addLayout(self._buttons())

    def _buttons(self) -> QHBoxLayout:
        self.show_button = _button(tr("Show in folder"), tr("Open the folder of the file"), self._on_show)
        self.open_button = _button(tr("Open"), tr("Open the file with its own program"), self._on_open)
        self.close_button = _button(tr("Close"), tr("Close without writing (Esc)"), self.reject)
        self.export_button = _button(tr("Export…"), tr("Choose a file and write it (Return)"), self.export)
        layout.keep_room(self.export_button)
        self.export_button.setProperty("role", "primary")
        self.close_button.setMinimumWidth(_widest(self.close_button, tr("Cancel"), tr("Close")))
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
        self.line_up.refresh()
        if self.job is None and (not self._run.status.final or self._gone()):
            self._describe()

    def _about_now(self) -> RunInfo:
        """What is known of the run, and of those that are to be shown beside it as they are now."""
        return self._about if self._gone() else self.line_up.about(self._about)

    def _gone(self) -> bool:
        """Whether a run that is to be written has been removed, as another one takes its place in the window."""
        return not len(self._run.store) or bool(self.line_up.wrong)

    def _describe(self) -> None:
        """Show what would be written, or what is wrong with it."""
        self.line_up.set_format(self.form.settings.format)
        self.preview.describe(self.form.settings, self._about_now(), self.line_up.wrong)

    def _suggestion(self) -> Path:
        settings = self.form.settings
        axis = self._run.store[0].axis
        at = f"-{axis}{settings.at:g}" if settings.format == "png" and settings.at is not None else ""
        name = f"{output.name_for(self._run.request, self._card)}{at}{FORMATS[settings.format].suffix}"
        return output.offered(Folders(self._preferences).first(EXPORTS) / name)

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
        self.message.setText(text)
        self.message.setToolTip(text)
        qss.set_role(self.message, role)

    @Slot(object)
    def _on_ended(self, outcome: Outcome) -> None:
        if self.job is not None:
            self.job.deleteLater()
            self.job = None
        match outcome.ending:
            case Ending.DONE:
                self.written = outcome.path
                Folders(self._preferences).succeeded(outcome.path, EXPORTS)
                self._say(tr("Written: {path}").format(path=outcome.path), "quiet")
            case Ending.CANCELLED:
                self._say(tr("Cancelled; nothing was written."), "quiet")
            case Ending.FAILED:
                assert outcome.error is not None
                self._say(sentence(outcome.error), "error")
        self._show_state()

    @Slot(int, int)
    def _on_progress(self, done: int, total: int) -> None:
        self.bar.setRange(0, total)
        self.bar.setValue(done)

    @Slot()
    def _on_show(self) -> None:
        if self.written is not None:
            self._launch(self.written.parent)

    @Slot()
    def _on_open(self) -> None:
        if self.written is not None:
            self._launch(self.written)

    def _launch(self, path: Path) -> None:
        failed = controls.launch(path)
        if failed:
            self._say(failed, "error")


def _widest(button: QPushButton, *texts: str) -> int:
    """How wide `button` is with the longest of `texts`."""
    wanted, own = [], button.text()
    for text in (*texts, own):
        button.setText(text)
        wanted.append(button.sizeHint().width())
    return max(wanted)


def _button(text: str, tip: str, slot: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setToolTip(tip)
    button.setAutoDefault(False)
    button.clicked.connect(slot)
    return button
