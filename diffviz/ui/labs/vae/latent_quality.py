"""Faults of the latent spaces: how far decoded images are from real ones, as numbers and as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Signal
from PySide6.QtGui import QPen
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.cards import Card
from diffviz.domain.glossary import meaning
from diffviz.domain.latent import FaultGroup, FaultReport
from diffviz.domain.text import tr
from diffviz.ui.widgets import painting, pixmaps, theme, words
from diffviz.ui.widgets.controls import label
from diffviz.ui.widgets.format import NOTHING, figure

SIDE = 38
PICTURES = 6
HUES: Mapping[str, str] = {"real": "alpha_bar", "reconstructed": "data", "paths": "loss", "prior": "generated"}


class IntervalBar(painting.PaintedWidget):
    """A median with its interval on an axis from 0 to `high`."""

    def __init__(self, hue: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hue = hue
        self.group: FaultGroup | None = None
        self.high = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(14)
        self.setMinimumWidth(90)

    def show_group(self, group: FaultGroup | None, high: float) -> None:
        """Show `group` on an axis that ends at `high`."""
        self.group, self.high = group, max(high, 1e-9)
        if group is not None:
            median = group.median
            text = tr("median {value}, 95 % interval {low} to {high}, of {n} images").format(
                value=figure(median.value), low=figure(median.low), high=figure(median.high), n=median.count
            )
            self.setToolTip(text)
            self.setAccessibleName(text)
        self.update()

    def marks(self) -> Iterator[painting.PaintMark]:
        """The axis, filled up to the median; the interval as a bracket; the median as a disc."""
        middle, width, hue = self.height() / 2, self.width() - 8, theme.color(self._hue)
        yield painting.Rect(QRectF(4, middle - 2, width, 4), theme.color("edge"))
        if self.group is None:
            return
        low, value, high = (4 + width * v / self.high for v in self._values(self.group))
        yield painting.Rect(QRectF(4, middle - 2, value - 4, 4), theme.color(self._hue, 0.55))
        yield painting.Line((QPointF(low, middle), QPointF(high, middle)), QPen(hue, 2))
        for x in (low, high):
            yield painting.Line((QPointF(x, middle - 5), QPointF(x, middle + 5)), QPen(hue, 2))
        yield painting.Discs([QPointF(value, middle)], 5, hue, QPen(theme.color("panel"), 1.5))

    def _values(self, group: FaultGroup) -> tuple[float, float, float]:
        return group.median.low, group.median.value, group.median.high

    def sizeHint(self) -> QSize:
        return QSize(140, 14)


class FaultColumn(QWidget):
    """One model's four groups."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "title")
        self.bars = {name: IntervalBar(hue) for name, hue in HUES.items()}
        self.figures = {name: QLabel() for name in HUES}
        self.names = {name: label("", "quiet", wrap=True) for name in HUES}
        self.pictures = {name: [pixmaps.PictureBox(SIDE, "") for _ in range(PICTURES)] for name in HUES}
        self.problem = label("", "error", wrap=True)
        self.waiting = label(tr("being measured…"), "quiet")
        self.report: FaultReport | None = None
        self._arrange()

    def set_model(self, card: Card) -> None:
        """Name the groups for the model of `card`."""
        self.report = None
        self.title.setText(card.name)
        self._say(waiting=True)
        for row in HUES:
            self.bars[row].show_group(None, 1.0)
            words.show_figure(self.figures[row], NOTHING, tr("being measured…"))
            for box in self.pictures[row]:
                box.show_values(None)
        for name, text in _names(card.family == "vae").items():
            self.names[name].setText(text)
            words.explain(self.figures[name], meaning("vae", "faults"), f"{card.name}: {text}")

    def show_report(self, report: FaultReport, high: float) -> None:
        """Show the measured groups on an axis that ends at `high`."""
        self.report = report
        self._say()
        for name, group in report.groups.items():
            self.bars[name].show_group(group, high)
            words.show_figure(self.figures[name], figure(group.median.value), "")
            for i, box in enumerate(self.pictures[name]):
                there = i < len(group.images)
                box.show_values(group.images[i] if there else None)
                box.setToolTip(tr("distance {d}").format(d=figure(float(group.distances[i]))) if there else "")

    def show_problem(self, text: str) -> None:
        """Say why there is no report."""
        for shown in self.figures.values():
            words.show_figure(shown, NOTHING, text)
        self._say(text)

    def _say(self, problem: str = "", *, waiting: bool = False) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.waiting.setVisible(waiting)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        grid.setColumnStretch(0, 1)
        for row, name in enumerate(HUES):
            grid.addWidget(self.names[name], 3 * row, 0)
            grid.addWidget(self.figures[name], 3 * row, 1)
            grid.addWidget(self.bars[name], 3 * row + 1, 0, 1, 2)
            line = QHBoxLayout()
            line.setSpacing(3)
            for box in self.pictures[name]:
                line.addWidget(box)
            line.addStretch(1)
            grid.addLayout(line, 3 * row + 2, 0, 1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.waiting)
        column.addLayout(head)
        column.addWidget(self.problem)
        column.addLayout(grid)
        column.addStretch(1)
        self._say()


class LatentQualityView(QScrollArea):
    """Two models side by side on one axis. Signals: `shade_toggled(bool)`: shade the maps by the distance."""

    shade_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.columns = [FaultColumn(), FaultColumn()]
        self.shade = QCheckBox(tr("Shade the maps by this distance"))
        self.shade.toggled.connect(self.shade_toggled)
        self.verdict = label("", "quiet", wrap=True)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(10)
        about = tr(
            "Distance to the nearest real image in the classifier's features, median with its 95 % interval; "
            "pictures from near to far. Held-out images themselves are the yardstick."
        )
        column.addWidget(label(about, "quiet", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(20)
        for part in self.columns:
            row.addWidget(part, 1)
        column.addLayout(row)
        column.addWidget(self.verdict)
        column.addWidget(self.shade)
        column.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    def set_models(self, cards: tuple[Card, ...]) -> None:
        """Show a column for each of `cards`, at most two."""
        self.verdict.setText("")
        for i, column in enumerate(self.columns):
            column.setVisible(i < len(cards))
            if i < len(cards):
                column.set_model(cards[i])

    def show_report(self, index: int, report: FaultReport) -> None:
        """Show what was measured of model `index`."""
        self.columns[index].report = report
        reports = [column.report for column in self.columns if column.report is not None]
        high = max(group.median.high for found in reports for group in found.groups.values()) * 1.05
        for column in self.columns:
            if column.report is not None:
                column.show_report(column.report, high)
        names = [column.title.text() for column in self.columns]
        self.verdict.setText(verdict(names, reports) if len(reports) == 2 else "")

    def show_problem(self, index: int, text: str) -> None:
        """Say why nothing was measured of model `index`."""
        self.columns[index].show_problem(text)


def verdict(names: Sequence[str], reports: Sequence[FaultReport]) -> str:
    """Whose decoded images lie nearer to real ones, said only where the intervals do not overlap."""
    sentences = []
    for key, where in (("prior", tr("Draws from the prior")), ("paths", tr("Points on paths"))):
        first, second = (report.groups[key].median for report in reports)
        if first.high < second.low or second.high < first.low:
            nearer = names[0] if first.value < second.value else names[1]
            sentences.append(tr("{where}: nearer to real images with {name}.").format(where=where, name=nearer))
        else:
            sentences.append(tr("{where}: no difference that these intervals could tell.").format(where=where))
    return " ".join(sentences)


def _names(vae: bool) -> dict[str, str]:
    return {
        "real": tr("held-out real images"),
        "reconstructed": tr("their reconstructions"),
        "paths": tr("half-way between two of their codes"),
        "prior": tr("draws from N(0, I)") if vae else tr("draws from a Gaussian fitted to the codes"),
    }
