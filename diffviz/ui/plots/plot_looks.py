"""What people have chosen of a plot, as plain data that another plot of its kind takes: curves, axes, grid and zoom.

Curves are told by their number among those with names: names are another for each language. Parts are in coordinates
(see `diffviz.ui.plots.axes`), so that they are what they were whatever the size of the window.
"""

from __future__ import annotations

from collections.abc import Sequence

from diffviz.session import looks
from diffviz.ui.plots.lines import BESIDE, PlotLine
from diffviz.ui.plots.panel import Panel
from diffviz.ui.plots.view_box import BOTH


def switched(panel: Panel) -> list[PlotLine]:
    """The lines of `panel` that have names, each once: those of a pinned run go with the shown one's."""
    named = {line.key: line for line in panel.lines if line.label and line.style != BESIDE}
    return list(named.values())


def look_of(panel: Panel) -> looks.Look:
    """Which of its curves are off, its axes and its grid, and the part that is seen of each axis: None for all."""
    off = [number for number, line in enumerate(switched(panel)) if line.key in panel.off]
    return {"off": off, "log_x": panel.log_x, "log_y": panel.log_y, **grid_and_part(panel, BOTH)}


def grid_and_part(panel: Panel, axes: str) -> dict[str, object]:
    """Its grid, and the part that is seen of each of `axes`."""
    box = panel.box
    parts = {axis: list(box.seen[number]) if axis in box.chosen else None for number, axis in enumerate(BOTH)}
    return {"grid": panel.grid, **{axis: parts[axis] for axis in axes}}


def show_look(panel: Panel, look: looks.Look) -> None:
    """Let `panel` be as `look` says, as far as it can; what `look` does not say stays."""
    with panel.as_one():
        log_x, log_y = (_logarithmic(panel, look, axis) for axis in BOTH)
        panel.set_log(log_x, log_y)
        grid, names = looks.flag(look, "grid"), switched(panel)
        if grid is not None:
            panel.set_grid(grid)
        off = looks.indices(look, "off", len(names))
        if off is not None:
            panel.off = {names[number].key for number in off}
        for axis in BOTH:
            _show_part(panel, look, axis)


def _logarithmic(panel: Panel, look: looks.Look, axis: str) -> bool | None:
    """Whether an axis is to be logarithmic; None where that is not said, or nothing could be drawn there."""
    log = looks.flag(look, f"log_{axis}")
    return log if log is None or panel.can_log(axis) or not log else None


def _show_part(panel: Panel, look: looks.Look, axis: str) -> None:
    """Show the part of an axis."""
    part = looks.numbers(look, axis, 2)
    if part is not None and part[0] < part[1]:
        panel.box.look(**{axis: (part[0], part[1])})
    elif axis in look and look[axis] is None and axis in panel.box.chosen:
        panel.box.view_all(axis)


class WantedLooks:
    """Looks for panels that may have nothing to draw yet, or still what they had before.

    Each is shown at once where there are curves, and once more when others come.
    """

    def __init__(self) -> None:
        self._wanted: dict[Panel, tuple[looks.Look, object]] = {}

    def take(self, panels: Sequence[Panel], given: object) -> None:
        """From now on `given`, one for each of `panels`, are wanted."""
        several = given if isinstance(given, list) else ()
        pairs = zip(panels, several, strict=False)
        self._wanted = {panel: (dict(look), None) for panel, look in pairs if isinstance(look, dict)}
        self.follow()

    def forget(self) -> None:
        """A person has chosen otherwise."""
        self._wanted = {}

    def follow(self) -> None:
        """Show what is wanted of panels that have other curves than before."""
        for panel, (look, of) in list(self._wanted.items()):
            if not panel.lines or panel.lines is of:
                continue
            if of is None:
                self._wanted[panel] = look, panel.lines
            else:
                del self._wanted[panel]
            show_look(panel, look)
