"""Which term of the equations is pointed at: views that draw it show that they do."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

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
