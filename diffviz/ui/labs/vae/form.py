"""The left column of the VAE lab: the path and its anchors, the model beside, and the pictures."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.requests import Image, Request
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.session.session import Session
from diffviz.ui.forms import request_form, run_panel
from diffviz.ui.forms.draft import Draft
from diffviz.ui.gallery import gallery, picture_import
from diffviz.ui.labs.vae.anchors import AnchorBar, names_of
from diffviz.ui.widgets import controls, layout

ANCHORS = ("anchors",)


class PathForm(QWidget):
    """Puts a `PathRequest` together; every change starts it anew.

    Signals: `live_changed(request)`; `picture_selected(sha256)`.
    """

    live_changed = Signal(object)
    picture_selected = Signal(str)

    def __init__(
        self, session: Session, undo_stack: QUndoStack, seconds_for: run_panel.SecondsFor, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._besides: set[str] = set()
        self.draft = Draft(PathRequest(), undo_stack, self._fit, self)
        self.settings = request_form.RequestForm(self.draft)
        self.beside = controls.Combo()
        self.anchors = AnchorBar()
        self.pictures = gallery.PicturePicker(session)
        self.own = picture_import.OwnPictures(self.pictures, self)
        self.panel = run_panel.RunPanel(session, seconds_for)
        self._arrange()
        self._connect()

    def request(self) -> PathRequest:
        """The request as the form shows it."""
        assert isinstance(self.draft.request, PathRequest)
        return self.draft.request

    def set_request(self, request: PathRequest) -> None:
        """Show `request`; nothing is emitted."""
        self.draft.load(request)
        self._show()

    def set_models(self, card: Card, beside: Card | None, choices: Sequence[Card]) -> None:
        """Walk the latent space of `card`, and of `beside`, one of `choices`."""
        self._besides = {choice.id for choice in (*choices, *((beside,) if beside else ()))}
        self.beside.clear()
        self.beside.addItem(tr("nothing beside it"), "")
        for choice in choices:
            self.beside.addItem(tr("beside {model}").format(model=choice.name), choice.id)
        self.beside.set_data(beside.id if beside else "")
        self.beside.setVisible(bool(choices))
        self.settings.set_card(card)

    def set_data(self, card: Card, data: Dataset | None) -> None:
        """Offer pictures of `data` for the model of `card`."""
        channels, height, width = card.shape
        self.pictures.set_data(data)
        self.own.expect((height, width) if channels == 1 else (height, width, channels), dark=data is None or data.dark)

    def set_anchor(self, name: str, anchor: Anchor, *, settled: bool = True) -> None:
        """Put `anchor` at `name`, adding C or D where it is not there yet; an undo takes it back."""
        anchors = dict(zip(names_of(len(self.request().anchors)), self.request().anchors, strict=True))
        place = name if name in anchors or name == "B" else ("C" if "C" not in anchors else "D")
        anchors[place] = anchor
        self._put(anchors, tr("Anchor {name}").format(name=place))
        if settled:
            self.draft.settle()

    def set_anchors(self, anchors: tuple[Anchor, ...], what: str) -> None:
        """Replace all anchors as one step that can be undone."""
        self.draft.settle()
        self.draft.set_value(ANCHORS, anchors, what)
        self.draft.settle()

    @Slot()
    def refresh(self) -> None:
        """Read the session and the draft."""
        self.panel.refresh(self.request())

    @Slot()
    def open_picture(self) -> None:
        """Ask for picture files and take them in."""
        self.own.ask()

    def import_pictures(self, paths: Sequence[Path], taken: picture_import.Taken | None = None) -> None:
        """Take picture files in; `taken` is told the name of the first where a person keeps it."""
        self.own.take(paths, taken)

    def _arrange(self) -> None:
        self.beside.setAccessibleName(tr("Model beside"))
        self.beside.setToolTip(tr("The model whose latent space is walked with the same pictures"))
        page = (controls.heading(tr("Path")), self.beside, self.settings, self.anchors, self.pictures)
        layout.lay_form(self, page, layout.beside_bar(self.panel))

    def _connect(self) -> None:
        self.draft.edited.connect(self._on_edited)
        self.draft.changed.connect(self.refresh)
        self.panel.run_asked.connect(self._on_run_asked)
        self.panel.cancel_asked.connect(self._on_cancel_asked)
        self.panel.settings_asked.connect(self._on_settings_asked)
        self.beside.picked.connect(self._on_beside_picked)
        self.anchors.set_asked.connect(self._on_set_asked)
        self.anchors.files_dropped.connect(self._on_files_dropped)
        self.anchors.remove_asked.connect(self._on_remove_asked)
        self.pictures.selected.connect(self.picture_selected)
        self.pictures.picture_asked.connect(self.open_picture)
        for signal in (self._session.runs_changed, self._session.shown_changed, self._session.device_changed):
            signal.connect(self.refresh)

    def _put(self, anchors: dict[str, Anchor], what: str) -> None:
        ordered = tuple(anchors[name] for name in names_of(len(anchors)))
        self.draft.set_value(ANCHORS, ordered, what)

    def _fit(self, request: Request) -> Request:
        """A model beside that can be, anchors with as many coordinates as the models have, and their pictures named."""
        assert isinstance(request, PathRequest)
        request = dataclasses.replace(request, beside=request.beside if request.beside in self._besides else "")
        dims = [self._session.cards[name].latent for name in request.models if name in self._session.cards]
        anchors = tuple(_fitted(anchor, dims) for anchor in request.anchors)
        names = tuple(a.image for a in anchors if a.image and not a.codes)
        shapes = [self._session.images[name].shape for name in names if name in self._session.images]
        return dataclasses.replace(request, anchors=anchors, start=Image(names, shapes[0] if shapes else ()))

    def _show(self) -> None:
        request = self.request()
        names = names_of(len(request.anchors)) if len(request.anchors) > 1 else ()
        pictures: dict[str, U8 | None] = {
            name: self._session.images.get(anchor.image) for name, anchor in zip(names, request.anchors, strict=False)
        }
        self.anchors.show_anchors(pictures)

    @Slot()
    def _on_edited(self) -> None:
        self._show()
        self.live_changed.emit(self.request())

    @Slot()
    def _on_run_asked(self) -> None:
        self.live_changed.emit(self.request())

    @Slot()
    def _on_cancel_asked(self) -> None:
        if self._session.a:
            self._session.cancel(self._session.a)

    @Slot()
    def _on_settings_asked(self) -> None:
        run = self._session.a
        if run is not None and isinstance(run.request, PathRequest):
            self.draft.replace(run.request, tr("Back to the run's settings"))

    @Slot(object)
    def _on_beside_picked(self, model: str) -> None:
        """Another model beside: anchors that are pictures stay, points near a picture become that picture."""
        request = self.request()
        anchors = tuple(Anchor(anchor.image) if anchor.image else anchor for anchor in request.anchors)
        self.draft.replace(dataclasses.replace(request, beside=model, anchors=anchors), tr("Model beside"))

    @Slot(str, str)
    def _on_set_asked(self, name: str, sha256: str) -> None:
        chosen = sha256 or self.pictures.current
        if chosen and len(self.request().anchors) > 1:
            self.set_anchor(name, Anchor(chosen))
        elif not chosen:
            self.pictures.show_error(tr("Select a picture first."))

    @Slot(str, object)
    def _on_files_dropped(self, name: str, paths: Sequence[Path]) -> None:
        self.own.take(paths, lambda sha256: self._on_set_asked(name, sha256))

    @Slot(str)
    def _on_remove_asked(self, name: str) -> None:
        anchors = dict(zip(names_of(len(self.request().anchors)), self.request().anchors, strict=True))
        if anchors.pop(name, None) is not None:
            rest = tuple(anchors.values())
            self.set_anchors(rest, tr("Anchor {name}").format(name=name))


def _fitted(anchor: Anchor, dims: Sequence[int]) -> Anchor:
    """`anchor` for models of `dims` latent dimensions: its picture, or its point cut or filled up with 0."""
    if not anchor.codes or [len(code) for code in anchor.codes] == list(dims):
        return anchor
    if anchor.image:
        return Anchor(anchor.image)
    codes = (*anchor.codes, *((),) * len(dims))
    return Anchor(codes=tuple((*code[:d], *(0.0,) * (d - len(code))) for code, d in zip(codes, dims, strict=False)))
