"""The ideal denoiser beside the network: the exact E[x_0 | x_t] of the sample pictures, and what lies nearest."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from diffviz.domain.frames import ForwardFrame, Frame, ReverseFrame
from diffviz.domain.ideal import is_ideal
from diffviz.domain.requests import ForwardRequest, ReverseRequest, labels_of
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.ui import theme
from diffviz.ui.highlight import X0, X
from diffviz.ui.instruments.instrument import Instrument, Services, note, say
from diffviz.ui.instruments.material import data_of, pictures
from diffviz.ui.stage.symbol import SymbolLabel
from diffviz.ui.views.figures import figure
from diffviz.ui.views.instant import term_colours
from diffviz.ui.views.picture_box import PictureBox
from diffviz.ui.views.view import Shown

Floats = NDArray[np.float32]
SIDE, LABEL = 114, 24


def posterior_mean(x: Floats, images: Floats, alpha: float, sigma: float) -> Floats:
    """E[x_0 | x_t = `x`] where x_0 is one of `images` (N, D), all as likely, `x` (D,): their softmax-weighted mean.

    log q(x_t | x_0) = −‖x − α x_0‖² / 2σ² + const (Ho et al. 2020, eq. 4), with σ > 0.
    """
    logs = (2 * alpha * (images @ x) - alpha**2 * np.einsum("nd,nd->n", images, images)) / (2 * sigma**2)
    shares = np.exp(logs - logs.max())
    found: Floats = (shares / shares.sum()).astype(np.float32) @ images
    return found


class Pane(QWidget):
    """A picture under its symbol, and how far it is from the nearest sample picture."""

    def __init__(self, symbol: str, words: str, hue: str) -> None:
        super().__init__()
        self.symbol = SymbolLabel(symbol, theme.font(13, 600), theme.color(hue), colours=term_colours())
        self.symbol.setFixedHeight(LABEL)
        self.picture = PictureBox(SIDE, words, hue)
        self.picture.setToolTip(words)
        self.distance = note()
        self.distance.setFixedWidth(SIDE)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(3)
        for widget in (self.symbol, self.picture, self.distance):
            column.addWidget(widget)


class IdealInstrument(Instrument):
    """x_t, the network's x̂0, the ideal denoiser's, and the sample picture nearest to the network's."""

    def __init__(self, key: str, services: Services) -> None:
        super().__init__(key, services)
        self.panes = {
            "x": Pane("x_t", tr("the noisy sample"), "noisy"),
            "x0": Pane("x̂_0", tr("the network's estimate"), "data"),
            "ideal": Pane("E[x_0|x_t]", tr("the exact mean over the sample pictures"), "alpha_bar"),
            "nearest": Pane("x_0", tr("the sample picture nearest to the network's estimate"), "quiet"),
        }
        self.note = note()
        self._key: tuple[int, float, int] | None = None
        row = QHBoxLayout()
        row.setSpacing(10)
        for pane in self.panes.values():
            row.addWidget(pane)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addWidget(self.note)
        self.panes["x"].symbol.setObjectName(X)
        self.panes["x0"].symbol.setObjectName(X0)

    def draw(self, shown: Shown) -> None:
        """Show the sample in focus at the cursor."""
        run, frame = shown.a, shown.frame
        if run is None or not isinstance(frame, ForwardFrame | ReverseFrame):
            return
        card = shown.card or self.services.card()
        key = (run.id, frame.position, min(self.services.sample(), len(frame.x) - 1))
        data = data_of(card)
        if key == self._key:
            return
        self._key = key
        if data is None or pictures(data).shape[1:] != frame.x.shape[1:]:
            say(self.note, tr("There are no sample pictures of this model's data set."))
            return
        self._show(run, frame, key[2], data)
        if card is not None and is_ideal(card):
            say(
                self.note,
                tr("The model is the ideal denoiser: both estimates are the same.") + " " + self.note.accessibleName(),
            )

    def forget(self) -> None:
        """Another run may have the place."""
        self._key = None

    def _show(self, run: Run, frame: ForwardFrame | ReverseFrame, sample: int, data: Dataset) -> None:
        images, asked = _set_of(run, sample, data)
        flat = images.reshape(len(images), -1)
        x = frame.x[sample].reshape(-1)
        estimate = _estimate(frame)
        self.panes["x"].picture.show_values(frame.x[sample])
        ideal = (
            posterior_mean(x, flat, frame.alpha, frame.sigma).reshape(frame.x.shape[1:]) if frame.sigma > 0 else None
        )
        self._put("x0", None if estimate is None else estimate[sample], flat)
        self._put("ideal", ideal, flat)
        like = estimate[sample] if estimate is not None else ideal
        number = _nearest(like.reshape(-1), flat)[0] if like is not None else None
        self.panes["nearest"].picture.show_values(None if number is None else images[number])
        which = tr("of class {name}").format(name=asked) if asked else tr("of all classes")
        say(
            self.note,
            tr(
                "Exact for a finite set: {n} sample pictures {which}. It returns them, given enough steps; a network "
                "that generalises comes near the population's mean instead."
            ).format(n=f"{len(images):,}", which=which),
        )

    def _put(self, name: str, values: Floats | None, flat: Floats) -> None:
        pane = self.panes[name]
        pane.picture.show_values(values)
        distance = math.nan if values is None else _nearest(values.reshape(-1), flat)[1]
        say(pane.distance, "" if math.isnan(distance) else tr("nearest: {d}").format(d=figure(distance)))
        pane.distance.setToolTip(tr("Root mean square distance to the nearest sample picture, per pixel of −1 … 1"))


def _set_of(run: Run, sample: int, data: Dataset) -> tuple[Floats, str]:
    """The pictures that x_0 is one of, and the class they are of: that which the model was told, where it was."""
    request, images = run.request, pictures(data)
    if not isinstance(request, ReverseRequest | ForwardRequest) or not len(data.labels):
        return images, ""
    count = request.samples if isinstance(request, ReverseRequest) else sample + 1
    try:
        label = labels_of(request.label, count, len(data.classes))[sample]
    except ValueError:
        return images, ""
    if label is None:
        return images, ""
    chosen = images[data.labels == label]
    return (chosen, tr(data.classes[label])) if len(chosen) else (images, "")


def _nearest(values: Floats, flat: Floats) -> tuple[int, float]:
    squared = np.einsum("nd,nd->n", flat, flat) - 2 * (flat @ values)
    number = int(squared.argmin())
    return number, float(np.sqrt(max(0.0, float(squared[number] + values @ values)) / values.size))


def _estimate(frame: Frame) -> Floats | None:
    return frame.x0 if isinstance(frame, ReverseFrame) else getattr(frame, "x0_hat", None)
