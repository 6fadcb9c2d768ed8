"""One picture through the machine: x, q(z|x), ε, z, x′, and the terms of the ELBO, for each model."""

from __future__ import annotations

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from diffviz.domain.arrays import F32, U8
from diffviz.domain.cards import Card
from diffviz.domain.glossary import meaning
from diffviz.domain.latent import Explained, PosteriorGrid
from diffviz.domain.likelihoods import LABELS, key_of
from diffviz.domain.text import tr
from diffviz.ui.labs.vae.kl_bars import KlBars, PosteriorPlot
from diffviz.ui.widgets import math_label, pixmaps, theme, words
from diffviz.ui.widgets.controls import beside_icon, label
from diffviz.ui.widgets.format import NOTHING, figure, signed

SIDE = 114
SHOWN = 4
SYMBOL_WIDTH = 18


class MachineRow(QWidget):
    """One model's row. Signals: `dimension_chosen(index)`."""

    dimension_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = label("", "title")
        self.caption = label("", "quiet", wrap=True)
        self.picture = pixmaps.PictureBox(SIDE, tr("The picture x"), "data")
        self.mean = pixmaps.PictureBox(SIDE, tr("Mean of p(x|z)"), "data")
        self.sample = pixmaps.PictureBox(SIDE, tr("Sample from p(x|z)"), "generated")
        self.posterior = PosteriorPlot(SIDE)
        self.numbers = {name: QLabel(NOTHING) for name in ("mu", "sigma", "eps", "z")}
        self.terms = {name: QLabel(NOTHING) for name in ("log_p", "kl", "elbo", "gap", "error")}
        self.bars = KlBars()
        self.bars.dimension_chosen.connect(self.dimension_chosen)
        self._explained: Explained | None = None
        self._pixels: U8 | None = None
        self._arrange()
        self._clear()

    def _clear(self) -> None:
        """Show no figures, and no pictures, of what is not shown any more."""
        self._explained = None
        for shown in (*self.numbers.values(), *self.terms.values()):
            words.show_figure(shown, NOTHING, tr("no picture has gone through yet"))
        for box in (self.mean, self.sample):
            box.show_values(None)

    def set_model(self, card: Card) -> None:
        """Show the parts that the model of `card` has."""
        vae = card.family == "vae"
        self._clear()
        self.title.setText(card.name)
        self.caption.setText(_caption(card))
        for widget in (*self._only_vae, self.posterior):
            widget.setVisible(vae)
        self.posterior.setVisible(vae and card.latent == 2)
        self._sample_box.setVisible(vae)
        self._code.setText(tr("code z = E(x)"))
        self._code.setVisible(not vae)
        self._term_names["log_p"].setText(tr("log p(x|z) at this z"))

    def show_picture(self, pixels: U8 | None) -> None:
        """Show the picture that goes through; what was made of another one is shown no more."""
        if pixels is not self._pixels:
            self._pixels = pixels
            self._clear()
        self.picture.show_pixels(pixels)

    def show_answer(self, found: Explained) -> None:
        """Show what the model makes of the picture."""
        self._explained = found
        for name, values in (("mu", found.mu), ("sigma", found.sigma), ("eps", found.eps), ("z", found.z)):
            words.show_figure(self.numbers[name], _vector(values), "")
        self.mean.show_values(found.mean)
        self.sample.show_values(found.sample)
        self.bars.show_values(found.kl)
        words.show_figure(self.terms["error"], figure(found.error), "")
        if self.posterior.isHidden():
            words.excuse(self.terms["gap"], tr("p(z|x) is computed on a grid, which only two dimensions allow"))
        if found.elbo is not None and found.log_p is not None:
            self._show_bound(found, found.elbo, found.log_p)
        self.posterior.show_q(found)

    def show_posterior(self, grid: PosteriorGrid | None) -> None:
        """Show the true posterior, and by how much the ELBO is below log p(x)."""
        self.posterior.show_grid(grid)
        gap = NOTHING if grid is None else tr("{n} nats").format(n=figure(max(0.0, grid.log_p - grid.elbo)))
        words.show_figure(self.terms["gap"], gap, tr("p(z|x) is not computed yet"))

    def _show_bound(self, found: Explained, elbo: float, log_p: float) -> None:
        words.show_figure(self.terms["log_p"], tr("{n} nats").format(n=signed(log_p, 1).strip()), "")
        words.show_figure(self.terms["kl"], tr("{n} nats").format(n=figure(float(found.kl.sum()))), "")
        bits = tr("{bits:.3f} bits/dim").format(bits=-elbo / found.values / math.log(2))
        text = tr("{n} ± {error} nats").format(n=signed(elbo, 1).strip(), error=f"{found.elbo_error:.1f}")
        words.show_figure(self.terms["elbo"], f"{text} · {bits}" if found.masses else text, "")

    def _arrange(self) -> None:
        flow = QHBoxLayout()
        flow.setSpacing(8)
        flow.addWidget(_under(self.picture, "x"))
        flow.addWidget(_arrow(tr("encoder")))
        self._q_box = _under(self.posterior, "q(z|x) = N(μ, σ²)")
        flow.addWidget(self._q_box)
        flow.addLayout(self._vector_grid())
        flow.addWidget(_arrow(tr("decoder")))
        flow.addWidget(_under(self.mean, tr("x′: mean of p(x|z)")))
        self._sample_box = _under(self.sample, tr("a sample of it"))
        flow.addWidget(self._sample_box)
        flow.addStretch(1)
        below = QHBoxLayout()
        below.setSpacing(18)
        below.addLayout(self._term_grid())
        self._bars_box = QWidget()
        bars = QVBoxLayout(self._bars_box)
        bars.setContentsMargins(0, 0, 0, 0)
        bars.setSpacing(2)
        bars.addWidget(label(tr("KL of each dimension, nats"), "quiet"))
        bars.addWidget(self.bars)
        below.addWidget(self._bars_box, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(10)
        head.addWidget(self.title)
        head.addWidget(self.caption, 1)
        column.addLayout(head)
        column.addLayout(flow)
        column.addLayout(below)
        self._only_vae = [self._q_box, self._bars_box, *self._vae_numbers, *self._vae_terms]

    def _vector_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(5)
        self._code = label("", "quiet")
        self._vae_numbers: list[QWidget] = []
        hues = {"mu": ("μ", "text"), "sigma": ("σ", "text"), "eps": ("ε", "noise"), "z": ("z", "text")}
        grid.addWidget(self._code, 0, 0, 1, 2)
        for row, (name, (symbol, hue)) in enumerate(hues.items()):
            shown = math_label.SymbolLabel(symbol, theme.font(13, 600), theme.color(hue))
            value = self.numbers[name]
            words.explain(value, meaning("vae", {"sigma": "deviation"}.get(name, name)), symbol)
            value.setMinimumWidth(112)
            shown.setMinimumWidth(SYMBOL_WIDTH)
            grid.addWidget(shown, row + 1, 0)
            grid.addWidget(value, row + 1, 1)
            if name != "z":
                self._vae_numbers += [shown, value]
            else:
                self._vae_numbers.append(shown)
        grid.setRowStretch(6, 1)
        return grid

    def _term_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(3)
        names = {
            "elbo": tr("ELBO = E[log p(x|z)] − Σ KL"),
            "log_p": tr("log p(x|z) at this z"),
            "kl": tr("Σ KL(q(z|x) ‖ p(z))"),
            "gap": tr("log p(x) − ELBO = KL(q(z|x) ‖ p(z|x))"),
            "error": tr("mean squared error of x′"),
        }
        self._term_names: dict[str, QLabel] = {}
        self._vae_terms: list[QWidget] = []
        for row, (name, text) in enumerate(names.items()):
            self._term_names[name] = label(text, "quiet")
            value = self.terms[name]
            words.explain(value, meaning("vae", name), text)
            value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(self._term_names[name], row, 0)
            grid.addWidget(value, row, 1)
            if name != "error":
                self._vae_terms += [self._term_names[name], value]
        return grid


class MachineView(QScrollArea):
    """A row for each of two models, and a button for another ε.

    Signals: `resample_asked`; `traverse_asked(row, dimension)`.
    """

    resample_asked = Signal()
    traverse_asked = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = [MachineRow(), MachineRow()]
        self.resample = QPushButton(beside_icon(tr("Resample z = μ + σ ε")))
        self.resample.setIcon(theme.icon("dices"))
        self.resample.setToolTip(tr("Draw another ε, and another sample from p(x|z) (R)"))
        self.resample.clicked.connect(self.resample_asked)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(14)
        for number, row in enumerate(self.rows):
            row.dimension_chosen.connect(lambda index, number=number: self.traverse_asked.emit(number, index))
            column.addWidget(row)
        column.insertWidget(1, self.resample, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    def set_models(self, cards: tuple[Card, ...]) -> None:
        """Show a row for each of `cards`, at most two."""
        for i, row in enumerate(self.rows):
            row.setVisible(i < len(cards))
            if i < len(cards):
                row.set_model(cards[i])
        self.resample.setVisible(any(card.family == "vae" for card in cards))


def _caption(card: Card) -> str:
    if card.family == "ae":
        return tr("An AE fits its decoder so that the code keeps what matters: one code for each image, no q(z|x).")
    assert card.likelihood is not None
    name = tr(LABELS[key_of(card.likelihood)])
    if key_of(card.likelihood) == "bernoulli":
        return tr(
            "p(x|z): {name}. A cross-entropy of grey levels is no likelihood: not comparable with others."
        ).format(name=name)
    return tr("p(x|z): {name}, β = {beta}. log p(x|z) is that of the 256 grey levels.").format(
        name=name, beta=f"{card.beta:g}"
    )


def _vector(values: F32) -> str:
    parts = [signed(float(v), 3 if abs(float(v)) < 0.1 else 2).strip() for v in values[:SHOWN]]
    return f"({', '.join(parts)}{', …' if len(values) > SHOWN else ''})"


def _under(widget: QWidget, text: str) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    column.addWidget(widget)
    caption = label(text, "quiet", wrap=True)
    caption.setFixedWidth(max(SIDE, widget.sizeHint().width()))
    column.addWidget(caption)
    column.addStretch(1)
    return box


def _arrow(text: str) -> QWidget:
    box = label(f"{text}\n⟶", "quiet")
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return box
