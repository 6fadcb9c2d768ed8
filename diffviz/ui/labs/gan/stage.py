"""The stage of the GAN lab: samples over D(x) beside the best possible D, or images with D(x) under each.

Two Gaussians as data and samples: the divergences that separate them, and what the best possible D makes of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.gan_verdicts import Leaning, leaning
from diffviz.domain.plots import Series
from diffviz.domain.text import tr
from diffviz.theory import gan_distance, gaussians
from diffviz.ui.instruments.kl import JS, KlPanel
from diffviz.ui.labs.gan import gradient_flow, images, plane_scene
from diffviz.ui.labs.gan.plane import BEST, BOTH, LEARNT, PlanePair, value_at
from diffviz.ui.plots.legend import CurveToggle
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import ElidedLabel, Segments, label
from diffviz.ui.widgets.format import signed
from diffviz.ui.widgets.view import Shown, View

ARROW_UNITS = 0.6
SEGMENTS = 216
ROOMY = 700
"""From this width on there is room for the switches of the points beside the others."""


class GanStage(View):
    """Shows the frame at the cursor. `largest` gives the largest gradient of a run, which its arrows are measured by.

    `body` is the place of the maps or images. Signals: `asked(x, y)`, a place on the plane that the pointer is at, and
    `left`; `redraw_wanted` (something else is to be shown of the frame).
    """

    asked = Signal(float, float)
    left = Signal()
    redraw_wanted = Signal()

    def __init__(self, largest: Callable[[Shown], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key: tuple[int, float] | None = None
        self._frame: GanFrame | None = None
        self._previewed: tuple[object, ...] | None = None
        self._largest = largest
        self._at: tuple[float, float] | None = None
        self.surfaces = Segments(
            {LEARNT: "D", BEST: "D*", BOTH: tr("D and D*")},
            tr("What lies under the points"),
            {
                LEARNT: tr("D(x) as it has been learnt"),
                BEST: tr("D*(x) = p / (p + p_g), the best possible D, from the known density and an estimate of G's"),
                BOTH: tr("Both, side by side"),
            },
        )
        self.arrows = CurveToggle(tr("gradient"))
        self.contours = CurveToggle(tr("contours"))
        self.kinds = {kind: CurveToggle(text, _sample(kind, hue)) for kind, (text, hue) in kinds_of().items()}
        self.title, self.readout = label("", "quiet"), label("", "quiet")
        self._words = ""
        self.points, self.images = PlanePair(), images.ImagePair()
        self.strip = gradient_flow.GradientFlowDiagram()
        self.head, self._line = QHBoxLayout(), QHBoxLayout()
        self.body = QStackedWidget()
        self._arrange_head()
        self._arrange()
        self._connect()
        self.set_surfaces(BOTH)

    @property
    def planar(self) -> bool:
        """Whether points are shown, not images."""
        return self.body.currentWidget() is self.points

    def switches(self) -> dict[str, CurveToggle]:
        """What can be drawn over the plane or not, by key."""
        return {"gradient": self.arrows, "contours": self.contours, **self.kinds}

    @Slot(str)
    def set_surfaces(self, key: str) -> None:
        """Show D as learnt, the best possible one, or both."""
        self.surfaces.set_current(key)
        self.points.show_surfaces(key)
        self._key = None

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor; without one, what was shown stays."""
        run, frame = shown.a, shown.frame
        if run is None or not isinstance(frame, GanFrame) or not isinstance(run.request, GanRequest):
            return
        key = (run.id, frame.position)
        if self._key == key:
            return
        self._key, self._frame, self._previewed = key, frame, None
        self.strip.show_update(int(frame.updated), exact=run.request.generator == "exact")
        how = leaning(run.request.loss, frame)
        self._show_kind(run.request)
        if isinstance(run.request.data, Pictures):
            self.images.show_frame(frame, how)
        else:
            scene = self._scene(run.request, frame, how, self._largest(shown))
            self.points.show_frame(scene, run.request, frame)

    def preview(self, request: GanRequest) -> None:
        """Show the data of `request` alone: there is no run."""
        contours = self.contours.isChecked()
        key = (request.data, request.seed, contours)
        if key == self._previewed:
            return
        self._key = self._frame = None
        self._previewed = key
        self._show_kind(request)
        self.strip.show_update(0, exact=request.generator == "exact")
        if isinstance(request.data, Pictures):
            self.images.show_data(images.real_of(request))
        else:
            self.points.show_data(request, images.real_of(request), contours=contours)

    def read_off(self, why: str = "") -> None:
        """Say what the map shows at the pointer, and `why` it is that and not D itself."""
        if self._at is not None and self._frame is not None and self._frame.surface is not None:
            value = value_at(self._frame.surface, *self._at)
            if np.isfinite(value):
                self.show_answer(value, exact=False, why=why)

    def show_answer(self, d: float, *, exact: bool, why: str = "") -> None:
        """Say what D says at the pointer; not `exact` where it was read off the map, and `why`."""
        if self._at is None:
            return
        x, y = self._at
        text = tr("x = ({x}, {y}) · D {sign} {d}").format(
            x=signed(x, 2).strip(), y=signed(y, 2).strip(), sign="=" if exact else "≈", d=signed(d, 3).strip()
        )
        best = self.points.best_at(x, y)
        said = (text, f"D* ≈ {best:.3f}" if np.isfinite(best) else "", why)
        self._say(" · ".join(part for part in said if part))

    def _arrange_head(self) -> None:
        self.arrows.setToolTip(tr("The way that each sample is pushed: −∂L_G/∂x, at one scale for the whole run"))
        self.contours.setToolTip(tr("Contours of the data's density that hold 39 % and 86 % of it"))
        self.surfaces.setFixedWidth(SEGMENTS)
        self.surfaces.setStyleSheet("QPushButton { padding-left: 2px; padding-right: 2px; }")
        self.title.setTextFormat(Qt.TextFormat.RichText)
        self.head.setSpacing(8)
        for toggle in self.kinds.values():
            self.head.addWidget(toggle)
        for words in (self.title, self.readout):
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self.head.addWidget(words, 1)
        self.readout.hide()
        for widget in (self.contours, self.arrows, self.surfaces, self.points.lasso):
            self.head.addWidget(widget)
        self._tools = self.images.area.tools()
        self.head.addWidget(self._tools)

    def _arrange(self) -> None:
        for page in (self.points, self.images):
            self.body.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self.head)
        column.addLayout(self._line)
        below = QHBoxLayout()
        below.setSpacing(14)
        below.addWidget(self.body, 1)
        below.addWidget(self.strip)
        column.addLayout(below, 1)

    def _connect(self) -> None:
        self.surfaces.chosen.connect(self.set_surfaces)
        self.surfaces.chosen.connect(self._redraw)
        self.arrows.toggled.connect(self._redraw)
        self.contours.toggled.connect(self._redraw)
        for kind, toggle in self.kinds.items():
            toggle.setChecked(True)
            toggle.toggled.connect(lambda on, kind=kind: self.points.switch(kind, on))
        self.points.hovered.connect(self._on_hovered)
        self.points.left.connect(self._on_left)
        self.images.said.connect(self._say)

    def _show_kind(self, request: GanRequest) -> None:
        """Show the place and the title of points, or those of images."""
        planar = not isinstance(request.data, Pictures)
        self.body.setCurrentWidget(self.points if planar else self.images)
        for widget in (self.contours, self.arrows, self.surfaces, self.points.lasso):
            widget.setVisible(planar)
        self._tools.setVisible(not planar)
        over = "" if planar else tr("with D(x) under each")  # maps of points say themselves what they lie over
        real, generated = (_coloured(text, hue) for text, hue in kinds_of().values())
        text = tr("{real} and {generated} {over}").format(real=real, generated=generated, over=over)
        self._words = text.strip()
        self._show_head()

    def _show_head(self) -> None:
        """What is read off at the pointer, else what kinds of points there are, as switches where there is room."""
        said = bool(self.readout.text())
        switches = self.planar and self.width() >= ROOMY
        line = self._line if self.planar and not switches else self.head
        if line.indexOf(self.title) < 0:
            for number, words in enumerate((self.title, self.readout), len(self.kinds) + 1 if line is self.head else 0):
                line.insertWidget(number, words, 1)
        self.readout.setVisible(said)
        self.title.setText("" if switches else self._words)
        self.title.setVisible(not said)
        for toggle in self.kinds.values():
            toggle.setVisible(not said and switches)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show the switches of the points where there is room."""
        super().resizeEvent(event)
        self._show_head()

    def _scene(self, request: GanRequest, frame: GanFrame, how: Leaning, largest: float) -> plane_scene.PlaneScene:
        assert not isinstance(request.data, Pictures)
        return plane_scene.PlaneScene(
            surface=frame.surface,
            leaning=how,
            real=frame.real,
            fake=frame.fake,
            arrows=frame.arrows if self.arrows.isChecked() else None,
            gain=ARROW_UNITS / largest if largest > 0 else 1.0,
            contours=plane_scene.contours_of(request.data) if self.contours.isChecked() else (),
        )

    @Slot(float, float)
    def _on_hovered(self, x: float, y: float) -> None:
        self._at = (x, y)
        self.read_off()
        self.asked.emit(x, y)

    def ask_again(self) -> None:
        """Say what another frame says under the pointer, and ask about it."""
        if self._at is not None:
            self._on_hovered(*self._at)

    @Slot()
    def _on_left(self) -> None:
        self._at = None
        self._say("")
        self.left.emit()

    @Slot(str)
    def _say(self, text: str) -> None:
        """Say `text` where the title is, which comes back when there is nothing to say."""
        self.readout.setText(text)
        self._show_head()

    @Slot()
    def _redraw(self) -> None:
        self._key = None
        self.redraw_wanted.emit()


def kinds_of() -> dict[str, tuple[str, str]]:
    """Name and colour of the points of each kind."""
    return {plane_scene.REAL: (tr("real"), "alpha_bar"), plane_scene.FAKE: (tr("generated"), "generated")}


def _sample(kind: str, hue: str) -> Series:
    """The line in the switch of a kind of points."""
    nothing = np.empty(0)
    return Series(kind, "", "", hue, nothing, nothing, "dotted")


def _coloured(text: str, hue: str) -> str:
    return f'<b style="color: {theme.color(hue).name()}">{text}</b>'


LOWEST = 120


class DivergencePage(QWidget):
    """The panel of two Gaussians below a first line, `head`, with JS first: it is what a GAN's loss comes to."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        title = ElidedLabel(tr("two distributions in one dimension, apart from any run"), "quiet")
        self.head.addWidget(title, 1)
        self.kl = KlPanel(height=LOWEST, which=JS, remark=said_of_d)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self.head)
        column.addWidget(self.kl, 1)


def said_of_d(found: gaussians.Divergences) -> str:
    """What the best possible D's loss is, where p is the data and q what G makes."""
    text = tr(
        "With p the data and q what G makes: the best possible D(x) = p / (p + q) has the minimax loss log 4 − 2 JS = "
        "{loss} nats, and a G that works against it makes JS ({bits} bits) small. Where p = q, D says ½ everywhere and "
        "its loss is log 4 = {most} (Goodfellow et al. 2014, theorem 1)."
    )
    loss, bits = gan_distance.smallest(found.js), found.js / math.log(2)
    return text.format(loss=f"{loss:.3f}", bits=f"{bits:.3f}", most=f"{math.log(4):.3f}")
