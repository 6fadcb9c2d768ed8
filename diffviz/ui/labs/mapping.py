"""What the maps of the VAE lab show: the plane they are drawn on, the points, the path and its anchors."""

from __future__ import annotations

import numpy as np

from diffviz.domain.arrays import F64
from diffviz.domain.frames import Frame, PathFrame
from diffviz.domain.latent import PathRequest
from diffviz.domain.rows import Rows
from diffviz.session.run import Run
from diffviz.theory.latent import Plane
from diffviz.ui.labs.codes import LatentCodes
from diffviz.ui.labs.vae.anchors import Anchors
from diffviz.ui.labs.vae.stage import PCA, VaeStage
from diffviz.ui.map.scene import MapPoints


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
