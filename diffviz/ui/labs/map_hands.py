"""What a person does on the maps of the VAE lab: hovers, drags anchors, clicks and drops pictures, zooms."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from diffviz.domain.latent import Anchor
from diffviz.session.session import Session
from diffviz.ui.forms.path_form import PathForm
from diffviz.ui.labs.vae.anchor_bar import names_of
from diffviz.ui.labs.vae.anchors import Anchors
from diffviz.ui.labs.vae.queries import VaeQueries
from diffviz.ui.labs.vae.stage import PLAIN, VaeStage

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
