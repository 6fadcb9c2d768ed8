"""Number sliders: a spin box with a thin slider along its lower edge, to type, step or drag, on a scale."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QKeySequence, QMouseEvent, QResizeEvent, QValidator
from PySide6.QtWidgets import QDoubleSpinBox, QSizePolicy, QSpinBox, QWidget

from diffviz.domain.settings import Bounds
from diffviz.ui.widgets import controls, layout, painting, theme

WIDE_RATIO = 100
DIVISIONS = 100
KEYS_PER_DECADE = 20
DIGITS = 2


@dataclass(frozen=True, slots=True)
class NumberScale:
    """Numbers from `low` to `high`, rounded to `step`; with `log` they lie by their logarithm and have two digits."""

    low: float
    high: float
    step: float
    log: bool
    whole: bool

    @classmethod
    def of(cls, bounds: Bounds, *, whole: bool) -> NumberScale:
        """The scale of a setting with `bounds`, logarithmic where it says so or spans a wide range of whole numbers."""
        log = bounds.log or (whole and bounds.low > 0 and bounds.high / bounds.low >= WIDE_RATIO)
        step = bounds.step or (1.0 if whole else (bounds.high - bounds.low) / DIVISIONS)
        return cls(bounds.low, bounds.high, step, log, whole)

    def share(self, value: float) -> float:
        """Where `value` lies, 0 at the low end and 1 at the high end."""
        if self.log:
            value = max(value, self.low)
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low) if self.high > self.low else 0.0

    def value(self, share: float) -> float:
        """The rounded number at `share` of the way."""
        share = min(max(share, 0.0), 1.0)
        if self.log:
            return self._within(self._rounded(self.low * (self.high / self.low) ** share))
        steps = round(share * (self.high - self.low) / self.step)
        return self._within(self.low + steps * self.step)

    def stepped(self, value: float, steps: int) -> float:
        """The number `steps` key presses away from `value`."""
        if not self.log or self.whole:
            return self._within(value + steps * self.step)
        return self._within(self._rounded(value * 10 ** (steps / KEYS_PER_DECADE)))

    @property
    def decimals(self) -> int:
        """Decimals that an editor must keep."""
        if self.whole:
            return 0
        return 8 if self.log else max(2, 2 - math.floor(math.log10(self.step)))

    def text(self, value: float) -> str:
        """`value` as it is written: at least two decimals, or three digits on a logarithmic scale."""
        if self.log:
            return f"{value:.3g}"
        plain = f"{value:.{self.decimals}f}".rstrip("0")
        whole, _, rest = plain.partition(".")
        return f"{whole}.{rest.ljust(2, '0')}"

    def _rounded(self, value: float) -> float:
        rounded = float(f"{value:.{DIGITS}g}")
        return float(round(rounded)) if self.whole else rounded

    def _within(self, value: float) -> float:
        return min(max(round(value, 12), self.low), self.high)


TRACK_HEIGHT = 9
GRIP = 15
LINE_HEIGHT = 3
INSET = 5
KNOB = 9
TEXT_MARGIN = 7
# Keys, wheel and track step the value. `NoButtons` would leave a styled spin box no room for its text.
PLAIN = """
QSpinBox, QDoubleSpinBox { padding: 4px 8px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button {
    width: 0; height: 0; margin: 0; border: none;
}
QSpinBox::up-arrow, QSpinBox::down-arrow, QDoubleSpinBox::up-arrow, QDoubleSpinBox::down-arrow {
    image: none; width: 0; height: 0;
}
"""


class WholeSpin(QSpinBox):
    """Whole numbers with thousands separators."""

    def __init__(self, scale: NumberScale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(int(scale.low), int(scale.high))
        self.setSingleStep(max(1, int(scale.step)))
        self.setGroupSeparatorShown(True)


class RealSpin(QDoubleSpinBox):
    """Real numbers, stepped and written as their scale says; also reads 1e-4."""

    def __init__(self, scale: NumberScale, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setDecimals(scale.decimals)
        self.setRange(scale.low, scale.high)
        self.setSingleStep(scale.step)

    def textFromValue(self, value: float) -> str:
        return self._scale.text(value)

    def valueFromText(self, text: str) -> float:
        try:
            return float(text.strip().replace(",", "."))
        except ValueError:
            return self.value()

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        try:
            value = float(text.strip().replace(",", "."))
        except ValueError:
            allowed = set(text.strip().lower()) <= set("0123456789.,e-+")
            state = QValidator.State.Intermediate if allowed else QValidator.State.Invalid
            return state, text, position
        inside = self.minimum() <= value <= self.maximum()
        return QValidator.State.Acceptable if inside else QValidator.State.Intermediate, text, position

    def stepBy(self, steps: int) -> None:
        self.setValue(self._scale.stepped(self.value(), steps))
        self.selectAll()


class SliderTrack(painting.PaintedWidget):
    """The thin line of a slider, filled up to its value; a click on it is the field's below."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.share = 0.0
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_share(self, share: float) -> None:
        """Fill `share` of the line."""
        self.share = share
        self.update()

    def marks(self) -> Iterator[painting.PaintMark]:
        """The line, and how much of it is filled."""
        line = QRectF(INSET, self.height() - LINE_HEIGHT - 1.0, self.length, LINE_HEIGHT)
        yield painting.Rect(line, theme.color("edge"), radius=LINE_HEIGHT / 2)
        filled = line.adjusted(0, 0, (self.share - 1) * line.width(), 0)
        yield painting.Rect(filled, theme.color("cursor", 0.55), radius=LINE_HEIGHT / 2)

    @property
    def length(self) -> float:
        """Pixels from one end of the line to the other."""
        return max(1.0, self.width() - 2 * INSET)

    def share_at(self, x: float) -> float:
        """The share of the line that ends at `x`, in pixels of the widget."""
        return min(max((x - INSET) / self.length, 0.0), 1.0)


class SliderHandle(painting.PaintedWidget):
    """What drags the value, at the end of the filled part. Signals: `moved(x)` of its centre, `released`."""

    moved = Signal(float)
    released = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.shown = False
        self._grip: float | None = None
        self.setCursor(Qt.CursorShape.SizeHorCursor)
        self.setFixedSize(GRIP, TRACK_HEIGHT)

    def set_shown(self, shown: bool) -> None:
        """Show it, while the pointer is over the field."""
        self.shown = shown
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position().x() - self.width() / 2

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None:
            self.moved.emit(self.mapToParent(event.position()).x() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self.released.emit()

    def marks(self) -> Iterator[painting.PaintMark]:
        """A knob on the line."""
        if self.isEnabled() and (self.shown or self._grip is not None):
            centre = QPointF(self.width() / 2, self.height() - LINE_HEIGHT / 2 - 1.5)
            yield painting.Discs([centre], KNOB / 2 - 0.5, theme.color("cursor"))


class NumberEditor(QWidget):
    """One number. A click places the text cursor, the handle of the slider drags.

    Signals: `edited(value)` while it changes, `settled` when a drag or an entry has ended.
    """

    edited = Signal(object)
    settled = Signal()

    def __init__(self, scale: NumberScale, *, track: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = scale
        self.spin: WholeSpin | RealSpin = WholeSpin(scale, self) if scale.whole else RealSpin(scale, self)
        self.track = SliderTrack(self) if track else None
        self.handle = SliderHandle(self) if track else None
        self._arrange()
        self.spin.valueChanged.connect(self._on_value_changed)
        self.spin.editingFinished.connect(self.settled)
        if self.handle:
            self.handle.moved.connect(self._on_moved)
            self.handle.released.connect(self.settled)

    def set_value(self, value: float) -> None:
        """Show `value`; nothing is emitted."""
        if self.spin.hasFocus() and self.spin.value() == value:
            return
        blocked = self.spin.blockSignals(True)
        self.spin.setValue(value)  # type: ignore[arg-type]
        self.spin.blockSignals(blocked)
        self._show_share()

    def value(self) -> float:
        """The number shown."""
        return self.spin.value()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.spin.setGeometry(0, 0, self.width(), self.height())
        if self.track:
            self.track.setGeometry(1, self.height() - TRACK_HEIGHT - 1, self.width() - 2, TRACK_HEIGHT)
            self._show_share()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show what can be dragged."""
        if self.handle:
            self.handle.set_shown(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Hide it again."""
        if self.handle:
            self.handle.set_shown(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A press beside the text places the cursor too."""
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent) and watched is self.spin:
            entry = self.spin.lineEdit()
            entry.setCursorPosition(entry.cursorPositionAt(entry.mapFrom(self.spin, event.position().toPoint())))
        return super().eventFilter(watched, event)

    def _arrange(self) -> None:
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusProxy(self.spin)
        self.setFixedHeight(self.spin.sizeHint().height())
        controls.keep_wheel(self.spin)
        share_undo(self.spin)
        self.spin.setStyleSheet(PLAIN)
        self.spin.lineEdit().setTextMargins(TEXT_MARGIN, 0, TEXT_MARGIN, 0)
        self.spin.installEventFilter(self)
        if self.track and self.handle:
            layout.lie_over(self.track)
            layout.lie_over(self.handle)

    def _on_value_changed(self, value: float) -> None:
        self._show_share()
        self.edited.emit(value)

    def _on_moved(self, x: float) -> None:
        assert self.track is not None
        value = self.scale.value(self.track.share_at(x - self.track.x()))
        if isinstance(self.spin, WholeSpin):
            self.spin.setValue(int(value))
        else:
            self.spin.setValue(value)

    def _show_share(self) -> None:
        if self.track and self.handle:
            share = self.scale.share(self.spin.value())
            self.track.set_share(share)
            end = self.track.x() + INSET + share * self.track.length
            left = min(max(round(end - GRIP / 2), 0), self.width() - self.handle.width())
            self.handle.move(left, self.track.y())


class _UndoFilter(QObject):
    """Leaves undo and redo to the window, which knows every setting, where a text field would take them."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.ShortcutOverride:
            return False
        keys = (QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo)
        if any(event.matches(key) for key in keys):  # type: ignore[attr-defined]
            event.ignore()
            return True
        return False


def share_undo(widget: QWidget) -> None:
    """Let undo and redo reach the window while `widget` is being edited."""
    watch = _UndoFilter(widget)
    for child in (widget, *widget.findChildren(QWidget)):
        child.installEventFilter(watch)
