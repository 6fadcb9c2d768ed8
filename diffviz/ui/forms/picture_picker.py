"""Pictures of which one is selected: sample data and a person's own, to look at and to drag onto a map."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QMimeData, QPoint, Signal, Slot
from PySide6.QtGui import QDrag, QDragEnterEvent, QDropEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QApplication, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.messages import Pixels
from diffviz.domain.requests import digest
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.session.session import Session
from diffviz.ui import theme
from diffviz.ui.forms.class_picker import SearchCombo
from diffviz.ui.forms.controls import IconButton, heading, label
from diffviz.ui.gallery import pictures_in
from diffviz.ui.map.latent_map import IMAGE
from diffviz.ui.sheet import Sheet, Tile
from diffviz.ui.thumbnails import thumbnail

TILES = 12


class DragSheet(Sheet):
    """A sheet whose tiles can be dragged away. `tiles` are those it shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles: list[Tile] = []
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


class PicturePicker(QWidget):
    """Signals: `selected(sha256)`, by a person; `picture_asked` (open a file); `pictures_dropped(paths)`."""

    selected = Signal(str)
    picture_asked = Signal()
    pictures_dropped = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._data: Dataset | None = None
        self._rng = np.random.default_rng()
        self.current = ""
        self.sheet = DragSheet()
        self.classes = SearchCombo()
        self.shuffle = IconButton("refresh-cw", tr("Show other pictures"), 26, 14)
        self.open = QPushButton(tr("Open a picture…"))
        self.error = label("", "error", wrap=True)
        self._arrange()
        self.sheet.toggled.connect(self._on_toggled)
        self.shuffle.clicked.connect(self._on_shuffle)
        self.classes.picked.connect(self._on_shuffle)
        self.open.clicked.connect(self.picture_asked)

    def set_data(self, data: Dataset | None) -> None:
        """Offer the pictures of `data`."""
        self._data = data
        self.classes.clear()
        self.classes.addItem(tr("all classes"), None)
        for number, name in enumerate(data.classes if data else ()):
            self.classes.addItem(tr(name), number)
        self.classes.set_data(None)
        self.classes.setVisible(data is not None and len(data.classes) > 1)
        self.shuffle.setVisible(data is not None)
        self._put([self._tile(n) for n in data.one_of_each(TILES)] if data else [])

    def show_selected(self, name: str) -> None:
        """Mark the picture `name` as selected; it joins the others where it is not among them."""
        if name and name not in {tile.sha256 for tile in self.sheet.tiles} and name in self._session.images:
            self._put([Tile(name, self._session.images[name], ""), *self.sheet.tiles[: TILES - 1]])
        self.current = name
        self._put(self.sheet.tiles)

    def add_picture(self, pixels: Pixels, title: str) -> None:
        """Take a person's own picture in and select it."""
        name = self._session.add_image(pixels)
        others = [tile for tile in self.sheet.tiles if tile.sha256 != name]
        self._put([Tile(name, pixels, title), *others[: TILES - 1]])
        self._select(name)

    def show_error(self, text: str) -> None:
        """Say in place what is wrong with a picture; an empty text says nothing."""
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if pictures_in(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.pictures_dropped.emit(pictures_in(event.mimeData()))

    def _arrange(self) -> None:
        self.setAcceptDrops(True)
        self.classes.setAccessibleName(tr("Class of the pictures shown"))
        self.classes.setToolTip(tr("Show pictures of one class"))
        self.open.setIcon(theme.icon("image-plus"))
        self.open.setToolTip(tr("Take a picture of your own (Ctrl+O), or drop it here"))
        self.error.hide()
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
        assert self._data is not None
        pixels, classes = self._data.images[number], self._data.classes
        self._session.add_image(pixels)
        return Tile(digest(pixels), pixels, tr(classes[self._data.labels[number]]) if classes else "")

    @Slot(int)
    def _on_toggled(self, number: int) -> None:
        self._select(self.sheet.tiles[number].sha256)

    @Slot()
    def _on_shuffle(self) -> None:
        if self._data is None:
            return
        kept = [tile for tile in self.sheet.tiles if tile.sha256 == self.current]
        numbers = self._rng.permutation(self._data.indices(self.classes.currentData()))
        others = [self._tile(int(n)) for n in numbers[: TILES + 1]]
        self._put([*kept, *(t for t in others if t.sha256 != self.current)][:TILES])
