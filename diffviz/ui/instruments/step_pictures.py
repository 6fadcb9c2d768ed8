"""One step as pictures: coefficient × x̂0 + coefficient × ε̂ + σ z, for the sample in focus."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.frames import ReverseFrame
from diffviz.domain.text import tr
from diffviz.families import family_of
from diffviz.session.run import Run
from diffviz.theory.posterior import terms
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.instruments.readouts import Quantities, quantities
from diffviz.ui.widgets import math_label, pixmaps, qss, theme
from diffviz.ui.widgets.format import figure, timestep
from diffviz.ui.widgets.view import EPS, STD, X0, Shown, X

SIDE, LABEL = 114, 22
NEGLIGIBLE = 1e-3


@dataclass(frozen=True, slots=True, eq=False)
class Sum:
    """x_prev of one sample as a sum of three pictures (C, H, W), already times their coefficients.

    `z` is what the other two leave of the x that came: σ times the noise that was drawn, or rounding where σ is 0.
    """

    x0: F32
    eps: F32
    z: F32
    total: F32
    coefficients: tuple[float, float, float]


def sum_of(run: Run, frame: ReverseFrame, at: Quantities, sample: int) -> Sum | None:
    """The step that leaves `frame`; None where it is no such sum, or the next visited frame was not kept."""
    request: Any = run.request
    if request.every != 1 or at.previous is None or at.pair is None:
        return None
    parts = terms(request.sampler, at.pair)
    after: Any = run.at(at.previous)
    if parts is None or after is None or after.position != at.previous:
        return None
    number = min(sample, len(frame.x) - 1)
    x0, eps = np.float32(parts.x0) * frame.x0[number], np.float32(parts.eps) * frame.eps[number]
    return Sum(x0, eps, after.x[number] - x0 - eps, after.x[number], (parts.x0, parts.eps, parts.std))


class StepTerm(QWidget):
    """A picture with its coefficient below, pointed at together with its term."""

    def __init__(self, name: str, hue: str, term: str, services: Services) -> None:
        super().__init__()
        self.picture = pixmaps.PictureBox(SIDE, name, hue)
        self.label = math_label.SymbolLabel(
            " ", theme.font(13, 500), theme.color("text"), colours=math_label.term_colours()
        )
        self.label.setFixedSize(SIDE, LABEL)
        self._term, self._highlight = term, services.highlight
        column = QVBoxLayout(self)
        column.setContentsMargins(3, 3, 3, 3)
        column.setSpacing(3)
        column.addWidget(self.picture)
        column.addWidget(self.label)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._highlight.changed.connect(self._on_highlight)

    def enterEvent(self, event: object) -> None:
        """Point at the term."""
        self._highlight.point(self._term)

    def leaveEvent(self, event: object) -> None:
        """Point at nothing."""
        self._highlight.point("")

    def _on_highlight(self) -> None:
        on = self._highlight.term == self._term
        hue = theme.blend("panel", "cursor", 0.2).name()
        qss.set_own(self, f"background: {hue}; border-radius: 4px;" if on else "")


class StepPictures(Instrument):
    """The three terms of the step that leaves the frame at the cursor, and what they add up to."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.terms = {
            "x0": StepTerm(tr("x̂₀ times its coefficient"), "data", X0, services),
            "eps": StepTerm(tr("ε̂ times its coefficient"), "noise", EPS, services),
            "z": StepTerm(tr("Fresh noise times σ"), "quiet", STD, services),
            "total": StepTerm(tr("Their sum"), "noisy", X, services),
        }
        self.note = note()
        self._key: tuple[int, float, int] | None = None
        row = QHBoxLayout()
        row.setSpacing(4)
        for sign, term in zip(("", "+", "+", "="), self.terms.values(), strict=True):
            if sign:
                row.addWidget(QLabel(sign))
            row.addWidget(term)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self.note)

    def draw(self, shown: Shown) -> None:
        """Show the step of the sample in focus."""
        run, sample = shown.a, self.services.sample()
        frame: Any = shown.frame
        if run is None or frame is None:
            return
        sampled = family_of(run.request).sampled
        key = (run.id, frame.position, sample)
        complete = not sampled or len(run.store) == len(run.plan.positions)
        if key == self._key and complete:
            return
        self._key = key
        if not sampled:
            self._show(None, _why(run, None))
            return
        at = quantities(run, frame, shown.process)
        found = sum_of(run, frame, at, sample)
        self._show(found, _why(run, at) if found is None else _said(found, at, _named(run, sample)))

    def forget(self) -> None:
        """Another run may have the place."""
        self._key = None

    def _show(self, found: Sum | None, text: str) -> None:
        pictures = (found.x0, found.eps, found.z, found.total) if found else (None,) * 4
        for term, picture in zip(self.terms.values(), pictures, strict=True):
            term.picture.show_values(picture)
        if found:
            of_x0, of_eps, std = found.coefficients
            symbols = (f"{_number(of_x0)} x̂_0", f"{_number(of_eps)} ε̂", f"{_number(std)} z", "x_{t−1}")
        else:
            symbols = ("x̂_0", "ε̂", "z", "x_{t−1}")
        for term, symbol in zip(self.terms.values(), symbols, strict=True):
            term.label.set_notation(symbol)
        say(self.note, text)


def _named(run: Run, sample: int) -> str:
    """What `sample` is called at the beginning of a sentence."""
    rows = family_of(run.request).rows(run.request)
    name = tr("sample {n}").format(n=sample + 1) if rows is None else rows.name(min(sample, rows.count - 1))
    return name[:1].upper() + name[1:]


def _said(found: Sum, at: Quantities, sample: str) -> str:
    """What the sum is of `sample`, as it is called."""
    to = timestep(at.previous or 0.0)
    if found.coefficients[2] > 0:
        drawn = float(np.sqrt(np.mean(np.square(found.z, dtype=np.float64)))) / found.coefficients[2]
        return tr(
            "{sample}, from t = {t} to {to}. z is what the run drew: its root mean square is {size}, and that of "
            "N(0, I) is 1."
        ).format(sample=sample, t=timestep(at.t), to=to, size=figure(drawn))
    off = float(np.abs(found.z).max())
    if off < NEGLIGIBLE:
        return tr("{sample}, from t = {t} to {to}: no fresh noise, σ is 0.").format(
            sample=sample, t=timestep(at.t), to=to
        )
    return tr("{sample}, from t = {t} to {to}: the two terms miss x by {off} at most.").format(
        sample=sample, t=timestep(at.t), to=to, off=figure(off)
    )


def _why(run: Run, at: Quantities | None) -> str:
    """Why there is no such sum here."""
    request: Any = run.request
    if not family_of(request).sampled:
        return tr("A step of the reverse process: show a reverse run.")
    if at is None or at.previous is None:
        return tr("t = 0: the run has arrived, there is no step to leave from.")
    if request.every != 1:
        return tr("This run keeps every {n}th frame only: the next visited step is not there.").format(n=request.every)
    if at.pair is None:
        return tr("ᾱ is not known here.")
    if terms(request.sampler, at.pair) is None:
        return tr("A step of this sampler takes more than the x̂_0 and ε̂ of this t: it is no sum of these three terms.")
    return tr("The next visited step has not been computed yet.")


def _number(value: float) -> str:
    return "0" if value == 0 or math.isnan(value) else f"{value:.3f}"
