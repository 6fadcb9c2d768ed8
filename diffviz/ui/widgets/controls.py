"""Small controls: icon buttons, segments, combo boxes that leave the wheel alone, something under its caption."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from diffviz.ui.widgets import theme


def captioned(caption: QLabel, content: QWidget) -> QWidget:
    """`content` under its caption."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(caption)
    column.addWidget(content, 1)
    return made


class IconButton(QAbstractButton):
    """A square button of `side` pixels with an icon of `glyph` pixels; its text is for tooltip and accessibility."""

    def __init__(self, icon: str, text: str, side: int = 30, glyph: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side, self._glyph = side, glyph
        self.framed = True
        self.setFixedSize(side, side)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_face(icon, text)

    def set_face(self, icon: str, text: str, color: str = "text") -> None:
        """Show `icon` in `color`, a field of the palette, and say `text`."""
        self.setIcon(theme.icon(icon, color))
        self.setToolTip(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_ground(painter)
        glyph = QRect(0, 0, self._glyph, self._glyph)
        glyph.moveCenter(self.rect().center() + QPoint(1, 1) * (1 - self._side % 2))
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        self.icon().paint(painter, glyph, Qt.AlignmentFlag.AlignCenter, mode)

    def _paint_ground(self, painter: QPainter) -> None:
        hot = self.isEnabled() and (self.underMouse() or self.isDown())
        if not (self.framed or hot or self.hasFocus() or self.isChecked()):
            return
        focus = self.hasFocus()
        painter.setPen(theme.color("cursor") if focus else theme.color("edge"))
        share = 0.16 if self.isChecked() else 0.07 if hot else 0.0
        painter.setBrush(theme.blend("field", "cursor" if self.isChecked() else "text", share))
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1).toRectF().translated(0.5, 0.5), 6, 6)


class Segments(QWidget):
    """A row of which one is chosen; `tips` say what each is. Signals: `chosen(key)`, by a person."""

    chosen = Signal(str)

    def __init__(
        self,
        choices: Mapping[str, str],
        name: str,
        tips: Mapping[str, str] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._group = QButtonGroup(self)
        self._buttons: dict[str, QPushButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for key, text in choices.items():
            row.addWidget(self._add(key, text), 1)
            self._buttons[key].setToolTip((tips or {}).get(key, ""))

    def set_current(self, key: str) -> None:
        """Show `key` as the chosen one."""
        self._buttons[key].setChecked(True)

    def current(self) -> str:
        """Key of the chosen one."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def button(self, key: str) -> QPushButton:
        """The button of `key`."""
        return self._buttons[key]

    def _add(self, key: str, text: str) -> QPushButton:
        button = QPushButton(text)
        button.setProperty("role", "segment")
        button.setCheckable(True)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda: self.chosen.emit(key))
        self._group.addButton(button)
        self._buttons[key] = button
        return button


class Combo(QComboBox):
    """A combo box of any width. Signals: `picked(data)`, by a person."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaxVisibleItems(16)
        keep_wheel(self)
        self.activated.connect(lambda index: self.picked.emit(self.itemData(index)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Cut a text that is too long short, visibly."""
        if self.isEditable():
            super().paintEvent(event)
            return
        painter, option = QStylePainter(self), QStyleOptionComboBox()
        self.initStyleOption(option)
        option.currentText = self.shown_text()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)

    def shown_text(self) -> str:
        """The text as there is room for it."""
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        edit = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, edit, self).width() - 2
        return self.fontMetrics().elidedText(self.currentText(), Qt.TextElideMode.ElideRight, room)

    def set_data(self, data: object) -> None:
        """Show the item of `data`."""
        self.setCurrentIndex(next((i for i in range(self.count()) if self.itemData(i) == data), -1))


class _WheelFilter(QObject):
    """Leaves the wheel to the form that scrolls, unless the widget has the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def keep_wheel(widget: QWidget) -> None:
    """Let the wheel change `widget` only while it has the focus."""
    widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    widget.installEventFilter(_WheelFilter(widget))


def heading(text: str) -> QLabel:
    """A quiet section heading."""
    return label(text.upper(), "heading")


def beside_icon(text: str) -> str:
    """`text` of a button that has an icon: Qt leaves next to no room between the two."""
    return f" {text}"


def label(text: str, role: str, *, wrap: bool = False) -> QLabel:
    """A label of a role of the style sheet."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made
