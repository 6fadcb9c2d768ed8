"""The equations with their live values: every term in its colour, this t's numbers under the symbols."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PySide6.QtCore import QByteArray, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.frames import Frame
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.session.run import Run
from diffviz.theory import posterior as theory
from diffviz.ui.instruments.formulas import FORMULAS, WITHOUT_BETA, Formula, Piece, rendered
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.instruments.readouts import Quantities, quantities
from diffviz.ui.widgets import painting, theme, view
from diffviz.ui.widgets.format import figure, timestep

GAP_X, GAP_Y, PIECE_GAP = 26.0, 6.0, 3.0
TITLE, NUMBER, SCALE = 15.0, 15.0, 0.92


@dataclass(frozen=True, slots=True)
class Place:
    """Where a piece stands: `box` around its symbols and the number below them."""

    formula: int
    piece: Piece
    box: QRectF
    baseline: float


class EquationView(painting.PaintedWidget):
    """The equations, flowing from left to right; a term under the pointer is the shared `highlight`'s."""

    def __init__(self, highlight: view.Highlight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._highlight = highlight
        self.values: dict[str, float] = {}
        self.formulas = FORMULAS
        self.places: list[Place] = []
        self._titles: list[tuple[QPointF, Formula]] = []
        self._height = 100.0
        self._layer = painting.Layer()
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Equations with the values of this timestep"))
        highlight.changed.connect(self.update)

    def show_values(self, values: dict[str, float], formulas: tuple[Formula, ...] = FORMULAS) -> None:
        """Write `values` under the symbols of `formulas`, by the names of `Piece.value`; nan is a dash."""
        if formulas is not self.formulas:
            self.formulas = formulas
            self._lay_out()
            self.update()
        if values != self.values:
            self.values = values
            self.update()

    def place_of(self, value: str) -> Place:
        """Where the piece with the number `value` stands."""
        return next(place for place in self.places if place.piece.value == value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Flow anew."""
        self._lay_out()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at the term under the pointer."""
        place = self._at(event.position())
        self._highlight.point(place.piece.term if place else "")

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing."""
        self._highlight.point("")

    def event(self, event: QEvent) -> bool:
        """Say which equation it is, and its number."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            place = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._tip(place) if place else "", self)
            return True
        return super().event(event)

    def marks(self) -> Iterator[painting.PaintMark]:
        """What is pointed at, the symbols as they are kept, and the numbers."""
        yield painting.Rect(QRectF(self.rect()), theme.color("panel"))
        for place in self.places:
            if self._highlight.term and place.piece.term == self._highlight.term:
                yield painting.Rect(place.box.adjusted(-2, 0, 2, 0), theme.color(place.piece.hue, 0.2), radius=4)
        yield painting.Kept(self._layer, self.size(), theme.palette().name, self._symbols)
        font = theme.font(11)
        for place in self.places:
            if place.piece.value:
                room = QRectF(place.box.center().x() - 40, place.box.bottom() - NUMBER, 80, NUMBER)
                text = figure(self.values.get(place.piece.value, math.nan))
                yield painting.Words(room, text, font, theme.color(place.piece.hue))

    def sizeHint(self) -> QSize:
        """As high as the equations need in the width there is."""
        return QSize(400, math.ceil(self._height))

    def _symbols(self) -> Iterator[painting.PaintMark]:
        for at, formula in self._titles:
            yield painting.Text(at, tr(formula.title), theme.font(11), theme.color("quiet"))
        for place in self.places:
            glyphs = rendered()[place.piece.latex]
            top = place.baseline - glyphs.above * SCALE
            centre = place.box.center().x() - glyphs.width * SCALE / 2
            box = QRectF(centre, top, glyphs.width * SCALE, (glyphs.above + glyphs.below) * SCALE)
            yield painting.Drawing(box, _renderer(place.piece.latex, theme.color(place.piece.hue).name()))

    def _lay_out(self) -> None:
        self.places, self._titles = [], []
        x, top, row = 0.0, 0.0, 0.0
        for number, formula in enumerate(self.formulas):
            width, height = _size(formula)
            if x and x + width > self.width():
                x, top, row = 0.0, top + row + GAP_Y, 0.0
            self._put(number, formula, x, top)
            x, row = x + width + GAP_X, max(row, height)
        self._layer = painting.Layer()
        if self._height != top + row:
            self._height = top + row
            self.setFixedHeight(math.ceil(self._height))

    def _put(self, number: int, formula: Formula, x: float, top: float) -> None:
        self._titles.append((QPointF(x, top + 11), formula))
        above = max(rendered()[piece.latex].above for piece in formula.pieces) * SCALE
        _, height = _size(formula)
        for piece in formula.pieces:
            width = _width(piece)
            box = QRectF(x, top + TITLE, width, height - TITLE)
            self.places.append(Place(number, piece, box, top + TITLE + above))
            x += width + PIECE_GAP

    def _at(self, position: QPointF) -> Place | None:
        return next((place for place in self.places if place.box.contains(position)), None)

    def _tip(self, place: Place) -> str:
        formula = self.formulas[place.formula]
        value = figure(self.values.get(place.piece.value, math.nan)) if place.piece.value else ""
        return "\n".join(part for part in (f"{tr(formula.title)} ({formula.source})", value) if part)


class EquationsInstrument(Instrument):
    """Markov step, closed form, posterior, the model, the steps of samplers and the objective at the cursor's t.

    Of a process without β they are written with α_t and σ_t.
    """

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.sheet = EquationView(services.highlight)
        self.note = note()
        self._key: tuple[int, float] | None = None
        self.column.addWidget(self.note)  # above: it says which step the numbers are those of
        self.column.addWidget(self.sheet)

    def draw(self, shown: view.Shown) -> None:
        """Show the numbers of the frame at the cursor."""
        run, frame = shown.a, shown.noisy
        if run is None or frame is None or self._key == (run.id, frame.position):
            return
        self._key = (run.id, frame.position)
        at = quantities(run, frame, shown.process)
        values = _values(run.request, frame, at)
        self.sheet.show_values(values, FORMULAS if at.preserving else WITHOUT_BETA)
        known = "loss" in values or at.t == 0
        say(self.note, " ".join((_said(at, without_beta=not at.preserving), *(() if known else (_no_loss(run),)))))

    def forget(self) -> None:
        """Write the numbers anew."""
        self._key = None


def _said(at: Quantities, *, without_beta: bool) -> str:
    """Which step the numbers are those of."""
    if at.previous is None:
        return tr("t = 0: nothing has been added, and there is no step to leave from.")
    if without_beta:
        text = tr("Of the visited pair: xₜ₋₁ stands for x at t = {before}.")
    elif at.t - at.previous == 1:
        return tr("Two neighbouring timesteps: the paper's own quantities.")
    else:
        text = tr("Of the visited pair: xₜ₋₁ stands for x at t = {before}, and β is that of the whole step.")
    return text.format(before=timestep(at.previous))


def _no_loss(run: Run) -> str:
    """Why the simple objective has no number here."""
    if not family_of(run.request).sampled:
        return tr("L_{simple} has no number: no network looks at this run. Tick Model in the form.")
    return tr("L_{simple} has no number: it compares ε̂ with the noise that was added, and here none was.")


def _values(request: object, frame: Frame, at: Quantities) -> dict[str, float]:
    """Numbers by the names of `Piece.value`; none at t = 0."""
    found: dict[str, float] = {}
    loss = frame.arrays().get("loss")
    if loss is not None and at.t > 0:
        found["loss"] = float(np.nanmean(loss))
    if at.previous is None or at.pair is None:
        return found
    sampler = getattr(request, "sampler", None)
    variance, eta = getattr(sampler, "variance", "posterior"), getattr(sampler, "eta", 0.0)
    made = theory.equations(at.t, at.previous, at.pair, variance, eta)
    names = [piece.value for formula in FORMULAS + WITHOUT_BETA for piece in formula.pieces if piece.value]
    found |= {name: getattr(made, name) for name in names if hasattr(made, name)}
    found["ratio"] = at.pair.sigma_prev**2 / at.pair.sigma**2
    return found


def _width(piece: Piece) -> float:
    return max(rendered()[piece.latex].width * SCALE, 38.0 if piece.value else 0.0)


@lru_cache(maxsize=64)
def _size(formula: Formula) -> tuple[float, float]:
    """Width and height, title and numbers included."""
    glyphs = [rendered()[piece.latex] for piece in formula.pieces]
    width = sum(_width(piece) + PIECE_GAP for piece in formula.pieces)
    return width, TITLE + (max(g.above for g in glyphs) + max(g.below for g in glyphs)) * SCALE + NUMBER


@lru_cache(maxsize=256)
def _renderer(latex: str, hue: str) -> QSvgRenderer:
    svg = rendered()[latex].svg.replace('fill="black"', f'fill="{hue}"')
    return QSvgRenderer(QByteArray(svg.encode()))
