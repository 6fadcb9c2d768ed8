"""The axis and the figures of a GAN's training: each frame is read once, however many came before it.

Frames of a GAN as small pictures: points in two dimensions, or the first sixteen generated images.

What the GAN lab asks the engine between runs, and where the answers go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import numpy as np
from PySide6.QtCore import QObject, QRectF, QTimer, Slot
from PySide6.QtGui import QImage

from diffviz.domain.arrays import Chain, Part
from diffviz.domain.frames import Frame
from diffviz.domain.gan import EXTENT, AskD, GanFrame, GanRequest, Judged, NearestReal, Neighbours, Pictures, Replaying
from diffviz.domain.sentences import sentence
from diffviz.domain.text import mark, tr
from diffviz.families.gan_plots import GanFigures, GanReader
from diffviz.session.run import Run
from diffviz.session.session import Session
from diffviz.theory.gan_verdict import Past
from diffviz.ui.labs.gan.images import SHOWN, NeighboursView
from diffviz.ui.labs.gan.stage import GanStage
from diffviz.ui.timeline import Axis, RunFigures
from diffviz.ui.widgets import painting, pixmaps, theme
from diffviz.ui.widgets.view import Shown


def training_step() -> Axis:
    """The axis of a training; between two whole steps D has been updated and G has not."""
    return Axis(tr("step"), "", "", mark("Training step"), written, mark("frame"))


def written(position: float) -> str:
    """A training step as it is written."""
    return f"{position:,.0f}" if position == int(position) else f"{position:,.1f}"


class MetricsLog(RunFigures):
    """The figures of the shown run and of what it continues: the same object while no frame comes."""

    def __init__(self) -> None:
        super().__init__(GanReader)
        self._seen: GanFigures | None = None

    def __call__(self, shown: Shown) -> GanFigures | None:
        if shown.a is not None and isinstance(shown.a.request, GanRequest):
            self._seen = self.of(shown.a)
        return self._seen

    def largest(self, shown: Shown) -> float:
        """The largest gradient that G has received, 0 where there was none."""
        found = self(shown)
        return float(found["largest"][-1]) if found is not None and len(found.positions) else 0.0

    def evaluations(self, run: Run, until: float) -> tuple[Sequence[GanFrame], Past]:
        """The frames up to `until` of `run` and those that it continues, oldest first, and what is known of all.

        They are read from their runs when they are looked at.
        """
        course = self.course(run)
        figures = course.figures
        count = int(np.searchsorted(figures.positions, until, "right"))
        if not count:
            return (), Past()
        runs = [Part(s.run.store, s.first, s.last) for s in course.stretches if s.first is not None]
        past = Past(float(figures["largest"][count - 1]), float(figures["settled"][count - 1]))
        return cast("Sequence[GanFrame]", Part(Chain(runs), 0, count)), past


SIDE, GRID = 56, 4
KEPT, POINTS = 512, 160
REACH = 0.85 * EXTENT


class GanThumbnails:
    """Pictures of the generated samples in frames of a run, made once and kept."""

    def __init__(self) -> None:
        self._owner: tuple[object, ...] = ()
        self._images: dict[tuple[int, int], QImage] = {}

    def shape(self, run: Run) -> tuple[int, int] | None:
        """Width and height of the pictures of `run`, or None while it has none."""
        frame = run.store[0] if len(run.store) else None
        if not isinstance(frame, GanFrame):
            return None
        if frame.fake.ndim == 2:
            return SIDE, SIDE
        return GRID * frame.fake.shape[3], GRID * frame.fake.shape[2]

    def image(self, run: Run, index: int, sample: int, size: tuple[int, int]) -> QImage | None:
        """Frame `index` of `run` in `size` (width, height) pixels."""
        owner = (size, theme.palette().name)
        if owner != self._owner or len(self._images) > KEPT:
            self._owner, self._images = owner, {}
        key = (run.id, index)
        if key not in self._images:
            frame = run.store[index]
            if not isinstance(frame, GanFrame):
                return None
            self._images[key] = points_image(frame, size) if frame.fake.ndim == 2 else grid_image(frame, size)
        return self._images[key]


def points_image(frame: GanFrame, size: tuple[int, int]) -> QImage:
    """Real points under generated ones."""
    area, dot = QRectF(0, 0, *size), max(1.5, size[0] / 36)
    layers = ((frame.real, "alpha_bar", 0.5), (frame.fake, "generated", 0.9))
    marks = [
        painting.Dots(pixmaps.placed(points[:POINTS], REACH, area), theme.color(hue, alpha), dot)
        for points, hue, alpha in layers
    ]
    return painting.image_of(size, theme.blend("panel", "ground", 0.55), marks)


def grid_image(frame: GanFrame, size: tuple[int, int]) -> QImage:
    """The first images, four in a row."""
    tiles = frame.fake[: GRID * GRID]
    count, channels, height, width = tiles.shape
    whole = np.full((GRID * GRID, channels, height, width), -1, np.float32)
    whole[:count] = tiles
    rows = whole.reshape(GRID, GRID, channels, height, width).transpose(2, 0, 3, 1, 4)
    return pixmaps.scaled(pixmaps.to_image(rows.reshape(channels, GRID * height, GRID * width)), size)


HOVER, NEAREST = "gan/hover", "gan/nearest"
REST_MILLISECONDS = 200
BETWEEN_MILLISECONDS = 100


class GanQueries(QObject):
    """Asks D about the point under the pointer, and for the training pictures nearest to the generated ones.

    The neighbours are asked for once the cursor has rested, and again until the classifier has seen all the pictures
    that they can be of. Nothing is asked while it is not `active`.
    """

    def __init__(
        self, session: Session, stage: GanStage, neighbours: NeighboursView, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._stage, self._neighbours = session, stage, neighbours
        self.active = False
        self._shown: tuple[object, ...] = ()
        self._wanted: tuple[object, ...] = ()
        self._asked: AskD | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self._on_rest)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._ask_nearest)
        stage.asked.connect(self._on_asked)
        stage.left.connect(self._on_left)
        session.answered.connect(self._on_answered)

    def stop(self) -> None:
        """Ask nothing more."""
        self._rest.stop()
        self._again.stop()

    def follow(self) -> None:
        """The frame at the cursor may be another one."""
        run, frame = self._session.a, self._session.frame()
        images = isinstance(frame, GanFrame) and frame.fake.ndim == 4
        self._neighbours.setVisible(images)
        if self._asked is not None and run and frame and self._asked.key[:2] != _stamp(run, frame):
            self._asked = None
            self._stage.read_off()
            self._rest.start()
        if run is None or not isinstance(frame, GanFrame) or not images:
            return
        key = _stamp(run, frame)
        if key != self._shown:
            self._shown = key
            self._again.stop()
            self._neighbours.show_fake(frame.fake)
            self._rest.start()

    @Slot()
    def _on_rest(self) -> None:
        self._stage.ask_again()
        self._neighbours.show_asked()
        self._ask_nearest()

    @Slot()
    def _ask_nearest(self) -> None:
        run, frame = self._session.a, self._session.frame()
        if run is None or not isinstance(frame, GanFrame) or not isinstance(run.request, GanRequest):
            return
        if self.active and isinstance(run.request.data, Pictures):
            self._wanted = _stamp(run, frame)
            images = np.ascontiguousarray(frame.fake[:SHOWN])
            self._session.ask(NEAREST, NearestReal(run.request.data.dataset, images, self._wanted))

    def _bundled(self) -> bool:
        """Whether the shown GAN is trained on all bundled training pictures, not on a folder of others."""
        run = self._session.a
        data = run.request.data if run is not None and isinstance(run.request, GanRequest) else None
        return isinstance(data, Pictures) and not data.folder

    def _go_on(self, found: Neighbours) -> None:
        """Ask again where not all pictures have been seen; a run that is being computed has its turn in between."""
        if found.seen < found.count:
            busy = any(not run.status.final for run in self._session.runs)
            self._again.start(BETWEEN_MILLISECONDS if busy else 0)

    @Slot(float, float)
    def _on_asked(self, x: float, y: float) -> None:
        run, frame = self._session.a, self._session.frame()
        if not self.active or run is None or frame is None:
            return
        owner = run.owner(frame.position)
        if isinstance(owner.request, GanRequest):
            keyframe = owner.keyframes.before(frame.position)
            key = (*_stamp(run, frame), x, y)
            self._asked = AskD(owner.request, frame.position, np.array([[x, y]], np.float32), keyframe, key)
            self._session.ask(HOVER, self._asked)

    @Slot()
    def _on_left(self) -> None:
        self._asked = None

    def _ask_on(self, answer: Replaying) -> None:
        """Ask again, as long as the pointer stays on the same frame."""
        frame = self._session.frame()
        if self.active and self._asked is not None and frame is not None and frame.position == self._asked.at:
            self._stage.read_off(tr("{n} steps to D of this step").format(n=f"{answer.left:,.0f}"))
            self._session.ask(HOVER, self._asked)

    @Slot(str, object)
    def _on_answered(self, view: str, answer: object) -> None:
        if view == HOVER and isinstance(answer, Judged) and len(answer.d):
            if self._asked is not None and answer.key == self._asked.key:  # not of another step, or another place
                self._stage.show_answer(float(answer.d[0]), exact=True)
        elif view == HOVER and isinstance(answer, Replaying):
            self._ask_on(answer)
        elif view == HOVER and answer is None:
            self._stage.read_off(tr("read off the map: this step is too far from a keyframe"))
        elif view == NEAREST and isinstance(answer, Neighbours) and answer.key == self._wanted == self._shown:
            self._neighbours.trained = answer.count if self._bundled() else 0
            self._neighbours.show_answer(answer)
            self._go_on(answer)
        elif view == NEAREST and isinstance(answer, Exception):
            self._neighbours.show_problem(sentence(answer))


def _stamp(run: Run, frame: Frame) -> tuple[object, ...]:
    """Which frame a figure is of."""
    return run.id, frame.position
