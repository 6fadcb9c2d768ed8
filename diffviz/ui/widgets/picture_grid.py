"""Pictures in Qt's own list view: a grid of which some can be chosen, and one line of small ones."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListView,
    QSizePolicy,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from diffviz.domain.arrays import U8
from diffviz.domain.text import tr, trn
from diffviz.ui.widgets import painting, pixmaps, theme
from diffviz.ui.widgets.painting import Index

SIDE, SMALL = 56, 28
GAP, WIDEST_GAP = 2, 6
PALE = 0.45
MORE = 34
ARROWS = frozenset((Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down))


@dataclass(frozen=True, slots=True, eq=False)
class Tile:
    """One picture: the name of its pixels, the pixels, and what is said of it."""

    sha256: str
    pixels: U8
    title: str = ""


class TileModel(QAbstractListModel):
    """Tiles as items: pictures within `side` points, with their titles as tooltips and for screen readers.

    `mime` gives what a drag of a tile carries; without it none can be dragged.
    """

    def __init__(self, side: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.tiles: Sequence[Tile] = ()
        self.mime: Callable[[Tile], QMimeData] | None = None
        self.side, self._view = side, parent
        self._pixmaps: dict[str, QPixmap] = {}

    def show(self, tiles: Sequence[Tile]) -> None:
        """Hold `tiles` from now on."""
        names = {tile.sha256 for tile in tiles}
        self._pixmaps = {name: pixmap for name, pixmap in self._pixmaps.items() if name in names}
        self.beginResetModel()
        self.tiles = tiles
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """So many pictures."""
        return 0 if parent.isValid() else len(self.tiles)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The picture, or what is said of it."""
        tile = self.tiles[index.row()]
        if role == Qt.ItemDataRole.DecorationRole:
            return self._pixmap(tile)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tile.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return tile.title or tr("Picture {n}").format(n=index.row() + 1)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Tiles can be chosen, and dragged where `mime` is given."""
        drag = Qt.ItemFlag.ItemIsDragEnabled if self.mime else Qt.ItemFlag.NoItemFlags
        return super().flags(index) | drag

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """What a drag of these carries."""
        return self.mime(self.tiles[indexes[0].row()]) if self.mime and indexes else QMimeData()

    def _pixmap(self, tile: Tile) -> QPixmap:
        ratio = self._view.devicePixelRatioF()
        known = self._pixmaps.get(tile.sha256)
        if known is None or known.devicePixelRatio() != ratio:
            known = self._pixmaps[tile.sha256] = pixmaps.thumbnail(tile.pixels, self.side, ratio)
        return known


class TileDelegate(painting.PaintedDelegate):
    """Paints a picture in the middle of its place, those not chosen with the opacity `pale`."""

    pale = PALE

    def marks(self, option: QStyleOptionViewItem, index: Index) -> Iterator[painting.PaintMark]:
        """The picture, and a ring around what is chosen or has the keyboard."""
        view = option.widget
        pixmap: QPixmap = index.data(Qt.ItemDataRole.DecorationRole)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        current = bool(option.state & QStyle.StateFlag.State_HasFocus) and view is not None and view.hasFocus()
        at = QRect(option.rect.topLeft(), pixmap.deviceIndependentSize().toSize())
        at.moveCenter(option.rect.center())
        yield painting.Pixels(at.topLeft(), pixmap, 1.0 if chosen else self.pale)
        if chosen or current:
            ring = QRectF(option.rect.adjusted(1, 1, -1, -1))
            yield painting.Rect(ring, edge=QPen(theme.color("text" if current else "cursor"), 2), radius=3)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """All are as large."""
        model = index.model()
        return QSize(model.side, model.side) if isinstance(model, TileModel) else QSize()


class UnscrolledGrid(QListView):
    """Qt's own list view as a grid of pictures, equally large, that has room for all that it shows.

    `OWN_KEYS` belong to the timeline elsewhere in the window; here they go from picture to picture.
    """

    OWN_KEYS: Collection[int] = ()

    def __init__(self, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QListView { background: transparent; border: none; padding: 0; }")

    def event(self, event: QEvent) -> bool:
        """Keep its keys from shortcuts of the window while it has the keyboard."""
        mine = isinstance(event, QKeyEvent) and event.key() in self.OWN_KEYS
        if event.type() == QEvent.Type.ShortcutOverride and mine:
            event.accept()
            return True
        return super().event(event)


class TileView(UnscrolledGrid):
    """Tiles of `side` points in rows, as high as it needs to be: it never scrolls."""

    def __init__(self, side: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = TileModel(side, self)
        self.painter = TileDelegate(self)
        self.setModel(self.tiles)
        self.setItemDelegate(self.painter)
        self.setSelectionRectVisible(False)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(0)

    def rect_of(self, number: int) -> QRect:
        """Where tile `number` is."""
        return self.visualRect(self.tiles.index(number))

    def columns(self) -> int:
        """How many tiles stand side by side."""
        return max(1, (self.width() + GAP) // (self.tiles.side + GAP))

    def fit(self) -> None:
        """Spread the tiles over the width, and take the height that they need."""
        side, columns = self.tiles.side, self.columns()
        self.setGridSize(QSize(min(side + WIDEST_GAP, max(side, (self.width() - 1) // columns)), side + GAP))
        self.setFixedHeight(-(-len(self.tiles.tiles) // columns) * (side + GAP))

    def sizeHint(self) -> QSize:
        return QSize(4 * self.tiles.side + 3 * GAP, self.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(2 * self.tiles.side, self.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """The wheel is for what this is a part of."""
        event.ignore()


class PictureGrid(TileView):
    """Tiles of which several can be chosen, or one where it is `single`; those not chosen are paler.

    Signals: `toggled(number)`: a person chose a tile, or gave it up. What is chosen changes by `set_tiles` alone.
    """

    toggled = Signal(int)
    OWN_KEYS = ARROWS | {Qt.Key.Key_Space}

    def __init__(self, parent: QWidget | None = None, *, single: bool = False) -> None:
        super().__init__(SIDE, parent)
        self._single, self._setting = single, False
        self._chosen: frozenset[str] = frozenset()
        modes = QListView.SelectionMode
        self.setSelectionMode(modes.SingleSelection if single else modes.MultiSelection)
        self.setAccessibleName(tr("Pictures"))
        said = tr("Arrow keys go from picture to picture, Space chooses or gives up.")
        self.setAccessibleDescription(tr("Arrow keys go from picture to picture and select it.") if single else said)
        self.selectionModel().selectionChanged.connect(self._on_selection_changed)

    def set_tiles(self, tiles: Sequence[Tile], chosen: frozenset[str]) -> None:
        """Show `tiles`, those named in `chosen` as chosen."""
        self._chosen = chosen
        if tiles != self.tiles.tiles:
            at = max(0, self.currentIndex().row())
            self._setting = True
            self.tiles.show(tiles)
            current = self.tiles.index(min(at, len(tiles) - 1))
            self.selectionModel().setCurrentIndex(current, QItemSelectionModel.SelectionFlag.NoUpdate)
            self._setting = False
            self.fit()
        self._show_chosen()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """A drag over tiles chooses none of them."""
        if self.dragEnabled() or not event.buttons():
            super().mouseMoveEvent(event)

    def _show_chosen(self) -> None:
        selection = QItemSelection()
        for number, tile in enumerate(self.tiles.tiles):
            if tile.sha256 in self._chosen:
                index = self.tiles.index(number)
                selection.select(index, index)
        self._setting = True
        self.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._setting = False

    @Slot(QItemSelection, QItemSelection)
    def _on_selection_changed(self, now: QItemSelection, before: QItemSelection) -> None:
        if self._setting:
            return
        for index in [*now.indexes(), *([] if self._single else before.indexes())]:
            self.toggled.emit(index.row())
        self._show_chosen()


class PictureStrip(QWidget):
    """The first of some pictures in one line, and how many are left out; without any it takes no room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[Tile, ...] = ()
        self.view, self.more = TileView(SMALL), QLabel()
        self.view.painter.pale = 1.0
        self.view.setSelectionMode(QListView.SelectionMode.NoSelection)
        self.view.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.more.setProperty("role", "quiet")
        self.more.setFixedWidth(MORE)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.view, 1)
        row.addWidget(self.more)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(SMALL + GAP)
        self.hide()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the pictures, those left out as well."""
        return tuple(tile.sha256 for tile in self._tiles)

    def show_pictures(self, names: tuple[str, ...], pixels: Sequence[U8]) -> None:
        """Show `pixels`, uint8 (H, W) or (H, W, 3), called `names`."""
        if names == self.names:
            return
        self._tiles = tuple(Tile(name, each) for name, each in zip(names, pixels, strict=True))
        self.setAccessibleName(trn("{n} picture", "{n} pictures", len(names)).format(n=len(names)))
        self.setToolTip(tr("The pictures that were measured"))
        self._fill()
        self.setVisible(bool(names))

    def room(self) -> int:
        """How many pictures are shown in this width."""
        fitting = (self.width() + GAP) // (SMALL + GAP)
        return fitting if fitting >= len(self._tiles) else max(1, (self.width() - MORE) // (SMALL + GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as there is room for."""
        super().resizeEvent(event)
        self._fill()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(SMALL, SMALL + GAP)

    def _fill(self) -> None:
        shown = self._tiles[: self.room()]
        left = len(self._tiles) - len(shown)
        self.more.setVisible(left > 0)
        self.more.setText(f"+{left}" if left else "")
        if list(shown) != list(self.view.tiles.tiles):
            self.view.tiles.show(shown)
        self.view.fit()
