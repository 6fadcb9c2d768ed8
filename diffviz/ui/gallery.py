"""The gallery: real pictures to start a forward run from, chosen from sample data or a person's own."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, Qt, Signal, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from diffviz.domain.messages import Pixels
from diffviz.domain.requests import Image, digest
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.export.reading import has_record
from diffviz.session.session import Session
from diffviz.ui.forms.class_picker import SearchCombo
from diffviz.ui.forms.controls import IconButton, heading, label
from diffviz.ui.pictures import SUFFIXES
from diffviz.ui.sheet import Sheet, Tile

MOST = 16
FIRST = 8
TILES = 16
ROOM = 4


class Gallery(QWidget):
    """Pictures of a data set and a person's own, up to `MOST` of them chosen.

    Signals: `start_chosen(Image)`; `picture_asked` (open a file); `pictures_dropped(paths)`;
    `error_shown` (something wrong was said).
    """

    start_chosen = Signal(object)
    picture_asked = Signal()
    pictures_dropped = Signal(object)
    error_shown = Signal()

    def __init__(self, session: Session, rng: np.random.Generator | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._rng = rng or np.random.default_rng()
        self._data: Dataset | None = None
        self._tiles: list[Tile] = []
        self._chosen: tuple[str, ...] = ()
        self.sheet = Sheet()
        self.count = label("", "quiet")
        self.shuffle = IconButton("refresh-cw", tr("Show other pictures, beside those chosen"))
        self.classes = SearchCombo()
        self.open = IconButton("image-plus", tr("Take a picture of your own (Ctrl+O), or drop it on the window"), 30)
        self.error = label("", "error", wrap=True)
        self._arrange()
        self._connect()

    def set_data(self, data: Dataset | None) -> None:
        """Offer the pictures of `data`; none is chosen."""
        self._data, self._chosen = data, ()
        self.classes.clear()
        self.classes.addItem(tr("all classes"), None)
        for number, name in enumerate(data.classes if data else ()):
            self.classes.addItem(tr(name), number)
        self.classes.set_data(None)
        self.classes.setVisible(data is not None and len(data.classes) > 1)
        self.shuffle.setVisible(data is not None)
        self._tiles = [self._tile(n) for n in data.one_of_each(TILES)] if data else []
        self._show()

    def first_start(self) -> Image:
        """What is chosen before a person chooses: pictures of as many classes as can be."""
        if self._data is None:
            return Image(())
        numbers = self._data.one_of_each(FIRST)
        return Image(tuple(self._session.add_image(self._data.images[n]) for n in numbers), self._data.shape)

    def show_start(self, start: Image) -> None:
        """Show the pictures of `start` as chosen; nothing is emitted."""
        known = {tile.sha256 for tile in self._tiles}
        missing = [name for name in start.sha256 if name not in known and name in self._session.images]
        self._tiles[:0] = [Tile(name, self._session.images[name], tr("chosen earlier")) for name in missing]
        self._chosen = start.sha256
        self._show()

    def add_picture(self, pixels: Pixels, title: str) -> None:
        """Take a person's own picture in, and choose it besides the others."""
        name = self._session.add_image(pixels)
        self._tiles = [tile for tile in self._tiles if tile.sha256 != name]
        self._tiles.insert(0, Tile(name, pixels, title))
        kept = tuple(n for n in self._chosen if n != name and self._session.images[n].shape == pixels.shape)
        self._choose((name, *kept[: MOST - 1]), pixels.shape)

    def show_error(self, text: str) -> None:
        """Say in place what is wrong with a picture; an empty text says nothing."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        if text:
            self.error_shown.emit()

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
        self.error.hide()
        title = _row(heading(tr("Pictures")), self.count)
        title.insertStretch(1, 1)
        tools = _row(self.classes, self.shuffle, self.open)
        tools.setStretch(0, 1)
        tools.setAlignment(Qt.AlignmentFlag.AlignRight)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(title)
        column.addLayout(tools)
        for widget in (self.error, self.sheet):
            column.addWidget(widget)

    def _connect(self) -> None:
        self.sheet.toggled.connect(self._on_toggled)
        self.shuffle.clicked.connect(self._on_shuffle)
        self.classes.picked.connect(self._on_shuffle)
        self.open.clicked.connect(self.picture_asked)

    def _show(self) -> None:
        self.sheet.set_tiles(tuple(self._tiles), frozenset(self._chosen))
        self.count.setText(tr("{n} of {most}").format(n=len(self._chosen), most=MOST))
        self.count.setToolTip(tr("Pictures chosen"))

    def _choose(self, names: tuple[str, ...], shape: tuple[int, ...]) -> None:
        self.show_error("")
        self._chosen = names
        self._show()
        self.start_chosen.emit(Image(names, shape))

    def _tile(self, number: int) -> Tile:
        assert self._data is not None
        pixels, classes = self._data.images[number], self._data.classes
        return Tile(digest(pixels), pixels, tr(classes[self._data.labels[number]]) if classes else "")

    @Slot(int)
    def _on_toggled(self, number: int) -> None:
        tile = self._tiles[number]
        if tile.sha256 not in self._chosen:
            self._add(tile)
        elif len(self._chosen) > 1:
            self._choose(tuple(n for n in self._chosen if n != tile.sha256), tile.pixels.shape)
        else:
            self.show_error(tr("A forward run needs at least one picture."))

    def _add(self, tile: Tile) -> None:
        if len(self._chosen) >= MOST:
            self.show_error(tr("No more than {n} pictures at once: give one up first.").format(n=MOST))
            return
        self._session.add_image(tile.pixels)
        self._choose((*self._chosen, tile.sha256), tile.pixels.shape)

    @Slot()
    def _on_shuffle(self) -> None:
        """Keep what is chosen and fill up with others of the class asked for."""
        if self._data is None:
            return
        kept = [tile for tile in self._tiles if tile.sha256 in self._chosen]
        room = max(TILES, -(-(len(kept) + ROOM) // ROOM) * ROOM) - len(kept)
        numbers = self._rng.permutation(self._data.indices(self.classes.currentData()))
        others = (self._tile(int(n)) for n in numbers[: room + len(kept)])
        self._tiles = [*kept, *_first(room, (t for t in others if t.sha256 not in self._chosen))]
        self._show()


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return row


def pictures_in(data: QMimeData) -> list[Path]:
    """Picture files among what is dragged; those with a run inside are the window's to open."""
    local = (Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())
    return [path for path in local if path.suffix.lower() in SUFFIXES and not has_record(path)]


def _first(count: int, tiles: Iterable[Tile]) -> list[Tile]:
    return [tile for _, tile in zip(range(count), tiles, strict=False)]
