"""What every view is handed and what it promises.

Which term of the equations is pointed at: views that draw it show that they do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QAbstractButton, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.families import family_of
from diffviz.session.looks import Look, flag
from diffviz.session.run import Run
from diffviz.theory import schedules, shared_time
from diffviz.theory.processes import Process, schedule_in


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What is on the screen: run `a` at `cursor`, the card of its model and its noising process where it has them.

    `b` is the run pinned beside it, with its own process, or None; `names` are what the two are called. `link` ties
    the axis of `b` to that of `a`, which the cursor is on; None where both measure the same. With `raw` x_t is shown as
    it is, also where its process does not preserve the variance. `images` are the pictures that runs start from, by
    SHA-256.
    """

    a: Run | None
    cursor: float
    card: Card | None = None
    process: Process | None = None
    b: Run | None = None
    process_b: Process | None = None
    names: tuple[str, str] = ("", "")
    link: shared_time.SharedTime | None = None
    raw: bool = False
    images: Mapping[str, U8] = field(default_factory=dict)
    _found: dict[str, Frame] = field(default_factory=dict, init=False, repr=False)

    @property
    def schedule(self) -> schedules.NoiseSchedule | None:
        """The noise schedule of `process`, which only a variance-preserving one has."""
        return schedule_in(self.process)

    @property
    def frame(self) -> Frame | None:
        """The computed frame nearest to the cursor, or None while there is none."""
        return self._at("a", self.a, self.cursor)

    @property
    def noisy(self) -> ForwardFrame | ReverseFrame | None:
        """That frame where it is of noisy pictures, None for other kinds of runs."""
        frame: Any = self.frame
        of_pictures = self.a is not None and family_of(self.a.request).denoisable
        found: ForwardFrame | ReverseFrame | None = frame if of_pictures else None
        return found

    @property
    def cursor_b(self) -> float:
        """Where the cursor stands on the axis of the pinned run."""
        return self.link.there(self.cursor) if self.link else self.cursor

    @property
    def frame_b(self) -> Frame | None:
        """The pinned run's frame nearest to the cursor, or None while there is none."""
        return self._at("b", self.b, self.cursor_b)

    def _at(self, name: str, run: Run | None, cursor: float) -> Frame | None:
        """The frame of `run` at `cursor`: looked up once, so that all who are handed this show the same."""
        found = self._found.get(name) or (run.at(cursor) if run else None)
        if found is not None:
            self._found[name] = found
        return found

    @property
    def outside_b(self) -> bool:
        """Whether the cursor is outside the pinned run: `frame_b` is then its end, and no figure beside those of A."""
        return self.b is not None and not self.b.reaches(self.cursor_b)


class View(QWidget):
    """Draws the shown run at the cursor.

    `draw` is called at most once per display frame and only while the view is visible. It must be cheap when little
    changed, and keep what it shows while `shown.frame` is None. It keeps no state of the session.
    """

    def draw(self, shown: Shown) -> None:
        """Show `shown`."""
        raise NotImplementedError

    def clear(self, run: Run | None) -> None:
        """Show nothing of another run any longer: `run`, where there is one, has no frame and will have none soon."""


BETA, ALPHA_BAR, ALPHA, SIGMA, SNR = "beta", "alpha_bar", "alpha", "sigma", "snr"
X, X0, EPS, BETA_TILDE, STD = "x", "x0", "eps", "beta_tilde", "std"


class Highlight(QObject):
    """`term` is one of the names above, empty where nothing is pointed at. Signals: `changed`."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.term = ""

    def point(self, term: str) -> None:
        """`term` is pointed at, or nothing."""
        if term != self.term:
            self.term = term
            self.changed.emit()


@dataclass(frozen=True, slots=True, eq=False)
class SwitchLook:
    """The state of a `button` that is on or off."""

    button: QAbstractButton

    def look(self) -> Look:
        """Whether it is on."""
        return {"on": self.button.isChecked()}

    def take_look(self, look: Look) -> None:
        """Switch it as it was."""
        on = flag(look, "on")
        if on is not None:
            self.button.setChecked(on)
