"""The instant: the numbers of the timestep that the cursor is at."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.domain.glossary import meaning
from diffviz.domain.requests import Request, ReverseRequest
from diffviz.domain.sampling import Ddim
from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.theory.processes import VariancePreserving
from diffviz.ui.instruments.readouts import Equation, Quantities, equation, quantities
from diffviz.ui.labs.diffusion.histogram import moments
from diffviz.ui.widgets import math_label, theme, words
from diffviz.ui.widgets.figures import FigureLine, FigureRow, Style
from diffviz.ui.widgets.format import NOTHING, figure, timestep
from diffviz.ui.widgets.view import ALPHA, ALPHA_BAR, BETA, BETA_TILDE, SIGMA, SNR, STD, Highlight, Shown, View

FORMULA_PIXELS, NUMBERS_PIXELS = 16, 13
HEADING_HEIGHT = 14
PAIR_BETA = "pair_beta"
LEAST_MOMENT, TEN = 0.0005, 10
PLACES = {12: 2, 13: 3, 14: 4, 15: 6, 16: 10, 17: 11}
"""Rows without β in the places of those that they stand for."""


class InstantView(View):
    """The equation of the instant, β_t, ᾱ_t and what follows, the visited pair, and what the pixels do."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._key: tuple[int, float, bool] | None = None
        self._key_b: tuple[object, ...] | None = None
        self._start: tuple[int, float, float] | None = None
        self._chosen: tuple[bool, bool, bool | None] | None = None
        self.heading = FigureLine(HEADING_HEIGHT, (Style(theme.heading_font(), "quiet"),))
        self.formula = _equation_label(theme.font(FORMULA_PIXELS, 500), "text")
        self.numbers = _equation_label(theme.font(NUMBERS_PIXELS), "quiet")
        for label in (self.formula, self.numbers):
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._grid = QGridLayout()
        self._preserving_rows, self._plain = self._make_rows(), _rows_without_beta()
        self.rows = self._preserving_rows
        self._arrange()
        self._show_heading(None)

    def set_highlight(self, highlight: Highlight) -> None:
        """Rows show which term is pointed at, and point at theirs."""
        for name in (BETA, ALPHA_BAR, ALPHA, SIGMA, SNR, BETA_TILDE, STD):
            self.rows[name].set_highlight(highlight, name)
        for name in (ALPHA, SIGMA, SNR, BETA_TILDE):
            self._plain[name].set_highlight(highlight, name)

    def value(self, row: str) -> str:
        """The figure in row `row` as it is written; see the keys of `rows`."""
        return self.rows[row].text

    def draw(self, shown: Shown) -> None:
        """Show the numbers of the frame at the cursor; without one, what was shown stays."""
        run, frame = shown.a, shown.frame
        if run is None or not isinstance(frame, ForwardFrame | ReverseFrame):
            return
        self._draw_shown(shown, run, frame)
        self._draw_beside(shown)

    def _draw_beside(self, shown: Shown) -> None:
        """Write what is different for the pinned run."""
        run, frame = shown.b, None if shown.outside_b else shown.frame_b
        key = None if run is None or frame is None else (run.id, frame.position, self._key)
        if key == self._key_b:
            return
        self._key_b = key
        values, at = dict.fromkeys(self.rows, ""), None
        if run is not None and isinstance(frame, ForwardFrame | ReverseFrame):
            at = quantities(run, frame, shown.process_b)
            values |= _figures(run, frame, at)
        for row in (*self._preserving_rows.values(), *self._plain.values()):
            if row not in self.rows.values():
                row.show_beside("")
        for name, row in self.rows.items():
            row.show_beside(values[name], _why_none(at, name) if at else "")

    def _draw_shown(self, shown: Shown, run: Run, frame: ForwardFrame | ReverseFrame) -> None:
        alike = shown.process_b is None or isinstance(shown.process_b, VariancePreserving)
        key = (run.id, frame.position, alike)
        if self._key == key:
            return
        self._key = key
        at = quantities(run, frame, shown.process)
        self._choose_rows(preserving=at.preserving, alike=alike, reverse=isinstance(frame, ReverseFrame))
        self._show_heading(at.t)
        self._show_equation(equation(run.request, frame, at))
        self._show_quantities(at)
        self._show_step(run.request, frame, at)
        self._show_pixels(run, frame, at)

    def _make_rows(self) -> dict[str, FigureRow]:
        rows = {
            "beta": _symbol("β_t", "beta", "beta"),
            "alpha_bar": _symbol("ᾱ_t", "alpha_bar", "alpha_bar"),
            "alpha": _symbol("√ᾱ_t", "data", "alpha"),
            "sigma": _symbol("√(1 − ᾱ_t)", "noise", "sigma"),
            "snr": _symbol("SNR", "text", "snr"),
            PAIR_BETA: _symbol("β", "beta", "pair_beta"),
            "beta_tilde": _symbol("β̃", "text", "beta_tilde"),
        }
        named = {
            "std": tr("σ used"),
            "next": tr("next visited"),
            "previous": tr("frame before"),
            "mean": tr("mean of xₜ"),
            "variance": tr("variance of xₜ"),
        }
        return rows | {name: _named(text, name) for name, text in named.items()}

    def _choose_rows(self, *, preserving: bool, alike: bool = True, reverse: bool | None = None) -> None:
        """Let the rows be those of a noise schedule, or of a process that has no β; of either direction, or of both.

        Beside a run that is not `alike` in that, those that both have are named as they are for any process. A row is
        shown or hidden once: all are laid out and painted anew for each that changes.
        """
        if self._chosen == (preserving, alike, reverse):
            return
        self._chosen = preserving, alike, reverse
        ours, named = self._preserving_rows, preserving and alike
        self.rows = ours if named else {**ours, **self._plain}
        hidden = {None: (), True: ("previous", "mean", "variance"), False: ("std", "next")}[reverse]
        for name, row in ours.items():
            fits = preserving if name in (BETA, ALPHA_BAR, PAIR_BETA) else named or name not in self._plain
            row.setVisible(fits and name not in hidden)
        for name, row in self._plain.items():
            row.setVisible(not named and name not in hidden)

    def _arrange(self) -> None:
        self._grid.setContentsMargins(0, 4, 0, 0)
        self._grid.setVerticalSpacing(3)
        self._grid.setHorizontalSpacing(10)
        self._grid.setColumnStretch(1, 1)
        for at, row in enumerate((*self.rows.values(), *self._plain.values())):
            row.add_to(self._grid, PLACES.get(at, at))
        self._choose_rows(preserving=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self.heading)
        column.addWidget(self.formula)
        column.addWidget(self.numbers)
        column.addLayout(self._grid)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)

    def clear(self, run: Run | None) -> None:
        """Leave every figure open."""
        if self._key is None:
            return
        self._key = None
        self._show_heading(None)
        self._show_equation(Equation())
        for row in self.rows.values():
            row.show_text(NOTHING, why=tr("no frame is shown yet"))

    def _show_heading(self, t: float | None) -> None:
        self.heading.show_texts(tr("NO FRAME YET") if t is None else tr("AT t = {t}").format(t=timestep(t)))

    def _show_equation(self, shown: Equation) -> None:
        self.formula.set_notation(shown.symbols or " ")
        self.numbers.set_notation(shown.numbers or " ")
        words.explain(self.formula, terms_of(shown.symbols), shown.symbols)

    def _show_quantities(self, at: Quantities) -> None:
        why = _why_none(at)
        for name in ("alpha_bar", "alpha", "sigma", "snr"):
            self.rows[name].show_text(figure(getattr(at, name)), why=why)
        step = "" if at.previous is None else f"{timestep(at.t)} → {timestep(at.previous)}"
        alone = "" if math.isnan(at.beta) else tr("t = {t} alone").format(t=timestep(at.t))
        self.rows["beta"].show_text(figure(at.beta), of=alone, why=why)
        self.rows[PAIR_BETA].show_text(figure(at.pair_beta), of=step, why=why)
        self.rows["beta_tilde"].show_text(figure(at.beta_tilde), of=step, why=why)
        arrow = NOTHING if at.previous is None else f"t = {timestep(at.previous)}"
        self.rows["next"].show_text(arrow, why=why)
        self.rows["previous"].show_text(arrow, why=why)

    def _show_step(self, request: Request, frame: Frame, at: Quantities) -> None:
        if isinstance(frame, ReverseFrame):
            text = NOTHING if at.previous is None else _std(request, frame.std)
            self.rows["std"].show_text(text, why=_why_none(at))

    def _show_pixels(self, run: Run, frame: Frame, at: Quantities) -> None:
        expected = self._start_moments(run) if isinstance(frame, ForwardFrame) else None
        if not isinstance(frame, ForwardFrame) or expected is None:
            return
        mean, variance = moments(frame.x)
        self.rows["mean"].show_text(moment(mean), moment(at.alpha * expected[0]))
        self.rows["variance"].show_text(moment(variance), moment(at.alpha**2 * expected[1] + at.sigma**2))

    def _start_moments(self, run: Run) -> tuple[float, float] | None:
        """Mean and variance of x_0, taken once for each run."""
        if self._start is None or self._start[0] != run.id:
            first = run.at(0.0)
            if not isinstance(first, ForwardFrame) or first.position != 0:
                return None
            self._start = (run.id, *moments(first.x))
        return self._start[1:]


def _equation_label(font: QFont, hue: str) -> math_label.SymbolLabel:
    return math_label.SymbolLabel("", font, theme.color(hue), colours=math_label.term_colours(), ground="panel")


def _why_none(at: Quantities, name: str = "") -> str:
    """Why figures of a step, or of a noise schedule, are not there: those of the row `name`."""
    if not at.preserving and name in (BETA, ALPHA_BAR, PAIR_BETA):
        return tr("this process has no β")
    if at.previous is None:
        return tr("this run has no smaller t than {t}: there is no step from here").format(t=timestep(at.t))
    return tr("the noise schedule of this run is not known here")


def terms_of(formula: str) -> str:
    """What the symbols of `formula` mean that are not in the rows below it."""
    there = {"hats": "x̂_0", "mu_tilde": "μ̃", "z": " z"}
    return " ".join(meaning("diffusion", word) for word, symbol in there.items() if symbol in formula)


def _symbol(notation: str, hue: str, word: str) -> FigureRow:
    return FigureRow(notation, theme.color(hue), meaning("diffusion", word))


def _named(text: str, word: str) -> FigureRow:
    return FigureRow(text, theme.color("text"), meaning("diffusion", word), symbol=False)


def _rows_without_beta() -> dict[str, FigureRow]:
    """The rows that read otherwise for a process without β, by their names."""
    return {
        "alpha": _symbol("α_t", "data", "plain_alpha"),
        "sigma": _symbol("σ_t", "noise", "plain_sigma"),
        "snr": _symbol("SNR", "text", "plain_snr"),
        "beta_tilde": _named(tr("posterior variance"), "plain_beta_tilde"),
        "mean": _named(tr("mean of xₜ"), "plain_mean"),
        "variance": _named(tr("variance of xₜ"), "plain_variance"),
    }


def _figures(run: Run, frame: ForwardFrame | ReverseFrame, at: Quantities) -> dict[str, str]:
    """What rows say of a frame, by their names."""
    names = ("beta", "alpha_bar", "alpha", "sigma", "snr", PAIR_BETA, "beta_tilde")
    found = {name: figure(getattr(at, name)) for name in names}
    found["next"] = NOTHING if at.previous is None else f"t = {timestep(at.previous)}"
    if isinstance(frame, ReverseFrame) and at.previous is not None:
        found["std"] = _std(run.request, frame.std)
    return found


def _std(request: Request, std: float) -> str:
    eta = request.sampler.eta if isinstance(request, ReverseRequest) and isinstance(request.sampler, Ddim) else None
    return figure(std) if eta is None else f"{figure(std)} (η = {eta:g})"


def moment(value: float) -> str:
    """To three decimals, and no more than the four digits of `figure`: 0.517, 12.35, 6311."""
    return (
        "0.000" if abs(value) < LEAST_MOMENT else f"{value:.3f}".replace("-", "−") if abs(value) < 10 else figure(value)
    )
