"""The controller of the latent maps: what they show, and what a person does on them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from diffviz.domain.arrays import F64
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.latent import Anchor, PathRequest
from diffviz.domain.rows import Rows
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.latent import Plane
from diffviz.ui.labs.vae.anchor_bar import names_of
from diffviz.ui.labs.vae.anchors import Anchors
from diffviz.ui.labs.vae.form import PathForm
from diffviz.ui.labs.vae.latent_codes import LatentCodes
from diffviz.ui.labs.vae.map_painting import MapPoints
from diffviz.ui.labs.vae.queries import VaeQueries
from diffviz.ui.labs.vae.stage import PCA, PLAIN, VaeStage


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
        points = None
        if codes is not None and self._codes.data is not None:
            points = MapPoints(codes.mu, codes.sigma, scene.plane.seen(codes.mu), self._codes.data.labels)
        view.set_points(points)

    def show(self, run: Run | None, frame: Frame | None) -> None:
        """Show path and anchors of `run` where they changed, and the point of `frame`."""
        count = len(run.store) if run is not None else 0
        new = run is not None and count > 0 and self._drawn != (run.id, count)
        for number, card in enumerate(self._anchoring.cards):
            view = self._stage.maps[number]
            scene, plane = view.scene, view.scene.plane
            if len(plane.origin) != card.latent:
                continue
            if isinstance(frame, PathFrame) and number < len(frame.z):
                scene.at = plane.seen(frame.z[number][None, : card.latent])[0]
            if new and run is not None and isinstance(run.request, PathRequest):
                scene.path = plane.seen(self._walks[number].of(run)[:, : card.latent])
                scene.anchors = self._anchoring.places(number, run.request, plane)
            view.update()
        if new and run is not None:
            self._drawn = (run.id, count)


class Walk:
    """The points (N, D) of the path of a run under model `number`, in order; each frame is read once."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._run: int | None = None
        self._rows = Rows(0)

    def of(self, run: Run) -> F64:
        """Those of `run`, at least one of whose frames has come."""
        first = run.store[0]
        assert isinstance(first, PathFrame), "a path's run has no others"
        if run.id != self._run:
            self._run, self._rows = run.id, Rows(first.z.shape[1])
        new = (run.store[i].arrays()["z"] for i in range(len(self._rows), len(run.store)))
        self._rows.extend([z[min(self._number, len(z) - 1)] for z in new])
        return self._rows.values


REST_MILLISECONDS = 150
"""What lies behind the points is asked for when zooming and panning have rested that long."""


class MapGestures(QObject):
    """Turns gestures on the maps of `stage` into questions and into anchors of `form`.

    Signals: `picture_chosen(sha256)`: the picture of a point was clicked.
    """

    picture_chosen = Signal(str)

    def __init__(
        self,
        session: Session,
        stage: VaeStage,
        form: PathForm,
        asking: VaeQueries,
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
