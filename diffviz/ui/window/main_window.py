"""The main window: the bar with labs, model and device, the lab below it, the line of hints at the bottom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QSize, Signal, Slot
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QResizeEvent, QUndoStack
from PySide6.QtWidgets import QApplication, QVBoxLayout

from diffviz.domain import cards, planar
from diffviz.domain.requests import Request
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.session.catalogue import Catalogue
from diffviz.session.persistence import Persistence
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.export_dialog import Exporting
from diffviz.ui.labs.diffusion.lab import DiffusionLab
from diffviz.ui.labs.lab import Lab
from diffviz.ui.labs.registry import AppContext, LabRegistry
from diffviz.ui.widgets.keyboard import Keyboard, KeyedWindow, Region, window_keys
from diffviz.ui.widgets.layout import ScrollingBelow, column_of, fit
from diffviz.ui.widgets.notice import OPENING, Message, Notice
from diffviz.ui.widgets.shortcuts import HintLine, ShortcutsDialog, plot_keys, rows_of
from diffviz.ui.window import dialogs, lab_stack, menus, model_picker
from diffviz.ui.window.documents import Documents, files_in
from diffviz.ui.window.top_bar import TopBar, tab_actions, title, title_key, window_actions

if TYPE_CHECKING:
    from diffviz.ui.labs.gan.lab import GanLab
    from diffviz.ui.labs.vae.lab import VaeLab

SMALLEST = QSize(640, 360)
DRAWER_WIDTH = 1200
COMPACT_HEIGHT = 760


class MainWindow(KeyedWindow):
    """The program's window. It is made anew for another language or theme: everything it shows is in the session.

    Signals: `rebuild_wanted` (language or theme changed), `closed`.
    """

    rebuild_wanted = Signal()
    closed = Signal()

    def __init__(
        self,
        session: Session,
        persistence: Persistence,
        player: Player,
        preferences: Preferences,
        costs: RuntimeEstimator,
        undo: QUndoStack,
        catalogue: Catalogue,
        support: menus.Support,
    ) -> None:
        super().__init__()
        self._session, self._preferences, self._guard = session, preferences, persistence.guard
        self._last_width = 0
        self._titled: object = ()
        self._retired = False
        self.setMinimumSize(SMALLEST)
        self.setAcceptDrops(True)
        self.labs = LabRegistry(AppContext(session, player, undo, preferences, costs), self)
        self._stack = lab_stack.LabStack(self.labs, session, preferences)
        self._room = ScrollingBelow(self._stack, Lab.smallest)
        column = column_of(self, self._room)
        self._stack.begin(DiffusionLab.name)
        self._arrange(column, catalogue, persistence, support)
        self.keyboard = self._keys = Keyboard(self, self.regions, lambda: self.shown.take_keyboard())
        self._own_actions = [*window_actions(self, self._bar, undo), *self._keys.actions]
        self._tab_actions = tab_actions(self, self._bar, self.open_lab)
        self.addActions([*self._own_actions, *self._tab_actions])
        self._take_actions()
        self._restore_layout()
        self._connect()
        self._on_device_changed()
        self._on_runs_changed()
        self._mirror()
        self._bar.tabs[self.shown.name].setChecked(True)
        self.shown.set_active(True)
        self._choice.offer()

    @property
    def lab(self) -> DiffusionLab:
        """The Diffusion lab."""
        lab = self.labs["diffusion"]
        assert isinstance(lab, DiffusionLab)
        return lab

    @property
    def vae(self) -> VaeLab:
        """The VAE lab."""
        from diffviz.ui.labs.vae.lab import VaeLab

        lab = self.labs["vae"]
        assert isinstance(lab, VaeLab)
        return lab

    @property
    def gan(self) -> GanLab:
        """The GAN lab."""
        from diffviz.ui.labs.gan.lab import GanLab

        lab = self.labs["gan"]
        assert isinstance(lab, GanLab)
        return lab

    @property
    def shown(self) -> Lab:
        """The lab that is shown."""
        return self._stack.shown

    def open_lab(self, name: str) -> None:
        """Show the lab called `name`, with the run that was on its stage when it was left."""
        self._bar.tabs[name].setChecked(True)
        self._stack.open(name)

    @Slot()
    def _on_brought_up(self) -> None:
        """Another lab is shown: its tab, its models and its shortcuts with it."""
        self._bar.tabs[self.shown.name].setChecked(True)
        for action in self._lab_actions:
            self.removeAction(action)
        self._take_actions()
        self._choice.offer()
        self._room.smallest = self.shown.smallest
        self._room.lay_out()
        self._fold()
        self._hints.set_lab(self.shown.name)

    def _take_actions(self) -> None:
        self._lab_actions = self.shown.actions_of()
        self.addActions(self._lab_actions)

    def regions(self) -> list[Region]:
        """What F6 goes through, and Tab in this order."""
        return [Region(self._bar), *self.shown.regions(), Region(self.notice)]

    def state(self) -> dict[str, Any]:
        """What a new window needs to go on from here; see `restore`."""
        return self._stack.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from `state` of another window of the same session."""
        self._stack.restore(state)

    def _arrange(
        self, column: QVBoxLayout, catalogue: Catalogue, persistence: Persistence, support: menus.Support
    ) -> None:
        self.notice = Notice(self)
        self.documents = Documents(persistence.files, self._preferences, self, self.notice, self)
        self._stack.attend(persistence, self.documents)
        self.recovery = dialogs.Recovery(persistence, self.documents, self.notice)
        self._question = dialogs.CloseQuestion(self._guard, self._session, self.documents, self)
        self.folders = lab_stack.ModelFolders(catalogue, self._session, self._preferences, self.notice, self)
        self._failures = lab_stack.Failures(self._stack, self._session, self.notice, self)
        help_button = menus.HelpButton(support, self.show_shortcuts, self.notice.say)
        self._bar = TopBar(self._titles(), self._preferences, self.documents, self.folders, help_button)
        self._bar.lab_chosen.connect(self.open_lab)
        self.exporting = Exporting(self._session, self._preferences, self._bar.export)
        self._bar.export_asked.connect(self.exporting.ask)
        self._bar.drawer_toggled.connect(self._on_drawer_toggled)
        self._model = self._bar.models
        self._choice = model_picker.ModelChoice(self._model, self.labs, self._stack, self._session, catalogue, self)
        self._hints = HintLine()
        self._room.smallest = self.shown.smallest
        column.insertWidget(0, self._bar)
        column.addWidget(self._hints)

    def _connect(self) -> None:
        self._stack.brought_up.connect(self._on_brought_up)
        self._session.device_changed.connect(self._on_device_changed)
        self._session.runs_changed.connect(self._on_runs_changed)
        self._session.frames_arrived.connect(self._on_runs_changed)
        self._session.shown_changed.connect(self._on_runs_changed)
        self._preferences.changed.connect(self._on_preference_changed)
        self.folders.catalogue.changed.connect(self._on_catalogue_changed)
        self.folders.opened.connect(self.show_model)
        self._guard.granted.connect(self._on_close_granted)
        self.lab.stage.readout_changed.connect(self._hints.say)
        self.lab.model_wanted.connect(self._choice.choose)
        self.lab.export_wanted.connect(self.exporting.export)
        self.lab.copy_wanted.connect(self.documents.copy)

    @Slot(bool)
    def _on_drawer_toggled(self, shown: bool) -> None:
        self.shown.set_drawer(shown)
        if shown:
            self.shown.draw()  # views that are out of sight are not kept up to date

    @Slot()
    def _on_device_changed(self) -> None:
        self._bar.show_device(self._session.device, self._session.device_error)

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self._session.a
        key = title_key(run, self._session.names)
        if key != self._titled:
            self._titled = key
            self._bar.export.setEnabled(run is not None and len(run.store) > 0)
            self.setWindowTitle(title(run, self._session.names))

    def _mirror(self) -> None:
        self.lab.timeline.set_mirrored(self._preferences["mirrored"])
        self._hints.set_mirrored(self._preferences["mirrored"])

    @Slot(str)
    def _on_preference_changed(self, name: str) -> None:
        match name:
            case "language" | "theme":
                self.rebuild_wanted.emit()
            case "device":
                self._session.use_device(self._preferences["device"])
            case "budget_mb":
                self._session.budget.limit = self._preferences["budget_mb"] << 20
            case "mirrored":
                self._mirror()
            case "shared_by":
                self._session.share_by(self._preferences["shared_by"])
            case _:
                pass

    @Slot()
    def show_shortcuts(self) -> None:
        """List all shortcuts."""
        own = [*rows_of([*self._own_actions, *self._tab_actions]), *window_keys()]
        ShortcutsDialog({**self.shown.shortcuts(), tr("Plots"): plot_keys(), tr("Window"): own}, self).exec()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take sessions, exported files and pictures, wherever they are dropped."""
        if files_in(event.mimeData()):
            event.acceptProposedAction()
            self._hints.say(tr("Drop it: a run or a model is opened, a picture goes into the gallery."))

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Say no more of a drop."""
        self._hints.say("")

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped."""
        self._hints.say("")
        event.acceptProposedAction()
        self.documents.open_all(files_in(event.mimeData()))

    def run(self, request: Request) -> None:
        """Open the lab of `request`, choose its model, put it into the form, and compute it."""
        family = family_of(request)
        wanted = family.lab or family.name
        self.open_lab(wanted if wanted in self.labs else DiffusionLab.name)
        self._choice.choose_for(request)
        self.shown.run(request)

    def open_model(self, path: Path) -> None:
        """Open a model's folder, and show its model."""
        self.folders.open(path)

    @Slot(object, object)
    def show_model(self, card: cards.Card, folder: Path) -> None:
        """Choose the model of `card`, which a person opened, in the lab that it belongs to."""
        self.documents.remember(folder)
        lab = self.labs.lab_of(card)
        if card.family == planar.FAMILY:
            self.run(planar.PlanarRequest(model=card.id))
            return
        if lab in self.labs:
            self.open_lab(lab)
        if lab not in self.labs or not self._choice.show(card):
            self.notice.say(Message(lab_stack.not_shown(card)))

    @Slot()
    def _on_catalogue_changed(self) -> None:
        """Models came or went, and with them labs."""
        tabs = tuple(self.labs)
        if tabs != tuple(self._bar.tabs):
            self._bar.set_labs(self._titles())
            for action in self._tab_actions:
                self.removeAction(action)
            self._tab_actions = tab_actions(self, self._bar, self.open_lab)
            self.addActions(self._tab_actions)
        self._choice.refresh()

    def _titles(self) -> dict[str, str]:
        return {name: tr(self.labs.specs[name].title) for name in self.labs}

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take picture files into the gallery, or say that the lab has none."""
        if self.shown.takes_pictures:
            self.notice.done(OPENING)
            self.shown.import_pictures(paths)
        else:
            self.notice.say(
                Message(tr("This lab takes no pictures: drop them in another one."), error=True, kind=OPENING)
            )

    def changeEvent(self, event: QEvent) -> None:
        """Follow the desktop's theme."""
        if event.type() == QEvent.Type.ThemeChange and not self._preferences["theme"]:
            self.rebuild_wanted.emit()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold the right column below 1200 px of width and the plots below 760 px of height."""
        super().resizeEvent(event)
        wide = self.width() >= DRAWER_WIDTH
        if wide != (self._last_width >= DRAWER_WIDTH) or not self._last_width:
            self._bar.drawer.setChecked(wide)
        self._last_width = self.width()
        self._fold()

    def _fold(self) -> None:
        """Fold what the window's size leaves no room for in the shown lab."""
        self.shown.set_narrow(self.width() < DRAWER_WIDTH)
        self.shown.set_drawer(self._bar.drawer.isChecked())
        self.shown.set_compact(self.height() < COMPACT_HEIGHT)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep the layout and say goodbye, once nothing unsaved is lost by it and no dialog is open."""
        if not self._retired and not self._may_close():
            event.ignore()
            return
        self.retire()
        super().closeEvent(event)
        self.closed.emit()

    def _may_close(self) -> bool:
        above = QApplication.activeModalWidget()
        if above is not None:  # opened while a save was waited for, or before
            self._guard.call_off()
            above.activateWindow()
            return False
        return self._guard.may_close()

    @Slot()
    def _on_close_granted(self) -> None:
        self.close()

    def retire(self) -> None:
        """Keep the layout and follow the session no more; what is painted stays on the screen until it is closed."""
        if self._retired:
            return
        self._retired = True
        self._preferences.keep_layout("window", self.saveGeometry())
        self._guard.granted.disconnect(self._on_close_granted)
        self.folders.catalogue.changed.disconnect(self._on_catalogue_changed)
        for part in (self._question, self.recovery, self.documents, self.folders, self._failures):
            part.close()
        self._keys.close()
        self._stack.close_labs()

    def _restore_layout(self) -> None:
        self.resize(1440, 900)
        geometry = self._preferences.layout("window")
        if geometry is not None:
            self.restoreGeometry(geometry)
        fit(self)
