"""Small controls: icon buttons, segments, combo boxes that leave the wheel alone, something under its caption.

A quiet text of several lines that changes with every step of the cursor and never moves what stands around it.

Launcher: a file or a folder shown in the desktop's own program for it.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QHelpEvent, QPaintEvent, QResizeEvent, QTextDocument, QWheelEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from diffviz.domain.text import tr
from diffviz.session import looks
from diffviz.ui.widgets import math_label, painting, theme


def captioned(caption: QLabel, content: QWidget) -> QWidget:
    """`content` under its caption."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(caption)
    column.addWidget(content, 1)
    return made


class IconButton(painting.PaintedButton):
    """A square button of `side` pixels with an icon of `glyph` pixels; its text is for tooltip and accessibility."""

    def __init__(self, icon: str, text: str, side: int = 30, glyph: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side, self._glyph = side, glyph
        self.framed = True
        self._face = ("", "", "")
        self.setFixedSize(side, side)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.set_face(icon, text)

    def set_face(self, icon: str, text: str, color: str = "text") -> None:
        """Show `icon` in `color`, a field of the palette, and say `text`."""
        if (icon, text, color) == self._face:
            return
        self._face = icon, text, color
        self.setIcon(theme.icon(icon, color))
        self.setToolTip(text)
        self.setAccessibleName(text)

    def sizeHint(self) -> QSize:
        return QSize(self._side, self._side)

    def marks(self) -> Iterator[painting.PaintMark]:
        """Its ground, where there is one, and its icon."""
        hot = self.isEnabled() and (self.underMouse() or self.isDown())
        if self.framed or hot or self.hasFocus() or self.isChecked():
            share = 0.16 if self.isChecked() else 0.07 if hot else 0.0
            fill = theme.blend("field", "cursor" if self.isChecked() else "text", share)
            edge = theme.color("cursor" if self.hasFocus() else "edge")
            yield painting.Rect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), fill, edge, 6)
        glyph = QRect(0, 0, self._glyph, self._glyph)
        glyph.moveCenter(self.rect().center() + QPoint(1, 1) * (1 - self._side % 2))
        yield painting.Symbol(glyph, self.icon(), self.isEnabled())


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

    def look(self) -> looks.Look:
        """Which is chosen."""
        return {"chosen": self.current()}

    def take_look(self, look: looks.Look) -> None:
        """Choose the same as a person would."""
        key = looks.word(look, "chosen", self._buttons)
        if key is not None and key != self.current():
            self.set_current(key)
            self.chosen.emit(key)

    def keys(self) -> tuple[str, ...]:
        """Keys of all, in their order."""
        return tuple(self._buttons)

    def current(self) -> str:
        """Key of the chosen one."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def button(self, key: str) -> QPushButton:
        """The button of `key`."""
        return self._buttons[key]

    def buttons(self) -> tuple[QPushButton, ...]:
        """All of them, from the left."""
        return tuple(self._buttons.values())

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
        return self.fontMetrics().elidedText(self.whole_text(), Qt.TextElideMode.ElideRight, room)

    def whole_text(self) -> str:
        """The text of the chosen item; where there is none, what invites to choose one."""
        return self.currentText() if self.currentIndex() >= 0 else self.placeholderText()

    def event(self, event: QEvent) -> bool:
        """Show the whole text on hover where there is no room for it."""
        cut = not self.isEditable() and self.shown_text() != self.whole_text()
        return whole_on_hover(event, self, self.whole_text(), cut=cut) or super().event(event)

    def allow_last(self, allowed: bool) -> None:
        """Whether the item added last can be chosen, or is only seen: Qt keeps that beside its data."""
        self.setItemData(self.count() - 1, None if allowed else 0, Qt.ItemDataRole.UserRole - 1)

    def set_data(self, data: object) -> None:
        """Show the item of `data`."""
        self.setCurrentIndex(next((i for i in range(self.count()) if self.itemData(i) == data), -1))

    def look(self) -> looks.Look:
        """The data of what is chosen."""
        return {"chosen": self.currentData()}

    def take_look(self, look: looks.Look) -> None:
        """Choose the same as a person would, where it is offered."""
        wanted, now = look.get("chosen"), self.currentData()
        offered = (self.itemData(i) for i in range(self.count()))
        if any(type(data) is type(wanted) and data == wanted for data in offered) and wanted != now:
            self.set_data(wanted)
            self.picked.emit(wanted)


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


HEADED = 22


def heading(text: str) -> QLabel:
    """A quiet section heading."""
    return label(text.upper(), "heading")


def headed(text: str, *tools: QWidget) -> QWidget:
    """A quiet section heading with `tools` at its right end; as high with them as without."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(heading(text), 1)
    for tool in tools:
        row.addWidget(tool)
    made.setFixedHeight(HEADED)
    return made


def beside_icon(text: str) -> str:
    """`text` of a button that has an icon: Qt leaves next to no room between the two."""
    return f" {text}"


def whole_on_hover(event: QEvent, widget: QWidget, text: str, *, cut: bool) -> bool:
    """Show `text` of `widget`, where it is `cut` and the tip is asked for, before what that says; whether it did."""
    if not cut or not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
        return False
    tip = widget.toolTip()
    if tip.startswith("<"):
        text, tip = html.escape(text), f"<br>{tip}" if tip else ""
    QToolTip.showText(event.globalPos(), f"{text}\n{tip}".strip(), widget)
    return True


class ElidedLabel(QLabel):
    """A line of plain text in any width: where there is too little it ends in "…", and is whole on hover."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        if role:
            self.setProperty("role", role)

    def shown_text(self) -> str:
        """The text as there is room for it."""
        return self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write what there is room for."""
        align = int(self.alignment() | Qt.AlignmentFlag.AlignVCenter)
        hue = self.palette().color(self.foregroundRole())
        painting.paint_on(
            self, [painting.Words(QRectF(self.contentsRect()), self.shown_text(), self.font(), hue, align)]
        )

    def event(self, event: QEvent) -> bool:
        """Show the whole text on hover where there is no room for it."""
        return whole_on_hover(event, self, self.text(), cut=self.shown_text() != self.text()) or super().event(event)


def label(text: str, role: str, *, wrap: bool = False) -> QLabel:
    """A label of a role of the style sheet."""
    made = QLabel(text)
    made.setProperty("role", role)
    made.setWordWrap(wrap)
    made.setTextFormat(Qt.TextFormat.PlainText)
    return made


PIXELS = 12


class Note(painting.PaintedWidget):
    """Text in one colour, with true subscripts; as high as its longest text so far has needed in this width."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._document = QTextDocument(self)
        self._document.setDocumentMargin(0)
        self._document.setDefaultFont(theme.font(PIXELS))
        self._document.setDefaultStyleSheet(f"span {{ color: {theme.color('quiet').name()}; }}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._least = 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # what lies behind is not painted each time
        self.say(text)

    def text(self) -> str:
        """What it says, in plain characters."""
        return math_label.plain(self._text)

    def say(self, text: str) -> None:
        """Say `text`, in the notation of symbols."""
        if text == self._text:
            return
        self._text = text
        self._document.setHtml(math_label.rich(text))
        self.setAccessibleName(math_label.plain(text))
        self._make_room()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap anew; another width needs another height."""
        if event.size().width() != event.oldSize().width():
            self._least = 0
            self._make_room()

    def marks(self) -> list[painting.PaintMark]:
        """The text from the top."""
        return [painting.Rect(QRectF(self.rect()), theme.color("panel")), painting.Document(self._document)]

    def sizeHint(self) -> QSize:
        """As high as needed."""
        return QSize(200, self._least)

    def _make_room(self) -> None:
        self._document.setTextWidth(max(1, self.width()))
        needed = math.ceil(self._document.size().height()) if self._text else 0
        if needed > self._least:
            self._least = needed
            self.setFixedHeight(needed)


def launch(path: Path) -> str:
    """Open `path` in the program that the desktop has for it; where it has none, a sentence that says where it is."""
    if QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
        return ""
    return tr("No program was found to open it: {path}").format(path=path)
