"""Two runs' pictures, below or beside each other: one zoom, one sample in focus, a line above each that names it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QLabel, QVBoxLayout, QWidget

from diffviz.domain.glossary import meaning
from diffviz.domain.panes import Role
from diffviz.domain.text import tr, trn
from diffviz.session.run import Run
from diffviz.theory.processes import Process
from diffviz.ui.sample_viewer.arrangement import AUTO, COLUMN, ROW
from diffviz.ui.sample_viewer.grid import SampleGrid
from diffviz.ui.sample_viewer.picture import Picture
from diffviz.ui.widgets import math_label, theme, words
from diffviz.ui.widgets.format import duration, figure, timestep

HEIGHT, SPACE, APART, GAP, LETTER = 20, 4, 18, 8, 14
REST_MILLISECONDS = 300
BELOW, BESIDE = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight


class RunLine(QWidget):
    """`letter`, the run's name, its network evaluations and seconds; on the right what `show_apart` was told.

    Where there is no room for all of it, the name stays: the last figures of its cost are left to the tooltip, then
    what stands apart, and of a name that is longer than the line its end.
    """

    def __init__(self, letter: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.letter = QLabel(letter)
        self.name, self.cost, self.apart = QLabel(), QLabel(), QLabel()
        words.explain(self.apart, meaning("diffusion", "apart"), "|Δ|")
        self._shown: tuple[object, ...] = ()
        self._name = ""
        self._costs: list[str] = []
        self._arrange()

    def show_run(self, run: Run, name: str, t: float | None, *, unlike: bool = False) -> None:
        """Name `run`, whose frame at `t` is shown, and say what it has cost so far.

        Beside a run of an `unlike` process it says how much noise that frame has too, which is what both share.
        """
        done = run.plan.evaluations * run.progress
        now = (run.id, name, round(done), round(run.seconds, 1), t, unlike)
        if now == self._shown:
            return
        self._shown = now
        self._name = name
        at = [] if t is None else [f"t = {timestep(t)}", *([level(run.process, t)] if unlike and run.process else [])]
        evaluations = trn("{n} evaluation", "{n} evaluations", round(done)).format(n=f"{round(done):,}")
        self._costs = [*at, evaluations, *([duration(run.seconds)] if run.seconds else [])]
        self._fit()

    def show_apart(self, distances: tuple[float, float] | None, *, scaled: bool = False) -> None:
        """Say how far the two runs' x_t, where `scaled` brought to one variance, and x̂0 are apart at the cursor."""
        if distances is None:
            text = ""
        else:
            x, x0 = distances
            what = "xₜ/√(α²+σ²)" if scaled else "xₜ"
            parts = [f"|Δ{what}| {figure(x)}", *([] if math.isnan(x0) else [f"|Δx̂₀| {figure(x0)}"])]
            text = math_label.rich(" · ".join(parts))
        self._say_apart(text)

    def show_outside(self, t: float, cursor: float) -> None:
        """Say that this run has no frame at the `cursor`: the one shown is its end, at `t`, and nothing is compared."""
        text = tr("t = {t} is where it ends: no frame at t = {cursor}")
        self._say_apart(text.format(t=timestep(t), cursor=timestep(cursor)))

    def _say_apart(self, text: str) -> None:
        if text != self.apart.text():
            self.apart.setText(text)
            self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say as much as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        """Say as much as there is room for: what was laid out while nobody saw it may be of another width."""
        super().showEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Write those of the figures that leave the name whole, the first ones of its cost first, and place them."""
        metrics, room = self.name.fontMetrics(), self.width() - LETTER - GAP
        wanted, apart = metrics.horizontalAdvance(self._name) + 2 * GAP, self.apart.sizeHint().width()
        shows_apart = bool(self.apart.text()) and wanted + apart < room
        taken = wanted + (apart + GAP if self.apart.text() else 0)
        measured = self.cost.fontMetrics().horizontalAdvance
        texts = (" · ".join(self._costs[:count]) for count in range(len(self._costs), 0, -1))
        self.cost.setText(next((text for text in texts if taken + measured(text) < room), ""))
        costs = " · ".join(self._costs)
        self.name.setToolTip("\n".join((self._name, costs)))
        self.name.setAccessibleName(f"{self.letter.text()}: {self._name}")
        self.cost.setToolTip(
            "\n".join((tr("The timestep of the frame shown, network evaluations and seconds so far"), costs))
        )
        self._place({self.cost: bool(self.cost.text()), self.apart: shows_apart})

    def _place(self, figures: Mapping[QLabel, bool]) -> None:
        """Place all from the right, the `figures` that are to be seen.

        By hand: a layout would come later than what is told here while the line itself is being laid out.
        """
        right = self.width()
        for label, seen in figures.items():
            label.setVisible(seen)
            if seen:
                width = label.sizeHint().width()
                label.setGeometry(right - width, 0, width, HEIGHT)
                right -= width + GAP
        left = LETTER + GAP
        self.letter.setGeometry(0, 0, LETTER, HEIGHT)
        self.name.setGeometry(left, 0, max(right - left, 0), HEIGHT)
        self.name.setText(
            self.name.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, self.name.width())
        )

    def _arrange(self) -> None:
        self.letter.setFont(theme.font(13, 700))
        self.name.setFont(theme.font(12, 600))
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.letter, self.name, self.apart, self.cost):
            label.setParent(self)
        for label in (self.cost, self.apart):
            label.setProperty("role", "small")
        self.apart.setTextFormat(Qt.TextFormat.RichText)
        self.apart.setToolTip(
            tr("Root mean square over samples and pixels of A minus B at this timestep, where both visit it")
        )
        self.setFixedHeight(HEIGHT)


def level(process: Process, t: float) -> str:
    """The natural logarithm of the SNR of `process` at `t` (plots have log₁₀), and whether that is one of its ends."""
    text = f"ln SNR {figure(process.log_snr(t))}"
    return tr("{what} (end)").format(what=text) if t in (0.0, process.T) else text


class LinkedViewer(QObject):
    """Keeps zoom, pan and the sample in focus of `canvases` alike, as far as they show as many samples."""

    def __init__(self, canvases: Sequence[SampleGrid], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._canvases = canvases
        self._busy = False
        for canvas in canvases:
            canvas.view_changed.connect(self._on_view_changed)
            canvas.focus_changed.connect(self._on_focus_changed)

    def follow(self, leader: SampleGrid) -> None:
        """Let the others look at what `leader` looks at."""
        if self._busy:
            return
        self._busy = True
        for other in self._canvases:
            if other is not leader and other.picture and leader.picture and not other.isHidden():
                if leader.focus is None or leader.focus < other.picture.count:
                    other.set_focus_sample(leader.focus)
                if other.picture.size == leader.picture.size:
                    other.set_viewport(leader.viewport)
        self._busy = False

    @Slot()
    def _on_view_changed(self) -> None:
        self._follow_sender()

    @Slot(object)
    def _on_focus_changed(self, _sample: int | None) -> None:
        self._follow_sender()

    def _follow_sender(self) -> None:
        leader = self.sender()
        if isinstance(leader, SampleGrid) and leader.isVisible():
            self.follow(leader)


class RunPair(QWidget):
    """The boards of the run shown and of the pinned one: below each other, or beside where samples are larger then.

    A pane that is empty at the frames shown (there is no noise at t = 0) leaves its room to the others once the cursor
    rests, and has it back at once with the first frame that needs it: while time moves nothing jumps. While a player
    runs every pane keeps its place.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas, self.beside = SampleGrid(), SampleGrid()
        self.lines = (RunLine("A"), RunLine("B"))
        self._linked = LinkedViewer((self.canvas, self.beside), self)
        self._how, self._playing = AUTO, False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MILLISECONDS)
        self._rest.timeout.connect(self.settle)
        self._runs = QBoxLayout(BELOW, self)
        for line, canvas in zip(self.lines, (self.canvas, self.beside), strict=True):
            one = QVBoxLayout()
            one.setSpacing(SPACE)
            one.addWidget(line)
            one.addWidget(canvas, 1)
            self._runs.addLayout(one, 1)
            line.hide()
        self.beside.hide()
        self._placed: object = None
        self.canvas.view_changed.connect(self._on_view_changed)
        self._place()

    def follow(self) -> None:
        """Let the pinned run's board look at what the other looks at."""
        self._linked.follow(self.canvas)

    def show_second(self, there: bool) -> None:
        """Whether there is a pinned run."""
        if self.beside.isHidden() == there:
            for widget in (*self.lines, self.beside):
                widget.setVisible(there)
            self._place()

    def lay(self, how: str) -> None:
        """Lay panes as `how` says: `AUTO`, `ROW` (then the runs stand below each other) or `COLUMN` (then beside)."""
        self._how = how
        for canvas in (self.canvas, self.beside):
            canvas.lay_panes(how)
        self._place()

    def step(self) -> None:
        """Another frame is shown."""
        self._rest.start()

    @Slot(bool)
    def set_playing(self, playing: bool) -> None:
        """Whether a player runs."""
        if playing != self._playing:
            self._playing = playing
            self._rest.start()

    @Slot()
    def settle(self) -> None:
        """The cursor rests: what is empty in all runs shown leaves its room to what is not."""
        picture, other = self.canvas.picture, None if self.beside.isHidden() else self.beside.picture
        if self._playing or picture is None:
            return
        empty = _empty(picture)
        if other is not None:
            empty -= {pane.role for pane in other.panes} - _empty(other)
        for canvas in (self.canvas, self.beside):
            canvas.give_room(empty)

    def stop(self) -> None:
        """Wait for nothing any more."""
        self._rest.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In another room the runs may stand otherwise."""
        super().resizeEvent(event)
        self._place()

    @Slot()
    def _on_view_changed(self) -> None:
        """Other samples or panes, or words at them, may stand otherwise; an empty pane changes nothing."""
        if (self.canvas.content, self.canvas.automatic) != self._placed:
            self._place()

    def _place(self) -> None:
        self._placed = self.canvas.content, self.canvas.automatic  # which headings say
        beside = not self.beside.isHidden() and self._larger_beside()
        self._runs.setDirection(BESIDE if beside else BELOW)
        self._runs.setSpacing(APART if beside else SPACE)
        odd = (self.width() - APART) % 2 if beside else (self.height() - SPACE) % 2
        self._runs.setContentsMargins(0, 0, odd if beside else 0, 0 if beside else odd)  # both boards are alike

    def _larger_beside(self) -> bool:
        line, width, height = HEIGHT + SPACE, self.width(), self.height()
        half = (height - SPACE) // 2 - line
        if half < self.canvas.minimumHeight():  # a head would lie over the pictures above it
            return True
        if self._how in (ROW, COLUMN):
            return self._how == COLUMN
        below = self.canvas.scale_in(width, half)
        return self.canvas.scale_in((width - APART) // 2, height - line) > below


def _empty(picture: Picture) -> frozenset[Role]:
    """The roles of the panes with nothing to show."""
    return frozenset(picture.panes[i].role for i in picture.absent)
