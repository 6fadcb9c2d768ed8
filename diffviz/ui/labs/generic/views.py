"""The views of the generic lab: the arrays of the frame at the cursor on the stage, its numbers in the right column."""

from __future__ import annotations

import dataclasses

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain import frames, plots
from diffviz.domain.text import tr
from diffviz.families.family import Family
from diffviz.session.run import Run
from diffviz.ui.labs.generic.fields import FrameField, body_of, fields_of
from diffviz.ui.sample_viewer.pane_area import AreaPane, PaneArea, shorter_side
from diffviz.ui.sample_viewer.pictures import PicturesView
from diffviz.ui.widgets import controls, figures, layout, math_label, notice, painting, theme
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.view import Shown, View


class FieldPanel(QWidget):
    """One array under its name."""

    def __init__(self, field: FrameField) -> None:
        super().__init__()
        self.field, self.body = field, body_of(field)
        self._said = controls.label("", "small")
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(math_label.SymbolLabel(field.label, theme.font(15, 600), theme.color(field.hue)))
        head.addWidget(self._said)
        head.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.body, 1)
        self.body.setAccessibleName(math_label.plain(field.label))

    def pane(self) -> AreaPane:
        """It as a pane of the stage."""
        body, name = self.body, math_label.plain(self.field.label)
        return AreaPane(name, self, body.scale_in if isinstance(body, PicturesView) else shorter_side)

    def show_frame(self, frame: frames.Frame) -> None:
        """Show its array of `frame`."""
        self.body.show_array(frame.arrays()[self.field.key])
        self._said.setText(self.body.said)
        self.body.setAccessibleDescription(self.body.said)


class FieldStage(View):
    """A panel for every array of the frame at the cursor, side by side."""

    def __init__(self, family: Family, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = family
        self.panels: tuple[FieldPanel, ...] = ()
        self._of: tuple[int, tuple[FrameField, ...]] | None = None
        self._drawn: tuple[int, float] | None = None
        self.area = PaneArea()
        self._tools = self.area.tools(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.area)
        self.setMinimumHeight(120)
        self.setAccessibleName(tr("Stage"))

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor; without one, what was shown stays."""
        frame, run = shown.frame, shown.a
        if frame is None or run is None or self._drawn == (run.id, frame.position):
            return
        self._drawn = run.id, frame.position
        fields = fields_of(frame, self._family)
        if self._of != (run.id, fields):
            self._of = run.id, fields
            self._lay(fields)
        for panel in self.panels:
            panel.show_frame(frame)

    def clear(self, run: Run | None) -> None:
        """Show what to do."""
        self._of = self._drawn = None
        self._lay(())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Say what is missing where there is nothing."""
        if not self.panels:
            words = tr("No run yet"), tr("Choose the settings on the left, and press Run.")
            painting.paint_on(self, notice.words(QRectF(self.rect()), *words))

    def _lay(self, fields: tuple[FrameField, ...]) -> None:
        """Have a pane for each of `fields`."""
        before, self.panels = self.panels, tuple(FieldPanel(field) for field in fields)
        self.area.set_panes({panel.field.key: panel.pane() for panel in self.panels})
        for panel in before:
            panel.hide()
            panel.deleteLater()
        self.area.setVisible(bool(fields))
        self._place_tools()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """What can be done to panes stands in the corner, beside their heads."""
        super().resizeEvent(event)
        self._place_tools()

    def _place_tools(self) -> None:
        self._tools.setVisible(bool(self.panels))
        self._tools.adjustSize()
        self._tools.move(self.width() - self._tools.width(), 0)
        layout.lie_over(self._tools)


class ScalarReadout(View):
    """The numbers of the frame at the cursor, called as the curves of the same key are."""

    def __init__(self, family: Family, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._family = family
        self.rows: dict[str, figures.FigureRow] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.empty = controls.label(tr("Numbers of the frame at the cursor stand here."), "quiet", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        column.addWidget(controls.heading(tr("At the cursor")))
        column.addWidget(self.empty)
        column.addLayout(self._grid)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)

    def draw(self, shown: Shown) -> None:
        """Show the frame at the cursor; without one, what was shown stays."""
        frame = shown.frame
        if frame is None:
            return
        numbers = numbers_in(frame)
        if list(numbers) != list(self.rows):
            self._lay(list(numbers))
        for name, value in numbers.items():
            self.rows[name].show_text(f"{value:g}" if name == frame.axis else figure(value))

    def clear(self, run: Run | None) -> None:
        """Show nothing."""
        self._lay([])

    def _lay(self, names: list[str]) -> None:
        for row in self.rows.values():
            row.remove()
        known = {series.key: series for plot in self._family.plots(plots.PlotData()) for series in plot.series}
        self.rows = {}
        for number, name in enumerate(names):
            series = known.get(name)
            text, hue, title = (series.label, series.hue, series.title) if series else (name, "quiet", name)
            row = self.rows[name] = figures.FigureRow(text, theme.color(hue), title, symbol=series is not None)
            row.add_to(self._grid, number)
        self.empty.setVisible(not names)


def numbers_in(frame: frames.Frame) -> dict[str, float]:
    """The fields of `frame` that are numbers, its position first."""
    fields = [field.name for field in dataclasses.fields(frame)]
    found = {name: value for name in fields if isinstance(value := getattr(frame, name), int | float)}
    return {frame.axis: float(found.pop("position")), **{name: float(value) for name, value in found.items()}}
