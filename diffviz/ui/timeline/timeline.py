"""The timeline: one axis for the frames of a run, with everything that moves along it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.axis_scale import AxisScale
from diffviz.domain.bookmarks import Span
from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.session.player import Player
from diffviz.session.session import Session
from diffviz.theory import time_axes
from diffviz.theory.shared_time import SHARED_BY
from diffviz.ui.timeline.axis import DIFFUSION_TIME, Axis, AxisMap
from diffviz.ui.timeline.filmstrip import Filmstrip, FramePictures
from diffviz.ui.timeline.place_actions import PlaceActions
from diffviz.ui.timeline.places import Marked
from diffviz.ui.timeline.plots import Plots, PlotSource
from diffviz.ui.timeline.run_progress import DiffusionPlots, Mark, RunProgress
from diffviz.ui.timeline.slider import Slider
from diffviz.ui.timeline.transport import Readout, Transport
from diffviz.ui.widgets.view import Shown, View

GAP = 14
BRIEFEST = 4


class Timeline(View):
    """Transport, readout, filmstrip, slider and plots over one axis.

    Its parts share one `AxisMap`, so the slider's handle stands over the cursor of every plot, also where only a part
    of the axis is seen. With several `rows` each sample can have a filmstrip of its own (`set_rows`). A pinned run has
    a filmstrip of its own below. `actions()` are the shortcuts.

    Signals: `sharing_chosen(key)`: what runs of unlike processes are to have in common, a key of `SHARED_BY`;
    `axis_chosen(key)`: what the axis is to be spread by, a key of `TIME_AXES`.
    """

    sharing_chosen = Signal(str)
    axis_chosen = Signal(str)

    def __init__(
        self,
        session: Session,
        player: Player,
        axis: Axis = DIFFUSION_TIME,
        plots: PlotSource | None = None,
        rows: int = 1,
        pictures: FramePictures | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._player = session, player
        self._spread_by, self._view = time_axes.TIME, (0.0, 1.0)
        self._wanted: looks.Look | None = None
        self._at = 0.0
        self._track: RunProgress | None = None
        self._track_b: RunProgress | None = None
        self._shared_by = ""
        self._fitted: tuple[object, ...] = ()
        self._level = 0
        self._compact = False
        self._mirrored = False
        self.map = AxisMap.across(1, AxisScale(0.0, 1.0), False)
        self.transport = Transport(player)
        self.placing = PlaceActions(session, player, self.transport, axis, self)
        self.readout = Readout(axis)
        self.strips = [Filmstrip(axis, pictures) for _ in range(rows)]
        self.filmstrip = self.strips[0]
        self.beside = Filmstrip(axis)
        self.beside.hide()
        self.slider = Slider(axis)
        self.plots = Plots(plots or DiffusionPlots(), axis, self.placing.fill)
        self._arrange()
        self._connect()
        self.addActions([*self.transport.all_actions(), *self.placing.all_actions()])
        self.setAccessibleName(tr("Timeline"))

    @property
    def sample(self) -> int:
        """Index of the sample that the filmstrip shows."""
        return self.filmstrip.sample

    @sample.setter
    def sample(self, index: int) -> None:
        self.filmstrip.sample = self.beside.sample = index

    def set_rows(self, titles: Sequence[str]) -> None:
        """Show one filmstrip for each of `titles`, no more than there are rows, of samples 0, 1 …"""
        for sample, strip in enumerate(self.strips):
            strip.sample = sample
            strip.title = titles[sample] if sample < len(titles) else ""
            strip.setVisible(sample < len(titles))
        self._fold_strips()

    def set_empty(self, text: str) -> None:
        """What is said while there is no run."""
        self._empty.setText(text)

    def set_marks(self, marks: tuple[Mark, ...]) -> None:
        """Mark places of the axis, such as those where another run branches off."""
        self.slider.set_marks(marks)
        self.plots.set_marks(marks)

    def set_mirrored(self, mirrored: bool) -> None:
        """Whether the high end of the axis is on the left."""
        self._mirrored = mirrored
        self.transport.sign = -1 if mirrored else 1
        self._lay_out()

    def spread_by(self, key: str) -> None:
        """Spread the axis of runs that have a noising process by `key`, of `TIME_AXES`."""
        if key != self._spread_by:
            self._spread_by = key
            self._lay_out()
            self._follow_places()

    @Slot(float, float)
    def zoom(self, begin: float, end: float) -> None:
        """Show the shares `begin` … `end` of the axis, 0 … 1."""
        if (begin, end) != self._view:
            self._view = begin, end
            self._lay_out()
            self._follow_places()

    def look(self) -> looks.Look:
        """What the axis is spread by, the part of it that is seen, and its plots; see `take_look`."""
        return self._wanted or {"axis": self._spread_by, "view": list(self._view), "plots": self.plots.look()}

    def take_look(self, look: looks.Look) -> None:
        """Show the same axis, part and plots of the run that is drawn next."""
        self._wanted = look or None

    def _show_wanted(self, look: looks.Look, cursor: float) -> None:
        """Spread the axis as `look` says, and show the part of it that was seen, wherever the cursor is."""
        self.spread_by(looks.word(look, "axis", time_axes.TIME_AXES) or self._spread_by)
        view = looks.numbers(look, "view", 2)
        if view is not None and 0.0 <= view[0] < view[1] <= 1.0:
            self._at = cursor
            self.zoom(view[0], view[1])

    @Slot()
    def zoom_out(self) -> None:
        """Show all of the axis."""
        self.zoom(0.0, 1.0)

    def set_compact(self, compact: bool) -> None:
        """Little height: a lower filmstrip, and plots as tabs."""
        self._compact = compact
        self._fold_strips()
        self.plots.set_compact(compact)

    def draw(self, shown: Shown) -> None:
        """Show `shown`: lays out for another run, fills in what has come, moves the cursor."""
        before = self._track
        self._track = RunProgress.of(shown.a, before) if shown.a else None
        if (before is None) != (self._track is None) or (before and self._track and before.run is not self._track.run):
            self._take_axis()
            self._show_empty(self._track is None)
        wanted = self._wanted if self._track is not None else None
        if wanted is not None:
            self._wanted = None
            self._show_wanted(wanted, shown.cursor)
        self._follow_cursor(shown.cursor)
        self._follow_places()
        self.transport.set_usable(self._track is not None and self._track.count > 1)
        self.readout.show_track(self._track, shown.cursor)
        for strip in (*self.strips, self.beside):
            strip.show_raw(shown.raw)
        for strip in self.strips:
            strip.show_track(self._track, shown.cursor)
        self.slider.show_track(self._track, shown.cursor)
        self._draw_beside(shown)
        self.plots.draw(shown, self._track, self._track_b)
        if wanted is not None:
            looks.show_look({"plots": self.plots}, wanted)

    def _draw_beside(self, shown: Shown) -> None:
        """The pinned run's filmstrip, under the letter that the list of runs gives it."""
        came = (shown.b is None) != (self._track_b is None)
        self._track_b = RunProgress.of(shown.b, self._track_b, shown.link) if shown.b else None
        if came:
            self.beside.title, self.filmstrip.title = ("B", "A") if shown.b else ("", "")
            self._fold_strips()
            self.beside.setVisible(shown.b is not None)
        if came or self._track_b is not None:
            self.beside.show_track(self._track_b, shown.cursor)
        self._say_sharing(shown.link.by if shown.link else "")

    def _say_sharing(self, by: str) -> None:
        """Say `by` what the runs of unlike processes stand beside each other; a click chooses the other."""
        self.sharing.setVisible(bool(by))
        if by and by != self._shared_by:
            text = tr("A and B: {what}").format(what=tr(SHARED_BY[by]))
            self.sharing.setAccessibleName(text)
        self._shared_by = by or self._shared_by
        self._fit_header()

    def _fit_header(self) -> None:
        """Leave out of the first line what there is no room for, the least needed first."""
        words = self.readout.words
        place = self.width(), self._shared_by, self.sharing.isHidden()
        key = place, words.longest, words.last, words.steps
        if key == self._fitted:
            return
        least = self._level if self._fitted[:1] == (place,) else 0  # shorter words move nothing back
        self._fitted = key
        for level in range(least, BRIEFEST + 1):
            self._level = level
            self._shorten(level)
            parts = (self._heading, self.transport, self.sharing, self.readout)
            widths = [part.sizeHint().width() for part in parts if not part.isHidden()]
            if sum(widths) + GAP * len(widths) <= self.width():
                return

    def _shorten(self, level: int) -> None:
        """Have a shorter first line, from 0, with all there is, to `BRIEFEST`."""
        what = tr(SHARED_BY[self._shared_by]) if self._shared_by else ""
        self._heading.setVisible(level < 1)
        self.transport.set_narrow(level >= 2)
        self.sharing.setText(what if level >= 3 else tr("A and B: {what}").format(what=what))
        self.readout.set_brief(level >= 4)

    @Slot()
    def _on_sharing_clicked(self) -> None:
        keys = tuple(SHARED_BY)
        self.sharing_chosen.emit(keys[(keys.index(self._shared_by) + 1) % len(keys)])

    def _fold_strips(self) -> None:
        """Two filmstrips take hardly more room than one."""
        several = self._track_b is not None or sum(not strip.isHidden() for strip in self.strips) > 1
        for strip in (*self.strips, self.beside):
            strip.set_compact(self._compact or several)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Spread the axis over the new width."""
        super().resizeEvent(event)
        self._fit_header()
        self._lay_out()

    def _arrange(self) -> None:
        self._heading = QLabel(tr("TIMELINE"))
        self._heading.setProperty("role", "heading")
        self._empty = QLabel(tr("No run yet. Press Run, and every timestep lands here."))
        self._empty.setProperty("role", "quiet")
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sharing = QPushButton()
        self.sharing.setProperty("role", "flat")
        self.sharing.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.sharing.setToolTip(
            tr("What runs of unlike processes have in common at the cursor. A click changes it, as the settings do.")
        )
        self.sharing.hide()
        header = QHBoxLayout()
        header.setSpacing(GAP)
        header.addWidget(self._heading)
        header.addWidget(self.transport)
        header.addWidget(self.sharing)
        header.addStretch(1)
        header.addWidget(self.readout)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(7)
        column.addLayout(header)
        for strip in (*self.strips, self.beside):
            column.addWidget(strip)
        column.addWidget(self.slider)
        column.addWidget(self._empty, 1)
        column.addWidget(self.plots, 1)
        self._show_empty(True)

    def _connect(self) -> None:
        for part in self._parts():
            part.sought.connect(self._session.seek)
            part.zoomed.connect(self.zoom)
        self.slider.range_chosen.connect(self._on_range_chosen)
        self.plots.range_chosen.connect(self._on_range_chosen)
        for menu in (self.slider, self.filmstrip):
            menu.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            menu.customContextMenuRequested.connect(self._on_menu_asked)
        self.placing.axis_chosen.connect(self.axis_chosen)
        self.placing.all_asked.connect(self.zoom_out)
        self.plots.axis_button.clicked.connect(self._on_axis_asked)
        self.sharing.clicked.connect(self._on_sharing_clicked)
        self.slider.stepped.connect(self.transport.step)
        self.slider.jumped.connect(self.transport.jump)

    def _parts(self) -> Sequence[Filmstrip | Slider | Plots]:
        """What lies over the axis."""
        return (*self.strips, self.beside, self.slider, self.plots)

    def _show_empty(self, empty: bool) -> None:
        self._empty.setVisible(empty)
        self.plots.setVisible(not empty)
        self.slider.setEnabled(not empty)

    def _take_axis(self) -> None:
        """Lay out for another run: what is seen stays where its axis has the same ends."""
        run = self._track.run if self._track else None
        if run is None or (self.map.low, self.map.high) != (run.plan.low, run.plan.high):
            self._view = 0.0, 1.0
        self._lay_out()

    def _lay_out(self) -> None:
        run, before = self._track.run if self._track else None, self.map
        scale = time_axes.time_axis(self._spread_by, run.process, run.plan) if run else AxisScale(0.0, 1.0)
        if before.zoomed and scale != before.scale and before.seen and self._view != (0.0, 1.0):
            low, high = before.seen  # the same part of a run, spread by something else
            self._view = scale.share(low), scale.share(high)
        self.map = AxisMap.across(self.width(), scale, self._mirrored, *self._view)
        for part in self._parts():
            part.set_map(self.map)
        if run is not None and run is self._session.a:
            self._player.pace(run, scale)

    def _follow_cursor(self, cursor: float) -> None:
        """A cursor that leaves what is seen takes it along."""
        moved, self._at = cursor != self._at, cursor
        if moved and self.map.zoomed:
            self.zoom(*self.map.following(cursor))

    def _follow_places(self) -> None:
        """Show the range and the bookmarks, and what can be done with them."""
        run = self._track.run if self._track else None
        marked = Marked(self._session.places.range_of(run), run.bookmarks if run else ())
        self.slider.show_marked(marked)
        for strip in (*self.strips, self.beside):
            strip.show_range(marked.chosen)
        self.plots.show_range(marked.chosen)
        spread_by = self._spread_by if run is not None and run.process is not None else ""
        self.placing.follow(spread_by, zoomed=self.map.zoomed)
        self.plots.axis_button.show_axis(spread_by)

    @Slot(object)
    def _on_range_chosen(self, chosen: Span | None) -> None:
        if self._track is not None:
            self._session.places.choose(self._track.run, chosen)

    @Slot(QPoint)
    def _on_menu_asked(self, at: QPoint) -> None:
        asked = self.sender()
        assert isinstance(asked, QWidget)
        self.placing.menu().popup(asked.mapToGlobal(at))

    @Slot()
    def _on_axis_asked(self) -> None:
        button = self.plots.axis_button
        menu = self.placing.axes(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().topLeft() - QPoint(0, menu.sizeHint().height())))

    def minimumSizeHint(self) -> QSize:
        """What the narrowest window leaves."""
        return QSize(520, super().minimumSizeHint().height())
