"""The controllers of the VAE lab: the path's runs, what the maps show, and what a person does on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from diffviz.domain import frames, plots
from diffviz.domain.arrays import F64
from diffviz.domain.cards import Card
from diffviz.domain.latent import FAMILIES, Anchor, Encoded, PathRequest
from diffviz.domain.samples import Dataset
from diffviz.domain.text import mark
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.latent import Plane
from diffviz.ui.gallery.picture_source import material
from diffviz.ui.labs.vae import map_scene, queries
from diffviz.ui.labs.vae.anchors import Anchors, LatentCodes, names_of
from diffviz.ui.labs.vae.form import PathForm
from diffviz.ui.labs.vae.stage import PCA, PLAIN, VaeStage
from diffviz.ui.timeline import Axis


def companions(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures that can be walked beside `card`, those with as many dimensions first."""
    fits = [c for c in cards.values() if c.family in FAMILIES and material(c) == material(card) and c.id != card.id]
    return sorted(fits, key=lambda c: (c.latent != card.latent, c.name))


def companion(card: Card, cards: Mapping[str, Card]) -> tuple[Card, ...]:
    """The model beside `card` before a person chooses, if any: of the other family, with as many dimensions."""
    fits = [c for c in companions(card, cards) if c.latent == card.latent]
    others = [c for c in fits if c.family != card.family and c.beta == 1]
    return tuple(others[:1] or fits[:1])


def rivals(card: Card, cards: Mapping[str, Card]) -> list[Card]:
    """Models of the same pictures with as many dimensions, whatever their likelihood: the rows of the blur page."""
    fits = [card, *(c for c in companions(card, cards) if c.latent == card.latent)]
    return sorted(fits, key=lambda c: (c.family == "ae", c.beta != 1, c.name))


SLOT = "vae/path"


class PathRuns(QObject):
    """Computes paths in one slot, each in place of the last; nothing is computed while it is not `active`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._waiting: PathRequest | None = None
        self.active = False
        session.runs_changed.connect(self._on_runs_changed)

    @property
    def run(self) -> Run | None:
        """The shown run, where it is a path."""
        run = self._session.a
        return run if run is not None and isinstance(run.request, PathRequest) else None

    def start(self, request: PathRequest) -> None:
        """Compute `request` in place of the last path."""
        self._session.start(request, SLOT, replace=True)

    def compute(self, request: PathRequest) -> None:
        """Compute `request`; while a path is being computed the newest waits, so that every path is seen whole."""
        if not self.active or not all(model in self._session.offered for model in request.models):
            return
        run = self.run
        if run is not None and run.slot == SLOT and not run.status.final:
            self._waiting = request
        else:
            self._waiting = None
            self.start(request)

    @Slot()
    def _on_runs_changed(self) -> None:
        run = self.run
        if self._waiting is not None and self.active and (run is None or run.status.final):
            request, self._waiting = self._waiting, None
            self.start(request)


PATH_FRACTION = Axis("s", "A", "B", mark("Fraction s of the path"), "{:.2f}".format)
MODELS = 2


class LatentMapController:
    """Keeps the scenes of the maps of `stage` in step with codes and runs."""

    def __init__(self, stage: VaeStage, codes: LatentCodes, anchoring: Anchors) -> None:
        self._stage, self._codes, self._anchoring = stage, codes, anchoring
        self._drawn: tuple[int, int] | None = None
        self._walks = [Walk(number) for number in range(len(stage.maps))]

    def forget(self) -> None:
        """Draw path and anchors anew the next time."""
        self._drawn = None

    def take_codes(self, number: int) -> bool:
        """Show the codes of the sample pictures under model `number`; whether they are others than those shown."""
        self.forget()
        codes, points = self._codes.samples(self._anchoring.cards[number].id), self._stage.maps[number].scene.points
        if codes is None or (points is not None and points.mu is codes.mu):
            return False
        part = self._stage.panels[number]
        self.lay(number, part.first.currentData(), part.second.currentData())
        return True

    def lay(self, number: int, first: int, second: int) -> None:
        """Draw map `number` on the plane of two dimensions, or on that of the first two principal components."""
        card, view = self._anchoring.cards[number], self._stage.maps[number]
        codes = self._codes.samples(card.id)
        scene = view.scene
        if first == PCA and codes is not None:
            scene.plane, scene.axes = Plane.principal(codes.mu), ("PC 1", "PC 2")
        else:
            one, other = max(0, first), max(0, second)
            scene.plane = Plane.of_dimensions(card.latent, one, other)
            scene.axes = f"z_{{{one + 1}}}", f"z_{{{other + 1}}}"
        scene.prior, scene.path, scene.at = card.family == "vae", np.empty((0, 2)), None
        self.forget()
        self._stage.allow_link()
        points = None
        if codes is not None and self._codes.data is not None:
            points = _points(codes, scene.plane, self._codes.data)
        view.set_points(points)

    def show(self, run: Run | None, frame: frames.Frame | None) -> None:
        """Show path and anchors of `run` where they changed, and the point of `frame`: on maps of its own models."""
        count = len(run.store) if run is not None else 0
        new = run is not None and count > 0 and self._drawn != (run.id, count)
        for number, card in enumerate(self._anchoring.cards):
            view = self._stage.maps[number]
            scene, plane = view.scene, view.scene.plane
            if len(plane.origin) != card.latent or card.id not in _models(run)[number : number + 1]:
                continue
            if isinstance(frame, frames.PathFrame) and number < len(frame.z):
                scene.at = plane.seen(frame.z[number][None, : card.latent])[0]
            if new and run is not None and isinstance(run.request, PathRequest):
                scene.path = plane.seen(self._walks[number].of(run)[:, : card.latent])
                scene.anchors = self._anchoring.places(number, run.request, plane)
            view.update()
        if new and run is not None:
            self._drawn = (run.id, count)


def _models(run: Run | None) -> tuple[str, ...]:
    """The models that `run` walks through; none where it is no path."""
    return run.request.models if run is not None and isinstance(run.request, PathRequest) else ()


def _points(codes: Encoded, plane: Plane, data: Dataset) -> map_scene.MapPoints:
    return map_scene.MapPoints(
        codes.mu, codes.sigma, plane.seen(codes.mu), data.labels, data.images, tuple(data.classes)
    )


class Walk:
    """The points (N, D) of the path of a run under model `number`, in order; each frame is read once."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._run: int | None = None
        self._rows = plots.Rows(0)

    def of(self, run: Run) -> F64:
        """Those of `run`, at least one of whose frames has come."""
        first = run.store[0]
        assert isinstance(first, frames.PathFrame), "a path's run has no others"
        if run.id != self._run:
            self._run, self._rows = run.id, plots.Rows(first.z.shape[1])
        new = (run.store[i].arrays()["z"] for i in range(len(self._rows), len(run.store)))
        self._rows.extend([z[min(self._number, len(z) - 1)] for z in new])
        return self._rows.values


REST_MILLISECONDS = 150
"""What lies behind the points is asked for when zooming and panning have rested that long."""


class MapGestures(QObject):
    """Turns gestures on the maps of `stage` into questions and into anchors of `form`.

    Signals: `picture_chosen(sha256)`: the picture of a point was clicked; `pictures_lassoed(numbers)` (M,) of the
    sample pictures, None for none any more.
    """

    picture_chosen = Signal(str)
    pictures_lassoed = Signal(object)

    def __init__(
        self,
        session: Session,
        stage: VaeStage,
        form: PathForm,
        asking: queries.VaeQueries,
        anchoring: Anchors,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._stage, self._form = session, stage, form
        self._asking, self._anchoring = asking, anchoring
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(asking.backdrops.ask)
        for number in range(len(stage.maps)):
            self._connect(number)

    def stop(self) -> None:
        """Stop the timer."""
        self._rest.stop()

    def _connect(self, number: int) -> None:
        view = self._stage.maps[number]
        view.hovered.connect(lambda x, y: self._asking.hover(number, x, y))
        view.left.connect(lambda: self._asking.leave(number))
        view.anchor_moved.connect(lambda name, x, y: self._on_anchor_moved(number, name, x, y))
        view.anchor_settled.connect(self._form.draft.settle)
        view.image_chosen.connect(self._on_image_chosen)
        view.images_lassoed.connect(self.pictures_lassoed)
        view.image_dropped.connect(lambda name, x, y: self._on_image_dropped(number, name, x, y))
        view.pictures_dropped.connect(lambda paths, x, y: self._on_pictures_dropped(number, paths, x, y))
        view.view_changed.connect(self._on_view_changed)

    def _on_anchor_moved(self, number: int, name: str, x: float, y: float) -> None:
        scene, anchors = self._stage.maps[number].scene, self._form.request().anchors
        moved = self._anchoring.moved(number, anchors[names_of(len(anchors)).index(name)], scene.plane, (x, y))
        if moved is not None:
            scene.anchors[name] = np.array([x, y])
            self._form.set_anchor(name, moved, settled=False)

    @Slot(int)
    def _on_image_chosen(self, number: int) -> None:
        data = self._anchoring.data
        if data is not None:
            self.picture_chosen.emit(self._session.add_image(data.images[number]))

    def _on_image_dropped(self, number: int, image: str, x: float, y: float) -> None:
        """The anchor nearest to where the picture was dropped becomes that picture."""
        anchors = self._stage.maps[number].scene.anchors
        if anchors:
            name = min(anchors, key=lambda n: float(np.hypot(*(anchors[n] - [x, y]))))
            self._form.set_anchor(name, Anchor(image))

    def _on_pictures_dropped(self, number: int, paths: Sequence[Path], x: float, y: float) -> None:
        """Picture files are taken in first; the first of them then goes where it was dropped."""
        self._form.import_pictures(paths, lambda name: self._on_image_dropped(number, name, x, y))

    @Slot()
    def _on_view_changed(self) -> None:
        if self._stage.backdrops.current() != PLAIN:
            self._rest.start()
