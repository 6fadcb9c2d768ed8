"""The VAE lab: latent maps with a path through them, beside an autoencoder that was not built for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Slot
from PySide6.QtGui import QAction, QUndoStack
from PySide6.QtWidgets import QWidget

from diffviz.domain import errors, samples
from diffviz.domain.cards import Card
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.requests import Request
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.session.player import Player
from diffviz.session.run import RuntimeEstimator
from diffviz.session.session import Session
from diffviz.ui.gallery.picture_source import material, pictures_of
from diffviz.ui.labs.drawing import QueuedNotice, RedrawScheduler
from diffviz.ui.labs.lab import RIGHT_WIDTH, Lab, form_side, views_side
from diffviz.ui.labs.vae import controller, form, point, queries, stage
from diffviz.ui.labs.vae.anchors import Anchors, LatentCodes
from diffviz.ui.plots.plane_link import parts_of, plane_keys
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.timeline import RunPlots, Timeline
from diffviz.ui.widgets.shortcuts import Rows, rows_of
from diffviz.ui.widgets.view import Shown

FIRST_LOOK = 0.5
NAMED = 2
"""Classes of chosen pictures that there is room to name."""


class VaeLab(Lab):
    """Walks latent spaces. It shows models, and draws its views when the session changes."""

    name = "vae"
    families = ("vae", "ae")
    smallest = QSize(880, 530)

    def __init__(
        self, session: Session, player: Player, undo: QUndoStack, costs: RuntimeEstimator, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._costs = session, costs
        self._cards: tuple[Card, ...] = ()
        self._lassoed: NDArray[np.intp] | None = None
        self.codes = LatentCodes()
        self.anchoring = Anchors(session, self.codes)
        self.form = form.PathForm(session, undo, self._seconds)
        self.runs = controller.PathRuns(session, self)
        self.stage = stage.VaeStage()
        self.waiting = QueuedNotice(session, self.stage.body)
        self.mapping = controller.LatentMapController(self.stage, self.codes, self.anchoring)
        self.timeline = Timeline(
            session, player, controller.PATH_FRACTION, RunPlots(PathRequest, lasting=True), controller.MODELS
        )
        self.point = point.PathPointView()
        self.selected = point.SelectedPictureView()
        self.asking = queries.VaeQueries(session, self.codes, self.stage, self.selected, self)
        self._arrange()
        self._add_actions()
        self._connect()

    @property
    def cards(self) -> tuple[Card, ...]:
        """The models whose latent spaces are shown, the chosen one first."""
        return self._cards

    def actions_of(self) -> list[QAction]:
        """Actions with shortcuts that the window installs."""
        return [*self.timeline.actions(), self._manifold, self._resample]

    def shortcuts(self) -> dict[str, Rows]:
        """Keys by what they are for."""
        maps = [
            (tr("Tab"), tr("Next anchor of a map")),
            (tr("Arrow keys"), tr("Move the anchor")),
            *plane_keys(),
        ]
        return {tr("Timeline"): rows_of(self.actions_of()), tr("Maps"): [*maps, *self.stage.area.shortcuts()]}

    def panes(self) -> PaneButton:
        """The choice of panes of the stage: its maps."""
        return self.stage.area.button

    def set_model(self, card: Card | None) -> None:
        """Show the latent space of `card`, and that of a model to compare it with."""
        if card is not None:
            self._set_cards((card, *controller.companion(card, self._session.offered)))

    def follow_cards(self, card: Card | None) -> None:
        """Models came, changed or went: those that are left stay, the chosen one takes the place of the others."""
        offered = self._session.offered
        there = tuple(offered[c.id] for c in self._cards if c.id in offered)
        if card is None:
            return
        if not there or there[0].id != self._cards[0].id:
            self._set_cards((card, *controller.companion(card, offered)))
        elif there != self._cards:
            self.codes.forget(there)
            self._set_cards(
                there if len(there) == len(self._cards) else (there[0], *controller.companion(there[0], offered))
            )
        else:
            self._offer(there)

    def start_first(self) -> None:
        """Put a path between two pictures on the stage, unless there is one already."""
        if not self.active or not self._cards:
            return
        if self.runs.run is None and len(self.form.request().anchors) > 1:
            self.runs.start(self.form.request())
            run = self.runs.run
            self._session.seek(run.plan.nearest(FIRST_LOOK) if run else FIRST_LOOK)
        self.draw()
        self.take_keyboard()

    def run(self, request: PathRequest) -> None:
        """Put `request` into the form with its models, and compute it."""
        self._set_cards(tuple(self._session.cards[name] for name in request.models))
        self.form.set_request(request)
        self._on_live_changed(request)

    def set_active(self, active: bool) -> None:
        """Follow the session, or leave it to another lab."""
        super().set_active(active)
        self.asking.active = self.runs.active = active
        if active and self._cards:
            self._ask_pictures(self.form.request())

    def close_lab(self) -> None:
        """Stop all timers."""
        self._repaint.stop()
        self._hands.stop()
        self.waiting.stop()

    def open_picture(self) -> None:
        """Ask for picture files and take them in."""
        self.form.open_picture()

    def import_pictures(self, paths: Sequence[Path]) -> None:
        """Take picture files in."""
        self.form.import_pictures(paths)

    def forms(self) -> tuple[Request, ...]:
        """The request in the form."""
        return (self.form.request(),)

    def take(self, card: Card | None, forms: Sequence[PathRequest]) -> None:
        """Have the last of `forms` in the form, with its models."""
        request = forms[-1] if forms else None
        offered = self._session.offered
        if request is None or not all(name in offered for name in request.models):
            return
        cards = tuple(offered[name] for name in request.models)
        if cards != self._cards:
            self._show_cards(cards, bool(self._cards) and material(cards[0]) == material(self._cards[0]))
        self.form.set_request(request)
        self._select(self.form.pictures.current or self.anchoring.picture(0))
        self._ask_pictures(request)

    def look(self) -> looks.Look:
        """The page of the stage, what stands behind the points, the picture that is selected, and what maps show."""
        return {
            "page": self.stage.page,
            "behind": self.stage.backdrops.current(),
            "picture": self.form.pictures.current,
            "axes": self.stage.chosen_axes(),
            "planes": parts_of(self.stage.maps),
            "lassoed": [] if self._lassoed is None else self._lassoed.tolist(),
            **looks.look_of(self._parts()),
        }

    def _parts(self) -> dict[str, looks.Looking]:
        """What is left in a state of its own, by the names that sessions have for it."""
        return {**self.stage.parts(), "pictures": self.form.pictures}

    def take_look(self, look: looks.Look) -> None:
        """Show the same page, picture and parts of the maps."""
        if page := looks.word(look, "page", self.stage.pages.keys()):
            self.stage.show_page(page)
            self.asking.show_page(page)
        if behind := looks.word(look, "behind", self.stage.backdrops.keys()):
            self.asking.backdrops.choose(behind)
        name = look.get("picture")
        if isinstance(name, str) and (name in self._session.images or self.codes.number(name) is not None):
            self._select(name)
        for number, first, second in self.stage.take_axes(look.get("axes"), self._cards):
            self._on_axes_chosen(number, first, second)
        chosen = looks.indices(look, "lassoed", len(self.anchoring.data or ()))
        if chosen is not None:
            self._on_lassoed(np.sort(np.array(chosen, np.intp)) if chosen else None)
        looks.show_look(self._parts(), look)
        self.stage.take_parts(look.get("planes"))

    def draw(self) -> None:
        """Draw every view that is visible."""
        if not self.active:
            return
        run = self.runs.run
        shown = Shown(run, self._session.cursor, self._cards[0] if self._cards else None)
        for view in (self.timeline, self.point):
            if view.isVisible():
                view.draw(shown)
        self.mapping.show(run, shown.frame)
        self.waiting.follow(run)

    def _arrange(self) -> None:
        left = form_side(self.form)
        self._right = views_side(self.point, self.selected, width=RIGHT_WIDTH + 32)
        self._lay_columns(left, self.stage, self.timeline, [462, 358], share=0)

    def _add_actions(self) -> None:
        asking = self.asking
        self._manifold = self._action(tr("Manifold behind the points"), "M", asking.backdrops.toggle_manifold)
        self._resample = self._action(tr("Another ε for the selected picture"), "R", asking.explaining.resample)

    def _connect(self) -> None:
        self._repaint = RedrawScheduler(self._session, self.draw, self)
        self._hands = controller.MapGestures(self._session, self.stage, self.form, self.asking, self.anchoring, self)
        self._hands.picture_chosen.connect(self._select)
        self._hands.pictures_lassoed.connect(self._on_lassoed)
        self.form.live_changed.connect(self._on_live_changed)
        self.form.picture_selected.connect(self._select)
        self.stage.page_chosen.connect(self.asking.show_page)
        self.stage.backdrop_chosen.connect(self.asking.backdrops.choose)
        self.stage.isolated.connect(self._on_isolated)
        self.stage.hidden.connect(self._on_hidden)
        self.stage.machine.resample_asked.connect(self.asking.explaining.resample)
        self.stage.machine.traverse_asked.connect(self._on_traverse_asked)
        self.stage.faults.shade_toggled.connect(self.asking.backdrops.show_distance)
        self.asking.encoding.codes_came.connect(self._on_codes_came)
        for number, part in enumerate(self.stage.panels):
            part.axes_chosen.connect(lambda first, second, n=number: self._on_axes_chosen(n, first, second))

    def _set_cards(self, cards: tuple[Card, ...]) -> None:
        """Walk through other models: anchors that are pictures stay, free points do not."""
        same_data = bool(self._cards) and material(self._cards[0]) == material(cards[0])
        self._show_cards(cards, same_data)
        self._put_request(same_data)
        self._select(self.form.pictures.current if same_data else self.anchoring.picture(0))

    def _show_cards(self, cards: tuple[Card, ...], same_data: bool) -> None:
        """Show other models whatever the request is."""
        self._cards = self.anchoring.cards = cards
        self.mapping.forget()
        data = self._data(cards[0])
        self.codes.set_data(data)
        self._on_lassoed(None)
        if not same_data:
            self._on_hidden(frozenset())
            self.form.set_data(cards[0], data)
            self.stage.legend.set_classes(data.classes if data else ())
        self._offer(cards)
        self.timeline.set_rows([card.family.upper() for card in cards])
        self.timeline.plots.set_models(_told_apart(cards))
        for view in (self.point, self.selected):
            view.set_titles([card.family.upper() for card in cards])
        self.stage.set_models(cards)
        for number, part in enumerate(self.stage.panels[: len(cards)]):
            self.mapping.lay(number, part.first.currentData(), part.second.currentData())
        self.asking.set_cards(cards, controller.rivals(cards[0], self._session.offered))

    def _offer(self, cards: tuple[Card, ...]) -> None:
        """Offer in the form what can be walked beside the first of `cards`."""
        others = controller.companions(cards[0], self._session.offered)
        self.form.set_models(cards[0], cards[1] if len(cards) > 1 else None, others)

    def _put_request(self, same_data: bool) -> None:
        """Ask for a path through the shown models, between pictures that fit them."""
        request = self.form.request()
        kept = tuple(Anchor(anchor.image) for anchor in request.anchors if anchor.image) if same_data else ()
        anchors = kept if len(kept) > 1 else self.anchoring.beginning()
        beside = self._cards[1].id if len(self._cards) > 1 else ""
        self.form.set_request(dataclasses.replace(request, model=self._cards[0].id, beside=beside, anchors=anchors))
        if self.active:
            self._on_live_changed(self.form.request())

    def _data(self, card: Card) -> samples.Dataset | None:
        try:
            return pictures_of(card)
        except errors.DiffvizError as error:
            self.form.pictures.show_error(sentence(error))
            return None

    def _select(self, name: str) -> None:
        """Look at the picture `name`."""
        if name:
            self.form.pictures.show_selected(name)
            self.asking.select(name)

    @Slot(object)
    def _on_live_changed(self, request: PathRequest) -> None:
        """Compute the newest request, and codes for its pictures."""
        self._follow_models(request)
        if len(request.anchors) > 1:
            self._ask_pictures(request)
            self.runs.compute(request)

    def _ask_pictures(self, request: PathRequest) -> None:
        """Ask for the codes of the pictures that `request` walks between."""
        self.asking.encoding.ask_pictures(tuple(a.image for a in request.anchors if a.image and not a.codes))

    def _follow_models(self, request: PathRequest) -> None:
        """Show the models of `request` where they are others: one was chosen beside, or undone."""
        cards = tuple(self._session.cards[name] for name in request.models if name in self._session.cards)
        if cards and cards != self._cards:
            self._show_cards(cards, material(cards[0]) == material(self._cards[0]))
            self._select(self.form.pictures.current)

    @Slot(int)
    def _on_codes_came(self, number: int) -> None:
        """The codes of the sample pictures, or of one's own, under model `number` have come."""
        if self.mapping.take_codes(number):
            self.asking.explaining.mark(number)
            self.stage.show_part(number)
        self._repaint.soon()

    def _on_axes_chosen(self, number: int, first: int, second: int) -> None:
        self.mapping.lay(number, first, second)
        self.asking.explaining.mark(number)
        self._repaint.soon()

    @Slot(int, int)
    def _on_traverse_asked(self, _row: int, dimension: int) -> None:
        anchors = self.anchoring.along(self.form.pictures.current, dimension)
        if anchors is not None:
            self.form.set_anchors(anchors, tr("Walk along dimension {n}").format(n=dimension + 1))

    @Slot(object)
    def _on_isolated(self, label: int | None) -> None:
        for view in self.stage.maps:
            view.isolate(label)

    @Slot(object)
    def _on_hidden(self, classes: frozenset[int]) -> None:
        for view in self.stage.maps:
            view.hide_classes(classes)

    @Slot(object)
    def _on_lassoed(self, numbers: NDArray[np.intp] | None) -> None:
        """The pictures whose points were lassoed on one map stand out on both, and are those that the form offers."""
        self._lassoed = numbers
        for view in self.stage.maps:
            view.choose(numbers)
        self.form.pictures.offer_only(None if numbers is None else numbers.tolist())
        counts = self.codes.counted(numbers)
        self.stage.say_choice(" · ".join(counts[: 1 + NAMED]), "\n".join(counts))


def _told_apart(cards: Sequence[Card]) -> list[str]:
    """Short names, unless they are the same."""
    short = [card.family.upper() for card in cards]
    return short if len(set(short)) == len(short) else [card.name for card in cards]
