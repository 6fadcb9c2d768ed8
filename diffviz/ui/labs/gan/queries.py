"""What the GAN lab asks the engine between runs, and where the answers go."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer, Slot

from diffviz.domain.gan import AskD, GanFrame, GanRequest, Judged, NearestReal, Neighbours, Pictures, Replaying
from diffviz.domain.sentences import sentence
from diffviz.domain.text import tr
from diffviz.session.session import Session
from diffviz.ui.labs.gan.neighbours import SHOWN, NeighboursView
from diffviz.ui.labs.gan.stage import GanStage

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
        if run is None or not isinstance(frame, GanFrame) or not images:
            return
        key = (run.id, frame.position)
        if key != self._shown:
            self._shown = key
            self._again.stop()
            self._neighbours.show_fake(frame.fake)
            self._rest.start()

    @Slot()
    def _on_rest(self) -> None:
        self._neighbours.show_asked()
        self._ask_nearest()

    @Slot()
    def _ask_nearest(self) -> None:
        run, frame = self._session.a, self._session.frame()
        if run is None or not isinstance(frame, GanFrame) or not isinstance(run.request, GanRequest):
            return
        if self.active and isinstance(run.request.data, Pictures):
            self._wanted = (run.id, frame.position)
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
            self._asked = AskD(owner.request, frame.position, np.array([[x, y]], np.float32), keyframe)
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
            self._stage.show_answer(float(answer.d[0]), exact=True)
        elif view == HOVER and isinstance(answer, Replaying):
            self._ask_on(answer)
        elif view == HOVER and answer is None:
            self._stage.read_off(tr("read off the map: this step is too far from a keyframe"))
        elif view == NEAREST and isinstance(answer, Neighbours) and answer.key == self._wanted:
            self._neighbours.trained = answer.count if self._bundled() else 0
            self._neighbours.show_answer(answer)
            self._go_on(answer)
        elif view == NEAREST and isinstance(answer, Exception):
            self._neighbours.show_problem(sentence(answer))
