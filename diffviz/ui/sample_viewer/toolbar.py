"""The line above the panes: what is shown, and how.

*Denoise from here*: the reverse process started at the forward process's x_t.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QSpinBox, QWidget

from diffviz.domain.arrays import F32
from diffviz.domain.frames import Frame
from diffviz.domain.glossary import meaning
from diffviz.domain.panes import COMBINED_NOISE, NOISY, SCALED_CAPTIONS, SCALED_SYMBOL, STEP_NOISE
from diffviz.domain.requests import MAX_SAMPLES
from diffviz.domain.text import tr, trn
from diffviz.ui.sample_viewer import captions
from diffviz.ui.sample_viewer.panes import PaneButton
from diffviz.ui.sample_viewer.picture import Picture
from diffviz.ui.widgets import controls, qss, theme, words
from diffviz.ui.widgets.format import figure
from diffviz.ui.widgets.math_label import plain

HEIGHT, LEAST = 28, 200


class Toolbar(QWidget):
    """How many samples there are, which noise of a chain is shown, x_t scaled or raw, the range of values, the zoom.

    Then `panes`, the choice of panes. Signals: `automatic_changed(bool)`, `step_noise_changed`, `raw_changed`,
    `fit_asked`, `back_asked`, `fill_asked`.
    """

    automatic_changed = Signal(bool)
    step_noise_changed = Signal()
    raw_changed = Signal()
    fit_asked = Signal()
    back_asked = Signal()
    fill_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 0
        self._picture: Picture | None = None
        self._offer = (False, False, False, False)
        self._offered: tuple[object, ...] = ()
        self._focus: int | None = None
        self._filled = False
        self._loss: F32 | None = None
        self._brief, self._full = False, LEAST
        self._title = QLabel()
        self._title.setProperty("role", "heading")
        self.loss = QLabel()
        self.loss.setProperty("role", "loss")
        words.explain(self.loss, meaning("diffusion", "losses"), tr("simple loss"))
        self.back = QPushButton(theme.icon("chevron-left", "quiet"), tr("All samples"))
        self.combined, self.step = _segment(plain(COMBINED_NOISE.symbol)), _segment(plain(STEP_NOISE.symbol))
        self.scaled, self.unscaled = _segment(plain(SCALED_SYMBOL)), _segment(plain(NOISY.symbol))
        self.fixed, self.automatic = _segment(tr("Fixed range")), _segment(tr("Auto"))
        self.zoom = QPushButton()
        self.panes = PaneButton()
        self.fill = controls.IconButton("maximize", "", 24, 14)
        self._noises = self._group(self.combined, self.step)
        self._scales = self._group(self.scaled, self.unscaled)
        self._ranges = self._group(self.fixed, self.automatic)
        self._explain()
        self._arrange()
        self._connect()
        self.setStyleSheet(f"QPushButton {{ {qss.SMALL} }}")
        self.setFixedHeight(HEIGHT)
        self.show_picture(None)

    def switches(self) -> dict[str, QPushButton]:
        """The second of each two ways to show values, by name."""
        return {"step_noise": self.step, "raw": self.unscaled, "own_range": self.automatic}

    def title(self) -> str:
        """How many samples there are, or which one fills the stage."""
        return self._title.text()

    def switch(self, wanted: Mapping[str, bool | None]) -> None:
        """Show values the second way where that is `wanted`, the first where it is not; None leaves it."""
        first = {"step_noise": self.combined, "raw": self.scaled, "own_range": self.fixed}
        for name, second in self.switches().items():
            if wanted.get(name) is not None:
                (second if wanted[name] else first[name]).setChecked(True)

    @property
    def step_noise(self) -> bool:
        """Whether ε_t, the noise of one step, is to be shown instead of the combined ε̄_t."""
        return self.step.isChecked()

    @property
    def raw(self) -> bool:
        """Whether x_t itself is to be shown where it can also be brought to one variance."""
        return self.unscaled.isChecked()

    def show_picture(self, picture: Picture | None, *, chain: bool = False) -> bool:
        """Offer what makes sense for `picture`; a `chain` has two noises to choose from. Whether the offer changed."""
        before = self._offer
        spreads = picture is not None and picture.spreads
        self._offer = (picture is not None, chain, picture is not None and picture.loss is not None, spreads)
        self._count = picture.count if picture else 0
        self._picture = picture
        self._loss = picture.loss if picture else None
        offered = (self._offer, self._count, picture.all_panes if picture else (), id(picture.rows) if picture else 0)
        if offered == self._offered:
            self._update_loss()
            return False
        self._offered = offered
        for widget in (self.fixed, self.automatic, self.zoom, self.fill):
            widget.setVisible(picture is not None)
        names = {p.role.value: f"{plain(p.symbol)}  {tr(p.caption)}" for p in picture.all_panes} if picture else {}
        self.panes.offer(names)
        for widget in (self.combined, self.step):
            widget.setVisible(chain)
        for widget in (self.scaled, self.unscaled):
            widget.setVisible(spreads)
        self._update_title()
        if self._offer != before:
            self._fit()
        return self._offer != before

    def show_focus(self, sample: int | None, *, filled: bool) -> None:
        """Say that `sample` or one pane fills the stage, or that all are shown."""
        self._focus, self._filled = sample, filled
        self._update_title()
        self._fit()

    def show_zoom(self, scale: float, fits: bool) -> None:
        """Say how many device pixels a pixel takes."""
        self.zoom.setText(f"{scale:.3g}×" if scale >= 1 else f"{100 * scale:.0f} %")
        self.zoom.setEnabled(not fits)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave words out where there is little room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out how many samples there are, and then what the number of the loss is, where there is no room."""
        for counted, whole in ((True, True), (False, True), (False, False)):
            self._title.setVisible(counted)
            self._brief = not whole
            self._update_loss()
            needed = self._row.sizeHint().width()
            self._full = needed if counted else self._full
            if needed <= self.width():
                break
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Room for all words."""
        return QSize(self._full, HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Less: words are left out."""
        return QSize(LEAST, HEIGHT)

    def _group(self, *buttons: QPushButton) -> QButtonGroup:
        group = QButtonGroup(self)
        for button in buttons:
            group.addButton(button)
        buttons[0].setChecked(True)
        return group

    def _explain(self) -> None:
        self.back.setToolTip(_back())
        self.combined.setToolTip(tr("Show ε̄ₜ: the noise of all steps so far, combined into one"))
        self.step.setToolTip(tr("Show εₜ: the fresh noise that this one step adds"))
        self.scaled.setToolTip(tr("Show xₜ brought to one variance: divided by √(α²+σ²), it is seen at every t"))
        self.unscaled.setToolTip(tr("Show xₜ as it is: its variance is α² times that of x₀, and σ²"))
        self.scaled.setAccessibleName(tr(SCALED_CAPTIONS[NOISY.caption]))
        self.unscaled.setAccessibleName(tr("xₜ as it is"))
        self.fixed.setToolTip(
            tr("Images: −1 is black, 1 is white; noise: −3 and 3; values outside are clipped (Shift+R)")
        )
        self.automatic.setToolTip(tr("Each pane's smallest value is black, its largest white (R)"))
        self.zoom.setToolTip(tr("Screen pixels to one image pixel. Click, double-click a sample or press 0 to fit."))
        self.zoom.setAccessibleName(tr("Zoom"))
        self.combined.setAccessibleName(tr(COMBINED_NOISE.caption))
        self.step.setAccessibleName(tr(STEP_NOISE.caption))
        self.fixed.setShortcut(QKeySequence("Shift+R"))
        self.automatic.setShortcut(QKeySequence("R"))

    def _arrange(self) -> None:
        for button in (self.back, self.zoom):
            button.setProperty("role", "flat")
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.back)
        row.addWidget(self._title)
        row.addSpacing(10)
        row.addWidget(self.loss)
        row.addStretch(1)
        segments = self.combined, self.step, self.scaled, self.unscaled, self.fixed, self.automatic
        for widget in (*segments, self.zoom, self.panes, self.fill):
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            row.addWidget(widget)
        self.fill.framed = False
        row.insertSpacing(row.indexOf(self.scaled), 4)
        row.insertSpacing(row.indexOf(self.fixed), 8)
        row.insertSpacing(row.indexOf(self.zoom), 8)

    def _connect(self) -> None:
        self.back.clicked.connect(self.back_asked)
        self.zoom.clicked.connect(self.fit_asked)
        self.fill.clicked.connect(self.fill_asked)
        self.automatic.toggled.connect(self.automatic_changed)
        self.step.toggled.connect(self._on_step_toggled)
        self.unscaled.toggled.connect(lambda _raw: self.raw_changed.emit())

    @Slot(bool)
    def _on_step_toggled(self, checked: bool) -> None:
        self.step_noise_changed.emit()

    def _update_title(self) -> None:
        back = self._filled or self._focus is not None
        self.back.setVisible(back)
        self.back.setText(tr("All panes") if self._focus is None else tr("All samples"))
        self.fill.set_face("minimize" if back else "maximize", _back() if back else _filling(), "quiet")
        if self._count == 0:
            text = ""
        elif self._focus is None:
            text = trn("{n} sample", "{n} samples", self._count).format(n=self._count)
        else:
            text = self._name(self._focus)
        self._title.setText(text.upper())
        self._update_loss()

    def _name(self, sample: int) -> str:
        if self._picture is not None and self._picture.rows is not None:
            return self._picture.name_of(sample)
        return tr("sample {n} of {count}").format(n=sample + 1, count=self._count)

    def _update_loss(self) -> None:
        """The mean over all samples (that of one stands under it); at t = 0, where there is no noise, a dash."""
        self.loss.setVisible(self._loss is not None and self._focus is None)
        if self._loss is not None:
            shown = self._loss if self._focus is None else self._loss[self._focus : self._focus + 1]
            write = figure if self._brief else _loss
            self.loss.setFixedWidth(QFontMetrics(theme.font(12)).horizontalAdvance(write(0.00012)) + 4)
            mean = float(np.mean(shown))
            self.loss.setText(write(mean))
            words.excuse(self.loss, captions.no_loss() if math.isnan(mean) else "")


def _back() -> str:
    return tr(
        "Show all again (F, Esc). Up and Down go to the sample beside; Left and Right step in time, unless the "
        "keyboard is on the stage (Tab)."
    )


def _filling() -> str:
    return tr(
        "Let a pane fill the stage (F, or a double click); a sample does with a click or Shift+F, in its pane alone "
        "with a double click."
    )


def _loss(value: float) -> str:
    return tr("simple loss {value}").format(value=figure(value))


def _segment(text: str) -> QPushButton:
    button = QPushButton(text)
    button.setProperty("role", "segment")
    button.setCheckable(True)
    return button


MAX_COPIES, COPIES = 16, 8


class DenoiseBar(QWidget):
    """How many times, and the button. Hidden unless a forward run is shown and there is a model to denoise with.

    Signals: `asked`.
    """

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._available = True
        self._frame: Frame | None = None
        self._focus: int | None = None
        self._wish = COPIES
        self._spin = QSpinBox()
        self._spin.setRange(1, MAX_COPIES)
        self._spin.setValue(COPIES)
        self._spin.setSuffix(" ×")
        self._spin.setFixedWidth(68)
        theme.inset(self._spin)
        self._spin.setAccessibleName(tr("Number of restorations"))
        self.button = QPushButton(theme.icon("undo-2"), tr("Denoise from here"))
        self.button.setShortcut(QKeySequence("D"))
        self.button.setToolTip(
            tr("Start the reverse process at these noisy images (D). How much of the original comes back depends on t.")
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(self._spin)
        row.addWidget(self.button)
        self.button.setProperty("role", "compact")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self.asked)
        self._spin.valueChanged.connect(self._on_changed)
        self.show_frame(None)

    @property
    def copies(self) -> int:
        """How many times."""
        return self._spin.value()

    @copies.setter
    def copies(self, count: int) -> None:
        self._wish = count
        self._spin.setValue(count)

    @Slot(int)
    def _on_changed(self, count: int) -> None:
        """Keep what a person wants, not what was left of it where there was less room."""
        if count < self._spin.maximum() or count > self._wish:
            self._wish = count

    def set_available(self, available: bool) -> None:
        """Whether there is a model to denoise with."""
        if available != self._available:
            self._available = available
            self.show_frame(self._frame)

    def show_frame(self, frame: Frame | None) -> None:
        """Offer to start at `frame`; at t = 0 there is nothing to take away."""
        self._frame = frame
        self.setVisible(self._available and frame is not None)
        self.setEnabled(frame is not None and frame.position > 0)
        self._limit()

    def show_focus(self, sample: int | None) -> None:
        """Only `sample` would be denoised, or all where it is None."""
        self._focus = sample
        self._limit()

    def _limit(self) -> None:
        """As many times as fit into one run, and why no more."""
        pictures = 1 if self._focus is not None or self._frame is None else len(self._frame.arrays()["x"])
        most = max(1, MAX_SAMPLES // pictures)
        self._spin.setMaximum(min(MAX_COPIES, most))
        if self._spin.value() < self._wish:
            self._spin.setValue(min(self._wish, self._spin.maximum()))
        said = tr("How many times each picture, every time with other noise")
        if most < MAX_COPIES:
            why = tr("At most {most}: a run has room for {n} samples, and there are {pictures} pictures.")
            said += ". " + why.format(most=most, n=MAX_SAMPLES, pictures=pictures)
        self._spin.setToolTip(said)
        self._spin.setAccessibleDescription(said)
