"""The left column of the GAN lab: presets, the settings of a training, how it goes, and what has been trained."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from PySide6.QtCore import QSize, Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.gan import Drawn, GanRequest, unstarted
from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.families.gan import PRESETS, Preset, needs_fresh_networks
from diffviz.session.session import Session
from diffviz.ui.forms import request_form, run_list, train_panel
from diffviz.ui.forms.draft import Draft, Following
from diffviz.ui.labs.gan.draw_pad import DrawPad
from diffviz.ui.widgets import controls, layout, theme


class PresetList(QWidget):
    """A button for each preset, which runs it. Signals: `chosen(key)`, by a person."""

    chosen = Signal(str)

    def __init__(self, presets: Mapping[str, Preset], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._presets = presets
        self.buttons: dict[str, QPushButton] = {}
        self.setAccessibleName(tr("Presets"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for key, preset in presets.items():
            column.addWidget(self._button(key, preset))

    def show_request(self, request: GanRequest) -> None:
        """Mark the preset that `request` is."""
        for key, preset in self._presets.items():
            self.buttons[key].setChecked(preset.request == request)

    def _button(self, key: str, preset: Preset) -> QPushButton:
        button = QPushButton(theme.icon("play"), controls.beside_icon(tr(preset.label)))
        button.setStyleSheet("QPushButton { padding: 3px 8px; text-align: left; }")
        button.setIconSize(QSize(12, 12))
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        run = tr("A press trains it; Ctrl+Z brings the form back.")
        button.setToolTip(f"{tr(preset.sentence)} {run}")
        button.setAccessibleDescription(tr(preset.sentence))
        button.clicked.connect(lambda: self._on_clicked(key))
        self.buttons[key] = button
        return button

    def _on_clicked(self, key: str) -> None:
        self.buttons[key].setChecked(True)
        self.chosen.emit(key)


class Fold(QPushButton):
    """A heading that shows and hides what stands below it, and says by an arrow whether it does."""

    def __init__(self, text: str, folded: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(controls.beside_icon(text.upper()), parent)
        self._folded = folded
        self.setProperty("role", "fold")
        self.setCheckable(True)
        self.setIconSize(QSize(12, 12))
        self.setAccessibleName(text)
        self.toggled.connect(self._show)
        self.setChecked(True)

    @Slot(bool)
    def _show(self, shown: bool) -> None:
        self._folded.setVisible(shown)
        self.setIcon(theme.icon("chevron-down" if shown else "chevron-right", "quiet"))
        self.setToolTip(tr("Hide what is below") if shown else tr("Show what is below"))


class GanRunList(run_list.RunList):
    """Trainings; the stage shows one at a time."""

    pinnable = False


LABEL_WIDTH, LONGEST = 118, 760
"""Pixels: of the names of settings, and of all settings and presets."""
POINTS = ("data", "points")


class GanForm(QWidget):
    """Puts a `GanRequest` together and follows the session.

    Signals: `edited`, by a person; `preset_chosen(before)`: a preset is to be trained, its settings took the place of
    those of the request `before`.
    """

    edited = Signal()
    preset_chosen = Signal(object)

    def __init__(
        self,
        session: Session,
        undo: QUndoStack,
        seconds_for: train_panel.SecondsFor,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self.draft = Draft(next(iter(PRESETS.values())).request, undo, _settings_alone, self)
        self._following = Following(self.draft)
        self.presets = PresetList(PRESETS)
        self.fold = Fold(tr("Preset"), self.presets)
        self.settings = request_form.RequestForm(self.draft, label_width=LABEL_WIDTH)
        self.pad = DrawPad()
        self.panel = train_panel.TrainPanel(session, seconds_for)
        self.runs = GanRunList(session, undo, slots="gan")
        self.runs_heading = controls.headed(tr("Runs"), run_list.TidyButton(self.runs))
        self._arrange()
        self._connect()
        self._on_shown_changed()
        self._show()

    def request(self) -> GanRequest:
        """The request as the form shows it."""
        assert isinstance(self.draft.request, GanRequest)
        return self.draft.request

    def set_request(self, request: GanRequest, label: str = "") -> None:
        """Show `request`; with a `label` as a step that can be undone."""
        if label:
            self.draft.replace(request, label)
        else:
            self.draft.load(request)

    def set_compact(self, compact: bool) -> None:
        """Little height: presets give their place to the settings, until they are asked for."""
        self.fold.setChecked(not compact)

    @Slot()
    def refresh(self) -> None:
        """Read the session and the draft."""
        request = self.request()
        shown = self._session.a.request if self._session.a else None
        self.panel.refresh(request, fresh=needs_fresh_networks(shown, request))
        self.runs.refresh()
        for widget in (self.runs_heading, self.runs):
            widget.setVisible(any(run.slot.startswith("gan") for run in self._session.runs))

    def _arrange(self) -> None:
        page = (self.fold, self.presets, controls.heading(tr("Training")), self.pad, self.settings)
        usual = self.panel.usual_height
        self.page = layout.lay_runs_form(self, page, self.panel, self.runs_heading, self.runs, usual, longest=LONGEST)

    def _connect(self) -> None:
        self._session.shown_changed.connect(self._on_shown_changed)
        self.draft.changed.connect(self._show)
        self.draft.edited.connect(self.edited)
        self.presets.chosen.connect(self._on_preset)
        self.pad.drawn.connect(self._on_drawn)
        self.pad.settled.connect(self.draft.settle)
        self.panel.settings_asked.connect(self._on_settings_asked)
        for signal in (self._session.runs_changed, self._session.shown_changed, self._session.device_changed):
            signal.connect(self.refresh)

    @Slot()
    def _on_shown_changed(self) -> None:
        self._following.show(self._session.a.request if self._session.a else None)

    @Slot()
    def _show(self) -> None:
        request = self.request()
        self.presets.show_request(request)
        drawn = request.data if isinstance(request.data, Drawn) else None
        self.pad.setVisible(drawn is not None)
        if drawn is not None:
            self.pad.show_points(drawn.points, drawn.std)
        self.refresh()

    @Slot(str)
    def _on_preset(self, key: str) -> None:
        before, request = self.request(), PRESETS[key].request
        if not self.draft.seed_locked:
            request = dataclasses.replace(request, seed=self.draft.seeds())
        self.set_request(request, tr(PRESETS[key].label))
        self.presets.show_request(self.request())
        self.preset_chosen.emit(before)

    @Slot(object)
    def _on_drawn(self, points: tuple[tuple[float, float], ...]) -> None:
        self.draft.set_value(POINTS, points, tr("Drawing"))

    @Slot()
    def _on_settings_asked(self) -> None:
        run = self._session.a
        if run is not None and isinstance(run.request, GanRequest):
            self.draft.replace(run.request, tr("Back to the run's settings"))


def _settings_alone(request: Request) -> Request:
    assert isinstance(request, GanRequest)
    return unstarted(request)
