"""Plots below each other over one horizontal axis, as a widget: what is shown, read at the pointer, told and saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

from diffviz.domain.arrays import F64
from diffviz.domain.text import plain, tr
from diffviz.session.looks import Look
from diffviz.ui.plots import legend
from diffviz.ui.plots.axes import power_of_ten
from diffviz.ui.plots.canvas import PlotCanvas
from diffviz.ui.plots.lines import BESIDE, DrawnLine, PlotLine, colour
from diffviz.ui.plots.menu import PlotSwitch, TableColumn
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.plot_looks import WantedLooks, look_of, switched
from diffviz.ui.plots.view_box import ACROSS, PlotBox
from diffviz.ui.widgets import painting, theme
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.math_label import Typeset

ROW, EDGE, APART = 16.0, 7.0, 10.0
"""Height of a line of the read-out, room around it, and its distance from the pointer."""
MOST_ROWS = 12


class PlotStack(PlotCanvas):
    """`panels` below each other, zoomed and moved together across; a legend above them switches curves.

    The pointer reads the values of all curves. `legend_left` is where the legend begins; None has none.
    """

    def __init__(self, name: str, panels: Sequence[Panel] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.panels: list[Panel] = []
        self.legend = legend.LegendRow()
        self.legend_left: float | None = None
        self.reads = True
        self._linking = False
        self._told: Sequence[object] = []
        self._wanted = WantedLooks()
        self.setAccessibleName(name)
        for panel in panels:
            self.add_panel(panel)

    def add_panel(self, panel: Panel) -> None:
        """Have `panel` below the others."""
        self.panels.append(panel)
        panel.setParent(self)
        for item in panel.items():
            self.add_item(item)
        panel.changed.connect(self.renew)
        panel.moved.connect(self._on_moved)
        panel.box.sigXRangeChanged.connect(self._on_x_range_changed)
        self.lay_out()
        self.renew()

    def remove_panel(self, panel: Panel) -> None:
        """Have `panel` no longer."""
        self.panels.remove(panel)
        panel.changed.disconnect(self.renew)
        panel.moved.disconnect(self._on_moved)
        panel.box.sigXRangeChanged.disconnect(self._on_x_range_changed)
        for item in panel.items():
            self.take_item(item)
        self.lay_out()
        self.renew()

    def boxes(self) -> Sequence[PlotBox]:
        """The boxes of the panels."""
        return [panel.box for panel in self.panels]

    def lay_out(self) -> None:
        """Give every panel as much of the height."""
        height = self.height() / max(1, len(self.panels))
        for row, panel in enumerate(self.panels):
            panel.place(QRectF(0, row * height, self.width(), height))

    def restyle(self) -> None:
        """Take the colours of the theme in force."""
        for panel in self.panels:
            panel.restyle()

    def look(self) -> Look:
        """What people have chosen of its panels; see `take_look`."""
        return {"panels": [look_of(panel) for panel in self.panels]}

    def take_look(self, look: Look) -> None:
        """Show the same curves, axes and parts, now or when there is something to draw."""
        self._wanted.take(self.panels, look.get("panels"))

    def renew(self) -> None:
        """Render anew, and tell anew what is shown."""
        self._wanted.follow()
        super().renew()
        self.describe()

    def describe(self) -> None:
        """Tell screen readers which curves are shown, and over which range; written only where it is another."""
        shown = [
            ([line.label for line in switched(panel)], panel.off, panel.box.seen, panel.log_x, panel.log_y)
            for panel in self.panels
        ]
        if shown != self._told:
            self._told = shown
            self.setAccessibleDescription(". ".join(text for panel in self.panels for text in described(panel)))

    def panel_at(self, at: QPointF) -> Panel | None:
        """The panel whose box `at` is in."""
        return next((panel for panel in self.panels if panel.box.area.contains(at)), None)

    @Slot()
    def _on_moved(self) -> None:
        self.describe()
        self.update()

    def _on_x_range_changed(self, box: PlotBox) -> None:
        """All panels are seen over the same part of the axis."""
        if self._linking:
            return
        self._linking = True
        for panel in self.panels:
            if panel.box is not box and panel.box.whole[0] == box.whole[0]:
                panel.box.view_all(ACROSS) if box.is_whole else panel.box.look(x=box.seen[0])
        self._linking = False

    # The menu.

    def switches(self) -> Sequence[PlotSwitch]:
        """Both axes, and the grid."""
        return [
            PlotSwitch(
                tr("Logarithmic x"), self._everywhere("log_x"), self._set(lambda p, on: p.set_log(x=on)), self._can("x")
            ),
            PlotSwitch(
                tr("Logarithmic y"), self._everywhere("log_y"), self._set(lambda p, on: p.set_log(y=on)), self._can("y")
            ),
            PlotSwitch(tr("Grid"), self._everywhere("grid"), self._set(Panel.set_grid)),
        ]

    def entries(self) -> Sequence[PlotSwitch]:
        """The curves by their names."""
        return [
            PlotSwitch(plain(line.label), line.key not in panel.off, partial(self._switch, panel, line.key))
            for panel in self.panels
            for line in switched(panel)
        ]

    def table(self) -> Sequence[TableColumn]:
        """The curves that are shown, over all their positions."""
        return columns_of(self.panels)

    def _everywhere(self, what: str) -> bool:
        return bool(self.panels) and all(getattr(panel, what) for panel in self.panels)

    def _can(self, axis: str) -> bool:
        return any(panel.can_log(axis) for panel in self.panels)

    def _set(self, act: Callable[[Panel, bool], None]) -> Callable[[bool], None]:
        def switch(on: bool) -> None:
            self._wanted.forget()
            for panel in self.panels:
                act(panel, on)

        return switch

    def _switch(self, panel: Panel, key: str, on: bool) -> None:
        self._wanted.forget()
        panel.switch(key, on)

    def _viewed(self) -> None:
        self._wanted.forget()
        super()._viewed()

    # The legend, and what is read at the pointer.

    def marks_still(self) -> Iterable[painting.PaintMark]:
        """The legend above the scene."""
        if self.legend_left is None:
            return ()
        self.legend.lay_out(self._legend(), self.legend_left, self.width())
        return self.legend.marks()

    def _legend(self) -> list[legend.LegendEntry]:
        return [
            legend.LegendEntry(line.key, line.label, line.hue, line.style, line.dots, line.key not in panel.off)
            for panel in self.panels
            for line in switched(panel)
        ]

    def press(self, event: QMouseEvent) -> bool:
        """Switch the curve whose name is pressed."""
        key = self.legend.at(event.position()) if self.legend_left is not None else None
        for panel in self.panels if key is not None else ():
            if any(line.key == key for line in panel.lines):
                self._switch(panel, key or "", key in panel.off)
        return key is not None

    def hover(self, event: QMouseEvent) -> None:
        """A hand over what can be pressed."""
        key = self.legend.at(event.position()) if self.legend_left is not None else None
        self.setCursor(Qt.CursorShape.PointingHandCursor if key is not None else Qt.CursorShape.ArrowCursor)

    def marks_over(self) -> Iterator[painting.PaintMark]:
        """Lines that move, and the values of all curves at the pointer."""
        for each in self.panels:
            yield from each.marks()
        at = self.pointer
        panel = self.panel_at(at) if at is not None and self.reads else None
        said = self.read(panel, at) if panel is not None and at is not None else []
        if at is None or not said:
            return
        for each in self.panels:
            area, x = each.box.area, painting.crisp(at.x()) - 0.5
            yield painting.Rect(QRectF(x, area.top(), 1, area.height()), theme.color("quiet", 0.45))
        yield from _read_out(said, at, self.size())

    def marks_focus(self) -> Iterator[painting.PaintMark]:
        """A frame around it: keys and the wheel are for the plot."""
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        yield painting.Rect(frame, edge=theme.color("cursor", 0.7), radius=4)

    def read(self, panel: Panel, at: QPointF) -> list[tuple[str, str]]:
        """What the read-out says at `at`: lines in the notation of symbols, each with its hue."""
        return self.read_at(panel, panel.box.to_coordinates(at)[0]) if panel.drawn else []

    def read_at(self, panel: Panel, x: float) -> list[tuple[str, str]]:
        """What it says at the coordinate `x`."""
        name, value = panel.x_axis.name or "x", panel.x_axis.plot_scale.value(x)
        form = getattr(panel.x_axis.plot_scale, "form", None) or figure
        return [(f"{name} = {form(value)}", "text"), *_values(panel, x)][:MOST_ROWS]


def _read_out(said: Sequence[tuple[str, str]], at: QPointF, room: QSize) -> Iterator[painting.PaintMark]:
    """What is `said` of the pointer `at` a place, on a plate beside it that stays within `room`."""
    rows = [(Typeset(text, theme.font(11)), hue) for text, hue in said]
    plate = QRectF(at.x() + APART, at.y() + APART, max(row.width for row, _ in rows) + 2 * EDGE, ROW * len(rows) + 6)
    if plate.right() > room.width() - 2:
        plate.moveRight(at.x() - APART)
    plate.moveBottom(min(plate.bottom(), room.height() - 2.0))
    plate.moveTop(max(2.0, plate.top()))
    plate.moveLeft(max(2.0, plate.left()))
    yield painting.Rect(plate, theme.color("field", 0.95), theme.color("edge"), 4)
    for index, (row, hue) in enumerate(rows):
        yield row.at(plate.left() + EDGE, plate.top() + 14 + ROW * index, colour(hue))


def described(panel: Panel) -> Iterator[str]:
    """What a screen reader says of `panel`: its curves, those that are off, and the range that is seen."""
    names = switched(panel)
    yield ", ".join(plain(line.label) for line in names if line.key not in panel.off)
    off = ", ".join(plain(line.label) for line in names if line.key in panel.off)
    if off:
        yield tr("Not shown: {curves}").format(curves=off)
    if panel.drawn:
        across, up = plain(panel.x_axis.name) or "x", plain(panel.y_axis.name) or "y"
        for name, (low, high) in ((across, panel.x_range), (up, panel.y_range)):
            yield tr("{axis} from {low} to {high}").format(axis=name, low=figure(low), high=figure(high))


def columns_of(panels: Sequence[Panel]) -> list[TableColumn]:
    """A column for every position that a shown curve has a point at, and one for each of the curves."""
    drawn = [(panel, shown.line) for panel in panels for shown in panel.drawn if shown.line is not None]
    if not drawn:
        return []
    positions = np.unique(np.concatenate([_positions(line) for _, line in drawn]))
    columns = [TableColumn(plain(panels[0].x_axis.name) or "x", positions)]
    for _, line in drawn:
        name = (plain(line.label) or line.key) + (" (B)" if line.style == BESIDE else "")
        columns.append(TableColumn(name, _spread(positions, line, line.ys)))
        if line.logs is not None:
            columns.append(TableColumn(f"log10 {name}", _spread(positions, line, line.logs)))
    return columns


def _positions(line: PlotLine) -> F64:
    return (line.xs[1:] + line.xs[:-1]) / 2 if line.steps else line.xs


def _spread(positions: F64, line: PlotLine, heights: F64) -> F64:
    """`heights` at those of `positions` that are the line's, nan at the others."""
    found = np.full(len(positions), np.nan)
    found[np.searchsorted(positions, _positions(line))] = heights
    return found


def _values(panel: Panel, x: float) -> Iterator[tuple[str, str]]:
    """What each drawn curve of `panel` is at the coordinate `x`, where it is defined there."""
    for drawn in panel.drawn:
        line, height = drawn.line, _height(panel, drawn, x)
        if line is not None and np.isfinite(height):
            tiny = panel.log_y and abs(height) > 300
            text = power_of_ten(round(height)) if tiny else figure(panel.y_axis.plot_scale.value(height))
            name = line.label + (" (B)" if line.style == BESIDE else "")
            yield (f"{name} = {text}" if name else text, line.hue)


def _height(panel: Panel, drawn: DrawnLine, x: float) -> float:
    """Between two points of a curve; of points that stand alone, that of the nearest within a few pixels."""
    if drawn.line is None or not drawn.line.dots:
        return drawn.at(x)
    if not len(drawn.xs):
        return float("nan")
    nearest = int(np.nanargmin(np.abs(drawn.xs - x)))
    (left, right), width = panel.box.seen[0], panel.box.area.width()
    return float(drawn.ys[nearest]) if abs(drawn.xs[nearest] - x) * width / (right - left) <= 6 else float("nan")
