"""Pictures of which one is selected: sample data and a person's own, to look at and to drag onto a map."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QMimeData, QPoint, Signal, Slot
from PySide6.QtGui import QDrag, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.session.session import Session
from diffviz.ui.gallery.picture_source import PictureSource
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import beside_icon, heading, label
from diffviz.ui.widgets.picture_grid import PictureGrid, Tile
from diffviz.ui.widgets.pixmaps import thumbnail

TILES = 12

IMAGE = "application/x-diffviz-image"


class DragSheet(PictureGrid):
    """A sheet whose tiles can be dragged away. `tiles` are those it shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: list[Tile] = []
        self.pale = 1.0
        self._pressed: QPoint | None = None
        self.setAccessibleDescription(tr("Arrow keys go from picture to picture, Space selects."))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._pressed is None or (at - self._pressed).manhattanLength() < QApplication.startDragDistance():
            return
        number = next((n for n in range(len(self.tiles)) if self.rect_of(n).contains(self._pressed)), None)
        self._pressed = None
        if number is not None:
            self.drag(number).exec()

    def drag(self, number: int) -> QDrag:
        """A drag of tile `number`."""
        tile = self.tiles[number]
        data = QMimeData()
        data.setData(IMAGE, tile.sha256.encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        picture: QPixmap = thumbnail(tile.pixels, 56, self.devicePixelRatioF())
        drag.setPixmap(picture)
        return drag


class PicturePicker(PictureSource):
    """Pictures of which one is selected. Signals: `selected(sha256)`, by a person."""

    selected = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent=parent)
        self.current = ""
        self.sheet = DragSheet()
        self.open = QPushButton(beside_icon(tr("Open a picture…")))
        self._arrange()
        self.sheet.toggled.connect(self._on_toggled)
        self.open.clicked.connect(self.picture_asked)

    def set_data(self, data: Dataset | None) -> None:
        """Offer the pictures of `data`."""
        super().set_data(data)
        self._put([self._tile(n) for n in data.one_of_each(TILES)] if data else [])

    def show_selected(self, name: str) -> None:
        """Mark the picture `name` as selected; it joins the others where it is not among them."""
        if name and name not in {tile.sha256 for tile in self.sheet.tiles} and name in self._session.images:
            self._put([Tile(name, self._session.images[name], ""), *self.sheet.tiles[: TILES - 1]])
        self.current = name
        self._put(self.sheet.tiles)

    def add_picture(self, pixels: U8, title: str) -> str:
        """Take a person's own picture in and select it; its name."""
        name = self._session.add_image(pixels)
        others = [tile for tile in self.sheet.tiles if tile.sha256 != name]
        self._put([Tile(name, pixels, title), *others[: TILES - 1]])
        self._select(name)
        return name

    def _arrange(self) -> None:
        self.open.setIcon(theme.icon("image-plus"))
        self.open.setToolTip(tr("Take a picture of your own (Ctrl+O), or drop it here"))
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(heading(tr("Pictures")))
        top.addStretch(1)
        top.addWidget(self.shuffle)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        hint = label(tr("Click to look at one, drag it onto a map to set an anchor."), "quiet", wrap=True)
        for widget in (self.classes, self.sheet, hint, self.open, self.error):
            column.addWidget(widget)

    def _put(self, tiles: list[Tile]) -> None:
        self.sheet.tiles = tiles
        self.sheet.set_tiles(tuple(tiles), frozenset({self.current}))

    def _select(self, name: str) -> None:
        self.show_error("")
        self.current = name
        self._put(self.sheet.tiles)
        self.selected.emit(name)

    def _tile(self, number: int) -> Tile:
        """A tile whose pixels travel with the session: it can be dragged onto a map."""
        tile = super()._tile(number)
        self._session.add_image(tile.pixels)
        return tile

    @Slot(int)
    def _on_toggled(self, number: int) -> None:
        self._select(self.sheet.tiles[number].sha256)

    def _show_others(self, numbers: Sequence[int]) -> None:
        kept = [tile for tile in self.sheet.tiles if tile.sha256 == self.current]
        others = [self._tile(number) for number in numbers[: TILES + 1]]
        self._put([*kept, *(t for t in others if t.sha256 != self.current)][:TILES])
