"""The stage of the GAN lab: samples over D(x) beside the best possible D, or images with D(x) under each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from diffviz.domain.gan import EXTENT, GRID, Drawn, GanFrame, GanRequest, Pictures
from diffviz.domain.text import tr
from diffviz.theory.gan import mixture_of
from diffviz.theory.gan_density import best_surface
from diffviz.ui import theme
from diffviz.ui.forms.controls import IconButton, Segments, label
from diffviz.ui.gan.contours import contours_of
from diffviz.ui.gan.images import JudgedImages
from diffviz.ui.gan.plane import PlaneMap
from diffviz.ui.gan.plane_scene import PlaneScene
from diffviz.ui.gan.preview import real_of
from diffviz.ui.gan.shade import Shade
from diffviz.ui.gan.strip import GradientStrip
from diffviz.ui.timeline.chip import Chip
from diffviz.ui.views.figures import signed
from diffviz.ui.views.view import Shown, View

LEARNT, BEST, BOTH = "learnt", "best", "both"
PLANE, IMAGES = 0, 1
ARROW_UNITS = 0.6
SEGMENTS = 264


class GanStage(View):
    """Shows the frame at the cursor. `largest` gives the largest gradient of a run, which its arrows are measured by.

    `body` is the place of the maps or images. Signals: `asked(x, y)`, a place on the plane that the pointer is at, and
    `left`; `image_asked(index)` of the generated images, −1 for none; `redraw_wanted` (something else is to be shown of
    the frame).
    """

    asked = Signal(float, float)
    left = Signal()
    image_asked = Signal(int)
    redraw_wanted = Signal()

    def __init__(self, largest: Callable[[Shown], float], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key: tuple[int, float] | None = None
        self._frame: GanFrame | None = None
        self._previewed: tuple[object, ...] | None = None
        self._best: tuple[object, np.ndarray[tuple[int, ...], np.dtype[np.float32]]] | None = None
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
        self.arrows = Chip(tr("gradient"))
        self.contours = Chip(tr("contours"))
        self.all = IconButton("maximize", tr("Show all of the plane (0, or a double click)"), 26, 14)
        self.title, self.readout = label("", "quiet"), label("", "quiet")
        self.maps = [PlaneMap(tr("D as learnt")), PlaneMap(tr("Best possible D"))]
        self.captions = [label("", "small"), label("", "small")]
        self.real = JudgedImages(tr("Real images"), "alpha_bar")
        self.fake = JudgedImages(tr("Generated images"), "generated")
        self.strip = GradientStrip()
        self.head = QHBoxLayout()
        self.body = self._pages = QStackedWidget()
        self._arrange()
        self._connect()
        self.set_surfaces(BOTH)

    @property
    def planar(self) -> bool:
        """Whether points are shown, not images."""
        return self._pages.currentIndex() == PLANE

    def set_surfaces(self, key: str) -> None:
        """Show D as learnt, the best possible one, or both."""
        self.surfaces.set_current(key)
        for panel, shown in zip(self._panels, (key in (LEARNT, BOTH), key in (BEST, BOTH)), strict=True):
            panel.setVisible(shown)
        self._key = None

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor; without one, what was shown stays."""
        run, frame = shown.a, shown.frame
        if run is None or not isinstance(frame, GanFrame) or not isinstance(run.request, GanRequest):
            return
        if self._key == (run.id, frame.position):
            return
        self._key, self._frame, self._previewed = (run.id, frame.position), frame, None
        self.strip.show_update(int(frame.updated), exact=run.request.generator == "exact")
        shade = Shade.of(run.request, frame)
        self.show_data(run.request)
        if isinstance(run.request.data, Pictures):
            self._show_images(frame, shade)
        else:
            self._show_points(run.request, frame, shade, self._largest(shown))

    def preview(self, request: GanRequest) -> None:
        """Show the data of `request` alone: there is no run."""
        contours, key = self.contours.isChecked(), (request.data, request.seed, self.contours.isChecked())
        if key == self._previewed:
            return
        self._key = self._frame = self._best = None
        self._previewed = key
        self.show_data(request)
        self.strip.show_update(0, exact=request.generator == "exact")
        real = real_of(request)
        if isinstance(request.data, Pictures):
            self.real.show_images(real, np.empty(0, np.float32), Shade())
            self.fake.show_images(real[:0], np.empty(0, np.float32), Shade())
            return
        for view, caption in zip(self.maps, self.captions, strict=True):
            second = view is self.maps[1]
            lines = contours_of(request.data) if contours or second else ()
            view.scene = PlaneScene(real=real[:0] if second else real, contours=lines)
            caption.setText(
                tr("where 39 % and 86 % of it lie") if second else tr("the data, before there is a G or a D")
            )
            view.renew()

    def show_data(self, request: GanRequest) -> None:
        """Show the kind of data of `request`, before there is a frame."""
        self._pages.setCurrentIndex(IMAGES if isinstance(request.data, Pictures) else PLANE)
        self._show_page(request)

    def read_off(self, why: str = "") -> None:
        """Say what the map shows at the pointer, and `why` it is that and not D itself."""
        if self._at is not None and self._frame is not None and self._frame.surface is not None:
            value = self._read(self._frame.surface, *self._at)
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
        there = self._best is not None and self._best[0] == self._key
        best = self._read(self._best[1], x, y) if self._best is not None and there else np.nan
        said = (text, f"D* ≈ {best:.3f}" if np.isfinite(best) else "", why)
        self._say(" · ".join(part for part in said if part))

    def _arrange(self) -> None:
        self.arrows.setToolTip(tr("The way that each sample is pushed: −∂L_G/∂x, at one scale for the whole run"))
        self.contours.setToolTip(tr("Contours of the data's density that hold 39 % and 86 % of it"))
        self.surfaces.setFixedWidth(SEGMENTS)
        head = self.head
        head.setSpacing(8)
        for words in (self.title, self.readout):
            words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            head.addWidget(words, 1)
        self.readout.hide()
        for widget in (self.contours, self.arrows, self.surfaces, self.all):
            head.addWidget(widget)
        plane, images = QWidget(), QWidget()
        row = QHBoxLayout(plane)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(14)
        self._panels = [_captioned(c, m) for c, m in zip(self.captions, self.maps, strict=True)]
        for panel in self._panels:
            row.addWidget(panel, 1)
        grids = QHBoxLayout(images)
        grids.setContentsMargins(0, 0, 0, 0)
        grids.setSpacing(18)
        for caption, grid in ((tr("real x"), self.real), (tr("generated G(z)"), self.fake)):
            grids.addWidget(_captioned(label(caption, "small"), grid), 1)
        for page in (plane, images):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(head)
        below = QHBoxLayout()
        below.setSpacing(14)
        below.addWidget(self._pages, 1)
        below.addWidget(self.strip)
        column.addLayout(below, 1)

    def _connect(self) -> None:
        self.surfaces.chosen.connect(self._on_surfaces)
        self.arrows.toggled.connect(self._redraw)
        self.contours.toggled.connect(self._redraw)
        self.all.clicked.connect(self._on_all)
        for one, other in (self.maps, self.maps[::-1]):
            one.looked.connect(other.follow)
            one.hovered.connect(self._on_hovered)
            one.left.connect(self._on_left)
        self.fake.hovered.connect(self._on_image)
        self.real.hovered.connect(self._on_image)

    def _show_page(self, request: GanRequest) -> None:
        planar = not isinstance(request.data, Pictures)
        for widget in (self.contours, self.arrows, self.surfaces, self.all):
            widget.setVisible(planar)
        over = "" if planar else tr("with D(x) under each")  # maps of points say themselves what they lie over
        self.title.setTextFormat(Qt.TextFormat.RichText)
        self.title.setText(
            tr("{real} and {generated} {over}")
            .format(
                real=_coloured(tr("real"), "alpha_bar"), generated=_coloured(tr("generated"), "generated"), over=over
            )
            .strip()
        )

    def _show_points(self, request: GanRequest, frame: GanFrame, shade: Shade, largest: float) -> None:
        assert not isinstance(request.data, Pictures)
        for view in self.maps:
            scene = view.scene
            scene.real, scene.fake = frame.real, frame.fake
            scene.arrows = frame.arrows if self.arrows.isChecked() else None
            scene.gain = ARROW_UNITS / largest if largest > 0 else 1.0
            scene.contours = contours_of(request.data) if self.contours.isChecked() else ()
        self.maps[0].scene.surface, self.maps[0].scene.shade = frame.surface, shade
        if not self.maps[1].isHidden():
            self._show_best(request, frame)
        self.captions[0].setText(
            tr("D, as learnt") if shade.bounded else tr("D, as learnt: a score, not a probability")
        )
        self.captions[1].setText(tr("D*, the best possible: accuracy {best}").format(best=f"{100 * frame.best:.0f} %"))
        for view in self.maps:
            if not view.isHidden():
                view.renew()

    def _show_best(self, request: GanRequest, frame: GanFrame) -> None:
        assert not isinstance(request.data, Pictures)
        if frame.density is not None and not (isinstance(request.data, Drawn) and not request.data.points):
            surface = best_surface(mixture_of(request.data), frame.density).astype(np.float32)
            self._best = (self._key, surface)
            self.maps[1].scene.surface, self.maps[1].scene.shade = surface, Shade()

    def _show_images(self, frame: GanFrame, shade: Shade) -> None:
        self.real.show_images(frame.real, frame.d_real, shade)
        self.fake.show_images(frame.fake, frame.d_fake, shade)

    def _read(self, surface: np.ndarray[tuple[int, ...], np.dtype[np.float32]], x: float, y: float) -> float:
        """The value of a surface at a place, nan outside."""
        if max(abs(x), abs(y)) > EXTENT:
            return float("nan")
        column, row = (round((value + EXTENT) / (2 * EXTENT) * (GRID - 1)) for value in (x, y))
        return float(surface[row, column])

    @Slot(float, float)
    def _on_hovered(self, x: float, y: float) -> None:
        self._at = (x, y)
        self.read_off()
        self.asked.emit(x, y)

    @Slot()
    def _on_left(self) -> None:
        self._at = None
        self._say("")
        self.left.emit()

    @Slot(int)
    def _on_image(self, index: int) -> None:
        grid = self.real if self.sender() is self.real else self.fake
        if 0 <= index < len(grid.judged):
            kind = tr("real") if grid is self.real else tr("generated")
            text = tr("{kind} image {n} · D = {d}")
            self._say(text.format(kind=kind, n=index + 1, d=signed(float(grid.judged[index])).strip()))
        else:
            self._say("")
        if grid is self.fake:
            self.image_asked.emit(index)

    def _say(self, text: str) -> None:
        """Say `text` where the title is, which comes back when there is nothing to say."""
        self.readout.setText(text)
        self.readout.setVisible(bool(text))
        self.title.setVisible(not text)

    @Slot(str)
    def _on_surfaces(self, key: str) -> None:
        self.set_surfaces(key)
        self._redraw()

    @Slot()
    def _on_all(self) -> None:
        for view in self.maps:
            view.show_all()

    @Slot()
    def _redraw(self) -> None:
        self._key = None
        self.redraw_wanted.emit()


def _captioned(caption: QLabel, content: QWidget) -> QWidget:
    """`content` under its caption."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(caption)
    column.addWidget(content, 1)
    return made


def _coloured(text: str, hue: str) -> str:
    return f'<b style="color: {theme.color(hue).name()}">{text}</b>'
