"""*Denoise from here*: the reverse process started at the forward process's x_t."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QSpinBox, QWidget

from diffviz.domain.frames import Frame
from diffviz.domain.text import tr
from diffviz.ui.widgets import theme

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
        self._spin = QSpinBox()
        self._spin.setRange(1, MAX_COPIES)
        self._spin.setValue(COPIES)
        self._spin.setSuffix(" ×")
        self._spin.setFixedWidth(68)
        theme.inset(self._spin)
        self._spin.setToolTip(tr("How many times each picture, every time with other noise"))
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
        self.button.setStyleSheet("padding: 2px 10px; min-height: 20px;")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.clicked.connect(self.asked)
        self.show_frame(None)

    @property
    def copies(self) -> int:
        """How many times."""
        return self._spin.value()

    @copies.setter
    def copies(self, count: int) -> None:
        self._spin.setValue(count)

    def set_available(self, available: bool) -> None:
        """Whether there is a model to denoise with."""
        self._available = available
        self.show_frame(self._frame)

    def show_frame(self, frame: Frame | None) -> None:
        """Offer to start at `frame`; at t = 0 there is nothing to take away."""
        self._frame = frame
        self.setVisible(self._available and frame is not None)
        self.setEnabled(frame is not None and frame.position > 0)
