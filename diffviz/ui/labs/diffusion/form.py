"""The left column of the Diffusion lab: what to compute, how it goes, and what has been computed."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain import errors, ideal, samples
from diffviz.domain.cards import Card
from diffviz.domain.requests import NO_CLASS, ForwardRequest, Image, Request, ReverseRequest
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.families import diffusion
from diffviz.session.session import Session
from diffviz.ui.forms import editors, request_form, run_list, run_panel
from diffviz.ui.forms.draft import Draft, Following
from diffviz.ui.forms.run_actions import MANY, RunActions, StartRow, steps_of
from diffviz.ui.gallery.picture_import import OwnPictures
from diffviz.ui.labs.diffusion.forward_page import ForwardPage
from diffviz.ui.widgets.controls import Segments
from diffviz.ui.widgets.layout import beside_bar, lay_runs_form

FORWARD, REVERSE = "forward", "reverse"


class DiffusionForm(QWidget):
    """Puts forward and reverse requests together, one draft each, and follows the session.

    Signals: `run_asked(request)`; `cancel_asked`; `live_changed(request)`: a setting changed, also while it is dragged;
    `direction_changed("forward" or "reverse")`, by a person.
    """

    run_asked = Signal(object)
    live_changed = Signal(object)
    cancel_asked = Signal()
    direction_changed = Signal(str)

    def __init__(
        self, session: Session, undo_stack: QUndoStack, seconds_for: run_panel.SecondsFor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._card: Card | None = None
        self._direction = FORWARD
        self._quiet = False
        self._drafts = {
            FORWARD: Draft(ForwardRequest(), undo_stack, self._fit, self),
            REVERSE: Draft(ReverseRequest(), undo_stack, self._fit, self),
        }
        self._following = {direction: Following(draft) for direction, draft in self._drafts.items()}
        self.directions = Segments(
            {FORWARD: tr("Forward  q"), REVERSE: tr("Reverse  p")},
            tr("Direction"),
            {
                FORWARD: tr("Add noise to pictures, step by step: q adds it by a fixed rule."),
                REVERSE: tr("Make pictures out of noise, step by step: p is what the model has learnt."),
            },
        )
        self.forward = ForwardPage(session, self._drafts[FORWARD])
        self.reverse = request_form.RequestForm(self._drafts[REVERSE])
        self.start = StartRow(self._drafts[REVERSE])
        self.panel = run_panel.RunPanel(session, seconds_for)
        self.runs = run_list.RunList(session, undo_stack, slots="diffusion")
        self.deeds = RunActions(session)
        self.own = OwnPictures(self.forward.gallery, self)
        self._came = False
        self._arrange()
        self._connect()
        self.show_direction(FORWARD)
        self.set_model(None)
        if session.a is not None:
            self.show_run(session.a.request)

    def set_model(self, card: Card | None) -> None:
        """Use the model of `card` from the next run on; None leaves the forward process without a network."""
        changed = card is None or _material(card) != _material(self._card)
        came, self._card = (card is None) != (self._card is None), card
        self.directions.setVisible(card is not None)
        if came:
            if card and self._drafts[FORWARD].request.schedule != ForwardRequest().schedule:
                self._carry(REVERSE)
            self.show_direction(FORWARD if card is None else REVERSE)
        for draft in self._drafts.values():
            draft.load(draft.request)
        if changed:
            self._offer_pictures(card)
        self.forward.set_card(card)
        self.reverse.set_card(card)
        self.refresh()
        self._follow_model()

    def set_request(self, request: Request, *, undoable: bool = True) -> None:
        """Put `request` into the form of its direction and show it."""
        direction = _direction_of(request)
        if undoable:
            self._change(direction, request, tr("Settings"))
        else:
            self._drafts[direction].load(request)
        self.show_direction(direction)

    def request(self) -> ForwardRequest | ReverseRequest:
        """The request as the form shows it."""
        return self.request_for(self._direction)

    def request_for(self, direction: str) -> ForwardRequest | ReverseRequest:
        """The request of one direction, shown or not."""
        request = self._drafts[direction].request
        assert isinstance(request, ForwardRequest | ReverseRequest)
        return request

    def requests(self) -> tuple[Request, ...]:
        """The requests of both directions, the one that is shown last."""
        other = REVERSE if self._direction == FORWARD else FORWARD
        return self.request_for(other), self.request()

    def point_out_start(self) -> None:
        """Bring what a branch starts from into sight, and the keyboard to what is likely to be changed."""
        row = self.reverse.row("sampler")
        if row is not None:
            row.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.page.reveal(self.start)

    def no_class(self) -> str:
        """What a model is told for p(x)."""
        return NO_CLASS

    def show_direction(self, direction: str) -> None:
        """Show the form of "forward" or "reverse"."""
        self._direction = direction
        self.directions.set_current(direction)
        self.forward.setVisible(direction == FORWARD)
        self.reverse.setVisible(direction == REVERSE)
        self.start.setVisible(direction == REVERSE)
        self.refresh()

    def show_run(self, request: Request, choose: Callable[[str], None] = lambda _model: None) -> None:
        """Show the direction of `request`, that of the run that is shown from now on, and itself, unless the form was
        edited; `choose` its model first, where that is another one."""
        if not isinstance(request, ForwardRequest | ReverseRequest):
            return
        direction = _direction_of(request)
        if self._following[direction].wants(request):
            model = request.model or ""
            if model in self._session.offered and (self._card is None or model != self._card.id):
                choose(model)
            self._drafts[direction].load(request)
        self.show_direction(direction)

    @Slot()
    def open_picture(self) -> None:
        """Ask for picture files and take them in."""
        self._show_forward()
        self.own.ask()

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take picture files in, one after the other, each with its crop to be confirmed."""
        self._show_forward()
        self.own.take(paths)

    def follow(self) -> None:
        """Read how far runs have come, where frames came since the last time: a moved cursor changes nothing here."""
        if self._came:
            self.refresh()

    @Slot()
    def _on_frames_arrived(self) -> None:
        self._came = True

    @Slot()
    def refresh(self) -> None:
        """Read the session and the drafts."""
        self._came = False
        self.panel.refresh(self.request())
        self.runs.refresh()
        reverse = self.request_for(REVERSE)
        steps = steps_of(ideal.suited(self._card, reverse).timesteps if self._card else MANY)
        conditional = self._card is not None and self._card.conditional
        self.deeds.refresh(conditional=conditional, steps=steps, without_beta=getattr(reverse, "without_beta", False))
        for widget in (self.deeds, self.runs):
            widget.setVisible(any(run.slot.startswith("diffusion") for run in self._session.runs))

    def _arrange(self) -> None:
        page = (self.forward, self.reverse, self.start)
        self.deeds.add_tool(run_list.TidyButton(self.runs))
        runs, above, usual = self.runs, beside_bar(self.directions), self.panel.usual_height
        self.page = lay_runs_form(self, page, self.panel, self.deeds, runs, usual, above, spacing=12)

    def _connect(self) -> None:
        for draft in self._drafts.values():
            draft.changed.connect(self.refresh)
        self._drafts[FORWARD].edited.connect(self._on_forward_edited)
        self._drafts[REVERSE].edited.connect(self._on_reverse_edited)
        self._drafts[FORWARD].restored.connect(self._show_forward)
        self._drafts[REVERSE].restored.connect(self._show_reverse)
        self.directions.chosen.connect(self._on_direction_chosen)
        self.panel.run_asked.connect(self._on_run_asked)
        self.panel.cancel_asked.connect(self.cancel_asked)
        self.panel.settings_asked.connect(self._on_settings_asked)
        self.forward.gallery.picture_asked.connect(self.open_picture)
        self.forward.gallery.error_shown.connect(self._on_gallery_error)
        session = self._session
        session.frames_arrived.connect(self._on_frames_arrived)
        for signal in (session.runs_changed, session.shown_changed, session.pinned_changed, session.device_changed):
            signal.connect(self.refresh)

    def _fit(self, request: Request) -> Request:
        return editors.fitted(request, self._card)

    def _change(self, direction: str, request: Request, label: str) -> None:
        """Replace a draft without starting anything that follows it."""
        self._quiet = True
        self._drafts[direction].replace(request, label)
        self._quiet = False

    def _carry(self, direction: str) -> None:
        """Let `direction` run on the process of the other one, where the model allows it: an ideal denoiser does."""
        draft, other = self._drafts[direction], self.request_for(REVERSE if direction == FORWARD else FORWARD)
        if self._card and direction != self._direction:
            draft.load(diffusion.carried(draft.request, other, self._card))

    def _offer_pictures(self, card: Card | None) -> None:
        """Pictures of the model's data set in the gallery, some of them chosen."""
        gallery, draft = self.forward.gallery, self._drafts[FORWARD]
        try:
            data = _samples(card)
            gallery.show_error("")
        except errors.DiffvizError as error:
            data = None
            gallery.show_error(sentence(error))
        gallery.set_data(data)
        self.own.expect(_pixel_shape(card, data), dark=data is None or data.dark)
        draft.load(dataclasses.replace(draft.request, start=gallery.first_start()))

    def _follow_model(self) -> None:
        """A forward run on the screen follows another model, as it follows every other setting."""
        shown = self._session.a
        request = self.request_for(FORWARD)
        if shown and isinstance(shown.request, ForwardRequest) and shown.request != request and self._card:
            self.live_changed.emit(request)

    @Slot()
    def _on_gallery_error(self) -> None:
        self.page.reveal(self.forward.gallery.error)

    @Slot()
    def _on_forward_edited(self) -> None:
        if not self._quiet:
            self.live_changed.emit(self.request_for(FORWARD))

    @Slot()
    def _on_reverse_edited(self) -> None:
        if not self._quiet:
            self.live_changed.emit(self.request_for(REVERSE))

    @Slot()
    def _show_forward(self) -> None:
        self.show_direction(FORWARD)

    @Slot()
    def _show_reverse(self) -> None:
        self.show_direction(REVERSE)

    @Slot(str)
    def _on_direction_chosen(self, direction: str) -> None:
        """Show the form of a direction, on the process of the other where it can be, and the newest run of it."""
        self._carry(direction)
        self.show_direction(direction)
        self.direction_changed.emit(direction)
        kind = type(self.request())
        newest = next((run for run in reversed(self._session.runs) if type(run.request) is kind), None)
        if newest:
            self._session.show(newest)
        request = self.request()
        if direction == FORWARD and (newest is None or newest.request != request):
            self.live_changed.emit(request)

    @Slot()
    def _on_run_asked(self) -> None:
        draft = self._drafts[self._direction]
        draft.settle()
        if not draft.seed_locked:
            self._change(self._direction, dataclasses.replace(draft.request, seed=draft.seeds()), tr("Seed"))
        self.run_asked.emit(draft.request)

    @Slot()
    def _on_settings_asked(self) -> None:
        run = self._session.a
        if run:
            self._change(_direction_of(run.request), run.request, tr("Back to the run's settings"))


def _direction_of(request: Request) -> str:
    return FORWARD if isinstance(request, ForwardRequest) else REVERSE


def _material(card: Card | None) -> tuple[object, ...]:
    """What decides which pictures fit a model."""
    return (card.dataset, card.shape) if card else ()


def _samples(card: Card | None) -> samples.Dataset | None:
    """Pictures that the model of `card` was trained on; any there are for no model."""
    if card is None:
        names = samples.datasets()
        return samples.load(names[0]) if names else None
    name = str(card.dataset.get("name", ""))
    return samples.load(name) if samples.has(name) else None


def _pixel_shape(card: Card | None, data: samples.Dataset | None) -> tuple[int, ...]:
    if card is None:
        return data.shape if data else Image(()).shape
    return card.pixels
