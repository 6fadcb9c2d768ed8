"""The Diffusion lab: the form, the stage over the timeline, and the instant, for one family of models."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QAction, QShowEvent, QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain.cards import Card
from diffviz.domain.ideal import card_for
from diffviz.domain.requests import ForwardRequest, Request, ReverseRequest
from diffviz.domain.text import tr
from diffviz.families import process_of
from diffviz.session import looks
from diffviz.session.player import Player
from diffviz.session.preferences import Preferences
from diffviz.session.run import RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.forms import draft, run_actions
from diffviz.ui.instruments import instrument, page, table
from diffviz.ui.labs.diffusion import controller, form, histogram, instant, recognition
from diffviz.ui.labs.drawing import FirstFrameTimeout, RedrawScheduler
from diffviz.ui.labs.lab import Lab, form_side, views_side
from diffviz.ui.labs.pages import LabPage, Pages
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.sample_viewer.viewer import SampleViewer
from diffviz.ui.timeline import Timeline
from diffviz.ui.widgets.shortcuts import Rows, rows_of
from diffviz.ui.widgets.view import Highlight, Shown, View

STAGE, INSTRUMENTS = "stage", "instruments"
HEIGHTS = (436, 364)
"""Of stage and timeline at first: in a window of 1440 × 900 ten samples of each of two runs stand at 2×."""


def stage_and_instruments(stage: SampleViewer, instruments: page.InstrumentPage) -> Pages:
    """Both in one place."""
    pages = {
        STAGE: LabPage(tr("Stage"), tr("The pictures of the run (T)"), stage, stage.set_leading, HEIGHTS),
        INSTRUMENTS: LabPage(
            tr("Instruments"),
            tr("The theory of the run, with the numbers of this t (T)"),
            instruments,
            lambda tabs: instruments.head.insertWidget(0, tabs),
            (540, 260),
        ),
    }
    return Pages(pages, tr("Stage or instruments"), "T")


INSTANT_WIDTH = 288
FIRST_LOOK = 0.3


class DiffusionLab(Lab):
    """Watches noising and denoising. It starts runs, and draws its views when the session changes.

    Signals: `drawer_wanted` (the right column has to be shown or hidden by the window's width); `model_wanted(id)`
    (what is to be computed needs another model than the chosen one); `export_wanted(run, position)` of a run that is
    not on the stage.
    """

    name = "diffusion"
    families = ("diffusion",)
    drawer_wanted = Signal()
    model_wanted = Signal(str)
    export_wanted = Signal(object, float)
    copy_wanted = Signal(object, str)

    def __init__(
        self,
        session: Session,
        player: Player,
        undo: QUndoStack,
        preferences: Preferences,
        costs: RuntimeEstimator,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._preferences, self._costs = session, preferences, costs
        self._card: Card | None = None
        self._player = player
        self._compact = False
        self._said = ""
        self.form = form.DiffusionForm(session, undo, self._seconds)
        self.stage = SampleViewer()
        self.runs = controller.DiffusionRuns(session, self.form, self.stage, self)
        self.recognising = recognition.ClassPredictions(session, self.stage, lambda: player.playing, self)
        self.timeline = Timeline(session, player)
        self.instant = instant.InstantView()
        self.histogram = histogram.HistogramView()
        self.highlight = Highlight(self)
        self._drafts = draft.Drafts(undo, self)
        self.stage.set_highlight(self.highlight)
        self.timeline.plots.set_highlight(self.highlight)
        self.instant.set_highlight(self.highlight)
        services = instrument.Services(
            session,
            self.highlight,
            lambda: self._card,
            lambda: self.timeline.sample,
            self._soon,
            self._drafts,
            self._seconds,
            self.export_wanted.emit,
            self.copy_wanted.emit,
        )
        self.instruments = page.InstrumentPage(services, preferences)
        self.pages = stage_and_instruments(self.stage, self.instruments)
        self._arrange()
        self._connect()

    def actions_of(self) -> list[QAction]:
        """Actions with shortcuts that the window installs."""
        return [*self.timeline.actions(), *self.form.deeds.actions_of(), self.pages.action]

    def shortcuts(self) -> dict[str, Rows]:
        """Keys by what they are for."""
        runs = [
            (tr("Ctrl+Return"), tr("Run")),
            ("Esc", tr("Cancel the run, or back to all samples")),
            *rows_of([*self.form.deeds.actions_of(), self.pages.action]),
            ("F2", tr("Rename the run that is chosen in the list")),
            (tr("Del"), tr("Delete the run that is chosen in the list")),
        ]
        timeline = rows_of(self.timeline.actions())
        return {tr("Runs"): runs, tr("Timeline"): timeline, tr("Stage"): self.stage.shortcuts()}

    def set_model(self, card: Card | None) -> None:
        """Use the model of `card` from the next run on."""
        self._card = self.runs.card = self.recognising.card = card
        self.form.set_model(card)
        self._repaint.soon()

    def follow_cards(self, card: Card | None) -> None:
        """Models came, changed or went: the chosen one is taken anew where it is another."""
        if card != self._card:
            self.set_model(card)

    def start_first(self) -> None:
        """Put a forward run on the stage, unless there are runs already."""
        if not self._session.runs:
            self.runs.start_live(self.form.request_for("forward"))
            if self._session.a:
                self._session.seek(self._session.a.scale.position(FIRST_LOOK))
        self.draw()
        self.take_keyboard()

    def run(self, request: Request) -> None:
        """Put `request` into the form, or into the instrument that is about such requests, and compute it."""
        if type(request) in table.COMPUTED_BY:
            self.pages.open(INSTRUMENTS)
            self.instruments.compute(table.COMPUTED_BY[type(request)], request)
            return
        self.form.set_request(request)
        self.runs.start(request)

    def set_active(self, active: bool) -> None:
        """Follow the session, or leave it to another lab."""
        super().set_active(active)
        self.recognising.active = active

    def close_lab(self) -> None:
        """Stop all timers."""
        self._repaint.stop()
        self._patience.stop()
        self.recognising.stop()
        self.instruments.close_page()
        self.stage.stop()

    def set_compact(self, compact: bool) -> None:
        """Little height: plots become tabs; beside instruments they always are."""
        self._compact = compact
        self.timeline.set_compact(compact or self.pages.page == INSTRUMENTS)

    def set_drawer(self, shown: bool) -> None:
        """Show or hide the right column."""
        super().set_drawer(shown)
        self._repaint.soon()

    def panes(self) -> PaneButton:
        """The choice of panes of the stage."""
        return self.stage.toolbar.panes

    def open_picture(self) -> None:
        """Ask for picture files and take them in."""
        self.form.open_picture()

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take picture files in."""
        self.form.import_pictures(paths)

    def forms(self) -> tuple[Request, ...]:
        """The requests that instruments put together, and those of both directions."""
        return *self._drafts.requests(), *self.form.requests()

    def take(self, card: Card | None, forms: Sequence[Request]) -> None:
        """Have `forms` in the form of a model: nothing follows it."""
        with QSignalBlocker(self.form):
            if card != self._card:
                self.set_model(card)
            for request in forms:
                if type(request) in table.COMPUTED_BY:
                    self._drafts.take(request)
                else:
                    self.form.set_request(request, undoable=False)

    def look(self) -> looks.Look:
        """The sample, zoom and values of the stage, the instruments and their states, and the histogram's plot."""
        return looks.look_of(self._parts())

    def take_look(self, look: looks.Look) -> None:
        """Show the same of the stage, and the same instruments."""
        looks.show_look(self._parts(), look)
        if looks.words(look, "instruments") is not None:  # as version 0.5 wrote it
            self.instruments.take_look({**look, "chosen": look["instruments"]})

    def _parts(self) -> dict[str, looks.Looking]:
        """What is left in a state of its own, by the names that sessions have for it."""
        shown: dict[str, looks.Looking] = {"stage": self.stage, "instruments": self.instruments}
        shown["pictures"] = self.form.forward.gallery
        return {**shown, "histogram": self.histogram}

    def draw(self) -> None:
        """Draw every view that is visible; where the lab is not, it is drawn when it comes into sight."""
        if not self.active or not self.isVisible():
            return
        shown = self.shown()
        self.form.follow()
        self.stage.set_denoise_available(self.runs.can_denoise(shown.a))
        for view in self._views():
            if view.isVisible():
                view.draw(shown)
        waiting = shown.a is not None and shown.frame is None
        self._patience.watch(waiting)
        if shown.a is None or (waiting and (shown.a.status.final or self._patience.over)):
            self._clear()
        self.recognising.follow(shown)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has come meanwhile."""
        super().showEvent(event)
        self._repaint.soon()

    @Slot()
    def _clear(self) -> None:
        if not self.active:
            return
        for view in self._views():
            if view.isVisible():
                view.clear(self._session.a)

    def shown(self) -> Shown:
        """What the views are handed."""
        run = self._session.a
        if run is None or not isinstance(run.request, ForwardRequest | ReverseRequest):
            return Shown(None, self._session.cursor, self._card)
        cards = self._session.cards
        card = card_for(run.request, cards)
        process = process_of(run.request, cards)
        b = run_actions.beside(self._session)
        if b is None:
            raw = self.stage.toolbar.raw
            return Shown(run, self._session.cursor, card, process, raw=raw, images=self._session.images)
        names = self._session.names.of(run), self._session.names.of(b)
        there = process_of(b.request, cards)
        tie, raw = self._session.link(b), self.stage.toolbar.raw
        images = self._session.images
        return Shown(run, self._session.cursor, card, process, b, there, names, tie, raw, images)

    def _views(self) -> tuple[View, ...]:
        return self.stage, self.timeline, self.instant, self.histogram, self.instruments

    @Slot()
    def _soon(self) -> None:
        self._repaint.soon()

    @Slot()
    def _on_page_changed(self) -> None:
        self.set_compact(self._compact)
        self._repaint.soon()

    def _arrange(self) -> None:
        left = form_side(self.form)
        self._right = views_side(self.instant, self.histogram, width=INSTANT_WIDTH)
        self._lay_columns(left, self.pages, self.timeline, HEIGHTS, share=1)
        self.splitter.setObjectName("stage-timeline")

    def _connect(self) -> None:
        self._repaint = RedrawScheduler(self._session, self.draw, self)
        self._patience = FirstFrameTimeout(self)
        self._patience.ended.connect(self._clear)
        self.pages.changed.connect(self._on_page_changed)
        self.runs.model_wanted.connect(self.model_wanted)
        self.stage.focus_changed.connect(self._on_focus_changed)
        self.stage.toolbar.raw_changed.connect(self._soon)
        self._player.changed.connect(self._on_player_changed)
        self.timeline.sharing_chosen.connect(self._on_sharing_chosen)
        self.timeline.axis_chosen.connect(self._on_axis_chosen)
        self.timeline.spread_by(self._preferences["time_axis"])
        self._preferences.changed.connect(self._on_preference_changed)
        self._session.shown_changed.connect(self._on_shown_changed)
        for signal in (self._session.pinned_changed, self._session.shown_changed):
            signal.connect(self._say_pinned)

    @Slot(str)
    def _on_sharing_chosen(self, key: str) -> None:
        """From now on, and the next time, runs of unlike processes have `key` in common."""
        self._preferences["shared_by"] = key
        self._session.share_by(key)

    @Slot(str)
    def _on_axis_chosen(self, key: str) -> None:
        """From now on, and the next time, the axis is spread by `key`: that of a session may be by another one."""
        self._preferences["time_axis"] = key
        self.timeline.spread_by(key)

    @Slot(str)
    def _on_preference_changed(self, name: str) -> None:
        if name == "time_axis":
            self.timeline.spread_by(self._preferences[name])

    @Slot()
    def _on_player_changed(self) -> None:
        self.stage.pair.set_playing(self._player.playing)

    @Slot(object)
    def _on_focus_changed(self, sample: int | None) -> None:
        self.timeline.sample = sample or 0
        self._repaint.soon()

    @Slot()
    def _say_pinned(self) -> None:
        """Say what to do next where there is nothing to see beside each other yet."""
        pinned, said = self._session.b, ""
        if self.active and pinned is not None and pinned is self._session.a:
            text = tr("{run} is pinned as B. Choose another run in the list: both are shown beside each other.")
            said = text.format(run=html.escape(self._session.names.of(pinned)))
        if said != self._said:
            self._said = said
            self.stage.readout_changed.emit(said)

    @Slot()
    def _on_shown_changed(self) -> None:
        if not self.active:
            return
        self.instruments.forget()
        run = self._session.a
        if run:
            with QSignalBlocker(self.form):
                self.form.show_run(run.request, self.model_wanted.emit)
