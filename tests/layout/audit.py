"""What is wrong with a window's layout by geometry: widgets that overlap, are cut, empty, or too small for their text.

Every rule looks at one visible widget and its neighbours. Rectangles are in pixels of the widget's parent, as Qt's are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QImage, QTransform
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QScrollBar,
    QSplitterHandle,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QToolTip,
    QWidget,
)

from diffviz.ui.widgets import painting
from diffviz.ui.widgets.figures import FigureLine

OVER = "over"
"""Property of a widget that is meant to lie over its neighbours, as a drawer or a notice does."""
SLACK = 1
"""Pixels by which a widget may stand over an edge: a frame's line, a rounded half."""
INNER = (QComboBox, QAbstractSpinBox, QHeaderView, QTabBar, QScrollBar)
"""Widgets of Qt whose own children are its business."""
LETTER = 1.5
"""Pixels by which letters may leave their room: what is slanted, and rounding."""
TOUCHING = 3.0
"""Pixels by which two painted words may lie over each other: an index, a letter of Hangul beside the next."""


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """One thing wrong: its `kind`, `where` (the widget within the window), and `what` exactly."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.where}: {self.what}"


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """A `window` at rest: its picture, and the widgets in it that are meant to lie `over` others."""

    window: QWidget
    image: QImage
    over: list[QWidget]


def faults_of(window: QWidget) -> list[Fault]:
    """All that is wrong in `window`, which is shown and at rest."""
    shown = list(shown_in(window))
    seen = Seen(window, window.grab().toImage(), [widget for widget in shown if _over(widget)])
    return sorted({fault for widget in shown for fault in _of(widget, seen)})


def shown_in(root: QWidget) -> Iterator[QWidget]:
    """`root` and every widget in it that is visible, windows of their own and insides of Qt's widgets aside."""
    yield root
    for child in [] if isinstance(root, INNER) else children(root):
        yield from shown_in(child)


def children(widget: QWidget) -> list[QWidget]:
    """Visible children of `widget` that are no windows."""
    found = (child for child in widget.children() if isinstance(child, QWidget))
    return [child for child in found if not child.isWindow() and child.isVisible()]


def _of(widget: QWidget, seen: Seen) -> Iterator[Fault]:
    found = [("overlap", what) for what in overlaps(widget)]
    found += [("text", what) for what in (*text_faults(widget), *painted_faults(widget))]
    if widget is not seen.window:
        found += [("cut", what) for what in cuts(widget)]
        found += [("empty", what) for what in empties(widget, seen)]
    for kind, what in found:
        yield Fault(kind, path_of(widget, seen.window), what)


def path_of(widget: QWidget, window: QWidget) -> str:
    """Where `widget` is: classes from the window on, with its words where it has any."""
    names: list[str] = []
    at: QWidget | None = widget
    while at is not None and at is not window:
        if type(at).__name__ not in ("QWidget", "QFrame", "QStackedWidget", "QSplitter"):
            names.append(name_of(at))
        at = at.parentWidget()
    return " / ".join(reversed(names)) or name_of(widget)


def name_of(widget: QWidget) -> str:
    """The class of `widget`, and what it says."""
    words = widget.accessibleName() or widget.objectName() or _text(widget)
    return f"{type(widget).__name__}({words[:30]})" if words else type(widget).__name__


def _text(widget: QWidget) -> str:
    return widget.text() if isinstance(widget, (QLabel, QAbstractButton, QLineEdit)) else ""


def overlaps(parent: QWidget) -> Iterator[str]:
    """Children of `parent` that lie over each other, those that are meant to aside."""
    if isinstance(parent, (*INNER, QAbstractScrollArea)):
        return
    solid = [child for child in children(parent) if not _over(child) and not isinstance(child, QSplitterHandle)]
    for one, other in combinations(solid, 2):
        both = one.geometry() & other.geometry()
        if both.width() > SLACK and both.height() > SLACK:
            yield f"{name_of(one)} {_said(one.geometry())} over {name_of(other)} {_said(other.geometry())}"


def _over(widget: QWidget) -> bool:
    return bool(widget.property(OVER)) or widget.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def _said(area: QRect) -> str:
    return f"{area.width()}×{area.height()} at {area.x()}, {area.y()}"


def cuts(widget: QWidget) -> Iterator[str]:
    """Sides on which `widget` leaves its parent, where no scroll bar brings it into sight."""
    parent = widget.parentWidget()
    if parent is None or isinstance(parent, QAbstractScrollArea):
        return
    room, area = parent.rect(), widget.geometry()
    across, along = _scrolls(parent)
    beyond = {
        "left": 0 if across else room.left() - area.left(),
        "right": 0 if across else area.right() - room.right(),
        "top": 0 if along else room.top() - area.top(),
        "bottom": 0 if along else area.bottom() - room.bottom(),
    }
    for side, pixels in beyond.items():
        if pixels > SLACK:
            yield f"{pixels} px beyond the {side} of {name_of(parent)} {_said(parent.rect())}"


def _scrolls(parent: QWidget) -> tuple[bool, bool]:
    """Whether what is in `parent` can be scrolled across and along."""
    area = parent.parentWidget()
    if not isinstance(area, QAbstractScrollArea) or area.viewport() is not parent:
        return False, False
    bars = area.horizontalScrollBar(), area.verticalScrollBar()
    return bars[0].isVisible() and bars[0].maximum() > 0, bars[1].isVisible() and bars[1].maximum() > 0


def text_faults(widget: QWidget) -> Iterator[str]:
    """Words of `widget` that have no room in it, and are not whole on hover."""
    said, room, needed = _fit(widget)
    if not said:
        return
    missing = needed - room
    if (missing.width() > SLACK or missing.height() > SLACK) and not on_hover(widget, said):
        yield f"{said!r} needs {needed.width()}×{needed.height()}, has {room.width()}×{room.height()}"


def _fit(widget: QWidget) -> tuple[str, QSize, QSize]:
    """The words of `widget`, the room for them, and what they need; no words where that is not to be asked."""
    nothing = "", QSize(), QSize()
    match widget:
        case QLabel():
            return _label_fit(widget)
        case QCheckBox() | QRadioButton():
            option = QStyleOptionButton()
            widget.initStyleOption(option)
            element = QStyle.SubElement.SE_CheckBoxContents
            if isinstance(widget, QRadioButton):
                element = QStyle.SubElement.SE_RadioButtonContents
            return widget.text(), widget.style().subElementRect(element, option, widget).size(), _line(widget)
        case QPushButton() | QToolButton() if widget.text() and _writes(widget):
            return widget.text(), widget.size(), QSize(widget.sizeHint().width(), _line(widget).height())
        case QComboBox():
            shown = QStyleOptionComboBox()
            widget.initStyleOption(shown)
            field = QStyle.SubControl.SC_ComboBoxEditField
            room = widget.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, shown, field, widget).size()
            metrics = widget.fontMetrics()
            return widget.currentText(), room, QSize(metrics.horizontalAdvance(widget.currentText()), 0)
        case QLineEdit():
            needed = widget.fontMetrics().horizontalAdvance(widget.text() or widget.placeholderText())
            return widget.text() or widget.placeholderText(), widget.contentsRect().size(), QSize(needed, 0)
        case _:
            return nothing


def _writes(button: QAbstractButton) -> bool:
    return not isinstance(button, QToolButton) or (
        button.toolButtonStyle() != Qt.ToolButtonStyle.ToolButtonIconOnly or button.icon().isNull()
    )


def _line(button: QAbstractButton) -> QSize:
    """Room for the words of `button`, in one line."""
    metrics, text = button.fontMetrics(), button.text().replace("&", "")
    return QSize(metrics.horizontalAdvance(text), metrics.boundingRect(text).height() - 2)


def _label_fit(label: QLabel) -> tuple[str, QSize, QSize]:
    text, room = label.text(), label.contentsRect().size()
    if not text:
        return "", room, room
    if label.wordWrap():
        return text, QSize(0, label.height()), QSize(0, label.heightForWidth(label.width()))
    needed = label.minimumSizeHint() if label.minimumWidth() == 0 else label.sizeHint()
    wanted = QSize(label.sizeHint().width(), min(needed.height(), label.sizeHint().height()) - 3)
    return text, label.size(), wanted


def on_hover(widget: QWidget, said: str) -> bool:
    """Whether the whole of `said` is shown where the pointer rests on `widget`."""
    middle = widget.rect().center()
    QApplication.sendEvent(widget, QHelpEvent(QEvent.Type.ToolTip, middle, widget.mapToGlobal(middle)))
    shown = QToolTip.text()
    QToolTip.hideText()
    return " ".join(said.split()) in " ".join(shown.split())


@dataclass(frozen=True, slots=True)
class Letters:
    """Painted text: where its letters are, and where they have to be."""

    text: str
    area: QRectF
    room: QRectF | None = None


def painted_faults(widget: QWidget) -> Iterator[str]:
    """Painted words of `widget` that leave it, lie over each other, or end in "…" and are not whole on hover."""
    if not isinstance(widget, (painting.PaintedWidget, painting.PaintedButton)) or not widget.size().isValid():
        return
    found = list(letters_of(widget.marks(), QTransform()))
    for each in found:
        room = QRectF(widget.rect()).adjusted(-LETTER, -LETTER, LETTER, LETTER)
        if not room.contains(each.area) or (each.room is not None and not _within(each.area, each.room)):
            yield f"{each.text!r} is cut: {_places(each.area)} in {_places(room)}"
        if each.text.endswith("…") and len(each.text) > 1 and not on_hover(widget, each.text[:-1]):
            yield f"{each.text!r} is not whole on hover"
    for one, other in combinations(found, 2):
        both = one.area & other.area
        if both.width() > TOUCHING and both.height() > TOUCHING and one.text != other.text:
            yield f"{one.text!r} over {other.text!r}"


def _within(area: QRectF, room: QRectF) -> bool:
    return area.width() <= room.width() + LETTER and area.height() <= room.height() + LETTER


def _places(area: QRectF) -> str:
    return f"{area.width():.0f}×{area.height():.0f} at {area.x():.0f}, {area.y():.0f}"


def letters_of(marks: Iterable[painting.PaintMark], within: QTransform) -> Iterator[Letters]:
    """The words among `marks`, at their places under `within`."""
    for mark in marks:
        match mark:
            case painting.Text() if mark.text.strip():
                tight = QFontMetricsF(mark.font).tightBoundingRect(mark.text).translated(mark.at)
                yield Letters(mark.text, within.mapRect(tight))
            case painting.Words() if mark.text.strip():
                bounds = QFontMetricsF(mark.font).boundingRect(mark.area, mark.flags, mark.text)
                yield Letters(mark.text, within.mapRect(bounds), within.mapRect(mark.area))
            case painting.Group():
                inner = QTransform().translate(mark.at.x(), mark.at.y()).rotate(mark.turn).scale(mark.scale, mark.scale)
                yield from letters_of(mark.marks, inner * within)
            case painting.Kept():
                yield from letters_of(mark.marks(), within)
            case _:
                pass


LEAST = QSize(24, 12)
"""What is smaller than this says nothing by being of one colour."""


def empties(widget: QWidget, seen: Seen) -> Iterator[str]:
    """Whether there is nothing of `widget`, or nothing on it."""
    if widget.width() <= 1 or widget.height() <= 1:
        if widget.sizeHint().width() > 1 and widget.sizeHint().height() > 1 and not isinstance(widget, QSplitterHandle):
            yield f"no room: {widget.width()}×{widget.height()}"
        return
    if children(widget) or type(widget) is QWidget or isinstance(widget, (QScrollBar, QSplitterHandle)):
        return
    if isinstance(widget, QLabel) and not widget.text().strip() and widget.pixmap().isNull():
        return
    if isinstance(widget, FigureLine) and not widget.text():  # a line that waits for words: nothing moves as they come
        return
    area = _in_sight(widget, seen)
    if (
        area.size() == widget.size()
        and area.width() >= LEAST.width()
        and area.height() >= LEAST.height()
        and _plain(seen.image, area)
    ):
        yield f"nothing is drawn on {_said(area)}"


def _in_sight(widget: QWidget, seen: Seen) -> QRect:
    """The part of `widget` that is not scrolled away, in the window; nothing of it where something lies over it."""
    window = seen.window
    area = QRect(widget.mapTo(window, QPoint()), widget.size())
    parent = widget.parentWidget()
    while parent is not None and parent is not window:
        area &= QRect(parent.mapTo(window, QPoint()), parent.size())
        parent = parent.parentWidget()
    area &= window.rect()
    above = (each for each in seen.over if not each.isAncestorOf(widget) and each is not widget)
    covered = any(area.intersects(QRect(each.mapTo(window, QPoint()), each.size())) for each in above)
    return QRect() if covered else area


def _plain(image: QImage, area: QRect) -> bool:
    """Whether all pixels of `area` have one colour, its edge aside."""
    scale = image.devicePixelRatio()
    inner = QRect(area.topLeft() * scale, area.size() * scale).adjusted(2, 2, -2, -2)
    part = image.copy(inner).scaled(1, 1, mode=Qt.TransformationMode.SmoothTransformation)
    first = image.pixel(inner.topLeft())
    return part.pixel(0, 0) == first and image.copy(inner) == _filled(image, inner, first)


def _filled(image: QImage, area: QRect, colour: int) -> QImage:
    made = QImage(area.size(), image.format())
    made.fill(colour)
    made.setDevicePixelRatio(image.devicePixelRatio())
    return made
