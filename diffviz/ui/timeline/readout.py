"""The readout: which frame is on the screen, in figures that do not move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QFont, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from diffviz.domain.text import tr
from diffviz.ui.timeline.axis import Axis
from diffviz.ui.timeline.run_progress import RunProgress
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.math_label import Typeset, measures, plain

HEIGHT = 32
BASELINE = 21.0
GAP = 18.0
LARGE = 1000.0


@dataclass(frozen=True, slots=True)
class ReadoutText:
    """What the readout says. An empty `value` stands for a frame that has not come; none is longer than `longest`."""

    value: str = ""
    last: str = ""
    step: str = ""
    steps: str = ""
    longest: str = ""


class Readout(QWidget):
    """`t = 360 / 1000   step 32 / 50` in figures of equal width that end where they always end."""

    def __init__(self, axis: Axis, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._axis = axis
        self.words = ReadoutText()
        self._planned: Sequence[float] = ()
        self._widest = ""
        self._step_word = tr(axis.counted)
        self._small, self._large = theme.font(13), theme.font(17, 700)
        self._name = Typeset(axis.name, self._small)
        self.setFixedHeight(HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Position"))

    def show_track(self, track: RunProgress | None, cursor: float) -> None:
        """Say which frame of `track` is shown at `cursor`."""
        words = self._words(track, cursor)
        if words == self.words:
            return
        wider = (words.longest, words.steps) != (self.words.longest, self.words.steps)
        self.words = words
        self.setAccessibleDescription(self.text())
        if wider or self.sizeHint().width() > self.width():
            self.setFixedWidth(self.sizeHint().width())
        self.update()

    def text(self) -> str:
        """What it says, in one line."""
        w = self.words
        if not w.last:
            return ""
        where = f"{plain(self._axis.name)} = {w.value or '–'} / {w.last}"
        return f"{where} · {self._step_word} {w.step or '–'} / {w.steps}"

    def sizeHint(self) -> QSize:
        """Room for the widest figures of this run."""
        return QSize(round(sum(self._widths())) + 2 if self.words.last else 0, HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint every part up to its own right edge."""
        if not self.words.last:
            return
        painter = QPainter(self)
        w = self.words
        name, value, last, gap, word, step, steps = self._widths()
        x = self._put(painter, name + value, w.value or "–", self._large)
        x = self._put(painter, x, " = ", self._small, "quiet")
        self._name.paint(painter, x - self._name.width, BASELINE, theme.color("quiet"))
        after = name + value + last
        self._put(painter, after, f" / {w.last}", self._small, "quiet")
        after += gap + word + step
        x = self._put(painter, after, w.step or "–", self._small)
        self._put(painter, x, self._step_word + " ", self._small, "quiet")
        self._put(painter, after + steps, f" / {w.steps}", self._small, "quiet")

    def _put(self, painter: QPainter, right: float, text: str, font: QFont, hue: str = "text") -> float:
        """Paint `text` so that it ends at `right`; where it begins."""
        left = right - measures(font).width(text)
        painter.setFont(font)
        painter.setPen(theme.color(hue))
        painter.drawText(QPointF(left, BASELINE), text)
        return left

    def _widths(self) -> tuple[float, float, float, float, float, float, float]:
        small, large = measures(self._small), measures(self._large)
        w = self.words
        return (
            self._name.width + small.width(" = "),
            max(large.width(w.longest), large.width(w.value)),
            small.width(f" / {w.last}"),
            GAP,
            small.width(self._step_word + " "),
            small.width(w.steps),
            small.width(f" / {w.steps}"),
        )

    def _words(self, track: RunProgress | None, cursor: float) -> ReadoutText:
        if track is None:
            return ReadoutText()
        last, steps, longest = self._axis.form(track.high), f"{len(track.planned) - 1:d}", self._longest(track)
        if not track.count:
            return ReadoutText(last=last, steps=steps, longest=longest)
        position = track.shown_at(cursor)
        return ReadoutText(self._axis.form(position), last, f"{track.step_of(position):d}", steps, longest)

    def _longest(self, track: RunProgress) -> str:
        """The longest text of a position of `track`, that of its end where that is a large number."""
        last = self._axis.form(track.high)
        if track.run.plan.between or track.high >= LARGE:
            return last
        if self._planned is not track.planned:
            self._planned = track.planned
            self._widest = max((last, *map(self._axis.form, track.planned)), key=len)
        return self._widest
