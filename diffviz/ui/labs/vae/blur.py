"""Why are VAE images blurred? One picture under each likelihood, means and samples apart, with measured figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from diffviz.domain import latent, likelihoods
from diffviz.domain.arrays import U8
from diffviz.domain.cards import Card
from diffviz.domain.glossary import meaning
from diffviz.domain.text import tr
from diffviz.ui.widgets import words
from diffviz.ui.widgets.controls import label
from diffviz.ui.widgets.format import NOTHING, figure, percent
from diffviz.ui.widgets.pixmaps import PictureBox

SIDE = 58
DRAWS = 2
FIGURES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "sharpness": ("prior_mean", "prior_sample"),
        "frechet": ("prior_mean", "prior_sample", "floor"),
        "elbo": ("bits_per_dimension",),
    }
)


class BlurRow:
    """One model: reconstruction and draws from the prior, means and samples, and the figures of its card."""

    def __init__(self, card: Card) -> None:
        self.card = card
        self.mean, self.sample = PictureBox(SIDE, tr("Mean"), "data"), PictureBox(SIDE, tr("Sample"), "generated")
        self.prior_means = [PictureBox(SIDE, tr("Mean"), "data") for _ in range(DRAWS)]
        self.prior_samples = [PictureBox(SIDE, tr("Sample"), "generated") for _ in range(DRAWS)]
        self.figures = {name: _figure() for name in ("mean", "sample", "prior_mean", "prior_sample", "frechet", "elbo")}
        self._show_card()

    def widgets(self) -> Sequence[Sequence[QWidget]]:
        """What stands in the columns of the table."""
        name = label(_name(self.card), "")
        name.setWordWrap(True)
        figures = self.figures
        return (
            (name,),
            (self.mean, figures["mean"]),
            (self.sample, figures["sample"]),
            (*self.prior_means, figures["prior_mean"]),
            (*self.prior_samples, figures["prior_sample"]),
            (figures["frechet"],),
            (figures["elbo"],),
        )

    def show_answer(self, found: latent.Blurred) -> None:
        """Show what the model makes of the picture."""
        vae = self.card.family == "vae"
        self.mean.show_values(found.mean)
        self.sample.show_values(found.sample if vae else None)
        words.show_figure(self.figures["mean"], percent(found.sharpness_mean), "")
        sample = percent(found.sharpness_sample) if vae else NOTHING
        words.show_figure(self.figures["sample"], sample, _of_vaes())
        for boxes, images in ((self.prior_means, found.prior_means), (self.prior_samples, found.prior_samples)):
            for i, box in enumerate(boxes):
                box.show_values(images[i] if i < len(images) else None)
                box.setVisible(vae)
        self.sample.setVisible(vae)

    def clear(self) -> None:
        """What the model made of another picture is shown no more."""
        for name, box in (("mean", self.mean), ("sample", self.sample)):
            box.show_values(None)
            words.show_figure(self.figures[name], NOTHING, tr("the model has not seen this picture yet"))

    def _explain(self) -> None:
        """Say what the figures are, and why those are not there that the card does not have."""
        unknown = tr("this model's card has no such figure: diffviz evaluate measures it")
        if self.card.family == "ae":
            unknown = _of_vaes()
        named = {
            "mean": (tr("x′: mean of p(x|z)"), "sharpness_share"),
            "sample": (tr("x′: a sample"), "sharpness_share"),
            "prior_mean": (tr("prior: means"), "sharpness_share"),
            "prior_sample": (tr("prior: samples"), "sharpness_share"),
            "frechet": (tr("Fréchet distance,\nmeans · samples").replace("\n", " "), "frechet"),
            "elbo": (tr("−ELBO,\nbits/dim").replace("\n", " "), "bits"),
        }
        for name, (text, word) in named.items():
            words.explain(self.figures[name], meaning("vae", word), f"{_name(self.card)}: {text}")
            words.excuse(self.figures[name], unknown)
        self.clear()

    def _show_card(self) -> None:
        self._explain()
        sharp, frechet, elbo = (_part(self.card.quality, n) for n in ("sharpness", "frechet", "elbo"))
        vae = self.card.family == "vae"
        if sharp and vae:
            for name in ("prior_mean", "prior_sample"):
                words.show_figure(self.figures[name], percent(float(sharp[name])), "")
        if frechet:
            pair = [figure(float(frechet["prior_mean"])), figure(float(frechet["prior_sample"]))]
            words.show_figure(self.figures["frechet"], " · ".join(pair if vae else pair[:1]), "")
            floor = tr("{floor} for as many real images").format(floor=figure(float(frechet["floor"])))
            words.explain(self.figures["frechet"], f"{meaning('vae', 'frechet')} {floor}")
        if elbo:
            comparable = elbo.get("of") == "masses of 256 grey levels"
            bits = f"{float(elbo['bits_per_dimension']):.3f}"
            words.show_figure(self.figures["elbo"], bits if comparable else tr("not comparable"), "")


class BlurView(QScrollArea):
    """A table of models of one data set and one number of latent dimensions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[str, BlurRow] = {}
        self._pixels: U8 | None = None
        self.picture = PictureBox(SIDE, tr("The picture x"), "data")
        self.answer = label("", "quiet", wrap=True)
        self._page = QWidget()
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)

    def set_models(self, cards: Sequence[Card]) -> None:
        """Show a row for each of `cards`."""
        self.rows, self._pixels = {card.id: BlurRow(card) for card in cards}, None
        self.picture = PictureBox(SIDE, tr("The picture x"), "data")
        self.answer = label(finding(cards), "quiet", wrap=True)
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, 0, 6, 0)
        column.setSpacing(8)
        column.addWidget(label(_about(), "quiet", wrap=True))
        column.addLayout(self._table())
        column.addWidget(self.answer)
        column.addStretch(1)
        self.setWidget(self._page)

    def show_picture(self, pixels: U8 | None) -> None:
        """Show the picture that is reconstructed; what models made of another one is shown no more."""
        if pixels is not self._pixels:
            self._pixels = pixels
            for row in self.rows.values():
                row.clear()
        self.picture.show_pixels(pixels)

    def show_answer(self, model: str, found: latent.Blurred) -> None:
        """Show what `model` makes of it."""
        if model in self.rows:
            self.rows[model].show_answer(found)

    def _table(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(8)
        heads = (
            "p(x|z)",
            tr("x′: mean of p(x|z)"),
            tr("x′: a sample"),
            tr("prior: means"),
            tr("prior: samples"),
            tr("Fréchet distance,\nmeans · samples"),
            tr("−ELBO,\nbits/dim"),
        )
        for column, text in enumerate(heads):
            grid.addWidget(label(text, "quiet"), 0, column, Qt.AlignmentFlag.AlignBottom)
        grid.addWidget(label(tr("the picture x"), ""), 1, 0)
        grid.addWidget(self.picture, 1, 1)
        for row, blur in enumerate(self.rows.values(), 2):
            for column, widgets in enumerate(blur.widgets()):
                grid.addLayout(_cell(widgets), row, column)
        grid.setColumnMinimumWidth(0, 92)
        grid.setColumnStretch(7, 1)
        return grid


def finding(cards: Sequence[Card]) -> str:
    """What the cards' figures say of the question, without a judgement where they disagree."""
    known = [c for c in cards if c.family == "vae" and _part(c.quality, "frechet") and _part(c.quality, "sharpness")]
    if len(known) < 2:
        return ""
    sharpest = max(known, key=lambda c: float(c.quality["sharpness"]["prior_mean"]))
    nearest = min(known, key=lambda c: _best(c.quality["frechet"]))
    return tr(
        "Measured: the sharpest means of draws from the prior come from {sharpest}; the draws nearest to real images, "
        "by Fréchet distance and the better of mean and sample, from {nearest}."
    ).format(sharpest=_name(sharpest), nearest=_name(nearest))


def _of_vaes() -> str:
    """Why an AE does not have some figures."""
    return tr("an AE has no p(x|z), and so no samples of it and no ELBO")


def _about() -> str:
    return tr(
        "Three Gaussians are involved: the prior, q(z|x), and p(x|z). The third pulls the decoder to a mean, and a "
        "narrow bottleneck blurs too. Under each picture: its sharpness, as a share of real images'. Sharpness alone "
        "rewards speckle, so the Fréchet distance stands beside it."
    )


def _best(frechet: Mapping[str, Any]) -> float:
    return min(float(frechet["prior_mean"]), float(frechet["prior_sample"]))


def _part(quality: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """What a card says of `name`, where all its numbers are there."""
    part = quality.get(name) or {}
    return part if all(isinstance(part.get(key), int | float) for key in FIGURES[name]) else {}


def _name(card: Card) -> str:
    if card.likelihood is None:
        return tr("AE: squared error")
    name = tr(likelihoods.LABELS[likelihoods.key_of(card.likelihood)])
    return name if card.beta == 1 else f"{name}, β = {card.beta:g}"


def _figure() -> QLabel:
    made = label(NOTHING, "quiet")
    made.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return made


def _cell(widgets: Sequence[QWidget]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(2)
    pictures = [widget for widget in widgets if isinstance(widget, PictureBox)]
    if pictures:
        row = QHBoxLayout()
        row.setSpacing(3)
        for picture in pictures:
            row.addWidget(picture)
        row.addStretch(1)
        column.addLayout(row)
    for widget in widgets:
        if not isinstance(widget, PictureBox):
            column.addWidget(widget)
    column.addStretch(1)
    return column
