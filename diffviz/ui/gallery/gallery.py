"""The gallery: real pictures to start a forward run from, chosen from sample data or a person's own.

Pictures of which one is selected: sample data and a person's own, to look at and to drag onto a map.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from PySide6.QtCore import QMimeData, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from diffviz.domain.arrays import U8
from diffviz.domain.requests import Image
from diffviz.domain.samples import Dataset
from diffviz.domain.text import tr
from diffviz.session.session import Session
from diffviz.ui.gallery.picture_source import PictureSource
from diffviz.ui.widgets import theme
from diffviz.ui.widgets.controls import IconButton, beside_icon, heading, label
from diffviz.ui.widgets.picture_grid import PictureGrid, Tile

MOST = 16
FIRST = 8
TILES = 16
ROOM = 4


class Gallery(PictureSource):
    """Pictures of a data set and a person's own, up to `MOST` of them chosen. Signals: `start_chosen(Image)`."""

    start_chosen = Signal(object)

    def __init__(self, session: Session, rng: np.random.Generator | None = None, parent: QWidget | None = None) -> None:
        super().__init__(session, rng, parent)
        self._tiles: list[Tile] = []
        self._chosen: tuple[str, ...] = ()
        self.sheet = PictureGrid()
        self.count = label("", "quiet")
        self.shuffle.set_face("refresh-cw", tr("Show other pictures, beside those chosen"))
        self.open = IconButton("image-plus", tr("Take a picture of your own (Ctrl+O), or drop it on the window"), 30)
        self._arrange()
        self._connect()

    def set_data(self, data: Dataset | None) -> None:
        """Offer the pictures of `data`; none is chosen."""
        super().set_data(data)
        self._chosen = ()
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

    def add_picture(self, pixels: U8, title: str) -> str:
        """Take a person's own picture in, and choose it besides the others; its name."""
        name = self._session.add_image(pixels)
        self._tiles = [tile for tile in self._tiles if tile.sha256 != name]
        self._tiles.insert(0, Tile(name, pixels, title))
        kept = tuple(n for n in self._chosen if n != name and self._session.images[n].shape == pixels.shape)
        self._choose((name, *kept[: MOST - 1]), pixels.shape)
        return name

    def _arrange(self) -> None:
        tools = _row(self.classes, self.count, self.shuffle, self.open)
        tools.setStretch(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(tools)
        for widget in (self.error, self.sheet):
            column.addWidget(widget)

    def _connect(self) -> None:
        self.sheet.toggled.connect(self._on_toggled)
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

    @Slot(int)
    def _on_toggled(self, number: int) -> None:
        tile = self._tiles[number]
        if tile.sha256 not in self._chosen:
            self._add(tile)
        elif len(self._chosen) > 1:
            self._choose(tuple(n for n in self._chosen if n != tile.sha256), tile.pixels.shape)
        else:
            self.show_error(tr("At least one picture is needed."))

    def _add(self, tile: Tile) -> None:
        if len(self._chosen) >= MOST:
            self.show_error(tr("No more than {n} pictures at once: give one up first.").format(n=MOST))
            return
        self._session.add_image(tile.pixels)
        self._choose((*self._chosen, tile.sha256), tile.pixels.shape)

    def _show_others(self, numbers: Sequence[int]) -> None:
        """Keep what is chosen and fill up with others."""
        kept = [tile for tile in self._tiles if tile.sha256 in self._chosen]
        room = max(TILES, -(-(len(kept) + ROOM) // ROOM) * ROOM) - len(kept)
        others = (self._tile(number) for number in numbers[: room + len(kept)])
        self._tiles = [*kept, *_first(room, (t for t in others if t.sha256 not in self._chosen))]
        self._show()


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _first(count: int, tiles: Iterable[Tile]) -> list[Tile]:
    return [tile for _, tile in zip(range(count), tiles, strict=False)]


PICKER_TILES = 12

IMAGE = "application/x-diffviz-image"


def dragged(tile: Tile) -> QMimeData:
    """What a drag of `tile` carries."""
    data = QMimeData()
    data.setData(IMAGE, tile.sha256.encode())
    return data


class PicturePicker(PictureSource):
    """Pictures of which one is selected. Signals: `selected(sha256)`, by a person."""

    selected = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent=parent)
        self.current = ""
        self._tiles: list[Tile] = []
        self.sheet = PictureGrid(single=True)
        self.sheet.painter.pale = 1.0
        self.sheet.tiles.mime = dragged
        self.sheet.setDragDropMode(PictureGrid.DragDropMode.DragOnly)
        self.open = QPushButton(beside_icon(tr("Open a picture…")))
        self._arrange()
        self.sheet.toggled.connect(self._on_toggled)
        self.open.clicked.connect(self.picture_asked)

    def set_data(self, data: Dataset | None) -> None:
        """Offer the pictures of `data`."""
        super().set_data(data)
        self._put([self._tile(n) for n in data.one_of_each(PICKER_TILES)] if data else [])

    def offer_only(self, numbers: Sequence[int] | None) -> None:
        """Offer only the pictures of these numbers of the data set; None offers all of them again."""
        only = None if numbers is None else frozenset(numbers)
        if only != self._only:
            self._only = only
            self._on_shuffle()

    def show_selected(self, name: str) -> None:
        """Mark the picture `name` as selected; it joins the others where it is not among them."""
        if name and name not in {tile.sha256 for tile in self._tiles} and name in self._session.images:
            self._put([Tile(name, self._session.images[name], ""), *self._tiles[: PICKER_TILES - 1]])
        self.current = name
        self._put(self._tiles)

    def add_picture(self, pixels: U8, title: str) -> str:
        """Take a person's own picture in and select it; its name."""
        name = self._session.add_image(pixels)
        others = [tile for tile in self._tiles if tile.sha256 != name]
        self._put([Tile(name, pixels, title), *others[: PICKER_TILES - 1]])
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
        self._tiles = tiles
        self.sheet.set_tiles(tuple(tiles), frozenset({self.current}))

    def _select(self, name: str) -> None:
        self.show_error("")
        self.current = name
        self._put(self._tiles)
        self.selected.emit(name)

    def _tile(self, number: int) -> Tile:
        """A tile whose pixels travel with the session: it can be dragged onto a map."""
        tile = super()._tile(number)
        self._session.add_image(tile.pixels)
        return tile

    @Slot(int)
    def _on_toggled(self, number: int) -> None:
        self._select(self._tiles[number].sha256)

    def _show_others(self, numbers: Sequence[int]) -> None:
        kept = [tile for tile in self._tiles if tile.sha256 == self.current]
        others = [self._tile(number) for number in numbers[: PICKER_TILES + 1]]
        self._put([*kept, *(t for t in others if t.sha256 != self.current)][:PICKER_TILES])
