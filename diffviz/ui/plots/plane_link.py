"""What planes share: neighbours that look at the same part, the button that lets lassos be drawn, and their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from diffviz.domain.arrays import F64
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.ui.plots.plane import PlaneView
from diffviz.ui.widgets import controls


class PlaneLink(QObject):
    """Planes that look at the same part while they are linked. Signals: `switched(on)`."""

    switched = Signal(bool)

    def __init__(self, views: Sequence[PlaneView], *, on: bool = True, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._views, self.on = tuple(views), on
        self.possible = True
        self._following = False
        for view in self._views:
            view.link = self
            view.view_changed.connect(lambda view=view: self._follow(view))

    def allow(self, possible: bool) -> None:
        """Whether the planes are of the same kind: others are never linked."""
        self.possible = possible

    def switch(self, on: bool) -> None:
        """Link them, or let each be looked at by itself."""
        if on != self.on:
            self.on = on
            self.switched.emit(on)
            for view in self._views:
                view.view_all()

    def extent(self, view: PlaneView) -> F64:
        """What `view` shows when it shows all: what all of them have, where they are linked."""
        linked = self._linked() if self.on and self.possible else []
        return np.concatenate([np.asarray(one.extent(), np.float64) for one in {*linked, view}])

    def _linked(self) -> list[PlaneView]:
        return [view for view in self._views if view.isVisibleTo(view.window())]

    def _follow(self, view: PlaneView) -> None:
        if not (self.on and self.possible) or self._following:
            return
        self._following = True
        for other in self._linked():
            if other is not view:
                other.follow(view)
                other.view_changed.emit()
        self._following = False


class LassoButton(controls.IconButton):
    """Lets the next drag on planes draw a lasso; while something is chosen, a click on it chooses nothing."""

    def __init__(self) -> None:
        super().__init__("lasso", "", 26, 14)
        self._views: Sequence[PlaneView] = ()
        self._full = True
        self.show_choice(False)
        self.clicked.connect(self._on_clicked)

    def connect_to(self, views: Sequence[PlaneView]) -> None:
        """Serve `views`."""
        self._views = views

    def show_choice(self, chosen: bool) -> None:
        """Offer to choose, or to choose nothing."""
        if chosen != self._full:
            self._full = chosen
            lasso = tr("Draw a lasso around points (or drag with Shift)")
            self.set_face("x" if chosen else "lasso", tr("Choose nothing (Esc)") if chosen else lasso)

    @Slot()
    def _on_clicked(self) -> None:
        for view in self._views if not self._full else self._views[:1]:
            view.lassoed.emit(None) if self._full else view.set_lassoing(True)


def plane_keys() -> list[tuple[str, str]]:
    """Keys that every plane has, with what they do, for the list of shortcuts."""
    return [
        ("+ −", tr("Zoom a map")),
        (tr("Ctrl and arrow keys"), tr("Move a map")),
        ("0", tr("Show all of a map")),
        (tr("Shift and drag"), tr("Draw a lasso around points")),
        ("Ctrl+A", tr("Choose the points in sight")),
        ("Esc", tr("Choose no points")),
    ]


@dataclass(frozen=True, slots=True, eq=False)
class PlanesLook:
    """What is seen of `views`, and whether their `link` is on."""

    views: Sequence[PlaneView]
    link: PlaneLink

    def look(self) -> looks.Look:
        """The part that each of them shows."""
        return {"linked": self.link.on, "parts": parts_of(self.views)}

    def take_look(self, look: looks.Look) -> None:
        """Show the same parts."""
        linked = looks.flag(look, "linked")
        if linked is not None:
            self.link.switch(linked)
        show_parts(self.views, look.get("parts"))


def parts_of(views: Sequence[PlaneView]) -> list[list[float] | None]:
    """The part of the plane that each of `views` shows, x and y from and to; None for all of it."""
    return [None if view.box.is_whole else [*view.box.part[0], *view.box.part[1]] for view in views]


def show_parts(views: Sequence[PlaneView], parts: object) -> None:
    """Let `views` show `parts` again, as far as that is what they are."""
    for view, part in zip(views, parts if isinstance(parts, list) else (), strict=False):
        ends = looks.numbers({"part": part}, "part", 4)
        if ends is not None and ends[0] < ends[1] and ends[2] < ends[3]:
            view.box.keep((ends[0], ends[1]), (ends[2], ends[3]))
            view.renew()
