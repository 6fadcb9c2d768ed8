"""How fast a training goes, what is left of it, and the words on both: one rule for the window and the command line."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from diffviz.domain.text import tr

APART_SECONDS, RECENT = 1.0, 30
"""What marks are apart at least, and how many are kept: a speed is taken over so many seconds and more."""
LONGEST_LEFT, WHOLE_FROM = 30 * 86400.0, 10
"""Seconds from which on what is left is no estimate any more; so much a second from which on it is whole."""


class Pace:
    """How fast something goes, of late: what held it up earlier does not count for long."""

    def __init__(self) -> None:
        self._marks: deque[tuple[float, float]] = deque(maxlen=RECENT)
        self._last = 0.0, 0.0

    def add(self, seconds: float, done: float) -> None:
        """So much is `done` after so many `seconds`, which never become fewer."""
        self._last = seconds, done
        if not self._marks or seconds - self._marks[-1][0] >= APART_SECONDS:
            self._marks.append(self._last)

    def begin_anew(self) -> None:
        """Count nothing that came so far: it went at another speed."""
        self._marks.clear()

    @property
    def seconds(self) -> float:
        """What the speed is taken over."""
        return self._last[0] - self._marks[0][0] if self._marks else 0.0

    @property
    def rate(self) -> float:
        """Done a second; 0 while no time has passed."""
        return (self._last[1] - self._marks[0][1]) / self.seconds if self.seconds > 0 else 0.0

    @property
    def known(self) -> float:
        """The rate where it is taken over long enough to mean something, else 0."""
        return self.rate if self.seconds >= APART_SECONDS else 0.0


def pace_text(a_second: str, rate: float, left: float, written: Callable[[float], str]) -> str:
    """The `rate` in the words `a_second` ("{rate} steps/s"), and the time for what is `left` to do, `written` out.

    Where no speed is known yet, or it says nothing of the time, that it is being measured.
    """
    if rate <= 0 or not left / rate <= LONGEST_LEFT:
        return tr("measuring the speed…")
    speed = f"{rate:,.0f}" if rate >= WHOLE_FROM else f"{rate:.2g}"
    return " · ".join((a_second.format(rate=speed), tr("{t} left").format(t=written(left / rate))))


def done_text(what: str, seconds: float, written: Callable[[float], str]) -> str:
    """That `what` ("2,048 images") is done, and the `seconds` that took, `written` out, where they were measured."""
    if seconds <= 0:
        return tr("done: {what}").format(what=what)
    return tr("done: {what} in {t}").format(what=what, t=written(seconds))
