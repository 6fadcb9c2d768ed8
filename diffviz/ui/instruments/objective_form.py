"""What a measurement of the objective is to be of, and what it has come to, in words."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from diffviz.domain import samples, settings
from diffviz.domain.cards import Card
from diffviz.domain.objective import ObjectiveRequest
from diffviz.domain.requests import MAX_SAMPLES, NO_CLASS, Image, ancestry
from diffviz.domain.text import tr, trn
from diffviz.families import family, objective
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.ui.forms.draft import Draft
from diffviz.ui.forms.request_form import RequestForm, field_label
from diffviz.ui.gallery import picture_import, picture_source
from diffviz.ui.gallery.gallery import MOST, Gallery
from diffviz.ui.instruments.instrument import small
from diffviz.ui.widgets import controls, number_slider
from diffviz.ui.widgets.format import figure


def setup(request: ObjectiveRequest, card: Card | None) -> str:
    """What `request` measures, and how: pictures, class, variance, clipping, draws."""
    parts = [pictures_text(request)]
    if card is not None and card.conditional:
        parts.append(family.class_name(request.label, card.classes))
    parts.append("σ_t² = β̃_t" if request.variance == "posterior" else "σ_t² = β_t")
    parts.append(tr("x̂_0 clipped") if request.clip else tr("x̂_0 not clipped"))
    parts.append(tr("{n} draws").format(n=request.draws))
    if request.every > 1:
        parts.append(tr("every {n} t").format(n=request.every))
    return " · ".join(parts)


def pictures_text(request: ObjectiveRequest) -> str:
    """How many pictures `request` is about."""
    count = len(request.start.sha256) if isinstance(request.start, Image) else 0
    return trn("{n} picture", "{n} pictures", count).format(n=count)


def verdict(run: Run, terms: objective.ObjectiveTerms, card: Card | None) -> str:
    """What a finished measurement says, and of which pictures."""
    request: Any = run.request
    total, low, high = (float(ends[-1]) for ends in (terms.total.mean, terms.total.low, terms.total.high))
    every = request.every == 1 and len(run.store) == len(run.plan.positions)
    rest = tr("L_T {prior}, L_0 {first} bits/dim; {setup}.").format(
        prior=figure(terms.prior), first=figure(float(terms.term.mean[0])), setup=setup(request, card)
    )
    if not every or math.isnan(total):
        return tr("Terms of a part of the timesteps: their sum bounds nothing.") + " " + rest
    what = "−log p(x_0)" if request.label == NO_CLASS else "−log p(x_0 | y)"
    text = tr("Bound on {what}: {total} bits/dim (95 %: {low} to {high}, of the noise drawn; mean over the pictures).")
    bound = text.format(what=what, total=f"{total:.3f}", low=f"{low:.3f}", high=f"{high:.3f}")
    return f"{bound} {rest} {tr(objective.WAYS)}"


FIRST, CHOSEN, RUN = "first", "chosen", "run"
PICTURES = 8


class ObjectiveForm(QWidget):
    """Shows a draft of an `ObjectiveRequest` and changes it.

    Pictures are the first ones of the model's data set, chosen ones (of the gallery, or a person's own), or those that
    the run on the screen noises.
    """

    def __init__(self, session: Session, draft: Draft, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._draft = session, draft
        self._card: Card | None = None
        self._data: samples.Dataset | None = None
        self._run: Image | None = None
        self._source = FIRST
        self.source = small(
            controls.Segments(
                {FIRST: tr("first ones"), CHOSEN: tr("chosen"), RUN: tr("the run's")},
                tr("Pictures measured"),
                {
                    FIRST: tr("The first test pictures of the model's data set"),
                    CHOSEN: tr("Pictures of the gallery and your own"),
                    RUN: tr("The pictures that the forward run on the screen adds noise to"),
                },
            )
        )
        self.count = number_slider.NumberEditor(
            number_slider.NumberScale.of(settings.Bounds(1, MAX_SAMPLES), whole=True)
        )
        self.gallery = Gallery(session)
        self.own = picture_import.OwnPictures(self.gallery, self)
        self.form = RequestForm(draft)
        self._arrange()
        self._connect()
        self.refresh()

    def request(self) -> ObjectiveRequest:
        """What the draft says."""
        request: ObjectiveRequest = self._draft.request
        return request

    def follow(self, card: Card | None, run: Run | None) -> None:
        """Measure the model of `card`, on pictures of its data set; `run` is on the screen."""
        if card is not self._card:
            self._take_model(card)
        pictures = _pictures_of(run)
        if pictures != self._run:
            self._run = pictures
            if self._source == RUN and pictures is not None:
                self._draft.load(dataclasses.replace(self.request(), start=pictures))
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Read the draft."""
        start = self.request().start
        assert isinstance(start, Image)
        self._source = self._source_of(start)
        self.source.set_current(self._source)
        self.source.button(RUN).setEnabled(self._run is not None or self._source == RUN)
        self.source.button(FIRST).setEnabled(self._data is not None)
        self._count_row.setVisible(self._source == FIRST)
        self.gallery.setVisible(self._source == CHOSEN)
        self.count.set_value(len(start.sha256) or PICTURES)
        if self._source == CHOSEN:
            self.gallery.show_start(start)

    def _arrange(self) -> None:
        self.count.spin.setAccessibleName(tr("Number of pictures"))
        self._count_row = _row(tr("Pictures"), self.count)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 6)
        column.setSpacing(6)
        for widget in (self.source, self._count_row, self.gallery, self.form):
            column.addWidget(widget)

    def _connect(self) -> None:
        self._draft.changed.connect(self.refresh)
        self.source.chosen.connect(self._on_source_chosen)
        self.count.edited.connect(self._on_count_edited)
        self.count.settled.connect(self._draft.settle)
        self.gallery.start_chosen.connect(self._on_start_chosen)
        self.gallery.picture_asked.connect(self.own.ask)

    def _take_model(self, card: Card | None) -> None:
        data = picture_source.data_of(card)
        if data is not self._data:
            self.gallery.set_data(data)
        self._card, self._data = card, data
        self.form.set_card(card)
        if card is None:
            return
        self.own.expect(card.pixels, dark=data is None or data.dark)
        request = self.request()
        start = request.start if self._suits(request, card) else self._first(PICTURES, card.pixels)
        self._draft.load(dataclasses.replace(request, model=card.id, start=start))
        self.refresh()

    def _suits(self, request: ObjectiveRequest, card: Card) -> bool:
        """Whether the pictures of `request` are some that the model of `card` is to be measured on."""
        before = self._session.cards.get(request.model)
        same = before is not None and before.dataset.get("name") == card.dataset.get("name")
        return same and _shape(request) == card.pixels and bool(_names(request))

    def _first(self, count: int, shape: tuple[int, ...]) -> Image:
        if self._data is None:
            return Image((), shape)
        return Image(tuple(self._session.add_image(p) for p in self._data.images[:count]), shape)

    def _source_of(self, start: Image) -> str:
        """Where the pictures of `start` are from; a person's wish to choose holds."""
        if self._source == CHOSEN:
            return CHOSEN
        if self._source == RUN and start == self._run:
            return RUN
        if start == self._first(len(start.sha256), start.shape):
            return FIRST
        return RUN if start == self._run else CHOSEN

    @Slot(str)
    def _on_source_chosen(self, source: str) -> None:
        start, self._source = self.request().start, source
        assert isinstance(start, Image)
        if source == FIRST:
            start = self._first(min(len(start.sha256) or PICTURES, MAX_SAMPLES), start.shape)
        elif source == RUN and self._run is not None:
            start = self._run
        else:
            start = Image(start.sha256[:MOST], start.shape)
        self._draft.replace(dataclasses.replace(self.request(), start=start), tr("Pictures"))
        self.refresh()

    @Slot(object)
    def _on_count_edited(self, count: float) -> None:
        start = self._first(int(count), _shape(self.request()))
        self._draft.change(dataclasses.replace(self.request(), start=start), tr("Number of pictures"), "pictures")

    @Slot(object)
    def _on_start_chosen(self, start: Image) -> None:
        self._draft.replace(dataclasses.replace(self.request(), start=start), tr("Pictures"))


def _row(name: str, widget: QWidget) -> QWidget:
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(0)
    row.addWidget(field_label(controls.label(name, "quiet")))
    row.addWidget(widget, 1)
    return made


def _pictures_of(run: Run | None) -> Image | None:
    """The pictures that `run` started from, or the run that it continues."""
    start = ancestry(run.request)[-1].start if run else None
    return start if isinstance(start, Image) and start.sha256 else None


def _names(request: ObjectiveRequest) -> tuple[str, ...]:
    return request.start.sha256 if isinstance(request.start, Image) else ()


def _shape(request: ObjectiveRequest) -> tuple[int, ...]:
    return request.start.shape if isinstance(request.start, Image) else ()
