"""Pictures in Qt's own list view, as large as can be: keyboard, tooltips and screen readers as in any list."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFocusEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QStyleOptionViewItem, QWidget

from diffviz.domain.text import tr
from diffviz.ui.sample_viewer import layout
from diffviz.ui.widgets import painting, picture_grid, theme
from diffviz.ui.widgets.painting import Index
from diffviz.ui.widgets.pixmaps import Atlas

GAP = 4


class PicturesModel(QAbstractListModel):
    """So many pictures; what is said of each is the view's to say."""

    def __init__(self, view: PicturesView) -> None:
        super().__init__(view)
        self._view = view
        self._count = 0

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """How many are shown."""
        return 0 if parent.isValid() else self._count

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """What is said of a picture, as a tooltip and to screen readers."""
        said = role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        return self._view.words_of(index.row()) if said else None

    def show(self, count: int) -> None:
        """Hold `count` pictures, which may be others than before."""
        if count != self._count:
            self.beginResetModel()
            self._count = count
            self.endResetModel()
        elif count:
            self.dataChanged.emit(self.index(0), self.index(count - 1))


class PicturesView(picture_grid.UnscrolledGrid):
    """Pictures in rows from the top left corner, with `strip` pixels under each for `marks_under`.

    They are as large as they can be if `enough` of them are to be seen (all of them, where it is 0), and then as many
    are shown as there is room for. Signals: `pointed(index)`: the one under the pointer, or that the keyboard is at, −1
    for none.
    """

    pointed = Signal(int)
    OWN_KEYS = picture_grid.ARROWS

    def __init__(self, strip: int = 0, enough: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._atlas: Atlas | None = None
        self._count, self._size = 0, (1, 1)
        self._strip, self._enough = strip, enough
        self.grid = layout.grid(1, 1, 1, (1, 1))
        self.current = -1
        self._model = PicturesModel(self)
        self.setModel(self._model)
        self.setItemDelegate(PictureDelegate(self))
        self.setSelectionMode(picture_grid.UnscrolledGrid.SelectionMode.NoSelection)
        self.setViewportMargins(0, 0, -GAP - 1, -GAP - 1)  # the gaps after the last column and row
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.entered.connect(self._on_entered)
        self.selectionModel().currentChanged.connect(self._on_entered)

    def words_of(self, index: int) -> str:
        """What is said of picture `index`."""
        return tr("Picture {n}").format(n=index + 1)

    def marks_under(self, box: QRectF, index: int) -> Iterable[painting.PaintMark]:
        """What stands under picture `index`, which is in `box`."""
        return ()

    def show_pictures(self, atlas: Atlas | None, count: int, size: tuple[int, int]) -> None:
        """Show the first `count` pictures of `atlas`, of `size` (rows, columns of pixels)."""
        self._atlas, self._count, self._size = atlas, count, size
        self._fit()

    def scale_in(self, width: int, height: int) -> float:
        """The scale that pictures would have in a room of this size."""
        ratio, count = self.devicePixelRatioF(), max(1, min(self._count, self._enough or self._count))
        across, down, strip = (round(max(0, side) * ratio) for side in (width, height, self._strip))
        return layout.grid(across, down, count, self._size, strip, round(GAP * ratio)).scale

    @property
    def shown(self) -> int:
        """How many pictures are shown."""
        return self._model.rowCount()

    def box(self, index: int) -> QRectF:
        """Where picture `index` is."""
        return self.box_in(self.visualRect(self._model.index(index)))

    def box_in(self, cell: QRect) -> QRectF:
        """Where the picture of this `cell` is."""
        ratio = self.devicePixelRatioF()
        return QRectF(QPointF(cell.topLeft()), QPointF(cell.topLeft())).adjusted(
            0, 0, self.grid.tile_width / ratio, self.grid.tile_height / ratio
        )

    def picture_in(self, box: QRectF, index: int) -> painting.Raster | None:
        """Picture `index` in `box`."""
        if self._atlas is None:
            return None
        soft = self.grid.scale < 1 or layout.smooth(self._size)
        return painting.Raster(box, self._atlas.page(index), QRectF(self._atlas.part(index)), soft, sharp=True)

    def event(self, event: QEvent) -> bool:
        """Fit again on a screen of another resolution."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._point(-1)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The keyboard begins at the first picture, or goes on where it was."""
        super().focusInEvent(event)
        at = max(0, self.currentIndex().row())
        self.selectionModel().setCurrentIndex(self._model.index(at), QItemSelectionModel.SelectionFlag.NoUpdate)
        if event.reason() != Qt.FocusReason.MouseFocusReason:
            self._point(at if at < self.shown else -1)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._point(-1)

    def _fit(self) -> None:
        ratio, gap = self.devicePixelRatioF(), GAP * self.devicePixelRatioF()
        room = round(self.width() * ratio), round(self.height() * ratio)
        least = min(self._count, self._enough or self._count)
        strip = round(self._strip * ratio)
        self.grid = layout.grid(*room, max(1, least), self._size, strip, round(gap))
        cell = self._cell(ratio)
        self.setGridSize(cell)
        fitting = ((self.width() + GAP) // cell.width()) * ((self.height() + GAP) // cell.height())
        self._model.show(min(self._count, max(least, fitting)))
        self.viewport().update()

    def _cell(self, ratio: float) -> QSize:
        """The place of a picture with its strip and the gaps after it, in whole pixels of the widget."""
        tile = self.grid.tile_width, self.grid.tile_height + self.grid.strip
        return QSize(*(max(math.ceil(side / ratio), int(side / ratio + GAP)) for side in tile))

    @Slot(QModelIndex)
    def _on_entered(self, index: QModelIndex) -> None:
        self._point(index.row())

    def _point(self, index: int) -> None:
        if index != self.current:
            self.current = index
            self.pointed.emit(index)
            self.viewport().update()


class PictureDelegate(painting.PaintedDelegate):
    """Paints the pictures of a `PicturesView`, and a ring around the one that is pointed at."""

    def __init__(self, view: PicturesView) -> None:
        super().__init__(view)
        self._view = view

    def marks(self, option: QStyleOptionViewItem, index: Index) -> Iterator[painting.PaintMark]:
        """The picture, what stands under it, and the ring."""
        box = self._view.box_in(option.rect)
        picture = self._view.picture_in(box, index.row())
        if picture is not None:
            yield picture
        yield from self._view.marks_under(box, index.row())
        if index.row() == self._view.current:
            yield painting.Rect(box.adjusted(1, 1, -1, -1), edge=QPen(theme.color("cursor"), 2))

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All have the place that the view gives them."""
        return self._view.gridSize()
