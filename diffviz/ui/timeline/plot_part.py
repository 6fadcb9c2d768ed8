"""One plot of a timeline with its switches: chips for its curves, one for its axis, a tab where plots share a place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from diffviz.domain.plots import Plot
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.ui.plots.legend import CurveToggle
from diffviz.ui.widgets import math_label
from diffviz.ui.widgets.view import Highlight

if TYPE_CHECKING:
    from diffviz.ui.timeline.plot import TimelinePanel

GROUP_GAP = 9


@dataclass(slots=True, eq=False)
class PlotPart:
    """One plot with what switches its curves and, where one is shown at a time, itself; its panel once that is made.

    `off` are the keys of the curves that are not drawn, `log` says whether its heights are on a logarithmic axis,
    `wanted` what is to be seen of the panel once it is made.
    """

    plot: Plot
    beside: Plot | None
    off: frozenset[str]
    log: bool
    tab: CurveToggle
    chips: dict[str, CurveToggle]
    logs: Sequence[CurveToggle]
    group: QWidget
    panel: TimelinePanel | None = None
    wanted: looks.Look | None = None
    _switching: bool = False

    def __iter__(self) -> Iterator[QWidget]:
        return iter((self.tab, self.group))

    def show(self, plot: Plot, beside: Plot | None) -> None:
        """Take another look at the plot; one that begins with another axis than the one before it does so."""
        self.log = self.log if plot.log == self.plot.log else plot.log
        self.plot, self.beside = plot, beside
        if self.panel is not None:
            self.panel.show_plot(plot, beside)

    def show_switches(self) -> None:
        """Let chips, and the panel, be as it is switched."""
        for key, chip in self.chips.items():
            chip.setChecked(key not in self.off)
        for chip in self.logs:
            chip.setChecked(self.log)
        if self.panel is not None and not self._switching:
            self._switching = True
            self.panel.off = self.off
            if self.panel.log_y != self.log:
                self.panel.set_log(y=self.log)
            self._switching = False

    def follow(self) -> bool:
        """Take over how the panel was switched, in its menu; whether anything was."""
        if self._switching or self.panel is None or (self.panel.off, self.panel.log_y) == (self.off, self.log):
            return False
        self.off, self.log = self.panel.off, self.panel.log_y
        return True

    def look(self) -> dict[str, object]:
        """Its curves that are off, its axis and the one it began with, its grid and the part that is seen upwards."""
        seen = self.wanted or ({} if self.panel is None else self.panel.look())
        return {**seen, "off": sorted(self.off), "log": self.log, "began": self.plot.log}

    def take_look(self, look: looks.Look) -> None:
        """Be switched as `look` says, and show that part, now or once there is a panel."""
        off, log = looks.words(look, "off"), looks.flag(look, "log")
        if off is not None:
            self.off = frozenset(off) & {series.key for series in self.plot.series}
        self.log = self.log if log is None else log
        self.wanted = look
        self.show_switches()
        self.show_wanted()

    def show_wanted(self) -> None:
        """Show what is wanted of the panel, where it is made."""
        if self.panel is not None and self.wanted is not None:
            wanted, self.wanted = self.wanted, None
            self.panel.take_look(wanted)

    def set_highlight(self, highlight: Highlight) -> None:
        """Let chips show which curve is pointed at, and point at theirs."""
        for series in self.plot.series:
            if series.key in self.chips:
                self.chips[series.key].set_highlight(highlight, series.term)


def chips_of(plot: Plot, parent: QWidget) -> dict[str, CurveToggle]:
    """What switches the curves of `plot`, by their keys: one for all of those that go together."""
    shown = plot.series[: 1 if plot.together else None]
    return {curve.key: CurveToggle(curve.label, curve, parent) for curve in shown}


def log_chips(plot: Plot, parent: QWidget) -> list[CurveToggle]:
    """What makes the vertical axis of `plot` logarithmic, where that is offered beside its curves."""
    if not plot.switch:
        return []
    chip = CurveToggle("log", None, parent)
    chip.setToolTip(tr("Logarithmic axis for {what}").format(what=math_label.plain(plot.label)))
    return [chip]


def row_of(chips: Sequence[QWidget]) -> QWidget:
    """`chips` beside each other."""
    group = QWidget()
    row = QHBoxLayout(group)
    row.setContentsMargins(0, 0, GROUP_GAP, 0)
    row.setSpacing(3)
    for chip in chips:
        row.addWidget(chip)
    return group
