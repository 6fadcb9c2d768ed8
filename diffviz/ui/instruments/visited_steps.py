"""Which steps are visited: a table of the run's steps, and the choices of each spacing as ticks under what is left."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from diffviz.domain import errors, sampling
from diffviz.domain.text import tr
from diffviz.families import family_of, plan_of
from diffviz.session import looks
from diffviz.theory.posterior import VisitedStep, visited_steps
from diffviz.theory.processes import Process, schedule_in
from diffviz.theory.shared_time import course
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.plots.chart import LEFT, Chart, ChartLine
from diffviz.ui.widgets import painting, theme, view
from diffviz.ui.widgets.format import figure, timestep

ROW, HEIGHT = 20, 190
PADDING, MEASURED = 3, 128
RIGHT_MIDDLE = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
COLUMNS = ("t", "t_prev", "ᾱₜ", "ᾱ_prev", "σ")
WITHOUT_BETA = ("t", "t_prev", "SNRₜ", "SNR_prev", "σ")
Index = QModelIndex | QPersistentModelIndex


class StepTable(QAbstractTableModel):
    """The steps of a run, one a row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps: tuple[VisitedStep, ...] = ()
        self.columns: tuple[str, ...] = COLUMNS

    def show_steps(self, steps: tuple[VisitedStep, ...], columns: tuple[str, ...] = COLUMNS) -> None:
        """Show `steps`; `columns` are `COLUMNS`, or `WITHOUT_BETA`."""
        self.beginResetModel()
        self.steps, self.columns = steps, columns
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """One row a step."""
        return 0 if parent.isValid() else len(self.steps)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """The columns' names are in `COLUMNS`."""
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Figures, to the right."""
        if role == Qt.ItemDataRole.DisplayRole:
            step = self.steps[index.row()]
            value = self._values(step)[index.column()]
            return timestep(value) if index.column() < 2 else figure(value)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT_MIDDLE
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a column is, above its figures."""
        across = orientation is Qt.Orientation.Horizontal
        if across and role == Qt.ItemDataRole.TextAlignmentRole:
            return RIGHT_MIDDLE
        return self.columns[section] if across and role == Qt.ItemDataRole.DisplayRole else None

    def _values(self, step: VisitedStep) -> tuple[float, ...]:
        """What stands in the row of `step`."""
        pair = step.pair
        left = pair.alpha**2, pair.alpha_prev**2
        if self.columns is WITHOUT_BETA:
            left = left[0] / pair.sigma**2, left[1] / pair.sigma_prev**2 if pair.sigma_prev > 0 else math.inf
        return (step.t, step.t_prev, *left, step.std)


class StepView(QTableView):
    """The table of steps: every column as wide as its figures, what is left of the width shared out among them."""

    def __init__(self, table: StepTable) -> None:
        super().__init__()
        self.setModel(table)
        self.setFixedHeight(HEIGHT)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setFont(theme.font(11))
        self.setAccessibleName(tr("Visited steps"))
        self.setStyleSheet(
            f"QTableView {{ background: transparent; border: none; }} QTableView::item {{ padding: 0 {PADDING}px; }}"
            f"QHeaderView {{ border: none; }} QHeaderView::section {{ padding: 2px {PADDING}px; }}"
        )
        self._wanted: list[int] = []
        table.modelReset.connect(self.measure)

    @Slot()
    def measure(self) -> None:
        """Measure what columns want: by so many of the rows, as figures grow evenly, and their names."""
        model, metrics = self.model(), QFontMetricsF(theme.font(11))
        rows = range(0, model.rowCount(), max(1, model.rowCount() // MEASURED))
        header = self.horizontalHeader()
        self._wanted = []
        for column in range(model.columnCount()):
            texts = {str(model.index(row, column).data()) for row in rows}
            width = max(map(metrics.horizontalAdvance, texts), default=0.0) + 2 * PADDING + 4
            self._wanted.append(max(math.ceil(width), header.sectionSizeHint(column)))
        self._spread()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the new width out."""
        super().resizeEvent(event)
        self._spread()

    def _spread(self) -> None:
        spare = max(0, self.viewport().width() - sum(self._wanted))
        for column, width in enumerate(self._wanted):
            share = spare * (column + 1) // len(self._wanted) - spare * column // len(self._wanted)
            self.setColumnWidth(column, width + share)


class SpacingTicks(painting.PaintedWidget):
    """Ticks of every spacing under the axis of `chart`, whose zoom they follow; that of the run is bright."""

    def __init__(self, chart: Chart, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chart = chart
        self.visits: dict[str, Sequence[float]] = {}
        self.used = ""
        self.setFixedHeight(16 * len(sampling.SPACINGS))
        self.setAccessibleName(tr("Timesteps that each spacing visits"))
        chart.panel.changed.connect(self.update)

    def show_visits(self, visits: dict[str, Sequence[float]], used: str) -> None:
        """Show what each spacing visits."""
        self.visits, self.used = visits, used
        self.setAccessibleDescription("; ".join(f"{key}: {', '.join(map(timestep, ts))}" for key, ts in visits.items()))
        self.update()

    def marks(self) -> Iterator[painting.PaintMark]:
        """A row of ticks for each spacing, its name at the left."""
        font = theme.font(10)
        for row, (key, ts) in enumerate(self.visits.items()):
            used, room = key == self.used, QRectF(0, 16 * row, LEFT - 4, 14)
            name = QFontMetricsF(font).elidedText(tr(sampling.SPACINGS[key]), Qt.TextElideMode.ElideRight, room.width())
            yield painting.Words(room, name, font, theme.color("text" if used else "quiet"), RIGHT_MIDDLE)
            hue = theme.color("alpha_bar" if used else "quiet", 1.0 if used else 0.7)
            for x in self._chart.panel.seen_at(np.array(ts)):
                yield painting.Rect(QRectF(painting.crisp(x) - 0.5, 16 * row + 3, 1, 9), hue)


class VisitsInstrument(Instrument):
    """The visited pairs of the run with ᾱ or SNR of both and σ; a click on a row goes there."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.chart = Chart(tr("Share of the data's signal against t with the visited times"), "t", height=110)
        self.ticks = SpacingTicks(self.chart)
        self.table = StepTable(self)
        self.view = StepView(self.table)
        self.note = note()
        self._source: tuple[object, ...] = ()
        self._arrange()
        self.view.clicked.connect(self._on_clicked)

    def parts(self) -> dict[str, looks.Looking]:
        """Its plot."""
        return {"chart": self.chart}

    def draw(self, shown: view.Shown) -> None:
        """Show the run's steps and mark the one that leaves the cursor's frame."""
        self.chart.show_cursor(shown.cursor)
        run, process = shown.a, shown.process
        if run is None or process is None:
            return
        source = (run.id, id(process))
        if source != self._source:
            self._source = source
            self._show_steps(run.request, process)
        frame = shown.frame
        if frame is not None:
            self._mark(frame.position)

    def forget(self) -> None:
        """Another run has other steps."""
        self._source = ()

    def _arrange(self) -> None:
        for widget in (self.chart, self.ticks, self.view, self.note):
            self.column.addWidget(widget)

    def _show_steps(self, request: Any, process: Process) -> None:
        along, preserving = course(process), schedule_in(process) is not None
        name = "ᾱ_t" if preserving else "α² / (α² + σ²)"
        lines = [ChartLine(along.t, along.alpha**2 / (along.alpha**2 + along.sigma**2), "alpha_bar", name)]
        if not family_of(request).sampled:
            self.chart.show_lines(lines, (0.0, process.T), (0.0, 1.0))
            self.ticks.show_visits({}, "")
            self.table.show_steps(())
            say(self.note, tr("The forward process visits every timestep; a reverse run chooses."))
            return
        try:
            path = plan_of(request, self.services.session.cards).visited
        except errors.DiffvizError:
            return
        left = [alpha**2 / (alpha**2 + sigma**2) for alpha, sigma in map(process.at, path)]
        lines.append(ChartLine(np.array(path), np.array(left), "alpha_bar", tr("visited"), dots=True))
        self.chart.show_lines(lines, (0.0, process.T), (0.0, 1.0))
        steps = min(request.steps, int(process.T)) if process.whole else request.steps
        self.ticks.show_visits({key: process.visits(steps, key) for key in sampling.SPACINGS}, request.spacing)
        rows = visited_steps(path, process, request.sampler)
        self.table.show_steps(rows, COLUMNS if preserving else WITHOUT_BETA)
        say(self.note, tr("{n} steps; click a row to go there.").format(n=len(path) - 1))

    def _mark(self, position: float) -> None:
        steps = self.table.steps
        row = next((i for i, step in enumerate(steps) if step.t <= position), len(steps) - 1)
        if steps and self.view.currentIndex().row() != row:
            self.view.selectRow(row)
            self.view.scrollTo(self.table.index(row, 0))

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        self.services.session.seek(float(self.table.steps[index.row()].t))
