"""Which steps are visited: a table of the run's steps, and the choices of each spacing as ticks under ᾱ."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from diffviz.domain.errors import DiffvizError
from diffviz.domain.requests import ReverseRequest
from diffviz.domain.samplers import SPACINGS
from diffviz.domain.text import tr
from diffviz.families import plan_of
from diffviz.theory import spacing
from diffviz.theory.schedules import NoiseSchedule
from diffviz.theory.spacing import VisitedStep, visited_steps
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.plots.chart import LEFT, RIGHT, Chart, ChartLine
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.view import Shown

ROW, HEIGHT = 20, 190
COLUMNS = ("t", "t_prev", "ᾱₜ", "ᾱ_prev", "σ")
Index = QModelIndex | QPersistentModelIndex


class StepTable(QAbstractTableModel):
    """The steps of a run, one a row."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.steps: tuple[VisitedStep, ...] = ()

    def show_steps(self, steps: tuple[VisitedStep, ...]) -> None:
        """Show `steps`."""
        self.beginResetModel()
        self.steps = steps
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
            values = (step.t, step.t_prev, step.alpha_bar, step.alpha_bar_prev, step.std)
            value = values[index.column()]
            return str(value) if index.column() < 2 else figure(float(value))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a column is."""
        across = orientation is Qt.Orientation.Horizontal
        return COLUMNS[section] if across and role == Qt.ItemDataRole.DisplayRole else None


class SpacingTicks(QWidget):
    """Ticks of every spacing over the same axis as the chart above; that of the run is bright."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.visits: dict[str, Sequence[int]] = {}
        self.timesteps, self.used = 1000, ""
        self.setFixedHeight(16 * len(SPACINGS))
        self.setAccessibleName(tr("Timesteps that each spacing visits"))

    def show_visits(self, visits: dict[str, Sequence[int]], timesteps: int, used: str) -> None:
        """Show what each spacing visits out of `timesteps`."""
        self.visits, self.timesteps, self.used = visits, timesteps, used
        self.setAccessibleDescription("; ".join(f"{key}: {', '.join(map(str, ts))}" for key, ts in visits.items()))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A row of ticks for each spacing, its name at the left."""
        with QPainter(self) as painter:
            painter.setFont(theme.font(10))
            width = self.width() - LEFT - RIGHT
            for row, (key, ts) in enumerate(self.visits.items()):
                used = key == self.used
                painter.setPen(theme.color("text" if used else "quiet"))
                room = QRectF(0, 16 * row, LEFT - 4, 14)
                name = tr(SPACINGS[key])
                text = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, int(room.width()))
                painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
                hue = theme.color("alpha_bar" if used else "quiet", 1.0 if used else 0.7)
                for t in ts:
                    painter.fillRect(QRectF(LEFT + width * t / self.timesteps - 0.5, 16 * row + 3, 1, 9), hue)


class VisitsInstrument(Instrument):
    """The visited pairs of the run with ᾱ of both and σ; a click on a row goes there."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.chart = Chart(tr("ᾱ against t with the visited timesteps"), "t", height=110)
        self.ticks = SpacingTicks()
        self.table = StepTable(self)
        self.view = QTableView()
        self.note = note()
        self._source: tuple[object, ...] = ()
        self._arrange()
        self.view.clicked.connect(self._on_clicked)

    def draw(self, shown: Shown) -> None:
        """Show the run's steps and mark the one that leaves the cursor's frame."""
        self.chart.show_cursor(shown.cursor)
        run, schedule = shown.a, shown.schedule
        if run is None or schedule is None:
            return
        source = (run.id, id(schedule))
        if source != self._source:
            self._source = source
            self._show_steps(run.request, schedule)
        frame = shown.frame
        if frame is not None:
            self._mark(frame.position)

    def forget(self) -> None:
        """Another run has other steps."""
        self._source = ()

    def _arrange(self) -> None:
        self.view.setModel(self.table)
        self.view.setFixedHeight(HEIGHT)
        self.view.verticalHeader().hide()
        self.view.verticalHeader().setDefaultSectionSize(ROW)
        self.view.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setShowGrid(False)
        self.view.setFont(theme.font(11))
        self.view.setAccessibleName(tr("Visited steps"))
        self.view.setStyleSheet("QTableView { background: transparent; border: none; } QHeaderView { border: none; }")
        for widget in (self.chart, self.ticks, self.view, self.note):
            self.column.addWidget(widget)

    def _show_steps(self, request: object, schedule: NoiseSchedule) -> None:
        timesteps = schedule.timesteps
        t = np.arange(timesteps + 1, dtype=np.float64)
        lines = [ChartLine(t, schedule.alpha_bar, "alpha_bar", "ᾱ_t")]
        if not isinstance(request, ReverseRequest):
            self.chart.show_lines(lines, (0.0, float(timesteps)), (0.0, 1.0))
            self.ticks.show_visits({}, timesteps, "")
            self.table.show_steps(())
            say(self.note, tr("The forward process visits every timestep; a reverse run chooses."))
            return
        try:
            path = plan_of(request, self.services.session.cards).visited
        except DiffvizError:
            return
        shown = np.array(path, np.int64)
        lines.append(
            ChartLine(shown.astype(np.float64), schedule.alpha_bar[shown], "alpha_bar", tr("visited"), dots=True)
        )
        self.chart.show_lines(lines, (0.0, float(timesteps)), (0.0, 1.0))
        steps = min(request.steps, timesteps)
        visits = {key: spacing.visits(timesteps, steps, key) for key in SPACINGS}
        self.ticks.show_visits(dict(visits), timesteps, request.spacing)
        self.table.show_steps(visited_steps(path, schedule, request.sampler))
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
