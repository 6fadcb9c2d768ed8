"""The verdict on a training at the cursor, in words, with the figures that it is made from.

Samples per mode, or per class, as bars, with the line that as many samples of the data would reach.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from diffviz.domain import gan_verdicts, samples
from diffviz.domain.arrays import F64
from diffviz.domain.gan import GanFrame, GanRequest, Pictures
from diffviz.domain.gan_verdicts import Verdict, explanation
from diffviz.domain.glossary import meaning
from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.theory import gan_distributions, gan_verdict
from diffviz.ui.plots.bars import BarChart
from diffviz.ui.plots.view_box import Margins
from diffviz.ui.widgets import qss, theme
from diffviz.ui.widgets.controls import heading, label
from diffviz.ui.widgets.figures import FigureRow
from diffviz.ui.widgets.format import NOTHING, figure
from diffviz.ui.widgets.view import Shown, View


class ModeBars(BarChart):
    """`counts` (K,) of each mode and the `ideal` (K,) ones; `names` of the modes, or none.

    Under the bars stand the names where each has room, else their numbers; the pointer names a bar in either case.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        self.names: Sequence[str] = ()
        super().__init__(tr("Samples per mode"), "generated", Margins(34, 6, 1, 16), parent=parent)

    @property
    def counts(self) -> F64:
        """How many samples there are of each mode."""
        return self.values

    def show_counts(self, counts: ArrayLike, ideal: ArrayLike, names: Sequence[str] = ()) -> None:
        """Show them."""
        self.names = names
        self.show_bars(counts, tuple(map(tr, names)), ideal)

    def tip(self, index: int) -> str:
        """What is said of mode `index` where the pointer is on it."""
        if not 0 <= index < len(self.counts):
            return ""
        ideal = self.ideal[index] if index < len(self.ideal) else np.nan
        text = tr("{mode}: {n} samples, the data would have {ideal}")
        return text.format(mode=self.bar_names[index], n=f"{self.counts[index]:.0f}", ideal=f"{ideal:.0f}")


HUES: Mapping[str, str] = {
    "equilibrium": "data",
    "learning": "text",
    "d_wins": "error",
    "collapse": "error",
    "d_lags": "error",
    "oscillating": "loss",
    "drifting": "loss",
}
"""Colours by kind; the others are quiet."""
MOST, NO_BREAK = 20, "\N{NO-BREAK SPACE}"
Evaluations = Callable[[Run, float], tuple[Sequence[GanFrame], gan_verdict.Past]]


class GanVerdictView(View):
    """`evaluations(run, position)` are those up to a position, also of the runs that this one continues."""

    def __init__(self, evaluations: Evaluations, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._evaluations = evaluations
        self._key: tuple[int, float, int] | None = None
        self.verdict: Verdict | None = None
        self.title = label("", "title", wrap=True)
        self.evidence = label("", "quiet", wrap=True)
        self.rows = _rows()
        self.bars_heading = heading(tr("Samples per mode"))
        self.bars = ModeBars()
        self.names = label("", "quiet", wrap=True)
        self._arrange()

    def value(self, row: str) -> str:
        """The figure in row `row` as it is written; see the keys of `rows`."""
        return self.rows[row].text

    def draw(self, shown: Shown) -> None:
        """Show the verdict on what is known up to the cursor."""
        run, frame = shown.a, shown.frame
        if run is None or not isinstance(frame, GanFrame) or not isinstance(run.request, GanRequest):
            return
        if self._key == (run.id, frame.position, 0):
            return
        self._key = (run.id, frame.position, 0)
        self._show_verdict(gan_verdict.verdict(*self._evaluations(run, frame.position)))
        self._show_figures(run.request, frame)
        self._show_modes(run.request, frame)

    def clear(self, run: Run | None) -> None:
        """Say nothing."""
        self._key = None
        self.title.setText("")
        self.evidence.setText(tr("No frame yet."))
        for row in self.rows.values():
            row.show_text(NOTHING, why=tr("no frame is shown yet"))
        self.rows["threshold"].setVisible(False)
        self._show_bars(False)
        self.bars.show_counts((), ())

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 1)
        for number, row in enumerate(self.rows.values()):
            row.add_to(grid, number)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(heading(tr("Verdict")))
        column.addWidget(self.title)
        column.addWidget(self.evidence)
        column.addSpacing(4)
        column.addLayout(grid)
        column.addSpacing(6)
        column.addWidget(self.bars_heading)
        column.addWidget(self.bars)
        column.addWidget(self.names)

    def _show_verdict(self, found: Verdict) -> None:
        self.verdict = found
        self.title.setText(gan_verdicts.label(found))
        qss.set_own(self.title, f"color: {theme.color(HUES.get(found.kind, 'quiet')).name()};")
        self.evidence.setText(explanation(found))

    def _show_figures(self, request: GanRequest, frame: GanFrame) -> None:
        planar = not isinstance(request.data, Pictures)
        texts = {
            "real": _percent(frame.accuracy_real),
            "fake": _percent(frame.accuracy_fake),
            "overall": _interval(frame),
            "threshold": figure(frame.threshold),
            "best": _percent(frame.best),
            "covered": f"{frame.covered_modes:.0f} / {len(frame.per_mode)}",
            "quality": _percent(frame.quality),
            "tv": figure(frame.tv),
            "js": NOTHING
            if math.isnan(frame.js)
            else tr("{value} bits").format(value=figure(frame.js) if frame.js > 0 else "≈ 0"),
            "gradient": figure(frame.gradient),
        }
        why = tr("it is no number at this step: the training has diverged")
        for name, text in texts.items():
            self.rows[name].show_text(text, why=why)
        for name in ("best", "quality", "tv", "js"):
            self.rows[name].setVisible(planar)
        self.rows["threshold"].setVisible(request.loss == "wasserstein")

    def _show_modes(self, request: GanRequest, frame: GanFrame) -> None:
        self._show_bars(True)
        counts = frame.per_mode.astype(np.float64)
        if isinstance(request.data, Pictures):
            self.bars_heading.setText(tr("Samples per class").upper())
            names = _classes(request.data.dataset)
            self.bars.show_counts(counts, np.full(len(counts), counts.sum() / max(1, len(counts))), names)
        else:
            self.bars_heading.setText(tr("Samples per mode").upper())
            whole = counts.sum() / frame.quality if frame.quality > 0 else 0.0
            shares = gan_distributions.modes_of(request.data).shares
            self.bars.show_counts(counts, whole * shares if len(shares) == len(counts) else ())

        self._show_names()

    def _show_names(self) -> None:
        """Say which class each number stands for, unless the names stand there themselves."""
        numbered = [] if self.bars.named else [f"{i + 1} {tr(name)}" for i, name in enumerate(self.bars.names)]
        self.names.setText(" · ".join(text.replace(" ", NO_BREAK) for text in numbered[:MOST]))
        self.names.setVisible(0 < len(numbered) <= MOST)

    def _show_bars(self, there: bool) -> None:
        for widget in (self.bars_heading, self.bars, self.names):
            widget.setVisible(there)


def _interval(frame: GanFrame) -> str:
    ends = tr("{low} to {high}").format(low=f"{100 * frame.low:.0f}", high=f"{100 * frame.high:.0f}")
    return f"{_percent(frame.accuracy)} ({ends})" if math.isfinite(frame.accuracy) else NOTHING


def _percent(share: float) -> str:
    return NOTHING if math.isnan(share) else f"{100 * share:.1f} %"


def _classes(dataset: str) -> tuple[str, ...]:
    return samples.load(dataset).classes if samples.has(dataset) else ()


def _rows() -> dict[str, FigureRow]:
    share = f"{gan_distributions.LEAST_SHARE:.0%}"
    named = {
        "real": tr("accuracy on real"),
        "fake": tr("on generated"),
        "overall": tr("overall, 95 %"),
        "threshold": tr("threshold"),
        "best": tr("best possible D"),
        "covered": tr("covered"),
        "quality": tr("high-quality samples"),
        "tv": tr("total variation"),
        "js": tr("JS divergence"),
        "gradient": tr("gradient G receives"),
    }
    quiet = theme.color("quiet")
    return {
        name: FigureRow(text, quiet, meaning("gan", name, share=share), symbol=False) for name, text in named.items()
    }
