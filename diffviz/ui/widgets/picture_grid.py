"""Picture grids: pictures of which several can be chosen, by mouse or keyboard, and small ones in one line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.text import tr
from diffviz.ui.widgets import pixmaps, theme

SIDE = 56
GAP = 2
PALE = 0.45


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One picture: the name of its pixels, the pixels, and what is said of it."""

    sha256: str
    pixels: U8
    title: str = ""


class PictureGrid(QWidget):
    """Tiles in rows as wide as the widget; those not chosen are drawn with the opacity `pale`.

    Signals: `toggled(number)`: a person chose a tile or gave it up.
    """

    toggled = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: Sequence[Tile] = ()
        self._chosen: frozenset[str] = frozenset()
        self._pixmaps: dict[str, QPixmap] = {}
        self.pale = PALE
        self.current = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Pictures"))
        self.setAccessibleDescription(tr("Arrow keys go from picture to picture, Space chooses or gives up."))

    def set_tiles(self, tiles: Sequence[Tile], chosen: frozenset[str]) -> None:
        """Show `tiles`, those named in `chosen` as chosen."""
        names = {tile.sha256 for tile in tiles}
        self._pixmaps = {name: pixmap for name, pixmap in self._pixmaps.items() if name in names}
        self._tiles, self._chosen = tiles, chosen
        self.current = min(self.current, max(0, len(tiles) - 1))
        self._fit_height()
        self.update()

    def rect_of(self, number: int) -> QRect:
        """Where tile `number` is."""
        columns = self._columns()
        row, column = divmod(number, columns)
        spare = self.width() - columns * SIDE
        gap = min(3 * GAP, spare // max(1, columns - 1)) if columns > 1 else 0
        return QRect(column * (SIDE + gap), row * (SIDE + GAP), SIDE, SIDE)

    def sizeHint(self) -> QSize:
        return QSize(4 * SIDE + 3 * GAP, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * SIDE, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit_height()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._at(event.position().toPoint())
        if number is not None and event.button() == Qt.MouseButton.LeftButton:
            self.current = number
            self.toggled.emit(number)
            self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns(),
            Qt.Key.Key_Down: self._columns(),
        }
        key = Qt.Key(event.key())
        if key in steps and self._tiles:
            self.current = min(max(self.current + steps[key], 0), len(self._tiles) - 1)
            self.update()
        elif key == Qt.Key.Key_Space and self._tiles:
            self.toggled.emit(self.current)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            number = self._at(event.pos())
            QToolTip.showText(event.globalPos(), self._tiles[number].title if number is not None else "", self)
            return True
        # The arrow keys belong to the timeline elsewhere in the window; here they go from picture to picture.
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            mine = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Space)
            if event.key() in mine:
                event.accept()
                return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, tile in enumerate(self._tiles):
            self._paint(painter, tile, self.rect_of(number), number == self.current and self.hasFocus())

    def _paint(self, painter: QPainter, tile: Tile, cell: QRect, current: bool) -> None:
        chosen = tile.sha256 in self._chosen
        pixmap = self._pixmap(tile)
        at = QRect(QPoint(), pixmap.deviceIndependentSize().toSize())
        at.moveCenter(cell.center())
        painter.setOpacity(1.0 if chosen else self.pale)
        painter.drawPixmap(at.topLeft(), pixmap)
        painter.setOpacity(1.0)
        if chosen or current:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("text" if current else "cursor"), 2))
            painter.drawRoundedRect(cell.adjusted(1, 1, -1, -1), 3, 3)

    def _pixmap(self, tile: Tile) -> QPixmap:
        ratio = self.devicePixelRatioF()
        known = self._pixmaps.get(tile.sha256)
        if known is None or known.devicePixelRatio() != ratio:
            known = self._pixmaps[tile.sha256] = pixmaps.thumbnail(tile.pixels, SIDE, ratio)
        return known

    def _columns(self) -> int:
        return max(1, (self.width() + GAP) // (SIDE + GAP))

    def _fit_height(self) -> None:
        rows = -(-len(self._tiles) // self._columns())
        self.setFixedHeight(max(0, rows * (SIDE + GAP) - GAP))

    def _at(self, point: QPoint) -> int | None:
        return next((n for n in range(len(self._tiles)) if self.rect_of(n).contains(point)), None)


SIDE, GAP, MORE = 28, 3, 34


class PictureStrip(QWidget):
    """Shows pictures uint8 (H, W) or (H, W, 3); without any it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: tuple[str, ...] = ()
        self._pixels: Sequence[U8] = ()
        self._pixmaps: list[QPixmap] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(SIDE)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the pictures shown."""
        return self._names

    def show_pictures(self, names: tuple[str, ...], pixels: Sequence[U8]) -> None:
        """Show `pixels`, called `names`."""
        if names == self._names:
            return
        self._names, self._pixels, self._pixmaps = names, pixels, []
        self.setAccessibleName(tr("{n} pictures").format(n=len(names)))
        self.setToolTip(tr("The pictures that were measured"))
        self.setVisible(bool(names))
        self.update()

    def room(self) -> int:
        """How many pictures are shown in this width."""
        fitting = (self.width() + GAP) // (SIDE + GAP)
        return fitting if fitting >= len(self._names) else max(1, (self.width() - MORE + GAP) // (SIDE + GAP))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pictures from the left, then how many are left out."""
        shown, ratio = min(self.room(), len(self._names)), self.devicePixelRatioF()
        while len(self._pixmaps) < shown:
            self._pixmaps.append(pixmaps.thumbnail(self._pixels[len(self._pixmaps)], SIDE, ratio))
        with QPainter(self) as painter:
            for number, pixmap in enumerate(self._pixmaps[:shown]):
                at = QRect(QPoint(), pixmap.deviceIndependentSize().toSize())
                at.moveCenter(QRect(number * (SIDE + GAP), 0, SIDE, SIDE).center())
                painter.drawPixmap(at.topLeft(), pixmap)
            if left := len(self._names) - shown:
                painter.setPen(theme.color("quiet"))
                painter.setFont(theme.font(12))
                room = QRect(shown * (SIDE + GAP) + GAP, 0, MORE, SIDE)
                painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, f"+{left}")

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(SIDE, SIDE)
