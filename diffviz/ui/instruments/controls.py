"""Controls of instruments: a slider with its name and value, and a button that copies a run."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSlider, QWidget

from diffviz.domain.text import tr
from diffviz.session.run import Run
from diffviz.ui.instruments.instrument import COMMAND, PYTHON, Services
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import label
from diffviz.ui.widgets.math_label import SymbolLabel

VALUE_WIDTH = 64
STEPPING = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)


class OwnKeysSlider(QSlider):
    """Keeps arrow keys, Home and End from the timeline while it has the keyboard, and leaves the wheel to the page."""

    def event(self, event: QEvent) -> bool:
        """Claim its keys before shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in STEPPING:
            event.accept()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The page scrolls."""
        event.ignore()


class SliderRow(QWidget):
    """`name` (a symbol), a slider over whole numbers, and `form(value)`. Signals: `moved(value)`."""

    moved = Signal(int)

    def __init__(
        self,
        name: str,
        low: int,
        high: int,
        value: int,
        form: Callable[[int], str] = str,
        tip: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._form = form
        self.slider = OwnKeysSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(low, high)
        self.slider.setValue(value)
        self.slider.setAccessibleName(tip or name)
        self.setToolTip(tip)
        self._value = label(form(value), "small")
        self._value.setFixedWidth(VALUE_WIDTH)
        self._value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(SymbolLabel(name, theme.font(12), theme.color("quiet")))
        row.addWidget(self.slider, 1)
        row.addWidget(self._value)
        self.slider.valueChanged.connect(self._on_changed)

    @property
    def value(self) -> int:
        """Where it stands."""
        return self.slider.value()

    def set_range(self, low: int, high: int) -> None:
        """Offer other numbers; the value is held within them."""
        if (self.slider.minimum(), self.slider.maximum()) != (low, high):
            self.slider.setRange(low, high)

    @Slot(int)
    def _on_changed(self, value: int) -> None:
        self._value.setText(self._form(value))
        self.moved.emit(value)


class CopyButton(QPushButton):
    """Offers to copy `run`, where there is one. `offers` is the menu of it."""

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(theme.icon("copy"), "", parent)
        self._services = services
        self._run: Run | None = None
        self.setToolTip(tr("Copy this run as a command or as Python"))
        self.setAccessibleName(tr("Copy the run"))
        self.offers = QMenu(self)
        for how, text in ((COMMAND, tr("Copy as command")), (PYTHON, tr("Copy as Python"))):
            self.offers.addAction(text).setData(how)
        self.offers.triggered.connect(self._on_triggered)
        self.clicked.connect(self._on_clicked)

    def set_run(self, run: Run | None) -> None:
        """Be about `run`."""
        self._run = run
        self.setEnabled(run is not None)

    @Slot(QAction)
    def _on_triggered(self, action: QAction) -> None:
        if self._run is not None:
            self._services.copy(self._run, action.data())

    @Slot()
    def _on_clicked(self) -> None:
        self.offers.popup(self.mapToGlobal(self.rect().bottomLeft()))
